// SPDX-License-Identifier: Apache-2.0
#include "operate/bulk_jobs.hpp"

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/no_effect.hpp"
#include "operate/run_edits.hpp"

#include <mortise/state.h>

#include <algorithm>
#include <map>
#include <mutex>

namespace mortise::host {
namespace {

constexpr std::chrono::milliseconds after_trouble{1000};
constexpr std::uint32_t page = 100;
constexpr std::size_t most_kept = 100; // records of ended jobs

struct planned_run {
    run_record run;
    step_edit edit;
    std::optional<error> problem;
};

// What the next transaction of a job is to do.
struct bulk_plan {
    std::vector<std::pair<run_id, second_try>> outcomes;
    std::vector<planned_run> runs;
    std::shared_ptr<const flow_directory> flows;
    bool exhausted = false; // no dead letter is left to look at
};

std::vector<run_record> dead_runs(journal_reader& reader,
                                  const bulk_request& r,
                                  const std::string& after,
                                  std::uint32_t n) {
    // In one list, so that `after` stands behind all that were looked at.
    run_filter filter;
    filter.states = {run_state::failed, run_state::in_doubt};
    filter.instance = r.flow;
    filter.fingerprint = r.fingerprint;
    filter.after = after;
    filter.oldest_first = true;
    filter.limit = n;
    return reader.runs(filter);
}

std::uint64_t count_dead(journal_reader& reader, const bulk_request& r) {
    std::uint64_t n = 0;
    for (const auto& g : reader.dead_letters(r.flow, 1'000'000)) {
        if (r.fingerprint.empty() || g.fingerprint == r.fingerprint) n += g.failed + g.in_doubt;
    }
    return n;
}

planned_run plan_run(journal_reader& reader,
                     const flow_directory& flows,
                     const bulk_request& request,
                     run_record run) {
    planned_run out{std::move(run), {}, {}};
    if (request.action == bulk_action::retry && out.run.state == run_state::in_doubt &&
        !request.redo) {
        out.problem = undecided(out.run);
    }
    if (request.action != bulk_action::edit) return out;
    const auto whole = reader.run(out.run.id);
    if (!whole) {
        out.problem = no_effect(category::not_found, "run.unknown", "the run is gone");
        return out;
    }
    auto edit = checked_input(*whole, flows.find(out.run.instance), {}, request.patch, true);
    if (edit)
        out.edit = std::move(*edit);
    else
        out.problem = edit.error();
    return out;
}

bulk_plan make_plan(const dead_letters& letters, const bulk_job& job, std::uint32_t n) {
    bulk_plan out;
    const auto flows = letters.flows();
    const auto seen = job.done + job.left_out;
    n = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(n, job.total - std::min(seen, job.total)));
    letters.store().read([&](journal_reader& reader) {
        out = {};
        out.flows = flows;
        for (const auto& w : job.watched) {
            const auto run = reader.run(w.run);
            const auto outcome = run ? judge(*run, w.fingerprint) : second_try::went_on;
            if (outcome != second_try::open) out.outcomes.emplace_back(w.run, outcome);
        }
        if (n > 0) {
            for (auto& run : dead_runs(reader, job.request, job.after, n))
                out.runs.push_back(plan_run(reader, *flows, job.request, std::move(run)));
        }
        const bool all_seen = seen >= job.total;
        out.exhausted = all_seen || (n > 0 && out.runs.size() < n);
    });
    return out;
}

void store(journal_tx& tx, const bulk_job& job) {
    (void)tx.state_put(bulk_scope, job.id, to_json_text(job), MORTISE_STATE_ANY);
}

result<void> change(journal_tx& tx,
                    const bulk_request& request,
                    const flow_directory& flows,
                    const planned_run& p) {
    switch (request.action) {
    case bulk_action::discard:
        return tx.discard(p.run.id, request.reason, request.who);
    case bulk_action::edit:
        return tx.edit_step(p.run.id, p.edit.step, p.edit.input, request.who);
    case bulk_action::retry:
        break;
    }
    return dead_letters::retry_in(tx, p.run, flows.find(p.run.instance),
                                  {.redo = request.redo, .fresh = request.fresh}, request.who);
}

struct carried_out {
    bulk_job job;
    std::uint64_t ready = 0;
};

carried_out carry_out(journal_tx& tx, bulk_job job, const bulk_plan& plan) {
    carried_out out{std::move(job), 0};
    auto& j = out.job;
    const auto now = tx.now();
    for (const auto& [run, outcome] : plan.outcomes)
        note_outcome(j, run, outcome, now);
    if (j.state == bulk_state::running) {
        for (const auto& p : plan.runs) {
            if (p.problem) {
                note_left_out(j, p.run, p.problem->message, now);
                continue;
            }
            if (const auto changed = change(tx, j.request, *plan.flows, p); !changed) {
                note_left_out(j, p.run, changed.error().message, now);
                continue;
            }
            note_changed(j, p.run, now);
            if (j.request.action != bulk_action::discard) ++out.ready;
        }
        let_go(j, now);
        if (plan.exhausted && j.watched.empty()) end_job(j, bulk_state::done, {}, now);
    }
    store(tx, j);
    return out;
}

result<bulk_job> new_job(const dead_letters& letters, bulk_request request, unix_ms now) {
    if (const auto good = check_request(request); !good) return good.error();
    bulk_job job;
    job.id = uuid_v7(now);
    job.request = std::move(request);
    job.started_at = job.updated_at = now;
    try {
        letters.store().read([&](journal_reader& r) { job.total = count_dead(r, job.request); });
    } catch (const journal_failure& failure) {
        return failure.get();
    }
    // A slip of the pen must not look like work that is done.
    if (job.total == 0 && !job.request.fingerprint.empty()) {
        return no_effect(category::not_found, "bulk.no-such-cause",
                         "no dead letter " +
                             (job.request.flow.empty() ? std::string()
                                                       : "of flow \"" + job.request.flow + "\" ") +
                             "has stopped for the cause \"" + job.request.fingerprint +
                             "\"; see the causes there are with `mortise dead-letters`");
    }
    return job;
}

std::vector<bulk_job> stored_jobs(journal_reader& reader) {
    std::vector<bulk_job> out;
    std::string after;
    for (;;) {
        const auto values = reader.state_list(bulk_scope, {}, after, page);
        for (const auto& v : values) {
            after = v.key;
            if (auto job = bulk_job_from_json(v.value)) out.push_back(std::move(*job));
        }
        if (values.size() < page) break;
    }
    std::reverse(out.begin(), out.end());
    return out;
}

} // namespace

struct bulk_jobs::impl : std::enable_shared_from_this<impl> {
    struct live {
        bulk_job job;
        timer tick;
        std::uint64_t taken_at_ns = 0; // when runs were changed last
        bool busy = false;             // a transaction is under way
        std::uint32_t trouble = 0;
        std::string cancelled_by;
        std::vector<answer> cancelled;
    };

    impl(dead_letters& l, const clock& t, timer_source& ts) : letters(l), time(t), timers(ts) {}

    void schedule(const std::string& id, std::chrono::milliseconds delay);
    void take_up(bulk_job job);
    void step(const std::string& id);
    void stepped(const std::string& id, const result<void>& ok, carried_out done, bool took);
    result<std::vector<bulk_job>> list() const;

    dead_letters& letters;
    const clock& time;
    timer_source& timers;
    std::mutex guard; // what follows
    std::map<std::string, live> running;
    bool stopping = false;
};

// Under guard.
void bulk_jobs::impl::schedule(const std::string& id, std::chrono::milliseconds delay) {
    if (stopping) return;
    running.at(id).tick = timers.start(delay, [weak = weak_from_this(), id] {
        if (const auto self = weak.lock()) self->step(id);
    });
}

void bulk_jobs::impl::take_up(bulk_job job) {
    const std::lock_guard lock(guard);
    const auto id = job.id;
    running[id].job = std::move(job);
    schedule(id, {});
}

void bulk_jobs::impl::step(const std::string& id) {
    bulk_job job;
    std::string cancelled_by;
    std::uint32_t n = 0;
    {
        const std::lock_guard lock(guard);
        const auto it = running.find(id);
        if (stopping || it == running.end() || it->second.busy) return;
        auto& l = it->second;
        l.busy = true;
        job = l.job;
        cancelled_by = l.cancelled_by;
        const auto now = time.now_mono_ns();
        const auto elapsed = l.taken_at_ns == 0
                                 ? std::chrono::milliseconds::max() / 2
                                 : std::chrono::milliseconds((now - l.taken_at_ns) / 1'000'000);
        n = may_take(job, elapsed);
        if (n > 0) l.taken_at_ns = now;
    }
    auto plan = std::make_shared<bulk_plan>();
    auto outcome = std::make_shared<carried_out>();
    if (!cancelled_by.empty()) {
        letters.store().write(
            [job, outcome, cancelled_by](journal_tx& tx) {
                *outcome = {job, 0};
                end_job(outcome->job, bulk_state::cancelled, "cancelled by " + cancelled_by,
                        tx.now());
                store(tx, outcome->job);
            },
            [self = shared_from_this(), id, outcome](const result<void>& ok) {
                self->stepped(id, ok, std::move(*outcome), false);
            });
        return;
    }
    try {
        *plan = make_plan(letters, job, n);
    } catch (const journal_failure& failure) {
        stepped(id, failure.get(), {}, false);
        return;
    }
    if (plan->outcomes.empty() && plan->runs.empty() && !(plan->exhausted && job.watched.empty())) {
        let_go(job, time.now_unix_ms());
        stepped(id, {}, {std::move(job), 0}, false);
        return;
    }
    const bool took = !plan->runs.empty();
    letters.store().write(
        [job, plan, outcome](journal_tx& tx) { *outcome = carry_out(tx, job, *plan); },
        [self = shared_from_this(), id, outcome, took](const result<void>& ok) {
            self->stepped(id, ok, std::move(*outcome), took);
        });
}

void bulk_jobs::impl::stepped(const std::string& id,
                              const result<void>& ok,
                              carried_out done,
                              bool took) {
    if (ok && took) letters.made_ready(done.ready);
    std::vector<answer> answers;
    {
        const std::lock_guard lock(guard);
        const auto it = running.find(id);
        if (it == running.end()) return;
        auto& l = it->second;
        l.busy = false;
        if (!ok) {
            if (l.trouble++ == 0) {
                log(log_level::warn, "bulk work waits for the journal: " + ok.error().message,
                    {{"job", id}});
            }
            schedule(id, after_trouble);
            return;
        }
        l.trouble = 0;
        l.job = done.job;
        if (l.job.state == bulk_state::running) {
            schedule(id,
                     took || l.cancelled_by.empty() ? pace(l.job) : std::chrono::milliseconds(0));
            return;
        }
        answers = std::move(l.cancelled);
        running.erase(it);
    }
    log(done.job.state == bulk_state::stopped ? log_level::warn : log_level::info,
        "bulk " + std::string(to_string(done.job.request.action)) + " is " +
            std::string(to_string(done.job.state)) +
            (done.job.why.empty() ? std::string() : ": " + done.job.why),
        {{"job", id},
         {"done", done.job.done},
         {"failed_again", done.job.failed},
         {"left_out", done.job.left_out}});
    for (const auto& a : answers) {
        if (done.job.state == bulk_state::cancelled)
            a(done.job);
        else
            a(no_effect(category::conflict, "bulk.ended",
                        "bulk job " + id + " has ended: it is " +
                            std::string(to_string(done.job.state))));
    }
}

result<std::vector<bulk_job>> bulk_jobs::impl::list() const {
    std::vector<bulk_job> out;
    try {
        letters.store().read([&](journal_reader& r) { out = stored_jobs(r); });
    } catch (const journal_failure& failure) {
        return failure.get();
    }
    return out;
}

bulk_jobs::bulk_jobs(dead_letters& letters, const clock& time, timer_source& timers)
    : impl_(std::make_shared<impl>(letters, time, timers)) {}

bulk_jobs::~bulk_jobs() {
    stop();
}

result<void> bulk_jobs::resume() {
    auto jobs = impl_->list();
    if (!jobs) return jobs.error();
    for (auto& job : *jobs) {
        if (job.state == bulk_state::running) impl_->take_up(std::move(job));
    }
    return {};
}

void bulk_jobs::stop() {
    std::map<std::string, impl::live> rest;
    const std::lock_guard lock(impl_->guard);
    impl_->stopping = true;
    rest.swap(impl_->running);
}

void bulk_jobs::start(bulk_request request, answer done) {
    const auto made = new_job(impl_->letters, std::move(request), impl_->time.now_unix_ms());
    const auto known = impl_->list();
    if (!made || !known) {
        done(made ? known.error() : made.error());
        return;
    }
    std::vector<std::string> too_old;
    std::size_t kept = 0;
    for (const auto& job : *known) {
        if (job.state != bulk_state::running && ++kept >= most_kept) too_old.push_back(job.id);
    }
    impl_->letters.store().write(
        [job = *made, too_old](journal_tx& tx) {
            store(tx, job);
            for (const auto& id : too_old)
                (void)tx.state_put(bulk_scope, id, {}, MORTISE_STATE_ANY);
        },
        [self = impl_, job = *made, done = std::move(done)](const result<void>& ok) {
            if (!ok) {
                done(ok.error());
                return;
            }
            self->take_up(job);
            done(job);
        });
}

void bulk_jobs::cancel(const std::string& id, std::string who, answer done) {
    {
        const std::lock_guard lock(impl_->guard);
        if (const auto it = impl_->running.find(id); it != impl_->running.end()) {
            it->second.cancelled_by = who.empty() ? "a person" : std::move(who);
            it->second.cancelled.push_back(std::move(done));
            if (!it->second.busy) impl_->schedule(id, {});
            return;
        }
    }
    const auto job = find(id);
    if (!job) {
        done(job.error());
        return;
    }
    done(no_effect(category::conflict, "bulk.ended",
                   "bulk job " + id + " has ended: it is " + std::string(to_string(job->state))));
}

result<std::vector<bulk_job>> bulk_jobs::list() const {
    return impl_->list();
}

result<bulk_job> bulk_jobs::find(const std::string& id) const {
    auto all = impl_->list();
    if (!all) return all.error();
    for (auto& job : *all) {
        if (job.id == id) return std::move(job);
    }
    return no_effect(category::not_found, "bulk.unknown", "there is no bulk job " + id);
}

result<bulk_job> change_now(dead_letters& letters, const clock& time, bulk_request request) {
    auto job = new_job(letters, std::move(request), time.now_unix_ms());
    while (job && job->state == bulk_state::running) {
        auto outcome = std::make_shared<carried_out>();
        auto written = std::make_shared<result<void>>();
        try {
            const auto plan = make_plan(letters, *job, page);
            letters.store().write(
                [&](journal_tx& tx) {
                    *outcome = carry_out(tx, *job, plan);
                    // Nothing runs, so there is no outcome to wait for.
                    outcome->job.watched.clear();
                    if (plan.exhausted || plan.runs.empty())
                        end_job(outcome->job, bulk_state::done, {}, tx.now());
                    store(tx, outcome->job);
                },
                [written](const result<void>& ok) { *written = ok; });
            if (const auto durable = letters.store().flush(); !durable) return durable.error();
        } catch (const journal_failure& failure) {
            return failure.get();
        }
        if (!*written) return written->error();
        *job = std::move(outcome->job);
    }
    return job;
}

} // namespace mortise::host
