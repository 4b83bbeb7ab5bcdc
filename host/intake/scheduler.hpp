// SPDX-License-Identifier: Apache-2.0
//
// Fires the schedules of flow instances as events of type "mortise.schedule", source
// "/schedules/<instance>", id "<instance>@<planned>": exactly one for each tick, whatever crashes
// and however many hosts share the journal. The last tick is durable in the transaction of its
// event, as the cursor of ("/schedules", <instance>).
#pragma once

#include "intake/schedule.hpp"
#include "plugin/environment.hpp"

#include <memory>
#include <string>
#include <vector>

namespace mortise::host {

inline constexpr std::string_view schedule_event_type = "mortise.schedule";
inline constexpr std::string_view schedule_cursors = "/schedules"; // in the place of a connection

struct schedule_status {
    std::string instance;
    unix_ms last = 0; // planned time of the last tick dealt with; 0: not known yet
    unix_ms next = 0; // when it fires next, jitter included
};

class scheduler {
public:
    // Both outlive it.
    scheduler(plugin_environment& env, event_intake& intake);
    ~scheduler(); // stop()
    scheduler(const scheduler&) = delete;
    scheduler& operator=(const scheduler&) = delete;

    // [any-thread] From now on these and no others; what stays the same is not disturbed. Ticks
    // that were missed while the host was away are dealt with at once.
    void set(std::vector<schedule_plan> plans);
    // [any-thread] Fires no more; ticks being made durable still become so.
    void stop();
    // [any-thread] By instance.
    std::vector<schedule_status> list() const;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace mortise::host
