// SPDX-License-Identifier: Apache-2.0
#include "cli/check_online.hpp"

#include "base/stored_json.hpp"
#include "cli/output.hpp"
#include "online/online_check.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds test_timeout{30};
constexpr std::chrono::seconds call_timeout{60}; // long lists come page by page

class systems_of_host final : public online_systems {
public:
    explicit systems_of_host(host& h) : host_(h) {}
    result<std::string> test(const std::string& connection) override {
        return host_.test_connection(connection, test_timeout);
    }
    bool offers(const std::string& connection, std::string_view operation) const override {
        return host_.offers(connection, operation);
    }
    result<std::string> call(const std::string& connection,
                             const std::string& operation,
                             const std::string& input) override {
        return host_.call(connection, operation, input, call_timeout);
    }

private:
    host& host_;
};

used_operations operations_of(const configuration& config, const plugin_catalog& plugins) {
    used_operations used;
    for (const auto& [name, f] : config.flows) {
        const auto* d = f.enabled ? plugins.find_flow(f.flow, f.version.value_or("")) : nullptr;
        if (d == nullptr) continue;
        for (const auto& role : d->roles) {
            const auto bound = f.connections.find(role.name);
            if (bound == f.connections.end()) continue;
            auto& operations = used[bound->second];
            for (const std::string& operation : role.operations)
                if (std::find(operations.begin(), operations.end(), operation) == operations.end())
                    operations.push_back(operation);
        }
    }
    return used;
}

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
    table t({"CONNECTION", "CONNECTOR", "REACHED", "OPERATIONS", "NAMES", "SUMMARY"});
    for (const online_finding& f : report.connections)
        t.row({f.connection, f.connector, f.reached ? "yes" : "no (" + f.problem_category + ")",
               operations_text(f), names_text(f), f.summary});
    std::fputs(t.text().c_str(), stdout);
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
    systems_of_host systems(h);
    const auto report = check_online(h.config(), operations_of(h.config(), h.plugins()), systems);
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
