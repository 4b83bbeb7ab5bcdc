// SPDX-License-Identifier: Apache-2.0
// Reminders to slow reviewers, and escalation.
#include "flow.hpp"

namespace asset_approval {

using iconik_workspaces::dam;
using iconik_workspaces::workspaces;
using mortise::category;
using mortise::error;
using mortise::flow_run;
using mortise::task;
namespace json = mortise::json;

// Looked up before anything is written: a wrong name must not be found out days later.
task<std::int64_t> flow::member_to_escalate_to(flow_run run) {
    const auto& name = settings_.patience.escalate_to;
    if (name.empty() || settings_.patience.escalate_after.count() <= 0) co_return 0;
    for (const char* type : {"user", "group"}) {
        json::value who{{"login", name}, {"type", type}};
        const auto found = co_await run.call(std::string("escalate-to-") + type, workspaces,
                                             "members.find", std::move(who));
        if (mortise::require_bool(found, "found"))
            co_return mortise::require_int(found, "member.id");
    }
    throw error(category::config, "asset-approval.escalate-to.unknown",
                "setting patience.escalate_to: Extended ECM knows neither a user nor a group \"" +
                    name + "\": correct the name, then retry this run with --repin");
}

task<void> flow::nudge(flow_run run, review r, slow_steps::nudge n) {
    const bool escalates = n.number == 0;
    std::string text = n.step + " of \"" + r.of.title + "\", version " +
                       std::to_string(r.of.version) + ", is still waiting for a decision";
    text = escalates ? "Escalated to " + settings_.patience.escalate_to + ": " + text
                     : "Reminder " + std::to_string(n.number) + ": " + text;
    run.info(text, {{"workflow", r.process}});
    std::vector<std::int64_t> to = n.performers;
    if (escalates) to.assign(1, r.escalate_to);
    json::array recipients(to.begin(), to.end());
    const std::string priority = escalates ? "high" : "medium";
    const auto today = mortise::format_time(run.now()).substr(0, 10);
    for (const auto& p : r.places) {
        const std::string where = std::to_string(p.workspace);
        json::value comment{{"id", p.reference}, {"text", text}};
        co_await run.call("comment:" + where, workspaces, "comments.add", std::move(comment));
        json::value reminder{{"id", p.reference},
                             {"text", text},
                             {"due_date", today},
                             {"recipients", recipients},
                             {"priority", priority}};
        co_await run.call("remind:" + where, workspaces, "reminders.create", std::move(reminder));
    }
    if (!escalates) co_return;
    json::value tell{{"asset_id", r.of.id},
                     {"text", text},
                     {"external_id", "mortise:review/" + std::to_string(r.process) + "/late/" +
                                         std::to_string(n.task)}};
    co_await run.call("tell", dam, "comments.add", std::move(tell));
}

} // namespace asset_approval
