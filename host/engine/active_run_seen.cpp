// SPDX-License-Identifier: Apache-2.0
// What a run's attempts look like to observers.
#include "engine/active_run.hpp"
#include "engine/engine.hpp"

#include <algorithm>

namespace mortise::host {

const std::string& active_run::span_of(const step_ptr& s) const {
    const auto attempt = std::max(s->record.attempts, 1u);
    if (s->span_of != attempt) {
        s->span = step_span_id(run_.id, s->record.key, attempt);
        s->span_of = attempt;
    }
    return s->span;
}

// As trace_parent_of_step(), which hashes each time.
std::string active_run::trace_parent_of(const step_ptr& s) {
    if (!trace_) trace_ = trace_of_run(event_.trace_parent, run_.id);
    auto c = *trace_;
    c.span_id = span_of(s);
    if (const auto share = flow_->owner().trace_share(); share >= 0)
        c.sampled = in_sample(c.trace_id, share);
    return to_trace_parent(c);
}

std::shared_ptr<const log_subject> active_run::subject_of(const step_ptr& s) const {
    return std::make_shared<run_subject>(static_cast<const run_subject&>(*subject_), s->record.key,
                                         s->on ? s->on->name() : std::string(),
                                         std::max(s->record.attempts, 1u));
}

void run_subject::describe(fields& out) const {
    out.emplace_back("run", run_.str());
    out.emplace_back("flow", flow_);
    if (!step_.empty()) out.emplace_back("step", step_);
    if (!connection_.empty()) out.emplace_back("connection", connection_);
    if (attempt_ != 0) out.emplace_back("attempt", std::to_string(attempt_));
    out.emplace_back("trace_id", trace_of_run(trace_parent_, run_).trace_id);
    out.emplace_back("span_id",
                     step_.empty() ? run_span_id(run_) : step_span_id(run_, step_, attempt_));
}

void active_run::attempt_begins(const step_ptr& s) {
    s->try_began = env_.time.now_unix_ms();
    if (!flow_->owner().is_observed()) return;
    s->began_unix = s->try_began;
    s->began_mono = env_.time.now_mono_ns();
}

// Outcomes that are only read from the journal do not come here.
void active_run::attempt_ends(const step_ptr& s, attempt_seen::end outcome, const error* failure) {
    if (!flow_->owner().is_observed()) return;
    const auto& roles = flow_->flow().roles;
    const auto bound_to = [&](const std::string& role) {
        const auto it = roles.find(role);
        return it == roles.end() ? std::string_view() : std::string_view(it->second);
    };
    const bool outside = s->record.kind == step_kind::call || s->record.kind == step_kind::transfer;
    // Ended while it waited for its next attempt: that is the one that has not come about. The one
    // before has been told with times of its own.
    const bool between =
        outside && s->began_mono == 0 && s->record.attempts > 0 &&
        (outcome == attempt_seen::end::failed || outcome == attempt_seen::end::cancelled);
    const auto attempt = between ? s->record.attempts + 1 : std::max(s->record.attempts, 1u);
    const auto other = between ? step_span_id(run_.id, s->record.key, attempt) : std::string();
    attempt_seen seen{run_,
                      event_,
                      s->record.key,
                      s->record.kind,
                      s->record.target,
                      bound_to(s->role),
                      attempt,
                      0,
                      0,
                      outcome,
                      failure,
                      between ? std::string_view(other) : std::string_view(span_of(s)),
                      s->from ? bound_to(s->from->role) : std::string_view()};
    if (s->began_mono != 0) {
        // The wall clock is read once, so that a step of it does not stretch the attempt.
        seen.began_unix_us = s->began_unix * 1000;
        const auto took = env_.time.now_mono_ns() - s->began_mono;
        seen.ended_unix_us = seen.began_unix_us + static_cast<std::int64_t>(took / 1000);
    } else {
        const auto ended =
            s->record.finished_at != 0 ? s->record.finished_at : env_.time.now_unix_ms();
        seen.ended_unix_us = ended * 1000;
        seen.began_unix_us = (between ? ended : std::min(s->record.started_at, ended)) * 1000;
    }
    if (outcome != attempt_seen::end::waiting) s->began_mono = 0;
    flow_->owner().tell(seen);
}

void active_run::step_ended(const step_ptr& s, bool found) {
    using end = attempt_seen::end;
    const auto& r = s->record;
    const auto* why = r.failure ? &*r.failure : nullptr;
    const bool called_off = why != nullptr && why->category == category::cancelled;
    attempt_ends(s,
                 r.state == step_state::done ? (found ? end::found : end::done)
                 : called_off                ? end::cancelled
                                             : end::failed,
                 why);
}

} // namespace mortise::host
