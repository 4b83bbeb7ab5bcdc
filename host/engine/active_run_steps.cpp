// SPDX-License-Identifier: Apache-2.0
// A run's steps: asked for by the flow, answered from the journal or carried out.
#include "base/digest.hpp"
#include "base/handles.hpp"
#include "base/log.hpp"
#include "content/content_store.hpp"
#include "engine/active_run.hpp"
#include "engine/engine.hpp"
#include "engine/no_effect.hpp"
#include "engine/replay_difference.hpp"

#include <mortise/sdk/abi.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <cstring>

namespace mortise::host {
namespace {

// A retry that is due soon waits in memory; a later one costs a row.
constexpr std::chrono::milliseconds wait_in_memory{5000};
// Of a step that waits for its connection and not for its own next attempt.
constexpr std::string_view held_code = "run.step.held";

} // namespace

// ---- steps ----

std::vector<step_record> active_run::journaled_steps() const {
    std::vector<step_record> out;
    for (const auto& [key, s] : journal_)
        out.push_back(s);
    std::sort(out.begin(), out.end(),
              [](const auto& a, const auto& b) { return a.ordinal < b.ordinal; });
    return out;
}

const step_record* active_run::journaled(const std::string& key) const {
    const auto it = journal_.find(key);
    return it == journal_.end() ? nullptr : &it->second;
}

active_run::step_ptr active_run::begin_step(
    std::string key, step_kind kind, std::string target, receiver to, mortise_status& refusal) {
    refusal = MORTISE_E_STATE;
    if (over_) return nullptr;
    refusal = MORTISE_E_ARGUMENT;
    if (key.empty() || key.size() > 512 || !used_.insert(key).second) return nullptr;
    auto s = std::make_shared<step>();
    s->to = to;
    if (!journal_.empty()) asked_.push_back({key, target});
    if (const auto* known = journaled(key)) {
        if (known->kind != kind || known->target != target) {
            auto e = other_step(journaled_steps(), asked_);
            // Accepted and never answered: the run ends before anything of the step happens.
            end_by_host(run_state::failed, std::move(e), key);
            refusal = MORTISE_OK;
            return nullptr;
        }
        s->record = *known;
    } else {
        s->record.key = key;
        s->record.kind = kind;
        s->record.target = std::move(target);
        s->record.started_at = env_.time.now_unix_ms();
    }
    open_.emplace(std::move(key), s);
    refusal = MORTISE_OK;
    return s;
}

bool active_run::answer_from_journal(const step_ptr& s) {
    if (s->record.state != step_state::done && s->record.state != step_state::failed) return false;
    if (journaled(s->record.key) == nullptr) return false;
    deliver(s);
    return true;
}

mortise_status active_run::call(std::string key,
                                std::string role,
                                std::string operation,
                                std::string input,
                                mortise_handle content,
                                receiver to) {
    mortise_status refusal = MORTISE_OK;
    const auto s = begin_step(std::move(key), step_kind::call, role + ':' + operation, to, refusal);
    if (!s) return refusal;
    s->role = std::move(role);
    s->operation = std::move(operation);
    // What a person has changed counts, not what the flow passes.
    s->input = s->record.edited ? s->record.input : std::move(input);
    s->content = content;
    if (answer_from_journal(s)) return MORTISE_OK;
    s->record.input = s->input;
    const bool known = journaled(s->record.key) != nullptr;
    if (known && s->record.state == step_state::retrying) {
        const bool held = s->record.failure && s->record.failure->code == held_code;
        // A person's retry sets the attempts back; what may have happened is looked up all the
        // same.
        s->look_first =
            s->record.attempts > 0 || !held || s->record.failure->effect != effect::none;
        // A held one is here because it was released, or to ask again.
        if (held)
            attempt(s);
        else
            retry_at(s, s->record.wake_at);
    } else {
        // An intent without an outcome: the effect may have happened before the crash.
        s->look_first = known;
        if (!known) s->record.attempts = 0;
        attempt(s);
    }
    return MORTISE_OK;
}

mortise_status active_run::sleep_until(std::string key, unix_ms until, receiver to) {
    mortise_status refusal = MORTISE_OK;
    const auto s = begin_step(std::move(key), step_kind::sleep, "sleep", to, refusal);
    if (!s) return refusal;
    if (answer_from_journal(s)) return MORTISE_OK;
    const bool known = journaled(s->record.key) != nullptr;
    if (!known) s->record.wake_at = until; // the first answer counts, also on replay
    if (env_.time.now_unix_ms() >= s->record.wake_at) {
        complete(s, std::string());
        return MORTISE_OK;
    }
    if (known) {
        park(s);
        return MORTISE_OK;
    }
    s->record.state = step_state::waiting;
    write([self = shared_from_this(),
           record = s->record](journal_tx& tx) { tx.put_step(self->run_.id, record); },
          [this, s] { park(s); });
    return MORTISE_OK;
}

mortise_status active_run::wait_event(std::string key,
                                      std::string event_type,
                                      std::string event_key,
                                      std::chrono::milliseconds timeout,
                                      receiver to) {
    mortise_status refusal = MORTISE_OK;
    const auto s =
        begin_step(std::move(key), step_kind::wait_event, "wait_event:" + event_type, to, refusal);
    if (!s) return refusal;
    if (answer_from_journal(s)) return MORTISE_OK;
    if (journaled(s->record.key) != nullptr) {
        if (s->record.wake_at != 0 && env_.time.now_unix_ms() >= s->record.wake_at)
            time_out(s, event_type, event_key);
        else
            park(s);
        return MORTISE_OK;
    }
    s->record.state = step_state::waiting;
    s->record.wake_at = timeout.count() > 0 ? env_.time.now_unix_ms() + timeout.count() : 0;
    s->record.input =
        boost::json::serialize(boost::json::object{{"event_type", event_type}, {"key", event_key}});
    auto came = std::make_shared<bool>(false);
    write(
        [self = shared_from_this(), record = s->record, event_type, event_key, came](
            journal_tx& tx) { *came = tx.put_wait(self->run_.id, record, event_type, event_key); },
        [this, s, came] {
            if (*came) take_up_again(s);
            park(s);
        });
    return MORTISE_OK;
}

// The event is in the journal, not in memory: the run leaves and comes back at once.
void active_run::take_up_again(const step_ptr& s) {
    s->record.wake_at = env_.time.now_unix_ms();
}

// An event that came after the steps were read wins over the time-out, so both are decided in one
// journal operation.
void active_run::time_out(const step_ptr& s,
                          const std::string& event_type,
                          const std::string& event_key) {
    auto late = s->record;
    late.finished_at = tick();
    late.state = step_state::failed;
    late.failure =
        no_effect(category::timeout, "wait.timeout",
                  "no event \"" + event_type + "\" for \"" + event_key + "\" came in time");
    reserved_.insert(late.finished_at);
    auto came = std::make_shared<bool>(false);
    write(
        [self = shared_from_this(), record = s->record, late, event_type, event_key,
         came](journal_tx& tx) {
            *came = tx.put_wait(self->run_.id, record, event_type, event_key);
            if (!*came) tx.put_step(self->run_.id, late);
        },
        [this, s, late, came] {
            reserved_.erase(late.finished_at);
            if (*came) {
                take_up_again(s);
                park(s);
            } else {
                s->record = late;
                deliver(s);
            }
            deliver_next();
        });
}

// Looked at once the flow has returned: it may be about to begin steps beside this one, which a
// suspended run would lose until this one wakes it.
void active_run::park(const step_ptr& s) {
    s->parked = true;
    post([this] { suspend_if_idle(); });
}

// Waits for its child's end as for an event: the journal completes the step.
mortise_status active_run::spawn(std::string key, child_request c, receiver to) {
    if (c.flow.empty()) c.flow = run_.instance;
    mortise_status refusal = MORTISE_OK;
    const auto s = begin_step(std::move(key), step_kind::spawn, "spawn:" + c.flow, to, refusal);
    if (!s) return refusal;
    if (answer_from_journal(s)) return MORTISE_OK;
    if (journaled(s->record.key) != nullptr) {
        park(s);
        return MORTISE_OK;
    }
    if (cancelled_) {
        complete(s, *cancelled_);
        return MORTISE_OK;
    }
    s->record.input = c.data;
    auto made = flow_->owner().child_of(run_, s->record.key, std::move(c));
    if (!made) {
        complete(s, made.error());
        return MORTISE_OK;
    }
    s->record.state = step_state::waiting;
    struct outcome {
        bool over = false;
        std::optional<error> refused;
    };
    auto o = std::make_shared<outcome>();
    write(
        [self = shared_from_this(), record = s->record, child = std::move(*made),
         o](journal_tx& tx) {
            *o = {};
            try {
                o->over = tx.put_spawn(self->run_.id, record, child);
            } catch (const journal_failure& failure) {
                // What the flow asked for cannot be; anything else is the journal's trouble.
                const auto& e = failure.get();
                if (e.category != category::input && e.category != category::conflict) throw;
                o->refused = e;
            }
        },
        [this, s, o] {
            if (o->refused) {
                complete(s, *o->refused);
                return;
            }
            if (o->over)
                take_up_again(s);
            else
                flow_->owner().child_began();
            park(s);
        });
    return MORTISE_OK;
}

mortise_status active_run::record_value(std::string key, std::string value, receiver to) {
    mortise_status refusal = MORTISE_OK;
    const auto s = begin_step(std::move(key), step_kind::record, "record", to, refusal);
    if (!s) return refusal;
    if (!answer_from_journal(s)) complete(s, std::move(value));
    return MORTISE_OK;
}

mortise_status active_run::journal_step(
    std::string key, step_kind kind, std::string target, journal_body body, receiver to) {
    mortise_status refusal = MORTISE_OK;
    const auto s = begin_step(std::move(key), kind, std::move(target), to, refusal);
    if (!s) return refusal;
    if (answer_from_journal(s)) return MORTISE_OK;
    s->record.attempts = 1;
    s->record.finished_at = tick();
    reserved_.insert(s->record.finished_at);
    write(
        [self = shared_from_this(), s, body = std::move(body)](journal_tx& tx) {
            const auto outcome = body(tx);
            s->record.state = outcome ? step_state::done : step_state::failed;
            s->record.result = outcome ? *outcome : std::string();
            s->record.failure.reset();
            if (!outcome) s->record.failure = outcome.error();
            tx.put_step(self->run_.id, s->record);
        },
        [this, s] {
            reserved_.erase(s->record.finished_at);
            deliver(s);
        });
    return MORTISE_OK;
}

// ---- calls ----

retry_policy active_run::policy_for(const step_ptr& s) const {
    const auto bound = flow_->owner().connection_of(*flow_, s->role);
    auto policy = bound ? bound->policy_of(s->operation).retry : retry_policy{};
    return merge(policy, flow_->flow().retry);
}

// The connection takes no calls: the step costs no attempt and waits until it does.
void active_run::hold(const step_ptr& s,
                      std::shared_ptr<connection_gate> gate,
                      const connection_gate::admission& why) {
    const bool paused = why.what == connection_gate::verdict::paused;
    auto e = no_effect(category::unavailable, std::string(held_code),
                       "connection \"" + gate->name() +
                           (paused ? "\" is paused; the step waits until it is resumed"
                                   : "\" does not answer; the step waits until it does"));
    if (s->record.failure && s->record.failure->code != held_code)
        e.message += " (before: " + s->record.failure->message + ')';
    if (s->look_first) e.effect = effect::unknown; // still open: it must be looked up afterwards
    s->record.failure = std::move(e);
    s->record.state = step_state::retrying;
    s->record.wake_at = env_.time.now_unix_ms() + why.wait.count();
    s->held = std::move(gate);
    write([self = shared_from_this(),
           record = s->record](journal_tx& tx) { tx.put_step(self->run_.id, record); },
          [this, s] {
              s->held->on_release(s.get(), [weak = weak_from_this(), s] {
                  const auto self = weak.lock();
                  if (!self) return;
                  self->post([self, s] {
                      // A run on its way out of memory comes back by the journal.
                      if (self->over_ || self->suspending_ || !s->held) return;
                      if (!std::exchange(s->parked, false) && !s->retry.cancel()) return;
                      self->attempt(s);
                  });
              });
              // Released since it was asked: nobody would call.
              if (s->held->is_open())
                  attempt(s);
              else
                  retry_at(s, s->record.wake_at);
          });
}

void active_run::let_go(const step_ptr& s) {
    if (const auto held = std::exchange(s->held, nullptr)) held->forget(s.get());
}

void active_run::attempt(const step_ptr& s) {
    if (over_) return;
    let_go(s);
    const auto resumed_blind = s->look_first && s->record.state == step_state::started;
    // Also of a run that is called off somebody must hear what may have happened before.
    if (cancelled_ && !resumed_blind) {
        complete(s, *cancelled_);
        return;
    }
    const auto* role = flow_->descriptor().role(s->role);
    const auto bound = flow_->owner().connection_of(*flow_, s->role);
    const auto* op = bound ? bound->instance->descriptor().operation(s->operation) : nullptr;
    const bool declared =
        role != nullptr && std::find(role->operations.begin(), role->operations.end(),
                                     s->operation) != role->operations.end();
    if (!declared || !bound || op == nullptr) {
        std::string why = role == nullptr ? "the flow has no role \"" + s->role + '"'
                          : !declared ? "the flow does not declare operation \"" + s->operation +
                                            "\" for role \"" + s->role + '"'
                          : !bound ? "role \"" + s->role +
                                         "\" is not bound to a running connection; see [flows." +
                                         flow_->name() + ".connections]"
                                   : "connection \"" + bound->instance->name() +
                                         "\" offers no operation \"" + s->operation + '"';
        complete(s, no_effect(category::config, "run.call.unbound", std::move(why)));
        return;
    }
    s->on = bound->instance;
    s->repeat = op->repeat;
    if (resumed_blind && op->repeat == effect_class::unsafe) {
        error e{category::unknown, "run.in-doubt",
                "step \"" + s->record.key + "\" (" + s->record.target +
                    ") was begun before a restart and its outcome is not known; look at the "
                    "system, then "
                    "retry or discard the run"};
        in_doubt(s, std::move(e));
        return;
    }
    if (cancelled_) {
        complete(s, *cancelled_);
        return;
    }
    if (bound->gate) {
        const auto admission = bound->gate->may_call();
        if (admission.what != connection_gate::verdict::go) {
            hold(s, bound->gate, admission);
            return;
        }
        s->gate = bound->gate;
        s->pass = admission.pass;
    }
    ++s->record.attempts;
    const bool look =
        std::exchange(s->look_first, false) && op->repeat == effect_class::lookup_first;
    if (op->repeat == effect_class::read) {
        invoke(s, s->operation, [this, s](result<call_answer> a) {
            if (a)
                complete(s, std::move(a->json));
            else
                attempt_failed(s, a.error());
        });
        return;
    }
    after_barrier([this, s, op, look] {
        if (look) {
            look_up(s, *op);
            return;
        }
        auto go = [this, s] {
            invoke(s, s->operation, [this, s](result<call_answer> a) {
                if (a)
                    complete(s, std::move(a->json), "done");
                else
                    attempt_failed(s, a.error());
            });
        };
        if (s->repeat == effect_class::idempotent) {
            go();
            return;
        }
        s->record.state = step_state::started;
        write([self = shared_from_this(),
               record = s->record](journal_tx& tx) { tx.put_step(self->run_.id, record); },
              go);
    });
}

// Runs then when every outcome so far is durable.
void active_run::after_barrier(std::function<void()> then) {
    write_outcomes();
    if (undurable_ == 0)
        then();
    else
        at_barrier_.push_back(std::move(then));
}

void active_run::look_up(const step_ptr& s, const operation_descriptor& op) {
    invoke(s, op.lookup_operation, [this, s](result<call_answer> a) {
        if (!a) {
            // The lookup changes nothing; what it was to find out is still open.
            auto e = a.error();
            e.effect = effect::unknown;
            s->look_first = true;
            attempt_failed(s, std::move(e));
            return;
        }
        boost::system::error_code ec;
        const auto value = boost::json::parse(a->json, ec);
        const auto* object = ec ? nullptr : value.if_object();
        const auto* found = object != nullptr ? object->if_contains("found") : nullptr;
        if (found == nullptr || !found->is_bool()) {
            complete(s, no_effect(category::internal, "run.lookup.malformed",
                                  "the lookup of step \"" + s->record.key +
                                      "\" did not answer {\"found\":bool,\"result\":..}"));
            return;
        }
        if (found->get_bool()) {
            const auto* hit = object->if_contains("result");
            s->found = hit != nullptr ? boost::json::serialize(*hit) : std::string();
            complete(s, s->found, "found");
            return;
        }
        s->record.state = step_state::started;
        write([self = shared_from_this(),
               record = s->record](journal_tx& tx) { tx.put_step(self->run_.id, record); },
              [this, s] {
                  invoke(s, s->operation, [this, s](result<call_answer> again) {
                      if (again)
                          complete(s, std::move(again->json), "done");
                      else
                          attempt_failed(s, again.error());
                  });
              });
    });
}

void active_run::invoke(const step_ptr& s,
                        const std::string& operation,
                        std::function<void(result<call_answer>)> then) {
    if (over_) return;
    call_request request;
    request.operation = operation;
    request.input = s->input;
    request.attempt = s->record.attempts;
    request.idempotency_key = run_.id.str() + '/' + s->record.key;
    request.trace_parent = event_.trace_parent;
    request.content = std::exchange(s->content, 0);
    if (const auto bound = flow_->owner().connection_of(*flow_, s->role))
        request.timeout = bound->policy_of(operation).timeout;
    s->call = s->on->invoke(
        std::move(request), [self = shared_from_this(), s, gate = s->gate, pass = s->pass,
                             then = std::move(then)](result<call_answer> a) mutable {
            if (gate) {
                const auto failure = a ? error{} : a.error();
                gate->report(pass, a ? nullptr : &failure);
            }
            self->post([self, s, then = std::move(then), a = std::move(a)]() mutable {
                s->call = 0;
                if (!self->over_) then(std::move(a));
            });
        });
}

void active_run::attempt_failed(const step_ptr& s, error e) {
    if (cancelled_) {
        const bool open = s->repeat != effect_class::read && may_have_happened(e);
        if (open && s->repeat == effect_class::unsafe)
            in_doubt(s, std::move(e));
        else
            complete(s, *cancelled_, open ? "unknown" : nullptr);
        return;
    }
    const auto now = env_.time.now_unix_ms();
    const auto decision =
        decide_retry(policy_for(s), e, s->repeat, s->record.attempts,
                     std::chrono::milliseconds(now - s->record.started_at), random_u64());
    s->record.failure = e;
    switch (decision.what) {
    case retry_decision::action::in_doubt:
        in_doubt(s, std::move(e));
        return;
    case retry_decision::action::give_up: {
        const char* ledger = s->repeat == effect_class::read ? nullptr
                             : e.effect == effect::done      ? "done"
                             : may_have_happened(e)          ? "unknown"
                                                             : nullptr;
        complete(s, std::move(e), ledger);
        return;
    }
    case retry_decision::action::again:
        break;
    }
    // Nothing can have happened when the effect is none; otherwise the next attempt looks first.
    if (e.effect != effect::none) s->look_first = true;
    log(log_level::info, "step will be tried again: " + e.message,
        {{"flow", run_.instance},
         {"run", run_.id.str()},
         {"step", s->record.key},
         {"attempt", static_cast<std::uint64_t>(s->record.attempts)},
         {"delay_ms", static_cast<std::int64_t>(decision.delay.count())}});
    flow_->owner().count_retry();
    s->record.state = step_state::retrying;
    s->record.wake_at = now + decision.delay.count();
    write([self = shared_from_this(),
           record = s->record](journal_tx& tx) { tx.put_step(self->run_.id, record); },
          [this, s] { retry_at(s, s->record.wake_at); });
}

void active_run::retry_at(const step_ptr& s, unix_ms when) {
    const auto delay =
        std::chrono::milliseconds(std::max<unix_ms>(when - env_.time.now_unix_ms(), 0));
    if (delay.count() == 0) {
        attempt(s);
        return;
    }
    if (delay > wait_in_memory) {
        park(s);
        return;
    }
    s->retry = env_.timers.start(delay, [self = shared_from_this(), s] {
        self->post([self, s] {
            if (!self->over_) self->attempt(s);
        });
    });
}

} // namespace mortise::host
