// SPDX-License-Identifier: Apache-2.0
#include "category.hpp"

#include <algorithm>

namespace mortise::sandbox::content_server {
namespace {

// The numbers of "16878_39_2_41"; empty when the key is not of that form.
std::vector<std::int64_t> key_parts(std::string_view key) {
    std::vector<std::int64_t> parts;
    while (!key.empty()) {
        const auto bar = std::min(key.find('_'), key.size());
        const auto n = to_integer(json::value(key.substr(0, bar)));
        if (!n) return {};
        parts.push_back(*n);
        key.remove_prefix(std::min(bar + 1, key.size()));
    }
    return parts;
}

[[noreturn]] void no_match(std::string_view key) {
    throw failure{400,
                  "Could not update the category: a non-matching attribute ('" + std::string(key) +
                      "') was found.",
                  {}};
}

[[noreturn]] void bad_value(const attribute& a, std::string_view why) {
    throw failure{
        400, "Invalid value for attribute '" + a.name + "': " + std::string(why) + ".", {}};
}

bool is_empty(const json::value& v) {
    return v.is_null() || (v.is_string() && v.get_string().empty());
}

json::value checked(const attribute& a, const json::value& v) {
    if (is_empty(v)) return nullptr;
    switch (a.kind) {
    case value_kind::integer:
    case value_kind::user: {
        const auto n = to_integer(v);
        if (!n) bad_value(a, "a whole number is needed");
        return *n;
    }
    case value_kind::boolean: {
        const auto f = to_flag(v);
        if (!f) bad_value(a, "true or false is needed");
        return *f;
    }
    case value_kind::date: {
        if (!v.is_string() || !parse_iso(std::string(v.get_string())))
            bad_value(a, "a date YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS is needed");
        return v;
    }
    case value_kind::string: {
        if (v.is_object() || v.is_array()) bad_value(a, "text is needed");
        std::string text = to_text(v);
        const auto longest =
            static_cast<std::size_t>(a.max_length > 0 ? a.max_length : (a.multiline ? 32767 : 254));
        if (text.size() > longest)
            bad_value(a, "it is longer than " + std::to_string(longest) + " characters");
        if (!a.valid_values.empty() &&
            std::find(a.valid_values.begin(), a.valid_values.end(), text) == a.valid_values.end())
            bad_value(a, "'" + text + "' is not one of the valid values");
        return json::value(text);
    }
    case value_kind::set:
        break;
    }
    bad_value(a, "a set has no value of its own");
}

json::value normalised(const attribute& a, const json::value& v) {
    if (!a.multi_value) {
        if (v.is_array()) {
            if (v.get_array().size() > 1) bad_value(a, "only one value is allowed");
            return v.get_array().empty() ? json::value(nullptr) : checked(a, v.get_array()[0]);
        }
        return checked(a, v);
    }
    json::array out;
    if (v.is_array()) {
        for (const auto& item : v.get_array())
            out.push_back(checked(a, item));
    } else if (!is_empty(v)) {
        out.push_back(checked(a, v));
    }
    while (!out.empty() && out.back().is_null())
        out.pop_back();
    for (auto& item : out)
        if (item.is_null()) item = "";
    if (out.size() > static_cast<std::size_t>(a.max_values))
        bad_value(a, "more than " + std::to_string(a.max_values) + " values");
    return out;
}

std::string row_key(node_id category, int set_id, std::int64_t row, int attribute_id) {
    return std::to_string(category) + "_" + std::to_string(set_id) + "_" + std::to_string(row) +
           "_" + std::to_string(attribute_id);
}

void remove_row(category_values& v, node_id category, const attribute& set, std::int64_t row) {
    const int rows = set_rows(v, category, set.id);
    for (const auto& member : set.members) {
        for (std::int64_t r = row; r < rows; ++r) {
            const auto* next = v.values.if_contains(row_key(category, set.id, r + 1, member.id));
            v.values[row_key(category, set.id, r, member.id)] =
                next != nullptr ? *next : json::value(nullptr);
        }
        v.values.erase(row_key(category, set.id, rows, member.id));
    }
}

void write(const category_definition& d,
           category_values& v,
           std::string_view key,
           const json::value& value) {
    const auto parts = key_parts(key);
    if (parts.size() < 2 || parts[0] != d.id) no_match(key);
    const auto* a = d.find(static_cast<int>(parts[1]));
    if (a == nullptr) no_match(key);
    if (a->kind != value_kind::set) {
        if (parts.size() != 2) no_match(key);
        v.values[std::string(key)] = normalised(*a, value);
        return;
    }
    if (parts.size() == 3 && is_empty(value)) {
        if (parts[2] < 1) no_match(key);
        remove_row(v, d.id, *a, parts[2]);
        return;
    }
    if (parts.size() == 2 && value.is_array()) {
        // As forms send it: one object per row, keys with x for the row.
        for (int row = set_rows(v, d.id, a->id); row >= 1; --row)
            remove_row(v, d.id, *a, row);
        std::int64_t row = 0;
        for (const auto& entry : value.get_array()) {
            ++row;
            if (!entry.is_object()) bad_value(*a, "a list of rows is needed");
            for (const auto& [name, item] : entry.get_object()) {
                const auto last = name.rfind('_');
                const auto id = to_integer(json::value(name.substr(last + 1)));
                write(d, v, row_key(d.id, a->id, row, static_cast<int>(id.value_or(0))), item);
            }
        }
        return;
    }
    if (parts.size() != 4 || parts[2] < 1 || parts[2] > a->max_values) no_match(key);
    for (const auto& member : a->members)
        if (member.id == parts[3]) {
            // A row that is not there yet exists from now on, with its blanks.
            for (int row = set_rows(v, d.id, a->id) + 1; row < parts[2]; ++row)
                for (const auto& blank : a->members)
                    v.values[row_key(d.id, a->id, row, blank.id)] = nullptr;
            v.values[std::string(key)] = normalised(member, value);
            return;
        }
    no_match(key);
}

void check_required(const category_definition& d, const category_values& v) {
    for (const auto& a : d.attributes) {
        if (!a.required || a.kind == value_kind::set) continue;
        const auto* value = v.values.if_contains(attribute_key(d.id, a));
        const bool missing = value == nullptr || is_empty(*value) ||
                             (value->is_array() && value->get_array().empty());
        if (missing)
            throw failure{400, "The required attribute '" + a.name + "' has no value.", {}};
    }
}

// Keys that accompany values and are no attributes.
bool is_control(std::string_view key) {
    return key == "category_id" || key == "id" || key == "metadata_token" || key == "body" ||
           key == "suppress_response_codes" || key.ends_with("_multilingual") ||
           key.find('_') == std::string_view::npos;
}

bool write_all(const category_definition& d,
               const node& n,
               category_values& v,
               const json::object& values) {
    bool token_sent = false;
    const std::string own = std::to_string(d.id) + "_1";
    for (const auto& [key, value] : values) {
        if (key != own) continue;
        const auto* token =
            value.is_object() ? value.get_object().if_contains("metadata_token") : nullptr;
        if (token == nullptr || is_empty(*token)) continue;
        token_sent = true;
        if (to_text(*token) != category_token(n, d.id))
            throw failure{409, "Could not update metadata (edit conflict).", {}};
    }
    for (const auto& [key, value] : values)
        if (key != own && !is_control(std::string_view(key.data(), key.size())))
            write(d, v, std::string_view(key.data(), key.size()), value);
    check_required(d, v);
    return token_sent;
}

json::object attribute_record(const std::string& key, const attribute& a) {
    json::array valid(a.valid_values.begin(), a.valid_values.end());
    json::object o;
    o["key"] = key;
    o["name"] = a.name;
    o["type"] = static_cast<int>(a.kind);
    o["type_name"] = kind_name(a.kind);
    o["persona"] = a.kind == value_kind::set ? "set" : a.kind == value_kind::user ? "user" : "";
    o["required"] = a.required;
    o["read_only"] = a.read_only;
    o["hidden"] = false;
    o["multi_value"] = a.multi_value || (a.kind == value_kind::set && a.max_values > 1);
    o["multi_value_length_default"] = 1;
    o["multi_value_length_fixed"] = false;
    o["multi_value_length_max"] = a.max_values;
    o["max_length"] = a.kind == value_kind::string
                          ? json::value(a.max_length > 0 ? a.max_length : 254)
                          : json::value(nullptr);
    o["min_length"] = nullptr;
    o["multiline"] = a.multiline;
    o["multilingual"] = false;
    o["valid_values_name"] = valid;
    o["valid_values"] = std::move(valid);
    o["default_value"] = a.default_value;
    o["description"] = nullptr;
    o["include_time"] = false;
    return o;
}

} // namespace

std::string_view kind_name(value_kind k) {
    switch (k) {
    case value_kind::date:
        return "Date";
    case value_kind::string:
        return "String";
    case value_kind::integer:
        return "Integer";
    case value_kind::boolean:
        return "Boolean";
    case value_kind::user:
        return "User";
    case value_kind::set:
        return "Assoc";
    }
    return "String";
}

std::string attribute_key(node_id category, const attribute& a) {
    return std::to_string(category) + "_" + std::to_string(a.id);
}

int set_rows(const category_values& v, node_id category, int set_id) {
    const std::string prefix = std::to_string(category) + "_" + std::to_string(set_id) + "_";
    std::int64_t rows = 0;
    for (const auto& [key, value] : v.values)
        if (key.starts_with(prefix)) {
            const auto parts = key_parts(std::string_view(key.data(), key.size()));
            if (parts.size() == 4) rows = std::max(rows, parts[2]);
        }
    return static_cast<int>(rows);
}

const category_definition& require_category(service& s, node_id category) {
    const auto it = s.repo().data().categories.find(category);
    if (it == s.repo().data().categories.end())
        throw failure{400, "Category ID '" + std::to_string(category) + "' is not a category.", {}};
    return it->second;
}

std::string category_token(const node& n, node_id category) {
    const auto it = n.categories.find(category);
    const int revision = it == n.categories.end() ? 0 : it->second.revision;
    return sha1_hex(blob(std::to_string(n.id) + "/" + std::to_string(category) + "/" +
                         std::to_string(revision)))
        .substr(0, 20);
}

std::string node_token(const node& n) {
    return sha1_hex(blob(std::to_string(n.id) + "#" + std::to_string(n.revision))).substr(0, 20);
}

void add_category(
    service& s, node& n, node_id category, const json::object& values, member_id user) {
    const auto& d = require_category(s, category);
    if (n.categories.contains(category))
        throw failure{400,
                      "The category '" + s.repo().find(category)->name +
                          "' is already applied to the item '" + n.name + "'.",
                      {}};
    category_values fresh;
    for (const auto& a : d.attributes)
        if (a.kind != value_kind::set && !is_empty(a.default_value))
            fresh.values[attribute_key(category, a)] = normalised(a, a.default_value);
    write_all(d, n, fresh, values);
    n.categories.emplace(category, std::move(fresh));
    s.repo().touch(n, user);
    s.repo().record(event_type::attributes, n, user, 0, "category added");
}

void change_category(service& s,
                     node& n,
                     node_id category,
                     const json::object& values,
                     member_id user,
                     bool* token_sent) {
    const auto it = n.categories.find(category);
    if (it == n.categories.end())
        throw failure{400,
                      "Category ID '" + std::to_string(category) + "' is not a category on node '" +
                          std::to_string(n.id) + "'.",
                      {}};
    // On a copy: a refused key leaves nothing half-written.
    category_values changed = it->second;
    const bool token = write_all(require_category(s, category), n, changed, values);
    if (token_sent != nullptr) *token_sent = token;
    ++changed.revision;
    it->second = std::move(changed);
    s.repo().touch(n, user);
    s.repo().record(event_type::attributes, n, user);
}

void apply_role_categories(service& s, node& n, const json::object& categories, member_id user) {
    std::map<node_id, json::object> grouped;
    for (const auto& [key, value] : categories) {
        const std::string_view name(key.data(), key.size());
        if (name == "inheritance") continue;
        const auto id = to_integer(json::value(name.substr(0, name.find('_'))));
        if (!id) no_match(name);
        auto& group = grouped[*id];
        if (name.find('_') != std::string_view::npos) {
            group[key] = value;
        } else if (value.is_object()) {
            for (const auto& [inner, item] : value.get_object())
                group[inner] = item;
        }
    }
    for (const auto& [category, values] : grouped) {
        if (n.categories.contains(category))
            change_category(s, n, category, values, user);
        else
            add_category(s, n, category, values, user);
    }
}

json::object category_output(const category_definition& d, const category_values& v) {
    json::object out;
    const auto value_of = [&](const std::string& key, const attribute& a) -> json::value {
        const auto* stored = v.values.if_contains(key);
        if (stored != nullptr && !stored->is_null()) return *stored;
        return a.multi_value ? json::value(json::array()) : json::value(nullptr);
    };
    for (const auto& a : d.attributes) {
        if (a.kind != value_kind::set) {
            const std::string key = attribute_key(d.id, a);
            out[key] = value_of(key, a);
            continue;
        }
        const int rows = std::max(1, set_rows(v, d.id, a.id));
        for (int row = 1; row <= rows; ++row)
            for (const auto& member : a.members) {
                const std::string key = row_key(d.id, a.id, row, member.id);
                out[key] = value_of(key, member);
            }
    }
    return out;
}

json::object category_metadata(const category_definition& d, const std::string& name) {
    json::object out;
    int next = 2;
    for (const auto& a : d.attributes) {
        next = std::max(next, a.id + 1);
        for (const auto& member : a.members)
            next = std::max(next, member.id + 1);
    }
    json::object head;
    const std::string own = std::to_string(d.id);
    head["key"] = own;
    head["name"] = name;
    head["persona"] = "category";
    head["type"] = subtype::category;
    head["type_name"] = "Category";
    head["next_id"] = next;
    head["read_only"] = false;
    head["required"] = false;
    head["hidden"] = false;
    head["multi_value"] = false;
    head["version_number"] = d.version;
    out[own] = std::move(head);
    for (const auto& a : d.attributes) {
        const std::string key = attribute_key(d.id, a);
        out[key] = attribute_record(key, a);
        for (const auto& member : a.members) {
            const std::string inner = key + "_x_" + std::to_string(member.id);
            out[inner] = attribute_record(inner, member);
        }
    }
    return out;
}

json::array category_order(const category_definition& d) {
    json::array order;
    for (const auto& a : d.attributes)
        order.push_back(json::value(attribute_key(d.id, a)));
    return order;
}

} // namespace mortise::sandbox::content_server
