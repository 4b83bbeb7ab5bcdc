// SPDX-License-Identifier: Apache-2.0
#include "intake/backfill_job.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

using namespace mortise;
using namespace mortise::host;

namespace {

backfill_job job(backfill_state state = backfill_state::running) {
    backfill_job j;
    j.connection = "dam";
    j.trigger = "changes";
    j.state = state;
    j.started_at = 5;
    return j;
}

} // namespace

TEST_CASE("a backfill's record survives the journal", "[engine][backfill]") {
    auto j = after_page(job(), 90, 10, "page \"2\"\n", 7);
    j = after_failure(j, error{category::unavailable, "dam.down", "it is down"}, 8);
    const auto back = backfill_job_from_json(to_json_text(j));
    REQUIRE(back);
    CHECK(back->key() == "dam/changes");
    CHECK(back->state == backfill_state::running);
    CHECK(back->pages == 1);
    CHECK(back->emitted == 90);
    CHECK(back->duplicates == 10);
    CHECK(back->failures == 1);
    CHECK(back->cursor == "page \"2\"\n");
    CHECK(back->started_at == 5);
    CHECK(back->updated_at == 8);
    REQUIRE(back->last_error);
    CHECK(back->last_error->code == "dam.down");
    CHECK(back->last_error->category == category::unavailable);
    CHECK(to_json_text(*back) == to_json_text(j));
}

TEST_CASE("a malformed record of a backfill is refused", "[engine][backfill]") {
    CHECK_FALSE(backfill_job_from_json(""));
    CHECK_FALSE(backfill_job_from_json("[]"));
    CHECK_FALSE(backfill_job_from_json(R"({"state":"dancing"})"));
}

TEST_CASE("what a person may do with a backfill depends on where it stands", "[engine][backfill]") {
    using s = backfill_state;
    struct row {
        s from;
        bool pause, resume, cancel;
    };
    const auto r = GENERATE(row{s::running, true, false, true}, row{s::paused, true, true, true},
                            row{s::done, false, false, false}, row{s::failed, false, true, false},
                            row{s::cancelled, false, true, false});
    CHECK(paused(job(r.from), 9).has_value() == r.pause);
    CHECK(resumed(job(r.from), 9).has_value() == r.resume);
    CHECK(cancelled(job(r.from), 9).has_value() == r.cancel);
    if (r.resume) {
        auto failed = job(r.from);
        failed.failures = 7;
        failed.ended_at = 3;
        const auto again = resumed(failed, 9);
        CHECK(again->state == s::running);
        CHECK(again->failures == 0);
        CHECK(again->ended_at == 0);
    }
    if (!r.pause) CHECK(paused(job(r.from), 9).error().category == category::conflict);
}

TEST_CASE("a backfill rides out what passes and ends on what does not", "[engine][backfill]") {
    const error down{category::unavailable, "dam.down", "it is down"};
    const error refused{category::denied, "dam.denied", "no right to list"};
    CHECK(after_failure(job(), refused, 9).state == backfill_state::failed);
    CHECK(after_failure(job(), refused, 9).ended_at == 9);
    auto j = job();
    for (int i = 0; i < 49; ++i)
        j = after_failure(j, down, 9);
    CHECK(j.state == backfill_state::running);
    CHECK(after_page(j, 1, 0, "c", 9).failures == 0);
    CHECK(after_failure(j, down, 9).state == backfill_state::failed);
    CHECK(after_end(j, 10).state == backfill_state::done);
    CHECK_FALSE(after_end(j, 10).last_error);
}
