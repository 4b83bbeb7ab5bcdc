// SPDX-License-Identifier: Apache-2.0
//
// A compiled mapping (docs/mappings.md): from the facts that a flow has to the fields that another
// system wants.
#pragma once

#include "base/result.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct mapping_rule;
struct schema_problem;

// How one target field came about.
struct field_trace {
    std::string target;
    std::string source;       // "asset.title", "jq", ...
    std::string rule;         // "path", "default", "values: \"EMEA\"", "left out", ...
    boost::json::value found; // at the source; null when nothing was
    boost::json::value given; // the result; null when it was left out
    bool is_given = false;
    std::string problem; // why it failed; the last one then
};

// Immutable, [any-thread].
class mapping_table {
public:
    static constexpr std::size_t most_fields = 500;

    // Null when something is wrong; problems say what, with JSON pointers into the table.
    static std::shared_ptr<const mapping_table> compile(const boost::json::object& table,
                                                        std::vector<schema_problem>& problems);
    ~mapping_table();

    // The target fields in the order of the table. Errors: category input, naming target, source,
    // value and fix. Blocks a quarter of a second at most, when jq expressions loop. trace is
    // filled up to the field that failed.
    result<boost::json::object> apply(const boost::json::value& facts,
                                      std::vector<field_trace>* trace = nullptr) const;

    std::vector<std::string> targets() const;
    std::size_t size() const noexcept;

private:
    mapping_table();
    std::vector<mapping_rule> rules_;
    bool has_jq_ = false;
};

// All problems in one error, category config, "mapping.table": for plugins that compile a table.
error to_error(const std::vector<schema_problem>& problems);

} // namespace mortise::host
