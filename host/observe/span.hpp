// SPDX-License-Identifier: Apache-2.0
//
// What is told of a run and of an attempt in a trace, and how it is written in OTLP's JSON
// (opentelemetry-proto, trace/v1; the proto3 JSON mapping with the deviations OTLP names: ids in
// hex, enums as numbers, 64-bit integers as strings). Attributes have the names of OpenTelemetry's
// semantic conventions where there are some, "mortise." otherwise. Pure.
#pragma once

#include "engine/observer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace mortise::host {

struct span {
    enum class kind : std::uint8_t {
        internal = 1,
        server = 2,
        client = 3,
        producer = 4,
        consumer = 5
    };
    using value = std::variant<std::string, std::int64_t, bool>;

    std::string trace_id, span_id;
    std::string parent_id; // empty: the first of its trace
    std::string name;
    kind what = kind::internal;
    std::int64_t began_us = 0, ended_us = 0; // Unix
    std::vector<std::pair<std::string, value>> attributes;
    struct failure {
        std::string type, message;
    };
    std::optional<failure> failed;
};

// Known secrets in texts read "***". ended: now.
span span_of_run(const run_record& run, const event_record& event, unix_ms ended);
span span_of_attempt(const attempt_seen& attempt);

struct trace_resource {
    std::string service_name, version, instance; // instance: the host's id
};
// An ExportTraceServiceRequest.
std::string to_otlp_json(const std::vector<span>& spans, const trace_resource& from);

} // namespace mortise::host
