// SPDX-License-Identifier: Apache-2.0
#include "core.hpp"

namespace mortise::testing {
namespace {

// The call when it may still be completed.
fake_call* open_call(core& c, mortise_handle h, const char* how) {
    const auto at = c.calls.find(h);
    if (at == c.calls.end()) {
        c.violation(std::string("an unknown call was ") + how);
        return nullptr;
    }
    if (at->second.outcome.done) {
        c.violation("call " + std::to_string(h) + " (" + at->second.name + ") was completed twice");
        return nullptr;
    }
    return &at->second;
}

mortise_status complete(void* ctx,
                        mortise_handle call,
                        const mortise_payload* result,
                        mortise_handle content) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_CALL)) return MORTISE_E_STATE;
    fake_call* open = open_call(c, call, "completed");
    if (!open) return MORTISE_E_STATE;
    if (content && !c.take_from_plugin(content, "a call's result")) return MORTISE_E_ARGUMENT;
    open->outcome.done = true;
    open->outcome.content = content;
    if (result && result->data.len != 0) {
        try {
            open->outcome.result = parse_json(view(*result));
        } catch (const error& e) {
            c.violation("call " + std::to_string(call) + " (" + open->name +
                        ") was completed with a text outside the JSON profile: " + e.message);
        }
    }
    return MORTISE_OK;
}

mortise_status fail(void* ctx, mortise_handle call, const mortise_error* e) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_CALL)) return MORTISE_E_STATE;
    fake_call* open = open_call(c, call, "failed");
    if (!open) return MORTISE_E_STATE;
    open->outcome.done = true;
    open->outcome.failure =
        e ? from_c(*e) : error(category::internal, "host.call.no-reason", "no reason was given");
    return MORTISE_OK;
}

std::uint32_t cancelled(void* ctx, mortise_handle call) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    const auto at = c.calls.find(call);
    if (at == c.calls.end() || at->second.outcome.done || at->second.cancelled) return 1;
    return at->second.deadline_ns != 0 && c.mono_ns >= at->second.deadline_ns ? 1 : 0;
}

} // namespace

void fill_call(fake_instance& i) {
    i.tables.call = {sizeof(mortise_svc_call), 0, &i, &complete, &fail, &cancelled};
}

} // namespace mortise::testing
