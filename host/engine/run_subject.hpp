// SPDX-License-Identifier: Apache-2.0
// What lines of the log about a run, or about an attempt of one of its steps, say of it.
#pragma once

#include "base/ids.hpp"
#include "base/log.hpp"

#include <cstdint>
#include <string>

namespace mortise::host {

class run_subject final : public log_subject {
public:
    run_subject(run_id run, std::string flow, std::string event_trace_parent)
        : run_(std::move(run)), flow_(std::move(flow)),
          trace_parent_(std::move(event_trace_parent)) {}
    run_subject(const run_subject& of_run,
                std::string step,
                std::string connection,
                std::uint32_t n)
        : run_subject(of_run) {
        step_ = std::move(step);
        connection_ = std::move(connection);
        attempt_ = n;
    }
    // run, flow, trace_id, span_id; of a step also step, connection, attempt.
    void describe(fields& out) const override;

private:
    run_id run_;
    std::string flow_, trace_parent_, step_, connection_;
    std::uint32_t attempt_ = 0;
};

} // namespace mortise::host
