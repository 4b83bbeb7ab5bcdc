// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include "content_server/content_server.hpp"
#include "iconik/iconik.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

#include <boost/json.hpp>

#include <arpa/inet.h>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace mortise::test {
namespace {

namespace json = boost::json;

sandbox::emulator_options quick() {
    sandbox::emulator_options o;
    o.index_delay = std::chrono::milliseconds(0);
    o.rate_limit = 1'000'000; // the tests poll as fast as they can
    return o;
}

// A port that was free a moment ago: the child must come back at the same address after each kill.
std::uint16_t free_port() {
    const int s = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof a;
    REQUIRE(::bind(s, reinterpret_cast<sockaddr*>(&a), size) == 0);
    REQUIRE(::getsockname(s, reinterpret_cast<sockaddr*>(&a), &size) == 0);
    ::close(s);
    return ntohs(a.sin_port);
}

json::value get(sandbox::http_client& c, const std::string& path) {
    const auto answer = c.get(path);
    INFO("GET " << path << " -> " << answer.status << ' ' << answer.body);
    REQUIRE(answer.status == 200);
    return answer.json();
}

void post(sandbox::http_client& c, const std::string& path, const json::value& body) {
    const auto answer = c.post(path, body);
    INFO("POST " << path << " -> " << answer.status << ' ' << answer.body);
    REQUIRE(answer.status / 100 == 2);
}

} // namespace

world::world() : world(options()) {}

world::world(options o)
    : options_(std::move(o)), iconik_(sandbox::start(sandbox::make_iconik(quick()))),
      otcs_(sandbox::start(sandbox::make_content_server(quick()))),
      iconik_client_(iconik_.base_url(),
                     {{"App-ID", sandbox::iconik_seed::app_id},
                      {"Auth-Token", sandbox::iconik_seed::admin_token}}),
      otcs_client_(otcs_.base_url()) {
    ::setenv("MORTISE_E2E_ICONIK_TOKEN", sandbox::iconik_seed::integration_token, 1);
    ::setenv("MORTISE_E2E_OTCS_PASSWORD", "integration-pass", 1);
}

world::~world() {
    end_child();
    stop_host();
}

void world::write_config() {
    dir_.write("mortise.toml",
               "[host]\nstate_dir = \"" + (dir_.path() / "state").string() +
                   "\"\nshutdown_grace = \"2s\"\nwatchdog = \"2s\"\n[host.log]\nfile = \"" +
                   (dir_.path() / "log").string() +
                   "\"\n[host.http]\nport = " + std::to_string(port_) +
                   "\n[admin]\nenabled = false\n"
                   "[connections.iconik]\nconnector = \"iconik\"\nbase_url = \"" +
                   iconik_.base_url() + "\"\napp_id = \"" + sandbox::iconik_seed::app_id +
                   "\"\nauth_token = { env = \"MORTISE_E2E_ICONIK_TOKEN\" "
                   "}\nallow_unauthenticated_webhooks = true\n"
                   "metadata_views = [\"Marketing\"]\n"
                   "[connections.iconik.retry]\nfirst_delay = \"20ms\"\nmax_delay = \"200ms\"\n"
                   "[connections.iconik.triggers.changes]\npoll_interval = \"" +
                   options_.poll_interval +
                   "\"\n[connections.otcs]\nconnector = \"xecm-workspaces\"\nbase_url = \"" +
                   otcs_.base_url() +
                   "/otcs/cs\"\nusername = \"integration\"\npassword = { env = "
                   "\"MORTISE_E2E_OTCS_PASSWORD\" }\n"
                   "watch_node_categories = [\"Media Reference\"]\n"
                   "[connections.otcs.retry]\nfirst_delay = \"20ms\"\nmax_delay = \"200ms\"\n"
                   "[connections.otcs.triggers.changes]\npoll_interval = \"" +
                   options_.poll_interval +
                   "\"\n[flows.campaigns]\nflow = \"campaign-asset-references\"\n"
                   "connections = { dam = \"iconik\", workspaces = \"otcs\" "
                   "}\n[flows.campaigns.settings]\n"
                   "asset_link = \"" +
                   iconik_.base_url() + "/asset/{asset_id}\"\n" + options_.flow_settings + '\n');
}

void world::register_webhooks() {
    if (!options_.webhooks) return;
    const auto known = get(iconik_client_, "/API/notifications/v1/webhooks/");
    if (!known.at("objects").as_array().empty()) return;
    for (const char* type : {"assets", "collections"}) {
        post(iconik_client_, "/API/notifications/v1/webhooks/",
             {{"name", type},
              {"url", "http://127.0.0.1:" + std::to_string(port_) + "/hooks/iconik"},
              {"event_type", type},
              {"status", "ENABLED"}});
    }
}

void world::start_host() {
    if (port_ == 0) port_ = free_port();
    write_config();
    host::host_options o;
    o.config = dir_.path() / "mortise.toml";
    o.plugin_folders = {MORTISE_PLUGINS};
    o.quiet = true;
    host_ = std::make_unique<host::host>(std::move(o));
    const auto started = host_->start();
    INFO((started ? std::string() : started.error().message));
    REQUIRE(started.has_value());
    register_webhooks();
    // A poll's first round takes stock; what happens before it is no change yet.
    REQUIRE(eventually([&] { return watching("iconik") && watching("otcs"); }));
}

bool world::watching(const std::string& connection) {
    std::string cursor;
    host_->store().read([&](host::journal_reader& r) { cursor = r.cursor(connection, "changes"); });
    return !cursor.empty() && cursor.find("items\":false") == std::string::npos;
}

void world::stop_host() {
    if (host_) host_->stop();
    host_.reset();
}

void world::start_child(const std::string& kill_at) {
    if (port_ == 0) port_ = free_port();
    write_config();
    const std::string config = (dir_.path() / "mortise.toml").string();
    std::vector<std::string> words{MORTISE_PROGRAM, "-c", config, "--plugins",
                                   MORTISE_PLUGINS, "run"};
    if (!kill_at.empty()) {
        words.push_back("--test-kill-at");
        words.push_back(kill_at);
    }
    std::vector<char*> argv;
    for (auto& w : words)
        argv.push_back(w.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    const std::string out = (dir_.path() / "child.log").string();
    posix_spawn_file_actions_addopen(&files, 2, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    REQUIRE(::posix_spawn(&child_, MORTISE_PROGRAM, &files, nullptr, argv.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&files);
    sandbox::http_client client("http://127.0.0.1:" + std::to_string(port_));
    const bool up =
        eventually([&] { return child_ended() || client.get("/health/ready").status == 200; });
    INFO(read_file(out));
    REQUIRE(up);
    register_webhooks();
}

bool world::child_ended() {
    if (child_ == 0) return true;
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == child_;
}

int world::wait_child() {
    if (child_ == 0) return 0;
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = 0;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

void world::end_child() {
    if (child_ == 0) return;
    ::kill(child_, SIGTERM);
    wait_child();
}

void world::play_iconik(const std::string& action, const json::object& what) {
    post(iconik_client_, "/__sandbox/play/" + action, what);
}
void world::play_otcs(const std::string& action, const json::object& what) {
    post(otcs_client_, "/__sandbox/play/" + action, what);
}
void world::fault_otcs(const json::object& fault) {
    post(otcs_client_, "/__sandbox/faults", fault);
}
void world::fault_iconik(const json::object& fault) {
    post(iconik_client_, "/__sandbox/faults", fault);
}
void world::clear_faults() {
    otcs_client_.del("/__sandbox/faults");
    iconik_client_.del("/__sandbox/faults");
}

std::string world::asset_id(const std::string& story) {
    return sandbox::iconik_seed::id("asset/" + story);
}

std::string world::workspace_of(const std::string& campaign) {
    const auto found =
        get(otcs_client_,
            "/otcs/cs/api/v2/businessworkspaces?expanded_view=true&where_ext_system_id=MRM&"
            "where_bo_type=campaign&where_bo_id=" +
                campaign);
    const auto& results = found.at("results").as_array();
    return results.empty()
               ? std::string()
               : std::to_string(
                     results[0].at_pointer("/data/properties/id").to_number<std::int64_t>());
}

std::vector<reference_node> world::references(const std::string& campaign) {
    std::vector<reference_node> out;
    // Tickets end; a new one is cheap.
    const auto ticket =
        otcs_client_.send("POST", "/otcs/cs/api/v1/auth", "username=Admin&password=admin-pass",
                          {{"Content-Type", "application/x-www-form-urlencoded"}});
    REQUIRE(ticket.status == 200);
    otcs_client_.set_header("OTCSTicket", ticket.json().at("ticket").as_string().c_str());
    const auto workspace = workspace_of(campaign);
    if (workspace.empty()) return out;
    const auto children =
        get(otcs_client_, "/otcs/cs/api/v2/nodes/" + workspace + "/nodes?limit=100");
    for (const auto& child : children.at("results").as_array()) {
        if (child.at_pointer("/data/properties/name").as_string() != "Media") continue;
        const auto folder =
            std::to_string(child.at_pointer("/data/properties/id").to_number<std::int64_t>());
        const auto nodes =
            get(otcs_client_, "/otcs/cs/api/v2/nodes/" + folder + "/nodes?limit=100");
        for (const auto& n : nodes.at("results").as_array()) {
            const auto& p = n.at_pointer("/data/properties").as_object();
            if (p.at("type").to_number<int>() != 140) continue;
            reference_node r;
            r.id = p.at("id").to_number<std::int64_t>();
            r.name = p.at("name").as_string().c_str();
            if (const auto* url = p.if_contains("url"); url != nullptr && url->is_string())
                r.url = url->as_string().c_str();
            out.push_back(std::move(r));
        }
    }
    return out;
}

std::size_t world::references_named(const std::string& part, const std::string& campaign) {
    std::size_t n = 0;
    for (const auto& r : references(campaign))
        n += r.name.find(part) != std::string::npos;
    return n;
}

std::string world::reference_attribute(std::int64_t node, const std::string& attribute) {
    const auto answer =
        get(otcs_client_, "/otcs/cs/api/v2/nodes/" + std::to_string(node) + "/categories?metadata");
    for (const auto& category : answer.at("results").as_array()) {
        const auto& names = category.at_pointer("/metadata/categories").as_object();
        const auto& values = category.at_pointer("/data/categories").as_object();
        for (const auto& [key, definition] : names) {
            if (definition.at("name").as_string() != attribute) continue;
            const auto* v = values.if_contains(key);
            if (v == nullptr || v->is_null()) return {};
            return v->is_string() ? v->as_string().c_str() : json::serialize(*v);
        }
    }
    return {};
}

std::string world::asset_field(const std::string& story, const std::string& field) {
    const auto answer =
        iconik_client_.get("/API/metadata/v1/assets/" + asset_id(story) + "/views/" +
                           sandbox::iconik_seed::id("view/marketing") + "/");
    if (answer.status != 200) return {};
    const auto body = answer.json();
    const auto* values = body.at("metadata_values").as_object().if_contains(field);
    if (values == nullptr || values->at("field_values").as_array().empty()) return {};
    const auto& v = values->at("field_values").as_array()[0].at("value");
    return v.is_string() ? v.as_string().c_str() : json::serialize(v);
}

std::vector<host::run_record> world::runs(std::optional<host::run_state> state) {
    std::vector<host::run_record> out;
    host::run_filter filter;
    filter.state = state;
    filter.limit = 1000;
    const auto read = [&](host::journal& j) {
        j.read([&](host::journal_reader& r) { out = r.runs(filter); });
    };
    if (host_) {
        read(host_->store());
    } else {
        const host::system_clock time;
        host::journal_options o;
        o.path = (dir_.path() / "state" / "journal.db").string();
        o.read_only = true;
        o.time = &time;
        auto j = host::open_sqlite_journal(o);
        if (j) read(**j);
    }
    return out;
}

host::journal_stats world::stats() {
    host::journal_stats s;
    host_->store().read([&](host::journal_reader& r) { s = r.stats(); });
    return s;
}

std::size_t world::events_of(const std::string& type) {
    std::size_t n = 0;
    host::event_filter filter;
    filter.type = type;
    filter.limit = 1000;
    host_->store().read([&](host::journal_reader& r) { n = r.events(filter).size(); });
    return n;
}

bool world::settled() {
    for (const auto& r : runs()) {
        if (!host::is_final(r.state)) return false;
    }
    return true;
}

} // namespace mortise::test
