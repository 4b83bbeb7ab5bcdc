// SPDX-License-Identifier: Apache-2.0
// What the steps of a run share. Private to the SDK.
#pragma once

#include "ops.hpp"
#include "run_core.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/flow_run.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mortise::detail {

// A flow's call may answer with content nobody waits for any more.
struct step_op : result_op {
    const mortise_svc_content* content_service = nullptr;
    ~step_op() {
        if (!armed() || !content_service) return;
        try {
            abandon(std::make_unique<close_late_content>(*content_service));
        } catch (...) {
            return; // ~waiter gives the token up
        }
    }
};

// A step's result; null when there was none.
json::value value_of(const std::optional<std::string>& text, std::string_view what);

// With its reminders, if it has any.
task<event> wait_for_event(run_core& core, std::string key, event_wait wait);

task<transfer_report>
transfer_step(run_core& core, std::string key, transfer_end source, transfer_end target);

task<json::value> spawn_step(run_core& core, std::string key, child c);

} // namespace mortise::detail
