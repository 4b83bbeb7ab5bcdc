// SPDX-License-Identifier: Apache-2.0
//
// Bulk work on dead letters at a person's pace: oldest first, so many a second, with a durable
// record of how far it has come. A job stops by itself when the runs it lets go on keep failing for
// the same cause.
#pragma once

#include "base/timers.hpp"
#include "operate/bulk_job.hpp"
#include "operate/dead_letters.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mortise::host {

class bulk_jobs {
public:
    // Called once, on any thread, when what was asked is durable, with the job as it is then.
    using answer = std::function<void(result<bulk_job>)>;

    // All of them outlive it.
    bulk_jobs(dead_letters& letters, const clock& time, timer_source& timers);
    ~bulk_jobs(); // stop()
    bulk_jobs(const bulk_jobs&) = delete;
    bulk_jobs& operator=(const bulk_jobs&) = delete;

    // [main] Jobs that were running when the host went down go on.
    result<void> resume();
    // [any-thread] Nothing more is begun; running jobs go on after the next resume().
    void stop();

    // [any-thread] Errors: input (see check_request()), unavailable.
    void start(bulk_request request, answer done);
    // [any-thread] What was done stays done. Errors: not_found, conflict (it has ended).
    void cancel(const std::string& id, std::string who, answer done);
    // [any-thread] Newest first, ended ones too. Errors: the journal's.
    result<std::vector<bulk_job>> list() const;
    result<bulk_job> find(const std::string& id) const; // also not_found

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

// Without a running host: all of it at once, on the calling thread; runs that were made ready go on
// when a host starts. Errors: as start(), and the journal's.
result<bulk_job> change_now(dead_letters& letters, const clock& time, bulk_request request);

} // namespace mortise::host
