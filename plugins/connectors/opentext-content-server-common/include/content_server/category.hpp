// SPDX-License-Identifier: Apache-2.0
//
// Categories by the names people know: Content Server's keys ("16878_25", "16878_39_2_41") to
// attribute names and back.
#pragma once

#include <mortise/sdk/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace content_server {

struct attribute {
    std::string key; // "16878_25"; of a set's member the part behind the row: "41"
    std::string name;
    bool is_set = false;
    bool multi_value = false;
    std::vector<attribute> members;        // of a set
    std::vector<std::string> valid_values; // of a pick list, from a form only
};

class category_definition {
public:
    std::int64_t id = 0;
    std::string name;
    std::vector<attribute> attributes;

    // From "metadata.categories" of an answer; attributes of other categories are left out.
    static category_definition from_metadata(std::int64_t id, const mortise::json::object& records);
    // From an answer of v1/forms/nodes/categories/create.
    static category_definition from_form(std::int64_t id, const mortise::json::value& answer);

    // {"Status": "Active", "Contacts": [{"Name": "Kim Vogel"}]}: every attribute, null when empty.
    mortise::json::object by_name(const mortise::json::object& values) const;
    // Keys and values of a change: only what differs from the current values (keyed, as the server
    // gives them; empty for a new category). INPUT for a name that is none of the attributes.
    mortise::json::object changes(const mortise::json::object& wanted,
                                  const mortise::json::object& current) const;

private:
    const attribute& require(std::string_view attribute_name) const;
    void change_set(const attribute& set,
                    const mortise::json::value& wanted,
                    const mortise::json::object& current,
                    mortise::json::object& out) const;
};

// Equal for the server: 1 and "1", true and "true", "x" and ["x"], null and "" and [], and a date
// with and without midnight.
bool same_value(const mortise::json::value& a, const mortise::json::value& b);

} // namespace content_server
