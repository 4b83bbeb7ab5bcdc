// SPDX-License-Identifier: Apache-2.0
#include "mapping/mapping_rule.hpp"

#include <boost/json/array.hpp>

namespace json = boost::json;

namespace mortise::host {

namespace {

using found_value = std::optional<json::value>;

std::vector<std::string> keys_of(const json::object& o) {
    std::vector<std::string> keys;
    for (const auto& member : o)
        keys.emplace_back(member.key());
    return keys;
}

std::string known_values(std::string_view word, const json::object& table) {
    constexpr std::size_t most = 12;
    const std::vector<std::string> keys = keys_of(table);
    std::string text = did_you_mean(word, keys);
    if (!text.empty()) text += ' ';
    if (keys.empty()) return text + "The table is empty.";
    text += "Known are ";
    for (std::size_t i = 0; i < keys.size() && i < most; ++i)
        text += (i ? ", \"" : "\"") + keys[i] + '"';
    return text + (keys.size() > most ? ", ..." : "");
}

class rule_run {
public:
    rule_run(const mapping_rule& rule, const jq_limits& limits, field_trace* trace)
        : rule_(rule), limits_(limits), trace_(trace) {}

    result<found_value> run(const json::value& facts) {
        auto found = source(facts);
        if (!found) return found.error();
        if (trace_ && *found) trace_->found = **found;
        if (!*found) return absent();
        if (rule_.values) {
            found = mapped(std::move(**found));
            if (!found) return found.error();
            if (!*found) return absent();
        }
        auto typed = of_type(std::move(**found));
        if (!typed) return typed.error();
        return *typed ? std::move(*typed) : absent();
    }

private:
    void say(std::string_view rule) {
        if (trace_) trace_->rule = rule;
    }

    result<found_value> source(const json::value& facts) {
        if (rule_.constant) {
            say("value");
            return found_value(*rule_.constant);
        }
        if (rule_.path) {
            say("path");
            return rule_.path->find(facts);
        }
        if (!rule_.jq) return found_value();
        say("jq");
        auto all = rule_.jq->run(facts, limits_);
        if (!all) {
            error e = all.error();
            // The facts are to blame, or the expression is; both are the operator's to mend.
            e.category = category::input;
            return e;
        }
        if (all->size() > 1)
            return error(category::input, "mapping.jq-results",
                         "the expression has " + std::to_string(all->size()) +
                             " results; write [ ... ] around it for a list");
        if (all->empty() || all->front().is_null()) return found_value();
        return found_value(std::move(all->front()));
    }

    result<found_value> absent() {
        if (rule_.fallback) {
            say("default");
            return rule_.fallback;
        }
        if (rule_.required)
            return error(category::input, "mapping.missing",
                         "there is no value, and the field is required; fill it in at the source, "
                         "or give the rule a default");
        say("left out");
        return found_value();
    }

    // One scalar through the value table.
    result<found_value> looked_up(const json::value& v) {
        const auto text = scalar_text(v);
        if (!text)
            return error(category::input, "mapping.value",
                         "expected a text, number or truth value for the table of values, found " +
                             shown_value(v));
        if (const json::value* to = rule_.values->if_contains(*text)) {
            say("values: \"" + *text + '"');
            return found_value(*to);
        }
        switch (rule_.others) {
        case mapping_rule::unmapped::keep:
            say("values: kept");
            return found_value(v);
        case mapping_rule::unmapped::drop:
            say("values: dropped");
            return found_value();
        case mapping_rule::unmapped::replace:
            say("values: otherwise");
            return found_value(rule_.otherwise);
        case mapping_rule::unmapped::refuse:
            break;
        }
        return error(category::input, "mapping.value-unknown",
                     "the value " + shown_value(v) + " is not in the table of values; " +
                         known_values(*text, *rule_.values) +
                         ". Correct it at the source, or add it to the table");
    }

    result<found_value> mapped(json::value v) {
        const json::array* list = v.if_array();
        if (!list) return looked_up(v);
        json::array out;
        for (const json::value& entry : *list) {
            auto to = looked_up(entry);
            if (!to) return to.error();
            if (*to) out.push_back(std::move(**to));
        }
        return found_value(std::move(out));
    }

    result<found_value> of_type(json::value v) {
        if (rule_.join) return joined(std::move(v));
        const bool wants_list = rule_.type == field_type::list;
        if (v.is_array() && !wants_list && rule_.type != field_type::any) {
            return error(category::input, "mapping.type",
                         "expected one value of type " + std::string(to_string(rule_.type)) +
                             ", found " + shown_value(v) +
                             "; take one with [0], write them into one text with join, or say "
                             "type = \"list\"");
        }
        auto typed = convert(v, rule_.type);
        if (!typed || !*typed || !wants_list || rule_.items == field_type::any) return typed;
        json::array out;
        for (const json::value& entry : (*typed)->get_array()) {
            auto item = convert(entry, rule_.items);
            if (!item) return item.error();
            if (*item) out.push_back(std::move(**item));
        }
        return found_value(std::move(out));
    }

    result<found_value> joined(json::value v) {
        const json::array single{v};
        const json::array& list = v.is_array() ? v.get_array() : single;
        std::string text;
        bool first = true;
        for (const json::value& entry : list) {
            const auto part = convert(entry, field_type::string);
            if (!part) return part.error();
            if (!first) text += *rule_.join;
            text += (*part)->get_string();
            first = false;
        }
        if (list.empty()) return found_value();
        return found_value(json::value(text));
    }

    const mapping_rule& rule_;
    const jq_limits& limits_;
    field_trace* trace_;
};

} // namespace

std::string mapping_rule::source() const {
    if (path) return path->text();
    if (jq) return "jq";
    return constant ? "a constant" : "no source";
}

result<std::optional<json::value>>
mapping_rule::apply(const json::value& facts, const jq_limits& limits, field_trace* trace) const {
    return rule_run(*this, limits, trace).run(facts);
}

} // namespace mortise::host
