// SPDX-License-Identifier: Apache-2.0
// mortise.flow/1 over a journal in memory.
#include "run_steps.hpp"

#include <algorithm>

namespace mortise::testing {
namespace {

bool declared(const fake_instance& i, std::string_view role, std::string_view operation) {
    const auto* at = reinterpret_cast<const char*>(i.flow->roles);
    for (std::uint64_t k = 0; k < i.flow->role_count; ++k, at += i.flow->role_stride) {
        const auto& r = *reinterpret_cast<const mortise_role*>(at);
        if (view(r.name) != role) continue;
        for (std::uint64_t n = 0; n < r.operation_count; ++n) {
            if (view(r.operations[n]) == operation) return true;
        }
    }
    return false;
}

mortise_status call(void* ctx,
                    mortise_handle run,
                    mortise_str key,
                    mortise_str role,
                    mortise_str operation,
                    const mortise_payload* in,
                    mortise_handle content,
                    mortise_result_fn done,
                    void* user) noexcept {
    return checked(ctx, [&] {
        fake_instance& i = instance_of(ctx);
        const json::value input = json_of(in);
        const std::string r(view(role)), op(view(operation));
        if (!declared(i, r, op)) {
            i.owner->violation("the flow calls \"" + op + "\" of role \"" + r +
                               "\" without having declared it");
        }
        if (content && !i.owner->take_from_plugin(content, "a step's content")) {
            return MORTISE_E_ARGUMENT + 0;
        }
        const json::value request{{"role", r}, {"operation", op}, {"input", input}};
        return step(ctx, run, key, "call", request, to_result(done, user),
                    [&](found_run f, std::string k, deliver_fn deliver) {
                        later(f, std::move(k), std::move(deliver), [&i, r, op, input] {
                            const auto at = i.operations.find({r, op});
                            if (at == i.operations.end()) {
                                throw error(category::internal, "test.operation.unscripted",
                                            "The test does not say what \"" + op + "\" of \"" + r +
                                                "\" answers.");
                            }
                            return std::optional(serialize_json(at->second(input)));
                        });
                    });
    });
}

// As in the host, without the bytes: the source's answer says of them what the test wants known.
mortise_status transfer(void* ctx,
                        mortise_handle run,
                        mortise_str key,
                        const mortise_transfer_end* from,
                        const mortise_transfer_end* to,
                        mortise_result_fn done,
                        void* user) noexcept {
    return checked(ctx, [&] {
        fake_instance& i = instance_of(ctx);
        struct end {
            std::string role, operation;
            json::value input;
        };
        const auto end_of = [&](const mortise_transfer_end& e) {
            end out{std::string(view(e.role)), std::string(view(e.operation)), json_of(&e.input)};
            if (!declared(i, out.role, out.operation))
                i.owner->violation("the flow transfers by \"" + out.operation + "\" of role \"" +
                                   out.role + "\" without having declared it");
            return out;
        };
        const end source = end_of(*from), target = end_of(*to);
        const auto shown = [](const end& e) {
            return json::value{{"role", e.role}, {"operation", e.operation}, {"input", e.input}};
        };
        const json::value request{{"from", shown(source)}, {"to", shown(target)}};
        return step(ctx, run, key, "transfer", request, to_result(done, user),
                    [&](found_run f, std::string k, deliver_fn deliver) {
                        later(f, std::move(k), std::move(deliver), [&i, source, target] {
                            const auto answer = [&](const end& e, const json::value& input) {
                                const auto at = i.operations.find({e.role, e.operation});
                                if (at == i.operations.end())
                                    throw error(category::internal, "test.operation.unscripted",
                                                "The test does not say what \"" + e.operation +
                                                    "\" of \"" + e.role + "\" answers.");
                                return at->second(input);
                            };
                            json::value gave = answer(source, source.input);
                            json::object input = target.input.as_object();
                            for (const char* name : {"name", "media_type", "size"}) {
                                const auto* v = gave.is_object() ? find_json(gave, name) : nullptr;
                                if (v && !input.contains(name)) input[name] = *v;
                            }
                            json::value took = answer(target, std::move(input));
                            const auto* size = gave.is_object() ? find_json(gave, "size") : nullptr;
                            json::object out{{"target", std::move(took)},
                                             {"size", size ? *size : json::value(nullptr)},
                                             {"sha256", std::string(64, '0')},
                                             {"verified", size ? "size" : "none"}};
                            out["source"] = std::move(gave);
                            return std::optional(serialize_json(json::value(std::move(out))));
                        });
                    });
    });
}

mortise_status sleep_until(void* ctx,
                           mortise_handle run,
                           mortise_str key,
                           std::int64_t unix_ms,
                           mortise_done_fn done,
                           void* user) noexcept {
    return checked(ctx, [&] {
        const json::value request{{"until", unix_ms}};
        return step(ctx, run, key, "sleep", request, to_done(done, user),
                    [&](found_run f, std::string k, deliver_fn deliver) {
                        const std::int64_t left = std::max<std::int64_t>(0, unix_ms - f.c->unix_ms);
                        f.c->add_timer(
                            instance_of(ctx), static_cast<std::uint64_t>(left),
                            [f, run, k = std::move(k), deliver = std::move(deliver)](bool) {
                                if (f.c->runs[f.index].handle != run) return;
                                conclude(*f.c, f.index, run, k, deliver, std::nullopt,
                                         std::nullopt);
                            });
                    });
    });
}

mortise_status wait_event(void* ctx,
                          mortise_handle run,
                          mortise_str key,
                          const mortise_wait* w,
                          mortise_result_fn done,
                          void* user) noexcept {
    return checked(ctx, [&] {
        const std::string type(view(w->event_type)), match(view(w->key));
        const std::uint64_t timeout = w->timeout_ms;
        const json::value request{{"type", type}, {"key", match}, {"timeout_ms", timeout}};
        return step(
            ctx, run, key, "wait", request, to_result(done, user),
            [&](found_run f, std::string k, deliver_fn deliver) {
                f.c->waits.push_back({f.index, run, k, type, match, deliver});
                if (timeout != 0) {
                    const auto end = static_cast<std::int64_t>(timeout) + f.c->unix_ms;
                    const std::int64_t until =
                        f.run->wait_until.try_emplace(k, end).first->second; // also on replay
                    const auto left =
                        static_cast<std::uint64_t>(std::max<std::int64_t>(0, until - f.c->unix_ms));
                    f.c->add_timer(instance_of(ctx), left, [f, run, k](bool) {
                        fake_run& r = f.c->runs[f.index];
                        if (r.handle != run) return;
                        const auto at = r.in_flight.find(k);
                        if (at == r.in_flight.end()) return;
                        error e(category::timeout, "host.wait.timeout",
                                "The awaited event did not come in time.");
                        e.effect = effect::none;
                        const auto fail = at->second;
                        fail(e);
                    });
                }
                f.c->match_waits(instance_of(ctx));
            });
    });
}

mortise_status record(void* ctx,
                      mortise_handle run,
                      mortise_str key,
                      const mortise_payload* value,
                      mortise_result_fn done,
                      void* user) noexcept {
    return checked(ctx, [&] {
        // The value may differ on replay, that is what the step is for: it is not part of the
        // request.
        const json::value v = json_of(value);
        return step(ctx, run, key, "record", json::object(), to_result(done, user),
                    [&](found_run f, std::string k, deliver_fn deliver) {
                        later(f, std::move(k), std::move(deliver),
                              [v] { return std::optional(serialize_json(v)); });
                    });
    });
}

json::value link_request(const mortise_link& l) {
    return {{"relation", view(l.relation)},
            {"a", view(l.a)},
            {"b", view(l.b)},
            {"data", l.data.data.len ? parse_json(view(l.data)) : json::value(nullptr)}};
}

mortise_status link_put(void* ctx,
                        mortise_handle run,
                        mortise_str key,
                        const mortise_link* l,
                        mortise_result_fn done,
                        void* user) noexcept {
    return checked(ctx, [&] {
        const json::value request = link_request(*l);
        return step(ctx, run, key, "link_put", request, to_result(done, user),
                    [&](found_run f, std::string k, deliver_fn deliver) {
                        later(f, std::move(k), std::move(deliver),
                              [&i = instance_of(ctx), request]() -> std::optional<std::string> {
                                  const std::string relation = require_string(request, "relation");
                                  link made;
                                  made.a = require_string(request, "a");
                                  made.b = require_string(request, "b");
                                  made.data = request.at("data");
                                  for (const auto& [at, other] : i.links) {
                                      if (at.first == relation && other.b == made.b &&
                                          !made.b.empty() && other.a != made.a) {
                                          throw error(category::conflict, "host.link.taken",
                                                      "\"" + made.b +
                                                          "\" is linked to another object.");
                                      }
                                  }
                                  i.links[{relation, made.a}] = made;
                                  return std::nullopt;
                              });
                    });
    });
}

mortise_status link_find(void* ctx,
                         mortise_handle run,
                         mortise_str key,
                         const mortise_link* l,
                         mortise_result_fn done,
                         void* user) noexcept {
    return checked(ctx, [&] {
        const json::value request = link_request(*l);
        return step(
            ctx, run, key, "link_find", request, to_result(done, user),
            [&](found_run f, std::string k, deliver_fn deliver) {
                later(f, std::move(k), std::move(deliver), [&i = instance_of(ctx), request] {
                    const std::string relation = require_string(request, "relation");
                    const std::string a = require_string(request, "a");
                    const std::string b = require_string(request, "b");
                    json::array out;
                    for (const auto& [at, l2] : i.links) {
                        if (at.first != relation) continue;
                        const bool prefix = !a.empty() && a.back() == '*';
                        const bool by_a =
                            prefix ? l2.a.starts_with(a.substr(0, a.size() - 1)) : a == l2.a;
                        if (a.empty() ? b != l2.b : !by_a) continue;
                        out.push_back({{"a", l2.a}, {"b", l2.b}, {"data", l2.data}});
                    }
                    return std::optional(serialize_json(out));
                });
            });
    });
}

mortise_status link_remove(void* ctx,
                           mortise_handle run,
                           mortise_str key,
                           const mortise_link* l,
                           mortise_result_fn done,
                           void* user) noexcept {
    return checked(ctx, [&] {
        const json::value request = link_request(*l);
        return step(ctx, run, key, "link_remove", request, to_result(done, user),
                    [&](found_run f, std::string k, deliver_fn deliver) {
                        later(f, std::move(k), std::move(deliver),
                              [&i = instance_of(ctx), request]() -> std::optional<std::string> {
                                  i.links.erase({require_string(request, "relation"),
                                                 require_string(request, "a")});
                                  return std::nullopt;
                              });
                    });
    });
}

mortise_status state_get(void* ctx,
                         mortise_handle run,
                         mortise_str key,
                         mortise_str name,
                         mortise_result_fn done,
                         void* user) noexcept {
    return checked(ctx, [&] {
        const std::string n(view(name));
        return step(ctx, run, key, "state_get", json::object{{"key", n}}, to_result(done, user),
                    [&](found_run f, std::string k, deliver_fn deliver) {
                        later(f, std::move(k), std::move(deliver), [&i = instance_of(ctx), n] {
                            const auto at = i.state.find(n);
                            json::object out{{"value", nullptr}, {"version", 0}};
                            if (at != i.state.end()) {
                                out["value"] = at->second.value;
                                out["version"] = at->second.version;
                            }
                            return std::optional(serialize_json(out));
                        });
                    });
    });
}

mortise_status state_put(void* ctx,
                         mortise_handle run,
                         mortise_str key,
                         mortise_str name,
                         const mortise_payload* value,
                         std::uint64_t expected,
                         mortise_result_fn done,
                         void* user) noexcept {
    return checked(ctx, [&] {
        const std::string n(view(name));
        std::optional<json::value> v;
        if (value) v = json_of(value);
        const json::value request{
            {"key", n}, {"value", v.value_or(nullptr)}, {"remove", !v}, {"expected", expected}};
        return step(
            ctx, run, key, "state_put", request, to_result(done, user),
            [&](found_run f, std::string k, deliver_fn deliver) {
                later(f, std::move(k), std::move(deliver),
                      [&i = instance_of(ctx), n, v, expected]() -> std::optional<std::string> {
                          const auto at = i.state.find(n);
                          const std::uint64_t now = at == i.state.end() ? 0 : at->second.version;
                          if (expected != MORTISE_STATE_ANY && expected != now) {
                              throw error(category::conflict, "host.state.version",
                                          "Another version is stored.");
                          }
                          if (v) {
                              i.state[n] = {n, *v, now + 1};
                          } else {
                              i.state.erase(n);
                          }
                          return std::nullopt;
                      });
            });
    });
}

std::int64_t now_unix_ms(void* ctx, mortise_handle run) noexcept {
    const found_run f = find(ctx, run);
    return f.run ? f.run->now_ms : 0;
}

std::uint64_t random(void* ctx, mortise_handle run, std::uint64_t n) noexcept {
    const found_run f = find(ctx, run);
    if (!f.run) return 0;
    // splitmix64 of (run, n).
    std::uint64_t x = n + 0x9E3779B97F4A7C15ull * (f.index + 1);
    x = (x ^ (x >> 30u)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27u)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31u);
}

void flow_log(void* ctx,
              mortise_handle run,
              std::uint32_t level,
              mortise_str message,
              mortise_str fields) noexcept {
    const found_run f = find(ctx, run);
    if (f.run) f.c->log.push_back({level, std::string(view(message)), std::string(view(fields))});
}

mortise_status finish(void* ctx,
                      mortise_handle run,
                      const mortise_payload* result,
                      const mortise_error* e) noexcept {
    const found_run f = find(ctx, run);
    if (!f.run) return MORTISE_E_STATE;
    fake_run& r = *f.run;
    r.handle = 0;
    if (r.outcome.finished) return MORTISE_OK; // ended by the host already
    r.outcome.finished = true;
    if (e) r.outcome.failure = from_c(*e);
    if (result && result->data.len) {
        try {
            r.outcome.result = parse_json(view(*result));
        } catch (const error& bad) {
            f.c->violation("a run finished with a text outside the JSON profile: " + bad.message);
        }
    }
    for (const auto& s : r.journal) {
        if (s.done && !r.met.contains(s.key)) {
            r.outcome.failure = error(category::internal, "nondeterministic-flow",
                                      "step \"" + s.key + "\" was not met again on replay");
        }
    }
    return MORTISE_OK;
}

} // namespace

void fill_flow(fake_instance& i) {
    mortise_svc_flow& f = i.tables.flow;
    f.struct_size = sizeof(f);
    f.ctx = &i;
    f.call = &call;
    f.sleep_until = &sleep_until;
    f.wait_event = &wait_event;
    f.record = &record;
    f.link_put = &link_put;
    f.link_find = &link_find;
    f.link_remove = &link_remove;
    f.state_get = &state_get;
    f.state_put = &state_put;
    f.now_unix_ms = &now_unix_ms;
    f.random = &random;
    f.log = &flow_log;
    f.finish = &finish;
    f.spawn = &spawn_child;
    f.transfer = &transfer;
}

namespace {

// The first that no other wait of the run has taken; also on replay the one it took.
const event* event_for(fake_run& r, const fake_wait& w) {
    const auto& sent = r.owner->sent;
    if (const auto had = r.taken.find(w.key); had != r.taken.end()) return &sent[had->second];
    for (std::size_t n = r.sent_before; n < sent.size(); ++n) {
        const event& e = sent[n];
        const bool fits = w.match.empty() || w.match == e.subject ||
                          (!e.partition_key.empty() && w.match == e.partition_key);
        const bool is_free = std::none_of(r.taken.begin(), r.taken.end(),
                                          [n](const auto& t) { return t.second == n; });
        if (e.type != w.type || !fits || !is_free) continue;
        r.taken.emplace(w.key, n);
        return &e;
    }
    return nullptr;
}

} // namespace

void core::match_waits(fake_instance& i) {
    for (std::size_t k = 0; k < waits.size();) {
        const fake_wait w = waits[k];
        fake_run& r = runs[w.run];
        const bool live = r.handle == w.handle && r.in_flight.contains(w.key);
        const event* hit = nullptr;
        if (live && r.owner == &i) hit = event_for(r, w);
        if (live && r.owner == &i && !hit) {
            ++k;
            continue;
        }
        if (live && r.owner != &i) {
            ++k;
            continue;
        }
        waits.erase(waits.begin() + static_cast<std::ptrdiff_t>(k));
        if (!live) continue;
        const json::value text{{"specversion", "1.0"},    {"id", hit->id},
                               {"source", hit->source},   {"type", hit->type},
                               {"subject", hit->subject}, {"data", hit->data}};
        post([this, w, body = serialize_json(text)] {
            conclude(*this, w.run, w.handle, w.key, w.deliver, body, std::nullopt);
        });
    }
}

} // namespace mortise::testing
