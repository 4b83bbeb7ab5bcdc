// SPDX-License-Identifier: Apache-2.0
//
// Where a piece of configuration stands in its file, and what is wrong there.
#pragma once

#include <string>
#include <vector>

namespace mortise::host {

// Line and column start at 1; 0 means "the file as a whole".
struct source_place {
    std::string file;
    int line = 0;
    int column = 0;

    bool operator==(const source_place&) const = default;
};

// "config/crm.toml:12:9", without the parts that are unknown.
std::string to_string(const source_place& place);

struct config_problem {
    source_place place;
    std::string message; // what is wrong, naming the key
    std::string hint;    // how to mend it; may be empty
    bool warning = false;
};

bool has_errors(const std::vector<config_problem>& problems) noexcept;
// One line per problem, "file:line:column: error: message" and, when there is a hint, "; hint".
std::string problems_to_text(const std::vector<config_problem>& problems);
// [{"file","line","column","severity","message","hint"}]
std::string problems_to_json(const std::vector<config_problem>& problems);

} // namespace mortise::host
