// SPDX-License-Identifier: Apache-2.0
//
// The tasks of the connection's own user.
#include "content_server/text.hpp"
#include "content_server/workflows.hpp"

#include <algorithm>

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

struct choice {
    std::string key;
    std::string label;
};

std::vector<choice> choices(const json::value& form, const char* path) {
    std::vector<choice> out;
    const json::value* list = part(form, path);
    if (!list || !list->is_array()) return out;
    for (const auto& item : list->get_array()) {
        const auto* o = item.if_object();
        if (o) out.push_back({text_at(*o, "key"), text_at(*o, "label")});
    }
    return out;
}

} // namespace

task<object> workflows::list_assignments(context& c, nothing) {
    client& server = all_.server();
    const json::value answer =
        co_await server.get(c, server.at("v2/members/assignments").str(),
                            subject("assignment", "the assignments of the connection's user"));
    json::array list;
    for (const auto& item : mortise::require_array(answer, "results")) {
        const object& from = object_part(item, "data.assignments");
        // Other modules list their own kinds here.
        const std::int64_t process = int_at(from, "workflow_id");
        if (process == 0) continue;
        object one;
        one["process_id"] = process;
        one["subprocess_id"] = int_at(from, "workflow_subworkflow_id");
        one["task_id"] = int_at(from, "workflow_subworkflow_task_id");
        one["title"] = text_at(from, "name");
        for (const char* key : {"description", "instructions", "date_due", "status_name"}) {
            const std::string text = text_at(from, key);
            if (!text.empty()) one[key] = text;
        }
        if (const auto user = int_at(from, "from_user_id"); user != 0) one["from_user_id"] = user;
        list.push_back(std::move(one));
    }
    object out;
    out["assignments"] = std::move(list);
    co_return out;
}

task<object> workflows::complete_assignment(context& c, assignment_complete in) {
    const std::int64_t process = id_of(in.process_id, "process_id");
    const std::int64_t number = id_of(in.task_id, "task_id");
    const std::string what =
        "task " + std::to_string(number) + " of workflow " + std::to_string(process);
    const workflow_status now = co_await read_status(c, process);
    const auto step = std::find_if(now.steps.begin(), now.steps.end(),
                                   [number](const auto& s) { return s.task_id == number; });
    if (step == now.steps.end()) {
        throw error(category::not_found, "xecm.assignment.not-found", "There is no " + what + '.');
    }
    object out;
    out["process_id"] = process;
    out["task_id"] = number;
    if (step->state == "done") {
        out["completed"] = false;
        out["decision"] = step->decision.value_or(std::string());
        co_return out;
    }
    if (step->state != "current" || now.state != "running") {
        throw error(category::conflict, "xecm.assignment.not-active",
                    "The " + what + " is " + step->state + " and the workflow " + now.state +
                        ": it cannot be finished now.");
    }
    client& server = all_.server();
    mortise::url form_url = server.at("v1/forms/processes/tasks/update");
    form_url.query("process_id", std::to_string(process));
    form_url.query("subprocess_id", std::to_string(process));
    form_url.query("task_id", std::to_string(number));
    const json::value form =
        co_await server.get(c, form_url.str(), subject("assignment", "the form of " + what));
    const auto dispositions = choices(form, "data.custom_actions");
    object fields;
    if (in.decision.empty() && dispositions.empty()) {
        fields["action"] = "SendOn";
    } else {
        const auto taken =
            std::find_if(dispositions.begin(), dispositions.end(), [&](const choice& d) {
                return equal_ignoring_case(d.key, in.decision) ||
                       equal_ignoring_case(d.label, in.decision);
            });
        if (taken != dispositions.end()) {
            fields["custom_action"] = taken->key;
        } else if (dispositions.empty() && equal_ignoring_case(in.decision, "SendOn")) {
            fields["action"] = "SendOn";
        } else {
            std::vector<std::string> names;
            for (const auto& d : dispositions)
                names.push_back(d.label.empty() ? d.key : d.label);
            throw error(category::input, "xecm.assignment.unknown-decision",
                        "The " + what + " has no decision \"" + in.decision + '"' +
                            suggestion(in.decision, names));
        }
    }
    out["decision"] = fields.contains("action") ? fields["action"] : fields["custom_action"];
    if (!in.comment.empty()) fields["comment"] = in.comment;
    json::value body(std::move(fields));
    mortise::url url = server.at("v2/processes/" + std::to_string(process) + "/subprocesses/" +
                                 std::to_string(process) + "/tasks/" + std::to_string(number));
    co_await server.write(c, "PUT", url.str(), std::move(body), subject("assignment", what));
    out["completed"] = true;
    co_return out;
}

} // namespace content_server
