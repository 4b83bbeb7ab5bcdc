// SPDX-License-Identifier: Apache-2.0
//
// From what is written for a target field to its rule; every slip becomes a problem at its place.
#include "config/schema_parts.hpp"
#include "mapping/mapping_rule.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace json = boost::json;

namespace mortise::host {

namespace {

using about = schema_problem::about;

const std::vector<std::string> keys = {"from",   "jq",        "value",    "default",
                                       "values", "otherwise", "unmapped", "type",
                                       "items",  "join",      "required"};

class rule_reader {
public:
    rule_reader(const json::object& o, std::string at, std::vector<schema_problem>& problems)
        : o_(o), at_(std::move(at)), problems_(problems) {}

    void read(mapping_rule& rule) {
        unknown_keys();
        source(rule);
        types(rule);
        values(rule);
        flag("required", rule.required);
        if (const json::value* v = o_.if_contains("default")) fallback(rule, *v);
        if (rule.required && rule.fallback)
            add("required", "a field with a default is never missing",
                "remove \"required\" or \"default\"", about::key);
        if (rule.constant && rule.fallback)
            add("default", "a constant needs no default", "remove one of the two", about::key);
    }

private:
    void
    add(std::string_view key, std::string message, std::string hint = {}, about a = about::value) {
        problems_.push_back(
            {at_ + '/' + escape_pointer(key), std::move(message), std::move(hint), a});
    }

    void unknown_keys() {
        for (const auto& member : o_) {
            if (std::find(keys.begin(), keys.end(), std::string_view(member.key())) != keys.end())
                continue;
            std::string hint = did_you_mean(member.key(), keys);
            misspelt_ = misspelt_ || !hint.empty();
            if (hint.empty())
                hint = "a rule has from, jq or value, and default, values, type, ...; for a nested "
                       "target put the whole name in quotes: \"a.b\" = ...";
            add(member.key(), "unknown key \"" + std::string(member.key()) + "\" in a mapping rule",
                std::move(hint), about::key);
        }
    }

    std::optional<std::string> text(std::string_view key) {
        const json::value* v = o_.if_contains(key);
        if (!v) return std::nullopt;
        if (v->is_string()) return std::string(v->get_string());
        add(key,
            "\"" + std::string(key) + "\": expected text, found " + std::string(kind_in_words(*v)));
        return std::nullopt;
    }

    void flag(std::string_view key, bool& to) {
        const json::value* v = o_.if_contains(key);
        if (!v) return;
        if (v->is_bool())
            to = v->get_bool();
        else
            add(key, "\"" + std::string(key) + "\": expected true or false, found " +
                         std::string(kind_in_words(*v)));
    }

    void source(mapping_rule& rule) {
        const int sources =
            int(o_.contains("from")) + int(o_.contains("jq")) + int(o_.contains("value"));
        if (sources > 1)
            add(o_.contains("jq") ? "jq" : "value", "a rule has one source: from, jq or value",
                "keep one of them", about::key);
        // Behind an unknown key the source is likely the one that was misspelt.
        if (sources == 0 && !o_.contains("default") && !misspelt_)
            problems_.push_back({at_, "the rule has no source",
                                 "add from = \"a.path\", jq = \"...\" or value = ...",
                                 about::value});
        if (const auto from = text("from")) {
            auto path = source_path::parse(*from);
            if (path)
                rule.path = std::move(*path);
            else
                add("from", path.error().message);
        }
        if (const auto program = text("jq")) {
            auto jq = jq_program::compile(*program);
            if (jq)
                rule.jq = std::move(*jq);
            else
                add("jq", jq.error().message);
        }
        if (const json::value* v = o_.if_contains("value")) rule.constant = *v;
    }

    void type(std::string_view key, field_type& to) {
        const auto word = text(key);
        if (!word) return;
        if (const auto type = field_type_from(*word); type && *type != field_type::any) {
            to = *type;
            return;
        }
        std::string known;
        for (const std::string& name : field_type_names())
            known += (known.empty() ? "" : ", ") + name;
        std::string hint = did_you_mean(*word, field_type_names());
        add(key, "there is no type \"" + *word + '"',
            hint.empty() ? "the types are " + known : std::move(hint));
    }

    void types(mapping_rule& rule) {
        type("type", rule.type);
        type("items", rule.items);
        rule.join = text("join");
        if (rule.items != field_type::any && rule.type != field_type::list)
            add("items", "\"items\" is the type of a list's entries", "add type = \"list\"",
                about::key);
        if (rule.join && rule.type != field_type::any && rule.type != field_type::string)
            add("join", "\"join\" makes one text", "remove \"type\" or \"join\"", about::key);
    }

    void values(mapping_rule& rule) {
        if (const json::value* v = o_.if_contains("values")) {
            if (const json::object* table = v->if_object())
                rule.values = *table;
            else
                add("values",
                    "\"values\": expected a table, found " + std::string(kind_in_words(*v)),
                    "write { \"found\" = \"wanted\", ... }");
        }
        const json::value* otherwise = o_.if_contains("otherwise");
        const auto word = text("unmapped");
        for (const char* key : {"otherwise", "unmapped"})
            if (o_.contains(key) && !o_.contains("values"))
                add(key, "\"" + std::string(key) + "\" is for values that a value table lacks",
                    "add \"values\", or use \"default\" for what is missing", about::key);
        if (otherwise && word)
            add("unmapped", "\"otherwise\" says already what becomes of other values",
                "keep one of the two", about::key);
        if (otherwise) {
            rule.others = mapping_rule::unmapped::replace;
            rule.otherwise = *otherwise;
        } else if (word) {
            static const std::vector<std::string> words = {"error", "keep", "drop"};
            const auto at = std::find(words.begin(), words.end(), *word);
            if (at == words.end()) {
                std::string hint = did_you_mean(*word, words);
                add("unmapped", "\"unmapped\" is error, keep or drop", std::move(hint));
            } else {
                rule.others = static_cast<mapping_rule::unmapped>(at - words.begin());
            }
        }
    }

    // A default stands for the result, so it must be one.
    void fallback(mapping_rule& rule, const json::value& v) {
        const field_type type = rule.join ? field_type::string : rule.type;
        auto typed = convert(v, type);
        if (!typed) {
            add("default", "the default is not of the field's type: " + typed.error().message);
        } else if (!*typed) {
            add("default", "an empty text is no " + std::string(to_string(type)),
                "remove the default: the field is then left out");
        } else {
            rule.fallback = std::move(*typed);
        }
    }

    const json::object& o_;
    const std::string at_;
    std::vector<schema_problem>& problems_;
    bool misspelt_ = false;
};

} // namespace

std::optional<mapping_rule> read_rule(std::string_view target,
                                      const json::value& written,
                                      const std::string& at,
                                      std::vector<schema_problem>& problems) {
    const std::size_t before = problems.size();
    mapping_rule rule;
    rule.target = target;
    auto keys_of_target = parse_target(target);
    if (keys_of_target)
        rule.keys = std::move(*keys_of_target);
    else
        problems.push_back({at, "target field: " + keys_of_target.error().message, "", about::key});
    if (const json::string* path = written.if_string()) {
        auto parsed = source_path::parse(*path);
        if (parsed)
            rule.path = std::move(*parsed);
        else
            problems.push_back({at, parsed.error().message, "", about::value});
    } else if (const json::object* o = written.if_object()) {
        rule_reader(*o, at, problems).read(rule);
    } else {
        problems.push_back(
            {at, "expected a path or a rule, found " + std::string(kind_in_words(written)),
             "for a constant write { value = " + shown_value(written) + " }", about::value});
    }
    if (problems.size() != before) return std::nullopt;
    return rule;
}

} // namespace mortise::host
