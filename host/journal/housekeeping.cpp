// SPDX-License-Identifier: Apache-2.0
#include "journal/housekeeping.hpp"

#include "base/log.hpp"
#include "journal/sqlite_tx.hpp"

#include <future>

namespace mortise::host {
namespace {

using namespace std::chrono_literals;

constexpr auto first_sweep = 5s;
constexpr auto between_sweeps = 30s;
constexpr auto quiet_for = 2s; // no commit: nobody minds a moment's lock
// A removal waits for a short queue, but not longer than this: it is late, never left out.
constexpr std::size_t short_queue = 32;
constexpr auto longest_wait = 20ms;

} // namespace

housekeeping::housekeeping(const journal_options& options, log_watch& log, journal_writer& writer)
    : options_(options), log_(log), writer_(writer), rules_(options.retention) {
    if (options.background) thread_ = std::thread([this] { loop(); });
}

housekeeping::~housekeeping() {
    {
        const std::lock_guard lock(log_.mutex_);
        log_.is_closing_ = true;
    }
    log_.changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void housekeeping::set_rules(retention_rules rules) {
    const std::lock_guard lock(rules_guard_);
    rules_ = std::move(rules);
}

bool housekeeping::has_rules() {
    const std::lock_guard lock(rules_guard_);
    return rules_ != retention_rules{};
}

bool housekeeping::is_closing() {
    const std::lock_guard lock(log_.mutex_);
    return log_.is_closing_;
}

void housekeeping::loop() {
    auto sweep_at = steady::now() + first_sweep;
    std::uint64_t seen_commits = 0;
    for (;;) {
        bool wanted = false;
        bool large = false;
        {
            std::unique_lock lock(log_.mutex_);
            auto until = sweep_at;
            if (log_.is_large_) until = std::min(until, steady::now() + quiet_for);
            log_.changed_.wait_until(lock, until,
                                     [this] { return log_.is_closing_ || log_.is_wanted_; });
            if (log_.is_closing_) return;
            wanted = std::exchange(log_.is_wanted_, false);
            large = log_.is_large_;
        }
        if (wanted) {
            checkpoint(false);
        } else if (large && log_.commits() == seen_commits) {
            checkpoint(true);
        }
        seen_commits = log_.commits();
        if (steady::now() >= sweep_at) {
            if (has_rules()) {
                if (const auto done = trim(); !done && done.error().code != "journal.closing")
                    log(log_level::warn, "retention stopped: " + done.error().message);
            }
            sweep_at = steady::now() + between_sweeps;
        }
    }
}

void housekeeping::checkpoint(bool truncate) {
    try {
        if (!mover_) {
            mover_ = std::make_unique<sqlite_db>(options_.path, sqlite_db::mode::existing);
            mover_->script("PRAGMA synchronous=FULL; PRAGMA cache_size=-100");
        }
        mover_->busy_timeout(truncate ? 100 : 0);
        const auto state = mover_->checkpoint(truncate);
        is_stuck_ = false;
        if (!truncate && state.moved < state.pages) log_.leave_rest();
        if (truncate && state.pages == 0) {
            const std::lock_guard lock(log_.mutex_);
            log_.is_large_ = false;
        }
    } catch (const journal_failure& f) {
        // The log holds everything; the next one tries again.
        if (!std::exchange(is_stuck_, true))
            log(log_level::warn, "the journal's log could not be moved: " + f.get().message);
        mover_.reset();
    }
}

result<trimmed> housekeeping::trim() {
    retention_rules rules;
    {
        const std::lock_guard lock(rules_guard_);
        rules = rules_;
    }
    const std::lock_guard one(sweep_guard_);
    trimmed sum;
    std::optional<error> failure;
    try {
        if (!search_) search_ = std::make_unique<retention_search>(options_.path, *options_.time);
        search_->sweep(rules, [&](const removal& what) { return remove(what, sum, failure); });
    } catch (...) {
        failure = current_failure();
        search_.reset();
    }
    if (failure) return *failure;
    return sum;
}

bool housekeeping::remove(const removal& what, trimmed& sum, std::optional<error>& failure) {
    const auto latest = steady::now() + longest_wait;
    while (writer_.queued() > short_queue && steady::now() < latest)
        std::this_thread::sleep_for(1ms);
    if (is_closing()) {
        failure = error(category::unavailable, "journal.closing", "the journal is closing");
        return false;
    }
    trimmed part;
    std::promise<result<void>> done;
    auto outcome = done.get_future();
    writer_.write(
        [&](journal_tx& tx) { part = sqlite_trim::remove(static_cast<sqlite_tx&>(tx), what); },
        [&](const result<void>& r) { done.set_value(r); });
    if (const auto r = outcome.get(); !r) {
        failure = r.error();
        return false;
    }
    sum.runs += part.runs;
    sum.emptied_events += part.emptied_events;
    sum.removed_events += part.removed_events;
    // A sweep may be long, the log must not become so.
    bool wanted = false;
    if (std::this_thread::get_id() == thread_.get_id()) {
        const std::lock_guard lock(log_.mutex_);
        wanted = std::exchange(log_.is_wanted_, false);
    }
    if (wanted) checkpoint(false);
    return true;
}

} // namespace mortise::host
