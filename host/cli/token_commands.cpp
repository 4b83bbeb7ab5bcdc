// SPDX-License-Identifier: Apache-2.0
// mortise tokens: who may use the admin API, and how far.
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/view.hpp"
#include "config/units.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

struct new_token {
    std::string name, role = "viewer", expires;
};

// The token alone on standard output, so that it can go into a file; all else
// beside it.
int create(const common& c, const new_token& o) {
    json::object body{{"name", o.name}, {"role", o.role}};
    if (!o.expires.empty()) {
        const auto now = system_clock().now_unix_ms();
        if (const auto in = parse_duration(o.expires)) {
            body["expires_at"] = now + in->count();
        } else {
            const auto at = point_in_time(o.expires, now);
            if (!at)
                return fail(exit_usage,
                            "\"" + o.expires +
                                "\" is no time; write 2027-01-01, or how long from now, "
                                "such as 90d");
            body["expires_at"] = *at;
        }
    }
    const auto made = ask_host(c, "POST", "/api/v1/tokens", body);
    if (!made) return refuse(made.error());
    if (c.json) {
        print_json(*made);
        return exit_ok;
    }
    const auto until = number_in(*made, "expires_at");
    if (!c.quiet)
        std::fprintf(stderr, "token \"%s\", role %s, %s; it is shown this once:\n",
                     member(*made, "name").c_str(), member(*made, "role").c_str(),
                     until == 0 ? "without end" : ("until " + time_text(until) + " UTC").c_str());
    print(member(*made, "token") + '\n');
    return exit_ok;
}

std::string tokens_text(const json::value& v) {
    table t({{"NAME", matters::most},
             {"ROLE", matters::most},
             {"MADE", matters::less},
             {"EXPIRES", matters::some},
             {"LAST USED", matters::some},
             {"KEPT IN", matters::less}});
    for (const auto& one : list_in(v, "tokens")) {
        const auto until = number_in(one, "expires_at");
        t.row({member(one, "name"), member(one, "role"), time_in(one, "created_at"),
               until == 0 ? "never" : time_text(until), time_in(one, "last_used_at"),
               member(one, "source")});
    }
    return t.text();
}

} // namespace

void add_tokens(command& program, common& c) {
    auto& group = program.sub("tokens", "Tokens of the admin API and the console");
    auto o = std::make_shared<new_token>();
    auto& make = group.sub("create", "Makes a token and prints it, once");
    make.argument("name", o->name, "Whose it is; named in the ledger").required();
    make.value("--role", o->role,
               "How far it reaches: viewer looks, operator also mends runs, "
               "admin also changes the host")
        .among({"viewer", "operator", "admin"})
        .shown_as("ROLE");
    make.value("--expires", o->expires, "When it ends: 2027-01-01, or 90d from now; never without")
        .shown_as("TIME");
    make.example("mortise tokens create night-shift --role operator --expires 90d > token",
                 "for use with --token-file");
    make.does([&c, o] { return create(c, *o); });
    auto& list = group.sub("list", "Lists tokens; never what they are");
    list.watchable(c);
    list.example("mortise tokens list", "who has one, and who still uses it");
    list.does([&c] {
        view v;
        v.path = "/api/v1/tokens";
        return show(c, v, tokens_text);
    });
    auto& drop = group.sub("revoke", "Ends a token and its sessions at once");
    drop.argument("name", o->name, "The token's name").required().completes("tokens");
    drop.example("mortise tokens revoke night-shift", "somebody left");
    drop.does([&c, o] {
        return say(c, ask_host(c, "DELETE", "/api/v1/tokens/" + url_encoded(o->name)),
                   [&](const json::value&) { return "token \"" + o->name + "\" is ended"; });
    });
}

} // namespace mortise::host::cli
