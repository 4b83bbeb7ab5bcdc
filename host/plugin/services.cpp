// SPDX-License-Identifier: Apache-2.0
#include "plugin/services.hpp"

#include "base/handles.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "journal/journal.hpp"

#include <mortise/sdk/abi.hpp>

#include <boost/json.hpp>

#include <array>

namespace mortise::host {
namespace {

log_level level_of(std::uint32_t level) {
    return level <= MORTISE_LOG_ERROR ? static_cast<log_level>(level) : log_level::info;
}

constexpr std::size_t max_state_key = 256;
constexpr std::size_t max_state_value = 64 * 1024;

} // namespace

// ---- log, config, secret ----

#define MORTISE_SERVICES(ctx) (*static_cast<plugin_instance::services*>(ctx))

void plugin_instance::services::fill_tables() {

    log.struct_size = sizeof(log);
    log.ctx = this;
    log.enabled = [](void*, std::uint32_t level) -> std::uint32_t {
        return host::log_enabled(level_of(level)) ? 1 : 0;
    };
    log.write = [](void* ctx, std::uint32_t level, mortise_str message, mortise_str fields) {
        const auto& s = MORTISE_SERVICES(ctx).self;
        host::log(level_of(level), view(message),
                  {{"instance", s.name()}, {"plugin", s.plugin_id()}}, view(fields));
    };

    config.struct_size = sizeof(config);
    config.ctx = this;
    config.get = [](void* ctx, mortise_sink out) -> mortise_status {
        if (out.put == nullptr) return MORTISE_E_ARGUMENT;
        out.put(out.ctx, json_payload(MORTISE_SERVICES(ctx).self.settings_.config));
        return MORTISE_OK;
    };

    secret.struct_size = sizeof(secret);
    secret.ctx = this;
    secret.read = [](void* ctx, mortise_str name, mortise_sink out,
                     mortise_error_sink err) -> mortise_status {
        const auto& settings = MORTISE_SERVICES(ctx).self.settings_;
        if (out.put == nullptr) return MORTISE_E_ARGUMENT;
        const auto wanted = view(name);
        if (!wanted.starts_with(settings.secret_prefix) ||
            settings.secrets->find(wanted) == nullptr) {
            return refuse(err, MORTISE_E_DENIED,
                          {category::denied, "secret.not-mentioned",
                           "the configuration of \"" + settings.name + "\" mentions no secret \"" +
                               std::string(wanted) + "\""});
        }
        const auto value = settings.secrets->resolve(wanted);
        if (!value) return refuse(err, MORTISE_E_FAILED, value.error());
        out.put(out.ctx, {c_str_of("text/plain"), c_bytes_of(value->view())});
        return MORTISE_OK;
    };

    // ---- state
    // -----------------------------------------------------------------------------------

    state.struct_size = sizeof(state);
    state.ctx = this;
    state.get = [](void* ctx, mortise_str key, mortise_state_fn done,
                   void* user) -> mortise_status {
        auto& s = MORTISE_SERVICES(ctx);
        if (done == nullptr || key.len == 0 || key.len > max_state_key) return MORTISE_E_ARGUMENT;
        if (!s.owe()) return MORTISE_E_STATE;
        result<state_value> got = state_value{};
        try {
            s.self.env_.store.read([&](journal_reader& r) {
                got = r.state_get(s.self.settings_.state_scope, view(key));
            });
        } catch (const journal_failure& failure) {
            got = failure.get();
        }
        s.pay(
            [got = std::move(got), done, user] {
                if (!got) {
                    const auto why = got.error();
                    const auto e = to_c(why); // views into it
                    done(user, nullptr, 0, &e);
                } else if (got->version == 0) {
                    done(user, nullptr, 0, nullptr);
                } else {
                    const auto value = json_payload(got->value);
                    done(user, &value, got->version, nullptr);
                }
            },
            "state value");
        return MORTISE_OK;
    };
    state.put = [](void* ctx, mortise_str key, const mortise_payload* value, std::uint64_t expected,
                   mortise_state_fn done, void* user) -> mortise_status {
        auto& s = MORTISE_SERVICES(ctx);
        if (done == nullptr || key.len == 0 || key.len > max_state_key) return MORTISE_E_ARGUMENT;
        if (value != nullptr && value->data.len > max_state_value) return MORTISE_E_LIMIT;
        if (!s.owe()) return MORTISE_E_STATE;
        struct put_state {
            std::string scope, key, value;
            result<std::uint64_t> outcome = std::uint64_t{0};
        };
        auto put = std::make_shared<put_state>();
        put->scope = s.self.settings_.state_scope;
        put->key = view(key);
        if (value != nullptr) put->value = view(*value);
        s.self.env_.store.write(
            [put, expected](journal_tx& tx) {
                put->outcome = tx.state_put(put->scope, put->key, put->value, expected);
            },
            [put, keep = s.self.shared_from_this(), done, user,
             subject = log_scope::current()](const result<void>& committed) {
                const log_scope scope(subject);
                if (!committed) put->outcome = committed.error();
                keep->services_->pay(
                    [put, done, user] {
                        if (put->outcome) {
                            done(user, nullptr, *put->outcome, nullptr);
                        } else {
                            const auto why = put->outcome.error();
                            const auto e = to_c(why); // views into it
                            done(user, nullptr, 0, &e);
                        }
                    },
                    "state written");
            });
        return MORTISE_OK;
    };
    state.list = [](void* ctx, mortise_str prefix, mortise_str after, std::uint64_t limit,
                    mortise_result_fn done, void* user) -> mortise_status {
        auto& s = MORTISE_SERVICES(ctx);
        if (done == nullptr) return MORTISE_E_ARGUMENT;
        if (!s.owe()) return MORTISE_E_STATE;
        result<std::string> text = std::string();
        try {
            s.self.env_.store.read([&](journal_reader& r) {
                std::string out = "[";
                for (const auto& v : r.state_list(
                         s.self.settings_.state_scope, view(prefix), view(after),
                         static_cast<std::uint32_t>(std::clamp<std::uint64_t>(limit, 1, 1000)))) {
                    if (out.size() > 1) out += ',';
                    out += "{\"key\":" + boost::json::serialize(boost::json::string_view(v.key)) +
                           ",\"version\":" + std::to_string(v.version) + ",\"value\":" + v.value +
                           '}';
                }
                text = out + ']';
            });
        } catch (const journal_failure& failure) {
            text = failure.get();
        }
        s.pay(
            [text = std::move(text), done, user] {
                if (!text) {
                    const auto why = text.error();
                    const auto e = to_c(why); // views into it
                    done(user, nullptr, 0, &e);
                } else {
                    const auto value = json_payload(*text);
                    done(user, &value, 0, nullptr);
                }
            },
            "state list");
        return MORTISE_OK;
    };

    // ---- time
    // ------------------------------------------------------------------------------------

    time.struct_size = sizeof(time);
    time.ctx = this;
    time.now_unix_ms = [](void* ctx) -> std::int64_t {
        return MORTISE_SERVICES(ctx).self.env_.time.now_unix_ms();
    };
    time.now_mono_ns = [](void* ctx) -> std::uint64_t {
        return MORTISE_SERVICES(ctx).self.env_.time.now_mono_ns();
    };
    time.timer = [](void* ctx, std::uint64_t after_ms, mortise_timer_fn cb,
                    void* user) -> mortise_handle {
        auto& s = MORTISE_SERVICES(ctx);
        if (cb == nullptr || !s.owe()) return 0;
        const auto handle = next_handle();
        // The timer is only touched under the lock or from the strand's handlers it schedules.
        auto timer = std::make_shared<boost::asio::steady_timer>(s.strand);
        const std::lock_guard lock(s.guard);
        timer->expires_after(
            std::chrono::milliseconds(std::min<std::uint64_t>(after_ms, 1ull << 40)));
        timer->async_wait([keep = s.self.shared_from_this(), handle, cb, user,
                           subject = log_scope::current()](boost::system::error_code ec) {
            const log_scope scope(subject);
            auto& owner = *keep->services_;
            {
                const std::lock_guard erase(owner.guard);
                owner.timers.erase(handle);
            }
            keep->guarded("timer", [&] { cb(user, ec ? 1u : 0u); });
            owner.settle();
        });
        s.timers.emplace(handle, std::move(timer));
        return handle;
    };
    time.cancel_timer = [](void* ctx, mortise_handle handle) {
        auto& s = MORTISE_SERVICES(ctx);
        const std::lock_guard lock(s.guard);
        if (const auto it = s.timers.find(handle); it != s.timers.end()) it->second->cancel();
    };
    time.post = [](void* ctx, mortise_timer_fn cb, void* user) -> mortise_status {
        auto& s = MORTISE_SERVICES(ctx);
        if (cb == nullptr) return MORTISE_E_ARGUMENT;
        if (!s.owe()) return MORTISE_E_STATE;
        s.pay([cb, user] { cb(user, 0); }, "posted call");
        return MORTISE_OK;
    };

    // ---- metric
    // ----------------------------------------------------------------------------------

    metric.struct_size = sizeof(metric);
    metric.ctx = this;
    metric.define = [](void* ctx, std::uint32_t kind, mortise_str name,
                       mortise_str help) -> mortise_handle {
        auto& s = MORTISE_SERVICES(ctx);
        const auto text = view(name);
        const bool good =
            !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
                                 std::string_view::npos;
        const std::lock_guard lock(s.guard);
        if (!good || kind > MORTISE_METRIC_HISTOGRAM || s.metrics_frozen) return 0;
        const auto& settings = s.self.settings_;
        auto full = "mortise_plugin_" + std::string(text);
        // What reads the metrics takes a counter's name for granted (Prometheus' conventions).
        if (kind == MORTISE_METRIC_COUNTER && !full.ends_with("_total")) full += "_total";
        auto& m = s.self.env_.metrics.get(static_cast<metric_kind>(kind), full, view(help),
                                          metric_label("instance", settings.name) + ',' +
                                              metric_label("plugin", settings.plugin_id));
        s.metrics.push_back(&m);
        return s.metrics.size();
    };
    metric.add = [](void* ctx, mortise_handle handle, std::int64_t value) {
        auto& s = MORTISE_SERVICES(ctx);
        class metric* m = nullptr;
        {
            const std::lock_guard lock(s.guard);
            if (handle == 0 || handle > s.metrics.size()) return;
            m = s.metrics[handle - 1];
        }
        if (m->kind() == metric_kind::counter && value < 0) return;
        m->add(static_cast<double>(value));
    };
    metric.observe = [](void* ctx, mortise_handle handle, double value) {
        auto& s = MORTISE_SERVICES(ctx);
        class metric* m = nullptr;
        {
            const std::lock_guard lock(s.guard);
            if (handle == 0 || handle > s.metrics.size()) return;
            m = s.metrics[handle - 1];
        }
        if (m->kind() != metric_kind::counter) m->observe(value);
    };

    fill_http();
    fill_content();
}

} // namespace mortise::host
