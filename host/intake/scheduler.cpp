// SPDX-License-Identifier: Apache-2.0
#include "intake/scheduler.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/timers.hpp"
#include "journal/journal.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace mortise::host {
namespace {

// Looks at the clock at least this often: it may be set forward or back.
constexpr std::chrono::milliseconds longest_sleep{15'000};
constexpr std::chrono::milliseconds after_trouble{1'000};

event_record event_of(const schedule_plan& plan, const schedule_tick& tick, unix_ms now) {
    event_record e;
    const auto planned = to_rfc3339(tick.planned);
    e.id = plan.instance + '@' + planned;
    e.source = std::string(schedule_cursors) + '/' + plan.instance;
    e.type = schedule_event_type;
    e.subject = planned;
    e.partition_key = plan.instance; // ticks of one schedule run one after another
    e.time = tick.planned;
    e.via = "schedule";
    e.data = R"({"planned":")" + planned + R"(","fired":")" + to_rfc3339(now) + R"(","missed":)" +
             std::to_string(tick.missed) + '}';
    return e;
}

} // namespace

struct scheduler::impl : std::enable_shared_from_this<scheduler::impl> {
    impl(plugin_environment& e, event_intake& i)
        : env(e), intake(i),
          fired(e.metrics.get(
              metric_kind::counter, "mortise_schedule_ticks_total", "Ticks of schedules fired")),
          missed(e.metrics.get(metric_kind::counter,
                               "mortise_schedule_ticks_missed_total",
                               "Ticks of schedules that never fire")) {}

    struct entry {
        schedule_plan plan;
        std::optional<unix_ms> last; // absent: not read yet
        unix_ms next = 0;
        bool writing = false;
    };

    void look();
    void look_after(std::chrono::milliseconds delay);
    void look_at(entry& e, unix_ms now, std::vector<std::pair<emitted, unix_ms>>& out);
    bool read_last(entry& e);
    void written(const std::string& instance, unix_ms last, const result<void>& ok);

    plugin_environment& env;
    event_intake& intake;
    metric& fired;
    metric& missed;
    mutable std::mutex guard;
    std::map<std::string, entry> entries;
    timer wake;
    bool stopped = false;
};

bool scheduler::impl::read_last(entry& e) {
    std::string text;
    try {
        env.store.read(
            [&](journal_reader& r) { text = r.cursor(schedule_cursors, e.plan.instance); });
    } catch (const journal_failure& failure) {
        log(log_level::error, "cannot read a schedule's last tick: " + failure.get().message,
            {{"flow", e.plan.instance}});
        return false;
    }
    unix_ms last = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), last);
    e.last = ec == std::errc() && end == text.data() + text.size() ? last : 0;
    return true;
}

// Under guard; what is to be taken in goes to out, with the tick it brings the schedule to.
void scheduler::impl::look_at(entry& e,
                              unix_ms now,
                              std::vector<std::pair<emitted, unix_ms>>& out) {
    if (e.writing) return;
    e.next = now + after_trouble.count();
    if (!e.last && !read_last(e)) return;
    emitted batch;
    batch.connection = schedule_cursors;
    batch.trigger = e.plan.instance;
    if (*e.last == 0) {
        // Seen for the first time: what follows counts, also when it is missed.
        batch.cursor = std::to_string(now);
        e.writing = true;
        out.emplace_back(std::move(batch), now);
        return;
    }
    const auto step = step_schedule(e.plan, *e.last, now);
    e.next = step.look_again;
    if (step.clock_was_ahead) {
        log(log_level::warn,
            "the clock was ahead when the schedule fired last; it goes on from now",
            {{"flow", e.plan.instance}, {"last", to_rfc3339(*e.last)}});
    }
    if (step.last == *e.last) return;
    if (!step.fire.empty() && !intake.has_room()) {
        e.next = now + after_trouble.count();
        return;
    }
    for (const auto& tick : step.fire) {
        batch.events.push_back(event_of(e.plan, tick, now));
        if (tick.missed > 0) {
            missed.add(static_cast<double>(tick.missed));
            log(log_level::warn, "ticks of a schedule were missed",
                {{"flow", e.plan.instance}, {"missed", tick.missed}});
        }
    }
    batch.cursor = std::to_string(step.last);
    e.writing = true;
    out.emplace_back(std::move(batch), step.last);
}

void scheduler::impl::look() {
    std::vector<std::pair<emitted, unix_ms>> ready;
    auto sleep = longest_sleep;
    {
        const std::lock_guard lock(guard);
        if (stopped || entries.empty()) return;
        const auto now = env.time.now_unix_ms();
        for (auto& [instance, e] : entries) {
            look_at(e, now, ready);
            if (!e.writing)
                sleep = std::clamp(std::chrono::milliseconds(e.next - now),
                                   std::chrono::milliseconds(1), sleep);
        }
    }
    look_after(sleep);
    for (auto& [batch, last] : ready) {
        const auto instance = batch.trigger;
        const auto ticks = batch.events.size();
        intake.take(std::move(batch), [self = shared_from_this(), instance, last = last,
                                       ticks](const result<void>& ok) {
            if (ok) self->fired.add(static_cast<double>(ticks));
            self->written(instance, last, ok);
        });
    }
}

void scheduler::impl::look_after(std::chrono::milliseconds delay) {
    const std::lock_guard lock(guard);
    if (stopped) return;
    wake = env.timers.start(delay, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->look();
    });
}

void scheduler::impl::written(const std::string& instance, unix_ms last, const result<void>& ok) {
    {
        const std::lock_guard lock(guard);
        const auto it = entries.find(instance);
        if (it == entries.end()) return;
        it->second.writing = false;
        if (ok) it->second.last = last;
    }
    if (!ok) {
        log(log_level::error, "a tick of a schedule was not taken: " + ok.error().message,
            {{"flow", instance}});
    }
    look_after(ok ? std::chrono::milliseconds(0) : after_trouble);
}

scheduler::scheduler(plugin_environment& env, event_intake& intake)
    : impl_(std::make_shared<impl>(env, intake)) {}

scheduler::~scheduler() {
    stop();
}

void scheduler::set(std::vector<schedule_plan> plans) {
    {
        const std::lock_guard lock(impl_->guard);
        if (impl_->stopped) return;
        std::map<std::string, impl::entry> next;
        for (auto& plan : plans) {
            impl::entry e{std::move(plan), std::nullopt, 0, false};
            const auto old = impl_->entries.find(e.plan.instance);
            if (old != impl_->entries.end()) {
                e.last = old->second.last;
                e.writing = old->second.writing;
            }
            const auto name = e.plan.instance;
            next.emplace(name, std::move(e));
        }
        impl_->entries = std::move(next);
    }
    impl_->look_after(std::chrono::milliseconds(0));
}

void scheduler::stop() {
    const std::lock_guard lock(impl_->guard);
    impl_->stopped = true;
    impl_->wake.cancel();
}

std::vector<schedule_status> scheduler::list() const {
    std::vector<schedule_status> out;
    const std::lock_guard lock(impl_->guard);
    for (const auto& [instance, e] : impl_->entries)
        out.push_back({instance, e.last.value_or(0), e.next});
    return out;
}

} // namespace mortise::host
