// SPDX-License-Identifier: Apache-2.0
#include "run_steps.hpp"

namespace mortise::testing {
namespace {

step_record* recorded(fake_run& r, const std::string& key) {
    for (auto& s : r.journal) {
        if (s.key == key) return &s;
    }
    return nullptr;
}

void end_run(core& c, fake_run& r, error why) {
    r.outcome.finished = true;
    r.outcome.failure = std::move(why);
    c.post([&c, &r, handle = r.handle] {
        if (r.handle == handle) c.drop_run(r);
    });
}

// Outcomes reach the flow one by one, in the order in which they came about, as in the host: those
// of an earlier life first, whatever has happened meanwhile.
void deliver_next(core& c, std::size_t index, mortise_handle handle) {
    fake_run& r = c.runs[index];
    if (r.handle != handle || r.outcomes.empty()) return;
    const auto next = std::move(r.outcomes.begin()->second);
    r.outcomes.erase(r.outcomes.begin());
    next();
}

void deliver_later(
    core& c, std::size_t index, mortise_handle handle, const step_record& s, deliver_fn deliver) {
    fake_run& r = c.runs[index];
    r.outcomes[s.order] = [&r, copy = s, deliver = std::move(deliver)] {
        r.now_ms = std::max(r.now_ms, copy.ended_ms);
        deliver(copy);
    };
    c.post([&c, index, handle] { deliver_next(c, index, handle); });
}

} // namespace

found_run find(void* ctx, mortise_handle handle) {
    core& c = *instance_of(ctx).owner;
    c.on_strand(MORTISE_SVC_FLOW);
    if (!c.alive(ctx, MORTISE_SVC_FLOW)) return {};
    for (std::size_t i = 0; i < c.runs.size(); ++i) {
        if (handle != 0 && c.runs[i].handle == handle) return {&c, &c.runs[i], i};
    }
    c.violation("a run was used after it had finished or was dropped");
    return {};
}

void conclude(core& c,
              std::size_t index,
              mortise_handle handle,
              const std::string& key,
              const deliver_fn& deliver,
              std::optional<std::string> result,
              std::optional<error> failure) {
    fake_run& r = c.runs[index];
    step_record* s = recorded(r, key);
    if (!s || s->done) return;
    s->done = true;
    s->result = std::move(result);
    s->failure = std::move(failure);
    s->order = r.ended_steps++;
    s->ended_ms = c.unix_ms;
    r.in_flight.erase(key);
    if (handle != 0 && r.handle == handle) deliver_later(c, index, handle, *s, deliver);
}

mortise_status step(void* ctx,
                    mortise_handle run,
                    mortise_str key_view,
                    const char* kind,
                    const json::value& request,
                    deliver_fn deliver,
                    const std::function<void(found_run, std::string key, deliver_fn)>& effect) {
    const found_run f = find(ctx, run);
    if (!f.run) return MORTISE_E_STATE;
    core& c = *f.c;
    fake_run& r = *f.run;
    const std::string key(view(key_view));
    const std::string text = serialize_json(request);
    if (key.empty() || !r.met.insert(key).second) {
        c.violation("the step key \"" + key + "\" is empty or used twice in one run");
        return MORTISE_E_ARGUMENT;
    }
    if (step_record* s = recorded(r, key)) {
        if (s->kind != kind || s->request != text) {
            end_run(c, r,
                    error(category::internal, "nondeterministic-flow",
                          "step \"" + key + "\" was " + s->kind + " " + s->request +
                              " and is now " + kind + " " + text));
            return MORTISE_OK;
        }
        if (s->done) {
            deliver_later(c, f.index, run, *s, std::move(deliver));
            return MORTISE_OK;
        }
    } else {
        step_record fresh;
        fresh.key = key;
        fresh.kind = kind;
        fresh.request = text;
        r.journal.push_back(std::move(fresh));
    }
    const auto fail = [&c, index = f.index, run, key, deliver](const error& e) {
        conclude(c, index, run, key, deliver, std::nullopt, e);
    };
    r.in_flight[key] = fail;
    if (r.cancelled) {
        c.post([fail] {
            fail(error(category::cancelled, "host.run.cancelled", "The run was cancelled."));
        });
        return MORTISE_OK;
    }
    effect(f, key, std::move(deliver));
    return MORTISE_OK;
}

// Runs work on the strand later and concludes with its text, or with the error it throws.
void later(const found_run& f,
           std::string key,
           deliver_fn deliver,
           std::function<std::optional<std::string>()> work) {
    f.c->post([c = f.c, index = f.index, run = f.run->handle, key = std::move(key),
               deliver = std::move(deliver), work = std::move(work)] {
        fake_run& r = c->runs[index];
        if (r.handle != run || !r.in_flight.contains(key)) return;
        ++r.effects;
        std::optional<std::string> result;
        std::optional<error> failure;
        try {
            result = work();
        } catch (const error& e) {
            failure = e;
        }
        conclude(*c, index, run, key, deliver, std::move(result), std::move(failure));
    });
}

deliver_fn to_result(mortise_result_fn done, void* user) {
    return [done, user](const step_record& s) {
        if (s.failure) {
            const c_error e(*s.failure);
            done(user, nullptr, 0, e.get());
        } else if (s.result) {
            const mortise_payload p = json_payload(*s.result);
            done(user, &p, 0, nullptr);
        } else {
            done(user, nullptr, 0, nullptr);
        }
    };
}

deliver_fn to_done(mortise_done_fn done, void* user) {
    return [done, user](const step_record& s) {
        if (s.failure) {
            const c_error e(*s.failure);
            done(user, MORTISE_E_FAILED, e.get());
        } else {
            done(user, MORTISE_OK, nullptr);
        }
    };
}

json::value json_of(const mortise_payload* p) {
    if (!p || p->data.len == 0) return nullptr;
    return parse_json(view(*p));
}

} // namespace mortise::testing
