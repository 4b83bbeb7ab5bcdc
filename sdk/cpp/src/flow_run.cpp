// SPDX-License-Identifier: Apache-2.0
#include "flow_steps.hpp"

#include <mortise/log.h>
#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/flow_run.hpp>

#include <array>

namespace mortise {

json::value detail::value_of(const std::optional<std::string>& text, std::string_view what) {
    if (!text || text->empty()) return nullptr;
    parse_options options;
    options.what = what;
    return parse_json(*text, options);
}

namespace {

using detail::step_op;
using detail::value_of;

task<step_reply> call_step(detail::run_core& core,
                           std::string key,
                           std::string role,
                           std::string operation,
                           json::value input,
                           content_stream content) {
    const mortise_svc_flow& svc = core.service;
    const std::string text = serialize_json(input);
    const mortise_payload in = json_payload(text);
    auto start = [&](void* user) {
        const mortise_status st =
            svc.call(svc.ctx, core.handle, c_str_of(key), c_str_of(role), c_str_of(operation), &in,
                     content.handle(), &detail::result_op::on_result, user);
        if (st == MORTISE_OK) content.release();
        return st;
    };
    detail::request<step_op, decltype(start)> op(start);
    op.content_service = core.content;
    co_await op;
    step_reply reply;
    reply.content = content_stream(core.content, op.content);
    op.check("step \"" + key + "\" (" + role + " " + operation + ")");
    reply.value = value_of(op.text, "the result of step \"" + key + "\"");
    co_return std::move(reply);
}

task<json::value> call_value(detail::run_core& core,
                             std::string key,
                             std::string role,
                             std::string operation,
                             json::value input) {
    step_reply reply = co_await call_step(core, std::move(key), std::move(role),
                                          std::move(operation), std::move(input), {});
    co_return std::move(reply.value);
}

task<result<json::value>> call_result(task<json::value> work) {
    std::optional<error> failed;
    try {
        json::value value = co_await std::move(work);
        co_return result<json::value>(std::move(value));
    } catch (const error& e) {
        failed = e;
    }
    co_return result<json::value>(std::move(*failed));
}

task<void> sleep_step(detail::run_core& core, std::string key, time_point t) {
    const mortise_svc_flow& svc = core.service;
    const std::int64_t ms =
        std::chrono::ceil<std::chrono::milliseconds>(t.time_since_epoch()).count();
    auto start = [&](void* user) {
        return svc.sleep_until(svc.ctx, core.handle, c_str_of(key), ms, &detail::done_op::on_done,
                               user);
    };
    detail::request<detail::done_op, decltype(start)> op(start);
    co_await op;
    op.check("step \"" + key + "\" (sleep)");
}

task<json::value> record_step(detail::run_core& core, std::string key, json::value value) {
    const mortise_svc_flow& svc = core.service;
    const std::string text = serialize_json(value);
    const mortise_payload payload = json_payload(text);
    auto start = [&](void* user) {
        return svc.record(svc.ctx, core.handle, c_str_of(key), &payload,
                          &detail::result_op::on_result, user);
    };
    detail::request<detail::result_op, decltype(start)> op(start);
    co_await op;
    op.check("step \"" + key + "\" (record)");
    co_return value_of(op.text, "a recorded value");
}

using link_fn = decltype(mortise_svc_flow::link_put);

task<json::value>
link_step(detail::run_core& core, link_fn what, std::string key, std::string relation, link l) {
    const mortise_svc_flow& svc = core.service;
    const std::string text = serialize_json(l.data);
    mortise_link c{};
    c.struct_size = sizeof(c);
    c.relation = c_str_of(relation);
    c.a = c_str_of(l.a);
    c.b = c_str_of(l.b);
    c.data = json_payload(text);
    auto start = [&](void* user) {
        return what(svc.ctx, core.handle, c_str_of(key), &c, &detail::result_op::on_result, user);
    };
    detail::request<detail::result_op, decltype(start)> op(start);
    co_await op;
    op.check("step \"" + key + "\" (link " + relation + ")");
    co_return value_of(op.text, "links");
}

task<void> no_value(task<json::value> work) {
    co_await std::move(work);
}

task<std::vector<link>> links_of(task<json::value> work) {
    const json::value found = co_await std::move(work);
    std::vector<link> out;
    if (found.is_null()) co_return out;
    for (const auto& item : require_array(found, "", category::internal)) {
        link& l = out.emplace_back();
        l.a = require_string(item, "a", category::internal);
        l.b = optional_string(item, "b", category::internal).value_or("");
        if (const auto* data = find_json(item, "data")) l.data = *data;
    }
    co_return std::move(out);
}

task<state_value> state_get_step(detail::run_core& core, std::string step, std::string key) {
    const mortise_svc_flow& svc = core.service;
    auto start = [&](void* user) {
        return svc.state_get(svc.ctx, core.handle, c_str_of(step), c_str_of(key),
                             &detail::result_op::on_result, user);
    };
    detail::request<detail::result_op, decltype(start)> op(start);
    co_await op;
    op.check("step \"" + step + "\" (state " + key + ")");
    state_value out;
    const json::value got = value_of(op.text, "a state value");
    if (got.is_null()) co_return std::move(out);
    if (const auto* v = find_json(got, "value")) out.value = *v;
    out.version = static_cast<std::uint64_t>(require_int(got, "version", category::internal));
    co_return std::move(out);
}

task<void> state_put_step(detail::run_core& core,
                          std::string step,
                          std::string key,
                          std::optional<json::value> value,
                          std::uint64_t expected) {
    const mortise_svc_flow& svc = core.service;
    const std::string text = value ? serialize_json(*value) : std::string();
    const mortise_payload payload = json_payload(text);
    auto start = [&](void* user) {
        return svc.state_put(svc.ctx, core.handle, c_str_of(step), c_str_of(key),
                             value ? &payload : nullptr, expected, &detail::result_op::on_result,
                             user);
    };
    detail::request<detail::result_op, decltype(start)> op(start);
    co_await op;
    op.check("step \"" + step + "\" (state " + key + ")");
}

std::uint64_t fnv1a(std::string_view text) noexcept {
    std::uint64_t h = 14695981039346656037ull;
    for (const char c : text)
        h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    return h;
}

link make_link(std::string_view a, std::string_view b) {
    link l;
    l.a = a;
    l.b = b;
    return l;
}

} // namespace

flow_run flow_run::scope(std::string_view name) const {
    return flow_run(*core_, key(name) + "/");
}

task<json::value> flow_run::call(std::string_view step,
                                 std::string_view role,
                                 std::string_view operation,
                                 json::value input) const {
    return call_value(*core_, key(step), std::string(role), std::string(operation),
                      std::move(input));
}

task<result<json::value>> flow_run::try_call(std::string_view step,
                                             std::string_view role,
                                             std::string_view operation,
                                             json::value input) const {
    return call_result(call(step, role, operation, std::move(input)));
}

task<step_reply> flow_run::call_with_content(std::string_view step,
                                             std::string_view role,
                                             std::string_view operation,
                                             json::value input,
                                             content_stream content) const {
    return call_step(*core_, key(step), std::string(role), std::string(operation), std::move(input),
                     std::move(content));
}

task<void> flow_run::sleep_until(std::string_view step, time_point t) const {
    return sleep_step(*core_, key(step), t);
}
task<void> flow_run::sleep_for(std::string_view step, std::chrono::milliseconds d) const {
    return sleep_step(*core_, key(step), now() + d);
}
task<event> flow_run::wait_event(std::string_view step, event_wait wait) const {
    return detail::wait_for_event(*core_, key(step), std::move(wait));
}
task<json::value> flow_run::spawn(std::string_view step, child c) const {
    return detail::spawn_step(*core_, key(step), std::move(c));
}
task<json::value> flow_run::record(std::string_view step, json::value value) const {
    return record_step(*core_, key(step), std::move(value));
}

task<void> flow_run::link_put(std::string_view step, std::string_view relation, link l) const {
    return no_value(
        link_step(*core_, core_->service.link_put, key(step), std::string(relation), std::move(l)));
}
task<std::vector<link>>
flow_run::link_find(std::string_view step, std::string_view relation, std::string_view a) const {
    return links_of(link_step(*core_, core_->service.link_find, key(step), std::string(relation),
                              make_link(a, {})));
}
task<std::vector<link>>
flow_run::link_find_b(std::string_view step, std::string_view relation, std::string_view b) const {
    return links_of(link_step(*core_, core_->service.link_find, key(step), std::string(relation),
                              make_link({}, b)));
}
task<void>
flow_run::link_remove(std::string_view step, std::string_view relation, std::string_view a) const {
    return no_value(link_step(*core_, core_->service.link_remove, key(step), std::string(relation),
                              make_link(a, {})));
}

task<state_value> flow_run::state_get(std::string_view step, std::string_view name) const {
    return state_get_step(*core_, key(step), std::string(name));
}
task<void> flow_run::state_put(std::string_view step,
                               std::string_view name,
                               std::optional<json::value> value,
                               std::uint64_t expected_version) const {
    return state_put_step(*core_, key(step), std::string(name), std::move(value), expected_version);
}

time_point flow_run::now() const {
    const auto& svc = core_->service;
    return time_point(std::chrono::milliseconds(svc.now_unix_ms(svc.ctx, core_->handle)));
}

std::uint64_t flow_run::random() const {
    const auto& svc = core_->service;
    // Below 2^63; uuid() uses the numbers above.
    return svc.random(svc.ctx, core_->handle, core_->random_used++);
}

std::string flow_run::uuid(std::string_view name) const {
    const auto& svc = core_->service;
    constexpr std::uint64_t upper_half = 1ull << 63u;
    const std::uint64_t n = fnv1a(key(name));
    std::array<std::uint64_t, 2> bits{
        svc.random(svc.ctx, core_->handle, upper_half | n),
        svc.random(svc.ctx, core_->handle, upper_half | (n * 31 + 7))};
    bits[0] = (bits[0] & ~0xF000ull) | 0x4000ull;         // version 4
    bits[1] = (bits[1] & ~(3ull << 62u)) | (2ull << 62u); // variant 1
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (unsigned i = 0; i < 32; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
        out += digits[bits[i / 16] >> (60 - 4 * (i % 16)) & 15u];
    }
    return out;
}

void flow_run::log(std::uint32_t level,
                   std::string_view message,
                   const json::object& fields) const {
    const auto& svc = core_->service;
    const std::string text = fields.empty() ? std::string() : serialize_json(fields);
    svc.log(svc.ctx, core_->handle, level, c_str_of(message), c_str_of(text));
}
void flow_run::info(std::string_view message, const json::object& fields) const {
    log(MORTISE_LOG_INFO, message, fields);
}
void flow_run::warn(std::string_view message, const json::object& fields) const {
    log(MORTISE_LOG_WARN, message, fields);
}
bool flow_run::cancelled() const noexcept {
    return core_->cancel_requested;
}

} // namespace mortise
