// SPDX-License-Identifier: Apache-2.0
// mortise run
#include "app/host.hpp"
#include "base/log.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"

#include <csignal>

namespace mortise::host::cli {
namespace {

// "before:3": SIGKILL before the third commit; "after:3": after it. For crash tests of an
// operator's own.
std::function<void(journal_point, std::uint64_t)> kill_at(const std::string& text) {
    const auto colon = text.find(':');
    if (colon == std::string::npos) return {};
    const auto point = text.substr(0, colon) == "before" ? journal_point::before_commit
                                                         : journal_point::after_commit;
    const auto n = std::strtoull(text.c_str() + colon + 1, nullptr, 10);
    return [point, n](journal_point at, std::uint64_t commit) {
        if (at == point && commit == n) ::raise(SIGKILL);
    };
}

int run(const common& c,
        std::optional<std::uint16_t> http,
        std::optional<std::uint16_t> admin,
        const std::string& kill) {
    // Blocked before any thread is made, so that every thread inherits it and sigwait gets them
    // all.
    sigset_t signals;
    sigemptyset(&signals);
    for (const int s : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&signals, s);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    host_options o;
    o.config = config_file(c);
    o.program = c.program;
    o.plugin_folders = plugin_folders(c);
    o.http_port = http;
    o.admin_port = admin;
    o.journal_test_point = kill_at(kill);
    host h(std::move(o));
    if (const auto started = h.start(); !started) {
        h.stop();
        const auto& e = started.error();
        if (e.code == "config.invalid") {
            std::fputs(e.message.c_str(), stderr);
            return fail(exit_configuration, "the configuration has errors; nothing was started");
        }
        return fail(e.category == category::config ? exit_configuration : exit_failed, e.message);
    }
    for (;;) {
        int signal = 0;
        sigwait(&signals, &signal);
        if (signal != SIGHUP) break;
        if (const auto reloaded = h.reload(); !reloaded) {
            log(log_level::error, "the configuration was not reloaded; the former one stays: " +
                                      reloaded.error().message);
        }
    }
    log(log_level::info, "stopping");
    h.stop();
    return exit_ok;
}

} // namespace

void add_run(CLI::App& app, common& c, action& chosen) {
    auto* cmd = app.add_subcommand(
        "run", "Start the host and stay until SIGTERM; SIGHUP reloads the configuration");
    auto http = std::make_shared<std::optional<std::uint16_t>>();
    auto admin = std::make_shared<std::optional<std::uint16_t>>();
    auto kill = std::make_shared<std::string>();
    cmd->add_option("--http-port", *http,
                    "Port of the webhook listener instead of the configured one");
    cmd->add_option("--admin-port", *admin,
                    "Port of the admin listener instead of the configured one");
    cmd->add_option("--test-kill-at", *kill,
                    "Die by SIGKILL at a journal commit, e.g. before:3 or after:3")
        ->group("");
    cmd->callback([&c, &chosen, http, admin, kill] {
        chosen = [&c, http, admin, kill] { return run(c, *http, *admin, *kill); };
    });
}

} // namespace mortise::host::cli
