// SPDX-License-Identifier: Apache-2.0
#include "slow_steps.hpp"

#include <algorithm>
#include <set>

namespace asset_approval {

using mortise::time_point;
namespace json = mortise::json;

void slow_steps::look(const review_settings& s, const json::value& workflow, time_point now) {
    std::set<std::int64_t> current;
    for (const auto& step : mortise::require_array(workflow, "steps")) {
        const auto title = mortise::require_string(step, "title");
        if (mortise::require_string(step, "state") != "current") continue;
        if (std::find(s.steps.begin(), s.steps.end(), title) == s.steps.end()) continue;
        const auto task = mortise::require_int(step, "task_id");
        current.insert(task);
        auto [it, is_new] = steps_.try_emplace(task);
        if (is_new) it->second.since = now;
        it->second.step = title;
        it->second.performers.clear();
        for (const auto& who : mortise::require_array(step, "performers"))
            it->second.performers.push_back(mortise::require_int(who, "id"));
    }
    std::erase_if(steps_, [&](const auto& w) { return !current.contains(w.first); });
}

std::optional<time_point> slow_steps::reminder_due(const waiting& w) const {
    if (settings_.remind_after.count() <= 0) return std::nullopt;
    if (w.reminded > 0 && settings_.remind_every.count() <= 0) return std::nullopt;
    return w.since + settings_.remind_after + w.reminded * settings_.remind_every;
}

std::optional<time_point> slow_steps::escalation_due(const waiting& w) const {
    if (settings_.escalate_after.count() <= 0 || settings_.escalate_to.empty() || w.escalated)
        return std::nullopt;
    return w.since + settings_.escalate_after;
}

std::optional<time_point> slow_steps::due() const {
    std::optional<time_point> first;
    const auto count = [&](const std::optional<time_point>& t) {
        if (t && (!first || *t < *first)) first = t;
    };
    for (const auto& [task, w] : steps_) {
        count(reminder_due(w));
        count(escalation_due(w));
    }
    return first;
}

std::vector<slow_steps::nudge> slow_steps::take(time_point now) {
    std::vector<nudge> out;
    for (auto& [task, w] : steps_) {
        // After a stand-still one reminder stands for all that were missed.
        bool is_due = false;
        for (auto due = reminder_due(w); due && *due <= now; due = reminder_due(w)) {
            is_due = true;
            ++w.reminded;
        }
        if (is_due) out.push_back({task, w.step, w.performers, w.reminded});
        if (const auto due = escalation_due(w); due && *due <= now) {
            w.escalated = true;
            out.push_back({task, w.step, w.performers, 0});
        }
    }
    return out;
}

} // namespace asset_approval
