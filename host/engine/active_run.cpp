// SPDX-License-Identifier: Apache-2.0
#include "engine/active_run.hpp"

#include "base/digest.hpp"
#include "base/handles.hpp"
#include "base/log.hpp"
#include "base/no_effect.hpp"
#include "content/content_store.hpp"
#include "engine/engine.hpp"
#include "engine/ledger_entries.hpp"

#include <mortise/sdk/abi.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <cstring>

namespace mortise::host {
namespace {

// Two lines of log per run would be noise at speed; failures are always said.
void log_failure(const run_record& run, const error& e, std::string_view step) {
    const bool wanted = e.category == category::cancelled;
    log(wanted ? log_level::info : log_level::warn,
        (wanted ? "run ended: " : "run failed: ") + e.message,
        {{"flow", run.instance},
         {"run", run.id.str()},
         {"step", step},
         {"code", e.code},
         {"category", to_string(e.category)}});
}

} // namespace

active_run::active_run(std::shared_ptr<flow_instance> flow,
                       plugin_environment& env,
                       claimed_run claimed,
                       std::shared_ptr<const connection_map> connections)
    : began_with_(std::move(connections)), flow_(std::move(flow)), env_(env),
      strand_(env.io.get_executor()), handle_(next_handle()), run_(std::move(claimed.run)),
      event_(std::move(claimed.event)),
      subject_(std::make_shared<run_subject>(run_.id, run_.instance, event_.trace_parent)),
      logical_now_(run_.created_at) {
    for (auto& s : claimed.steps) {
        if (s.state == step_state::done || s.state == step_state::failed) ++journaled_done_;
        last_tick_ = std::max(last_tick_, s.finished_at);
        auto key = s.key;
        journal_.emplace(std::move(key), std::move(s));
    }
    stamp_waits();
}

unix_ms active_run::tick() {
    last_tick_ = std::max(last_tick_ + 1, env_.time.now_unix_ms());
    return last_tick_;
}

// The journal ends a wait by itself when its event or child comes, knowing nothing of what this run
// was doing then. Such an outcome is new to the flow: it goes after all that the flow has seen, and
// keeps that place (attempts tells the two apart).
void active_run::stamp_waits() {
    std::vector<step_record*> fresh;
    for (auto& [key, s] : journal_) {
        const bool ended = s.state == step_state::done || s.state == step_state::failed;
        const bool by_journal = s.kind == step_kind::wait_event || s.kind == step_kind::spawn;
        if (by_journal && ended && s.attempts == 0) fresh.push_back(&s);
    }
    std::sort(fresh.begin(), fresh.end(), [](const step_record* a, const step_record* b) {
        return std::pair(a->finished_at, a->ordinal) < std::pair(b->finished_at, b->ordinal);
    });
    for (auto* s : fresh) {
        s->finished_at = tick();
        s->attempts = 1;
        unstamped_.insert(s->key);
    }
}

// Plugin code may still be on its way out of the call that ended the run, and the instance must not
// be destroyed before it is.
void active_run::leave_flow() {
    leaving_ = true;
    if (inside_ == 0 && std::exchange(in_flow_, false)) flow_->remove_run(handle_);
}

void active_run::start() {
    post([this] {
        if (over_) return;
        in_flow_ = flow_->add_run(shared_from_this());
        if (!in_flow_) {
            // Replaced by a reload in between: the instance that follows takes the run up.
            over_ = true;
            flow_->owner().run_lost(run_);
            return;
        }
        arm_deadline();
        // Before the flow runs, or its first wait would put it to sleep again.
        if (!run_.cancel_reason.empty()) cancelled_ = called_off(run_.cancel_reason);
        mortise_event e{};
        e.id = c_str_of(event_.id);
        e.source = c_str_of(event_.source);
        e.type = c_str_of(event_.type);
        e.subject = c_str_of(event_.subject);
        e.partition_key = c_str_of(event_.partition_key);
        e.trace_parent = c_str_of(event_.trace_parent);
        e.time_unix_ms = event_.time;
        e.data = json_payload(event_.data);
        plugin_instance::error_catcher caught;
        mortise_status status = MORTISE_E_FAILED;
        const bool fine = guarded("start", [&] {
            status =
                flow_->descriptor().table.start(flow_->plugin_self(), handle_, &e, caught.sink());
        });
        if (over_) return;
        if (!fine || status != MORTISE_OK) {
            auto failure = caught.take(status, "to start the run");
            end(run_state::failed, {}, std::move(failure), {});
            return;
        }
        if (cancelled_) tell_cancel();
        suspend_if_idle();
    });
}

unix_ms active_run::deadline_at() const {
    const auto limit = flow_->flow().deadline;
    return limit.count() > 0 ? run_.created_at + limit.count() : 0;
}

void active_run::arm_deadline() {
    const auto at = deadline_at();
    if (at == 0) return;
    const std::chrono::milliseconds left(std::max<unix_ms>(at - env_.time.now_unix_ms(), 0));
    deadline_ = env_.timers.start(left, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self) return;
        self->cancel(no_effect(category::timeout, "run.deadline",
                               "the run did not end within the deadline; see deadline in [flows." +
                                   self->flow_->name() + ']'));
    });
}

// ---- outcomes ----

// ledger: what the call has done outside, or null when it cannot have changed anything.
void active_run::complete(const step_ptr& s, result<std::string> outcome, const char* ledger) {
    if (over_) return;
    leave_source(s);
    std::optional<ledger_entry> entry;
    if (ledger != nullptr)
        entry = entry_of(s, ledger, outcome ? std::string_view(*outcome) : std::string_view());
    s->record.finished_at = tick();
    s->record.state = outcome ? step_state::done : step_state::failed;
    s->record.result = outcome ? std::move(*outcome) : std::string();
    if (outcome)
        s->record.failure.reset();
    else
        s->record.failure = outcome.error();
    const bool found = ledger != nullptr && std::string_view(ledger) == "found";
    const auto* why = s->record.failure ? &*s->record.failure : nullptr;
    const auto how = why == nullptr ? found ? try_outcome::found : try_outcome::done
                     : why->category == category::cancelled ? try_outcome::cancelled
                                                            : try_outcome::failed;
    auto last = ended_try(s, how, s->record.finished_at, why);
    step_ended(s, found);
    // Nothing of it changes any more, so the journal reads it where it is.
    unwritten_.push_back({s, std::move(entry), std::move(last)});
    deliver(s);
}

// What puts the outcomes that are not yet on their way into the journal; empty when there are none.
journal::operation active_run::take_unwritten() {
    if (unwritten_.empty()) return {};
    return [id = run_.id, outcomes = std::exchange(unwritten_, {})](journal_tx& tx) {
        for (const auto& o : outcomes) {
            if (o.itself) tx.put_step(id, o.step->record);
            if (o.last) tx.put_try(id, o.step->record.key, *o.last);
            if (o.entry) tx.append_ledger(*o.entry);
        }
    };
}

// Before every other write of the run: the journal keeps the order.
void active_run::write_outcomes() {
    if (auto op = take_unwritten()) write(std::move(op));
}

ledger_entry
active_run::entry_of(const step_ptr& s, const char* outcome, std::string_view result) const {
    const bool moved = s->from && !s->moved.json.empty();
    auto entry =
        ledger_entry_of({run_, s->record.key, s->record.attempts,
                         s->on ? std::string_view(s->on->name()) : std::string_view(), s->operation,
                         s->input, s->found, moved ? std::string_view(s->moved.target) : result},
                        outcome);
    // Of a transfer: what the object holds now.
    if (moved && !s->moved.sha256.empty()) entry.after = s->moved.sha256;
    return entry;
}

// Nobody knows whether the call has had its effect, and it must not be repeated: a person looks.
void active_run::in_doubt(const step_ptr& s, error why) {
    doubt_ = entry_of(s, "unknown", {});
    if (auto last = ended_try(s, try_outcome::in_doubt, env_.time.now_unix_ms(), &why))
        unwritten_.push_back({s, std::nullopt, std::move(last), false});
    attempt_ends(s, attempt_seen::end::in_doubt, &why);
    end_by_host(run_state::in_doubt, std::move(why), s->record.key);
}

void active_run::deliver(const step_ptr& s) {
    outcomes_.push_back(s);
    deliver_next();
}

// One at a time, and only after the flow has returned: by then it has begun every step it can, so
// the earliest stamp is the one that came first when the run was young.
void active_run::deliver_next() {
    if (delivering_ || over_ || outcomes_.empty()) return;
    delivering_ = true;
    post([this] {
        delivering_ = false;
        if (over_ || outcomes_.empty()) return;
        const auto next = std::min_element(outcomes_.begin(), outcomes_.end(),
                                           [](const step_ptr& a, const step_ptr& b) {
                                               return a->record.finished_at < b->record.finished_at;
                                           });
        const auto s = *next;
        // An earlier one is on its way to the journal; its commit comes back here.
        if (!reserved_.empty() && *reserved_.begin() < s->record.finished_at)
            return write_outcomes();
        outcomes_.erase(next);
        hand_over(s);
        if (over_) return;
        write_outcomes();
        deliver_next();
        suspend_if_idle();
    });
}

void active_run::hand_over(const step_ptr& s) {
    open_.erase(s->record.key);
    ++delivered_;
    logical_now_ = std::max(logical_now_, s->record.finished_at);
    const bool ok = s->record.state == step_state::done;
    if (unstamped_.erase(s->record.key) > 0) {
        step_ended(s);
        write([self = shared_from_this(), record = s->record](journal_tx& tx) {
            tx.put_step(self->run_.id, record);
        });
    }
    guarded("step finished", [&] {
        mortise_error e{};
        if (!ok && !s->record.failure) s->record.failure.emplace();
        if (!ok) failed_steps_[s->record.failure->code] = s->record.key;
        if (!ok) e = to_c(*s->record.failure); // views into it
        if (s->to.done != nullptr) {
            s->to.done(s->to.user, ok ? MORTISE_OK : MORTISE_E_FAILED, ok ? nullptr : &e);
        } else if (!ok) {
            s->to.result(s->to.user, nullptr, 0, &e);
        } else if (s->record.result.empty()) {
            s->to.result(s->to.user, nullptr, std::exchange(s->answer_content, 0), nullptr);
        } else {
            const auto payload = json_payload(s->record.result);
            s->to.result(s->to.user, &payload, std::exchange(s->answer_content, 0), nullptr);
        }
    });
}

void active_run::write(journal::operation op, std::function<void()> then) {
    write_outcomes();
    ++undurable_;
    env_.store.write(
        writes_.next(std::move(op)),
        [self = shared_from_this(), then = std::move(then)](const result<void>& ok) mutable {
            if (self->over_) return;
            self->post(
                [self, then = std::move(then), failed = ok ? std::optional<error>() : ok.error()] {
                    --self->undurable_;
                    if (self->over_) return;
                    if (failed) {
                        // The journal is the truth: go back to what it holds and try again later.
                        log(log_level::error, "the journal did not take a step: " + failed->message,
                            {{"flow", self->run_.instance}, {"run", self->run_.id.str()}});
                        self->drop();
                        self->flow_->owner().run_lost(self->run_);
                        return;
                    }
                    if (then) then();
                    self->barrier_moved();
                });
        });
}

void active_run::barrier_moved() {
    while (undurable_ == 0 && !at_barrier_.empty() && !over_) {
        auto next = std::move(at_barrier_.front());
        at_barrier_.pop_front();
        next();
    }
}

void active_run::suspend_if_idle() {
    if (over_ || suspending_ || open_.empty()) return;
    unix_ms wake = 0;
    std::shared_ptr<connection_gate> held;
    for (const auto& [key, s] : open_) {
        if (!s->parked) return;
        if (s->held) held = s->held;
        if (s->record.wake_at != 0 && (wake == 0 || s->record.wake_at < wake))
            wake = s->record.wake_at;
    }
    const auto limit = deadline_at();
    // Past it the timer is about to cancel the run; leaving memory now would only bring it back.
    if (limit != 0 && !cancelled_ && env_.time.now_unix_ms() >= limit) return;
    if (limit != 0 && (wake == 0 || limit < wake)) wake = limit;
    if (cancelled_) {
        const auto parked = open_;
        for (const auto& [key, s] : parked) {
            s->parked = false;
            complete(s, *cancelled_);
        }
        return;
    }
    suspending_ = true;
    auto state = std::make_shared<run_state>(run_state::waiting);
    write(
        [self = shared_from_this(), wake, state,
         held_by = held ? held->name() : std::string()](journal_tx& tx) {
            *state = tx.suspend(self->run_.id, wake, held_by);
            self->flow_->owner().count_backlog(tx);
        },
        [this, wake, state, held] {
            drop();
            flow_->owner().run_suspended(run_, event_, *state, wake);
            // Released while the run was on its way out: the release did not find it.
            if (held && held->is_open()) held->release();
        });
}

// Steps that were done in an earlier life and that this one has come to its end without.
std::vector<std::string> active_run::left_out() const {
    std::vector<std::string> out;
    if (cancelled_) return out;
    for (const auto& [key, s] : journal_) {
        if (s.state == step_state::done && !used_.contains(key)) out.push_back(key);
    }
    if (out.empty()) return out;
    // After a retry by hand the flow may well go another way than before.
    bool by_hand = false;
    try {
        env_.store.read([&](journal_reader& r) { by_hand = !r.notes(run_.id).empty(); });
    } catch (const journal_failure&) {
        by_hand = true;
    }
    if (by_hand) out.clear();
    std::sort(out.begin(), out.end());
    return out;
}

mortise_status active_run::finish(std::string result_json, std::optional<error> failure) {
    if (over_) return MORTISE_E_STATE;
    if (failure) {
        // A run past its deadline is for a person to see, one that was called off is not.
        const bool called_off = cancelled_ && cancelled_->category == category::cancelled;
        const auto state = called_off ? run_state::cancelled : run_state::failed;
        // What the flow has caught and what it says itself are two things.
        const auto of_step = failed_steps_.find(failure->code);
        end(state, std::move(result_json), std::move(failure),
            of_step != failed_steps_.end() ? of_step->second : std::string());
    } else if (const auto left = left_out(); !left.empty()) {
        end(run_state::failed, {}, steps_left_out(journaled_steps(), asked_, left), left.front());
    } else {
        end(run_state::succeeded, std::move(result_json), std::nullopt, {});
    }
    return MORTISE_OK;
}

// Nothing reaches the plugin for this run from here on.
void active_run::stop_steps() {
    over_ = true;
    deadline_.cancel();
    for (auto& [key, s] : open_) {
        if (s->call != 0) s->on->cancel(s->call);
        s->retry.cancel();
        let_go(s);
        if (s->moving) s->moving->abandon();
        for (const auto content : {s->content, s->answer_content})
            if (content != 0) env_.contents.close(content);
    }
    open_.clear();
    outcomes_.clear();
    at_barrier_.clear();
}

// The run is over; the plugin has finished it itself or knows nothing of it.
void active_run::end(run_state state,
                     std::string result_json,
                     std::optional<error> failure,
                     std::string failed_step) {
    stop_steps();
    if (failure) log_failure(run_, *failure, failed_step);
    run_.state = state;
    run_.result = std::move(result_json);
    run_.failure = std::move(failure);
    run_.failed_step = std::move(failed_step);
    auto last_steps = writes_.next(take_unwritten());
    leave_flow();
    // Nothing of the record changes any more; whoever needs it keeps the run alive.
    flow_->owner().end_run(std::shared_ptr<const run_record>(shared_from_this(), &run_),
                           std::shared_ptr<const event_record>(shared_from_this(), &event_),
                           std::move(last_steps), std::move(doubt_));
}

// The host ends the run over the plugin's head: later, because the flow itself may be below us on
// the stack and drop() frees it.
void active_run::end_by_host(run_state state, error failure, std::string failed_step) {
    if (over_) return;
    over_ = true;
    post([this, state, failure = std::move(failure), failed_step = std::move(failed_step)] {
        guarded("drop", [&] { flow_->descriptor().table.drop(flow_->plugin_self(), handle_); });
        end(state, {}, failure, failed_step);
    });
}

void active_run::drop() {
    if (over_) return;
    write_outcomes();
    stop_steps();
    guarded("drop", [&] { flow_->descriptor().table.drop(flow_->plugin_self(), handle_); });
    leave_flow();
}

void active_run::cancel(error why) {
    post([this, why = std::move(why)] { call_off(why); });
}

void active_run::call_off(error why) {
    if (over_ || cancelled_) return;
    cancelled_ = why;
    const auto open = open_;
    for (const auto& [key, s] : open) {
        if (s->call != 0) s->on->cancel(s->call);
        if (s->moving) s->moving->cancel();
        if (s->retry.cancel()) complete(s, why);
    }
    tell_cancel();
    suspend_if_idle();
}

void active_run::tell_cancel() {
    guarded("cancel", [&] { flow_->descriptor().table.cancel(flow_->plugin_self(), handle_); });
}

error called_off(const std::string& reason) {
    return no_effect(category::cancelled, "run.cancelled", "the run was cancelled: " + reason);
}

void active_run::abandon() {
    post([this] { drop(); });
}

std::uint64_t active_run::random(std::uint64_t n) const noexcept {
    // From the run's id alone: the same on every replay, on every build.
    const auto digest = sha256(run_.id.str() + '#' + std::to_string(n));
    std::uint64_t x = 0;
    std::memcpy(&x, digest.data(), sizeof x);
    return x;
}

} // namespace mortise::host
