// SPDX-License-Identifier: Apache-2.0
// mortise map
#include "app/host.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/reach.hpp"
#include "cli/words.hpp"
#include "config/schema.hpp"
#include "config/schema_parts.hpp"
#include "mapping/mapping_table.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <optional>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

std::optional<prepared> good_configuration(const common& c) {
    if (!is_local(c, "map")) return std::nullopt;
    auto ready = prepare(options_of(c));
    if (ready.ok) return ready;
    std::fputs(problems_to_text(ready.problems).c_str(), stderr);
    return std::nullopt;
}

// "campaigns" of "flows.campaigns".
std::string flow_of(const mapping_use& use) {
    constexpr std::string_view flows = "flows.";
    return use.owner.starts_with(flows) ? use.owner.substr(flows.size()) : std::string();
}

int list_mappings(const common& c) {
    const auto ready = good_configuration(c);
    if (!ready) return exit_configuration;
    const configuration& config = *ready->config;
    json::array out;
    table t({{"MAPPING", matters::most}, "FIELDS", "USED BY", {"DEFINED AT", matters::less}});
    const auto add = [&](const std::string& name, std::size_t fields, const std::string& by,
                         const source_place& place) {
        if (c.json)
            out.push_back({{"mapping", name.empty() ? json::value(nullptr) : json::value(name)},
                           {"fields", fields},
                           {"used_by", by.empty() ? json::value(nullptr) : json::value(by)},
                           {"defined_at", to_string(place)}});
        else
            t.row({name.empty() ? "(in place)" : name, std::to_string(fields),
                   by.empty() ? "nothing" : by, to_string(place)});
    };
    const auto place_of = [&](const std::string& pointer) {
        const auto it = config.mapping_places.find(pointer);
        return it == config.mapping_places.end() ? source_place() : it->second;
    };
    for (const auto& [name, written] : config.mappings) {
        bool used = false;
        const auto place = place_of("/mappings/" + escape_pointer(name));
        const std::size_t fields = written.is_object() ? written.get_object().size() : 0;
        for (const mapping_use& use : config.mapping_uses) {
            if (use.mapping != std::string_view(name)) continue;
            used = true;
            add(name, fields, use.owner + ": " + use.setting_name, place);
        }
        if (!used) add(name, fields, "", place);
    }
    for (const mapping_use& use : config.mapping_uses)
        if (use.mapping.empty())
            add("", use.fields, use.owner + ": " + use.setting_name, place_of(use.table));
    if (c.json)
        print_json({{"mappings", std::move(out)}});
    else
        print(t.text());
    return exit_ok;
}

// The table that a setting holds.
std::optional<json::object> table_of_use(const configuration& config, const mapping_use& use) {
    const auto flow = config.flows.find(flow_of(use));
    if (flow == config.flows.end()) return std::nullopt;
    const json::value settings(flow->second.settings);
    boost::system::error_code ec;
    const json::value* v = settings.find_pointer('/' + use.setting_name, ec);
    if (!v || !v->is_object()) return std::nullopt;
    return v->get_object();
}

// "campaigns" or "campaigns.fields"; says what is wrong and gives null.
const mapping_use* find_use(const configuration& config, const std::string& what, int& code) {
    std::string flow = what, setting;
    if (!config.flows.contains(flow)) {
        const auto dot = what.find('.');
        flow = what.substr(0, dot);
        if (dot != std::string::npos) setting = what.substr(dot + 1);
        std::replace(setting.begin(), setting.end(), '.', '/');
    }
    code = exit_not_found;
    if (!config.flows.contains(flow)) {
        std::vector<std::string> names;
        for (const auto& [name, f] : config.flows)
            names.push_back(name);
        fail(code, "no flow \"" + flow + "\" is configured" +
                       (names.empty() ? "" : "; " + did_you_mean(flow, names)));
        return nullptr;
    }
    std::vector<const mapping_use*> uses;
    std::string known;
    for (const mapping_use& use : config.mapping_uses) {
        if (use.owner != "flows." + flow) continue;
        known += (known.empty() ? "" : ", ") + flow + '.' + use.setting_name;
        if (setting.empty() || use.setting_name == setting) uses.push_back(&use);
    }
    if (uses.size() == 1) return uses.front();
    if (known.empty()) {
        fail(code, "the flow \"" + flow + "\" has no setting that takes a mapping");
    } else if (uses.empty()) {
        fail(code,
             "the flow \"" + flow + "\" has no mapping in \"" + setting + "\"; it has: " + known);
    } else {
        code = exit_usage;
        fail(code, "the flow \"" + flow + "\" has more than one mapping; say which: " + known);
    }
    return nullptr;
}

// What the mapping gets: the data of an event, or the file as it is.
json::value facts_of(json::value file) {
    const json::object* o = file.if_object();
    if (!o || !o->contains("specversion")) return file;
    const json::value* data = o->if_contains("data");
    return data ? *data : json::value(nullptr);
}

std::string cell(const json::value& v) {
    return excerpt(json::serialize(v), 60);
}

void print_trace(const std::vector<field_trace>& trace, const auto& place_of) {
    table t({{"FIELD", matters::most},
             {"VALUE", matters::text},
             "BY",
             "SOURCE",
             {"FOUND", matters::text},
             {"RULE AT", matters::less}});
    for (const field_trace& f : trace)
        t.row({f.target, f.problem.empty() ? f.is_given ? cell(f.given) : "-" : "(fails)",
               f.rule.empty() ? "-" : f.rule, f.source, f.found.is_null() ? "-" : cell(f.found),
               place_of(f.target)});
    print(t.text());
}

int try_mapping(const common& c, const std::string& what, const std::string& file) {
    const auto ready = good_configuration(c);
    if (!ready) return exit_configuration;
    const configuration& config = *ready->config;
    int code = exit_ok;
    const mapping_use* use = find_use(config, what, code);
    if (!use) return code;
    const auto written = table_of_use(config, *use);
    if (!written) return fail(exit_not_found, "the setting holds no mapping");
    auto read = json_of(file);
    if (!read) return refuse(read.error());
    std::vector<schema_problem> problems;
    const auto mapping = mapping_table::compile(*written, problems);
    if (!mapping) return fail(exit_configuration, to_error(problems).message);
    std::vector<field_trace> trace;
    const auto result = mapping->apply(facts_of(std::move(*read)), &trace);
    const auto place_of = [&](const std::string& target) {
        const auto it = config.mapping_places.find(use->table + '/' + escape_pointer(target));
        return to_string(it == config.mapping_places.end() ? use->place : it->second);
    };
    if (c.json) {
        json::array fields;
        for (const field_trace& f : trace)
            fields.push_back({{"field", f.target},
                              {"given", f.is_given},
                              {"value", f.given},
                              {"rule", f.rule},
                              {"source", f.source},
                              {"found", f.found},
                              {"place", place_of(f.target)}});
        json::object out{
            {"flow", flow_of(*use)},
            {"setting", use->setting_name},
            {"mapping", use->mapping.empty() ? json::value(nullptr) : json::value(use->mapping)},
            {"ok", result.has_value()},
            {"fields", std::move(fields)}};
        if (result)
            out["result"] = *result;
        else
            out["error"] = {{"code", result.error().code}, {"message", result.error().message}};
        print_json(out);
    } else {
        print_trace(trace, place_of);
        if (result)
            std::printf("\n%s\n", pretty(json::value(*result)).c_str());
        else
            fail(exit_failed, result.error().message);
    }
    return result ? exit_ok : exit_failed;
}

} // namespace

void add_map(command& program, common& c) {
    auto& cmd = program.sub("map", "Lists the mappings, or tries one on an event, offline");
    auto flow = std::make_shared<std::string>();
    auto file = std::make_shared<std::string>();
    auto& try_option = cmd.value("--try", *flow, "FLOW or FLOW.SETTING: the mapping to apply")
                           .completes("flows")
                           .shown_as("FLOW");
    auto& event = cmd.value("--event", *file,
                            "JSON file (- is standard input): an event, whose "
                            "data is mapped, or "
                            "the facts themselves")
                      .completes("files");
    try_option.needs(event);
    event.needs(try_option);
    cmd.watchable(c);
    cmd.example("mortise map", "which there are and who uses them")
        .example("mortise map --try campaigns --event event.json", "what would be written");
    cmd.does([&c, flow, file] {
        return flow->empty() ? list_mappings(c) : try_mapping(c, *flow, *file);
    });
}

} // namespace mortise::host::cli
