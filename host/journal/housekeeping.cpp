// SPDX-License-Identifier: Apache-2.0
#include "journal/housekeeping.hpp"

#include "base/log.hpp"
#include "journal/sqlite_tx.hpp"

#include <future>

namespace mortise::host {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds first_sweep = 5s;
constexpr std::chrono::seconds between_sweeps = 30s;
// A sweep that removed this much is followed by another soon: much is being written.
constexpr std::uint64_t much = 2'000;
constexpr std::chrono::seconds soon = 2s;
constexpr int most_passes = 3;
constexpr int small_rest = 256; // pages
constexpr auto quiet_for = 2s;  // no commit: nobody minds a moment's lock
// A removal waits for a short queue, but not longer than this: it is late, never left out.
constexpr std::size_t short_queue = 32;
constexpr auto longest_wait = 20ms;
// When it has fallen behind, which it says by large chunks: history must not outgrow the disk.
constexpr std::size_t large_chunk = 200;
constexpr auto longest_wait_behind = 3ms;

error closing_error() {
    return {category::unavailable, "journal.closing", "the journal is closing"};
}

} // namespace

housekeeping::housekeeping(const journal_options& options, log_watch& log, journal_writer& writer)
    : options_(options), log_(log), writer_(writer), rules_(options.retention) {
    if (!options.background) return;
    mover_thread_ = std::thread([this] { keep_log_short(); });
    sweeper_thread_ = std::thread([this] { keep_history_short(); });
}

housekeeping::~housekeeping() {
    {
        const std::lock_guard lock(rules_guard_);
        is_closing_ = true;
    }
    closing_.notify_all();
    log_.close();
    if (sweeper_thread_.joinable()) sweeper_thread_.join();
    if (mover_thread_.joinable()) mover_thread_.join();
}

void housekeeping::set_rules(retention_rules rules) {
    const std::lock_guard lock(rules_guard_);
    rules_ = std::move(rules);
}

bool housekeeping::is_closing() {
    const std::lock_guard lock(rules_guard_);
    return is_closing_;
}

void housekeeping::keep_log_short() {
    std::uint64_t seen_commits = 0;
    for (bool large = false;;) {
        const auto task = log_.wait_for(large ? quiet_for : quiet_for * 1000);
        if (task.is_closing) return;
        large = task.is_large;
        if (task.is_wanted) {
            move_log();
        } else if (large && log_.commits() == seen_commits) {
            give_room_back();
        }
        seen_commits = log_.commits();
    }
}

void housekeeping::keep_history_short() {
    for (auto pause = first_sweep;;) {
        {
            std::unique_lock lock(rules_guard_);
            if (closing_.wait_for(lock, pause, [this] { return is_closing_; })) return;
            pause = between_sweeps;
            if (rules_ == retention_rules{}) continue;
        }
        const auto done = trim();
        if (done) {
            if (done->runs + done->emptied_events + done->removed_events > much) pause = soon;
        } else if (done.error().code != "journal.closing") {
            log(log_level::warn, "retention stopped: " + done.error().message);
        }
    }
}

template <class Fn>
void housekeeping::on_mover(const Fn& fn) {
    try {
        if (!mover_) {
            mover_ = std::make_unique<sqlite_db>(options_.path, sqlite_db::mode::existing);
            mover_->script("PRAGMA synchronous=FULL; PRAGMA cache_size=-100");
        }
        fn(*mover_);
        is_stuck_ = false;
    } catch (const journal_failure& f) {
        // The log holds everything; the next one tries again.
        if (!std::exchange(is_stuck_, true))
            log(log_level::warn, "the journal's log could not be moved: " + f.get().message);
        mover_.reset();
    }
}

void housekeeping::move_log() {
    log_.begin();
    bool leaves_rest = false;
    on_mover([&](sqlite_db& db) {
        // Each pass leaves what was written during it: less each time, as a pass is faster than
        // what made the log. The writer should have little left to do.
        for (int pass = 0; pass < most_passes; ++pass) {
            const auto state = db.checkpoint();
            if (state.moved < state.pages) break; // somebody still reads from the log
            const int left = log_.pages() - state.moved;
            leaves_rest = left > 0;
            if (left <= small_rest) break;
        }
    });
    log_.end(leaves_rest);
}

void housekeeping::give_room_back() {
    on_mover([&](sqlite_db& db) {
        db.busy_timeout(100);
        if (db.checkpoint(true).pages == 0) log_.truncated();
        db.busy_timeout(0);
    });
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
        search_->sweep(rules, [&](removal what) { return remove(std::move(what), sum, failure); });
    } catch (...) {
        failure = current_failure();
        search_.reset();
    }
    if (failure) return *failure;
    return sum;
}

bool housekeeping::remove(removal what, trimmed& sum, std::optional<error>& failure) {
    const auto latest =
        steady::now() + (what.size() >= large_chunk ? longest_wait_behind : longest_wait);
    while (writer_.queued() > short_queue && steady::now() < latest)
        std::this_thread::sleep_for(1ms);
    if (is_closing()) {
        failure = closing_error();
        return false;
    }
    // Shared, as where completions run may end before the journal does; then nobody waits.
    struct work {
        removal what;
        trimmed part;
        std::promise<result<void>> done;
    };
    auto w = std::make_shared<work>();
    w->what = std::move(what);
    auto outcome = w->done.get_future();
    writer_.write(
        [w](journal_tx& tx) {
            w->part = sqlite_trim::remove(static_cast<sqlite_tx&>(tx), w->what);
        },
        [w](const result<void>& r) { w->done.set_value(r); });
    while (outcome.wait_for(longest_wait) != std::future_status::ready) {
        if (!is_closing()) continue;
        failure = closing_error();
        return false;
    }
    if (const auto r = outcome.get(); !r) {
        failure = r.error();
        return false;
    }
    const trimmed& part = w->part;
    sum.runs += part.runs;
    sum.emptied_events += part.emptied_events;
    sum.removed_events += part.removed_events;
    sum.ledger_entries += part.ledger_entries;
    return true;
}

} // namespace mortise::host
