// SPDX-License-Identifier: Apache-2.0
//
// Backfills: every object of a trigger's kind as events, page by page. A job is durable: its record
// and the position in the system move in the transaction that takes a page's events, so it goes on
// after a crash where it was. Jobs are known by connection and trigger; one of each at a time.
#pragma once

#include "intake/backfill_job.hpp"
#include "plugin/connector_instance.hpp"
#include "policy/connection_gate.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mortise::host {

// Where a job finds its trigger; there only while the trigger is open.
struct backfill_target {
    std::shared_ptr<connector_instance> on;
    mortise_handle trigger = 0;
    std::shared_ptr<connection_gate> gate; // may be null
    std::chrono::milliseconds timeout{120'000};
};

struct backfill_request {
    std::string connection;
    std::string trigger;
    // Events a second; whole pages are taken, and what a page has too much is waited for after it.
    double events_per_second = 50;
    // Begin again although the last job ended as done, failed or cancelled. Without it such a start
    // is refused as conflict, because doing all again may be a slip. (A failed or cancelled one can
    // also be resumed where it was.)
    bool again = false;
};

class backfill {
public:
    // Called once, on any thread, when what was asked is durable, with the job as it is then.
    using answer = std::function<void(result<backfill_job>)>;

    backfill(plugin_environment& env, event_intake& intake);
    ~backfill(); // stop()
    backfill(const backfill&) = delete;
    backfill& operator=(const backfill&) = delete;

    // [any-thread] The triggers that can be walked now, by "<connection>/<trigger>"; replaced as a
    // whole. Running jobs of the journal go on as soon as their target is there, and rest without
    // one.
    void set_targets(std::map<std::string, backfill_target> targets);
    // [any-thread] Nothing more is asked for; a page in flight still becomes durable.
    void stop();

    // [any-thread] Errors: not_found (no such open trigger, or it cannot walk its objects),
    // conflict (one is running or paused; or ended and not `again`), input (a rate that is not
    // above 0).
    void start(backfill_request request, answer done);
    // [any-thread] After the page in flight. Errors: not_found, conflict (it has ended).
    void pause(const std::string& connection, const std::string& trigger, answer done);
    // [any-thread] A paused, failed or cancelled job goes on where it was. Errors: not_found,
    // conflict (it runs, or is done).
    void resume(const std::string& connection, const std::string& trigger, answer done);
    // [any-thread] Ends it; its events stay. Errors: not_found, conflict (it has ended).
    void cancel(const std::string& connection, const std::string& trigger, answer done);

    // [any-thread] Every job of the journal, ended ones too, by connection and trigger. Errors: the
    // journal's.
    result<std::vector<backfill_job>> list() const;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace mortise::host
