// SPDX-License-Identifier: Apache-2.0
// mortise reload, upgrade, console, openapi: about the running host itself.
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/view.hpp"

#include <boost/json.hpp>

#include <spawn.h>

extern char** environ;

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

std::string names(const json::array& list) {
    std::string out;
    for (const auto& one : list)
        out += (out.empty() ? "" : ", ") +
               (one.is_string() ? std::string(one.get_string()) : json::serialize(one));
    return out;
}

std::string reloaded_text(const json::value& v) {
    std::string out;
    for (const char* kind : {"connections", "flows"}) {
        const auto& what = part(part(v, "changed"), kind);
        for (const char* how : {"added", "changed", "removed"}) {
            const auto list = names(list_in(what, how));
            if (!list.empty()) out += std::string(kind) + ' ' + how + ": " + list + '\n';
        }
    }
    if (out.empty()) out = "nothing changed\n";
    for (const auto& w : list_in(v, "warnings"))
        out += "warning: " +
               (w.is_string() ? std::string(w.get_string())
                              : member(w, "file") + ':' + member(w, "line") + ':' +
                                    member(w, "column") + ": " + member(w, "message")) +
               '\n';
    for (const auto& s : list_in(v, "stranded"))
        out += "without their flow: runs of " + member(s, "flow") + ", " + member(s, "waiting") +
               " waiting and " + member(s, "under_way") +
               " under way; they become dead letters when they want to go on. Put [flows." +
               member(s, "flow") +
               "] back and reload, or look at them: mortise runs list --state "
               "ready,active,waiting --flow " +
               member(s, "flow") + '\n';
    if (const auto later = names(list_in(v, "restart_needed")); !later.empty())
        out += "only after a restart (or mortise upgrade): " + later + '\n';
    return out + "in force: revision " + member(v, "revision");
}

int reload(const common& c) {
    const auto done = ask_host(c, "POST", "/api/v1/reload", json::object{});
    if (!done) {
        const int code = refuse(done.error());
        if (done.error().http_status == 400)
            std::fputs("mortise: nothing was changed; the former configuration stays "
                       "in force\n",
                       stderr);
        return done.error().http_status == 400 ? int(exit_configuration) : code;
    }
    return say(c, done, reloaded_text);
}

// Tries the desktop's opener; what it says is not for here.
bool opened(const std::string& url) {
    pid_t child = -1;
    std::string program = "xdg-open", target = url;
    char* words[] = {program.data(), target.data(), nullptr};
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", 01, 0);
    posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", 01, 0);
    const int failed = ::posix_spawnp(&child, words[0], &quiet, nullptr, words, environ);
    posix_spawn_file_actions_destroy(&quiet);
    return failed == 0;
}

int console(const common& c, bool open) {
    const auto code = ask_host(c, "POST", "/api/v1/session/codes", json::object{});
    if (!code) return refuse(code.error());
    if (open && opened(member(*code, "url"))) {
        if (c.json)
            print_json(*code);
        else
            print("the console opens in the browser\n");
        return exit_ok;
    }
    if (!c.json && !c.quiet) std::fputs("open within two minutes; the link works once:\n", stderr);
    return say(c, code, [](const json::value& v) { return member(v, "url"); });
}

} // namespace

void add_host_commands(command& program, common& c) {
    auto& again = program.sub("reload", "Has the running host read its configuration "
                                        "again, as a whole or not at all");
    again.more("Shows what changed. With errors nothing changes, each is shown "
               "with its place, and "
               "the exit code is 3.");
    again.example("mortise check && mortise reload", "look first");
    again.does([&c] { return reload(c); });

    auto& upgrade =
        program.sub("upgrade", "Hands the running host over to the program file that is "
                               "on disk now, without closing its ports");
    upgrade.example("apt install ./mortise.deb && mortise upgrade",
                    "a new version, no webhook refused");
    upgrade.does([&c] {
        return say(c, ask_host(c, "POST", "/api/v1/upgrade", json::object{}),
                   [](const json::value&) {
                       return std::string("the hand-over has begun; see it with: mortise status");
                   });
    });

    auto open = std::make_shared<bool>(false), print_it = std::make_shared<bool>(false);
    auto& web = program.sub("console", "Prints a link that signs you in to the web console, once");
    auto& o = web.flag("--open", *open, "Opens it in the browser of this machine");
    web.flag("--print", *print_it, "Prints it; so it is without --open").excludes(o);
    web.example("mortise console --open", "on your own machine")
        .example("ssh -L 8081:127.0.0.1:8081 host mortise console", "over a tunnel");
    web.does([&c, open, print_it] { return console(c, *open); }); // both live as long as it

    auto& document = program.sub("openapi", "Prints the OpenAPI document of the running host");
    document.example("mortise openapi > mortise-openapi.json", "for generators of clients");
    document.does([&c] {
        view v;
        v.path = "/api/v1/openapi.json";
        return show(c, v, [](const json::value& all) { return pretty(all) + '\n'; });
    });
}

} // namespace mortise::host::cli
