// SPDX-License-Identifier: Apache-2.0
// mortise connections
#include "admin/views.hpp"
#include "app/host.hpp"
#include "cli/output.hpp"
#include "cli/reach.hpp"

#include <boost/json.hpp>

#include <map>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

host_options options_of(const common& c) {
    host_options o;
    o.config = config_file(c);
    o.program = c.program;
    o.plugin_folders = plugin_folders(c);
    o.quiet = true;
    return o;
}

int test_connection(const common& c, const std::string& name) {
    auto o = options_of(c);
    o.probe = true;
    host h(std::move(o));
    if (const auto started = h.start(); !started) {
        std::fputs((started.error().message + '\n').c_str(), stderr);
        return exit_configuration;
    }
    const auto answer = h.test_connection(name, std::chrono::seconds(30));
    h.stop();
    if (c.json) {
        print_json(answer ? boost::json::value{{"connection", name},
                                               {"ok", true},
                                               {"report", stored_json(*answer)}}
                          : boost::json::value{{"connection", name},
                                               {"ok", false},
                                               {"error", to_view(answer.error())}});
    } else if (answer) {
        const auto report = stored_json(*answer);
        const auto* o2 = report.if_object();
        const auto* summary = o2 != nullptr ? o2->if_contains("summary") : nullptr;
        std::printf(
            "%s: good%s%s\n", name.c_str(), summary != nullptr && summary->is_string() ? ": " : "",
            summary != nullptr && summary->is_string() ? summary->get_string().c_str() : "");
    } else {
        std::printf("%s: failed (%s): %s\n", name.c_str(),
                    std::string(to_string(answer.error().category)).c_str(),
                    answer.error().message.c_str());
    }
    if (answer) return exit_ok;
    return answer.error().category == category::not_found &&
                   answer.error().code == "connection.unknown"
               ? exit_not_found
               : exit_failed;
}

// What the running host says of each connection, by name; empty when none runs.
std::map<std::string, json::value> live_connections(const common& c) {
    std::map<std::string, json::value> out;
    const auto answer = ask_host(c, "GET", "/api/v1/connections");
    if (!answer) return out;
    for (const auto& one : answer->at("connections").as_array())
        out.emplace(member(one, "name"), one);
    return out;
}

std::string state_text(const json::value& live) {
    if (const auto* paused = live.get_object().if_contains("paused");
        paused != nullptr && paused->is_object()) {
        return "paused since " + time_text(paused->at("since").to_number<unix_ms>()) + ": " +
               member(*paused, "reason");
    }
    const auto breaker = member(live, "breaker");
    if (breaker == "closed" || breaker.empty()) return "well";
    return "failing (breaker " + breaker + ", " + member(live, "failures_in_a_row") +
           " failures in a row)";
}

int list_connections(const common& c) {
    const auto ready = prepare(options_of(c));
    if (!ready.ok) {
        std::fputs(problems_to_text(ready.problems).c_str(), stderr);
        return exit_configuration;
    }
    const auto live = live_connections(c);
    json::array out;
    table t({"NAME", "CONNECTOR", "ENABLED", "EGRESS", "DEFINED AT", "STATE"});
    for (const auto& [name, conn] : ready.config->connections) {
        const auto now = live.find(name);
        std::string egress;
        for (const auto& e : conn.egress)
            egress += (egress.empty() ? "" : ",") + e;
        if (c.json) {
            out.push_back({{"name", name},
                           {"connector", conn.connector},
                           {"enabled", conn.enabled},
                           {"egress", json::value_from(conn.egress)},
                           {"defined_at", to_string(conn.place)},
                           {"live", now != live.end() ? now->second : json::value(nullptr)}});
        } else {
            t.row({name, conn.connector, conn.enabled ? "yes" : "no", egress, to_string(conn.place),
                   now != live.end() ? state_text(now->second) : "not running"});
        }
    }
    if (c.json)
        print_json(out);
    else
        std::fputs(t.text().c_str(), stdout);
    return exit_ok;
}

int pause(const common& c, const std::string& name, const std::string& reason) {
    return say(c,
               ask_host(c, "POST", "/api/v1/connections/" + url_encoded(name) + "/pause",
                        {{"reason", reason}}),
               [&](const json::value&) {
                   return name +
                          ": paused; calls and polls wait, webhooks are taken. Go on with: "
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

void add_connections(CLI::App& app, common& c, action& chosen) {
    auto* group = app.add_subcommand("connections", "Connections: list, test, pause, resume")
                      ->require_subcommand(1);
    group->add_subcommand("list", "List them")->callback([&] {
        chosen = [&c] { return list_connections(c); };
    });
    auto* test = group->add_subcommand(
        "test", "Check address, credentials and rights of one, changing nothing");
    auto name = std::make_shared<std::string>();
    test->add_option("name", *name, "The connection")->required();
    test->callback(
        [&c, &chosen, name] { chosen = [&c, name] { return test_connection(c, *name); }; });
    auto reason = std::make_shared<std::string>();
    auto* stop = group->add_subcommand(
        "pause", "Hold back every call to one, until resume; outlives restarts");
    stop->add_option("name", *name, "The connection")->required();
    stop->add_option("--reason", *reason, "Why; shown to others")->required();
    stop->callback([&c, &chosen, name, reason] {
        chosen = [&c, name, reason] { return pause(c, *name, *reason); };
    });
    auto* go = group->add_subcommand("resume", "Let it go on; what was held goes on at once");
    go->add_option("name", *name, "The connection")->required();
    go->callback([&c, &chosen, name] { chosen = [&c, name] { return resume(c, *name); }; });
}

} // namespace mortise::host::cli
