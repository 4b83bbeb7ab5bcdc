// SPDX-License-Identifier: Apache-2.0
// How a run's steps are journaled in memory and answered. Private to the kit.
#pragma once

#include "core.hpp"

namespace mortise::testing {

// How a step's callback is called with its outcome.
using deliver_fn = std::function<void(const step_record&)>;

struct found_run {
    core* c = nullptr;
    fake_run* run = nullptr;
    std::size_t index = 0;
};

// The run, or a violation.
found_run find(void* ctx, mortise_handle handle);

// Journals the outcome and hands it to the flow, unless the run was dropped meanwhile.
void conclude(core& c,
              std::size_t index,
              mortise_handle handle,
              const std::string& key,
              const deliver_fn& deliver,
              std::optional<std::string> result,
              std::optional<error> failure);

// effect: begins the step; called once per life of the run in memory while the step has no outcome.
mortise_status step(void* ctx,
                    mortise_handle run,
                    mortise_str key_view,
                    const char* kind,
                    const json::value& request,
                    deliver_fn deliver,
                    const std::function<void(found_run, std::string key, deliver_fn)>& effect);

// Runs work on the strand later and concludes with its text, or with the error it throws.
void later(const found_run& f,
           std::string key,
           deliver_fn deliver,
           std::function<std::optional<std::string>()> work);

deliver_fn to_result(mortise_result_fn done, void* user);
deliver_fn to_done(mortise_done_fn done, void* user);
json::value json_of(const mortise_payload* p);

// A request the flow made malformed is a breach of the ABI, not an outcome.
template <class F>
mortise_status checked(void* ctx, F&& f) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    try {
        return f();
    } catch (const std::exception& e) {
        c.violation(std::string("a step was requested malformed: ") + e.what());
        return MORTISE_E_ARGUMENT;
    }
}

// flow_children.cpp
mortise_status spawn_child(void* ctx,
                           mortise_handle run,
                           mortise_str key,
                           const mortise_spawn* s,
                           mortise_result_fn done,
                           void* user) noexcept;

} // namespace mortise::testing
