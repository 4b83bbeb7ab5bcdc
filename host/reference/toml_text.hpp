// SPDX-License-Identifier: Apache-2.0
//
// JSON values as TOML text. [any-thread]
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace mortise::host::reference {

// Bare where TOML allows it, else in double quotes.
std::string toml_key(std::string_view key);
// On one line; tables as { a = 1 }. TOML has no null: it is written as "".
std::string toml_value(const boost::json::value& value);
// Lines of at most width characters, each with prefix before it.
std::string wrapped(std::string_view text, std::string_view prefix, std::size_t width = 100);

} // namespace mortise::host::reference
