// SPDX-License-Identifier: Apache-2.0
// [host.tracing] and [alerts.<name>]: who is told what the host does.
#pragma once

#include "config/places.hpp"

#include <boost/json/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// What goes with a request to a receiver. Values of secret ones are names in the secret store.
struct receiver_headers {
    std::map<std::string, std::string> plain;
    std::map<std::string, std::string> secret;
    bool operator==(const receiver_headers&) const = default;
};

// [host.tracing]
struct tracing_config {
    std::string endpoint; // OTLP over HTTP; empty: no traces are exported
    receiver_headers headers;
    double sample = 1; // share of the traces that are exported, by trace id
    std::string service_name = "mortise";
    bool gzip = false;
    bool operator==(const tracing_config&) const = default;
};

enum class alert_cause : std::uint8_t {
    dead_letter,
    breaker_open,
    connection_failing,
    ledger_broken
};
std::string_view to_string(alert_cause c) noexcept; // "dead-letter"

// [alerts.<name>]
struct alert_config {
    std::set<alert_cause> on;
    // Exactly one of these three.
    std::string webhook;              // URL
    std::string secret_webhook;       // name in the secret store, for URLs that are secrets
    std::vector<std::string> command; // program and arguments, no shell
    receiver_headers headers;
    std::chrono::milliseconds repeat_after{std::chrono::hours(1)};
    std::chrono::milliseconds failing_after{std::chrono::minutes(5)};
    std::chrono::milliseconds timeout{std::chrono::seconds(10)};
    bool operator==(const alert_config&) const = default;
};

struct configuration;
// Both sections as JSON without secrets, for the effective configuration.
boost::json::object tracing_json(const tracing_config& t);
boost::json::object alerts_json(const std::map<std::string, alert_config>& alerts);

} // namespace mortise::host
