// SPDX-License-Identifier: Apache-2.0
//
// An event: a CloudEvents 1.0 record. What a trigger emits and a flow receives.
#pragma once

#include <mortise/core.h>
#include <mortise/sdk/content.hpp>
#include <mortise/sdk/json.hpp>
#include <mortise/sdk/time_text.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mortise {

class event {
public:
    event() = default;
    event(std::string event_type, std::string event_id, std::string about, json::value payload)
        : id(std::move(event_id)), type(std::move(event_type)), subject(std::move(about)),
          data(std::move(payload)) {}

    // With the source the de-duplication key: make it from the source's own facts (object, version
    // or modification time, kind), so that a webhook and a poll of the same change give one event.
    std::string id;
    std::string source; // empty on emit: the host sets it
    std::string type;
    std::string subject;       // the object the event is about
    std::string partition_key; // equal keys run in order; empty = subject
    std::string trace_parent;
    std::optional<time_point> time; // when it happened at the source
    json::value data;
    std::shared_ptr<content_stream> content; // passes to the host when emitted
};

// Reads a borrowed C event. Throws INPUT when data is no JSON.
event from_c(const mortise_event& e);
// Reads the CloudEvents JSON that wait_event answers with.
event event_from_json(const json::value& cloud_event);

} // namespace mortise
