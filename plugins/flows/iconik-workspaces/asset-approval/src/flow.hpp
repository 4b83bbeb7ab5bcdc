// SPDX-License-Identifier: Apache-2.0
//
// Approval of assets: a version submitted in iconik is reviewed by a workflow in the business
// workspace; decisions, comments and the record come back to the asset, which is marked
// publish-ready only when all reviewers approve.
#pragma once

#include "review.hpp"
#include "slow_steps.hpp"

#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/inbox.hpp>

#include <string>
#include <vector>

namespace asset_approval {

class flow {
public:
    flow(mortise::instance&, settings s) : settings_(std::move(s)) {}
    static void describe(mortise::flow_builder<flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event e);

private:
    // How a review ended. why: for people, may be empty.
    struct outcome {
        std::string result; // Approved, Rejected, Withdrawn, Superseded, Stopped
        std::string why;
        asset now; // the asset then
        std::vector<decision> decisions;
        bool is_running = true; // the workflow still is
    };

    // ---- a review (flow.cpp) ----
    mortise::task<review> begin(mortise::flow_run run, asset of);
    mortise::task<review::place>
    put_reference(mortise::flow_run run, asset of, std::string campaign);
    mortise::task<std::int64_t> start_workflow(mortise::flow_run run, review r);
    // inbox: a local of run(), which outlives this.
    mortise::task<outcome> follow(mortise::flow_run run, mortise::event_inbox& inbox, review r);
    mortise::task<mortise::json::value> read_workflow(mortise::flow_run run, std::int64_t process);
    mortise::task<void> bring_back(mortise::flow_run run, review r, decision d);

    // ---- slow reviewers (slow_reviewer.cpp) ----
    mortise::task<std::int64_t> member_to_escalate_to(mortise::flow_run run);
    mortise::task<void> nudge(mortise::flow_run run, review r, slow_steps::nudge n);

    // ---- its end (finish.cpp) ----
    mortise::task<void> finish(mortise::flow_run run, review r, outcome o);
    mortise::task<void> tell_asset(mortise::flow_run run, review r, outcome o, std::string record);
    mortise::task<asset> ask_again(mortise::flow_run run, asset reviewed, asset now);
    // An asset whose approval is not asked for: it must not stay publish-ready when its version or
    // approval is another than the one reviewed.
    mortise::task<mortise::json::value> not_submitted(mortise::flow_run run, asset of);
    mortise::task<void> write_fields(mortise::flow_run run,
                                     std::string asset_id,
                                     std::string result,
                                     std::string record);

    const settings settings_;
};

} // namespace asset_approval
