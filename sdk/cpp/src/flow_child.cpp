// SPDX-License-Identifier: Apache-2.0
// Starting a child run and waiting for its result.
#include "flow_steps.hpp"

namespace mortise::detail {

task<json::value> spawn_step(run_core& core, std::string key, child c) {
    const mortise_svc_flow& svc = core.service;
    if (!svc.spawn) {
        error e(category::config, "sdk.spawn.unsupported",
                "step \"" + key +
                    "\": this host cannot start child runs; it needs a host of "
                    "plugin ABI 1.1 or later.");
        e.effect = effect::none;
        throw e;
    }
    const std::string text = serialize_json(c.data);
    mortise_spawn s{};
    s.struct_size = sizeof(s);
    s.flow = c_str_of(c.flow);
    s.event_type = c_str_of(c.event_type);
    s.key = c_str_of(c.key);
    s.data = json_payload(text);
    auto start = [&](void* user) {
        return svc.spawn(svc.ctx, core.handle, c_str_of(key), &s, &result_op::on_result, user);
    };
    request<step_op, decltype(start)> op(start);
    op.content_service = core.content;
    co_await op;
    const content_stream none_expected(core.content, op.content);
    op.check("step \"" + key + "\" (child run of " +
             (c.flow.empty() ? "the same flow" : "\"" + c.flow + "\"") + ")");
    co_return value_of(op.text, "the result of the child run of step \"" + key + "\"");
}

} // namespace mortise::detail
