// SPDX-License-Identifier: Apache-2.0
//
// where_column_query of workspace lists: column conditions joined by AND, OR, NOT and parentheses,
//   name LIKE 'Spring*' AND modify_date >= '2026-01-01'
#pragma once

#include "model.hpp"

#include <memory>

namespace mortise::sandbox::content_server {

class column_query {
public:
    // 400 failure naming the place for what cannot be read.
    static column_query parse(std::string_view text);
    bool matches(const json::object& properties) const;

    struct expression;

private:
    std::shared_ptr<const expression> root_;
};

// `*` any characters, `?` one, `\` escapes; case-insensitive. Shared with search.
bool wildcard_match(std::string_view pattern, std::string_view text);

} // namespace mortise::sandbox::content_server
