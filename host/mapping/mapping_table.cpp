// SPDX-License-Identifier: Apache-2.0
#include "mapping/mapping_table.hpp"

#include "config/schema_parts.hpp"
#include "mapping/mapping_rule.hpp"

#include <algorithm>
#include <chrono>
#include <map>

namespace json = boost::json;

namespace mortise::host {

namespace {

using about = schema_problem::about;

// Finds targets that cannot be in one object: the same twice, or one inside another.
class target_tree {
public:
    // The target that is in the way, or null.
    const std::string* add(const mapping_rule& rule) {
        std::string key;
        for (std::size_t i = 0; i + 1 < rule.keys.size(); ++i) {
            key += '/' + escape_pointer(rule.keys[i]);
            if (const auto it = fields_.find(key); it != fields_.end()) return &it->second;
            tables_.emplace(key, rule.target);
        }
        key += '/' + escape_pointer(rule.keys.back());
        if (const auto it = tables_.find(key); it != tables_.end()) return &it->second;
        const auto [it, fresh] = fields_.emplace(key, rule.target);
        return fresh ? nullptr : &it->second;
    }

private:
    std::map<std::string, std::string> fields_, tables_;
};

void put(json::object& out, const mapping_rule& rule, json::value v) {
    json::object* at = &out;
    for (std::size_t i = 0; i + 1 < rule.keys.size(); ++i) {
        json::value& below = (*at)[rule.keys[i]];
        if (!below.is_object()) below.emplace_object();
        at = &below.get_object();
    }
    (*at)[rule.keys.back()] = std::move(v);
}

} // namespace

mapping_table::mapping_table() = default;
mapping_table::~mapping_table() = default;

std::shared_ptr<const mapping_table> mapping_table::compile(const json::object& table,
                                                            std::vector<schema_problem>& problems) {
    const std::size_t before = problems.size();
    if (table.size() > most_fields) {
        problems.push_back(
            {"", "a mapping has at most 500 target fields", "split it", about::value});
        return nullptr;
    }
    std::shared_ptr<mapping_table> made(new mapping_table);
    target_tree targets;
    for (const auto& [target, written] : table) {
        const std::string at = '/' + escape_pointer(target);
        auto rule = read_rule(target, written, at, problems);
        if (!rule) continue;
        if (const std::string* other = targets.add(*rule)) {
            problems.push_back({at,
                                "the target field \"" + rule->target + "\" and \"" + *other +
                                    "\" cannot both be filled in",
                                "remove one; a name that holds a dot is quoted twice: "
                                "'\"Attr. 1\"' = ...",
                                about::key});
            continue;
        }
        made->has_jq_ = made->has_jq_ || rule->jq;
        made->rules_.push_back(std::move(*rule));
    }
    return problems.size() == before ? made : nullptr;
}

result<json::object> mapping_table::apply(const json::value& facts,
                                          std::vector<field_trace>* trace) const {
    using clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds together{250};
    jq_limits limits;
    const auto begin = has_jq_ ? clock::now() : clock::time_point();
    json::object out;
    out.reserve(rules_.size());
    for (const mapping_rule& rule : rules_) {
        field_trace* traced = nullptr;
        if (trace) {
            traced = &trace->emplace_back();
            traced->target = rule.target;
            traced->source = rule.source();
        }
        if (rule.jq) {
            const auto spent =
                std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin);
            limits.deadline = std::clamp(together - spent, std::chrono::milliseconds(1),
                                         std::chrono::milliseconds(100));
        }
        auto value = rule.apply(facts, limits, traced);
        if (!value) {
            error e = value.error();
            e.effect = effect::none;
            const std::string from = rule.path ? " (from " + rule.path->text() + ')'
                                     : rule.jq ? " (from jq " + rule.jq->source() + ')'
                                               : "";
            e.message = "the target field \"" + rule.target + '"' + from + ": " + e.message;
            if (traced) traced->problem = e.message;
            return e;
        }
        if (!*value) continue;
        if (traced) {
            traced->given = **value;
            traced->is_given = true;
        }
        put(out, rule, std::move(**value));
    }
    return out;
}

std::size_t mapping_table::size() const noexcept {
    return rules_.size();
}

std::vector<std::string> mapping_table::targets() const {
    std::vector<std::string> out;
    for (const mapping_rule& rule : rules_)
        out.push_back(rule.target);
    return out;
}

error to_error(const std::vector<schema_problem>& problems) {
    std::string text;
    for (const schema_problem& p : problems) {
        if (!text.empty()) text += "; ";
        text += (p.pointer.empty() ? "" : p.pointer + ": ") + p.message;
        if (!p.hint.empty()) text += " (" + p.hint + ')';
    }
    error e{category::config, "mapping.table", std::move(text)};
    e.effect = effect::none;
    return e;
}

} // namespace mortise::host
