// SPDX-License-Identifier: Apache-2.0
//
// Whether the host takes work, and why not. Reasons that make it not ready and others that only
// inform are told apart: a connection that fails is no reason to take the host out of service.
// Messages are for anybody who can reach the listener: no secrets, no text of other systems.
#pragma once

#include "base/clock.hpp"
#include "http/listener.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

enum class host_life : std::uint8_t { starting, ready, draining };
std::string_view to_string(host_life l) noexcept;

struct health_reason {
    std::string code; // "disk-low"
    std::string message;
    unix_ms since = 0; // as first seen
};

struct health_report {
    host_life state = host_life::starting;
    std::vector<health_reason> reasons; // not empty: not ready
    std::vector<health_reason> informs;
    bool ready() const noexcept { return reasons.empty(); }
};

class health {
public:
    // What a look finds; since is filled in by health.
    struct finding {
        bool keeps_from_ready = false;
        std::string code, message;
    };
    // Adds what is wrong now. Called by look() and report(), one at a time; must be quick.
    using source = std::function<void(std::vector<finding>& found)>;

    explicit health(const clock& time); // outlives it

    void add(source s);        // [main] before the first look
    void set(host_life state); // [any-thread]
    void look();               // [any-thread] now and then, so that since is near the truth
    health_report report();    // [any-thread] looks first
    void forget_sources();     // [main] they are about to go

private:
    void look_locked();

    const clock& time_;
    std::mutex guard_;
    host_life life_ = host_life::starting;
    unix_ms life_since_;
    std::vector<source> sources_;
    std::vector<finding> found_;
    std::map<std::string, unix_ms> since_; // by code and message
};

// {"ready","state","reasons":[{"code","message","since"}],"informs":[..]}
boost::json::object to_view(const health_report& r);
std::string to_json(const health_report& r);
// GET /health/live and /health/ready, on either listener: live is 200 as long as it can answer,
// ready 200 or 503. Nothing for another path.
std::optional<inbound_response> answer_health(std::string_view path, health& h);

} // namespace mortise::host
