// SPDX-License-Identifier: Apache-2.0
//
// One line of a mapping: what a target field is made of, and how. Private to this folder.
#pragma once

#include "config/jq.hpp"
#include "config/schema.hpp"
#include "mapping/field_type.hpp"
#include "mapping/mapping_table.hpp"
#include "mapping/source_path.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mortise::host {

struct mapping_rule {
    // What becomes of a value that the value table does not have.
    enum class unmapped { refuse, keep, drop, replace };

    std::string target;            // as written
    std::vector<std::string> keys; // of the target, outermost first
    // Exactly one of the three, or none when there is only a default.
    std::optional<source_path> path;
    std::optional<jq_program> jq;
    std::optional<boost::json::value> constant;

    std::optional<boost::json::value> fallback; // "default", of its type already
    std::optional<boost::json::object> values;
    unmapped others = unmapped::refuse;
    boost::json::value otherwise;
    field_type type = field_type::any;
    field_type items = field_type::any; // of the entries of a list
    std::optional<std::string> join;
    bool required = false;

    // "asset.title", "jq", "a constant", for messages.
    std::string source() const;
    // The value for these facts, or nothing when the field is left out. Errors: category input; the
    // message lacks the target's name.
    result<std::optional<boost::json::value>>
    apply(const boost::json::value& facts, const jq_limits& limits, field_trace* trace) const;
};

// Reads what is written for a target. What is wrong is added to problems, with pointers that begin
// with at.
std::optional<mapping_rule> read_rule(std::string_view target,
                                      const boost::json::value& written,
                                      const std::string& at,
                                      std::vector<schema_problem>& problems);

} // namespace mortise::host
