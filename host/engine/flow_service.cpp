// SPDX-License-Identifier: Apache-2.0
// mortise.flow/1: from C arguments to the run's functions.
#include "base/log.hpp"
#include "engine/active_run.hpp"
#include "engine/engine.hpp"
#include "engine/flow_instance.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/state.h>

#include <boost/json.hpp>

namespace mortise::host {
namespace {

std::string text(mortise_str s) {
    return std::string(view(s));
}
std::string quote(std::string_view s) {
    return boost::json::serialize(boost::json::string_view(s));
}

// Finds the run and refuses bad arguments alike for every function.
template <class Action>
mortise_status with_run(void* ctx, mortise_handle run, bool arguments_good, Action action) {
    if (!arguments_good) return MORTISE_E_ARGUMENT;
    const auto found = static_cast<flow_instance*>(ctx)->find_run(run);
    return found ? action(*found) : MORTISE_E_STATE;
}

std::string links_to_json(const std::vector<link_record>& links) {
    std::string out = "[";
    for (const auto& l : links) {
        if (out.size() > 1) out += ',';
        out += "{\"a\":" + quote(l.a) + ",\"b\":" + quote(l.b) +
               ",\"data\":" + (l.data.empty() ? "null" : l.data) + '}';
    }
    return out += ']';
}

link_record link_from(const mortise_link& l) {
    return {text(l.relation), text(l.a), text(l.b), std::string(view(l.data)), 0};
}

} // namespace

void fill_flow_service(mortise_svc_flow& table, flow_instance& instance) {
    table.struct_size = sizeof(table);
    table.ctx = &instance;
    table.call = [](void* ctx, mortise_handle run, mortise_str key, mortise_str role,
                    mortise_str operation, const mortise_payload* in, mortise_handle content,
                    mortise_result_fn done, void* user) -> mortise_status {
        return with_run(ctx, run, done != nullptr, [&](active_run& r) {
            return r.call(text(key), text(role), text(operation),
                          in != nullptr ? std::string(view(*in)) : "{}", content,
                          {done, nullptr, user});
        });
    };
    table.sleep_until = [](void* ctx, mortise_handle run, mortise_str key, std::int64_t until,
                           mortise_done_fn done, void* user) -> mortise_status {
        return with_run(ctx, run, done != nullptr, [&](active_run& r) {
            return r.sleep_until(text(key), until, {nullptr, done, user});
        });
    };
    table.wait_event = [](void* ctx, mortise_handle run, mortise_str key, const mortise_wait* wait,
                          mortise_result_fn done, void* user) -> mortise_status {
        return with_run(ctx, run, done != nullptr && wait != nullptr && wait->event_type.len > 0,
                        [&](active_run& r) {
                            const auto timeout = std::chrono::milliseconds(
                                std::min<std::uint64_t>(wait->timeout_ms, 1ull << 42));
                            return r.wait_event(text(key), text(wait->event_type), text(wait->key),
                                                timeout, {done, nullptr, user});
                        });
    };
    table.spawn = [](void* ctx, mortise_handle run, mortise_str key, const mortise_spawn* spawn,
                     mortise_result_fn done, void* user) -> mortise_status {
        return with_run(ctx, run, done != nullptr && spawn != nullptr, [&](active_run& r) {
            child_request c{text(spawn->flow), text(spawn->event_type), text(spawn->key),
                            std::string(view(spawn->data))};
            if (c.event_type.empty()) c.event_type = "mortise.child";
            if (c.data.empty()) c.data = "{}";
            return r.spawn(text(key), std::move(c), {done, nullptr, user});
        });
    };
    table.transfer = [](void* ctx, mortise_handle run, mortise_str key,
                        const mortise_transfer_end* from, const mortise_transfer_end* to,
                        mortise_result_fn done, void* user) -> mortise_status {
        const auto good = [](const mortise_transfer_end* e) {
            return e != nullptr && e->struct_size >= sizeof(mortise_transfer_end);
        };
        return with_run(ctx, run, done != nullptr && good(from) && good(to), [&](active_run& r) {
            const auto end_of = [](const mortise_transfer_end& e) {
                transfer_end out{text(e.role), text(e.operation), std::string(view(e.input))};
                if (out.input.empty()) out.input = "{}";
                return out;
            };
            return r.transfer(text(key), end_of(*from), end_of(*to), {done, nullptr, user});
        });
    };
    table.record = [](void* ctx, mortise_handle run, mortise_str key, const mortise_payload* value,
                      mortise_result_fn done, void* user) -> mortise_status {
        return with_run(ctx, run, done != nullptr && value != nullptr, [&](active_run& r) {
            return r.record_value(text(key), std::string(view(*value)), {done, nullptr, user});
        });
    };
    table.link_put = [](void* ctx, mortise_handle run, mortise_str key, const mortise_link* link,
                        mortise_result_fn done, void* user) -> mortise_status {
        const bool good =
            done != nullptr && link != nullptr && link->relation.len > 0 && link->a.len > 0;
        return with_run(ctx, run, good, [&](active_run& r) {
            return r.journal_step(text(key), step_kind::link, "link_put:" + text(link->relation),
                                  [l = link_from(*link)](journal_tx& tx) -> result<std::string> {
                                      if (const auto put = tx.link_put(l); !put) return put.error();
                                      return std::string();
                                  },
                                  {done, nullptr, user});
        });
    };
    table.link_find = [](void* ctx, mortise_handle run, mortise_str key, const mortise_link* link,
                         mortise_result_fn done, void* user) -> mortise_status {
        const bool good = done != nullptr && link != nullptr && link->relation.len > 0;
        return with_run(ctx, run, good, [&](active_run& r) {
            return r.journal_step(text(key), step_kind::link, "link_find:" + text(link->relation),
                                  [l = link_from(*link)](journal_tx& tx) -> result<std::string> {
                                      return links_to_json(tx.link_find(l.relation, l.a, l.b));
                                  },
                                  {done, nullptr, user});
        });
    };
    table.link_remove = [](void* ctx, mortise_handle run, mortise_str key, const mortise_link* link,
                           mortise_result_fn done, void* user) -> mortise_status {
        const bool good =
            done != nullptr && link != nullptr && link->relation.len > 0 && link->a.len > 0;
        return with_run(ctx, run, good, [&](active_run& r) {
            return r.journal_step(text(key), step_kind::link, "link_remove:" + text(link->relation),
                                  [l = link_from(*link)](journal_tx& tx) -> result<std::string> {
                                      return std::string(tx.link_remove(l.relation, l.a) ? "true"
                                                                                         : "false");
                                  },
                                  {done, nullptr, user});
        });
    };
    table.state_get = [](void* ctx, mortise_handle run, mortise_str key, mortise_str name,
                         mortise_result_fn done, void* user) -> mortise_status {
        return with_run(ctx, run, done != nullptr && name.len > 0, [&](active_run& r) {
            return r.journal_step(text(key), step_kind::state, "state_get:" + text(name),
                                  [scope = "flows/" + r.record().instance,
                                   n = text(name)](journal_tx& tx) -> result<std::string> {
                                      const auto v = tx.state_get(scope, n);
                                      return "{\"value\":" +
                                             (v.version == 0 ? std::string("null") : v.value) +
                                             ",\"version\":" + std::to_string(v.version) + '}';
                                  },
                                  {done, nullptr, user});
        });
    };
    table.state_put = [](void* ctx, mortise_handle run, mortise_str key, mortise_str name,
                         const mortise_payload* value, std::uint64_t expected,
                         mortise_result_fn done, void* user) -> mortise_status {
        return with_run(ctx, run, done != nullptr && name.len > 0, [&](active_run& r) {
            return r.journal_step(text(key), step_kind::state, "state_put:" + text(name),
                                  [scope = "flows/" + r.record().instance, n = text(name),
                                   v = value != nullptr ? std::string(view(*value)) : std::string(),
                                   expected](journal_tx& tx) -> result<std::string> {
                                      const auto version = tx.state_put(scope, n, v, expected);
                                      if (!version) return version.error();
                                      return "{\"version\":" + std::to_string(*version) + '}';
                                  },
                                  {done, nullptr, user});
        });
    };
    table.now_unix_ms = [](void* ctx, mortise_handle run) -> std::int64_t {
        const auto found = static_cast<flow_instance*>(ctx)->find_run(run);
        return found ? found->logical_now() : 0;
    };
    table.random = [](void* ctx, mortise_handle run, std::uint64_t n) -> std::uint64_t {
        const auto found = static_cast<flow_instance*>(ctx)->find_run(run);
        return found ? found->random(n) : 0;
    };
    table.log = [](void* ctx, mortise_handle run, std::uint32_t level, mortise_str message,
                   mortise_str fields) {
        const auto found = static_cast<flow_instance*>(ctx)->find_run(run);
        if (!found || found->replaying()) return;
        const auto l = level <= 4u ? static_cast<log_level>(level) : log_level::info;
        log(l, view(message),
            {{"flow", found->record().instance}, {"run", found->record().id.str()}}, view(fields));
    };
    table.finish = [](void* ctx, mortise_handle run, const mortise_payload* result,
                      const mortise_error* e) -> mortise_status {
        return with_run(ctx, run, true, [&](active_run& r) {
            std::optional<error> failure;
            if (e != nullptr) failure = from_c(*e);
            return r.finish(result != nullptr ? std::string(view(*result)) : std::string(),
                            std::move(failure));
        });
    };
}

} // namespace mortise::host
