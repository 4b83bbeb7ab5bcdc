// SPDX-License-Identifier: Apache-2.0
#include "cli/check_online.hpp"

#include "app/host_systems.hpp"
#include "base/stored_json.hpp"
#include "cli/output.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

std::string count(std::size_t n, const char* what) {
    return std::to_string(n) + ' ' + what;
}

std::string operations_text(const online_finding& f) {
    if (f.operations == 0) return "none used";
    if (!f.reached) return "not checked";
    if (!f.rights_told) return std::to_string(f.operations) + " used, rights not told";
    return f.denied == 0 ? std::to_string(f.operations) + " allowed"
                         : std::to_string(f.denied) + " of " + count(f.operations, "denied");
}

std::string names_text(const online_finding& f) {
    std::string text;
    const auto add = [&](std::size_t n, const char* what) {
        if (n > 0) text += (text.empty() ? "" : ", ") + count(n, what);
    };
    add(f.names_found, "found");
    add(f.names_missing, "missing");
    add(f.names_unsure, "unsure");
    add(f.names_unchecked, "not checked");
    if (text.empty()) return "none named";
    return f.reached && !f.names_told ? text + ": the connector lists no names" : text;
}

json::value view(const online_finding& f) {
    return {{"connection", f.connection},
            {"connector", f.connector},
            {"ok", f.reached},
            {"summary", f.summary},
            {"error", f.problem.empty()
                          ? json::value(nullptr)
                          : json::value{{"category", f.problem_category}, {"message", f.problem}}},
            {"operations",
             {{"used", f.operations}, {"denied", f.denied}, {"rights_told", f.rights_told}}},
            {"names",
             {{"listed", f.names_told},
              {"found", f.names_found},
              {"missing", f.names_missing},
              {"unsure", f.names_unsure},
              {"not_checked", f.names_unchecked}}}};
}

void print(const online_report& report, const std::vector<config_problem>& problems) {
    table t({{"CONNECTION", matters::most},
             {"CONNECTOR", matters::less},
             {"REACHED", matters::most},
             "OPERATIONS",
             "NAMES",
             {"SUMMARY", matters::text}});
    for (const online_finding& f : report.connections)
        t.row({f.connection, f.connector, f.reached ? "yes" : "no (" + f.problem_category + ")",
               operations_text(f), names_text(f), f.summary});
    cli::print(t.text());
    if (!problems.empty()) std::printf("\n%s", problems_to_text(problems).c_str());
    if (report.ok()) std::printf("\nready: every system that could be asked agrees\n");
}

} // namespace

int check_online_command(const common& c,
                         host_options options,
                         const std::vector<config_problem>& warnings) {
    options.probe = true;
    host h(std::move(options));
    if (const auto started = h.start(); !started) {
        std::fputs((started.error().message + '\n').c_str(), stderr);
        return exit_configuration;
    }
    host_systems systems(h);
    const auto report = check_online(h.config(), operations_used(h.config(), h.plugins()), systems);
    h.stop();
    std::vector<config_problem> problems = warnings;
    problems.insert(problems.end(), report.problems.begin(), report.problems.end());
    if (c.json) {
        json::array connections;
        for (const online_finding& f : report.connections)
            connections.push_back(view(f));
        print_json({{"ok", report.ok()},
                    {"problems", stored_json(problems_to_json(problems))},
                    {"connections", std::move(connections)}});
    } else {
        print(report, problems);
    }
    return report.ok() ? exit_ok : exit_failed;
}

} // namespace mortise::host::cli
