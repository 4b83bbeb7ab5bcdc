// SPDX-License-Identifier: Apache-2.0
//
// Everything that makes a difference to how a flow instance's runs go: a run stays with the
// revision it began with. Kept in the journal, because a run may wait longer than the configuration
// lives. Secrets are in it by reference only.
#pragma once

#include "config/config.hpp"
#include "policy/retry_policy.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mortise::host {

struct flow_descriptor;

struct flow_revision {
    std::string name; // [flows.<name>]
    std::string flow, version;
    boost::json::object settings;
    std::map<std::string, std::string> connections; // role -> connection
    retry_config retry;                             // over the connection's
    std::chrono::milliseconds deadline{0};

    std::string to_json() const;
    // 16 hex digits of the SHA-256 of the text above: the same settings give the same one.
    std::string id() const;
};

flow_revision revision_of(const flow_config& f, const flow_descriptor& d);
// From what to_json() gave. Errors: internal (not such a text).
result<flow_revision> read_revision(std::string_view text);

// over's members in place of base's.
} // namespace mortise::host
