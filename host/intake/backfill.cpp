// SPDX-License-Identifier: Apache-2.0
#include "intake/backfill.hpp"

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/no_effect.hpp"
#include "base/timers.hpp"
#include "http/lane_limiter.hpp"
#include "journal/journal.hpp"

#include <mortise/state.h>

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>

namespace mortise::host {
namespace {

constexpr std::uint32_t list_page = 500;
constexpr std::chrono::milliseconds no_room{1'000};
constexpr std::chrono::milliseconds first_backoff{1'000};
constexpr std::chrono::milliseconds longest_backoff{std::chrono::minutes(5)};

std::optional<backfill_job> read_job(journal_tx& tx, const std::string& key) {
    const auto value = tx.state_get(backfill_scope, key);
    if (value.version == 0) return std::nullopt;
    const auto job = backfill_job_from_json(value.value);
    if (!job) throw journal_failure(job.error());
    return *job;
}

void put_job(journal_tx& tx, const backfill_job& job) {
    (void)tx.state_put(backfill_scope, job.key(), to_json_text(job), MORTISE_STATE_ANY);
}

result<std::vector<backfill_job>> all_jobs(journal& store) {
    std::vector<backfill_job> out;
    try {
        store.read([&](journal_reader& r) {
            std::string after;
            for (bool more = true; more;) {
                const auto values = r.state_list(backfill_scope, {}, after, list_page);
                for (const auto& v : values) {
                    auto job = backfill_job_from_json(v.value);
                    if (job) out.push_back(std::move(*job));
                }
                more = values.size() == list_page;
                if (more) after = values.back().key;
            }
        });
    } catch (const journal_failure& failure) {
        return failure.get();
    }
    return out;
}

std::optional<bool> done_of(const std::string& answer) {
    boost::system::error_code ec;
    const auto value = boost::json::parse(answer, ec);
    const auto* object = ec ? nullptr : value.if_object();
    const auto* done = object != nullptr ? object->if_contains("done") : nullptr;
    if (done == nullptr || !done->is_bool()) return std::nullopt;
    return done->get_bool();
}

std::chrono::milliseconds backoff(std::uint32_t failures, const error& e) {
    auto delay = first_backoff;
    for (std::uint32_t i = 1; i < failures && delay < longest_backoff; ++i)
        delay *= 2;
    delay = std::min(delay, longest_backoff);
    const double share = static_cast<double>(random_u64() >> 11) / 9007199254740992.0; // [0,1)
    const auto jittered = std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(delay.count()) * (1.0 - 0.2 * share)));
    return std::max(jittered, e.retry_after.value_or(std::chrono::milliseconds(0)));
}

} // namespace

struct backfill::impl : std::enable_shared_from_this<backfill::impl> {
    impl(plugin_environment& e, event_intake& i)
        : env(e), intake(i), events(e.metrics.get(metric_kind::counter,
                                                  "mortise_backfill_events_total",
                                                  "Events of backfills, known ones too")),
          failed(e.metrics.get(metric_kind::counter,
                               "mortise_backfill_page_failures_total",
                               "Pages of backfills that failed")) {}

    // A job that runs here.
    struct entry {
        backfill_job job;
        bool asking = false; // a page is on its way
        timer wake;
        std::optional<lane_limiter> pace;
    };
    using change = std::function<result<backfill_job>(std::optional<backfill_job>, unix_ms)>;

    void edit(const std::string& key, change make, answer done);
    void follow(const backfill_job& job);
    void step(const std::string& key);
    void wait(entry& e, std::chrono::milliseconds delay);
    void ask(const std::string& key, const backfill_target& to, breaker_pass pass);
    void
    answered(const std::string& key, const backfill_job& asked, const result<call_answer>& page);
    void settle(const std::string& key,
                const backfill_job& asked,
                std::function<backfill_job(backfill_job, unix_ms)> make,
                std::chrono::milliseconds rest);

    plugin_environment& env;
    event_intake& intake;
    metric& events;
    metric& failed;
    std::mutex guard;
    std::map<std::string, backfill_target> targets;
    std::map<std::string, entry> running;
    bool loaded = false;
    bool stopped = false;
};

// ---- what people ask for ----

void backfill::impl::edit(const std::string& key, change make, answer done) {
    struct work {
        result<backfill_job> job = backfill_job{};
    };
    auto w = std::make_shared<work>();
    env.store.write(
        [w, key, make = std::move(make)](journal_tx& tx) {
            w->job = make(read_job(tx, key), tx.now());
            if (w->job) put_job(tx, *w->job);
        },
        [self = shared_from_this(), w, done = std::move(done)](const result<void>& ok) {
            if (!ok) {
                done(ok.error());
                return;
            }
            if (w->job) self->follow(*w->job);
            done(w->job);
        });
}

// What is durable now decides what goes on here.
void backfill::impl::follow(const backfill_job& job) {
    {
        const std::lock_guard lock(guard);
        const auto it = running.find(job.key());
        if (it != running.end()) {
            if (it->second.job.events_per_second != job.events_per_second ||
                it->second.job.started_at != job.started_at)
                it->second.pace.reset();
            it->second.job = job;
            it->second.wake = {};
        } else if (job.state == backfill_state::running) {
            running[job.key()].job = job;
        }
    }
    step(job.key());
}

// ---- page after page ----

void backfill::impl::wait(entry& e, std::chrono::milliseconds delay) {
    e.wake = env.timers.start(delay, [weak = weak_from_this(), key = e.job.key()] {
        if (const auto self = weak.lock()) self->step(key);
    });
}

void backfill::impl::step(const std::string& key) {
    backfill_target to;
    breaker_pass pass;
    {
        const std::lock_guard lock(guard);
        const auto it = running.find(key);
        if (stopped || it == running.end() || it->second.asking) return;
        auto& e = it->second;
        if (e.job.state != backfill_state::running) {
            running.erase(it);
            return;
        }
        const auto target = targets.find(key);
        if (target == targets.end()) return; // until set_targets() brings it
        if (!intake.has_room()) {
            wait(e, no_room);
            return;
        }
        if (!e.pace) {
            const auto rate = e.job.events_per_second;
            e.pace.emplace(limiter_options{rate, std::max(rate, 1.0), 1, {}});
        }
        const auto now = env.time.now_mono_ns();
        const auto turn = e.pace->step(now);
        if (turn.what != lane_limiter::verdict::go) {
            wait(e, std::chrono::milliseconds((turn.at_ns - now) / 1'000'000 + 1));
            return;
        }
        to = target->second;
        if (to.gate) {
            const auto a = to.gate->may_call();
            if (a.what != connection_gate::verdict::go) {
                e.pace->release();
                wait(e, a.wait);
                to.gate->on_release(&e, [weak = weak_from_this(), key] {
                    if (const auto self = weak.lock()) self->step(key);
                });
                return;
            }
            pass = a.pass;
        }
        e.asking = true;
    }
    ask(key, to, pass);
}

void backfill::impl::ask(const std::string& key, const backfill_target& to, breaker_pass pass) {
    backfill_job job;
    {
        const std::lock_guard lock(guard);
        job = running.at(key).job;
    }
    delivery_request d;
    d.kind = MORTISE_TRIGGER_BACKFILL;
    d.cursor = job.cursor;
    d.timeout = to.timeout;
    d.page = [key, began = job.started_at](journal_tx& tx, std::uint64_t fresh, std::uint64_t known,
                                           const std::string* position) {
        auto now_there = read_job(tx, key);
        // Begun again in between: the page is none of the new job's.
        if (!now_there || now_there->started_at != began) return;
        auto cursor = position != nullptr ? *position : now_there->cursor;
        put_job(tx, after_page(std::move(*now_there), fresh, known, std::move(cursor), tx.now()));
    };
    to.on->deliver(to.trigger, std::move(d),
                   [self = shared_from_this(), key, job, gate = to.gate,
                    pass](const result<call_answer>& page) {
                       if (gate) {
                           const auto failure = page ? error{} : page.error();
                           gate->report(pass, page ? nullptr : &failure);
                       }
                       self->answered(key, job, page);
                   });
}

void backfill::impl::answered(const std::string& key,
                              const backfill_job& asked,
                              const result<call_answer>& page) {
    const auto done = page ? done_of(page->json) : std::nullopt;
    std::optional<error> failure;
    if (!page) {
        failure = page.error();
        // The trigger was closed under it, by a reload or the end: nothing was wrong with the page.
        if (failure->category == category::cancelled || failure->code == "trigger.closed") {
            settle(key, asked, nullptr, no_room);
            return;
        }
    } else if (!done) {
        failure = no_effect(category::internal, "backfill.answer",
                            "the connector did not answer {\"done\":bool} to a backfill's page");
    }
    if (failure) {
        failed.add(1);
        const auto rest = backoff(asked.failures + 1, *failure);
        log(log_level::warn, "a page of a backfill failed: " + failure->message,
            {{"connection", asked.connection},
             {"trigger", asked.trigger},
             {"code", failure->code},
             {"failures", static_cast<std::uint64_t>(asked.failures + 1)}});
        settle(
            key, asked,
            [e = *failure](backfill_job job, unix_ms now) {
                return after_failure(std::move(job), e, now);
            },
            rest);
        return;
    }
    settle(
        key, asked,
        [done = *done, from = asked.cursor](backfill_job job, unix_ms now) {
            if (done) return after_end(std::move(job), now);
            if (job.cursor != from) return job;
            return after_failure(std::move(job),
                                 no_effect(category::internal, "backfill.stuck",
                                           "the connector did not move a backfill's position; it "
                                           "would go on for ever"),
                                 now);
        },
        std::chrono::milliseconds(0));
}

// Takes the page's end to the journal and goes on with what is there then.
void backfill::impl::settle(const std::string& key,
                            const backfill_job& asked,
                            std::function<backfill_job(backfill_job, unix_ms)> make,
                            std::chrono::milliseconds rest) {
    struct work {
        std::optional<backfill_job> job;
    };
    auto w = std::make_shared<work>();
    env.store.write(
        [w, key, began = asked.started_at, make = std::move(make)](journal_tx& tx) {
            w->job = read_job(tx, key);
            if (!w->job || !make || w->job->started_at != began || has_ended(w->job->state)) return;
            auto next = make(*w->job, tx.now());
            if (next.state != w->job->state || next.failures != w->job->failures) put_job(tx, next);
            w->job = std::move(next);
        },
        [self = shared_from_this(), w, key, asked, rest](const result<void>& ok) {
            {
                const std::lock_guard lock(self->guard);
                const auto it = self->running.find(key);
                if (it == self->running.end()) return;
                auto& e = it->second;
                e.asking = false;
                if (e.pace) {
                    e.pace->release();
                    // The page as a whole was let through for one token.
                    const auto now = self->env.time.now_mono_ns();
                    const auto before = asked.emitted + asked.duplicates;
                    const auto after = w->job ? w->job->emitted + w->job->duplicates : before;
                    for (auto n = before + 1; n < after; ++n)
                        e.pace->charge(now);
                    if (after > before) self->events.add(static_cast<double>(after - before));
                }
                if (ok && w->job) e.job = *w->job;
                if (ok && w->job && has_ended(w->job->state)) {
                    log(w->job->state == backfill_state::failed ? log_level::error
                                                                : log_level::info,
                        "backfill is " + std::string(to_string(w->job->state)) +
                            (w->job->state == backfill_state::failed && w->job->last_error
                                 ? ": " + w->job->last_error->message
                                 : std::string()),
                        {{"connection", e.job.connection},
                         {"trigger", e.job.trigger},
                         {"events", e.job.emitted},
                         {"known", e.job.duplicates}});
                }
                if (rest.count() > 0 || !ok) {
                    self->wait(e, std::max(rest, ok ? rest : no_room));
                    return;
                }
            }
            self->step(key);
        });
}

// ---- the class ----

backfill::backfill(plugin_environment& env, event_intake& intake)
    : impl_(std::make_shared<impl>(env, intake)) {}

backfill::~backfill() {
    stop();
}

void backfill::stop() {
    const std::lock_guard lock(impl_->guard);
    impl_->stopped = true;
    for (auto& [key, e] : impl_->running) {
        e.wake = {};
        if (const auto t = impl_->targets.find(key); t != impl_->targets.end() && t->second.gate)
            t->second.gate->forget(&e);
    }
    impl_->targets.clear();
}

void backfill::set_targets(std::map<std::string, backfill_target> targets) {
    std::vector<std::string> keys;
    bool load = false;
    {
        const std::lock_guard lock(impl_->guard);
        if (impl_->stopped) return;
        impl_->targets = std::move(targets);
        load = !std::exchange(impl_->loaded, true);
    }
    if (load) {
        const auto jobs = all_jobs(impl_->env.store);
        if (!jobs) {
            log(log_level::error, "cannot read the backfills: " + jobs.error().message);
            const std::lock_guard lock(impl_->guard);
            impl_->loaded = false;
        } else {
            for (const auto& job : *jobs)
                if (job.state == backfill_state::running) impl_->follow(job);
        }
    }
    {
        const std::lock_guard lock(impl_->guard);
        for (const auto& [key, e] : impl_->running)
            keys.push_back(key);
    }
    for (const auto& key : keys)
        impl_->step(key);
}

void backfill::start(backfill_request request, answer done) {
    const auto key = request.connection + '/' + request.trigger;
    if (!std::isfinite(request.events_per_second) || request.events_per_second <= 0) {
        done(no_effect(category::input, "backfill.rate",
                       "a backfill's rate is a number of events a second above 0"));
        return;
    }
    bool known = false;
    {
        const std::lock_guard lock(impl_->guard);
        known = impl_->targets.contains(key);
    }
    if (!known) {
        done(no_effect(category::not_found, "backfill.target",
                       "no open trigger \"" + key +
                           "\" can walk its objects; it must be enabled, some flow must start on "
                           "its events, and its connector must offer backfill"));
        return;
    }
    impl_->edit(
        key,
        [request = std::move(request)](const std::optional<backfill_job>& old,
                                       unix_ms now) -> result<backfill_job> {
            if (old && (!has_ended(old->state) || !request.again)) {
                return no_effect(
                    category::conflict, "backfill.state",
                    "backfill " + old->key() + " is " + std::string(to_string(old->state)) +
                        (has_ended(old->state)
                             ? "; say that it is to begin again (--again, or \"again\": true)"
                             : "; resume or cancel it"));
            }
            backfill_job job;
            job.connection = request.connection;
            job.trigger = request.trigger;
            job.events_per_second = request.events_per_second;
            // Tells it from the one before, should both begin within a millisecond.
            job.started_at = old ? std::max(now, old->started_at + 1) : now;
            job.updated_at = now;
            return job;
        },
        std::move(done));
}

namespace {

auto known_only(result<backfill_job> (*make)(backfill_job, unix_ms), std::string key) {
    return [make, key = std::move(key)](std::optional<backfill_job> old,
                                        unix_ms now) -> result<backfill_job> {
        if (!old)
            return no_effect(category::not_found, "backfill.unknown",
                             "no backfill \"" + key + "\" was ever started");
        return make(std::move(*old), now);
    };
}

} // namespace

void backfill::pause(const std::string& connection, const std::string& trigger, answer done) {
    const auto key = connection + '/' + trigger;
    impl_->edit(key, known_only(&paused, key), std::move(done));
}

void backfill::resume(const std::string& connection, const std::string& trigger, answer done) {
    const auto key = connection + '/' + trigger;
    impl_->edit(key, known_only(&resumed, key), std::move(done));
}

void backfill::cancel(const std::string& connection, const std::string& trigger, answer done) {
    const auto key = connection + '/' + trigger;
    impl_->edit(key, known_only(&cancelled, key), std::move(done));
}

result<std::vector<backfill_job>> backfill::list() const {
    return all_jobs(impl_->env.store);
}

} // namespace mortise::host
