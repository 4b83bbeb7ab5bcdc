// SPDX-License-Identifier: Apache-2.0
// Switches that make an emulator misbehave: on a route, a number of times. Set through the control
// API (POST /__sandbox/faults) or directly on the emulator's thread.
#pragma once

#include "kit/message.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::sandbox {

enum class fault_kind {
    reply,               // answer with status/headers/body, no effect
    latency,             // normal answer, later
    cut,                 // connection reset before any answer, no effect
    cut_after,           // effect happens, connection reset before the answer
    cut_body,            // effect happens, reset in the middle of the body
    commit_then_timeout, // effect happens, the answer never comes
    hang,                // no effect, no answer
    webhook_drop,
    webhook_duplicate,
    webhook_delay,
    webhook_reorder, // held back until another webhook has gone out
    webhook_fail,    // counted as an unanswered delivery, nothing is sent
};
std::string_view to_string(fault_kind k) noexcept; // as in the control API: "commit-then-timeout"

struct fault {
    fault_kind kind = fault_kind::reply;
    std::string method = "*"; // "*" = any
    std::string path = "**";  // pattern as in routes, or a route's name; of a webhook: its URL path
    std::uint64_t count = 1;  // how often; 0 = until removed
    std::uint64_t skip = 0;   // let this many matching ones pass first
    unsigned status = 503;
    header_list headers;
    std::string body;
    std::string content_type = "application/json";
    std::chrono::milliseconds delay{0};

    std::uint64_t id = 0;   // given by the table
    std::uint64_t hits = 0; // times applied
};

class fault_table {
public:
    std::uint64_t add(fault f); // returns its id
    bool remove(std::uint64_t id);
    void clear() { faults_.clear(); }
    const std::vector<fault>& all() const noexcept { return faults_; }
    // The first live request fault for r (after routing), counted as applied; latency faults
    // combine with another kind.
    struct hit {
        std::optional<fault> main;
        std::chrono::milliseconds delay{0};
    };
    hit take(const request& r);
    std::optional<fault> take_webhook(std::string_view url_path);

private:
    std::vector<fault> faults_;
    std::uint64_t next_ = 1;
};

// The control API's form; throws http_error(400) that names the wrong member.
fault fault_from_json(const boost::json::object& o);
boost::json::object to_json(const fault& f);

} // namespace mortise::sandbox
