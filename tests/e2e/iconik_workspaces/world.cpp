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

json::value post(sandbox::http_client& c, const std::string& path, const json::value& body) {
    const auto answer = c.post(path, body);
    INFO("POST " << path << " -> " << answer.status << ' ' << answer.body);
    REQUIRE(answer.status / 100 == 2);
    return answer.body.empty() ? json::value() : answer.json();
}

void replace_all(std::string& in, const std::string& what, const std::string& by) {
    for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + by.size()))
        in.replace(at, what.size(), by);
}

std::string lines_of(const std::map<std::string, std::string>& settings) {
    std::string out;
    for (const auto& [key, value] : settings)
        out += key + " = " + value + '\n';
    return out;
}

} // namespace

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

std::string world::flow(const std::string& instance,
                        const std::string& plugin_flow,
                        const std::string& settings) {
    return "[flows." + instance + "]\nflow = \"" + plugin_flow +
           "\"\nconnections = { dam = \"iconik\", workspaces = \"otcs\" }\n[flows." + instance +
           ".settings]\n" + settings + '\n';
}

void world::write_config() {
    std::string flows = options_.flows;
    replace_all(flows, "{iconik}", iconik_.base_url());
    replace_all(flows, "{otcs}", otcs_.base_url());
    const std::string quick_retry = "retry.first_delay = \"20ms\"\nretry.max_delay = \"200ms\"\n"
                                    "triggers.changes.poll_interval = \"" +
                                    options_.poll_interval + "\"\n";
    std::string text = "[host]\nstate_dir = \"" + (dir_.path() / "state").string() +
                       "\"\nshutdown_grace = \"2s\"\nwatchdog = \"2s\"\n[host.log]\nfile = \"" +
                       (dir_.path() / "log").string() +
                       "\"\n[host.http]\nport = " + std::to_string(port_) +
                       "\n[admin]\nenabled = false\n";
    text += "[connections.iconik]\nconnector = \"iconik\"\nbase_url = \"" + iconik_.base_url() +
            "\"\napp_id = \"" + sandbox::iconik_seed::app_id +
            "\"\nauth_token = { env = \"MORTISE_E2E_ICONIK_TOKEN\" }\n"
            "allow_unauthenticated_webhooks = true\n" +
            lines_of(options_.iconik) + quick_retry;
    text += "[connections.otcs]\nconnector = \"xecm-workspaces\"\nbase_url = \"" +
            otcs_.base_url() +
            "/otcs/cs\"\nusername = \"integration\"\n"
            "password = { env = \"MORTISE_E2E_OTCS_PASSWORD\" }\n" +
            lines_of(options_.otcs) + quick_retry;
    dir_.write("mortise.toml", text + flows);
}

void world::register_webhooks() {
    if (!options_.webhooks) return;
    const auto known = get(iconik_client_, "/API/notifications/v1/webhooks/");
    if (!known.at("objects").as_array().empty()) return;
    for (const auto& type : options_.webhook_types) {
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

void world::configure(std::string flows) {
    options_.flows = std::move(flows);
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

void world::kill_child() {
    if (child_ == 0) return;
    ::kill(child_, SIGKILL);
    wait_child();
}

json::value world::play_iconik(const std::string& action, const json::object& what) {
    return post(iconik_client_, "/__sandbox/play/" + action, what);
}
json::value world::play_otcs(const std::string& action, const json::object& what) {
    // Dates there are whole seconds, and a poll trusts one it has read a few times: no person is
    // as quick as these tests.
    advance_otcs(std::chrono::seconds(2));
    return post(otcs_client_, "/__sandbox/play/" + action, what);
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
void world::advance_iconik(std::chrono::seconds by) {
    post(iconik_client_, "/__sandbox/clock/advance", {{"seconds", by.count()}});
}
void world::advance_otcs(std::chrono::seconds by) {
    post(otcs_client_, "/__sandbox/clock/advance", {{"seconds", by.count()}});
}

} // namespace mortise::test
