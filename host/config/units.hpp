// SPDX-License-Identifier: Apache-2.0
//
// Durations and sizes as people write them.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace mortise::host {

// "500ms", "30s", "5m", "2h", "7d"; a whole number and one unit. Errors: category config.
result<std::chrono::milliseconds> parse_duration(std::string_view text);
// "512", "64KiB", "1MiB", "2GiB", "10kB", "5MB", "1GB". Errors: category config.
result<std::uint64_t> parse_size(std::string_view text);
// The shortest exact form: "1500ms", "2h".
std::string to_duration_text(std::chrono::milliseconds d);

} // namespace mortise::host
