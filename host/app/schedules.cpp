// SPDX-License-Identifier: Apache-2.0
#include "app/schedules.hpp"

#include "intake/scheduler.hpp"

#include <algorithm>

namespace mortise::host {
namespace {

missed_ticks missed_from(const std::string& text) {
    return text == "skip"  ? missed_ticks::skip
           : text == "all" ? missed_ticks::all
                           : missed_ticks::once;
}

bool starts_on_schedules(const flow_descriptor& d) {
    return std::any_of(d.subscriptions.begin(), d.subscriptions.end(), [](const auto& s) {
        return s.role.empty() && s.event_type == schedule_event_type;
    });
}

} // namespace

std::vector<config_problem> check_schedules(const configuration& config,
                                            const plugin_catalog& plugins) {
    std::vector<config_problem> out;
    for (const auto& [name, f] : config.flows) {
        if (!f.schedule) continue;
        const auto section = " in [flows." + name + ']';
        if (const auto parsed = cron::parse(*f.schedule); !parsed) {
            auto place = f.schedule_place;
            // Behind the quote, where the text begins.
            place.column += 1 + static_cast<int>(parsed.error().position);
            out.push_back({place, "\"schedule\"" + section + ": " + parsed.error().message,
                           "five fields: minute hour day-of-month month day-of-week, for example "
                           "\"0 3 * * mon-fri\"",
                           false});
        }
        if (const auto zone = time_zone::find(f.time_zone); !zone) {
            out.push_back({f.time_zone_place,
                           "\"time_zone\"" + section + ": " + zone.error().message,
                           "names are those of the system's time zone database", false});
        }
        const auto* d = plugins.find_flow(f.flow, f.version.value_or(""));
        if (d != nullptr && !starts_on_schedules(*d)) {
            out.push_back({f.schedule_place,
                           "\"schedule\"" + section + ": flow \"" + f.flow +
                               "\" does not start on a schedule",
                           "remove the key; only flows that subscribe to \"mortise.schedule\" "
                           "have one",
                           false});
        }
    }
    return out;
}

std::vector<schedule_plan> schedule_plans(const configuration& config) {
    std::vector<schedule_plan> out;
    for (const auto& [name, f] : config.flows) {
        if (!f.enabled || !f.schedule) continue;
        const auto when = cron::parse(*f.schedule);
        const auto zone = time_zone::find(f.time_zone);
        if (!when || !zone) continue; // check_schedules() has refused it
        out.push_back({name, *when, *zone, f.jitter, missed_from(f.missed), f.missed_limit});
    }
    return out;
}

} // namespace mortise::host
