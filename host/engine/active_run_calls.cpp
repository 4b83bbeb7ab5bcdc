// SPDX-License-Identifier: Apache-2.0
// A run's calls: attempts, look-ups before a repeat, retries.
#include "base/digest.hpp"
#include "base/handles.hpp"
#include "base/log.hpp"
#include "base/no_effect.hpp"
#include "content/content_store.hpp"
#include "engine/active_run.hpp"
#include "engine/engine.hpp"
#include "engine/replay_difference.hpp"

#include <mortise/sdk/abi.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <cstring>

namespace mortise::host {
namespace {

// A retry that is due soon waits in memory; a later one costs a row.
constexpr std::chrono::milliseconds wait_in_memory{5000};

} // namespace

retry_policy active_run::policy_for(const step_ptr& s) const {
    const auto bound = bound_to(s, s->role);
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
    attempt_ends(s, attempt_seen::end::waiting, &*s->record.failure);
    s->held = std::move(gate);
    step_try t;
    t.began = t.ended = env_.time.now_unix_ms();
    t.outcome = try_outcome::held;
    t.wait = paused ? try_wait::pause : try_wait::breaker;
    t.wait_until = s->record.wake_at;
    t.failure = s->record.failure;
    put_with_try(s, std::move(t), [this, s] {
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
    auto why = unusable(s, s->role, s->operation);
    if (why.empty() && s->from) why = unusable(s, s->from->role, s->from->operation);
    if (!why.empty()) {
        complete(s, no_effect(category::config, "run.call.unbound", std::move(why)));
        return;
    }
    const auto bound = bound_to(s, s->role);
    const auto* op = bound ? bound->instance->descriptor().operation(s->operation) : nullptr;
    if (op == nullptr) { // taken away since the look above
        complete(s, no_effect(category::unavailable, "connection.closed",
                              "the connection of role \"" + s->role + "\" is being replaced"));
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
    // One that the host's own end cut off is not counted: only what the system answers uses up the
    // policy's attempts.
    if (resumed_blind) keep_cut_off(s);
    if (s->from && !admit_source(s)) return;
    if (bound->gate) {
        const auto admission = bound->gate->may_call();
        if (admission.what != connection_gate::verdict::go) {
            leave_source(s);
            hold(s, bound->gate, admission);
            return;
        }
        s->gate = bound->gate;
        s->pass = admission.pass;
    }
    ++s->record.attempts;
    attempt_begins(s);
    s->queued_ns = std::make_shared<std::atomic<std::int64_t>>(0);
    const bool look =
        std::exchange(s->look_first, false) && op->repeat == effect_class::lookup_first;
    if (op->repeat == effect_class::read) {
        perform(s, nullptr);
        return;
    }
    after_barrier([this, s, op, look] {
        if (look) {
            look_up(s, *op);
            return;
        }
        auto go = [this, s] { perform(s, "done"); };
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

std::optional<bound_connection> active_run::bound_to(const step_ptr& s,
                                                     const std::string& role) const {
    const auto& roles = flow_->flow().roles;
    const auto name = roles.find(role);
    if (name == roles.end()) return std::nullopt;
    const auto find = [&](const connection_map& in) -> std::optional<bound_connection> {
        const auto it = in.find(name->second);
        if (it == in.end()) return std::nullopt;
        return it->second;
    };
    if (!s->record.failure) {
        if (auto first = find(*began_with_)) return first;
    }
    auto today = find(*flow_->owner().connections_now());
    return today ? today : find(*began_with_);
}

// Why an operation cannot be called, empty when it can.
std::string active_run::unusable(const step_ptr& s,
                                 const std::string& name,
                                 const std::string& operation) const {
    const auto* role = flow_->descriptor().role(name);
    if (role == nullptr) return "the flow has no role \"" + name + '"';
    if (std::find(role->operations.begin(), role->operations.end(), operation) ==
        role->operations.end())
        return "the flow does not declare operation \"" + operation + "\" for role \"" + name + '"';
    const auto bound = bound_to(s, name);
    if (!bound)
        return "role \"" + name + "\" is not bound to a running connection; see [flows." +
               flow_->name() + ".connections]";
    if (bound->instance->descriptor().operation(operation) == nullptr)
        return "connection \"" + bound->instance->name() + "\" offers no operation \"" + operation +
               '"';
    return {};
}

// False: the step is over or waits for the source's connection.
bool active_run::admit_source(const step_ptr& s) {
    const auto bound = bound_to(s, s->from->role);
    const auto* op = bound ? bound->instance->descriptor().operation(s->from->operation) : nullptr;
    if (op != nullptr && op->repeat != effect_class::read) {
        complete(s, no_effect(category::config, "run.transfer.source",
                              "operation \"" + s->from->operation +
                                  "\" does not only read, so nothing can be transferred from it"));
        return false;
    }
    if (!bound || !bound->gate) return true;
    const auto admission = bound->gate->may_call();
    if (admission.what != connection_gate::verdict::go) {
        hold(s, bound->gate, admission);
        return false;
    }
    s->from_gate = bound->gate;
    s->from_pass = admission.pass;
    return true;
}

// The source was not asked after all; a probe that it was let through as is free again.
void active_run::leave_source(const step_ptr& s) {
    if (const auto gate = std::exchange(s->from_gate, nullptr)) gate->give_back(s->from_pass);
}

// The operation itself, or the transfer to it. ledger: as for complete(), when it went well.
void active_run::perform(const step_ptr& s, const char* ledger) {
    auto then = [this, s, ledger](result<call_answer> a) {
        if (!a) return attempt_failed(s, a.error());
        s->answer_content = a->content;
        complete(s, std::move(a->json), ledger);
    };
    if (s->from)
        move(s, std::move(then));
    else
        invoke(s, s->operation, s->input, std::move(then));
}

transfer_setup active_run::setup_of(const step_ptr& s) {
    transfer_setup setup;
    setup.from = *s->from;
    setup.to = {s->role, s->operation, s->input};
    setup.idempotency_key = run_.id.str() + '/' + s->record.key;
    setup.trace_parent = trace_parent_of(s);
    setup.subject = subject_of(s);
    setup.attempt = s->record.attempts;
    setup.queued_ns = s->queued_ns;
    // The step owns what it moves with.
    setup.bound = [this, of = std::weak_ptr(s)](const std::string& role) {
        const auto alive = of.lock();
        return alive ? bound_to(alive, role) : std::nullopt;
    };
    setup.post = [weak = weak_from_this()](std::function<void()> fn) {
        if (const auto self = weak.lock()) self->post(std::move(fn));
    };
    return setup;
}

void active_run::move(const step_ptr& s, std::function<void(result<call_answer>)> then) {
    if (over_) return;
    s->moving = std::make_shared<content_transfer>(env_, setup_of(s));
    s->moving->start([this, s, then = std::move(then)](result<transfer_outcome> o) {
        const auto moving = std::move(s->moving);
        const auto failure = o ? error{} : o.error();
        const bool by_source = moving->failed_at_source();
        if (const auto gate = std::exchange(s->from_gate, nullptr))
            gate->report(s->from_pass, !o && by_source ? &failure : nullptr);
        // A failing source says nothing of the target, whether that was asked already or not.
        if (s->gate && !o && by_source)
            s->gate->give_back(s->pass);
        else if (s->gate)
            s->gate->report(s->pass, o ? nullptr : &failure);
        if (over_) return;
        if (!o) return then(failure);
        s->moved = std::move(*o);
        then(call_answer{s->moved.json, 0});
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

// The lookup changes nothing; what it was to find out is still open, unless the last attempt is
// known to have changed nothing (a person's retry looks all the same).
void active_run::still_open(const step_ptr& s, error e) {
    const bool nothing_done = s->record.state == step_state::retrying && s->record.failure &&
                              s->record.failure->effect == effect::none;
    e.effect = nothing_done ? effect::none : effect::unknown;
    s->look_first = true;
    attempt_failed(s, std::move(e));
}

// A transfer looks for what it would have made, so it has to know what the source says of it.
void active_run::look_up(const step_ptr& s, const operation_descriptor& op) {
    const auto& lookup = op.lookup_operation;
    const auto* looks = s->on->descriptor().operation(lookup);
    if (!s->from || looks == nullptr || !content_transfer::completes(s->input, looks->input_schema))
        return look_up_by(s, lookup, s->input);
    if (over_) return;
    auto setup = setup_of(s);
    setup.only_input = true;
    s->moving = std::make_shared<content_transfer>(env_, std::move(setup));
    s->moving->start([this, s, lookup](result<transfer_outcome> o) {
        const auto moving = std::move(s->moving);
        if (over_) return;
        if (!o) {
            const auto failure = o.error();
            const auto gate =
                moving->failed_at_source() ? std::exchange(s->from_gate, nullptr) : nullptr;
            if (gate) gate->report(s->from_pass, &failure);
            return still_open(s, failure);
        }
        look_up_by(s, lookup, std::move(o->json));
    });
}

void active_run::look_up_by(const step_ptr& s, const std::string& lookup, std::string input) {
    invoke(s, lookup, std::move(input), [this, s](result<call_answer> a) {
        if (!a) return still_open(s, a.error());
        if (a->content != 0) env_.contents.close(a->content);
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
              [this, s] { perform(s, "done"); });
    });
}

void active_run::invoke(const step_ptr& s,
                        const std::string& operation,
                        std::string input,
                        std::function<void(result<call_answer>)> then) {
    if (over_) return;
    call_request request;
    request.operation = operation;
    request.input = std::move(input);
    request.attempt = s->record.attempts;
    request.idempotency_key = run_.id.str() + '/' + s->record.key;
    request.trace_parent = trace_parent_of(s);
    request.subject = subject_of(s);
    request.queued_ns = s->queued_ns;
    if (operation == s->operation) request.content = std::exchange(s->content, 0);
    if (const auto bound = bound_to(s, s->role))
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
                if (!self->over_)
                    then(std::move(a));
                else if (a && a->content != 0)
                    self->env_.contents.close(a->content);
            });
        });
}

void active_run::attempt_failed(const step_ptr& s, error e) {
    leave_source(s);
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
    if (decision.what == retry_decision::action::again && s->had_content && s->content == 0) {
        // What went with the call is used up; only a transfer can begin it anew.
        e.message += " (not tried again: its content cannot be sent a second time)";
        const bool open = s->repeat != effect_class::read && may_have_happened(e);
        complete(s, std::move(e), open ? "unknown" : nullptr);
        return;
    }
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
    auto t = ended_try(s, try_outcome::retrying, now, &e).value_or(step_try{});
    attempt_ends(s, attempt_seen::end::retrying, &e);
    s->record.state = step_state::retrying;
    s->record.wake_at = now + decision.delay.count();
    t.wait = e.retry_after && *e.retry_after >= decision.delay ? try_wait::retry_after
                                                               : try_wait::back_off;
    t.wait_until = s->record.wake_at;
    put_with_try(s, std::move(t), [this, s] { retry_at(s, s->record.wake_at); });
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
