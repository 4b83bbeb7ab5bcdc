// SPDX-License-Identifier: Apache-2.0
#include "app/reload.hpp"

#include "journal/journal.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace json = boost::json;

namespace mortise::host {
namespace {

constexpr std::uint32_t most_named_runs = 20;

// Taken up by a running host, as is everything below. Other keys of the sections are not.
constexpr std::array live_keys{
    std::string_view("host.shutdown_grace"),    std::string_view("host.log"),
    std::string_view("journal.keep_runs"),      std::string_view("journal.keep_count"),
    std::string_view("journal.keep_event_ids"), std::string_view("journal.keep_ledger"),
    std::string_view("admin.tokens"),           std::string_view("admin.names"),
    std::string_view("host.tracing"),           std::string_view("host.verify_ledger"),
    std::string_view("host.http.tls"),          std::string_view("admin.tls")};

bool is_live(std::string_view key) {
    return std::any_of(live_keys.begin(), live_keys.end(), [&](std::string_view live) {
        return key == live || (key.starts_with(live) && key[live.size()] == '.');
    });
}

void differences(const json::value& a,
                 const json::value& b,
                 const std::string& at,
                 std::vector<std::string>& out) {
    if (a == b || is_live(at)) return;
    if (!a.is_object() || !b.is_object()) {
        out.push_back(at);
        return;
    }
    for (const auto& member : a.get_object()) {
        const auto* other = b.get_object().if_contains(member.key());
        const auto key = at + '.' + std::string(member.key());
        if (other != nullptr)
            differences(member.value(), *other, key, out);
        else if (!is_live(key))
            out.push_back(key);
    }
    for (const auto& member : b.get_object()) {
        const auto key = at + '.' + std::string(member.key());
        if (!a.get_object().contains(member.key()) && !is_live(key)) out.push_back(key);
    }
}

// Parsed once more from text: the text is what a revision stands for.
json::object tree_of(const configuration& config) {
    return json::parse(to_json_text(config)).get_object();
}

// The secrets of one section, so that one that moved counts as a change of it.
json::object secrets_of(const json::object& tree, std::string_view kind, std::string_view name) {
    const auto prefix = std::string(kind) + '.' + std::string(name) + '.';
    json::object out;
    for (const auto& s : tree.at("secrets").get_object())
        if (s.key().starts_with(prefix)) out[s.key()] = s.value();
    return out;
}

json::object to_view(const named_changes& c) {
    return {{"added", json::value_from(c.added)},
            {"changed", json::value_from(c.changed)},
            {"removed", json::value_from(c.removed)}};
}

} // namespace

named_changes
changed_sections(const configuration& from, const configuration& to, std::string_view kind) {
    const auto was = tree_of(from), is = tree_of(to);
    const auto& before = was.at(kind).get_object();
    const auto& after = is.at(kind).get_object();
    named_changes out;
    for (const auto& member : after) {
        const auto* old = before.if_contains(member.key());
        std::string name(member.key());
        if (old == nullptr)
            out.added.push_back(std::move(name));
        else if (*old != member.value() ||
                 secrets_of(was, kind, name) != secrets_of(is, kind, name))
            out.changed.push_back(std::move(name));
    }
    for (const auto& member : before)
        if (!after.contains(member.key())) out.removed.emplace_back(member.key());
    for (auto* names : {&out.added, &out.changed, &out.removed})
        std::sort(names->begin(), names->end());
    return out;
}

std::vector<std::string> restart_needed(const configuration& started, const configuration& now) {
    const auto was = tree_of(started), is = tree_of(now);
    std::vector<std::string> out;
    for (const auto& section : is) {
        const auto name = section.key();
        if (name == "connections" || name == "flows" || name == "mappings" || name == "secrets" ||
            name == "alerts")
            continue;
        const auto* before = was.if_contains(name);
        differences(before != nullptr ? *before : json::value(), section.value(), std::string(name),
                    out);
    }
    // Another certificate is live; TLS or none is not.
    const auto switched = [](const tls_config& a, const tls_config& b) {
        return a.certificate_file.empty() != b.certificate_file.empty();
    };
    if (switched(started.host.tls, now.host.tls)) out.emplace_back("host.http.tls");
    if (switched(started.admin.tls, now.admin.tls)) out.emplace_back("admin.tls");
    std::sort(out.begin(), out.end());
    return out;
}

result<std::vector<stranded_flow>> stranded_flows(journal& store, const configuration& next) {
    std::vector<stranded_flow> out;
    try {
        store.read([&](journal_reader& reader) {
            out.clear();
            for (const auto& [name, counts] : reader.instances()) {
                if (counts.active + counts.waiting == 0) continue;
                const auto flow = next.flows.find(name);
                if (flow != next.flows.end() && flow->second.enabled) continue;
                stranded_flow one{name, counts.active, counts.waiting, {}};
                run_filter unfinished;
                unfinished.states = {run_state::ready, run_state::active, run_state::waiting};
                unfinished.instance = name;
                unfinished.limit = most_named_runs;
                for (const auto& run : reader.runs(unfinished))
                    one.runs.push_back(run.id);
                out.push_back(std::move(one));
            }
        });
    } catch (const journal_failure& failure) {
        return failure.get();
    }
    return out;
}

result<void> read_receivers_secrets(const configuration& next) {
    for (const auto& [name, reference] : next.secrets.all()) {
        if (!name.starts_with("alerts.") && !name.starts_with("host.tracing.")) continue;
        if (const auto value = read_secret(reference); !value) {
            auto e = value.error();
            e.message = name + ": " + e.message;
            return e;
        }
    }
    return {};
}

json::object to_view(const reload_report& r) {
    json::array stranded;
    for (const auto& s : r.stranded) {
        json::array runs;
        for (const auto& id : s.runs)
            runs.emplace_back(id.str());
        stranded.push_back(json::object{{"flow", s.flow},
                                        {"under_way", s.under_way},
                                        {"waiting", s.waiting},
                                        {"runs", std::move(runs)}});
    }
    return {{"revision", r.revision},
            {"changed", {{"connections", to_view(r.connections)}, {"flows", to_view(r.flows)}}},
            {"restart_needed", json::value_from(r.restart_needed)},
            {"warnings", json::parse(problems_to_json(r.warnings))},
            {"stranded", std::move(stranded)}};
}

error refused_configuration(const std::vector<config_problem>& problems) {
    error e{category::config, "config.invalid", problems_to_text(problems)};
    e.effect = effect::none;
    e.details =
        json::serialize(json::object{{"problems", json::parse(problems_to_json(problems))}});
    return e;
}

} // namespace mortise::host
