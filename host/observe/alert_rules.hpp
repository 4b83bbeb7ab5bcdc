// SPDX-License-Identifier: Apache-2.0
//
// What is worth telling, and when it was told last: one open matter for each cause, told once and
// again only after a while, and told when it is over. Decides only. One thread at a time.
#pragma once

#include "base/clock.hpp"
#include "config/observe_config.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mortise::host {

// Something that has come to pass, as it is told.
struct alert_event {
    alert_cause cause = alert_cause::dead_letter;
    // What it is about: occurrences with one subject are one matter. "<flow>/<fingerprint>" of a
    // dead letter, the connection's name, "ledger".
    std::string subject;
    std::string message;                      // a sentence for a person
    std::map<std::string, std::string> about; // "flow", "run", "connection", "code", ...
    unix_ms at = 0;
    bool recovered = false;
};

struct alert_message {
    alert_event event;
    std::uint64_t occurrences = 1; // since it was told last, this one included
    unix_ms since = 0;             // the first of the open matter
};

class alert_rules {
public:
    // At most so many matters are remembered; the one longest quiet is forgotten first.
    static constexpr std::size_t most_matters = 4096;

    explicit alert_rules(std::chrono::milliseconds repeat_after) : repeat_after_(repeat_after) {}

    // What is to be told now; nothing: it was told lately, or it recovered from nothing.
    std::optional<alert_message> see(const alert_event& e);
    // What it was about is gone: nobody hears that it recovered.
    void forget(alert_cause cause, const std::string& subject);
    std::size_t matters() const noexcept { return open_.size(); }

private:
    struct matter {
        unix_ms since = 0, told = 0, last = 0;
        std::uint64_t untold = 0;
    };
    using key = std::pair<alert_cause, std::string>;
    void forget_oldest();

    std::chrono::milliseconds repeat_after_;
    std::map<key, matter> open_;
};

// {"alert","cause","state":"firing"|"recovered","subject","message","occurrences","since","at",
//  "host","about":{...}}; known secrets read "***".
std::string to_json(const alert_message& m, const std::string& alert, const std::string& host);

} // namespace mortise::host
