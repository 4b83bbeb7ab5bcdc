// SPDX-License-Identifier: Apache-2.0
//
// The types of a mapping's target fields, and what can be made of a value.
#pragma once

#include "base/result.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

enum class field_type { any, string, integer, number, boolean, date, datetime, list, object };

// Nothing for a word that is none; names are those of the enumerators.
std::optional<field_type> field_type_from(std::string_view word);
std::string_view to_string(field_type type) noexcept;
const std::vector<std::string>& field_type_names();

// The value as this type. Nothing when an empty text stands for "not given": as a number, truth
// value or date it means that nobody filled it in. Errors: category input, "expected a whole
// number, found ...". [any-thread]
result<std::optional<boost::json::value>> convert(const boost::json::value& value, field_type type);

// A scalar as value tables and joined texts have it: text as it is, 1.5 and not 1.5E0.
// Nothing for lists, objects and null.
std::optional<std::string> scalar_text(const boost::json::value& value);

// For messages: text in quotes and shortened, lists and objects in words.
std::string shown_value(const boost::json::value& value);

} // namespace mortise::host
