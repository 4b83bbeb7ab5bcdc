// SPDX-License-Identifier: Apache-2.0
// The cause of a dead letter as a short text: runs that stopped for the same reason have the same
// one, so that a person looks at causes instead of runs.
#pragma once

#include <mortise/sdk/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace mortise::host {

// From the flow's id, the target of the step at which the run stopped (empty: none) and the error.
// Of the message counts what stays the same from run to run: not numbers, ids and quoted values.
std::uint64_t fingerprint(std::string_view flow, std::string_view target, const error& e);
// 16 hex digits, as people see it; and back, 0 for any other text.
std::string fingerprint_text(std::uint64_t value);
std::uint64_t fingerprint_from(std::string_view text);

// The message with everything that differs from run to run taken out.
std::string same_for_all(std::string_view message);

} // namespace mortise::host
