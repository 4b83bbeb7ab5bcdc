// SPDX-License-Identifier: Apache-2.0
// The JSON forms of records: errors as the journal stores them, events as a flow receives them.
#pragma once

#include "journal/records.hpp"

#include <string>
#include <string_view>

namespace mortise::host {

// All fields of an error; those with their default value are left out.
std::string error_to_json(const error& e);
// The reverse. Text that is no such object gives an internal error that quotes it.
error error_from_json(std::string_view text);

// "2026-01-31T23:59:59.000Z"
std::string rfc3339(unix_ms t);

// Appends the text as a JSON string, with its quotes.
void append_json_string(std::string& out, std::string_view text);
bool is_json(std::string_view text);

// The CloudEvents 1.0 structured form. data is put in as it is, without being parsed.
std::string event_to_json(const event_record& event);

} // namespace mortise::host
