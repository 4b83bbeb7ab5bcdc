// SPDX-License-Identifier: Apache-2.0
//
// What must not leave through the admin listener: values of known secrets, wherever they turn up,
// and what a schema marks with "x-secret". Both read "***".
#pragma once

#include "journal/records.hpp"
#include "operate/flow_directory.hpp"

#include <boost/json/value.hpp>

#include <string_view>

namespace mortise::host {

// Known secrets (base/log.hpp, redact_in_log) in any text of the value.
void hide_known_secrets(boost::json::value& value);
bool holds_known_secret(const boost::json::value& value);

// By the schema (its text; empty: hides nothing).
void hide_marked(boost::json::value& value, std::string_view schema_text);

// "https://user:password@host/" becomes "https://***@host/", in any text of the value.
void hide_url_passwords(boost::json::value& value);

} // namespace mortise::host
