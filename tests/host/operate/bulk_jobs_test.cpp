// SPDX-License-Identifier: Apache-2.0
// Bulk jobs and single changes over a real journal, on timers that the test moves.
#include "../journal/fixture.hpp"
#include "flows.hpp"
#include "operate/bulk_jobs.hpp"
#include "operate/link_edits.hpp"
#include "operate/person_notes.hpp"
#include "support/eventually.hpp"
#include "support/result_text.hpp"

#include <algorithm>
#include <mutex>

using namespace mortise;
using namespace mortise::host;
using mortise::test::eventually;

namespace {

class hand_timers final : public timer_source {
public:
    explicit hand_timers(manual_clock& time) : time_(time) {}

    timer start(std::chrono::milliseconds delay, std::function<void()> fn) override {
        auto one = std::make_shared<pending>();
        one->fn = std::move(fn);
        one->due_ns = time_.now_mono_ns() + static_cast<std::uint64_t>(delay.count()) * 1'000'000;
        const std::lock_guard lock(guard_);
        all_.push_back(one);
        return timer(one);
    }
    // Moves the clock and runs what is due then.
    void advance(std::chrono::milliseconds by) {
        time_.advance(by);
        std::vector<std::shared_ptr<pending>> due;
        {
            const std::lock_guard lock(guard_);
            std::erase_if(all_, [&](const auto& p) {
                if (p->due_ns > time_.now_mono_ns()) return false;
                due.push_back(p);
                return true;
            });
        }
        for (const auto& p : due)
            p->run();
    }

private:
    struct pending final : pending_timer {
        std::mutex guard;
        std::function<void()> fn;
        std::uint64_t due_ns = 0;
        bool cancel() override {
            const std::lock_guard lock(guard);
            return std::exchange(fn, nullptr) != nullptr;
        }
        void run() {
            std::function<void()> now;
            {
                const std::lock_guard lock(guard);
                now = std::exchange(fn, nullptr);
            }
            if (now) now();
        }
    };

    manual_clock& time_;
    std::mutex guard_;
    std::vector<std::shared_ptr<pending>> all_;
};

std::string id_of(int n) {
    char text[40];
    std::snprintf(text, sizeof text, "0190d3c5-5f0a-7cc0-8000-%012d", n);
    return text;
}

struct world : mortise::test::journal_fixture {
    hand_timers timers{time};
    std::shared_ptr<const flow_directory> flows = std::make_shared<const flow_directory>();
    std::atomic<std::uint64_t> ready{0};
    dead_letters letters{*journal, [this] { return flows; },
                         [this](std::uint64_t n) { ready += n; }};
    std::unique_ptr<bulk_jobs> bulk = std::make_unique<bulk_jobs>(letters, time, timers);

    ~world() {
        bulk.reset();
        (void)journal->flush();
    }

    void
    letter(int n, run_state state = run_state::failed, const std::string& message = "refused") {
        accept(intake_of("e" + std::to_string(n), id_of(n), "k" + std::to_string(n)));
        claim();
        fail(n, state, message);
    }
    void fail(int n, run_state state = run_state::failed, const std::string& message = "refused") {
        error e{category::input, "dam.refused", message};
        write([&](journal_tx& tx) {
            tx.put_step(run_id(id_of(n)),
                        test::step_of("s", state == run_state::failed ? step_state::failed
                                                                      : step_state::started));
            tx.finish(run_id(id_of(n)), state, {}, e, "s");
        });
    }
    std::string fingerprint() { return run(id_of(1)).run.fingerprint; }

    bulk_request all(bulk_action action = bulk_action::retry) {
        bulk_request r;
        r.action = action;
        r.all = true;
        r.who = "jo";
        r.reason = "over";
        r.runs_per_second = 10;
        return r;
    }
    result<bulk_job> start(bulk_request r) {
        std::promise<result<bulk_job>> answer;
        auto future = answer.get_future();
        bulk->start(std::move(r), [&](result<bulk_job> job) { answer.set_value(std::move(job)); });
        return future.get();
    }
    bulk_job job(const std::string& id) {
        auto found = bulk->find(id);
        REQUIRE(found);
        return *found;
    }
    // One beat of the job; what it has written is durable afterwards.
    void beat(std::chrono::milliseconds by = std::chrono::milliseconds(100)) {
        timers.advance(by);
        REQUIRE(journal->flush());
    }
    // Moves time until the condition holds.
    template <class Condition>
    bool beats_until(Condition condition) {
        for (int i = 0; i < 400; ++i) {
            if (condition()) return true;
            beat();
        }
        return condition();
    }
};

} // namespace

TEST_CASE("a bulk retry lets the oldest go first, no faster than its rate", "[operate][bulk]") {
    world w;
    for (int n = 1; n <= 4; ++n)
        w.letter(n);
    const auto made = w.start(w.all());
    REQUIRE(made);
    CHECK(made->total == 4);
    std::vector<std::string> order;
    const auto began = w.time.now_unix_ms();
    REQUIRE(w.beats_until([&] {
        for (const auto& id : w.claimed_ids())
            order.push_back(id);
        return order.size() == 4;
    }));
    CHECK(order == std::vector<std::string>{id_of(1), id_of(2), id_of(3), id_of(4)});
    CHECK(w.time.now_unix_ms() - began >= 300);
    CHECK(w.ready == 4);
    CHECK(w.job(made->id).state == bulk_state::running);
    for (int n = 1; n <= 4; ++n)
        w.finish(id_of(n));
    REQUIRE(w.beats_until([&] { return w.job(made->id).state == bulk_state::done; }));
    CHECK(w.job(made->id).done == 4);
    CHECK(w.job(made->id).failed == 0);
    w.journal->read([&](journal_reader& r) {
        const auto notes = r.notes(run_id(id_of(2)));
        REQUIRE(notes.size() == 1);
        CHECK(notes.front().who == "jo");
    });
}

TEST_CASE("records of bulk jobs that have ended are kept for the newest hundred only",
          "[operate][bulk]") {
    world w;
    std::string last;
    for (int i = 0; i < 105; ++i) {
        const auto made = w.start(w.all(bulk_action::discard));
        REQUIRE(made);
        last = made->id;
        REQUIRE(w.beats_until([&] { return w.job(last).state == bulk_state::done; }));
    }
    const auto kept = w.bulk->list();
    REQUIRE(kept);
    CHECK(kept->size() == 100);
    CHECK(kept->front().id == last);
}

TEST_CASE("what a bulk job has left out once it does not look at again", "[operate][bulk]") {
    world w;
    w.letter(1, run_state::in_doubt);
    for (int n = 2; n <= 5; ++n)
        w.letter(n);
    auto request = w.all();
    request.runs_per_second = 1; // page by page
    const auto made = w.start(request);
    REQUIRE(made);
    REQUIRE(w.beats_until([&] {
        for (const auto& id : w.claimed_ids())
            w.finish(id);
        return w.job(made->id).state == bulk_state::done;
    }));
    CHECK(w.job(made->id).left_out == 1);
    CHECK(w.job(made->id).done == 4);
    CHECK(w.state_of(id_of(5)) == run_state::succeeded);
}

TEST_CASE("who asked for a bulk job is known after a restart too", "[operate][bulk]") {
    world w;
    for (int n = 1; n <= 4; ++n)
        w.letter(n);
    auto request = w.all(bulk_action::discard);
    request.runs_per_second = 1;
    const auto made = w.start(request);
    REQUIRE(made);
    REQUIRE(w.beats_until([&] { return w.state_of(id_of(1)) == run_state::discarded; }));
    REQUIRE(w.state_of(id_of(4)) == run_state::failed);
    w.bulk = std::make_unique<bulk_jobs>(w.letters, w.time, w.timers);
    REQUIRE(w.bulk->resume());
    REQUIRE(w.beats_until([&] { return w.job(made->id).state == bulk_state::done; }));
    CHECK(w.job(made->id).done == 4);
    w.journal->read([&](journal_reader& r) {
        for (int n = 1; n <= 4; ++n) {
            const auto notes = r.notes(run_id(id_of(n)));
            REQUIRE(notes.size() == 1);
            CHECK(notes.front().who == "jo");
            CHECK_THAT(notes.front().detail, Catch::Contains("over"));
        }
    });
}

TEST_CASE("a cause that nothing has stopped for is no job", "[operate][bulk]") {
    world w;
    w.letter(1);
    auto request = w.all();
    request.all = false;
    request.fingerprint = "0123456789abcdef";
    const auto made = w.start(request);
    REQUIRE_FALSE(made);
    CHECK(made.error().category == category::not_found);
    CHECK(made.error().message.find("0123456789abcdef") != std::string::npos);
    CHECK(w.bulk->list()->empty());
    CHECK_FALSE(change_now(w.letters, w.time, request));
    request.fingerprint = w.fingerprint();
    CHECK(w.start(request).has_value());
}

TEST_CASE("a bulk job reaches every run, in whatever order their ids were made",
          "[operate][bulk]") {
    world w;
    // As after a clock that was set back: the later run has the lower id.
    for (const int n : {5, 2, 4, 1, 3})
        w.letter(n, n % 2 == 0 ? run_state::in_doubt : run_state::failed);
    auto request = w.all(bulk_action::discard);
    request.runs_per_second = 10; // one at a time
    const auto made = w.start(request);
    REQUIRE(made);
    CHECK(made->total == 5);
    REQUIRE(w.beats_until([&] { return w.job(made->id).state == bulk_state::done; }));
    CHECK(w.job(made->id).done == 5);
    for (int n = 1; n <= 5; ++n)
        CHECK(w.state_of(id_of(n)) == run_state::discarded);
}

TEST_CASE("a bulk retry stops when the cause is still there", "[operate][bulk]") {
    world w;
    for (int n = 1; n <= 6; ++n)
        w.letter(n);
    auto request = w.all();
    request.give_up_after = 2;
    const auto made = w.start(request);
    REQUIRE(made);
    REQUIRE(w.beats_until([&] {
        for (const auto& id : w.claimed_ids()) {
            for (int n = 1; n <= 6; ++n)
                if (id == id_of(n)) w.fail(n);
        }
        return w.job(made->id).state != bulk_state::running;
    }));
    const auto job = w.job(made->id);
    CHECK(job.state == bulk_state::stopped);
    CHECK(job.failed == 2);
    CHECK(job.done < 6);
    CHECK_THAT(job.why, Catch::Contains(w.fingerprint()));
    CHECK(w.state_of(id_of(6)) == run_state::failed);
}

TEST_CASE("a bulk job leaves out what it may not do, and says why", "[operate][bulk]") {
    world w;
    w.letter(1, run_state::in_doubt);
    w.letter(2);
    SECTION("runs in doubt") {
        const auto made = w.start(w.all());
        REQUIRE(made);
        REQUIRE(w.beats_until([&] {
            for (const auto& id : w.claimed_ids())
                w.finish(id);
            return w.job(made->id).state == bulk_state::done;
        }));
        CHECK(w.job(made->id).left_out == 1);
        CHECK_THAT(w.job(made->id).last_problem, Catch::Contains("in doubt"));
        CHECK(w.state_of(id_of(1)) == run_state::in_doubt);
        CHECK(w.state_of(id_of(2)) == run_state::succeeded);
    }
    SECTION("unless it is said that they did not happen") {
        auto request = w.all();
        request.redo = true;
        const auto made = w.start(request);
        REQUIRE(made);
        CHECK(w.beats_until([&] { return w.ready == 2; }));
    }
    SECTION("other causes and flows than those asked for") {
        w.letter(3, run_state::failed, "something else");
        auto request = w.all(bulk_action::discard);
        request.all = false;
        request.fingerprint = w.run(id_of(3)).run.fingerprint;
        const auto made = w.start(request);
        REQUIRE(made);
        CHECK(made->total == 1);
        REQUIRE(w.beats_until([&] { return w.job(made->id).state == bulk_state::done; }));
        CHECK(w.state_of(id_of(3)) == run_state::discarded);
        CHECK(w.state_of(id_of(2)) == run_state::failed);
    }
    SECTION("nothing at all, when nothing fits") {
        auto request = w.all(bulk_action::discard);
        request.all = false;
        request.flow = "other";
        const auto made = w.start(request);
        REQUIRE(made);
        CHECK(made->total == 0);
        REQUIRE(w.beats_until([&] { return w.job(made->id).state == bulk_state::done; }));
        CHECK(w.job(made->id).done == 0);
    }
}

TEST_CASE("a bulk job that is cancelled does nothing more", "[operate][bulk]") {
    world w;
    for (int n = 1; n <= 5; ++n)
        w.letter(n);
    auto request = w.all(bulk_action::discard);
    request.runs_per_second = 1;
    const auto made = w.start(request);
    REQUIRE(made);
    w.beat();
    std::promise<result<bulk_job>> answer;
    auto future = answer.get_future();
    w.bulk->cancel(made->id, "kim", [&](result<bulk_job> j) { answer.set_value(std::move(j)); });
    REQUIRE(eventually([&] {
        w.beat();
        return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }));
    const auto ended = future.get();
    REQUIRE(ended);
    CHECK(ended->state == bulk_state::cancelled);
    CHECK_THAT(ended->why, Catch::Contains("kim"));
    const auto left = 5 - ended->done;
    w.beat(std::chrono::seconds(10));
    w.beat(std::chrono::seconds(10));
    CHECK(w.stats().dead_letters == left);
    result<bulk_job> again = *ended;
    w.bulk->cancel(made->id, "kim", [&](result<bulk_job> j) { again = std::move(j); });
    REQUIRE_FALSE(again);
    CHECK(again.error().category == category::conflict);
    w.bulk->cancel("nothing", "kim", [&](result<bulk_job> j) { again = std::move(j); });
    REQUIRE_FALSE(again);
    CHECK(again.error().category == category::not_found);
}

TEST_CASE("a bulk job goes on in the next life with exact counts", "[operate][bulk]") {
    world w;
    for (int n = 1; n <= 5; ++n)
        w.letter(n);
    const auto made = w.start(w.all(bulk_action::discard));
    REQUIRE(made);
    REQUIRE(w.beats_until([&] { return w.job(made->id).done >= 2; }));
    w.bulk->stop();
    REQUIRE(w.journal->flush());
    const auto before = w.stats().dead_letters;
    w.beat(std::chrono::seconds(5));
    CHECK(w.stats().dead_letters == before);
    w.bulk = std::make_unique<bulk_jobs>(w.letters, w.time, w.timers);
    REQUIRE(w.bulk->resume());
    REQUIRE(w.beats_until([&] { return w.job(made->id).state == bulk_state::done; }));
    CHECK(w.job(made->id).done == 5);
    CHECK(w.stats().dead_letters == 0);
}

TEST_CASE("without a host a bulk change is done at once", "[operate][bulk]") {
    world w;
    for (int n = 1; n <= 250; ++n)
        w.letter(n);
    const auto job = change_now(w.letters, w.time, w.all());
    REQUIRE(job);
    CHECK(job->state == bulk_state::done);
    CHECK(job->done == 250);
    CHECK(w.stats().dead_letters == 0);
    auto wrong = w.all();
    wrong.all = false;
    CHECK_FALSE(change_now(w.letters, w.time, wrong));
}

TEST_CASE("of runs without their flow none can read again, one by one or in bulk",
          "[operate][bulk]") {
    world w;
    w.letter(1);
    w.letter(2);
    auto fresh = w.all();
    fresh.fresh = true;
    const auto job = change_now(w.letters, w.time, fresh);
    REQUIRE(job);
    CHECK(job->done == 0);
    CHECK(job->left_out == 2);
    CHECK_THAT(job->last_problem, Catch::Contains("not configured"));
    CHECK(w.stats().dead_letters == 2);
    result<run_state> one = run_state::active;
    w.letters.retry(run_id(id_of(1)), {.fresh = true}, "jo",
                    [&](result<run_state> r) { one = std::move(r); });
    REQUIRE(w.journal->flush());
    REQUIRE_FALSE(one);
    CHECK(one.error().code == "run.retry.no-flow");
}

TEST_CASE("a run in doubt is retried only by a decision", "[operate][dead-letters]") {
    world w;
    w.letter(1, run_state::in_doubt);
    w.letter(2);
    const auto retry = [&](int n, retry_choice choice) {
        result<run_state> out = run_state::active;
        w.letters.retry(run_id(id_of(n)), std::move(choice), "jo",
                        [&](result<run_state> r) { out = std::move(r); });
        REQUIRE(w.journal->flush());
        return out;
    };
    const auto code = [](const result<run_state>& r) {
        return r ? std::string(to_string(*r)) : r.error().code;
    };
    CHECK(code(retry(1, {})) == "run.in-doubt");
    CHECK(code(retry(1, {true, "{}", false})) == "run.retry.both");
    CHECK(code(retry(2, {false, "{}", false})) == "run.retry.not-in-doubt");
    CHECK(code(retry(2, {false, {}, true})) == "run.retry.no-flow");
    CHECK(code(retry(7, {})) == "run.unknown");
    CHECK(w.stats().dead_letters == 2);
    CHECK(w.ready == 0);
    CHECK(code(retry(1, {false, R"({"seen":1})", false})) == "ready");
    CHECK(code(retry(2, {})) == "ready");
    CHECK(w.ready == 2);
    CHECK(code(retry(2, {})) == "journal.run-state");
}

TEST_CASE("links changed by a person are noted with what was there", "[operate][links]") {
    world w;
    const auto put = [&](link_record l) {
        result<void> out;
        put_link(*w.journal, std::move(l), "jo", [&](result<void> r) { out = std::move(r); });
        REQUIRE(w.journal->flush());
        return out;
    };
    const auto remove = [&](const std::string& a) {
        result<void> out;
        remove_link(*w.journal, "r", a, "kim", [&](result<void> r) { out = std::move(r); });
        REQUIRE(w.journal->flush());
        return out;
    };
    CHECK(put({"r", "a", "b", R"({"n":1})", 0}));
    CHECK(put({"r", "a*", "c", "", 0}));
    CHECK_FALSE(put({"r", "x", "b", "", 0}));
    CHECK_FALSE(put({"r", "", "b", "", 0}));
    CHECK_FALSE(put({"r", "a", "", "", 0}));
    CHECK_FALSE(put({"r", "a", "b", "{", 0}));
    CHECK(remove("a*")); // one link of that name, not all that begin with a
    const auto unknown = remove("a*");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().category == category::not_found);
    w.journal->read([&](journal_reader& r) {
        CHECK(r.links("r", 10).size() == 1);
        const auto notes = person_notes(r, 2);
        REQUIRE(notes.size() == 2);
        CHECK(notes[0].action == "link-remove");
        CHECK(notes[0].who == "kim");
        CHECK_THAT(notes[0].detail, Catch::Contains("\"b\":\"c\""));
        CHECK(person_notes(r, 100).size() == 3);
    });
}
