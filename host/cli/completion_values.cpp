// SPDX-License-Identifier: Apache-2.0
// The values that completion offers: names and ids, from whoever can tell
// quickly.
#include "admin/views.hpp"
#include "cli/completion.hpp"
#include "cli/reach.hpp"
#include "cli/run_list.hpp"
#include "cli/words.hpp"
#include "config/toml_document.hpp"

#include <boost/json.hpp>

#include <set>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

// A person waits at the keyboard.
constexpr std::chrono::milliseconds patience{1500};

json::value asked(const common& c, const std::string& path) {
    host_call call;
    call.path = path;
    call.timeout = patience;
    const auto answer = ask_host(c, std::move(call));
    return answer ? *answer : json::value();
}

void take(candidates& to,
          const json::value& answer,
          const char* list,
          const char* name,
          std::initializer_list<const char*> docs) {
    for (const auto& one : list_in(answer, list)) {
        std::string doc;
        for (const char* d : docs)
            if (const auto text = member(one, d); !text.empty())
                doc += (doc.empty() ? "" : " ") + text;
        to.words.emplace_back(member(one, name), doc);
    }
}

// The tables of a section of the configuration, when no host can be asked.
void take_section(candidates& to, const common& c, const char* section, const char* doc) {
    if (!remote_host(c).empty()) return;
    std::vector<config_problem> ignored;
    const auto file = toml_document::load(config_file(c), ignored);
    const auto* tables = file.root().if_contains(section);
    if (tables == nullptr || !tables->is_object()) return;
    for (const auto& [name, table] : tables->get_object())
        to.words.emplace_back(name, member(table, doc));
}

void take_runs(candidates& to, const common& c, const char* states) {
    run_choice o;
    o.state = states;
    o.limit = 50;
    const auto v = runs_view(o);
    if (!v) return;
    auto answer = asked(c, with_query(v->path, {{"state", o.state}, {"limit", "50"}}));
    if (answer.is_null() && remote_host(c).empty()) {
        const auto kept = read_journal(c, v->here);
        if (kept) answer = *kept;
    }
    take(to, answer, "runs", "id", {"flow", "state", "event_subject"});
}

} // namespace

candidates
values_of(const common& c, const std::string& kind, const std::vector<std::string>& before) {
    candidates out;
    if (kind == "files" || kind == "folders") {
        out.shell_does = kind;
    } else if (kind == "states") {
        for (const char* s : {"ready", "active", "waiting", "succeeded", "failed", "in_doubt",
                              "cancelled", "discarded"})
            out.words.emplace_back(s, "");
    } else if (kind == "runs") {
        take_runs(out, c, "");
    } else if (kind == "dead-letters") {
        take_runs(out, c, "failed,in_doubt");
    } else if (kind == "flows") {
        take(out, asked(c, "/api/v1/flows"), "flows", "name", {"plugin"});
        if (out.words.empty()) take_section(out, c, "flows", "flow");
    } else if (kind == "connections") {
        take(out, asked(c, "/api/v1/connections"), "connections", "name", {"connector"});
        if (out.words.empty()) take_section(out, c, "connections", "connector");
    } else if (kind == "triggers" && !before.empty()) {
        const auto all = asked(c, "/api/v1/connections");
        for (const auto& one : list_in(all, "connections"))
            if (member(one, "name") == before.front())
                for (const auto& t : list_in(one, "triggers"))
                    out.words.emplace_back(
                        t.is_string() ? std::string(t.get_string()) : member(t, "id"), "");
    } else if (kind == "fingerprints") {
        auto answer = asked(c, "/api/v1/dead-letters");
        if (answer.is_null() && remote_host(c).empty()) {
            const auto kept = read_journal(c, [](journal_reader& r) -> result<json::value> {
                json::array groups;
                for (const auto& g : r.dead_letters({}, 100))
                    groups.push_back(to_view(g));
                return json::value{{"groups", std::move(groups)}};
            });
            if (kept) answer = *kept;
        }
        take(out, answer, "groups", "fingerprint", {"flow", "step", "message"});
    } else if (kind == "events") {
        take(out, asked(c, "/api/v1/events?limit=50"), "events", "ref", {"type", "subject"});
    } else if (kind == "jobs") {
        take(out, asked(c, "/api/v1/bulk"), "jobs", "id", {"action", "state"});
    } else if (kind == "tokens") {
        take(out, asked(c, "/api/v1/tokens"), "tokens", "name", {"role"});
    } else if (kind == "relations") {
        const auto all = asked(c, "/api/v1/links?limit=1000");
        std::set<std::string> known;
        for (const auto& l : list_in(all, "links"))
            known.insert(member(l, "relation"));
        for (const auto& r : known)
            out.words.emplace_back(r, "");
    }
    return out;
}

} // namespace mortise::host::cli
