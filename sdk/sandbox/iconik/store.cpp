// SPDX-License-Identifier: Apache-2.0
#include "iconik/store.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

json::object& table::add(json::object o) {
    const std::string id = text_of(o, "id");
    if (!by_id_.contains(id)) order_.push_back(id);
    return by_id_[id] = std::move(o);
}

json::object* table::find(std::string_view id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
}

const json::object* table::find(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
}

json::object& table::need(std::string_view id) {
    json::object* found = find(id);
    if (!found) throw http_error(404, what_ + " does not exist");
    return *found;
}

bool table::erase(std::string_view id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return false;
    std::erase(order_, std::string(id));
    by_id_.erase(found);
    return true;
}

std::vector<json::object*> table::all() {
    std::vector<json::object*> out;
    for (const std::string& id : order_)
        out.push_back(&by_id_.find(id)->second);
    return out;
}

std::vector<const json::object*> table::all() const {
    std::vector<const json::object*> out;
    for (const std::string& id : order_)
        out.push_back(&by_id_.find(id)->second);
    return out;
}

void table::clear() {
    order_.clear();
    by_id_.clear();
}

std::string text_of(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

bool flag_of(const json::object& o, std::string_view key, bool otherwise) {
    const json::value* v = o.if_contains(key);
    return v && v->is_bool() ? v->get_bool() : otherwise;
}

std::int64_t number_of(const json::object& o, std::string_view key, std::int64_t otherwise) {
    const json::value* v = o.if_contains(key);
    if (!v) return otherwise;
    boost::system::error_code error;
    const auto n = v->to_number<std::int64_t>(error);
    return error ? otherwise : n;
}

std::vector<std::string> texts_of(const json::object& o, std::string_view key) {
    std::vector<std::string> out;
    const json::value* v = o.if_contains(key);
    if (v && v->is_array())
        for (const json::value& item : v->get_array())
            if (item.is_string()) out.emplace_back(item.get_string());
    return out;
}

json::array to_array(const std::vector<std::string>& texts) {
    json::array out;
    for (const std::string& t : texts)
        out.push_back(json::value(t));
    return out;
}

bool contains(const std::vector<std::string>& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

bool query_flag(const request& r, std::string_view name, bool otherwise) {
    std::string text = r.query_value(name);
    if (text.empty()) return otherwise;
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text == "true" || text == "1" || text == "yes";
}

std::vector<std::string> split_list(std::string_view text, char separator) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end != 0) out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

void invalid(std::string_view field, std::string_view message) {
    const json::object body{{"errors", {{field, json::array{json::value(message)}}}}};
    throw http_error(std::string(field) + ": " + std::string(message), reply::json(400, body));
}

std::string require_text(const json::object& body, std::string_view key) {
    const json::value* v = body.if_contains(key);
    if (!v || v->is_null()) invalid(key, "Missing data for required field.");
    if (!v->is_string()) invalid(key, "Not a valid string.");
    if (v->get_string().empty()) invalid(key, "Field may not be empty.");
    return std::string(v->get_string());
}

std::vector<std::string>
require_ids(const json::object& body, std::string_view key, std::size_t max) {
    const json::value* v = body.if_contains(key);
    if (!v || v->is_null()) invalid(key, "Missing data for required field.");
    if (!v->is_array()) invalid(key, "Not a valid list.");
    for (const json::value& item : v->get_array())
        if (!item.is_string()) invalid(key, "Not a valid UUID.");
    if (v->get_array().empty() || v->get_array().size() > max)
        invalid(key, "Length must be between 1 and " + std::to_string(max) + ".");
    return texts_of(body, key);
}

void require_one_of(const json::object& body,
                    std::string_view key,
                    std::initializer_list<std::string_view> values,
                    bool needed) {
    const json::value* v = body.if_contains(key);
    if (!v || v->is_null()) {
        if (needed) invalid(key, "Missing data for required field.");
        return;
    }
    const bool known =
        v->is_string() &&
        std::find(values.begin(), values.end(), std::string_view(v->get_string())) != values.end();
    if (known) return;
    std::string list;
    for (const std::string_view name : values)
        list += (list.empty() ? "" : ", ") + std::string(name);
    invalid(key, "Must be one of: " + list + ".");
}

void take(json::object& into,
          const json::object& body,
          std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys)
        if (const json::value* v = body.if_contains(key)) into[key] = *v;
}

} // namespace mortise::sandbox::iconik
