// SPDX-License-Identifier: Apache-2.0
#include "reference/markdown_tables.hpp"

#include "reference/schema_words.hpp"
#include "reference/toml_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace mortise::host::reference {

namespace json = boost::json;

std::string cell(std::string_view text) {
    std::string out;
    bool code = false;
    for (const char c : text) {
        if (c == '`') code = !code;
        if (c == '|') // splits a row even inside backticks
            out += "\\|";
        else if (c == '\n')
            out += ' ';
        else if (!code && c == '<')
            out += "&lt;";
        else if (!code && c == '*')
            out += "\\*";
        else
            out += c;
    }
    return out;
}

namespace {

std::string code(const std::string& text) {
    return text.empty() ? std::string() : "`" + text + "`";
}

std::string example_words(const json::object& schema) {
    const json::value* all = member(schema, "examples");
    if (all == nullptr || !all->is_array() || all->get_array().empty()) return {};
    return " For example " + code(toml_value(all->get_array().front())) + ".";
}

std::string
default_words(const json::object& parent, std::string_view key, const json::object& schema) {
    if (is_required(parent, key)) return "required";
    const json::value* value = member(schema, "default");
    std::string out = value != nullptr ? code(toml_value(*value)) : "none";
    // The default of the table as a whole counts only where the table is not written at all.
    const json::object* whole = object_of(parent, "default");
    const json::value* other = whole != nullptr ? member(*whole, key) : nullptr;
    if (other != nullptr && (value == nullptr || *other != *value))
        out += "; " + code(toml_value(*other)) + " when the table is left out";
    return out;
}

std::string settings_row(const json::object& parent, std::string_view key, const json::object& s) {
    return "| " + code(toml_key(key)) + " | " + cell(type_words(s)) + " | " +
           cell(default_words(parent, key, s)) + " | " + cell(meaning(s) + example_words(s)) +
           " |\n";
}

void value_rows(const json::object& schema, const std::string& path, int depth, std::string& out) {
    if (depth > 8) return; // no shipped schema is as deep; a bound all the same
    if (const json::value* forms = member(schema, "oneOf"); forms != nullptr && forms->is_array()) {
        for (const json::value& f : forms->get_array())
            if (f.is_object()) value_rows(f.get_object(), path, depth + 1, out);
        return;
    }
    if (const json::object* items = object_of(schema, "items"))
        value_rows(*items, path + "[]", depth + 1, out);
    if (const json::object* values = object_of(schema, "additionalProperties"))
        value_rows(*values, path.empty() ? "*" : path + ".*", depth + 1, out);
    const json::object* properties = object_of(schema, "properties");
    if (properties == nullptr) return;
    for (const auto& p : *properties) {
        const json::object* s = p.value().if_object();
        if (s == nullptr) continue;
        const std::string name = (path.empty() ? "" : path + ".") + std::string(p.key());
        std::string when = is_required(schema, p.key()) ? "required" : "";
        if (const json::value* d = member(*s, "default")) when = code(json::serialize(*d));
        out += "| " + code(name) + " | " + cell(type_words(*s)) + " | " + cell(when) + " | " +
               cell(meaning(*s)) + " |\n";
        value_rows(*s, name, depth + 1, out);
    }
}

} // namespace

std::string
settings_sections(const json::object& schema, const std::string& path, std::string_view heading) {
    const json::object* properties = object_of(schema, "properties");
    std::string rows, nested;
    for (const auto& p : properties != nullptr ? *properties : json::object()) {
        const json::object* s = p.value().if_object();
        if (s == nullptr) continue;
        const std::string below = path + "." + toml_key(p.key());
        switch (form_of(*s)) {
        case form::value:
            rows += settings_row(schema, p.key(), *s);
            break;
        case form::section:
            nested += settings_sections(*s, below, heading);
            break;
        case form::map:
            nested +=
                settings_sections(*object_of(*s, "additionalProperties"), below + ".NAME", heading);
            break;
        }
    }
    std::string out;
    if (!rows.empty()) {
        out = std::string(heading) + " `[" + path + "]`\n\n";
        if (const std::string words = meaning(schema); !words.empty()) out += words + "\n\n";
        out += "| key | type | default | meaning |\n|---|---|---|---|\n" + rows + "\n";
    }
    return out + nested;
}

std::string mapping_table(const json::object& schema) {
    const json::object* fields = object_of(schema, "default");
    if (fields == nullptr || fields->empty()) return "Nothing is mapped.\n\n";
    std::string out = "| target field | rule |\n|---|---|\n";
    for (const auto& f : *fields)
        out += "| " + cell(f.key()) + " | " + cell(code(toml_value(f.value()))) + " |\n";
    return out + "\n";
}

std::string value_table(const json::object& schema) {
    std::string rows;
    value_rows(schema, "", 0, rows);
    std::string words = sentence(text_of(schema, "title"));
    if (const std::string more = sentence(text_of(schema, "description")); !more.empty())
        words += (words.empty() ? "" : " ") + more;
    if (!words.empty()) words += "\n\n";
    if (rows.empty()) return words + "No fields are described: " + type_words(schema) + ".\n\n";
    return words + "| field | type | default | meaning |\n|---|---|---|---|\n" + rows + "\n";
}

} // namespace mortise::host::reference
