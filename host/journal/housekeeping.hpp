// SPDX-License-Identifier: Apache-2.0
// What keeps the journal in shape while it works, on threads of its own: checkpoints beside the
// writer, retention in small removals between other writes, room given back when all is quiet.
#pragma once

#include "journal/journal.hpp"
#include "journal/log_watch.hpp"
#include "journal/retention.hpp"
#include "journal/writer.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace mortise::host {

class housekeeping {
public:
    // All outlive it. Without options.background nothing runs by itself: the writer checkpoints,
    // and only trim() removes.
    housekeeping(const journal_options& options, log_watch& log, journal_writer& writer);
    ~housekeeping(); // before the writer goes
    housekeeping(const housekeeping&) = delete;
    housekeeping& operator=(const housekeeping&) = delete;

    void set_rules(retention_rules rules); // [any-thread]
    result<trimmed> trim();                // [any-thread] not the writer's; a whole sweep

private:
    using steady = std::chrono::steady_clock;
    void keep_log_short();
    void move_log();
    void give_room_back();
    template <class Fn>
    void on_mover(const Fn& fn);
    void keep_history_short();
    bool remove(removal what, trimmed& sum, std::optional<error>& failure);
    bool is_closing();

    const journal_options& options_;
    log_watch& log_;
    journal_writer& writer_;
    std::unique_ptr<sqlite_db> mover_; // the mover's connection
    bool is_stuck_ = false;            // the last checkpoint failed, and the log tells
    std::mutex rules_guard_;
    std::condition_variable closing_;
    bool is_closing_ = false; // under rules_guard_, as rules_
    retention_rules rules_;
    std::mutex sweep_guard_; // one sweep at a time
    std::unique_ptr<retention_search> search_;
    // Two, as the sweeper waits for the writer, and the writer may wait for the mover.
    std::thread mover_thread_;
    std::thread sweeper_thread_;
};

} // namespace mortise::host
