// SPDX-License-Identifier: Apache-2.0
// Content from one connection to another as one step.
#include "flow_steps.hpp"

namespace mortise {

task<transfer_report>
flow_run::transfer(std::string_view step, transfer_end source, transfer_end target) const {
    return detail::transfer_step(*core_, key(step), std::move(source), std::move(target));
}

namespace detail {
namespace {

mortise_transfer_end end_of(const transfer_end& e, const std::string& input) {
    mortise_transfer_end out{};
    out.struct_size = sizeof(out);
    out.role = c_str_of(e.role);
    out.operation = c_str_of(e.operation);
    out.input = json_payload(input);
    return out;
}

transfer_report report_of(const json::value& found) {
    transfer_report out;
    // A look-up that found it done answers what the target's operation would have.
    const json::value* target = found.is_object() ? find_json(found, "target") : nullptr;
    if (!target || !find_json(found, "verified")) {
        out.target = found;
        out.verified = "none";
        return out;
    }
    out.target = *target;
    if (const auto* v = find_json(found, "source")) out.source = *v;
    if (const auto* v = find_json(found, "size"); v && v->is_number())
        out.size = v->to_number<std::uint64_t>();
    out.sha256 = optional_string(found, "sha256", category::internal).value_or("");
    out.verified = require_string(found, "verified", category::internal);
    return out;
}

} // namespace

task<transfer_report>
transfer_step(run_core& core, std::string key, transfer_end source, transfer_end target) {
    const mortise_svc_flow& svc = core.service;
    if (!svc.transfer) {
        error e(category::config, "sdk.transfer.unsupported",
                "step \"" + key +
                    "\": this host cannot transfer content; it needs a host of plugin ABI 1.2 or "
                    "later.");
        e.effect = effect::none;
        throw e;
    }
    const std::string from_input = serialize_json(source.input);
    const std::string to_input = serialize_json(target.input);
    const mortise_transfer_end from = end_of(source, from_input);
    const mortise_transfer_end to = end_of(target, to_input);
    auto start = [&](void* user) {
        return svc.transfer(svc.ctx, core.handle, c_str_of(key), &from, &to, &result_op::on_result,
                            user);
    };
    request<step_op, decltype(start)> op(start);
    op.content_service = core.content;
    co_await op;
    op.check("step \"" + key + "\" (transfer from " + source.role + " " + source.operation +
             " to " + target.role + " " + target.operation + ")");
    co_return report_of(value_of(op.text, "the result of transfer \"" + key + "\""));
}

} // namespace detail
} // namespace mortise
