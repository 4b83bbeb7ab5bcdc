// SPDX-License-Identifier: Apache-2.0
//
// The parts of a schema, and what goes over a value along its schema: defaults, visits, redaction.
#include "config/schema.hpp"
#include "config/schema_parts.hpp"

#include <boost/json/serialize.hpp>

namespace json = boost::json;

namespace mortise::host {

std::string escape_pointer(std::string_view token) {
    std::string out;
    out.reserve(token.size());
    for (const char c : token) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    return out;
}

std::string to_pointer(const std::vector<std::string>& path) {
    std::string out;
    for (const std::string& token : path)
        out += '/' + escape_pointer(token);
    return out;
}

std::string_view kind_in_words(const json::value& value) noexcept {
    switch (value.kind()) {
    case json::kind::null:
        return "nothing (null)";
    case json::kind::bool_:
        return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
        return "a whole number";
    case json::kind::double_:
        return "a number";
    case json::kind::string:
        return "text";
    case json::kind::array:
        return "a list";
    case json::kind::object:
        return "a table";
    }
    return "something else";
}

const json::object* object_member(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v ? v->if_object() : nullptr;
}

std::vector<std::string> names_of(const json::object* o) {
    std::vector<std::string> names;
    if (o)
        for (const auto& member : *o)
            names.emplace_back(member.key());
    return names;
}

bool is_secret(const json::object& schema_object) {
    const json::value* v = schema_object.if_contains("x-secret");
    return v && v->is_bool() && v->get_bool();
}

bool is_mapping(const json::object& schema_object) {
    const json::value* v = schema_object.if_contains("x-mapping");
    return v && v->is_bool() && v->get_bool();
}

bool requires_key(const json::object& schema_object, std::string_view key) {
    const json::value* v = schema_object.if_contains("required");
    const json::array* list = v ? v->if_array() : nullptr;
    if (!list) return false;
    for (const json::value& name : *list)
        if (name.is_string() && std::string_view(name.get_string()) == key) return true;
    return false;
}

const json::value* discriminator_value(const json::object& branch, std::string_view key) {
    const json::object* props = object_member(branch, "properties");
    const json::object* prop = props ? object_member(*props, key) : nullptr;
    return prop ? prop->if_contains("const") : nullptr;
}

std::string discriminator_of(const json::object& schema_object) {
    if (const json::object* d = object_member(schema_object, "discriminator")) {
        const json::value* name = d->if_contains("propertyName");
        return name && name->is_string() ? std::string(name->get_string()) : std::string();
    }
    const json::value* list = schema_object.if_contains("oneOf");
    if (!list || !list->is_array() || list->get_array().empty()) return {};
    const json::object* first = list->get_array().front().if_object();
    const json::object* props = first ? object_member(*first, "properties") : nullptr;
    if (!props) return {};
    for (const auto& member : *props) {
        bool everywhere = true;
        for (const json::value& branch : list->get_array()) {
            const json::object* b = branch.if_object();
            everywhere = everywhere && b && discriminator_value(*b, member.key()) &&
                         requires_key(*b, member.key());
        }
        if (everywhere) return std::string(member.key());
    }
    return {};
}

const json::object* chosen_branch(const json::object& schema_object, const json::value& value) {
    const json::value* list = schema_object.if_contains("oneOf");
    const json::object* o = value.if_object();
    if (!list || !list->is_array() || !o) return nullptr;
    const std::string key = discriminator_of(schema_object);
    const json::value* chosen = key.empty() ? nullptr : o->if_contains(key);
    if (!chosen) return nullptr;
    for (const json::value& branch : list->get_array()) {
        const json::object* b = branch.if_object();
        const json::value* c = b ? discriminator_value(*b, key) : nullptr;
        if (c && *c == *chosen) return b;
    }
    return nullptr;
}

namespace {

void fill(json::value& value, const json::object& schema_object, int depth) {
    if (depth > schema_max_depth) return;
    if (json::object* o = value.if_object()) {
        if (const json::object* props = object_member(schema_object, "properties")) {
            for (const auto& member : *props) {
                const json::object* sub = member.value().if_object();
                if (!sub) continue;
                if (!o->contains(member.key())) {
                    const json::value* d = sub->if_contains("default");
                    if (!d) continue;
                    (*o)[member.key()] = *d;
                }
                fill((*o)[member.key()], *sub, depth + 1);
            }
        }
        if (const json::object* more = object_member(schema_object, "additionalProperties")) {
            const json::object* props = object_member(schema_object, "properties");
            for (auto& member : *o)
                if (!props || !props->contains(member.key()))
                    fill(member.value(), *more, depth + 1);
        }
        // After the plain properties: the discriminator itself may have come from a default.
        if (const json::object* branch = chosen_branch(schema_object, value))
            fill(value, *branch, depth + 1);
    } else if (json::array* list = value.if_array()) {
        if (const json::object* items = object_member(schema_object, "items"))
            for (json::value& item : *list)
                fill(item, *items, depth + 1);
    }
}

void walk(std::vector<std::string>& path,
          json::value& value,
          const json::object& schema_object,
          const schema_visitor& visit,
          bool call) {
    if (path.size() > static_cast<std::size_t>(schema_max_depth)) return;
    if (call) visit(path, value, schema_object);
    const auto below = [&](std::string key, json::value& v, const json::object& s) {
        path.push_back(std::move(key));
        walk(path, v, s, visit, true);
        path.pop_back();
    };
    if (json::object* o = value.if_object()) {
        const json::object* branch = chosen_branch(schema_object, value);
        const json::object* props = object_member(schema_object, "properties");
        const json::object* branch_props = branch ? object_member(*branch, "properties") : nullptr;
        const json::object* more = object_member(schema_object, "additionalProperties");
        for (auto& member : *o) {
            const json::object* sub = props ? object_member(*props, member.key()) : nullptr;
            if (!sub && branch_props) sub = object_member(*branch_props, member.key());
            if (!sub) sub = more;
            if (sub) below(std::string(member.key()), member.value(), *sub);
        }
    } else if (json::array* list = value.if_array()) {
        if (const json::object* items = object_member(schema_object, "items"))
            for (std::size_t i = 0; i < list->size(); ++i)
                below(std::to_string(i), (*list)[i], *items);
    }
}

} // namespace

void fill_defaults(json::value& value, const json::value& schema_document) {
    if (const json::object* o = schema_document.if_object()) fill(value, *o, 0);
}

void visit_schema(json::value& value,
                  const json::value& schema_document,
                  const schema_visitor& visit) {
    std::vector<std::string> path;
    if (const json::object* o = schema_document.if_object()) walk(path, value, *o, visit, true);
}

void redact(json::value& value, const json::value& schema_document) {
    visit_schema(value, schema_document,
                 [](const std::vector<std::string>&, json::value& v, const json::object& s) {
                     if (is_secret(s)) v = "***";
                 });
}

} // namespace mortise::host
