// SPDX-License-Identifier: Apache-2.0
//
// A flow with everything that takes time: checks side by side as child runs, a person's decision
// with reminders, a deadline with somebody else to ask, and a pause before it counts.
// docs/writing-flows.md walks through it.
#pragma once

#include <mortise/sdk/flow.hpp>

#include <string>
#include <vector>

namespace depot {

struct release_settings {
    std::vector<std::string> checks;
    std::string owner;
    std::string deputy;
    std::chrono::hours remind_after{72};
    std::chrono::hours deadline{240};
    std::chrono::hours cool_down{1};
    static auto describe() {
        return mortise::object<release_settings>("Releasing files")
            .field("checks", &release_settings::checks, "Names of the flows that check a file")
            .field("owner", &release_settings::owner, "Who decides", mortise::required)
            .examples("ann@example.com")
            .field("deputy", &release_settings::deputy, "Who is asked after the deadline")
            .field("remind_after", &release_settings::remind_after, "First reminder; then daily")
            .field("deadline", &release_settings::deadline, "How long the owner has")
            .field("cool_down", &release_settings::cool_down, "Time to take a release back");
    }
};

class release_flow {
public:
    release_flow(mortise::instance&, release_settings s) : settings_(std::move(s)) {}
    static void describe(mortise::flow_builder<release_flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event first);

private:
    mortise::task<mortise::json::value>
    check(mortise::flow_run run, std::string flow, std::string id);
    mortise::task<void>
    write(mortise::flow_run run, std::string key, std::string to, std::string id);
    mortise::task<mortise::event> decision(mortise::flow_run run, std::string who, std::string id);

    release_settings settings_;
};

} // namespace depot
