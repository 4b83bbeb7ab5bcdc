// SPDX-License-Identifier: Apache-2.0
#include "flows.hpp"
#include "operate/run_advice.hpp"
#include "support/catch.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

std::string all_of(const run_advice& a) {
    std::string out;
    for (const auto& sentence : a.look)
        out += sentence + '\n';
    for (const auto& c : a.commands)
        out += c.when + ": " + c.command + '\n';
    return out;
}

} // namespace

TEST_CASE("for a run in doubt a person is told where to look and what to choose from",
          "[operate][advice]") {
    const made_flow flow;
    auto run = failed_run();
    run.run.state = run_state::in_doubt;
    run.steps[1].target = "target:fire";
    const auto text = all_of(advise(run, &flow.entry));
    CHECK_THAT(text, Catch::Contains("crm-prod") && Catch::Contains("Send the letter") &&
                         Catch::Contains(R"({"id":"4711","n":1,"keep":true})"));
    CHECK_THAT(text, Catch::Contains("did not happen: mortise dead-letters retry " +
                                     run.run.id.str() + " --redo"));
    CHECK_THAT(text, Catch::Contains("--result") && Catch::Contains("discard"));
}

TEST_CASE("who goes on with old data is told that newer data was processed since",
          "[operate][advice]") {
    const made_flow flow;
    auto run = failed_run();
    run_record newer = run.run;
    newer.id = run_id("0192f3a0-0000-7000-8000-00000000beef");
    newer.state = run_state::succeeded;
    CHECK_THAT(all_of(advise(run, &flow.entry)), !Catch::Contains("--fresh"));
    CHECK_THAT(all_of(advise(run, &flow.entry, &newer)),
               Catch::Contains(newer.id.str()) &&
                   Catch::Contains("retry " + run.run.id.str() + " --fresh"));
    run.run.state = run_state::in_doubt; // nothing to choose: it goes on from its doubtful step
    CHECK_THAT(all_of(advise(run, &flow.entry, &newer)),
               Catch::Contains(newer.id.str()) && !Catch::Contains("--fresh"));
}

TEST_CASE("advice follows the kind of failure", "[operate][advice]") {
    const made_flow flow;
    auto run = failed_run();
    run.run.fingerprint = "00000000000000aa";
    SECTION("refused input: edit") {
        const auto text = all_of(advise(run, &flow.entry));
        CHECK_THAT(text, Catch::Contains("--input") && Catch::Contains("--event"));
        CHECK_THAT(text, !Catch::Contains("connections test"));
    }
    SECTION("an unreachable system: test it, then retry all it stopped") {
        run.run.failure->category = category::unavailable;
        const auto text = all_of(advise(run, &flow.entry));
        CHECK_THAT(text, Catch::Contains("mortise connections test crm-prod"));
        CHECK_THAT(text, Catch::Contains("retry --group 00000000000000aa"));
        CHECK_THAT(text, !Catch::Contains("--input"));
    }
    SECTION("another flow than the one that began") {
        run.run.failure = error{category::internal, "run.nondeterministic-flow", "differs"};
        run.run.flow = "acme-sync";
        run.run.flow_version = "0.9.0";
        CHECK_THAT(all_of(advise(run, &flow.entry)), Catch::Contains("acme-sync 0.9.0"));
    }
    SECTION("a flow that is not configured any more") {
        CHECK_THAT(all_of(advise(run, nullptr)), Catch::Contains("not configured"));
    }
}

TEST_CASE("a run that goes on needs no advice, one that is held does", "[operate][advice]") {
    const made_flow flow;
    auto run = failed_run();
    for (const auto state : {run_state::ready, run_state::active, run_state::waiting,
                             run_state::succeeded, run_state::cancelled, run_state::discarded}) {
        run.run.state = state;
        INFO(to_string(state));
        CHECK(advise(run, &flow.entry).empty());
    }
    run.run.state = run_state::waiting;
    run.run.held = "crm-prod";
    CHECK_THAT(all_of(advise(run, &flow.entry)),
               Catch::Contains("mortise connections resume crm-prod"));
}
