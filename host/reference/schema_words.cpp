// SPDX-License-Identifier: Apache-2.0
#include "reference/schema_words.hpp"

#include "reference/toml_text.hpp"

#include <boost/json/array.hpp>

namespace mortise::host::reference {

namespace json = boost::json;

const json::value* member(const json::object& o, std::string_view key) noexcept {
    return o.if_contains(key);
}

std::string text_of(const json::object& o, std::string_view key) {
    const json::value* v = member(o, key);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

const json::object* object_of(const json::object& o, std::string_view key) noexcept {
    const json::value* v = member(o, key);
    return v != nullptr ? v->if_object() : nullptr;
}

std::string either(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
        out += words[i];
    }
    return out;
}

std::string sentence(std::string text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n'))
        text.pop_back();
    if (!text.empty() && text.back() != '.' && text.back() != '?' && text.back() != '!')
        text += '.';
    return text;
}

namespace {

// What the SDK writes for a std::chrono setting.
constexpr std::string_view duration_pattern = "^[0-9]+(ms|s|m|h|d)$";

std::string bounds(const json::object& s, const char* least, const char* most) {
    const json::value* low = member(s, least);
    const json::value* high = member(s, most);
    if (low != nullptr && high != nullptr)
        return ", " + toml_value(*low) + " to " + toml_value(*high);
    if (low != nullptr) return ", at least " + toml_value(*low);
    if (high != nullptr) return ", at most " + toml_value(*high);
    return {};
}

// "a category", "an attribute"
std::string with_article(const std::string& word) {
    const bool vowel =
        !word.empty() && std::string_view("aeiou").find(word[0]) != std::string_view::npos;
    return (vowel ? "an " : "a ") + word;
}

std::string string_words(const json::object& s) {
    const std::string format = text_of(s, "format");
    if (format == "duration" || text_of(s, "pattern") == duration_pattern) return "duration";
    if (format == "size") return "size";
    if (format == "uri") return "address (URI)";
    if (format == "date-time") return "date and time";
    if (!format.empty()) return "text (" + format + ")";
    return "text";
}

} // namespace

std::string type_words(const json::object& s) {
    if (member(s, "x-mapping") != nullptr) return "mapping";
    if (member(s, "x-secret") != nullptr) return "secret";
    if (const json::value* c = member(s, "const")) return "`" + toml_value(*c) + "`";
    if (const json::value* all = member(s, "enum"); all != nullptr && all->is_array()) {
        std::vector<std::string> words;
        for (const json::value& v : all->get_array())
            words.push_back("`" + toml_value(v) + "`");
        return either(words);
    }
    if (member(s, "oneOf") != nullptr) return "one of several forms";
    const std::string type = text_of(s, "type");
    if (type == "string") return string_words(s);
    if (type == "boolean") return "true or false";
    if (type == "integer") return "whole number" + bounds(s, "minimum", "maximum");
    if (type == "number") return "number" + bounds(s, "minimum", "maximum");
    if (type == "array") {
        const json::object* items = object_of(s, "items");
        std::string out = items != nullptr ? "list of " + type_words(*items) : "list";
        const std::string count = bounds(s, "minItems", "maxItems");
        return count.empty() ? out
                             : out + count + (count == ", at least 1" ? " entry" : " entries");
    }
    if (type == "object") {
        const json::object* values = object_of(s, "additionalProperties");
        return values != nullptr ? "table of " + type_words(*values) : "table";
    }
    return type.empty() ? "anything" : type;
}

std::string meaning(const json::object& s) {
    std::string out = sentence(text_of(s, "title"));
    const auto add = [&out](const std::string& more) {
        if (more.empty()) return;
        if (!out.empty()) out += ' ';
        out += more;
    };
    add(sentence(text_of(s, "description")));
    const std::string pattern = text_of(s, "pattern");
    if (!pattern.empty() && pattern != duration_pattern) add("Must match `" + pattern + "`.");
    if (const json::object* names = object_of(s, "x-names")) {
        const std::string role = text_of(*names, "role");
        add("Names " + with_article(text_of(*names, "kind")) +
            (role.empty() ? " of the system" : " of the role " + role) +
            "; looked up by `mortise check --online`.");
    }
    if (const json::object* names = object_of(s, "x-key-names"))
        add("Its keys name a " + text_of(*names, "kind") +
            "; looked up by `mortise check --online`.");
    if (const std::string env = text_of(s, "x-env"); !env.empty())
        add("Usual environment variable: `" + env + "`.");
    if (const std::string since = text_of(s, "x-since"); !since.empty())
        add("Since " + since + ".");
    if (const std::string old = text_of(s, "x-deprecated"); !old.empty())
        add("Deprecated: " + sentence(old));
    return out;
}

bool is_required(const json::object& parent, std::string_view key) {
    const json::value* all = member(parent, "required");
    if (all == nullptr || !all->is_array()) return false;
    for (const json::value& v : all->get_array())
        if (v.is_string() && std::string_view(v.get_string()) == key) return true;
    return false;
}

form form_of(const json::object& s) {
    if (text_of(s, "type") != "object" || member(s, "x-mapping") != nullptr) return form::value;
    if (object_of(s, "properties") != nullptr) return form::section;
    const json::object* values = object_of(s, "additionalProperties");
    return values != nullptr && form_of(*values) == form::section ? form::map : form::value;
}

} // namespace mortise::host::reference
