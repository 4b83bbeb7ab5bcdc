// SPDX-License-Identifier: Apache-2.0
//
// Is a schema within the subset? Everything the validator relies on is established here.
#include "config/schema.hpp"
#include "config/schema_parts.hpp"

#include <boost/json/serialize.hpp>
#include <boost/regex.hpp>

#include <algorithm>
#include <set>

namespace json = boost::json;

namespace mortise::host {

namespace {

const std::vector<std::string> keywords = {
    "$schema",     "type",     "properties",    "required", "enum",
    "const",       "default",  "minimum",       "maximum",  "minLength",
    "maxLength",   "minItems", "maxItems",      "pattern",  "format",
    "items",       "oneOf",    "discriminator", "title",    "additionalProperties",
    "description", "examples", "x-secret",      "x-order",  "x-group",
    "x-env",       "x-since",  "x-deprecated",  "x-kind",   "x-names",
    "x-key-names", "x-mapping"};
const std::vector<std::string> types = {"string", "integer", "number", "boolean",
                                        "array",  "object",  "null"};
const std::vector<std::string> formats = {"uri",      "date", "date-time", "email",
                                          "hostname", "uuid", "duration",  "size"};

bool is_texts(const json::value& v) {
    const json::array* list = v.if_array();
    return list && std::all_of(list->begin(), list->end(),
                               [](const json::value& item) { return item.is_string(); });
}

class subset_check {
public:
    std::vector<schema_problem> problems;

    void schema_at(const json::value& v, const std::string& at, int depth) {
        if (depth > schema_max_depth) {
            add(at, "schemas are nested more than " + std::to_string(schema_max_depth) + " deep");
            return;
        }
        const json::object* o = v.if_object();
        if (!o) {
            add(at, "a schema is an object, found " + std::string(kind_in_words(v)));
            return;
        }
        for (const auto& [key, value] : *o)
            keyword(*o, key, value, at + '/' + escape_pointer(key), depth);
        if (const json::value* d = o->if_contains("discriminator"); d && !o->contains("oneOf"))
            add(at + "/discriminator", "\"discriminator\" needs \"oneOf\"");
    }

private:
    void add(std::string pointer, std::string message, std::string hint = {}) {
        problems.push_back({std::move(pointer), std::move(message), std::move(hint),
                            schema_problem::about::value});
    }

    static std::string in_quotes(std::string_view s) { return '"' + std::string(s) + '"'; }

    void expect(bool ok, std::string_view key, const std::string& at, std::string_view what) {
        if (!ok) add(at, in_quotes(key) + " must be " + std::string(what));
    }

    void type_name(const json::value& v, const std::string& at) {
        const json::string* s = v.if_string();
        if (s && std::find(types.begin(), types.end(), std::string_view(*s)) != types.end()) return;
        add(at, "\"type\" must be one of string, integer, number, boolean, array, object, null",
            s ? did_you_mean(*s, types) : std::string());
    }

    void keyword(const json::object& o,
                 std::string_view key,
                 const json::value& v,
                 const std::string& at,
                 int depth) {
        if (std::find(keywords.begin(), keywords.end(), key) == keywords.end()) {
            std::string hint = did_you_mean(key, keywords);
            if (hint.empty()) hint = "keys of one's own are not allowed; see docs/schemas.md";
            add(at, in_quotes(key) + " is not in the schema subset", std::move(hint));
        } else if (key == "type") {
            if (const json::array* list = v.if_array()) {
                expect(!list->empty(), key, at, "a type or a list of types");
                for (std::size_t i = 0; i < list->size(); ++i)
                    type_name((*list)[i], at + '/' + std::to_string(i));
            } else {
                type_name(v, at);
            }
        } else if (key == "properties") {
            expect(v.is_object(), key, at, "an object of schemas");
            if (v.is_object())
                for (const auto& [name, sub] : v.get_object())
                    schema_at(sub, at + '/' + escape_pointer(name), depth + 1);
        } else if (key == "required") {
            required(o, v, at);
        } else if (key == "enum") {
            expect(v.is_array() && !v.get_array().empty(), key, at, "a list with a value in it");
        } else if (key == "minimum" || key == "maximum" || key == "x-order") {
            expect(v.is_number(), key, at, "a number");
        } else if (key == "minLength" || key == "maxLength" || key == "minItems" ||
                   key == "maxItems") {
            expect((v.is_int64() && v.get_int64() >= 0) || v.is_uint64(), key, at,
                   "a whole number of 0 or more");
        } else if (key == "pattern") {
            pattern(v, at);
        } else if (key == "format") {
            const json::string* s = v.if_string();
            if (!s ||
                std::find(formats.begin(), formats.end(), std::string_view(*s)) == formats.end()) {
                std::string hint = s ? did_you_mean(*s, formats) : std::string();
                add(at,
                    "\"format\" must be one of uri, date, date-time, email, hostname, uuid, "
                    "duration, size",
                    std::move(hint));
            }
        } else if (key == "items") {
            schema_at(v, at, depth + 1);
        } else if (key == "additionalProperties") {
            if (!v.is_bool()) schema_at(v, at, depth + 1);
        } else if (key == "oneOf") {
            one_of(o, v, at, depth);
        } else if (key == "discriminator") {
            const json::object* d = v.if_object();
            const json::value* name = d ? d->if_contains("propertyName") : nullptr;
            expect(name && name->is_string() && d->size() == 1, key, at,
                   "{\"propertyName\": \"...\"}");
        } else if (key == "examples") {
            expect(v.is_array(), key, at, "a list");
        } else if (key == "x-secret" || key == "x-mapping") {
            expect(v.is_bool(), key, at, "true or false");
        } else if (key == "x-names" || key == "x-key-names") {
            named(o, key, v, at);
        } else if (key == "x-deprecated") {
            expect(v.is_bool() || v.is_string(), key, at, "true, false or a text");
        } else if (key == "title" || key == "description" || key == "$schema" || key == "x-group" ||
                   key == "x-env" || key == "x-since" || key == "x-kind") {
            expect(v.is_string(), key, at, "a text");
        }
    }

    void required(const json::object& o, const json::value& v, const std::string& at) {
        const json::array* list = v.if_array();
        expect(list != nullptr, "required", at, "a list of property names");
        if (!list) return;
        const json::object* props = object_member(o, "properties");
        for (std::size_t i = 0; i < list->size(); ++i) {
            const json::string* name = (*list)[i].if_string();
            const std::string item = at + '/' + std::to_string(i);
            if (!name) {
                add(item, "\"required\" must be a list of property names");
            } else if (!props || !props->contains(*name)) {
                // Where a oneOf has the property, it belongs in the branch's own "required".
                add(item, "\"required\" names " + in_quotes(*name) + ", which is no property here",
                    did_you_mean(*name, names_of(props)));
            }
        }
    }

    // What an object of a system is called by this value (docs/schemas.md).
    void named(const json::object& o,
               std::string_view key,
               const json::value& v,
               const std::string& at) {
        static const std::vector<std::string> known = {"role", "kind", "of", "except"};
        const json::object* n = v.if_object();
        expect(n != nullptr, key, at, "{\"role\": \"...\", \"kind\": \"...\"}");
        if (!n) return;
        for (const auto& [name, text] : *n) {
            const std::string here = at + '/' + escape_pointer(name);
            if (std::find(known.begin(), known.end(), std::string_view(name)) == known.end())
                add(here, in_quotes(name) + " is not known in " + in_quotes(key),
                    did_you_mean(name, known));
            else if (name == "except")
                expect(is_texts(text), name, here, "a list of texts");
            else
                expect(text.is_string(), name, here, "a text");
        }
        const json::value* kind = n->if_contains("kind");
        expect(n->contains("role") && kind && kind->is_string() && !kind->get_string().empty(), key,
               at, "an object with \"role\" and \"kind\"");
        const bool keyed = o.contains("x-mapping") || object_member(o, "additionalProperties");
        if (key == "x-key-names" && !keyed)
            add(at, "\"x-key-names\" is for the keys of a map or a mapping");
    }

    void pattern(const json::value& v, const std::string& at) {
        const json::string* s = v.if_string();
        expect(s != nullptr, "pattern", at, "a regular expression");
        if (!s) return;
        try {
            boost::regex compiled(s->c_str(), s->size(), boost::regex::perl);
        } catch (const std::exception& e) {
            add(at, "\"pattern\" is no regular expression: " + std::string(e.what()));
        }
    }

    void one_of(const json::object& o, const json::value& v, const std::string& at, int depth) {
        const json::array* list = v.if_array();
        expect(list && !list->empty(), "oneOf", at, "a list of schemas");
        if (!list || list->empty()) return;
        const std::size_t before = problems.size();
        for (std::size_t i = 0; i < list->size(); ++i)
            schema_at((*list)[i], at + '/' + std::to_string(i), depth + 1);
        if (problems.size() != before) return;
        const std::string key = discriminator_of(o);
        if (key.empty()) {
            add(at, "\"oneOf\" needs a discriminator: one property that is required and has a "
                    "\"const\" of its own in each alternative");
            return;
        }
        std::set<std::string> seen;
        for (std::size_t i = 0; i < list->size(); ++i) {
            const json::object& branch = (*list)[i].get_object();
            const json::value* c = discriminator_value(branch, key);
            const std::string item = at + '/' + std::to_string(i);
            if (!c || !requires_key(branch, key))
                add(item, "the alternative must require " + in_quotes(key) + " with a \"const\"");
            else if (!seen.insert(json::serialize(*c)).second)
                add(item, "two alternatives have the same " + in_quotes(key) + ", " +
                              json::serialize(*c));
        }
    }
};

// Defaults are checked once the schema itself is sound.
void check_defaults(const json::value& v, const std::string& at, std::vector<schema_problem>& out) {
    const json::object* o = v.if_object();
    if (!o) return;
    if (const json::value* d = o->if_contains("default")) {
        json::object without = *o;
        without.erase("default");
        if (is_secret(*o)) {
            out.push_back({at + "/default", "a secret cannot have a default",
                           "remove \"default\"; the operator writes a secret reference",
                           schema_problem::about::value});
        } else {
            json::value filled = *d;
            fill_defaults(filled, v);
            std::vector<schema_problem> found;
            check_value(filled, without, "", schema_options{}, found, nullptr);
            for (schema_problem& p : found) {
                p.message = "the default does not satisfy its own schema: " + p.message;
                p.pointer = at + "/default" + p.pointer;
                out.push_back(std::move(p));
            }
        }
    }
    if (const json::object* props = object_member(*o, "properties"))
        for (const auto& [name, sub] : *props)
            check_defaults(sub, at + "/properties/" + escape_pointer(name), out);
    if (const json::value* items = o->if_contains("items"))
        check_defaults(*items, at + "/items", out);
    if (const json::value* more = o->if_contains("additionalProperties"))
        check_defaults(*more, at + "/additionalProperties", out);
    if (const json::value* alternatives = o->if_contains("oneOf"))
        for (std::size_t i = 0; i < alternatives->get_array().size(); ++i)
            check_defaults(alternatives->get_array()[i], at + "/oneOf/" + std::to_string(i), out);
}

} // namespace

std::vector<schema_problem> check_schema(const json::value& schema_document) {
    subset_check check;
    check.schema_at(schema_document, "", 0);
    if (check.problems.empty()) check_defaults(schema_document, "", check.problems);
    return std::move(check.problems);
}

} // namespace mortise::host
