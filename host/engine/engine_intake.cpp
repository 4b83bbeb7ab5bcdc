// SPDX-License-Identifier: Apache-2.0
// What comes in: events of connectors, requests, and whether there is room for them.
#include "base/no_effect.hpp"
#include "engine/engine_state.hpp"

#include <algorithm>

namespace mortise::host {

bool engine::has_room() const {
    return backlog_.load() < options_.max_backlog && !is_disk_low();
}

bool engine::is_disk_low() const {
    return space_ && space_->is_low();
}

error engine::refusal() const {
    if (!is_disk_low())
        return no_effect(category::unavailable, "engine.full",
                         "the backlog is full or the host is stopping; try again later");
    space_->refused();
    auto e = no_effect(category::unavailable, "engine.disk-full", space_guard::refusal);
    e.retry_after = space_guard::retry_after;
    return e;
}

void engine::watch_space(std::shared_ptr<space_guard> guard) {
    space_ = std::move(guard);
}

void engine::room_again() {
    full_ = true; // whoever was turned away waits to be told
    resume_intake();
}

void engine::take(emitted batch, std::function<void(const result<void>&)> done) {
    struct work {
        std::vector<intake> events;
        std::vector<std::vector<routed>> runs;
        std::optional<cursor_update> cursor;
        decltype(emitted::also) also;
        std::vector<accepted> outcomes;
        std::vector<claimed_run> claimed;
    };
    auto w = std::make_shared<work>();
    std::shared_ptr<const router> routes;
    {
        const std::lock_guard lock(impl_->guard);
        routes = impl_->setup.routes;
    }
    const auto now = env_.time.now_unix_ms();
    for (auto& e : batch.events) {
        auto found = routes ? routes->find(e, now) : std::vector<routed>();
        intake in;
        in.event = std::move(e);
        for (const auto& r : found)
            in.runs.push_back(r.seed);
        w->events.push_back(std::move(in));
        w->runs.push_back(std::move(found));
    }
    if (batch.cursor)
        w->cursor = cursor_update{batch.connection, batch.trigger, std::move(*batch.cursor)};
    w->also = std::move(batch.also);
    env_.store.write(
        [this, w](journal_tx& tx) {
            w->outcomes.clear();
            std::uint32_t made = 0;
            std::uint64_t fresh = 0;
            for (std::size_t i = 0; i < w->events.size(); ++i) {
                auto outcome = tx.accept(w->events[i]);
                if (!outcome.duplicate) {
                    ++fresh;
                    made += static_cast<std::uint32_t>(w->runs[i].size());
                    for (const auto& r : w->runs[i]) {
                        if (!r.failure) continue;
                        tx.finish(r.seed.id, run_state::failed, {}, r.failure, {});
                    }
                }
                made += static_cast<std::uint32_t>(outcome.woken.size());
                w->outcomes.push_back(std::move(outcome));
            }
            if (w->cursor) tx.set_cursor(*w->cursor);
            if (w->also) w->also(tx, fresh, w->events.size() - fresh);
            count_backlog(tx);
            // Taken up in the same transaction: one sync less between an event and its run.
            const auto slots = slots_for(made);
            w->claimed = slots > 0
                             ? tx.claim(options_.owner, slots, tx.now() + options_.lease.count())
                             : std::vector<claimed_run>();
        },
        [this, w, done = std::move(done)](const result<void>& ok) {
            if (ok) {
                std::uint64_t fresh = 0, known = 0;
                for (std::size_t i = 0; i < w->outcomes.size(); ++i) {
                    w->outcomes[i].duplicate ? ++known : ++fresh;
                    if (!w->outcomes[i].duplicate && w->events[i].event.via == "poll")
                        impl_->poll_only.add(1);
                    if (is_observed())
                        tell_taken(w->events[i].event, w->outcomes[i], w->events[i].runs.size());
                }
                for (std::size_t i = 0; is_observed() && i < w->runs.size(); ++i) {
                    if (!w->outcomes[i].duplicate) tell_unroutable(w->events[i].event, w->runs[i]);
                }
                impl_->accepted.add(static_cast<double>(fresh));
                if (known > 0) impl_->duplicates.add(static_cast<double>(known));
                if (!has_room()) full_ = true;
                began(std::move(w->claimed));
            }
            if (!ok && space_ && ok.error().code == "journal.disk-full") space_->look();
            done(ok);
        });
}

bool engine::has_flow(const std::string& instance) const {
    const std::lock_guard lock(impl_->guard);
    return impl_->setup.flows.contains(instance);
}

void engine::request(std::string instance,
                     event_record event,
                     std::function<void(result<run_id>)> done,
                     std::function<void(run_outcome)> ended) {
    struct work {
        intake in;
        accepted outcome;
        std::vector<claimed_run> claimed;
        run_id id;
    };
    auto w = std::make_shared<work>();
    std::shared_ptr<flow_instance> flow;
    bool stopping = false;
    {
        const std::lock_guard lock(impl_->guard);
        stopping = impl_->stopping;
        if (const auto it = impl_->setup.flows.find(instance); it != impl_->setup.flows.end())
            flow = it->second;
    }
    if (!flow) {
        done(no_effect(category::not_found, "flow.unknown",
                       "no flow \"" + instance + "\" is configured"));
        return;
    }
    if (stopping || !has_room()) {
        done(refusal());
        return;
    }
    const auto& d = flow->descriptor();
    // A manual start may carry any event the flow subscribes to.
    const bool wanted = std::any_of(d.subscriptions.begin(), d.subscriptions.end(),
                                    [&](const auto& s) { return s.event_type == event.type; });
    if (!wanted) {
        done(no_effect(category::input, "flow.event.unwanted",
                       "flow \"" + instance + "\" does not start on \"" + event.type + '"'));
        return;
    }
    run_seed seed;
    seed.id = run_id(uuid_v7(env_.time.now_unix_ms()));
    seed.instance = instance;
    seed.key = !event.partition_key.empty() ? event.partition_key
               : !event.subject.empty()     ? event.subject
                                            : event.id;
    seed.flow = d.id;
    seed.flow_version = d.version;
    seed.config_revision = flow->flow().config_revision;
    w->id = seed.id;
    w->in.runs.push_back(std::move(seed));
    w->in.event = std::move(event);
    if (ended) {
        const std::lock_guard lock(impl_->guard);
        impl_->waiting_for.emplace(w->id, std::move(ended));
    }
    env_.store.write(
        [this, w](journal_tx& tx) {
            w->outcome = tx.accept(w->in);
            count_backlog(tx);
            w->claimed.clear();
            if (!w->outcome.duplicate && slots_for(1) > 0) {
                w->claimed = tx.claim(options_.owner, 1, tx.now() + options_.lease.count());
            }
        },
        [this, w, done = std::move(done)](const result<void>& ok) {
            std::function<void(run_outcome)> waiting;
            if (!ok || w->outcome.duplicate) {
                const std::lock_guard lock(impl_->guard);
                if (const auto it = impl_->waiting_for.find(w->id);
                    it != impl_->waiting_for.end()) {
                    waiting = std::move(it->second);
                    impl_->waiting_for.erase(it);
                }
            }
            if (!ok) {
                if (space_ && ok.error().code == "journal.disk-full") space_->look();
                done(ok.error());
                return;
            }
            if (w->outcome.duplicate) {
                impl_->duplicates.add(1);
                if (is_observed()) tell_taken(w->in.event, w->outcome, 1);
                answer_like_first(w->outcome, w->in.event, done, std::move(waiting));
                return;
            }
            impl_->accepted.add(1);
            if (is_observed()) tell_taken(w->in.event, w->outcome, 1);
            done(w->id);
            began(std::move(w->claimed));
        });
}

// Completions come in order: a run that has not ended by now ends after this, so nobody waits in
// vain.
void engine::answer_like_first(const accepted& first,
                               const event_record& event,
                               const std::function<void(result<run_id>)>& done,
                               std::function<void(run_outcome)> ended) {
    if (!first.same_data) {
        done(no_effect(category::input, "request.key-reused",
                       "event \"" + event.id + "\" of " + event.source +
                           " came before with other data; take a new id (Idempotency-Key) for "
                           "what is not a repeat"));
        return;
    }
    if (first.runs.empty()) {
        done(no_effect(category::conflict, "request.forgotten",
                       "event \"" + event.id + "\" of " + event.source +
                           " came before, and its run is no longer kept"));
        return;
    }
    const auto& run = first.runs.front();
    const bool over = is_final(run.state);
    if (!over && ended) {
        const std::lock_guard lock(impl_->guard);
        impl_->waiting_for.emplace(run.id, std::move(ended));
    }
    done(run.id);
    if (over && ended) ended({run.id, run.state, run.result, run.failure});
}

void engine::settle_waiting(const run_outcome& outcome) {
    std::vector<std::function<void(run_outcome)>> waiting;
    {
        const std::lock_guard lock(impl_->guard);
        const auto [from, to] = impl_->waiting_for.equal_range(outcome.id);
        for (auto it = from; it != to; ++it)
            waiting.push_back(std::move(it->second));
        impl_->waiting_for.erase(from, to);
    }
    for (const auto& ended : waiting)
        ended(outcome);
}

} // namespace mortise::host
