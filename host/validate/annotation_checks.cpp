// SPDX-License-Identifier: Apache-2.0
//
// What schemas say beyond the form of a value: names of objects and mappings. A slip there would
// not be noticed at work: a name with a misspelt role is simply never looked up.
#include "config/schema.hpp"
#include "mapping/mapping_table.hpp"
#include "validate/checks.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace mortise::host {

namespace json = boost::json;

namespace {

constexpr int deepest = 32;

class annotation_check {
public:
    annotation_check(std::string where, std::vector<std::string> roles, report& r)
        : where_(std::move(where)), roles_(std::move(roles)), r_(r) {}

    void run(const json::value& schema_value, const std::string& at, int depth) {
        const json::object* s = schema_value.if_object();
        if (!s || depth > deepest) return;
        for (const char* key : {"x-names", "x-key-names"})
            if (const json::value* n = s->if_contains(key); n && n->is_object())
                named(n->get_object(), at, key);
        if (s->contains("x-mapping")) mapping(*s, at);
        const json::value* properties = s->if_contains("properties");
        const bool is_table = properties && properties->is_object();
        if (is_table) {
            around_.push_back(&properties->get_object());
            for (const auto& [name, sub] : properties->get_object())
                run(sub, at + '/' + std::string(name), depth + 1);
        }
        for (const char* key : {"items", "additionalProperties"})
            if (const json::value* sub = s->if_contains(key)) run(*sub, at + "/*", depth + 1);
        if (const json::value* branches = s->if_contains("oneOf"); branches && branches->is_array())
            for (const json::value& branch : branches->get_array())
                run(branch, at, depth + 1);
        if (is_table) around_.pop_back();
    }

private:
    void fail(const std::string& at, const std::string& what, const std::string& hint) {
        r_.fail(where_ + " at " + at + ": " + what + (hint.empty() ? "" : " (" + hint + ')'));
    }

    void named(const json::object& n, const std::string& at, const char* key) {
        r_.tried();
        const json::value* role = n.if_contains("role");
        if (role && role->is_string()) {
            const std::string name(role->get_string());
            if (std::find(roles_.begin(), roles_.end(), name) == roles_.end())
                fail(at,
                     '"' + std::string(key) + "\" names the role \"" + name +
                         "\", which there is not",
                     did_you_mean(name, roles_));
        }
        const json::value* of = n.if_contains("of");
        if (!of || !of->is_string()) return;
        const bool known = std::any_of(around_.begin(), around_.end(), [&](const json::object* o) {
            return o->contains(of->get_string());
        });
        if (known) return;
        std::vector<std::string> settings;
        for (const json::object* o : around_)
            for (const auto& member : *o)
                settings.emplace_back(member.key());
        const std::string name(of->get_string());
        fail(at, "the scope \"" + name + "\" is no setting beside it or around it",
             did_you_mean(name, settings));
    }

    void mapping(const json::object& s, const std::string& at) {
        const json::value* d = s.if_contains("default");
        if (!d || !d->is_object()) return;
        r_.tried();
        std::vector<schema_problem> problems;
        if (!mapping_table::compile(d->get_object(), problems))
            fail(at, "the default mapping is wrong: " + to_error(problems).message, "");
    }

    const std::string where_;
    const std::vector<std::string> roles_;
    report& r_;
    std::vector<const json::object*> around_;
};

void check_text(const std::string& text,
                std::string where,
                std::vector<std::string> roles,
                report& r) {
    boost::system::error_code ec;
    const json::value document = json::parse(text.empty() ? "{}" : text, ec);
    if (ec) return; // schemas-in-subset says so
    annotation_check(std::move(where), std::move(roles), r).run(document, "", 0);
}

} // namespace

namespace checks {

void annotations_hold(const subject& s, report& r) {
    for (const auto& c : s.plugin->connectors) {
        const std::string at = "connector \"" + c.id + "\": ";
        check_text(c.config_schema, at + "config_schema", {""}, r);
        for (const auto& t : c.triggers)
            check_text(t.config_schema, at + "trigger \"" + t.id + "\": config_schema", {""}, r);
    }
    for (const auto& f : s.plugin->flows) {
        std::vector<std::string> roles;
        for (const auto& role : f.roles)
            roles.push_back(role.name);
        check_text(f.config_schema, "flow \"" + f.id + "\": config_schema", std::move(roles), r);
    }
    r.skip("no setting names an object or takes a mapping");
}

} // namespace checks
} // namespace mortise::host
