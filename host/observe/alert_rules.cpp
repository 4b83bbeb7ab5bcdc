// SPDX-License-Identifier: Apache-2.0
#include "observe/alert_rules.hpp"

#include "base/log.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {

std::optional<alert_message> alert_rules::see(const alert_event& e) {
    const key k{e.cause, e.subject};
    auto it = open_.find(k);
    if (e.recovered) {
        if (it == open_.end()) return std::nullopt;
        alert_message m{e, std::max<std::uint64_t>(it->second.untold, 1), it->second.since};
        open_.erase(it);
        return m;
    }
    if (it == open_.end()) {
        if (open_.size() >= most_matters) forget_oldest();
        open_.emplace(k, matter{e.at, e.at, e.at, 0});
        return alert_message{e, 1, e.at};
    }
    auto& known = it->second;
    known.last = e.at;
    ++known.untold;
    if (e.at - known.told < repeat_after_.count()) return std::nullopt;
    alert_message m{e, known.untold, known.since};
    known.told = e.at;
    known.untold = 0;
    return m;
}

void alert_rules::forget(alert_cause cause, const std::string& subject) {
    open_.erase(key{cause, subject});
}

void alert_rules::forget_oldest() {
    const auto oldest =
        std::min_element(open_.begin(), open_.end(), [](const auto& a, const auto& b) {
            return a.second.last < b.second.last;
        });
    if (oldest != open_.end()) open_.erase(oldest);
}

std::string to_json(const alert_message& m, const std::string& alert, const std::string& host) {
    boost::json::object about;
    for (const auto& [name, value] : m.event.about)
        about[name] = redacted(value);
    return boost::json::serialize(
        boost::json::object{{"alert", alert},
                            {"cause", to_string(m.event.cause)},
                            {"state", m.event.recovered ? "recovered" : "firing"},
                            {"subject", redacted(m.event.subject)},
                            {"message", redacted(m.event.message)},
                            {"occurrences", m.occurrences},
                            {"since", m.since},
                            {"at", m.event.at},
                            {"host", host},
                            {"about", std::move(about)}});
}

} // namespace mortise::host
