// SPDX-License-Identifier: Apache-2.0
// Runs and attempts as metrics. Labels are names of the configuration and of states, so that there
// are as many series as connections and flows, not as many as runs.
#pragma once

#include "base/clock.hpp"
#include "engine/observer.hpp"

#include <array>
#include <map>
#include <mutex>
#include <string>

namespace mortise::host {

class metric;
class metric_registry;

class run_metrics final : public run_observer {
public:
    // Both outlive it.
    run_metrics(metric_registry& metrics, const clock& time);
    void run_changed(const run_record& run) noexcept override;
    void attempt_ended(const attempt_seen& attempt) noexcept override;

private:
    struct of_flow {
        std::array<metric*, 8> ended{}; // by run_state
        metric* seconds = nullptr;
    };
    struct of_connection {
        std::array<metric*, 7> attempts{}; // by attempt_seen::end
        metric* seconds = nullptr;
    };
    of_flow& flow(const std::string& name);
    of_connection& connection(std::string_view name);

    metric_registry& metrics_;
    const clock& time_;
    std::mutex guard_;
    std::map<std::string, of_flow, std::less<>> flows_; // their elements stay where they are
    std::map<std::string, of_connection, std::less<>> connections_;
};

} // namespace mortise::host
