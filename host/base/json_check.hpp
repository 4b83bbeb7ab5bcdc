// SPDX-License-Identifier: Apache-2.0
// Is a text JSON? For texts that are passed on as they are: nothing is built and nothing is
// allocated but for very deep ones.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string_view>

namespace mortise::host {

// [any-thread] One JSON document in UTF-8, nested at most max_depth levels. Errors: category input,
// saying what is wrong and at which byte.
result<void> check_json(std::string_view text, std::size_t max_depth = 64);

} // namespace mortise::host
