// SPDX-License-Identifier: Apache-2.0
//
// A schema in words: what a value may be, what it is when nothing is said, what it means. One place
// for the Markdown pages and the TOML file. [any-thread]
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mortise::host::reference {

// Member of an object, or null. Never throws.
const boost::json::value* member(const boost::json::object& o, std::string_view key) noexcept;
std::string text_of(const boost::json::object& o, std::string_view key); // empty when absent
const boost::json::object* object_of(const boost::json::object& o, std::string_view key) noexcept;

// "duration", "whole number, 1 to 100", "list of text", "`a` or `b`", "secret", ...
std::string type_words(const boost::json::object& schema);
// Title, description and what must be known besides, as sentences in plain text.
std::string meaning(const boost::json::object& schema);
bool is_required(const boost::json::object& parent, std::string_view key);

enum class form {
    value,   // written as key = value
    section, // a table with known keys: [a.b]
    map,     // a table whose keys the operator chooses, each a section: [a.b.NAME]
};
form form_of(const boost::json::object& schema);

// The text between words: "a", "a or b", "a, b or c".
std::string either(const std::vector<std::string>& words);
// A sentence ends with a full stop.
std::string sentence(std::string text);

} // namespace mortise::host::reference
