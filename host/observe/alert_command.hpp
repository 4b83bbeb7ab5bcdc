// SPDX-License-Identifier: Apache-2.0
// Runs a program for an alert: no shell, no environment but a plain PATH, the text on its standard
// input, killed with all it has started when its time is over.
#pragma once

#include "base/result.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace mortise::host {

// [worker] Blocks until the program has ended, at most for the time given and until `stopping` is
// set (may be null). What it writes goes nowhere. Errors: cancelled (stopping), config (it cannot
// be started), timeout, unavailable (it ended with something else than 0).
result<void> run_alert_command(const std::vector<std::string>& command,
                               const std::string& input,
                               std::chrono::milliseconds timeout,
                               const std::atomic<bool>* stopping = nullptr);

} // namespace mortise::host
