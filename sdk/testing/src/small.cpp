// SPDX-License-Identifier: Apache-2.0
// log, config, secret, state, time, metric, trigger.
#include "core.hpp"

namespace mortise::testing {
namespace {

core& core_of(void* ctx) noexcept {
    return *instance_of(ctx).owner;
}

std::uint32_t log_enabled(void*, std::uint32_t) noexcept {
    return 1;
}

void log_write(void* ctx, std::uint32_t level, mortise_str message, mortise_str fields) noexcept {
    core& c = core_of(ctx);
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_LOG)) return;
    c.log.push_back({level, std::string(view(message)), std::string(view(fields))});
}

mortise_status config_get(void* ctx, mortise_sink out) noexcept {
    if (!core_of(ctx).alive(ctx, MORTISE_SVC_CONFIG)) return MORTISE_E_STATE;
    out.put(out.ctx, json_payload(instance_of(ctx).config));
    return MORTISE_OK;
}

mortise_status
secret_read(void* ctx, mortise_str name, mortise_sink out, mortise_error_sink err) noexcept {
    core& c = core_of(ctx);
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_SECRET)) return MORTISE_E_STATE;
    const auto at = c.secrets.find(view(name));
    if (at == c.secrets.end()) {
        return refuse(err, MORTISE_E_DENIED, category::config, "host.secret.unknown",
                      "There is no secret \"" + std::string(view(name)) + "\".");
    }
    out.put(out.ctx, {c_str_of("text/plain"), c_bytes_of(at->second)});
    return MORTISE_OK;
}

mortise_status state_get(void* ctx, mortise_str key, mortise_state_fn done, void* user) noexcept {
    core& c = core_of(ctx);
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_STATE)) return MORTISE_E_STATE;
    c.post([&i = instance_of(ctx), key = std::string(view(key)), done, user] {
        const auto at = i.state.find(key);
        if (at == i.state.end()) {
            done(user, nullptr, 0, nullptr);
            return;
        }
        const std::string text = serialize_json(at->second.value);
        const mortise_payload p = json_payload(text);
        done(user, &p, at->second.version, nullptr);
    });
    return MORTISE_OK;
}

mortise_status state_put(void* ctx,
                         mortise_str key,
                         const mortise_payload* value,
                         std::uint64_t expected,
                         mortise_state_fn done,
                         void* user) noexcept {
    core& c = core_of(ctx);
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_STATE)) return MORTISE_E_STATE;
    if (key.len == 0 || key.len > 256) return MORTISE_E_ARGUMENT;
    if (value && value->data.len > 64 * 1024) return MORTISE_E_LIMIT;
    std::optional<json::value> parsed;
    if (value) {
        try {
            parsed = parse_json(view(*value));
        } catch (const error&) {
            return MORTISE_E_ARGUMENT;
        }
    }
    c.post([&c, &i = instance_of(ctx), key = std::string(view(key)), parsed = std::move(parsed),
            expected, done, user] {
        const auto at = i.state.find(key);
        const std::uint64_t now = at == i.state.end() ? 0 : at->second.version;
        if (expected != MORTISE_STATE_ANY && expected != now) {
            error e(category::conflict, "host.state.version", "Another version is stored.");
            e.effect = effect::none;
            const c_error held(std::move(e));
            done(user, nullptr, now, held.get());
            return;
        }
        std::uint64_t version = 0;
        if (parsed) {
            version = c.next_handle();
            i.state[key] = {key, *parsed, version};
        } else {
            i.state.erase(key);
        }
        done(user, nullptr, version, nullptr);
    });
    return MORTISE_OK;
}

mortise_status state_list(void* ctx,
                          mortise_str prefix,
                          mortise_str after,
                          std::uint64_t limit,
                          mortise_result_fn done,
                          void* user) noexcept {
    core& c = core_of(ctx);
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_STATE)) return MORTISE_E_STATE;
    if (limit == 0 || limit > 1000) return MORTISE_E_ARGUMENT;
    c.post([&i = instance_of(ctx), prefix = std::string(view(prefix)),
            after = std::string(view(after)), limit, done, user] {
        json::array out;
        for (const auto& [key, stored] : i.state) {
            if (out.size() == limit) break;
            if (!key.starts_with(prefix) || key <= after) continue;
            out.push_back({{"key", key}, {"version", stored.version}, {"value", stored.value}});
        }
        const std::string text = serialize_json(out);
        const mortise_payload p = json_payload(text);
        done(user, &p, 0, nullptr);
    });
    return MORTISE_OK;
}

std::int64_t now_unix(void* ctx) noexcept {
    return core_of(ctx).unix_ms;
}
std::uint64_t now_mono(void* ctx) noexcept {
    return core_of(ctx).mono_ns;
}
mortise_handle
start_timer(void* ctx, std::uint64_t after_ms, mortise_timer_fn cb, void* user) noexcept {
    core& c = core_of(ctx);
    if (!c.alive(ctx, MORTISE_SVC_TIME)) return 0;
    return c.add_timer(instance_of(ctx), after_ms,
                       [cb, user](bool cancelled) { cb(user, cancelled ? 1 : 0); });
}
void cancel_timer(void* ctx, mortise_handle timer) noexcept {
    if (core_of(ctx).alive(ctx, MORTISE_SVC_TIME)) core_of(ctx).cancel_timer(timer);
}
mortise_status post(void* ctx, mortise_timer_fn cb, void* user) noexcept {
    core& c = core_of(ctx);
    if (!c.alive(ctx, MORTISE_SVC_TIME)) return MORTISE_E_STATE;
    c.post([cb, user] { cb(user, 0); });
    return MORTISE_OK;
}

mortise_handle define(void* ctx, std::uint32_t kind, mortise_str name, mortise_str) noexcept {
    core& c = core_of(ctx);
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_METRIC)) return 0;
    if (!instance_of(ctx).creating) {
        c.violation("the metric \"" + std::string(view(name)) + "\" was defined after create()");
        return 0;
    }
    const mortise_handle h = c.next_handle();
    c.metrics[h] = {std::string(view(name)), kind};
    return h;
}
void metric_add(void* ctx, mortise_handle m, std::int64_t value) noexcept {
    core& c = core_of(ctx);
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_METRIC) || !c.metrics.contains(m)) return;
    fake_metric& f = c.metrics[m];
    if (f.kind != MORTISE_METRIC_COUNTER || value > 0) f.value += static_cast<double>(value);
}
void metric_observe(void* ctx, mortise_handle m, double value) noexcept {
    core& c = core_of(ctx);
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_METRIC) || !c.metrics.contains(m)) return;
    fake_metric& f = c.metrics[m];
    f.value = f.kind == MORTISE_METRIC_HISTOGRAM ? f.value + 1 : value;
}

mortise_status emit(void* ctx,
                    mortise_handle trigger,
                    mortise_handle delivery,
                    const mortise_event* events,
                    std::uint64_t n,
                    mortise_bytes cursor,
                    mortise_done_fn done,
                    void* user) noexcept {
    fake_instance& i = instance_of(ctx);
    core& c = *i.owner;
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_TRIGGER)) return MORTISE_E_STATE;
    const auto at = i.triggers.find(trigger);
    if (at == i.triggers.end() || at->second.closed) {
        c.violation("events were emitted after the trigger had closed");
        return MORTISE_E_STATE;
    }
    if (delivery && (!c.calls.contains(delivery) || c.calls[delivery].outcome.done)) {
        c.violation("events were emitted for a delivery that is not open");
        return MORTISE_E_STATE;
    }
    if (c.emits_to_refuse > 0) {
        --c.emits_to_refuse;
        if (!c.hold_resume) {
            c.post([&i, trigger] {
                if (i.self) i.connector->resume(i.self, trigger);
            });
        }
        return MORTISE_E_LIMIT;
    }
    std::vector<event> taken;
    for (std::uint64_t k = 0; k < n; ++k) {
        if (events[k].content && !c.take_from_plugin(events[k].content, "an event")) {
            return MORTISE_E_ARGUMENT;
        }
        try {
            taken.push_back(from_c(events[k]));
        } catch (const error& e) {
            c.violation("an event's data is outside the JSON profile: " + e.message);
            return MORTISE_E_ARGUMENT;
        }
        if (taken.back().id.empty() || taken.back().type.empty()) {
            c.violation("an event without id or type was emitted");
            return MORTISE_E_ARGUMENT;
        }
    }
    std::optional<std::string> mark;
    if (cursor.ptr) mark.emplace(view(cursor));
    const bool backfill = delivery != 0 && c.calls[delivery].backfill;
    c.post([&i, trigger, backfill, taken = std::move(taken), mark = std::move(mark), done, user] {
        for (const auto& e : taken)
            i.events.push_back(e);
        fake_trigger& t = i.triggers[trigger];
        if (mark) (backfill ? t.position : t.cursor) = mark;
        done(user, MORTISE_OK, nullptr);
    });
    return MORTISE_OK;
}

} // namespace

void fill_small(fake_instance& i) {
    auto& t = i.tables;
    t.log = {sizeof(mortise_svc_log), 0, &i, &log_enabled, &log_write};
    t.config = {sizeof(mortise_svc_config), 0, &i, &config_get};
    t.secret = {sizeof(mortise_svc_secret), 0, &i, &secret_read};
    t.state = {sizeof(mortise_svc_state), 0, &i, &state_get, &state_put, &state_list};
    t.time = {
        sizeof(mortise_svc_time), 0, &i, &now_unix, &now_mono, &start_timer, &cancel_timer, &post};
    t.metric = {sizeof(mortise_svc_metric), 0, &i, &define, &metric_add, &metric_observe};
    t.trigger = {sizeof(mortise_svc_trigger), 0, &i, &emit};
}

} // namespace mortise::testing
