// SPDX-License-Identifier: Apache-2.0
//
// [host], [journal], [plugins], [admin].
#include "config/config_read.hpp"
#include "config/units.hpp"

#include <cstdlib>

namespace json = boost::json;
namespace fs = std::filesystem;

namespace mortise::host {

namespace {

std::chrono::milliseconds
duration_or(const json::object& o, std::string_view key, std::chrono::milliseconds fallback) {
    return duration_of(o, key).value_or(fallback);
}

std::uint64_t size_of(const json::object& o, std::string_view key, std::uint64_t fallback) {
    const auto size = parse_size(text_of(o, key));
    return size ? *size : fallback;
}

log_level level_of(std::string_view name) {
    constexpr std::string_view names[] = {"trace", "debug", "info", "warn", "error", "off"};
    for (std::uint32_t i = 0; i < std::size(names); ++i)
        if (names[i] == name) return static_cast<log_level>(i);
    return log_level::info;
}

tls_config read_tls(const json::object& o, const std::string& at, const config_reader& reader) {
    tls_config tls;
    for (const auto& [key, target] :
         {std::pair<const char*, std::string*>{"certificate_file", &tls.certificate_file},
          {"key_file", &tls.key_file}}) {
        const std::string text = text_of(o, key);
        if (text.empty()) continue;
        const fs::path file = reader.absolute(text);
        std::error_code ec;
        if (!fs::exists(file, ec))
            reader.add_at_value(at + '/' + key, "the file " + file.string() + " does not exist",
                                "create it, or correct the path");
        *target = file.string();
    }
    return tls;
}

fs::path default_state_dir(const config_reader& reader) {
    // systemd lists several, separated by colons; the first is ours.
    const char* given = std::getenv("STATE_DIRECTORY");
    if (given && *given) {
        const std::string_view all(given);
        return fs::path(all.substr(0, all.find(':')));
    }
    return reader.absolute("state");
}

} // namespace

void read_host_sections(const json::object& root, const config_reader& reader, configuration& out) {
    const json::object& host = table_of(root, "host");
    const json::object& http = table_of(host, "http");
    const json::object& log = table_of(host, "log");
    host_config& h = out.host;
    const std::string state = text_of(host, "state_dir");
    h.state_dir = state.empty() ? default_state_dir(reader) : reader.absolute(state);
    h.threads = static_cast<int>(number_of(host, "threads", h.threads));
    h.shutdown_grace = duration_or(host, "shutdown_grace", h.shutdown_grace);
    h.watchdog = duration_or(host, "watchdog", h.watchdog);
    h.max_active_runs =
        static_cast<std::uint32_t>(number_of(host, "max_active_runs", h.max_active_runs));
    h.min_free_disk = size_of(host, "min_free_disk", h.min_free_disk);
    h.http_address = text_of(http, "address", h.http_address);
    h.http_port = static_cast<std::uint16_t>(number_of(http, "port", h.http_port));
    h.max_body = size_of(http, "max_body", h.max_body);
    h.max_connections = static_cast<int>(number_of(http, "max_connections", h.max_connections));
    h.request_timeout = duration_or(http, "request_timeout", h.request_timeout);
    h.max_backlog = static_cast<std::uint64_t>(
        number_of(http, "max_backlog", static_cast<std::int64_t>(h.max_backlog)));
    h.tls = read_tls(table_of(http, "tls"), "/host/http/tls", reader);
    h.log.json = text_of(log, "format") == "json";
    h.log.level = level_of(text_of(log, "level", "info"));
    if (const std::string file = text_of(log, "file"); !file.empty())
        h.log.file = reader.absolute(file).string();

    const json::object& journal = table_of(root, "journal");
    const std::string path = text_of(journal, "path");
    out.journal.path = path.empty() ? h.state_dir / "journal.db" : reader.absolute(path);
    out.journal.keep_runs = duration_or(journal, "keep_runs", out.journal.keep_runs);
    out.journal.keep_count = static_cast<std::uint64_t>(number_of(journal, "keep_count", 0));
    out.journal.keep_event_ids = duration_or(journal, "keep_event_ids", out.journal.keep_event_ids);
    out.journal.keep_ledger = duration_or(journal, "keep_ledger", out.journal.keep_ledger);

    const json::object& plugins = table_of(root, "plugins");
    for (const std::string& p : texts_of(plugins, "paths"))
        out.plugins.paths.push_back(reader.absolute(p));
    for (const auto& member : table_of(plugins, "pin"))
        out.plugins.pin.emplace(member.key(), std::string(member.value().get_string()));

    const json::object& admin = table_of(root, "admin");
    admin_config& a = out.admin;
    a.enabled = flag_of(admin, "enabled", a.enabled);
    a.address = text_of(admin, "address", a.address);
    a.port = static_cast<std::uint16_t>(number_of(admin, "port", a.port));
    a.tls = read_tls(table_of(admin, "tls"), "/admin/tls", reader);
    read_access(admin, reader, out);
    if (a.enabled && a.port != 0 && a.port == h.http_port && a.address == h.http_address)
        reader.add_at_value("/admin/port", "\"port\" in [admin]: the same as in [host.http]",
                            "the two listeners need ports of their own");
}

} // namespace mortise::host
