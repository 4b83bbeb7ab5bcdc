// SPDX-License-Identifier: Apache-2.0
#include "ops.hpp"
#include "tables.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/call.hpp>
#include <mortise/sdk/schema.hpp>
#include <mortise/sdk/services.hpp>

namespace mortise {

using detail::needed;

bool logger::enabled(std::uint32_t level) const noexcept {
    return service_ && service_->enabled(service_->ctx, level) != 0;
}

void logger::write(std::uint32_t level,
                   std::string_view message,
                   const json::object& fields) const {
    if (!enabled(level)) return;
    const std::string text = fields.empty() ? std::string() : serialize_json(fields);
    service_->write(service_->ctx, level, c_str_of(message), c_str_of(text));
}

namespace {

struct text_sink {
    std::optional<std::string> text;
    bool no_memory = false;
    static void put(void* ctx, mortise_payload value) noexcept {
        auto* self = static_cast<text_sink*>(ctx);
        try {
            self->text.emplace(view(value));
        } catch (...) {
            self->no_memory = true;
        }
    }
};

} // namespace

std::string secret_reader::read(const secret_ref& ref) const {
    const auto& svc = needed(service_, MORTISE_SVC_SECRET);
    if (ref.empty()) {
        throw error(category::config, "sdk.secret.unset",
                    "A secret that is needed is not set in the configuration.");
    }
    text_sink out;
    detail::error_capture details;
    const mortise_sink sink{&out, &text_sink::put};
    const mortise_status st = svc.read(svc.ctx, c_str_of(ref.name), sink, details.sink());
    if (st != MORTISE_OK) {
        if (details.value) throw std::move(*details.value);
        throw detail::refusal(st, "reading the secret \"" + ref.name + "\"");
    }
    if (out.no_memory) throw std::bad_alloc();
    if (!out.text) {
        throw error(category::internal, "sdk.secret.nothing",
                    "The host gave no value for the secret \"" + ref.name + "\".");
    }
    return std::move(*out.text);
}

task<std::optional<stored_value>> state_store::get_from(const mortise_svc_state* s,
                                                        std::string key) {
    const auto& svc = needed(s, MORTISE_SVC_STATE);
    auto start = [&](void* user) {
        return svc.get(svc.ctx, c_str_of(key), &detail::state_op::on_state, user);
    };
    detail::request<detail::state_op, decltype(start)> op(start);
    co_await op;
    op.check("reading state \"" + key + "\"");
    if (op.version == 0 || !op.text) co_return std::nullopt;
    stored_value out;
    parse_options options;
    options.blame = category::internal;
    options.what = "stored state";
    out.value = parse_json(*op.text, options);
    out.key = std::move(key);
    out.version = op.version;
    co_return std::optional<stored_value>(std::move(out));
}

task<std::uint64_t> state_store::put_to(const mortise_svc_state* s,
                                        std::string key,
                                        std::optional<json::value> value,
                                        std::uint64_t expected) {
    const auto& svc = needed(s, MORTISE_SVC_STATE);
    const std::string text = value ? serialize_json(*value) : std::string();
    const mortise_payload payload = json_payload(text);
    auto start = [&](void* user) {
        return svc.put(svc.ctx, c_str_of(key), value ? &payload : nullptr, expected,
                       &detail::state_op::on_state, user);
    };
    detail::request<detail::state_op, decltype(start)> op(start);
    co_await op;
    op.check("writing state \"" + key + "\"");
    co_return op.version;
}

task<std::vector<stored_value>> state_store::list_from(const mortise_svc_state* s,
                                                       std::string prefix,
                                                       std::string after,
                                                       std::uint64_t limit) {
    const auto& svc = needed(s, MORTISE_SVC_STATE);
    auto start = [&](void* user) {
        return svc.list(svc.ctx, c_str_of(prefix), c_str_of(after), limit,
                        &detail::result_op::on_result, user);
    };
    detail::request<detail::result_op, decltype(start)> op(start);
    co_await op;
    op.check("listing state");
    std::vector<stored_value> out;
    if (!op.text) co_return out;
    parse_options options;
    options.blame = category::internal;
    options.what = "listed state";
    const json::value listed = parse_json(*op.text, options);
    for (const auto& item : require_array(listed, "", category::internal)) {
        stored_value& v = out.emplace_back();
        v.key = require_string(item, "key", category::internal);
        v.version = static_cast<std::uint64_t>(require_int(item, "version", category::internal));
        v.value = require(item, "value", category::internal);
    }
    co_return out;
}

time_point time_source::now() const {
    const auto& svc = needed(service_, MORTISE_SVC_TIME);
    return time_point(std::chrono::milliseconds(svc.now_unix_ms(svc.ctx)));
}

std::uint64_t time_source::now_mono_ns() const {
    const auto& svc = needed(service_, MORTISE_SVC_TIME);
    return svc.now_mono_ns(svc.ctx);
}

task<void>
time_source::sleep_on(const mortise_svc_time* s, call_context* call, std::chrono::milliseconds d) {
    const auto& svc = needed(s, MORTISE_SVC_TIME);
    if (call) call->throw_if_cancelled();
    const std::uint64_t ms = d.count() > 0 ? static_cast<std::uint64_t>(d.count()) : 0;
    mortise_handle timer = 0;
    // Gives the timer back on every way out, also when the frame is destroyed.
    struct guard {
        const mortise_svc_time& svc;
        call_context* call;
        mortise_handle& timer;
        bool fired = false;
        ~guard() {
            if (timer && call) call->unwatch(call_context::pending::timer, timer);
            if (timer && !fired) svc.cancel_timer(svc.ctx, timer);
        }
    } cleanup{svc, call, timer};
    auto start = [&](void* user) -> mortise_status {
        timer = svc.timer(svc.ctx, ms, &detail::timer_op::on_timer, user);
        if (timer && call) call->watch(call_context::pending::timer, timer);
        return timer ? MORTISE_OK : MORTISE_E_STATE;
    };
    detail::request<detail::timer_op, decltype(start)> op(start);
    co_await op;
    cleanup.fired = true;
    op.check("a timer");
    if (call) call->throw_if_cancelled();
    if (op.was_cancelled) {
        error e(category::cancelled, "sdk.sleep.cancelled", "The wait was ended early.");
        e.effect = effect::none;
        throw e;
    }
}

void metric::add(std::int64_t value) const noexcept {
    if (service_ && handle_) service_->add(service_->ctx, handle_, value);
}

void metric::observe(double value) const noexcept {
    if (service_ && handle_) service_->observe(service_->ctx, handle_, value);
}

metric metric_set::define(std::uint32_t kind, std::string_view name, std::string_view help) const {
    if (!service_) return {};
    return {service_, service_->define(service_->ctx, kind, c_str_of(name), c_str_of(help))};
}

metric metric_set::counter(std::string_view name, std::string_view help) const {
    return define(MORTISE_METRIC_COUNTER, name, help);
}
metric metric_set::gauge(std::string_view name, std::string_view help) const {
    return define(MORTISE_METRIC_GAUGE, name, help);
}
metric metric_set::histogram(std::string_view name, std::string_view help) const {
    return define(MORTISE_METRIC_HISTOGRAM, name, help);
}

content_stream content_store::create(std::string_view media_type,
                                     std::optional<std::uint64_t> length,
                                     const call_context* on_behalf_of) const {
    const auto& svc = needed(service_, MORTISE_SVC_CONTENT);
    const mortise_handle h = svc.create(svc.ctx, on_behalf_of ? on_behalf_of->handle() : 0,
                                        c_str_of(media_type), length.value_or(UINT64_MAX));
    if (!h) throw detail::refusal(MORTISE_E_LIMIT, "a new content stream");
    return {service_, h};
}

} // namespace mortise
