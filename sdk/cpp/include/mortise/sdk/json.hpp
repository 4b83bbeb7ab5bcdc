// SPDX-License-Identifier: Apache-2.0
//
// JSON for plugins: Boost.JSON values inside the plugin, text within the ABI's profile at its
// border (mortise/core.h: UTF-8 without BOM, no duplicate keys, depth at most 64, exact integers).
// Accessors take a dotted path ("a.b.0.c"; a key that itself holds a dot is reached with
// boost::json) and name the place and what was found there when something is wrong.
#pragma once

#include <mortise/sdk/error.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mortise {

namespace json = boost::json;

inline constexpr std::size_t max_json_depth = 64;

struct parse_options {
    // Numbers with a fraction or exponent become strings with their original digits (money).
    bool decimals_as_text = false;
    // What a defect means: remote_protocol for a system's answer, input for a caller's payload.
    enum category blame = category::remote_protocol;
    // Names the text in messages: "the answer of GET /assets".
    std::string_view what = "the text";
};

// Parses one document. Throws error{blame, "sdk.json.malformed"} with the byte offset. [any-thread]
json::value parse_json(std::string_view text, const parse_options& options = {});

// Compact text. Throws error{internal} for a number JSON cannot hold (infinity, not a number).
std::string serialize_json(const json::value& value);

// The value at a path, or nullptr. An empty path is the value itself.
const json::value* find_json(const json::value& from, std::string_view path) noexcept;

// The value at a path. Missing or of another type: error{blame, "sdk.json.missing" or
// "sdk.json.type"}.
const json::value& require(const json::value& from,
                           std::string_view path,
                           enum category blame = category::remote_protocol);
std::string require_string(const json::value& from,
                           std::string_view path,
                           enum category blame = category::remote_protocol);
std::int64_t require_int(const json::value& from,
                         std::string_view path,
                         enum category blame = category::remote_protocol);
bool require_bool(const json::value& from,
                  std::string_view path,
                  enum category blame = category::remote_protocol);
const json::object& require_object(const json::value& from,
                                   std::string_view path,
                                   enum category blame = category::remote_protocol);
const json::array& require_array(const json::value& from,
                                 std::string_view path,
                                 enum category blame = category::remote_protocol);

// As above, but missing or null gives nothing. Another type is still an error.
std::optional<std::string> optional_string(const json::value& from,
                                           std::string_view path,
                                           enum category blame = category::remote_protocol);
std::optional<std::int64_t> optional_int(const json::value& from,
                                         std::string_view path,
                                         enum category blame = category::remote_protocol);
std::optional<bool> optional_bool(const json::value& from,
                                  std::string_view path,
                                  enum category blame = category::remote_protocol);

// A decimal as text: a string that is one is taken as it is, an integer is written out. A number
// with a fraction has lost its digits already (parse with decimals_as_text) and is an error.
std::string require_decimal(const json::value& from,
                            std::string_view path,
                            enum category blame = category::remote_protocol);

// A string or an integer as text: for ids that some systems write as numbers.
std::string require_id(const json::value& from,
                       std::string_view path,
                       enum category blame = category::remote_protocol);

// "text", "a whole number", "an object", ...: a value's type in words, for messages.
std::string_view type_in_words(const json::value& value) noexcept;

} // namespace mortise
