// SPDX-License-Identifier: Apache-2.0
// How an operation is called; made once from the configuration, looked up once for each attempt.
#pragma once

#include "policy/retry_policy.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace mortise::host {

struct call_policy {
    retry_policy retry;
    std::chrono::milliseconds timeout{0}; // of one call; 0: none
};

// By operation, only those that differ from their connection's.
using call_policies = std::map<std::string, call_policy, std::less<>>;

} // namespace mortise::host
