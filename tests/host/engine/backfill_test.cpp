// SPDX-License-Identifier: Apache-2.0
// Walking every object of a trigger's kind.
#include "host_fixture.hpp"

#include <future>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
using kind = mortise::test::fault::kind;

namespace {

result<backfill_job> wait_for(const std::function<void(backfill::answer)>& ask) {
    std::promise<result<backfill_job>> promise;
    auto answer = promise.get_future();
    ask([&](const result<backfill_job>& r) { promise.set_value(r); });
    return answer.get();
}

fault of(kind what, int times = 1, int status = 503) {
    fault f;
    f.what = what;
    f.times = times;
    f.status = status;
    return f;
}

struct backfill_fixture : host_fixture {
    // The poll would find everything first.
    explicit backfill_fixture(host_setup s = {}) : host_fixture(std::move(s)) {
        target.next("changes", of(kind::status, 1'000'000));
    }

    void publish(int from, int to) {
        for (int i = from; i < to; ++i)
            target.publish(R"({"id":"o)" + std::to_string(i) +
                           R"(","type":"probe.changed","subject":")" + std::to_string(i) +
                           R"(","data":{}})");
    }
    result<backfill_job> begin(double rate = 100'000, bool again = false) {
        return wait_for([&](auto done) {
            it->backfills().start({"target", "changes", rate, again}, std::move(done));
        });
    }
    result<backfill_job> pause() {
        return wait_for(
            [&](auto done) { it->backfills().pause("target", "changes", std::move(done)); });
    }
    result<backfill_job> resume() {
        return wait_for(
            [&](auto done) { it->backfills().resume("target", "changes", std::move(done)); });
    }
    result<backfill_job> cancel() {
        return wait_for(
            [&](auto done) { it->backfills().cancel("target", "changes", std::move(done)); });
    }
    backfill_job job() {
        const auto jobs = it->backfills().list();
        REQUIRE(jobs);
        REQUIRE(jobs->size() == 1);
        return jobs->at(0);
    }
    bool reaches(backfill_state s) {
        return eventually([&] { return job().state == s; });
    }
};

} // namespace

TEST_CASE("a backfill brings every object once", "[engine][backfill]") {
    backfill_fixture f;
    f.start();
    f.publish(0, 35);
    REQUIRE(f.begin());
    REQUIRE(f.reaches(backfill_state::done));
    CHECK(f.job().emitted == 35);
    CHECK(f.job().duplicates == 0);
    CHECK(f.job().pages == 4);
    CHECK(f.job().ended_at > 0);
    REQUIRE(f.wait_runs(run_state::succeeded, 35));
    CHECK(f.metric("mortise_backfill_events_total") == 35);
    SECTION("doing it again is asked for in so many words and brings only what is new") {
        f.publish(35, 40);
        const auto refused = f.begin();
        REQUIRE_FALSE(refused);
        CHECK(refused.error().category == category::conflict);
        REQUIRE(f.begin(100'000, true));
        REQUIRE(f.reaches(backfill_state::done));
        CHECK(f.job().emitted == 5);
        CHECK(f.job().duplicates == 35);
        REQUIRE(f.wait_runs(run_state::succeeded, 40));
    }
    SECTION("and the poll's position is its own") {
        std::string cursor;
        f.it->store().read([&](journal_reader& r) { cursor = r.cursor("target", "changes"); });
        CHECK(cursor == "");
    }
}

TEST_CASE("a backfill goes on after a restart where it was", "[engine][backfill]") {
    host_setup s;
    s.connection = "limits = { timeout = \"1s\" }"; // a stop waits for the page in flight
    backfill_fixture f(s);
    f.start();
    f.publish(0, 50);
    // The third page is on its way when the host stops.
    auto hold = of(kind::hold_before);
    f.target.next("all/20", hold);
    REQUIRE(f.begin());
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    CHECK(f.job().emitted == 20);
    CHECK(f.job().cursor == "20");
    f.restart();
    f.target.release();
    REQUIRE(f.reaches(backfill_state::done));
    CHECK(f.job().emitted == 50);
    CHECK(f.job().duplicates == 0);
    CHECK(f.job().failures == 0);
    REQUIRE(f.wait_runs(run_state::succeeded, 50));
}

TEST_CASE("a backfill is paused, resumed and cancelled", "[engine][backfill]") {
    backfill_fixture f;
    f.start();
    f.publish(0, 40);
    f.target.next("all/20", of(kind::hold_before));
    REQUIRE(f.begin());
    CHECK_FALSE(f.begin());
    CHECK_FALSE(f.resume());
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    REQUIRE(f.pause());
    f.target.release();
    // The page in flight is taken, no other is asked for.
    REQUIRE(eventually([&] { return f.job().emitted == 30; }));
    CHECK(f.job().state == backfill_state::paused);
    SECTION("resumed") {
        REQUIRE(f.resume());
        REQUIRE(f.reaches(backfill_state::done));
        CHECK(f.job().emitted == 40);
        CHECK_FALSE(f.cancel());
        CHECK_FALSE(f.pause());
        CHECK_FALSE(f.resume());
    }
    SECTION("resumed after a restart") {
        f.restart();
        CHECK(f.job().state == backfill_state::paused);
        REQUIRE(f.resume());
        REQUIRE(f.reaches(backfill_state::done));
        CHECK(f.job().emitted == 40);
        CHECK(f.job().duplicates == 0);
    }
    SECTION("cancelled, and begun again from the start") {
        REQUIRE(f.cancel());
        CHECK(f.job().state == backfill_state::cancelled);
        CHECK_FALSE(f.begin());
        REQUIRE(f.begin(100'000, true));
        REQUIRE(f.reaches(backfill_state::done));
        CHECK(f.job().emitted == 10);
        CHECK(f.job().duplicates == 30);
    }
}

TEST_CASE("a backfill rides out failures and ends on what will not pass", "[engine][backfill]") {
    backfill_fixture f;
    f.start();
    f.publish(0, 20);
    SECTION("a failure that passes") {
        f.target.next("all/10", of(kind::status, 1));
        REQUIRE(f.begin());
        REQUIRE(f.reaches(backfill_state::done));
        CHECK(f.job().emitted == 20);
        CHECK(f.job().duplicates == 0);
        CHECK(f.metric("mortise_backfill_page_failures_total") == 1);
    }
    SECTION("a refusal") {
        f.target.next("all/10", of(kind::status, 1, 403));
        REQUIRE(f.begin());
        REQUIRE(f.reaches(backfill_state::failed));
        REQUIRE(f.job().last_error);
        CHECK(f.job().emitted == 10);
        // Put right, it goes on where it was.
        REQUIRE(f.resume());
        REQUIRE(f.reaches(backfill_state::done));
        CHECK(f.job().emitted == 20);
        CHECK(f.job().duplicates == 0);
    }
}

TEST_CASE("a backfill keeps to its rate", "[engine][backfill]") {
    backfill_fixture f;
    f.start();
    f.publish(0, 40);
    // A burst of a second's worth takes the first two pages, the third is owed afterwards.
    REQUIRE(f.begin(20));
    REQUIRE(f.reaches(backfill_state::done));
    CHECK(f.job().emitted == 40);
    const auto third = f.target.times("all/20");
    const auto fourth = f.target.times("all/30");
    REQUIRE(third.size() == 1);
    REQUIRE(fourth.size() == 1);
    CHECK(fourth[0] - third[0] >= std::chrono::milliseconds(400));
}

TEST_CASE("a backfill waits while its connection is paused", "[engine][backfill]") {
    backfill_fixture f;
    f.start();
    f.publish(0, 20);
    std::promise<void> paused;
    f.it->gates().pause("target", "", [&](const result<void>&) { paused.set_value(); });
    paused.get_future().get();
    REQUIRE(f.begin());
    CHECK(f.job().state == backfill_state::running);
    f.it->gates().resume("target", [](const result<void>&) {});
    REQUIRE(f.reaches(backfill_state::done));
    CHECK(f.job().emitted == 20);
}

TEST_CASE("a backfill that cannot be is refused", "[engine][backfill]") {
    backfill_fixture f;
    f.start();
    CHECK(f.begin(0).error().category == category::input);
    CHECK(f.begin(-1).error().category == category::input);
    const auto unknown = wait_for([&](auto done) {
        f.it->backfills().start({"target", "nothing", 10, false}, std::move(done));
    });
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().category == category::not_found);
    CHECK(f.pause().error().category == category::not_found);
    CHECK(f.it->backfills().list()->empty());
}
