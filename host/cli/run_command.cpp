// SPDX-License-Identifier: Apache-2.0
// mortise run
#include "admin/admin_action.hpp"
#include "app/host.hpp"
#include "app/service_manager.hpp"
#include "app/upgrade.hpp"
#include "base/log.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/reach.hpp"

#include <csignal>
#include <pwd.h>
#include <thread>

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

// The program was found good already, so that the signal need not look again.
void ask_for_upgrade() {
    ::sigqueue(::getpid(), SIGUSR2, sigval{.sival_int = 1});
}

int say_failure(const error& e) {
    if (e.code == "config.invalid") {
        std::fputs(e.message.c_str(), stderr);
        return fail(exit_configuration, "the configuration has errors; nothing was started");
    }
    return fail(e.category == category::config ? exit_configuration : exit_failed, e.message);
}

// Who sent it, for the ledger.
std::string sender(const siginfo_t& signal) {
    if (signal.si_code == SI_KERNEL) return to_actor(actor_kind::signal, "terminal");
    const auto* account = ::getpwuid(signal.si_uid);
    return to_actor(actor_kind::signal, account != nullptr && *account->pw_name != '\0'
                                            ? std::string(account->pw_name)
                                            : "uid " + std::to_string(signal.si_uid));
}

void reload(host& h, const siginfo_t& signal) {
    notify_reloading("Reloading the configuration");
    const auto done = h.reload(sender(signal));
    if (!done)
        log(log_level::error,
            "the configuration was not reloaded; the former one stays: " + done.error().message);
    notify_manager(done ? "READY=1\nSTATUS=Running; the configuration was reloaded"
                        : "READY=1\nSTATUS=Running; the last reload was refused, see the log");
}

enum class wanted { stop, upgrade };

// Until the host is to go.
wanted wait_for_word(host& h, const host_options& o, const sigset_t& signals) {
    for (;;) {
        siginfo_t signal{};
        if (::sigwaitinfo(&signals, &signal) < 0) continue;
        if (signal.si_signo == SIGHUP) {
            reload(h, signal);
        } else if (signal.si_signo == SIGUSR2) {
            const bool tried = signal.si_code == SI_QUEUE && signal.si_value.sival_int == 1;
            if (tried) return wanted::upgrade;
            const auto good = try_program(o.program, o.config, o.plugin_folders);
            h.note(sender(signal), "upgradeHost", good ? result<void>() : good.error());
            if (good) return wanted::upgrade;
            log(log_level::error, "no upgrade; this program goes on: " + good.error().message);
        } else {
            return wanted::stop;
        }
    }
}

// Ends with what the process is to end with; nothing: an upgrade came to nothing, and this program
// goes on with the sockets.
std::optional<int>
serve(const host_options& o, passed_sockets& sockets, former_program& former, sigset_t& signals) {
    auto kept = former.exists() ? duplicate(sockets) : passed_sockets{};
    auto with = o;
    with.sockets = std::exchange(sockets, {});
    host h(std::move(with));
    if (const auto started = h.start(); !started) {
        h.stop();
        const auto e = started.error();
        former.go_back(kept, e.message);
        return say_failure(e);
    }
    close_all(kept);
    former.forget();
    watchdog_feed dog([&h] { return h.responds(std::chrono::seconds(5)); });
    if (former.failure().empty()) {
        notify_manager("READY=1\nSTATUS=Running");
    } else {
        log(log_level::error,
            "the upgrade failed; the former program goes on: " + former.failure());
        notify_manager("READY=1\nSTATUS=Running; the last upgrade failed, see the log");
    }
    const auto what = wait_for_word(h, o, signals);
    const auto grace = h.config_in_use()->host.shutdown_grace;
    dog.trust_for(grace * 2 + std::chrono::seconds(30));
    if (what == wanted::stop) {
        notify_manager("STOPPING=1\nSTATUS=Stopping");
        log(log_level::info, "stopping");
        h.stop();
        return exit_ok;
    }
    notify_reloading("Handing over to the new program");
    log(log_level::info, "handing over to the program on disk", {{"program", o.program.string()}});
    sockets = h.hand_over();
    return std::nullopt;
}

int run(const common& c,
        std::optional<std::uint16_t> http,
        std::optional<std::uint16_t> admin,
        const std::string& kill) {
    // Blocked before any thread is made, so that every thread inherits it and sigwait gets them
    // all.
    sigset_t signals;
    sigemptyset(&signals);
    for (const int s : {SIGTERM, SIGINT, SIGHUP, SIGUSR2})
        sigaddset(&signals, s);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    former_program former;
    auto sockets = take_passed_sockets();
    if (!sockets) return fail(exit_configuration, sockets.error().message);
    host_options o;
    o.config = config_file(c);
    o.program = own_program();
    o.plugin_folders = plugin_folders(c);
    o.http_port = http;
    o.admin_port = admin;
    o.journal_test_point = kill_at(kill);
    o.upgrade = ask_for_upgrade;
    for (;;) {
        if (const auto ended = serve(o, *sockets, former, signals)) return *ended;
        const auto why = become_program(o.program, *sockets);
        // Still here: the same program starts again, with what it had.
        former.failed(why.message);
        sockets = take_passed_sockets();
        if (!sockets) return fail(exit_failed, sockets.error().message);
    }
}

} // namespace

void add_run(command& program, common& c) {
    auto& cmd = program.sub("run", "Starts the host and stays until SIGTERM or Ctrl-C");
    cmd.more("SIGHUP has it read its configuration again, SIGUSR2 hands it over to the program "
             "file that is on disk now (as mortise reload and mortise upgrade do).");
    auto http = std::make_shared<std::optional<std::uint16_t>>();
    auto admin = std::make_shared<std::optional<std::uint16_t>>();
    auto kill = std::make_shared<std::string>();
    cmd.value("--http-port", *http, "Port of the webhook listener instead of the configured one")
        .shown_as("PORT");
    cmd.value("--admin-port", *admin, "Port of the admin listener instead of the configured one")
        .shown_as("PORT");
    cmd.value("--test-kill-at", *kill, "Dies by SIGKILL at a journal commit: before:3, after:3")
        .hidden();
    cmd.example("mortise -c mortise.toml run", "in the foreground, as systemd does");
    cmd.does([&c, http, admin, kill] { return run(c, *http, *admin, *kill); });
}

} // namespace mortise::host::cli
