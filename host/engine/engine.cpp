// SPDX-License-Identifier: Apache-2.0
// The engine's life, its runs, and time.
#include "base/log.hpp"
#include "base/no_effect.hpp"
#include "engine/engine_state.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

// After the journal refused a write, or a claim failed: when to look again.
constexpr std::chrono::milliseconds after_trouble{1000};

} // namespace

engine::engine(plugin_environment& env, engine_options options)
    : env_(env), options_(std::move(options)), impl_(std::make_unique<impl>(env)) {}

engine::~engine() = default;

void engine::set_up(engine_setup setup) {
    auto connections = std::make_shared<const connection_map>(std::move(setup.connections));
    const std::lock_guard lock(impl_->guard);
    impl_->setup = std::move(setup);
    impl_->connections.swap(connections);
}

void engine::set_pinned_source(pinned_source source) {
    pinned_source_ = std::move(source);
}

result<void> engine::start() {
    std::uint64_t released = 0;
    result<void> freed;
    env_.store.write([&](journal_tx& tx) { released = tx.release_leases(options_.owner); },
                     [&](const result<void>& ok) { freed = ok; });
    if (const auto flushed = env_.store.flush(); !flushed) return flushed.error();
    if (!freed) return freed.error(); // what stays leased to us would never go on
    if (released > 0) {
        log(log_level::info, "runs go on where they were", {{"runs", released}});
    }
    kick();
    look_for_wakes();
    renew_leases();
    return {};
}

std::uint32_t engine::free_slots() const {
    const std::lock_guard lock(impl_->guard);
    if (impl_->stopping || impl_->active.size() >= options_.max_active_runs) return 0;
    return options_.max_active_runs - static_cast<std::uint32_t>(impl_->active.size());
}

std::uint32_t engine::slots_for(std::uint32_t wanted) {
    const auto slots = std::min(free_slots(), wanted);
    if (slots < wanted) starved_ = true;
    return slots;
}

void engine::count_backlog(const journal_tx& tx) {
    backlog_ = tx.backlog();
}

// ---- runs ----

void engine::kick() {
    if (slots_for(1) == 0) return;
    auto claimed = std::make_shared<std::vector<claimed_run>>();
    env_.store.write(
        [this, claimed](journal_tx& tx) {
            count_backlog(tx);
            const auto slots = std::min<std::uint32_t>(free_slots(), 256);
            *claimed = slots > 0
                           ? tx.claim(options_.owner, slots, tx.now() + options_.lease.count())
                           : std::vector<claimed_run>();
        },
        [this, claimed](const result<void>& ok) {
            if (!ok) {
                schedule_wake(env_.time.now_unix_ms() + after_trouble.count());
                return;
            }
            const bool more = claimed->size() == 256;
            began(std::move(*claimed));
            if (more) kick();
        });
}

void engine::cancel(const run_id& run,
                    std::string who,
                    std::string reason,
                    std::function<void(result<cancelled_runs>)> done) {
    struct work {
        result<cancelled_runs> outcome = cancelled_runs{};
    };
    auto w = std::make_shared<work>();
    env_.store.write([w, run, who = std::move(who),
                      reason](journal_tx& tx) { w->outcome = tx.cancel(run, who, reason); },
                     [this, w, reason, done = std::move(done)](const result<void>& ok) {
                         if (!ok) {
                             done(ok.error());
                             return;
                         }
                         if (!w->outcome) {
                             done(w->outcome.error());
                             return;
                         }
                         const auto why = called_off(reason);
                         std::vector<std::shared_ptr<active_run>> told;
                         {
                             const std::lock_guard lock(impl_->guard);
                             for (const auto& id : w->outcome->active) {
                                 if (const auto it = impl_->active.find(id);
                                     it != impl_->active.end())
                                     told.push_back(it->second);
                             }
                         }
                         for (const auto& active : told)
                             active->cancel(why);
                         if (is_observed()) tell_ended(w->outcome->ended);
                         for (const auto& id : w->outcome->ended)
                             settle_waiting({id, run_state::cancelled, {}, why});
                         done(w->outcome);
                         kick();
                     });
}

result<intake>
engine::child_of(const run_record& parent, const std::string& step, child_request c) {
    std::shared_ptr<flow_instance> flow;
    {
        const std::lock_guard lock(impl_->guard);
        if (const auto it = impl_->setup.flows.find(c.flow); it != impl_->setup.flows.end())
            flow = it->second;
    }
    if (!flow) {
        return no_effect(category::config, "run.child-flow",
                         "no flow \"" + c.flow + "\" is configured to be started as a child");
    }
    const auto& d = flow->descriptor();
    const bool wanted = std::any_of(d.subscriptions.begin(), d.subscriptions.end(),
                                    [&](const auto& s) { return s.event_type == c.event_type; });
    if (!wanted) {
        return no_effect(category::config, "run.child-flow",
                         "flow \"" + c.flow + "\" does not start on \"" + c.event_type + '"');
    }
    intake in;
    in.event.id = parent.id.str() + '/' + step;
    in.event.source = "/runs";
    in.event.type = std::move(c.event_type);
    in.event.subject = parent.event_subject;
    in.event.partition_key = c.key.empty() ? in.event.id : std::move(c.key);
    in.event.time = env_.time.now_unix_ms();
    in.event.via = "spawn";
    in.event.trace_parent = std::move(c.trace_parent);
    in.event.data = std::move(c.data);
    run_seed seed;
    seed.id = run_id(uuid_v7(env_.time.now_unix_ms()));
    seed.instance = std::move(c.flow);
    seed.key = in.event.partition_key;
    seed.flow = d.id;
    seed.flow_version = d.version;
    seed.config_revision = flow->flow().config_revision;
    seed.parent = parent.id;
    seed.parent_step = step;
    in.runs.push_back(std::move(seed));
    return in;
}

void engine::child_began(const event_record& event) {
    impl_->accepted.add(1);
    for (const auto& o : observers_)
        o->event_taken(event, 1, false);
    kick();
}

void engine::began(std::vector<claimed_run> claimed) {
    for (auto& c : claimed)
        dispatch(std::move(c));
}

// Which instance the run goes on: the current one, or the one it began on.
void engine::dispatch(claimed_run claimed) {
    std::shared_ptr<flow_instance> flow;
    {
        const std::lock_guard lock(impl_->guard);
        if (impl_->stopping)
            return; // still leased to us in the journal: the next start takes it up
        const auto it = impl_->setup.flows.find(claimed.run.instance);
        if (it != impl_->setup.flows.end()) flow = it->second;
    }
    if (!flow) {
        const auto name = claimed.run.instance;
        refuse(std::move(claimed),
               no_effect(category::config, "flow.not-configured",
                         "flow \"" + name + "\" is not configured any more; put [flows." + name +
                             "] back and retry the run, or discard it"));
        return;
    }
    const auto& version = flow->descriptor().version;
    const auto& revision = flow->flow().config_revision;
    const bool current =
        claimed.run.flow_version == version && claimed.run.config_revision == revision;
    if (current || !pinned_source_) {
        begin(std::move(flow), std::move(claimed));
    } else if (claimed.steps.empty()) {
        // Nothing has been done yet: it begins on what is there now.
        claimed.run.flow_version = version;
        claimed.run.config_revision = revision;
        env_.store.write([id = claimed.run.id, version,
                          revision](journal_tx& tx) { tx.repin(id, version, revision, {}); },
                         {});
        begin(std::move(flow), std::move(claimed));
    } else {
        auto held = std::make_shared<claimed_run>(std::move(claimed));
        pinned_source_(held->run, [this, held](result<std::shared_ptr<flow_instance>> pinned) {
            if (pinned)
                begin(std::move(*pinned), std::move(*held));
            else
                refuse(std::move(*held), pinned.error());
        });
    }
}

// The run cannot be put to work; a dead letter says why.
void engine::refuse(claimed_run claimed, error why) {
    const auto refused = std::make_shared<claimed_run>(std::move(claimed));
    refused->run.state = run_state::failed;
    refused->run.failure = std::move(why);
    end_run(std::shared_ptr<const run_record>(refused, &refused->run),
            std::shared_ptr<const event_record>(refused, &refused->event), {}, {});
}

void engine::begin(std::shared_ptr<flow_instance> flow, claimed_run claimed) {
    const auto id = claimed.run.id;
    std::shared_ptr<active_run> run;
    {
        const std::lock_guard lock(impl_->guard);
        if (impl_->stopping)
            return; // still leased to us in the journal: the next start takes it up
        const auto it = impl_->active.find(id);
        if (it != impl_->active.end()) {
            impl_->returning.insert_or_assign(id, std::move(claimed));
            return;
        }
        run = std::make_shared<active_run>(std::move(flow), env_, std::move(claimed),
                                           impl_->connections);
        impl_->active.emplace(id, run);
    }
    if (is_observed()) tell_changed(run->record(), run->event());
    run->start();
}

std::shared_ptr<const connection_map> engine::connections_now() const {
    const std::lock_guard lock(impl_->guard);
    return impl_->connections;
}

void engine::count_retry() {
    impl_->retries.add(1);
}

void engine::left(const run_id& id) {
    std::function<void()> stopped;
    std::optional<claimed_run> back;
    {
        const std::lock_guard lock(impl_->guard);
        impl_->active.erase(id);
        if (const auto it = impl_->returning.find(id); it != impl_->returning.end()) {
            back = std::move(it->second);
            impl_->returning.erase(it);
        }
        if (impl_->stopping && impl_->active.empty()) {
            stopped = std::exchange(impl_->stopped, nullptr);
            impl_->grace.cancel();
        }
    }
    if (back) dispatch(std::move(*back));
    if (stopped) boost::asio::post(env_.io, std::move(stopped));
}

void engine::end_run(std::shared_ptr<const run_record> run,
                     std::shared_ptr<const event_record> event,
                     journal::operation last_steps,
                     std::optional<ledger_entry> entry) {
    auto claimed = std::make_shared<std::vector<claimed_run>>();
    left(run->id);
    env_.store.write(
        [this, run, last_steps = std::move(last_steps), entry = std::move(entry),
         claimed](journal_tx& tx) {
            if (last_steps) last_steps(tx);
            if (entry) tx.append_ledger(*entry);
            const bool woke =
                tx.finish(run->id, run->state, run->result, run->failure, run->failed_step);
            count_backlog(tx);
            // Usually the next one of the same key; its parent, if it was waiting for it.
            const auto slots = slots_for(woke ? 2 : 1);
            *claimed = slots > 0
                           ? tx.claim(options_.owner, slots, tx.now() + options_.lease.count())
                           : std::vector<claimed_run>();
        },
        [this, run, event, claimed](const result<void>& ok) {
            if (!ok) {
                run_lost(*run);
                return;
            }
            if (run->state == run_state::succeeded)
                impl_->finished.add(1);
            else
                (is_dead(run->state) ? impl_->failed : impl_->cancelled).add(1);
            tell_changed(*run, *event);
            settle_waiting({run->id, run->state, run->result, run->failure});
            resume_intake();
            began(std::move(*claimed));
        });
}

void engine::run_suspended(const run_record& run,
                           const event_record& event,
                           run_state state,
                           unix_ms wake) {
    if (is_observed()) {
        auto seen = run;
        seen.state = state;
        seen.wake_at = wake;
        tell_changed(seen, event);
    }
    left(run.id);
    // A run that ends takes up the next one; one that only waits leaves its slot behind.
    if (state == run_state::ready || starved_.exchange(false)) kick();
    if (state == run_state::waiting && wake != 0) schedule_wake(wake);
    resume_intake();
}

// The journal refused a write of this run: what it holds is still leased to us; take it up again
// later.
void engine::run_lost(const run_record& run) {
    left(run.id);
    take_up_later(run.id);
}

void engine::take_up_later(const run_id& id) {
    const std::lock_guard lock(impl_->guard);
    if (impl_->stopping) return;
    impl_->lost[id] = env_.timers.start(after_trouble, [this, id] {
        {
            const std::lock_guard again(impl_->guard);
            impl_->lost.erase(id);
            // A write behind the refused one had put it to sleep, and it is at work again.
            if (impl_->active.contains(id)) return;
        }
        env_.store.write([id](journal_tx& tx) { tx.suspend(id, tx.now()); },
                         [this, id](const result<void>& ok) {
                             if (ok)
                                 kick();
                             else
                                 take_up_later(id);
                         });
    });
}

void engine::resume_intake() {
    if (!full_.load() || !has_room() || !full_.exchange(false)) return;
    std::vector<std::shared_ptr<connector_instance>> all;
    {
        const std::lock_guard lock(impl_->guard);
        for (const auto& [name, c] : *impl_->connections)
            all.push_back(c.instance);
    }
    for (const auto& c : all)
        c->resume_triggers();
}

std::size_t engine::active_runs() const {
    const std::lock_guard lock(impl_->guard);
    return impl_->active.size();
}

// ---- time ----

void engine::schedule_wake(unix_ms at) {
    const std::lock_guard lock(impl_->guard);
    if (impl_->stopping || (impl_->wake_at != 0 && impl_->wake_at <= at)) return;
    impl_->wake_at = at;
    const std::chrono::milliseconds left(std::max<unix_ms>(at - env_.time.now_unix_ms(), 0));
    impl_->wake = env_.timers.start(left, [this] {
        {
            const std::lock_guard again(impl_->guard);
            impl_->wake_at = 0;
        }
        kick();
        look_for_wakes();
    });
}

void engine::look_for_wakes() {
    unix_ms next = 0;
    try {
        env_.store.read([&](journal_reader& r) { next = r.next_wake(); });
    } catch (const journal_failure&) {
        next = env_.time.now_unix_ms() + after_trouble.count();
    }
    // One that is due now is being claimed by the kick before; looking again soon covers a claim
    // limit.
    if (next != 0) schedule_wake(std::max(next, env_.time.now_unix_ms() + 50));
}

void engine::renew_leases() {
    const std::lock_guard lock(impl_->guard);
    if (impl_->stopping) return;
    impl_->leases = env_.timers.start(options_.lease / 3, [this] {
        env_.store.write(
            [this](journal_tx& tx) {
                tx.renew_leases(options_.owner, tx.now() + options_.lease.count());
            },
            [](const result<void>&) {});
        // Also for what another owner has left behind: nothing else looks for leases that have run
        // out.
        kick();
        renew_leases();
    });
}

void engine::stop(std::chrono::milliseconds grace, std::function<void()> stopped) {
    {
        const std::lock_guard lock(impl_->guard);
        impl_->stopping = true;
        impl_->wake.cancel();
        impl_->leases.cancel();
        impl_->lost.clear();
        if (!impl_->active.empty()) {
            impl_->stopped = std::exchange(stopped, nullptr);
            impl_->grace = env_.timers.start(grace, [this] { give_up_runs(); });
        }
    }
    if (stopped) boost::asio::post(env_.io, std::move(stopped));
}

void engine::give_up_runs() {
    std::vector<std::shared_ptr<active_run>> rest;
    std::function<void()> then;
    {
        const std::lock_guard lock(impl_->guard);
        for (const auto& [id, run] : impl_->active)
            rest.push_back(run);
        impl_->active.clear();
        then = std::exchange(impl_->stopped, nullptr);
    }
    if (!rest.empty()) {
        log(log_level::info, "stopping with runs under way; they go on at the next start",
            {{"runs", static_cast<std::uint64_t>(rest.size())}});
    }
    for (const auto& run : rest)
        run->abandon();
    if (then) then();
}

} // namespace mortise::host
