// SPDX-License-Identifier: Apache-2.0
//
// Queries over the search index. The complex form is LQL:
//   OTName: "spring*" and OTSubType: 144 and (OTLocation: 2000 or not Attr_4100_2: C-1001)
//   OTObjectDate:[2026-01-01 TO 2026-12-31]
#pragma once

#include "repository.hpp"

#include <memory>

namespace mortise::sandbox::content_server {

class search_query {
public:
    // 400 failure "Error Evaluating Query, ..." for what cannot be read.
    static search_query complex(std::string_view text);
    // lookfor=allwords | anywords | exactphrase, over `within`: all, content, metadata;
    // modifier wordbeginswith and wordendswith turn words into wildcards.
    static search_query words(std::string_view text,
                              std::string_view lookfor,
                              std::string_view within,
                              std::string_view modifier);

    bool matches(const repository& repo, const node& n) const;
    // How often words occur, for relevance.
    int score(const repository& repo, const node& n) const;

    struct expression;

private:
    std::shared_ptr<const expression> root_;
};

// The value of a region such as OTName or Attr_4100_2 as text; several for multi-values.
std::vector<std::string>
region_values(const repository& repo, const node& n, std::string_view region);
bool is_region(const repository& repo, std::string_view region);
// Name, description, category values; and the start of text content.
std::string metadata_text(const node& n);
std::string content_text(const node& n);

} // namespace mortise::sandbox::content_server
