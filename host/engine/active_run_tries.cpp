// SPDX-License-Identifier: Apache-2.0
// What the journal keeps of a step's attempts. A step that its first attempt ends has none of this.
#include "engine/active_run.hpp"

#include <algorithm>

namespace mortise::host {

std::optional<step_try>
active_run::ended_try(const step_ptr& s, try_outcome outcome, unix_ms at, const error* failure) {
    const auto began = std::exchange(s->try_began, 0);
    const bool only = !s->record.tried && s->record.attempts <= 1;
    if (began == 0 || (only && outcome != try_outcome::retrying)) return std::nullopt;
    step_try t;
    t.attempt = s->record.attempts;
    t.ended = at;
    t.began = std::min(began, at); // the clock may have been set back
    // Requests beside each other wait at the same time.
    if (s->queued_ns)
        t.limited_ms = std::min<std::int64_t>(*s->queued_ns / 1'000'000, t.ended - t.began);
    t.outcome = outcome;
    if (failure != nullptr) t.failure = *failure;
    return t;
}

// With the state that the try has left the step in.
void active_run::put_with_try(const step_ptr& s, step_try t, std::function<void()> then) {
    s->record.tried = true;
    write(
        [self = shared_from_this(), record = s->record, t = std::move(t)](journal_tx& tx) {
            tx.put_step(self->run_.id, record);
            tx.put_try(self->run_.id, record.key, t);
        },
        std::move(then));
}

// The attempt that was under way when the host ended; nobody knows when that was. It is not
// counted.
void active_run::keep_cut_off(const step_ptr& s) {
    step_try t;
    t.attempt = s->record.attempts;
    t.ended = env_.time.now_unix_ms();
    // Later ones began sometime after the wait before them.
    if (!s->record.tried && t.attempt == 1) t.began = std::min(s->record.started_at, t.ended);
    t.outcome = try_outcome::cut_off;
    s->record.tried = true;
    if (s->record.attempts > 0) --s->record.attempts; // the next one takes its place
    write([self = shared_from_this(), key = s->record.key, t](journal_tx& tx) {
        tx.put_try(self->run_.id, key, t);
    });
}

} // namespace mortise::host
