// SPDX-License-Identifier: Apache-2.0
//
// Views between the C ABI's slices and C++ types. Nothing here allocates unless the name says copy.
#pragma once

#include <mortise/core.h>

#include <string>
#include <string_view>

namespace mortise {

inline std::string_view view(mortise_str s) noexcept {
    return s.len ? std::string_view(s.ptr, static_cast<std::size_t>(s.len)) : std::string_view();
}
inline std::string_view view(mortise_bytes b) noexcept {
    return b.len
               ? std::string_view(static_cast<const char*>(b.ptr), static_cast<std::size_t>(b.len))
               : std::string_view();
}
inline std::string_view view(const mortise_payload& p) noexcept {
    return view(p.data);
}

// The result borrows from s: never pass a temporary that dies before the callee is done.
inline mortise_str c_str_of(std::string_view s) noexcept {
    return {s.data(), s.size()};
}
inline mortise_bytes c_bytes_of(std::string_view s) noexcept {
    return {s.data(), s.size()};
}
inline mortise_payload json_payload(std::string_view json) noexcept {
    return {c_str_of("application/json"), c_bytes_of(json)};
}

} // namespace mortise
