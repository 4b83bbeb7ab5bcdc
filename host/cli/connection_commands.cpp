// SPDX-License-Identifier: Apache-2.0
// mortise connections
#include "admin/views.hpp"
#include "app/host.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/view.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

int tested(const common& c, const std::string& name, const result<json::value>& answer) {
    if (c.json) {
        print_json(answer ? json::value{{"connection", name}, {"ok", true}, {"report", *answer}}
                          : json::value{{"connection", name},
                                        {"ok", false},
                                        {"error", to_view(answer.error())}});
    } else if (answer) {
        const auto summary = member(*answer, "summary");
        print(name + ": good" + (summary.empty() ? "" : ": " + summary) + '\n');
    } else {
        print(name + ": failed (" + std::string(to_string(answer.error().category)) +
              "): " + answer.error().message + '\n');
    }
    if (answer) return exit_ok;
    return answer.error().category == category::not_found &&
                   answer.error().code == "connection.unknown"
               ? exit_not_found
               : exit_failed;
}

// With what this shell knows: its environment, its rights to files.
int test_here(const common& c, const std::string& name, const char* why) {
    if (!c.json && !c.quiet)
        std::fprintf(stderr, "mortise: %s; tested with the secrets of this shell\n", why);
    auto o = options_of(c);
    o.probe = true;
    host h(std::move(o));
    if (const auto started = h.start(); !started) {
        std::fputs((started.error().message + '\n').c_str(), stderr);
        return exit_configuration;
    }
    const auto answer = h.test_connection(name, std::chrono::seconds(30));
    h.stop();
    if (!answer) return tested(c, name, answer.error());
    return tested(c, name, stored_json(*answer));
}

// By the host, which has the secrets that its calls are made with: they need not be this shell's.
int test_connection(const common& c, const std::string& name) {
    const auto answer =
        ask_host(c, "POST", "/api/v1/connections/" + url_encoded(name) + "/test", json::object{});
    if (answer) return tested(c, name, answer);
    const auto& code = answer.error().code;
    const bool is_here = remote_host(c).empty();
    if (is_here && code == "cli.no-host") return test_here(c, name, "no host runs");
    if (is_here && code == "connection.unknown")
        return test_here(c, name, "the running host does not know it (mortise reload)");
    if (code.starts_with("cli.") || code.starts_with("admin.")) return refuse(answer.error());
    return tested(c, name, answer);
}

std::string state_text(const json::value& one) {
    if (const auto& paused = part(one, "paused"); paused.is_object())
        return "paused since " + time_in(paused, "since") + ": " + member(paused, "reason");
    if (member(one, "enabled") == "false") return "off";
    const auto breaker = member(one, "breaker");
    if (breaker.empty()) return "not running";
    if (breaker == "closed") {
        if (member(one, "locked_out") != "true") return "healthy";
        return "failing (credentials refused, " + member(one, "sign_ins_refused") + " in a row)";
    }
    return "failing (breaker " + breaker + ", " + member(one, "failures_in_a_row") +
           " failures in a row)";
}

// As configured; what only a running host knows is null.
json::value configured(const connection_config& conn, const std::string& name) {
    return {{"name", name},
            {"connector", conn.connector},
            {"enabled", conn.enabled},
            {"egress", json::value_from(conn.egress)},
            {"defined_at", to_string(conn.place)},
            {"breaker", nullptr},
            {"paused", nullptr}};
}

// It is kept when later calls go well, and a refused sign-in opens no breaker: so when, and what?
std::string last_error_text(const json::value& one) {
    const auto& last = part(one, "last_error");
    return last.is_object() ? time_in(last, "at") + "  " + member(last, "message") : "";
}

std::string connections_text(const json::value& v) {
    table t({{"NAME", matters::most},
             "CONNECTOR",
             {"STATE", matters::text},
             {"CALLS", matters::less},
             {"QUEUED", matters::less},
             {"DEFINED AT", matters::less},
             {"LAST ERROR", matters::text}});
    for (const auto& one : list_in(v, "connections"))
        t.row({member(one, "name"), member(one, "connector"), state_text(one),
               member(one, "open_calls"), member(one, "requests_queued"), member(one, "defined_at"),
               last_error_text(one)});
    return t.text();
}

// What the host says, and from the configuration what is not at work.
int list_connections(const common& c) {
    auto live = ask_host(c, "GET", "/api/v1/connections");
    if (!live && (live.error().code != "cli.no-host" || !remote_host(c).empty()))
        return refuse(live.error());
    json::value out = live ? *live : json::value{{"connections", json::array()}, {"host", false}};
    if (remote_host(c).empty()) {
        const auto ready = prepare(options_of(c));
        if (!ready.ok && !live) {
            std::fputs(problems_to_text(ready.problems).c_str(), stderr);
            return exit_configuration;
        }
        auto& all = out.as_object()["connections"].as_array();
        if (ready.ok) {
            for (const auto& [name, conn] : ready.config->connections) {
                json::object* known = nullptr;
                for (auto& one : all)
                    if (member(one, "name") == name) known = one.if_object();
                const auto written = configured(conn, name);
                if (known == nullptr) {
                    all.push_back(written);
                    continue;
                }
                for (const auto& [key, value] : written.get_object())
                    if (!known->contains(key)) (*known)[key] = value;
            }
        }
    }
    if (c.json)
        print_json(out);
    else
        print(connections_text(out));
    return exit_ok;
}

std::string connection_text(const json::value& v) {
    std::string out = "connection  " + member(v, "name") + " (" + member(v, "connector") + ' ' +
                      member(v, "version") + ")\n";
    const auto state = state_text(v);
    out += "state       " + painted(harmless(state), paint_of_state(state), output_screen().color) +
           '\n';
    const auto line = [&out](const char* label, const std::string& value) {
        if (!value.empty()) out += label + harmless(value) + '\n';
    };
    line("calls       ",
         member(v, "open_calls") + " open, " + member(v, "requests_queued") + " requests queued");
    line("last error  ", last_error_text(v));
    std::string used;
    for (const auto& one : list_in(v, "used_by"))
        used += (used.empty() ? "" : ", ") + std::string(one.is_string() ? one.get_string() : "");
    line("used by     ", used);
    if (part(v, "limits").is_object()) out += "limits      " + pretty(part(v, "limits"), 12) + '\n';
    if (part(v, "settings").is_object())
        out += "settings    " + pretty(part(v, "settings"), 12) + '\n';
    table t({{"TRIGGER", matters::most},
             "TITLE",
             {"OPEN", matters::most},
             {"POLLS", matters::less},
             {"LAST POLL", matters::less}});
    for (const auto& one : list_in(v, "triggers")) {
        if (one.is_string())
            t.row({std::string(one.get_string())});
        else
            t.row({member(one, "id"), member(one, "title"), member(one, "open"),
                   member(one, "polls"), time_in(one, "last_poll_at")});
    }
    return t.empty() ? out : out + '\n' + t.text();
}

int show_connection(const common& c, const std::string& name) {
    view v;
    v.path = "/api/v1/connections/" + url_encoded(name);
    return show(c, v, connection_text);
}

int pause(const common& c, const std::string& name, const std::string& reason) {
    return say(c,
               ask_host(c, "POST", "/api/v1/connections/" + url_encoded(name) + "/pause",
                        {{"reason", reason}}),
               [&](const json::value&) {
                   return name +
                          ": paused; calls and polls wait, webhooks are taken. Go "
                          "on with: "
                          "mortise connections resume " +
                          name;
               });
}

int resume(const common& c, const std::string& name) {
    return say(
        c,
        ask_host(c, "POST", "/api/v1/connections/" + url_encoded(name) + "/resume", json::object{}),
        [&](const json::value&) { return name + ": goes on"; });
}

} // namespace

void add_connections(command& program, common& c) {
    auto& group =
        program.sub("connections", "Connections to systems: how they are, test, pause, resume");
    auto name = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    const auto named = [&](command& cmd) {
        cmd.argument("name", *name, "The connection").required().completes("connections");
    };
    auto& list = group.sub("list", "Lists connections and how they are: healthy, failing, paused");
    list.watchable(c);
    list.example("mortise connections list --watch", "how the systems are, again and again");
    list.does([&c] { return list_connections(c); });
    auto& one = group.sub("show", "Shows one with its settings, limits and triggers; needs a "
                                  "running host");
    named(one);
    one.watchable(c);
    one.example("mortise connections show iconik", "one connection");
    one.does([&c, name] { return show_connection(c, *name); });
    auto& test =
        group.sub("test", "Checks address, credentials and rights of one, changing nothing");
    named(test);
    test.example("mortise connections test iconik", "does it answer, and may we");
    test.does([&c, name] { return test_connection(c, *name); });
    auto& stop =
        group.sub("pause", "Holds back every call to one, until resume; outlives restarts");
    named(stop);
    stop.value("--reason", *reason, "Why; shown to others").required();
    stop.example("mortise connections pause iconik --reason \"maintenance tonight\"",
                 "webhooks are taken, calls wait");
    stop.does([&c, name, reason] { return pause(c, *name, *reason); });
    auto& go = group.sub("resume", "Lets one go on; what was held goes on at once");
    named(go);
    go.example("mortise connections resume iconik", "after the maintenance");
    go.does([&c, name] { return resume(c, *name); });
}

} // namespace mortise::host::cli
