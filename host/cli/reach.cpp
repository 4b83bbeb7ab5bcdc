// SPDX-License-Identifier: Apache-2.0
#include "cli/reach.hpp"

#include "app/host.hpp"
#include "base/no_effect.hpp"
#include "base/stored_json.hpp"
#include "cli/admin_client.hpp"
#include "cli/output.hpp"
#include "config/units.hpp"
#include "operate/dead_letters.hpp"
#include "operate/flow_directory.hpp"

#include <boost/json.hpp>

#include <ctime>
#include <fstream>
#include <iostream>
#include <pwd.h>
#include <sstream>
#include <unistd.h>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

int code_of(const error& e) {
    if (e.code == "cli.no-host") return exit_unreachable;
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

// The directory of flows as the host would have it; empty when only the journal is needed.
result<std::shared_ptr<const flow_directory>>
directory(const common& c, bool needed, prepared& kept) {
    if (!needed) return std::make_shared<const flow_directory>();
    host_options o;
    o.config = config_file(c);
    o.program = c.program;
    o.plugin_folders = plugin_folders(c);
    o.quiet = true;
    kept = prepare(o);
    if (!kept.ok) return configuration_error(kept.problems);
    return std::make_shared<const flow_directory>(*kept.config, *kept.plugins);
}

} // namespace

std::optional<configuration> host_sections(const common& c) {
    auto sections = load_host_sections(config_file(c));
    if (sections.ok()) return std::move(sections.config);
    std::fputs(problems_to_text(sections.problems).c_str(), stderr);
    return std::nullopt;
}

int refuse(const error& e) {
    (void)fail(exit_failed, e.message);
    const auto details = stored_json(e.details);
    const auto* o = details.if_object();
    const auto* problems = o != nullptr ? o->if_contains("problems") : nullptr;
    // The message names the first few itself.
    constexpr std::size_t named = 3;
    if (problems != nullptr && problems->is_array() && problems->get_array().size() > named) {
        for (const auto& p : problems->get_array()) {
            const auto pointer = member(p, "pointer");
            const auto hint = member(p, "hint");
            std::fprintf(stderr, "  %s: %s%s\n", pointer.empty() ? "(top)" : pointer.c_str(),
                         member(p, "message").c_str(),
                         hint.empty() ? "" : (" (" + hint + ')').c_str());
        }
    }
    return code_of(e);
}

int with_journal(const common& c, const std::function<int(journal_reader&)>& body) {
    const auto sections = host_sections(c);
    if (!sections) return exit_configuration;
    const system_clock time;
    journal_options o;
    o.path = sections->journal.path.string();
    o.read_only = true;
    o.time = &time;
    const auto store = open_sqlite_journal(o);
    if (!store) return fail(exit_not_found, store.error().message);
    int code = exit_failed;
    try {
        (*store)->read([&](journal_reader& r) { code = body(r); });
    } catch (const journal_failure& failure) {
        return fail(exit_failed, failure.what());
    }
    return code;
}

result<json::value>
ask_host(const common& c, std::string method, std::string path, const json::value& body) {
    const auto sections = load_host_sections(config_file(c));
    if (!sections.ok()) return configuration_error(sections.problems);
    return call_host(sections.config.host.state_dir, std::move(method), std::move(path), body,
                     person());
}

result<json::value> ask_host_or(const common& c,
                                std::string method,
                                std::string path,
                                const json::value& body,
                                bool flows_needed,
                                const without_host& here) {
    auto answer = ask_host(c, std::move(method), std::move(path), body);
    if (answer || answer.error().code != "cli.no-host") return answer;
    const auto sections = load_host_sections(config_file(c));
    if (!sections.ok()) return configuration_error(sections.problems);
    const auto& path_of_journal = sections.config.journal.path;
    if (!std::filesystem::exists(path_of_journal)) {
        return no_effect(category::not_found, "cli.no-journal",
                         "there is no journal " + path_of_journal.string() +
                             " and no running host; check [journal] path in " +
                             config_file(c).string());
    }
    const system_clock time;
    journal_options o;
    o.path = path_of_journal.string();
    o.time = &time;
    auto store = open_sqlite_journal(o);
    if (!store) {
        if (store.error().code != "journal.locked") return store.error();
        return no_effect(
            category::unavailable, "cli.no-host",
            answer.error().message + "; yet the journal is in use: " + store.error().message +
                ". Is [admin] enabled in its configuration, and is this the same one?");
    }
    prepared kept; // its plugins outlive the directory
    const auto flows = directory(c, flows_needed, kept);
    if (!flows) return flows.error();
    dead_letters letters(**store, [flows = *flows] { return flows; }, {});
    return here(letters);
}

int say(const common& c,
        const result<json::value>& answer,
        const std::function<std::string(const json::value&)>& text) {
    if (!answer) return refuse(answer.error());
    if (c.json)
        print_json(*answer);
    else
        std::printf("%s\n", text(*answer).c_str());
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

result<std::string> text_of(const std::string& file) {
    std::ostringstream out;
    if (file == "-") {
        out << std::cin.rdbuf();
        return out.str();
    }
    const std::ifstream in(file, std::ios::binary);
    if (!in || std::filesystem::is_directory(file)) {
        return no_effect(category::not_found, "cli.file",
                         "cannot read " + file + "; give a file, or - for standard input");
    }
    out << in.rdbuf();
    return out.str();
}

result<json::value> json_of(const std::string& file) {
    const auto text = text_of(file);
    if (!text) return text.error();
    boost::system::error_code ec;
    json::stream_parser parser;
    auto read = parser.write_some(*text, ec);
    const bool blank_rest =
        text->find_first_not_of(" \t\r\n", std::min(read, text->size())) == std::string::npos;
    if (!ec && blank_rest) parser.finish(ec);
    if (!ec && blank_rest) return parser.release();
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i < read && i < text->size(); ++i) {
        column = (*text)[i] == '\n' ? 1 : column + 1;
        line += (*text)[i] == '\n';
    }
    return no_effect(category::input, "cli.json",
                     (file == "-" ? std::string("standard input") : file) + ':' +
                         std::to_string(line) + ':' + std::to_string(column) + ": not JSON (" +
                         (ec ? ec.message() : std::string("more text behind the value")) + ')');
}

result<unix_ms> point_in_time(const std::string& text, unix_ms now) {
    if (const auto ago = parse_duration(text)) return now - ago->count();
    std::tm tm{};
    for (const char* form : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d"}) {
        tm = {};
        const char* rest = ::strptime(text.c_str(), form, &tm);
        if (rest != nullptr && *rest == '\0') return unix_ms(::timegm(&tm)) * 1000;
    }
    return no_effect(category::input, "cli.time",
                     "\"" + text +
                         "\" is no time; write 2026-03-01, 2026-03-01T14:05:09Z (UTC) or a time "
                         "ago such as 36h or 7d");
}

std::string url_encoded(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (std::isalnum(u) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
            out += c;
        } else {
            out += '%';
            out += digits[u >> 4];
            out += digits[u & 15];
        }
    }
    return out;
}

std::string member(const json::value& v, std::string_view name) {
    const auto* o = v.if_object();
    const auto* found = o != nullptr ? o->if_contains(name) : nullptr;
    if (found == nullptr || found->is_null()) return {};
    return found->is_string() ? std::string(found->get_string()) : json::serialize(*found);
}

} // namespace mortise::host::cli
