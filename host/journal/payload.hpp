// SPDX-License-Identifier: Apache-2.0
// Large payloads (event data, step input and result, run result) lie compressed in the journal. A
// packed payload is a BLOB that begins with a byte no JSON text begins with; everything else is the
// text itself.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace mortise::host {

inline constexpr std::size_t pack_above = 64 * 1024; // bytes

// The packed form of a text over the limit; empty when it is short or gains less than a third
// (already compressed, encrypted). [any-thread]
std::string pack_payload(std::string_view text);
bool is_packed_payload(std::string_view bytes) noexcept;
// The text of a packed payload. Errors: internal, journal.corrupted.
result<std::string> unpack_payload(std::string_view bytes);

// Where SQL takes a payload: the text, or its packed form.
struct stored_payload {
    explicit stored_payload(std::string_view given) : text(given), packed(pack_payload(given)) {}
    bool is_packed() const noexcept { return !packed.empty(); }
    std::string_view text; // outlives it
    std::string packed;
};

} // namespace mortise::host
