// SPDX-License-Identifier: Apache-2.0
// What the engine tells its observers of events and runs.
#include "engine/observer.hpp"

#include "engine/engine.hpp"

namespace mortise::host {

std::string_view to_string(attempt_seen::end e) noexcept {
    switch (e) {
    case attempt_seen::end::done:
        return "done";
    case attempt_seen::end::found:
        return "found";
    case attempt_seen::end::retrying:
        return "retrying";
    case attempt_seen::end::failed:
        return "failed";
    case attempt_seen::end::in_doubt:
        return "in_doubt";
    case attempt_seen::end::waiting:
        return "waiting";
    case attempt_seen::end::cancelled:
        break;
    }
    return "cancelled";
}

void engine::observe(std::shared_ptr<run_observer> observer) {
    observers_.push_back(std::move(observer));
}

void engine::tell(const attempt_seen& attempt) const noexcept {
    for (const auto& o : observers_)
        o->attempt_ended(attempt);
}

void engine::tell_taken(event_record& event, const accepted& outcome, std::size_t runs) const {
    event.ref = outcome.ref;
    event.accepted_at = env_.time.now_unix_ms();
    for (const auto& o : observers_)
        o->event_taken(event, outcome.duplicate ? 0 : runs, outcome.duplicate);
}

// Runs that were dead letters from the start, because no flow could make out what to do with them.
void engine::tell_unroutable(const event_record& event, const std::vector<routed>& runs) const {
    for (const auto& r : runs) {
        if (!r.failure) continue;
        run_record run;
        run.id = r.seed.id;
        run.instance = r.seed.instance;
        run.key = r.seed.key;
        run.flow = r.seed.flow;
        run.flow_version = r.seed.flow_version;
        run.config_revision = r.seed.config_revision;
        run.state = run_state::failed;
        run.event = event.ref;
        run.event_type = event.type;
        run.event_subject = event.subject;
        run.created_at = run.updated_at = event.accepted_at;
        run.failure = r.failure;
        tell_changed(run, event);
    }
}

void engine::tell_changed(const run_record& run, const event_record& event) const noexcept {
    for (const auto& o : observers_)
        o->run_changed(run, event);
}

// Of runs that ended in the journal without having been at work.
void engine::tell_ended(const std::vector<run_id>& runs) const {
    for (const auto& id : runs) {
        std::optional<claimed_run> found;
        try {
            env_.store.read([&](journal_reader& r) { found = r.run(id); });
        } catch (const journal_failure&) {
            continue; // it has ended all the same, and nobody waits for this
        }
        if (found) tell_changed(found->run, found->event);
    }
}

} // namespace mortise::host
