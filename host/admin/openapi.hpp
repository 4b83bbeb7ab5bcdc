// SPDX-License-Identifier: Apache-2.0
// The description of the admin API as an OpenAPI 3.1 document, made from the routes themselves, so
// that it cannot say anything else. https://spec.openapis.org/oas/v3.1.0
#pragma once

#include "admin/routes.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace mortise::host {

boost::json::object openapi_document(const std::vector<route_spec>& routes,
                                     const std::string& version);

// Adds GET /api/v1/openapi.json, which describes all routes that the table has when it is first
// asked for.
void add_openapi_route(route_table& to, const std::string& version);

} // namespace mortise::host
