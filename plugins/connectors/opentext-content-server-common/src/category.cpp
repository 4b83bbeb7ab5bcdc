// SPDX-License-Identifier: Apache-2.0
#include "content_server/category.hpp"

#include "content_server/text.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace content_server {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

// "16878_39_x_41" -> {"16878", "39", "x", "41"}
std::vector<std::string> split(std::string_view key) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t bar = key.find('_');
        parts.emplace_back(key.substr(0, bar));
        if (bar == std::string_view::npos) return parts;
        key.remove_prefix(bar + 1);
    }
}

std::string text_of(const json::value& v) {
    if (const auto* s = v.if_string()) {
        std::string text(*s);
        constexpr std::string_view midnight = "T00:00:00";
        if (text.ends_with('Z')) {
            std::string_view cut(text);
            cut.remove_suffix(1);
            if (cut.ends_with(midnight)) text.pop_back();
        }
        if (text.size() == 19 && text.ends_with(midnight)) text.resize(10);
        return text;
    }
    return v.is_null() ? std::string() : mortise::serialize_json(v);
}

// The values without the empty ones at the end.
std::vector<std::string> texts_of(const json::value& v) {
    std::vector<std::string> out;
    if (const auto* list = v.if_array()) {
        for (const auto& item : *list)
            out.push_back(text_of(item));
    } else {
        out.push_back(text_of(v));
    }
    while (!out.empty() && out.back().empty())
        out.pop_back();
    return out;
}

// The rows a set has in keyed values: the highest number in "<set>_<row>_<member>".
std::int64_t rows_of(const attribute& set, const json::object& values) {
    const std::string prefix = set.key + '_';
    std::int64_t rows = 0;
    for (const auto& [key, value] : values) {
        const std::string_view k(key.data(), key.size());
        if (!k.starts_with(prefix)) continue;
        const auto parts = split(k.substr(prefix.size()));
        if (parts.size() == 2) {
            rows = std::max(rows, to_integer(json::value(parts[0])).value_or(0));
        }
    }
    return rows;
}

std::string cell(const attribute& set, std::int64_t row, const attribute& member) {
    return set.key + '_' + std::to_string(row) + '_' + member.key;
}

const json::value& value_at(const json::object& values, std::string_view key) {
    static const json::value none;
    const auto* v = values.if_contains(key);
    return v ? *v : none;
}

const attribute* find(const std::vector<attribute>& in, std::string_view name) {
    const auto exact =
        std::find_if(in.begin(), in.end(), [name](const auto& a) { return a.name == name; });
    if (exact != in.end()) return &*exact;
    const auto near = std::find_if(
        in.begin(), in.end(), [name](const auto& a) { return equal_ignoring_case(a.name, name); });
    return near == in.end() ? nullptr : &*near;
}

[[noreturn]] void
unknown(std::string_view name, std::string_view of, const std::vector<attribute>& there) {
    std::vector<std::string> names;
    for (const auto& a : there)
        names.push_back(a.name);
    throw error(category::input, "xecm.category.unknown-attribute",
                std::string(of) + " has no attribute \"" + std::string(name) + '"' +
                    suggestion(name, names));
}

bool flag(const json::object& record, std::string_view key) {
    const auto* v = record.if_contains(key);
    return v && v->is_bool() && v->get_bool();
}

} // namespace

bool same_value(const json::value& a, const json::value& b) {
    return texts_of(a) == texts_of(b);
}

category_definition category_definition::from_metadata(std::int64_t id,
                                                       const json::object& records) {
    category_definition d;
    d.id = id;
    const std::string own = std::to_string(id);
    for (const auto& [key, value] : records) {
        const auto* record = value.if_object();
        const auto parts = split({key.data(), key.size()});
        if (!record || parts[0] != own) continue;
        if (parts.size() == 1) {
            d.name = text_at(*record, "name");
        } else if (parts.size() == 2 && parts[1] != "1") {
            attribute a;
            a.key = key;
            a.name = text_at(*record, "name");
            a.is_set = text_at(*record, "persona") == "set";
            a.multi_value = flag(*record, "multi_value");
            d.attributes.push_back(std::move(a));
        }
    }
    for (const auto& [key, value] : records) {
        const auto* record = value.if_object();
        const auto parts = split({key.data(), key.size()});
        if (!record || parts.size() != 4 || parts[0] != own) continue;
        for (auto& set : d.attributes) {
            if (set.key != own + '_' + parts[1]) continue;
            attribute member;
            member.key = parts[3];
            member.name = text_at(*record, "name");
            member.multi_value = flag(*record, "multi_value");
            set.is_set = true;
            set.members.push_back(std::move(member));
        }
    }
    return d;
}

// The values a form offers for a field, or for each item of it.
static std::vector<std::string> pick_list(const json::value& property) {
    std::vector<std::string> out;
    const json::value* list = part(property, "enum");
    if (!list) list = part(property, "items.enum");
    if (!list || !list->is_array()) return out;
    for (const auto& one : list->get_array()) {
        const auto* text = one.if_string();
        if (text && !text->empty()) out.emplace_back(*text);
    }
    return out;
}

category_definition category_definition::from_form(std::int64_t id, const json::value& answer) {
    const json::value* form = part(answer, "forms");
    while (form && form->is_array() && !form->get_array().empty()) {
        form = &form->get_array().front();
    }
    if (!form) form = &answer;
    category_definition d;
    d.id = id;
    const std::string own = std::to_string(id) + '_';
    const json::value* schema = part(*form, "schema.properties");
    const json::value* options = part(*form, "options.fields");
    if (const auto* title = part(*form, "schema.title"); title && title->is_string()) {
        d.name = title->get_string();
    }
    const auto label = [](const json::object* of, std::string_view key) {
        const auto* inner = of ? of->if_contains(key) : nullptr;
        const auto* o = inner ? inner->if_object() : nullptr;
        return o ? text_at(*o, "label") : std::string();
    };
    const auto* fields = options ? options->if_object() : nullptr;
    const auto* properties = schema ? schema->if_object() : nullptr;
    if (!properties) return d;
    for (const auto& [key, value] : *properties) {
        const std::string_view k(key.data(), key.size());
        const auto* property = value.if_object();
        if (!property || !k.starts_with(own) || k == own + '1') continue;
        attribute a;
        a.key = k;
        a.name = label(fields, k);
        if (a.name.empty()) a.name = text_at(*property, "title");
        a.multi_value = text_at(*property, "type") == "array";
        a.valid_values = pick_list(value);
        const auto* inner = part(value, "items.properties");
        if (!inner) inner = part(value, "properties");
        if (const auto* cells = inner ? inner->if_object() : nullptr) {
            a.is_set = true;
            const auto* inner_options = fields ? fields->if_contains(k) : nullptr;
            const auto* labels = inner_options ? part(*inner_options, "items.fields") : nullptr;
            if (inner_options && !labels) labels = part(*inner_options, "fields");
            for (const auto& [cell_key, cell_value] : *cells) {
                const auto* o = cell_value.if_object();
                if (!o) continue;
                attribute member;
                member.key = split({cell_key.data(), cell_key.size()}).back();
                member.name = label(labels ? labels->if_object() : nullptr, cell_key);
                if (member.name.empty()) member.name = text_at(*o, "title");
                member.multi_value = text_at(*o, "type") == "array";
                member.valid_values = pick_list(cell_value);
                a.members.push_back(std::move(member));
            }
        }
        d.attributes.push_back(std::move(a));
    }
    return d;
}

json::object category_definition::by_name(const json::object& values) const {
    json::object out;
    for (const auto& a : attributes) {
        if (!a.is_set) {
            out[a.name] = value_at(values, a.key);
            continue;
        }
        json::array rows;
        for (std::int64_t row = 1; row <= rows_of(a, values); ++row) {
            json::object cells;
            for (const auto& member : a.members) {
                cells[member.name] = value_at(values, cell(a, row, member));
            }
            rows.push_back(std::move(cells));
        }
        out[a.name] = std::move(rows);
    }
    return out;
}

const attribute& category_definition::require(std::string_view attribute_name) const {
    const attribute* a = find(attributes, attribute_name);
    if (!a) unknown(attribute_name, "The category \"" + name + "\"", attributes);
    return *a;
}

json::object category_definition::changes(const json::object& wanted,
                                          const json::object& current) const {
    json::object out;
    for (const auto& [key, value] : wanted) {
        const attribute& a = require({key.data(), key.size()});
        if (a.is_set) {
            change_set(a, value, current, out);
            continue;
        }
        if (value.is_object()) {
            throw error(category::input, "xecm.category.bad-value",
                        "The attribute \"" + a.name + "\" of the category \"" + name +
                            "\" takes a value or a list of values, not an object.");
        }
        if (value.is_array() && value.get_array().size() > 1 && !a.multi_value) {
            throw error(category::input, "xecm.category.bad-value",
                        "The attribute \"" + a.name + "\" of the category \"" + name +
                            "\" takes one value only.");
        }
        if (same_value(value, value_at(current, a.key))) continue;
        // An empty text is how a value is taken away in every encoding.
        if (value.is_null()) {
            out[a.key] = "";
        } else {
            out[a.key] = value;
        }
    }
    return out;
}

void category_definition::change_set(const attribute& set,
                                     const json::value& wanted,
                                     const json::object& current,
                                     json::object& out) const {
    json::array one;
    if (wanted.is_object()) one.push_back(wanted);
    const json::array* rows = wanted.is_array() ? &wanted.get_array() : &one;
    std::int64_t number = 0;
    for (const auto& row : *rows) {
        ++number;
        const auto* cells = row.if_object();
        if (!cells) {
            throw error(category::input, "xecm.category.bad-value",
                        "The set \"" + set.name + "\" of the category \"" + name +
                            "\" takes a list of objects: one per row, attribute name to value.");
        }
        // A row replaces what was there: attributes it does not name become empty.
        for (const auto& [key, value] : *cells) {
            if (!find(set.members, key)) unknown(key, "The set \"" + set.name + '"', set.members);
        }
        for (const auto& member : set.members) {
            json::value value = "";
            for (const auto& [key, given] : *cells) {
                if (find(set.members, key) == &member && !given.is_null()) value = given;
            }
            const std::string at = cell(set, number, member);
            if (!same_value(value, value_at(current, at))) out[at] = std::move(value);
        }
    }
    // From the end, so that no row moves to the place of one that is still to go.
    for (std::int64_t row = rows_of(set, current); row > number; --row) {
        if (row > 1 || number > 0) {
            out[set.key + '_' + std::to_string(row)] = "";
            continue;
        }
        // The first row always stays; it is emptied.
        for (const auto& member : set.members) {
            const std::string at = cell(set, row, member);
            if (!same_value("", value_at(current, at))) out[at] = "";
        }
    }
}

} // namespace content_server
