// SPDX-License-Identifier: Apache-2.0
// Holds answers of the admin listener against the schemas it declares for them: nothing missing,
// nothing of another type, nothing that is not declared.
#pragma once

#include "host_fixture.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace mortise::host::testing {

// Requires 200 and a body that fits the component schema; gives the body.
boost::json::value
good_answer(host_fixture& f, const std::string& path, std::string_view component);
// The same for {"<plural>":[of this component...],"next"}.
boost::json::value good_list(host_fixture& f,
                             const std::string& path,
                             std::string_view plural,
                             std::string_view component);
// Requires this status and problem+json that fits; gives its detail.
std::string refusal_of(host_fixture& f, const std::string& path, int status);

// Head and body of GET /api/v1/ledger/export, which is neither JSON nor of a known length.
std::pair<std::string, std::string> exported(host_fixture& f, const std::string& query);

// What does not fit, one line each; empty: all does.
std::string misfits(const boost::json::value& value, std::string_view component);

} // namespace mortise::host::testing
