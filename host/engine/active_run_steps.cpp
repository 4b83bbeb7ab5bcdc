// SPDX-License-Identifier: Apache-2.0
// A run's steps: asked for by the flow, answered from the journal or carried out.
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
    s->had_content = content != 0;
    if (answer_from_journal(s)) return MORTISE_OK;
    s->record.input = s->input;
    go_on(s);
    return MORTISE_OK;
}

mortise_status
active_run::transfer(std::string key, transfer_end from, transfer_end to, receiver to_flow) {
    mortise_status refusal = MORTISE_OK;
    const auto s = begin_step(
        std::move(key), step_kind::transfer,
        from.role + ':' + from.operation + " > " + to.role + ':' + to.operation, to_flow, refusal);
    if (!s) return refusal;
    s->role = std::move(to.role);
    s->operation = std::move(to.operation);
    s->input = std::move(to.input);
    s->from = std::move(from);
    if (answer_from_journal(s)) return MORTISE_OK;
    s->record.input = R"({"from":)" + s->from->input + R"(,"to":)" + s->input + '}';
    go_on(s);
    return MORTISE_OK;
}

void active_run::go_on(const step_ptr& s) {
    const bool known = journaled(s->record.key) != nullptr;
    if (known && s->record.state == step_state::retrying) {
        const bool held = s->record.failure && s->record.failure->code == held_code;
        // A person's retry sets the attempts back; what may have happened is looked up all the
        // same.
        // What stood in the way of it would be found and be taken for it.
        const bool in_the_way = s->record.attempts == 0 && s->record.failure &&
                                s->record.failure->effect == effect::none &&
                                s->record.failure->category == category::conflict;
        s->look_first = !in_the_way && (s->record.attempts > 0 || !held ||
                                        s->record.failure->effect != effect::none);
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
          [this, s] {
              attempt_ends(s, attempt_seen::end::waiting, nullptr);
              park(s);
          });
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
            if (*came)
                take_up_again(s);
            else
                attempt_ends(s, attempt_seen::end::waiting, nullptr);
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
                step_ended(s);
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
    c.trace_parent = trace_parent_of(s);
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
    const auto child = std::make_shared<const intake>(std::move(*made));
    write(
        [self = shared_from_this(), record = s->record, child, o](journal_tx& tx) {
            *o = {};
            try {
                o->over = tx.put_spawn(self->run_.id, record, *child);
            } catch (const journal_failure& failure) {
                // What the flow asked for cannot be; anything else is the journal's trouble.
                const auto& e = failure.get();
                if (e.category != category::input && e.category != category::conflict) throw;
                o->refused = e;
            }
        },
        [this, s, child, o] {
            if (o->refused) {
                complete(s, *o->refused);
                return;
            }
            if (o->over)
                take_up_again(s);
            else
                flow_->owner().child_began(child->event);
            attempt_ends(s, attempt_seen::end::waiting, nullptr);
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
    attempt_begins(s);
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
            step_ended(s);
            deliver(s);
        });
    return MORTISE_OK;
}

} // namespace mortise::host
