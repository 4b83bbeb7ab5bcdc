// SPDX-License-Identifier: Apache-2.0
//
// What a person should look at when a run does not go on, and which command comes next. Pure.
#pragma once

#include "journal/records.hpp"
#include "operate/flow_directory.hpp"

#include <string>
#include <vector>

namespace mortise::host {

struct next_command {
    std::string when; // "it did not happen"; empty: in any case
    std::string command;
};

struct run_advice {
    std::vector<std::string> look; // sentences
    std::vector<next_command> commands;
    bool empty() const noexcept { return look.empty() && commands.empty(); }
};

// flow: null when it is not configured any more. newer: see run_details; may be null.
run_advice
advise(const claimed_run& run, const flow_entry* flow, const run_record* newer = nullptr);

} // namespace mortise::host
