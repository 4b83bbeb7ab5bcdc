// SPDX-License-Identifier: Apache-2.0
#include "release_flow.hpp"

#include <mortise/sdk/join.hpp>

namespace depot {

namespace json = mortise::json;
using mortise::task;

void release_flow::describe(mortise::flow_builder<release_flow>& b) {
    b.id("depot-release").version("1.0.0").title("Release a file");
    b.doc("Has a file checked and approved before others hear of it.");
    b.config<release_settings>();
    b.role("files", "depot", "Where the files are");
    b.role("mail", "mail", "Who tells people").uses("send");
    b.starts_on("files", "depot.file.changed");
}

// A run of its own for each check: it may wait for days, fail, and be mended by itself.
task<json::value> release_flow::check(mortise::flow_run run, std::string flow, std::string id) {
    mortise::child one;
    one.flow = flow;
    one.key = id; // checks of one file by one flow come one after another
    one.data = json::object{{"file", id}};
    return run.spawn("check:" + flow, std::move(one));
}

task<void>
release_flow::write(mortise::flow_run run, std::string key, std::string to, std::string id) {
    json::value mail{{"to", to}, {"file", id}};
    co_await run.call(key, "mail", "send", std::move(mail));
}

task<mortise::event>
release_flow::decision(mortise::flow_run run, std::string who, std::string id) {
    mortise::event_wait wait("depot.release.decided", id, settings_.deadline);
    wait.remind_after = settings_.remind_after;
    wait.remind_every = std::chrono::days(1);
    wait.remind = [this, &run, who, id](int n) {
        return write(run, "remind-" + std::to_string(n), who, id);
    };
    co_await write(run, "ask", who, id);
    co_return co_await run.wait_event("decision", std::move(wait));
}

task<json::value> release_flow::run(mortise::flow_run& run, mortise::event first) {
    const std::string id = first.subject;
    std::vector<task<json::value>> checks;
    for (const auto& flow : settings_.checks)
        checks.push_back(check(run, flow, id));
    const auto verdicts = co_await mortise::all(std::move(checks));
    for (const auto& verdict : verdicts)
        if (!mortise::require_bool(verdict, "ok")) co_return json::value{{"released", false}};

    std::optional<mortise::event> decided;
    try {
        decided = co_await decision(run.scope("owner"), settings_.owner, id);
    } catch (const mortise::error& e) {
        if (e.category != mortise::category::timeout || settings_.deputy.empty()) throw;
    }
    if (!decided) decided = co_await decision(run.scope("deputy"), settings_.deputy, id);
    if (!mortise::require_bool(decided->data, "granted"))
        co_return json::value{{"released", false}};

    co_await run.sleep_for("cool-down", settings_.cool_down);
    co_return json::value{{"released", true}, {"at", mortise::format_time(run.now())}};
}

} // namespace depot
