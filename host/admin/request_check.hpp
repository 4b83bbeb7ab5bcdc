// SPDX-License-Identifier: Apache-2.0
// Does a request's query and body fit what its route takes? Refusals are problem+json that name
// each place (RFC 6901 pointers into the body, names of parameters) and what is expected there.
#pragma once

#include "admin/routes.hpp"
#include "config/schema.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mortise::host {

using query_schemas = std::vector<std::pair<std::string, schema>>; // by name, in the spec's order

// Parameters without a value count as absent and are taken out.
std::optional<inbound_response> check_query(std::map<std::string, std::string, std::less<>>& query,
                                            const route_spec& spec,
                                            const query_schemas& schemas);

// body: as received. Null body schema: the route takes none.
std::optional<inbound_response>
read_body(const std::string& received, const schema* wanted, boost::json::object& body);

} // namespace mortise::host
