// SPDX-License-Identifier: Apache-2.0
//
// What must not leave through the admin listener, nor be shown by the command line: values of known
// secrets, wherever they turn up, what lets in whoever has it (base/bearer.hpp), and what a schema
// marks with "x-secret". All of it reads "***".
#pragma once

#include "journal/records.hpp"
#include "operate/flow_directory.hpp"

#include <boost/json/value.hpp>

#include <string_view>

namespace mortise::host {

// Known secrets (base/log.hpp, redact_in_log) and bearer texts in any text of the value; what
// members of such names hold, {"authorization": ..} or {"name": "Authorization", "value": ..}.
void hide_known_secrets(boost::json::value& value);
bool holds_known_secret(const boost::json::value& value);

// By the schema (its text; empty: hides nothing).
void hide_marked(boost::json::value& value, std::string_view schema_text);

// "https://user:password@host/" becomes "https://***@host/", in any text of the value.
void hide_url_passwords(boost::json::value& value);

} // namespace mortise::host
