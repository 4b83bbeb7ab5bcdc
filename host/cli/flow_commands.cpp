// SPDX-License-Identifier: Apache-2.0
// mortise flows: what the flows are bound to, how safe a repeat of what they do
// is, starting one.
#include "admin/views.hpp"
#include "app/host.hpp"
#include "cli/commands.hpp"
#include "cli/flow_reading.hpp"
#include "cli/output.hpp"
#include "cli/run_show.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

std::string weakest_text(const json::value& f) {
    const auto& w = part(f, "weakest");
    if (!w.is_object()) return member(f, "loaded") == "false" ? "?" : "- (calls nothing)";
    return member(w, "effect_class") + ": " + member(w, "connection") + ':' +
           member(w, "operation");
}

std::string roles_text(const json::value& f) {
    std::string out;
    if (const auto* roles = part(f, "roles").if_object()) {
        for (const auto& [name, role] : *roles) {
            const auto connection = member(role, "connection");
            out += (out.empty() ? "" : ", ") + std::string(name) + "=" +
                   (connection.empty() ? "(unbound)" : connection);
        }
    }
    return out.empty() ? "-" : out;
}

std::string flows_text(const json::value& v) {
    table t({{"FLOW", matters::most},
             "PLUGIN",
             {"VERSION", matters::less},
             {"ENABLED", matters::most},
             {"ROLES", matters::text},
             "WEAKEST EFFECT CLASS"});
    for (const auto& f : list_in(v, "flows"))
        t.row({member(f, "name"), member(f, "plugin"), member(f, "plugin_version"),
               member(f, "enabled") == "false" ? "no" : "yes", roles_text(f), weakest_text(f)});
    return t.text();
}

std::string flow_text(const json::value& f) {
    table t(
        {"ROLE", "CONNECTION", {"OPERATION", matters::most}, {"CLASS", matters::most}, "LOOK-UP"});
    if (const auto* roles = part(f, "roles").if_object()) {
        for (const auto& [name, role] : *roles) {
            for (const auto& o : list_in(role, "operations"))
                t.row({std::string(name),
                       member(role, "connection").empty() ? "-" : member(role, "connection"),
                       member(o, "operation"),
                       member(o, "offered") == "false" ? "not offered" : member(o, "effect_class"),
                       member(o, "lookup")});
        }
    }
    return "flow     " + member(f, "name") + " (" + member(f, "plugin") + ' ' +
           member(f, "plugin_version") + ")\nweakest  " + weakest_text(f) + "\n\n" + t.text();
}

// As they run, or as they are configured where no host does.
result<json::value> all_flows(const common& c) {
    auto answer = ask_host(c, "GET", "/api/v1/flows");
    if (answer || answer.error().code != "cli.no-host" || !remote_host(c).empty()) return answer;
    const auto ready = prepare(options_of(c));
    if (!ready.ok) {
        std::fputs(problems_to_text(ready.problems).c_str(), stderr);
        return error{category::config, "config.invalid", "the configuration has errors"};
    }
    json::array out;
    const flow_directory configured(*ready.config, *ready.plugins);
    for (const auto& [key, f] : configured.flows())
        out.push_back(to_view(f));
    return json::value{{"flows", std::move(out)}, {"host", false}};
}

int list_flows(const common& c) {
    const auto all = all_flows(c);
    if (!all) return refuse(all.error());
    if (c.json)
        print_json(*all);
    else
        print(flows_text(*all));
    return exit_ok;
}

int show_flow(const common& c, const std::string& name) {
    const auto all = all_flows(c);
    if (!all) return refuse(all.error());
    for (const auto& f : list_in(*all, "flows")) {
        if (member(f, "name") != name) continue;
        if (c.json)
            print_json(f);
        else
            print(flow_text(f));
        return exit_ok;
    }
    return fail(exit_not_found, "no flow \"" + name + "\" is configured");
}

struct start_options {
    std::string name, data, subject, type, id;
    bool wait = false;
};

int start_flow(const common& c, const start_options& o) {
    json::object body;
    for (const auto& [key, text] :
         {std::pair("subject", &o.subject), std::pair("type", &o.type), std::pair("id", &o.id)})
        if (!text->empty()) body[key] = *text;
    if (!o.data.empty()) {
        auto data = json_of(o.data);
        if (!data) return refuse(data.error());
        body["data"] = std::move(*data);
    }
    const auto answer =
        ask_host(c, "POST", "/api/v1/flows/" + url_encoded(o.name) + "/start", body);
    if (answer && o.wait) return wait_for_run(c, member(*answer, "run"));
    return say(c, answer, [](const json::value& v) {
        return "run " + member(v, "run") + "\nsee it with: mortise runs show " + member(v, "run");
    });
}

void add_start(command& group, common& c) {
    auto o = std::make_shared<start_options>();
    auto& cmd = group.sub("start", "Starts a run by hand; needs a running host");
    cmd.argument("name", o->name, "The flow").required().completes("flows");
    cmd.value("--data", o->data, "The event's data: a JSON file, - for standard input")
        .completes("files");
    cmd.value("--subject", o->subject,
              "What the event is about; the run's order key unless the "
              "flow says otherwise");
    cmd.value("--type", o->type, "The event's type; mortise.manual without");
    cmd.value("--id", o->id, "The event's id; a second start with the same one does nothing");
    cmd.flag("--wait", o->wait,
             "Stays until the run has come to an end; exit code 0 only when it "
             "succeeded");
    cmd.example("mortise flows start campaigns --subject 5cdd7f5e --wait",
                "one object, and its end")
        .example("echo '{\"name\":\"Spring\"}' | mortise flows start campaigns "
                 "--data -",
                 "with data of your own");
    cmd.does([&c, o] { return start_flow(c, *o); });
}

} // namespace

readable_flows flows_for_reading(const common& c) {
    auto ready = std::make_shared<prepared>(prepare(options_of(c)));
    readable_flows out;
    out.directory = ready->ok
                        ? std::make_shared<const flow_directory>(*ready->config, *ready->plugins)
                        : std::make_shared<const flow_directory>();
    out.kept = std::move(ready);
    return out;
}

void add_flows(command& program, common& c) {
    auto& group = program.sub("flows", "Flows: what they are bound to, and how safe a repeat of "
                                       "their operations is");
    auto name = std::make_shared<std::string>();
    group.argument("name", *name, "One flow with each of its operations").completes("flows");
    group.watchable(c);
    group.example("mortise flows", "all flows with the operation least safe to repeat")
        .example("mortise flows campaigns", "one with each operation");
    group.does([&c, name] { return name->empty() ? list_flows(c) : show_flow(c, *name); });
    auto& list = group.sub("list", "Lists flows, as mortise flows does");
    list.watchable(c);
    list.example("mortise flows list --json", "for a program");
    list.does([&c] { return list_flows(c); });
    auto& one = group.sub("show", "Shows a flow with each of its operations");
    auto which = std::make_shared<std::string>();
    one.argument("name", *which, "The flow").required().completes("flows");
    one.watchable(c);
    one.example("mortise flows show campaigns", "its roles and operations");
    one.does([&c, which] { return show_flow(c, *which); });
    add_start(group, c);
}

} // namespace mortise::host::cli
