// SPDX-License-Identifier: Apache-2.0
#include "cli/reach.hpp"

#include "admin/audit.hpp"
#include "admin/hidden.hpp"
#include "app/host.hpp"
#include "base/log.hpp"
#include "base/no_effect.hpp"
#include "base/stored_json.hpp"
#include "cli/output.hpp"
#include "cli/words.hpp"
#include "operate/dead_letters.hpp"
#include "operate/flow_directory.hpp"

#include <boost/json.hpp>

#include <pwd.h>
#include <unistd.h>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

int code_of(const error& e) {
    if (e.code == "cli.no-host") return exit_unreachable;
    if (e.code == "cli.usage") return exit_usage;
    // Of another version, damaged, not readable: nothing that the configuration says wrongly.
    if (e.code.starts_with("journal.") && e.http_status == 0) return exit_failed;
    if (e.http_status == 401 || e.http_status == 403) return exit_denied;
    switch (e.category) {
    case category::not_found:
        return exit_not_found;
    case category::config:
        return exit_configuration;
    default:
        return exit_failed;
    }
}

error configuration_error(const std::vector<config_problem>& problems) {
    auto text = problems_to_text(problems);
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return {category::config, "config.invalid", "the configuration has errors:\n" + text};
}

error no_journal(const common& c, const std::filesystem::path& path) {
    return no_effect(category::not_found, "cli.no-journal",
                     "there is no journal " + path.string() +
                         " and no running host; check [journal] path in " +
                         config_file(c).string());
}

// The directory of flows as the host would have it; empty when only the journal
// is needed.
result<std::shared_ptr<const flow_directory>>
directory(const common& c, bool needed, prepared& kept) {
    if (!needed) return std::make_shared<const flow_directory>();
    kept = prepare(options_of(c));
    if (!kept.ok) return configuration_error(kept.problems);
    return std::make_shared<const flow_directory>(*kept.config, *kept.plugins);
}

// One entry, as the host would have made it.
result<void> note_in_ledger(journal& store,
                            const std::string& method,
                            const std::string& path,
                            const json::value& body,
                            const result<json::value>& outcome) {
    auto action = offline_action(method, path, body.is_null() ? "" : json::serialize(body));
    if (!action) return {};
    action->who = to_actor(actor_kind::account, person());
    action->outcome = outcome_of(outcome ? result<void>() : outcome.error());
    auto written = std::make_shared<result<void>>();
    store.write([e = entry_of(*action)](journal_tx& tx) { tx.append_ledger(e); },
                [written](const result<void>& r) { *written = r; });
    if (const auto flushed = store.flush(); !flushed) return flushed;
    return *written;
}

void print_problem(const json::value& p) {
    const auto hint = member(p, "hint");
    const auto behind = hint.empty() ? std::string() : " (" + hint + ')';
    if (const auto file = member(p, "file"); !file.empty()) {
        std::fprintf(stderr, "%s:%s:%s: %s: %s%s\n", file.c_str(), member(p, "line").c_str(),
                     member(p, "column").c_str(),
                     member(p, "severity").empty() ? "error" : member(p, "severity").c_str(),
                     member(p, "message").c_str(), behind.c_str());
        return;
    }
    const auto pointer = member(p, "pointer");
    std::fprintf(stderr, "  %s: %s%s\n", pointer.empty() ? "(top)" : pointer.c_str(),
                 member(p, "message").c_str(), behind.c_str());
}

} // namespace

std::optional<configuration> host_sections(const common& c) {
    auto sections = load_host_sections(config_file(c));
    if (sections.ok()) return std::move(sections.config);
    std::fputs(problems_to_text(sections.problems).c_str(), stderr);
    return std::nullopt;
}

host_options options_of(const common& c) {
    host_options o;
    o.config = config_file(c);
    o.program = c.program;
    o.plugin_folders = plugin_folders(c);
    o.quiet = true;
    return o;
}

int refuse(const error& e) {
    (void)fail(exit_failed, redacted(e.message));
    const auto details = stored_json(e.details);
    const auto& problems = list_in(details, "problems");
    // The message names the first few itself, where they have no place in a file.
    constexpr std::size_t named = 3;
    const bool placed = !problems.empty() && !member(problems.front(), "file").empty();
    if (placed || problems.size() > named) {
        for (const auto& p : problems)
            print_problem(p);
    }
    return placed ? int(exit_configuration) : code_of(e);
}

bool is_local(const common& c, const char* what) {
    if (remote_host(c).empty()) return true;
    (void)fail(exit_usage, std::string(what) +
                               " is about files of this machine; run it where the host runs, "
                               "without --host and MORTISE_HOST");
    return false;
}

result<json::value> read_journal(const common& c,
                                 const std::function<result<json::value>(journal_reader&)>& body) {
    const auto sections = load_host_sections(config_file(c));
    if (!sections.ok()) return configuration_error(sections.problems);
    const auto& path = sections.config.journal.path;
    if (!std::filesystem::exists(path)) return no_journal(c, path);
    const system_clock time;
    journal_options o;
    o.path = path.string();
    o.read_only = true;
    o.time = &time;
    const auto store = open_sqlite_journal(o);
    if (!store) return store.error();
    result<json::value> out = json::value();
    try {
        (*store)->read([&](journal_reader& r) { out = body(r); });
    } catch (const journal_failure& failure) {
        return failure.get();
    }
    if (out) hide_known_secrets(*out);
    return out;
}

int with_journal(const common& c, const std::function<int(journal_reader&)>& body) {
    int code = exit_failed;
    const auto done = read_journal(c, [&](journal_reader& r) -> result<json::value> {
        code = body(r);
        return json::value();
    });
    return done ? code : refuse(done.error());
}

result<json::value> ask_host(const common& c, host_call call) {
    result<host_address> at = host_address();
    if (remote_host(c).empty()) {
        const auto sections = load_host_sections(config_file(c));
        if (!sections.ok()) return configuration_error(sections.problems);
        at = local_host(sections.config.host.state_dir);
        call.who = person();
    } else {
        at = named_host(c);
    }
    if (!at) return at.error();
    return call_host(*at, std::move(call));
}

result<json::value>
ask_host(const common& c, std::string method, std::string path, const json::value& body) {
    host_call call;
    call.method = std::move(method);
    call.path = std::move(path);
    call.body = body;
    return ask_host(c, std::move(call));
}

result<json::value> ask_host_or(const common& c,
                                std::string method,
                                std::string path,
                                const json::value& body,
                                bool flows_needed,
                                const without_host& here) {
    auto answer = ask_host(c, method, path, body);
    if (answer || answer.error().code != "cli.no-host" || !remote_host(c).empty()) return answer;
    const auto sections = load_host_sections(config_file(c));
    if (!sections.ok()) return configuration_error(sections.problems);
    const auto& path_of_journal = sections.config.journal.path;
    if (!std::filesystem::exists(path_of_journal)) return no_journal(c, path_of_journal);
    const system_clock time;
    journal_options o;
    o.path = path_of_journal.string();
    o.time = &time;
    auto store = open_sqlite_journal(o);
    if (!store) {
        if (store.error().code != "journal.locked") return store.error();
        return no_effect(category::unavailable, "cli.no-host",
                         answer.error().message +
                             "; yet the journal is in use: " + store.error().message +
                             ". Is [admin] enabled in its configuration, and is "
                             "this the same one?");
    }
    prepared kept; // its plugins outlive the directory
    const auto flows = directory(c, flows_needed, kept);
    if (!flows) return flows.error();
    dead_letters letters(**store, [flows = *flows] { return flows; }, {});
    auto done = here(letters);
    if (const auto noted = note_in_ledger(**store, method, path, body, done); !noted)
        return noted.error();
    return done;
}

int say(const common& c,
        const result<json::value>& answer,
        const std::function<std::string(const json::value&)>& text) {
    if (!answer) return refuse(answer.error());
    if (c.json)
        print_json(*answer);
    else
        print(text(*answer) + '\n');
    return exit_ok;
}

std::string person() {
    std::string name;
    if (const auto* entry = ::getpwuid(::getuid()); entry != nullptr) name = entry->pw_name;
    if (name.empty()) name = "uid " + std::to_string(::getuid());
    // Under sudo the name of who asked says more.
    if (const char* asked = std::getenv("SUDO_USER"); asked != nullptr && *asked != '\0')
        name = std::string(asked) + " as " + name;
    return name;
}

} // namespace mortise::host::cli
