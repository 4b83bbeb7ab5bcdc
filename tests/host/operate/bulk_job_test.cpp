// SPDX-License-Identifier: Apache-2.0
#include "operate/bulk_job.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

using namespace mortise;
using namespace mortise::host;
using std::chrono::milliseconds;

namespace {

bulk_job job_of(double rate = 10, bulk_action action = bulk_action::retry) {
    bulk_job job;
    job.id = "job";
    job.request.action = action;
    job.request.fingerprint = "00000000000000aa";
    job.request.runs_per_second = rate;
    job.request.give_up_after = 3;
    job.total = 100;
    return job;
}

run_record letter(int n, std::string fingerprint = "00000000000000aa") {
    run_record r;
    r.id = run_id("run-" + std::to_string(n));
    r.state = run_state::failed;
    r.fingerprint = std::move(fingerprint);
    return r;
}

// The run's second try fails for the same cause, or goes well.
void again(bulk_job& job, int n, second_try outcome, std::string fingerprint = "00000000000000aa") {
    const auto run = letter(n, std::move(fingerprint));
    note_changed(job, run, n);
    note_outcome(job, run.id, outcome, n + 1);
}

} // namespace

TEST_CASE("a bulk request says what it is for, or is refused", "[operate][bulk]") {
    bulk_request r;
    const auto code = [&r] {
        const auto good = check_request(r);
        return good ? std::string("good") : good.error().code;
    };
    CHECK(code() == "bulk.filter");
    r.all = true;
    CHECK(code() == "good");
    r.all = false;
    r.flow = "sync";
    CHECK(code() == "good");
    for (const double rate : {0.0, -1.0, 1e9}) {
        r.runs_per_second = rate;
        CHECK(code() == "bulk.rate");
    }
    r.runs_per_second = 5;
    r.give_up_after = 0;
    CHECK(code() == "bulk.give-up-after");
    r.give_up_after = 1;
    r.action = bulk_action::discard;
    CHECK(code() == "bulk.reason");
    r.reason = "the campaign is over";
    CHECK(code() == "good");
    r.action = bulk_action::edit;
    CHECK(code() == "bulk.patch");
    r.patch = "[1]";
    CHECK(code() == "bulk.patch");
    r.patch = R"({"a":1})";
    CHECK(code() == "good");
}

TEST_CASE("runs that fail again in a row for the same cause stop the job", "[operate][bulk]") {
    auto job = job_of();
    again(job, 1, second_try::failed_same);
    again(job, 2, second_try::failed_same);
    CHECK(job.state == bulk_state::running);
    again(job, 3, second_try::failed_same);
    CHECK(job.state == bulk_state::stopped);
    CHECK_THAT(job.why, Catch::Contains("3 runs in a row") && Catch::Contains("00000000000000aa"));
    CHECK(job.done == 3);
    CHECK(job.failed == 3);
    CHECK(job.ended_at == 4);
}

TEST_CASE("a run that goes on shows that the system is well", "[operate][bulk]") {
    auto job = job_of();
    for (int n = 0; n < 12; n += 3) {
        again(job, n, second_try::failed_same);
        again(job, n + 1, second_try::failed_same);
        again(job, n + 2, second_try::went_on);
    }
    CHECK(job.state == bulk_state::running);
    CHECK(job.failed == 8);
    CHECK(job.done == 12);
}

TEST_CASE("other causes are counted and do not stop the job", "[operate][bulk]") {
    auto job = job_of();
    for (int n = 0; n < 9; ++n)
        again(job, n, second_try::failed_other);
    CHECK(job.state == bulk_state::running);
    CHECK(job.failed == 9);
    for (int n = 9; n < 13; ++n)
        again(job, n, second_try::failed_same, n % 2 == 0 ? "a" : "b");
    CHECK(job.state == bulk_state::running);
}

TEST_CASE("an outcome that is not known yet, or not asked for, changes nothing",
          "[operate][bulk]") {
    auto job = job_of();
    note_changed(job, letter(1), 5);
    note_outcome(job, letter(1).id, second_try::open, 6);
    note_outcome(job, letter(2).id, second_try::failed_same, 6);
    CHECK(job.watched.size() == 1);
    CHECK(job.failed == 0);
    let_go(job, 5 + 9 * 60'000);
    CHECK(job.watched.size() == 1);
    let_go(job, 6 + 10 * 60'000);
    CHECK(job.watched.empty());
}

TEST_CASE("a bulk job never goes faster than its rate", "[operate][bulk]") {
    const double rate = GENERATE(0.5, 1.0, 7.0, 10.0, 250.0, 1000.0);
    INFO(rate << " runs a second");
    const auto job = job_of(rate, bulk_action::discard);
    std::uint64_t taken = 1; // the first at once
    milliseconds since{0};
    constexpr int seconds = 60;
    for (milliseconds now{0}; now < std::chrono::seconds(seconds); now += pace(job)) {
        since += pace(job);
        const auto n = may_take(job, since);
        taken += n;
        if (n > 0) since = milliseconds(0);
    }
    CHECK(static_cast<double>(taken) <= rate * (seconds + 1) + 1);
    CHECK(static_cast<double>(taken) >= rate * seconds * 0.6);
}

TEST_CASE("what was not used while the job waited is not made up for", "[operate][bulk]") {
    const auto job = job_of(10, bulk_action::discard);
    CHECK(may_take(job, milliseconds(99)) == 0);
    CHECK(may_take(job, milliseconds(100)) == 1);
    CHECK(may_take(job, std::chrono::hours(1)) <= 2);
}

TEST_CASE("no more are sent than can be watched", "[operate][bulk]") {
    auto job = job_of(1000);
    for (int n = 0; n < 16; ++n)
        note_changed(job, letter(n), n);
    CHECK(may_take(job, milliseconds(1000)) == 0);
    note_outcome(job, letter(3).id, second_try::went_on, 20);
    CHECK(may_take(job, milliseconds(1000)) == 1);
}

TEST_CASE("a second try is judged by where the run is", "[operate][bulk]") {
    claimed_run run;
    run.run.fingerprint = "x";
    const auto in = [&run](run_state s) {
        run.run.state = s;
        return judge(run, "x");
    };
    CHECK(in(run_state::ready) == second_try::open);
    CHECK(in(run_state::active) == second_try::open);
    CHECK(in(run_state::succeeded) == second_try::went_on);
    CHECK(in(run_state::waiting) == second_try::went_on);
    CHECK(in(run_state::failed) == second_try::failed_same);
    CHECK(in(run_state::in_doubt) == second_try::failed_same);
    CHECK(judge(run, "y") == second_try::failed_other);
    SECTION("waiting for the next attempt is no progress") {
        run.steps.emplace_back().state = step_state::retrying;
        CHECK(in(run_state::waiting) == second_try::open);
    }
    SECTION("nor is being held back by a connection") {
        run.run.held = "crm";
        CHECK(in(run_state::waiting) == second_try::open);
    }
}

TEST_CASE("a job's record comes back as it was", "[operate][bulk]") {
    auto job = job_of(2.5, bulk_action::edit);
    job.request.patch = R"({"folder":"4711","old":null})";
    job.request.who = "jo \"the\" admin";
    job.request.redo = true;
    note_changed(job, letter(1), 10);
    note_left_out(job, letter(2), "it is gone", 11);
    note_changed(job, letter(3), 12);
    note_outcome(job, letter(3).id, second_try::failed_same, 13);
    const auto back = bulk_job_from_json(to_json_text(job));
    REQUIRE(back);
    CHECK(to_json_text(*back) == to_json_text(job));
    CHECK(back->watched.size() == 1);
    CHECK(back->same_again.at("00000000000000aa") == 1);
    CHECK(back->after == "run-3");
    for (const char* bad : {"", "{", "[]", "{}", R"({"action":"retry","state":"asleep"})"}) {
        INFO(bad);
        CHECK_FALSE(bulk_job_from_json(bad));
    }
}
