// SPDX-License-Identifier: Apache-2.0
#include <mortise/testing/conformance_row.hpp>

#include <utility>

namespace mortise::testing::conformance {

row::row(std::string operation_id, json::value input_value)
    : operation(std::move(operation_id)),
      input([value = std::move(input_value)](bench&) { return value; }) {}

row::row(std::string operation_id, make_input input_of)
    : operation(std::move(operation_id)), input(std::move(input_of)) {}

row& row::missing(std::string field, json::value no_such_id) {
    return missing(std::move(field), std::move(no_such_id), category::not_found);
}

row& row::missing(std::string field, json::value no_such_id, enum category expected) {
    missing_field = std::move(field);
    missing_id = std::move(no_such_id);
    missing_category = expected;
    return *this;
}

row& row::missing_is_fine(std::string field, json::value no_such_id) {
    missing_field = std::move(field);
    missing_id = std::move(no_such_id);
    missing_category.reset();
    return tolerates(404);
}

row& row::tolerates(std::uint32_t status) {
    tolerated.insert(status);
    return *this;
}

row& row::content(std::string bytes, std::string media_type) {
    content_bytes = std::move(bytes);
    content_type = std::move(media_type);
    return *this;
}

row& row::text(std::string field, std::string shown_at) {
    text_field = std::move(field);
    text_shown_at = std::move(shown_at);
    return *this;
}

row& row::list(list_facts facts) {
    listed = std::move(facts);
    return *this;
}

row& row::cleans_up() {
    may_clean_up = true;
    return *this;
}

row& row::look(std::function<json::value(bench&)> shown_by) {
    shown = std::move(shown_by);
    return *this;
}

row& row::except(std::string check, std::string why) {
    exceptions[std::move(check)] = std::move(why);
    return *this;
}

} // namespace mortise::testing::conformance
