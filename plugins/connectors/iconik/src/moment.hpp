// SPDX-License-Identifier: Apache-2.0
//
// iconik's dates: ISO 8601 with 0 to 6 digits of a second's fraction, the offset optional (then
// UTC). Event ids are made of them, so all spellings of one moment must become one text.
#pragma once

#include <mortise/sdk/time_text.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace iconik {

// Microseconds since 1970.
std::optional<std::int64_t> micros_of(std::string_view date) noexcept;
// "2025-03-28T09:15:01.406403Z"; the text as it is when it is no date.
std::string canonical_date(std::string_view date);
// As the search takes it, with the offset: "2025-03-28T09:15:01.406403+00:00".
std::string search_date(std::int64_t micros);
std::int64_t micros_of(mortise::time_point t) noexcept;
mortise::time_point time_of(std::int64_t micros) noexcept;

} // namespace iconik
