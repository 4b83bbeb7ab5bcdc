// SPDX-License-Identifier: Apache-2.0
//
// W3C Trace Context (https://www.w3.org/TR/trace-context/), the traceparent header, and where a run
// and the attempts of its steps stand in a trace. A run whose event came with a traceparent belongs
// to that trace; any other is a trace of its own. All ids follow from the run's, so a replay, or a
// repeat after a crash, has the same ones. Pure. [any-thread]
#pragma once

#include "base/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mortise::host {

struct trace_context {
    std::string trace_id; // 32 hex digits, lower case
    std::string span_id;  // 16 hex digits, lower case; empty: nobody above
    bool sampled = false;
};

// Of a traceparent of any version. Empty: malformed, all zeros, or version ff; such a header is to
// be treated as if it had not come (3.2.2 and 4.3 of the recommendation).
std::optional<trace_context> parse_trace_parent(std::string_view text);
// The same header as version 00, or empty when it is not valid: what is kept of what came in.
std::string clean_trace_parent(std::string_view text);
// Version 00.
std::string to_trace_parent(const trace_context& c);

// The trace of a run: its event's, else one of its own. span_id is what the run's span is under.
trace_context trace_of_run(std::string_view event_trace_parent, const run_id& run);
// 16 hex digits, never all zeros: of the run itself, and of one attempt (from 1) of a step.
std::string run_span_id(const run_id& run);
std::string step_span_id(const run_id& run, std::string_view step, std::uint32_t attempt);
// Whether a trace is among the share that is looked at; by its id alone, so that all who ask the
// same way choose the same traces (OpenTelemetry's TraceIdRatioBased).
bool in_sample(std::string_view trace_id, double share) noexcept;
// traceparent for what an attempt asks of others. share: of the traces exported here, which says
// whether it is sampled; less than 0: none are, and what the event said stays.
std::string trace_parent_of_step(std::string_view event_trace_parent,
                                 const run_id& run,
                                 std::string_view step,
                                 std::uint32_t attempt,
                                 double share = -1);

} // namespace mortise::host
