// SPDX-License-Identifier: Apache-2.0
//
// When reviewers are due for a reminder, and when somebody else is told. No step is taken here.
#pragma once

#include "settings.hpp"

#include <mortise/sdk/json.hpp>
#include <mortise/sdk/time_text.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace asset_approval {

// Which steps wait, since when, and who has been told. Times come from the run.
class slow_steps {
public:
    struct nudge {
        std::int64_t task = 0;
        std::string step;
        std::vector<std::int64_t> performers;
        int number = 0; // 1, 2, ... of the reminders; 0: escalate
    };

    explicit slow_steps(const patience_settings& s) : settings_(s) {}
    // The workflow as it is now: new current steps begin to wait, finished ones are forgotten.
    void
    look(const review_settings& s, const mortise::json::value& workflow, mortise::time_point now);
    // When the next nudge is due; nothing when none ever is.
    std::optional<mortise::time_point> due() const;
    // Those due by now; each is told of once.
    std::vector<nudge> take(mortise::time_point now);

private:
    struct waiting {
        std::string step;
        std::vector<std::int64_t> performers;
        mortise::time_point since;
        int reminded = 0;
        bool escalated = false;
    };
    std::optional<mortise::time_point> reminder_due(const waiting& w) const;
    std::optional<mortise::time_point> escalation_due(const waiting& w) const;

    patience_settings settings_;
    std::map<std::int64_t, waiting> steps_;
};

} // namespace asset_approval
