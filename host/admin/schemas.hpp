// SPDX-License-Identifier: Apache-2.0
//
// The shapes of what the admin API answers, for its OpenAPI document:
// "#/components/schemas/<name>". JSON Schema in the subset of docs/schemas.md, and "$ref" to each
// other. Objects have no other members than those named unless "additionalProperties" says so; the
// tests hold every answer against that.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace mortise::host {

struct component_schema {
    std::string_view name;
    std::string_view schema;
};

// All of them.
std::vector<component_schema> component_schemas();

// By file.
std::span<const component_schema> access_schemas();
std::span<const component_schema> run_schemas();
std::span<const component_schema> operate_schemas();
std::span<const component_schema> page_schemas();

} // namespace mortise::host
