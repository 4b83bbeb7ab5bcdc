// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/inbox.hpp>
#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;
using namespace std::chrono_literals;

namespace {

// Follows an asset until it is deleted: notes what comes, and "late" when an hour passed in
// silence. Each note takes a step of its own.
struct follower {
    explicit follower(instance&) {}
    static void describe(flow_builder<follower>& b) {
        b.id("follower").version("1.0.0").on_manual();
        b.role("book", "book").uses("note");
    }
    task<json::value> run(flow_run& r, event) {
        event_inbox inbox(r, "news");
        inbox.listen("changed", "a-1");
        inbox.listen("commented", "a-1");
        inbox.listen("deleted", "a-1");
        inbox.listen("changed", "a-1");
        json::array seen;
        time_point due = r.now() + 1h;
        for (int n = 0;; ++n) {
            const auto news = co_await inbox.next(due);
            if (news && news->type == "deleted") break;
            json::value word(news ? news->id : "late");
            seen.push_back(word);
            const std::string step = "note-" + std::to_string(n);
            co_await r.call(step, "book", "note", std::move(word));
            if (!news) due += 1h;
        }
        co_return seen;
    }
};

struct desk {
    explicit desk(std::uint64_t seed = 0)
        : host(seed), flow(host.create_flow(mortise::flow<follower>())) {
        flow.answer("book", "note", nullptr);
    }
    test_run start() const { return flow.start({"mortise.manual", "m-1", "s", nullptr}); }
    void send(const char* type, const char* id, const char* about = "a-1") const {
        flow.send({type, id, about, nullptr});
    }
    void finish() {
        flow.destroy();
        CHECK(host.violations() == std::vector<std::string>{});
    }
    fake_host host;
    flow_harness flow;
};

} // namespace

TEST_CASE("an inbox hands out events of several kinds, each once and in the order of their coming",
          "[sdk][inbox]") {
    desk d(GENERATE(0, range(1, 8)));
    const auto run = d.start();
    d.send("changed", "c-1");
    d.send("commented", "t-1");
    d.send("changed", "c-2");
    d.send("changed", "other", "a-2");
    d.send("changed", "c-3");
    d.send("deleted", "d-1");
    CHECK(run.result() == json::array{"c-1", "t-1", "c-2", "c-3"});
    const auto effects = run.effects();
    run.replay();
    CHECK(run.result() == json::array{"c-1", "t-1", "c-2", "c-3"});
    CHECK(run.effects() == effects);
    d.finish();
}

TEST_CASE("an inbox tells of a time that came before any event, and goes on listening",
          "[sdk][inbox]") {
    desk d(GENERATE(0, range(1, 8)));
    const auto run = d.start();
    d.send("changed", "c-1");
    d.host.advance(30min);
    d.send("commented", "t-1");
    d.host.advance(2h);
    d.send("changed", "c-2");
    d.send("deleted", "d-1");
    CHECK(run.result() == json::array{"c-1", "t-1", "late", "late", "c-2"});
    run.replay();
    CHECK(run.result() == json::array{"c-1", "t-1", "late", "late", "c-2"});
    d.finish();
}

TEST_CASE("a run that is dropped and comes back finds its inbox as it was", "[sdk][inbox]") {
    desk d;
    const auto run = d.start();
    d.send("changed", "c-1");
    run.drop();
    d.send("changed", "c-2");
    run.replay();
    CHECK_FALSE(run.finished());
    run.drop();
    d.host.advance(90min);
    run.replay();
    d.host.advance(1min); // its time has come while it was away
    d.send("commented", "t-1");
    d.send("deleted", "d-1");
    CHECK(run.result() == json::array{"c-1", "c-2", "late", "t-1"});
    d.finish();
}

TEST_CASE("an inbox ends with its run", "[sdk][inbox]") {
    desk d;
    const auto run = d.start();
    SECTION("cancelled: next() throws") {
        run.cancel();
        REQUIRE(run.finished());
        REQUIRE(run.outcome().failure);
        CHECK(run.outcome().failure->category == category::cancelled);
    }
    SECTION("dropped while it waits: nothing is left behind") {
        run.drop();
    }
    d.finish();
}
