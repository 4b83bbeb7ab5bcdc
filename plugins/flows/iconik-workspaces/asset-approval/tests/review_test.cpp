// SPDX-License-Identifier: Apache-2.0
#include "review.hpp"
#include "slow_steps.hpp"
#include "support/catch.hpp"

using namespace asset_approval;
using namespace std::chrono_literals;
namespace json = mortise::json;

namespace {

json::value step(int task, const char* title, const char* state, const char* decision = "") {
    json::object s{{"task_id", task},
                   {"title", title},
                   {"state", state},
                   {"performers", {{{"id", 1000 + task}, {"name", "someone"}}}}};
    if (*decision) {
        s["decision"] = decision;
        s["by"] = "lena.roth";
        s["comment"] = "fine";
        s["finished_at"] = "2026-05-04T10:00:00";
    }
    return s;
}

json::value workflow(const char* state, json::array steps) {
    return {{"process_id", 77}, {"state", state}, {"steps", std::move(steps)}};
}

std::optional<std::string> result(const json::value& w) {
    const review_settings s;
    return result_of(s, w, decisions_in(s, w));
}

const char* legal = "Legal Review";
const char* brand = "Brand Review";
const char* compliance = "Compliance Review";

} // namespace

TEST_CASE("a review is approved when every deciding step approves, and only then",
          "[asset-approval]") {
    const auto intake = step(1, "Intake", "done", "SendOn");
    CHECK(result(workflow("completed", {intake, step(2, legal, "done", "Approve"),
                                        step(3, brand, "done", "Approve"),
                                        step(4, compliance, "done", "Approve")})) == "Approved");
    CHECK(result(workflow("running", {intake, step(2, legal, "done", "Approve"),
                                      step(3, brand, "current")})) == std::nullopt);
    CHECK(result(workflow("completed", {intake, step(2, legal, "done", "Approve"),
                                        step(3, brand, "done", "Reject")})) == "Rejected");
    // Ended early without a refusal: nobody has approved the rest.
    CHECK(result(workflow("completed", {intake, step(2, legal, "done", "Approve")})) == "Stopped");
    CHECK(result(workflow("stopped", {intake, step(2, legal, "done", "Approve"),
                                      step(3, brand, "done", "Approve"),
                                      step(4, compliance, "done", "Approve")})) == "Stopped");
    CHECK(result(workflow("suspended", {step(2, legal, "current")})) == std::nullopt);
}

TEST_CASE("a disposition without a meaning is an error that names it", "[asset-approval]") {
    const auto w = workflow("running", {step(2, legal, "done", "Abstain")});
    try {
        decisions_in(review_settings{}, w);
        FAIL("no error");
    } catch (const mortise::error& e) {
        CHECK(e.category == mortise::category::input);
        CHECK(e.message.find("\"Abstain\"") != std::string::npos);
        CHECK(e.message.find("review.decisions") != std::string::npos);
    }
}

TEST_CASE("a map without one of the steps is an error that names it", "[asset-approval]") {
    const review_settings s;
    const auto problem = missing_steps(s, workflow("running", {step(2, legal, "current")}));
    REQUIRE(problem);
    CHECK(problem->message.find("\"Brand Review\"") != std::string::npos);
    CHECK_FALSE(
        missing_steps(s, workflow("running", {step(2, legal, "current"), step(3, brand, "waiting"),
                                              step(4, compliance, "waiting")})));
}

TEST_CASE("a comment that begins with a time belongs there", "[asset-approval]") {
    CHECK(leading_time("[00:01:23] too loud") == 83'000);
    CHECK(leading_time("1:23 too loud") == 83'000);
    CHECK(leading_time("00:04.2") == 4'200);
    CHECK(leading_time("[4.25s] the logo") == 4'250);
    CHECK(leading_time("[1:02:03.004]x") == std::nullopt);
    CHECK(leading_time("2026: no") == std::nullopt);
    CHECK(leading_time("at 1:23") == std::nullopt);
    CHECK(leading_time("1:75 no time") == std::nullopt);
    CHECK(leading_time("") == std::nullopt);
}

TEST_CASE("reviewers are reminded, again, and then somebody else is told, each once",
          "[asset-approval]") {
    patience_settings p;
    p.remind_after = 48h;
    p.remind_every = 24h;
    p.escalate_after = 100h;
    p.escalate_to = "clara.brandt";
    const review_settings s;
    const mortise::time_point start(std::chrono::hours(1'000));
    slow_steps slow(p);
    slow.look(s, workflow("running", {step(1, "Intake", "current"), step(2, legal, "current")}),
              start);
    CHECK(slow.due() == start + 48h);
    CHECK(slow.take(start + 47h).empty());

    auto nudges = slow.take(start + 48h);
    REQUIRE(nudges.size() == 1);
    CHECK(nudges[0].step == legal);
    CHECK(nudges[0].number == 1);
    CHECK(nudges[0].performers == std::vector<std::int64_t>{1002});
    CHECK(slow.due() == start + 72h);

    SECTION("after a stand-still one reminder stands for those that were missed") {
        nudges = slow.take(start + 99h);
        REQUIRE(nudges.size() == 1);
        CHECK(nudges[0].number == 3);
        CHECK(slow.due() == start + 100h);
        nudges = slow.take(start + 100h);
        REQUIRE(nudges.size() == 1);
        CHECK(nudges[0].number == 0);
        CHECK(slow.due() == start + 120h);
    }
    SECTION("a step that is done is left alone, the next one waits from when it began") {
        slow.look(
            s, workflow("running", {step(2, legal, "done", "Approve"), step(3, brand, "current")}),
            start + 60h);
        CHECK(slow.due() == start + 108h);
    }
    SECTION("a look in between does not begin the waiting anew") {
        slow.look(s, workflow("running", {step(2, legal, "current")}), start + 60h);
        CHECK(slow.due() == start + 72h);
    }
}

TEST_CASE("without times nobody is ever reminded", "[asset-approval]") {
    patience_settings p;
    p.remind_after = 0s;
    slow_steps slow(p); // escalate_to is empty
    slow.look(review_settings{}, workflow("running", {step(2, legal, "current")}),
              mortise::time_point());
    CHECK(slow.due() == std::nullopt);
}

TEST_CASE("names of references are such as Content Server takes", "[asset-approval]") {
    asset a;
    a.id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    a.version = 3;
    a.title = "Spot: the / long one";
    CHECK(reference_name(a) == "Spot- the - long one, version 3 [0f1e2d3c-4b5a]");
    a.title.assign(400, 'x').append("\xC3\xA4");
    CHECK(reference_name(a).size() <= 248);
    a.title.assign(179, 'x').append("\xC3\xA4\xC3\xA4"); // cut between characters, not inside one
    CHECK(review_title(a, "m").find("x, version 3 [m]") != std::string::npos);
}
