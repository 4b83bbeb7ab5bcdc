// SPDX-License-Identifier: Apache-2.0
//
// Text and JSON values as Content Server writes them: ids as numbers or text, names compared
// without case, dates with and without a zone.
#pragma once

#include <mortise/sdk/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace content_server {

std::string lower_case(std::string_view text); // ASCII only
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;
// Control characters become blanks; cut at most bytes, never within a UTF-8 character.
std::string one_line(std::string_view text, std::size_t most);

// The one nearest in spelling, when it is near enough to be meant.
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known);
// "; did you mean \"Status\"?" or "; there are \"A\", \"B\"" or nothing.
std::string suggestion(std::string_view name, const std::vector<std::string>& known);

// An id given as a number or as text; INPUT naming the field otherwise.
std::int64_t id_of(const mortise::json::value& from, std::string_view field);
// The same leniently; nothing for what is no whole number.
std::optional<std::int64_t> to_integer(const mortise::json::value& from) noexcept;

// A member's text; empty when it is missing or null. Numbers are written out.
std::string text_at(const mortise::json::object& from, std::string_view key);
std::int64_t int_at(const mortise::json::object& from, std::string_view key);

// Parts of an answer: the published descriptions wrap objects in arrays of one where live servers
// answer the object itself; both are read. Nullptr when the path ends early.
const mortise::json::value* part(const mortise::json::value& from, std::string_view dotted_path);
// The object at a path; REMOTE_PROTOCOL when there is none.
const mortise::json::object& object_part(const mortise::json::value& from,
                                         std::string_view dotted_path);

// "2026-03-01T09:00:00Z" and "2026-03-01T09:00:00" compare by their first 19 characters: a server
// writes both, for the same clock.
std::string plain_date(std::string_view date);
// A plain date moved back; the date itself when it cannot be read.
std::string earlier(std::string_view date, std::int64_t seconds);

// 64 bits of FNV-1a as 16 hex digits: a fingerprint, not a protection.
std::string fingerprint(std::string_view text);

} // namespace content_server
