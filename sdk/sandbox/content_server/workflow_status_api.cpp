// SPDX-License-Identifier: Apache-2.0
//
// What clients see of workflows: status lists, details, activities, my assignments.
#include "render.hpp"
#include "workflow.hpp"

namespace mortise::sandbox::content_server {
namespace {

json::array people(service& s, member_id id) {
    json::array out;
    const auto add = [&](const member& m) {
        out.push_back(json::object{{"userId", m.id},
                                   {"loginName", m.name},
                                   {"firstName", m.first_name},
                                   {"lastName", m.last_name},
                                   {"emailAddress", m.email},
                                   {"phone", m.phone}});
    };
    const auto* m = s.repo().find_member(id);
    if (m == nullptr) return out;
    if (m->type == 0 || m->type == 17) {
        add(*m);
    } else {
        for (const auto each : m->members)
            if (const auto* one = s.repo().find_member(each)) add(*one);
    }
    return out;
}

json::value optional_date(const service& s, const std::optional<time_point>& t) {
    return t ? json::value(s.plain_date(*t)) : json::value(nullptr);
}

json::object step_json(service& s, const process& p, const process_step& step) {
    const member_id who = step.done_by != 0       ? step.done_by
                          : step.accepted_by != 0 ? step.accepted_by
                                                  : step.performer;
    auto assignees = people(s, who);
    const auto* m = s.repo().find_member(who);
    json::object o;
    o["process_id"] = p.id;
    o["subprocess_id"] = p.id;
    o["task_id"] = step.definition.task_id;
    o["task_name"] = step.definition.title;
    o["task_due_date"] = optional_date(s, step_due(step));
    o["task_start_date"] = step.state == step_state::next ? json::value(nullptr)
                                                          : json::value(s.plain_date(step.ready));
    o["task_status"] = step.state == step_state::done      ? "completed"
                       : step.state == step_state::current ? "ontime"
                                                           : "waiting";
    const auto count = assignees.size();
    o["task_assignees"] = json::object{{"assignee", std::move(assignees)},
                                       {"assigneeCount", count},
                                       {"currentAssignee", m != nullptr ? m->name : std::string()}};
    return o;
}

json::object status_json(service& s, const process& p) {
    std::vector<const process_step*> current;
    for (const auto& step : p.steps)
        if (step.state == step_state::current) current.push_back(&step);
    json::object o;
    o["process_id"] = p.id;
    o["subprocess_id"] = p.id;
    o["task_id"] = current.empty() ? 0 : current.front()->definition.task_id;
    o["wf_name"] = p.title;
    o["step_name"] = current.empty() ? "" : current.front()->definition.title;
    o["steps_count"] = p.steps.size();
    o["status_key"] = status_key(s, p);
    // The performers are in `assignee`; current_assignee stays blank for several.
    json::array assignees;
    if (!current.empty()) assignees = people(s, current.front()->performer);
    o["assignee_count"] = assignees.size();
    o["current_assignee"] = "";
    o["assignee"] = std::move(assignees);
    json::array parallel;
    if (current.size() > 1)
        for (const auto* step : current)
            parallel.push_back(step_json(s, p, *step));
    o["parallel_steps"] = std::move(parallel);
    o["comments_on"] = true;
    o["due_date"] = optional_date(s, p.due);
    o["date_initiated"] = p.state == process_state::draft ? json::value(nullptr)
                                                          : json::value(s.plain_date(p.initiated));
    return json::object{{"data", json::object{{"wfstatus", std::move(o)}}},
                        {"definitions", json::object()}};
}

std::vector<const process*> visible(service& s, call& c, const std::string& kind) {
    std::vector<const process*> out;
    for (const auto& [id, p] : s.repo().data().processes) {
        if (p.state == process_state::draft) continue;
        const bool initiated = p.initiator == c.user;
        const bool managed = may_manage(s, p, c.user);
        if (kind == "Initiated" ? initiated : kind == "Managed" ? managed : initiated || managed)
            out.push_back(&p);
    }
    return out;
}

reply status_list(service& s, call& c) {
    // Names are case-sensitive; wrong ones are ignored, as on the real server.
    std::string kind = c.args.text("Kind", c.args.text("kind", "Both"));
    auto list = visible(s, c, kind);
    const std::string wanted = c.args.text("wstatus");
    std::erase_if(list, [&](const process* p) {
        const auto key = status_key(s, *p);
        return (!wanted.empty() && key != wanted) || (wanted.empty() && key == "archived");
    });
    json::array results;
    for (const auto* p : list)
        results.push_back(status_json(s, *p));
    return v2_results(c, std::move(results));
}

// A row of the workflow tables, as this list alone shows them.
json::object active_row(service& s, const process& p) {
    const int status = p.state == process_state::stopped     ? 1
                       : p.state == process_state::completed ? 2
                       : p.state == process_state::archived  ? 3
                                                             : 0;
    json::value step_due_date(nullptr);
    for (const auto& step : p.steps)
        if (const auto due = step_due(step)) step_due_date = s.plain_date(*due);
    json::object o;
    o["Work_WorkID"] = p.id;
    o["Work_Status"] = status;
    o["Work_OwnerID"] = p.initiator;
    o["Work_ManagerID"] = p.initiator;
    o["Work_DateDue_Max"] = optional_date(s, p.due);
    o["Work_OwnerPerms"] = nullptr;
    o["SubWork_SubWorkID"] = p.id;
    o["SubWork_DateInitiated"] = s.plain_date(p.initiated);
    o["SubWork_DateDue_Max"] = optional_date(s, p.due);
    o["Map_MapID"] = p.map - 7000;
    o["Map_MapObjID"] = p.map;
    o["SubWorkTask_DateMilestone"] = nullptr;
    o["SubWorkTask_DateDue_Max"] = std::move(step_due_date);
    o["SubWork_UserData"] = nullptr;
    o["SubWork_ReturnSubWorkID"] = 0;
    o["SubWork_Title"] = p.title;
    o["SubWork_Status"] = status;
    o["comments_on"] = 1;
    return o;
}

reply active_list(service& s, call& c) {
    auto list = visible(s, c, c.args.text("Kind", "Both"));
    const auto map = c.args.integer("mapObjId", 0);
    const auto name = c.args.text("search_name");
    const auto workspace = c.args.integer("businessWorkspaceID", 0);
    const auto from = parse_iso(c.args.text("fromDate"));
    const auto to = parse_iso(c.args.text("toDate"));
    const bool archived = c.args.text("status") == "ARCHIVED";
    std::erase_if(list, [&](const process* p) {
        if ((map != 0 && p->map != map) || (!name.empty() && !contains_text(p->title, name)))
            return true;
        if ((from && p->initiated < *from) || (to && p->initiated > *to)) return true;
        if ((p->state == process_state::archived) != archived) return true;
        if (workspace == 0) return false;
        for (const auto& [id, n] : s.repo().data().nodes)
            if (n.parent == p->attachments && s.repo().is_inside(n.original, workspace))
                return false;
        return true;
    });
    json::array results;
    for (const auto* p : list)
        results.push_back(active_row(s, *p));
    return v2_results(c, std::move(results));
}

reply details(service& s, call& c) {
    const auto& p = require_process(s, c.id("process"), c.user);
    json::array completed, current, next;
    for (const auto& step : p.steps) {
        if (step.state == step_state::skipped) continue;
        (step.state == step_state::done      ? completed
         : step.state == step_state::current ? current
                                             : next)
            .push_back(step_json(s, p, step));
    }
    const auto* initiator = s.repo().find_member(p.initiator);
    json::object header;
    header["work_workID"] = p.id;
    header["wf_name"] = p.title;
    header["status"] = status_key(s, p);
    header["initiator"] =
        json::object{{"userId", p.initiator},
                     {"loginName", initiator != nullptr ? initiator->name : ""},
                     {"firstName", initiator != nullptr ? initiator->first_name : ""},
                     {"lastName", initiator != nullptr ? initiator->last_name : ""}};
    header["date_initiated"] = s.plain_date(p.initiated);
    header["due_date"] = optional_date(s, p.due);
    json::object permissions;
    const bool manages = may_manage(s, p, c.user);
    for (const char* right : {"Archive", "ChangeAttr", "ChangeRoute", "Delete", "ManagerPerms",
                              "SeeDetail", "Stop", "Suspend"})
        permissions[right] = manages || std::string_view(right) == "SeeDetail";
    json::object o;
    o["wf_details"] = std::move(header);
    o["step_list"] = json::object{{"completed", std::move(completed)},
                                  {"current", std::move(current)},
                                  {"next", std::move(next)}};
    o["attachments"] = json::object{{"attachment_folder_id", p.attachments}};
    o["data_packages"] = json::array{json::object{
        {"TYPE", 1}, {"SUBTYPE", 1}, {"DESCRIPTION", "Attachments"}, {"USERDATA", p.attachments}}};
    o["permissions"] = std::move(permissions);
    return v2_results(c, std::move(o));
}

std::string login_of(service& s, member_id id) {
    const auto* m = s.repo().find_member(id);
    return m != nullptr ? m->name : std::string();
}

json::object info_step(service& s, const process& p, const process_step& step) {
    const member_id who = step.done_by != 0       ? step.done_by
                          : step.accepted_by != 0 ? step.accepted_by
                                                  : step.performer;
    const bool ready = step.state == step_state::current || step.state == step_state::done;
    json::object work;
    work["SubWorkTask_WorkID"] = p.id;
    work["SubWorkTask_SubWorkID"] = p.id;
    work["SubWorkTask_TaskID"] = step.definition.task_id;
    work["SubWorkTask_Title"] = step.definition.title;
    work["SubWorkTask_PerformerID"] = who;
    work["_SUBWORKTASK_PERFORMERID_OwnerID"] = who;
    work["_SUBWORKTASK_PERFORMERID_Name"] = login_of(s, who);
    work["SubWorkTask_DateReady"] =
        ready ? json::value(s.plain_date(step.ready)) : json::value(nullptr);
    work["SubWorkTask_DateDone"] = step.state == step_state::done
                                       ? json::value(s.plain_date(step.done))
                                       : json::value(nullptr);
    work["SubWorkTask_DateDue_Max"] = optional_date(s, step_due(step));
    work["SubWorkTask_Status"] = step.state == step_state::done      ? "Completed"
                                 : step.state == step_state::current ? "Ready"
                                                                     : "Pending";
    work["SubWorkTask_IterNum"] = 1;
    return json::object{{"TITLE", step.definition.title},
                        {"TYPE", 1},
                        {"SUBTYPE", 2},
                        {"TASKID", step.definition.task_id},
                        {"WORK", std::move(work)}};
}

reply full_info(service& s, call& c) {
    const auto& p = require_process(s, c.args.required_integer("workid"), c.user);
    json::array audit, comments, children, steps;
    for (const auto& e : p.events) {
        audit.push_back(json::object{{"AUDIT_DATE", s.plain_date(e.at)},
                                     {"USER_ID", e.user},
                                     {"USER_NAME", login_of(s, e.user)},
                                     {"AUDIT_MSG", e.action + ": " + e.label}});
        if (e.comment.empty()) continue;
        comments.push_back(json::object{{"COMMENTS", e.comment},
                                        {"DATESAVED", s.plain_date(e.at)},
                                        {"GROUPASSIGNMENT", false},
                                        {"MODULENAME", "Workflow"},
                                        {"STEPNAME", e.label},
                                        {"TASKID", e.task_id},
                                        {"USERID", e.user},
                                        {"USERNAME", login_of(s, e.user)}});
    }
    for (const auto& a : definition_of(s, p.map).attributes) {
        const auto* v = p.values.if_contains(a.key);
        children.push_back(json::object{{"Name", a.key},
                                        {"DisplayName", a.label},
                                        {"ID", a.key.substr(a.key.rfind('_') + 1)},
                                        {"Value", v != nullptr ? *v : json::value(nullptr)}});
    }
    for (const auto& step : p.steps)
        steps.push_back(info_step(s, p, step));
    json::object general;
    general["Work_WorkID"] = p.id;
    general["Work_DateInitiated"] = s.plain_date(p.initiated);
    general["Work_DateCompleted"] =
        p.ended == time_point() ? json::value(nullptr) : json::value(s.plain_date(p.ended));
    general["Work_DateDue_Max"] = optional_date(s, p.due);
    general["Work_OwnerID"] = p.initiator;
    general["Work_ManagerID"] = p.initiator;
    general["Work_Status"] = active_row(s, p)["Work_Status"];
    general["SubWork_SubWorkID"] = p.id;
    general["SubWork_MapID"] = p.map - 7000;
    general["SubWork_Title"] = p.title;
    general["_WORK_OWNERID_Name"] = login_of(s, p.initiator);
    json::object o;
    o["Attachments"] = p.attachments;
    o["Attributes"] = json::array{json::object{
        {"Content", json::object{{"Rootset", json::object{{"Name", "Attributes"},
                                                          {"Children", std::move(children)}}}}}}};
    o["auditInfo"] = std::move(audit);
    o["comments"] = std::move(comments);
    o["forms"] = json::array();
    o["generalInfo"] = json::array{std::move(general)};
    o["ManagerList"] = json::array();
    o["stepList"] = std::move(steps);
    return v2_results(c, std::move(o));
}

reply activities(service& s, call& c) {
    const auto& p = require_process(s, c.id("process"), c.user);
    const auto limit = c.args.integer("limit", 100);
    json::array data;
    for (auto it = p.events.rbegin(); it != p.events.rend(); ++it) {
        if (static_cast<std::int64_t>(data.size()) >= limit) break;
        data.push_back(json::object{
            {"action", it->action},
            {"action_properties", json::object{{"event", it->action},
                                               {"label", it->label},
                                               {"node", json::object{{"id", p.attachments}}},
                                               {"user_id", it->user}}},
            {"comment", it->comment},
            {"date", s.plain_date(it->at)},
            {"user_id", it->user}});
    }
    return v2_results(c, json::object{{"data", std::move(data)}});
}

reply assignments(service& s, call& c) {
    json::array results;
    for (const auto& [id, p] : s.repo().data().processes) {
        if (p.state != process_state::running) continue;
        for (const auto& step : p.steps) {
            if (step.state != step_state::current || !may_perform(s, step, c.user)) continue;
            const auto due = step_due(step);
            const bool late = due && *due < s.now();
            json::object o;
            o["id"] = id;
            o["name"] = step.definition.title;
            o["description"] = p.title;
            o["type"] = 153;
            o["type_name"] = "Workflow Step";
            o["date_due"] = optional_date(s, due);
            o["from_user_id"] = step.from_user;
            o["priority"] = 50;
            o["priority_name"] = "Medium";
            o["status"] = late ? 1 : 0;
            o["status_name"] = late ? "Late" : "Pending";
            o["instructions"] = step.definition.instructions;
            o["location_id"] = nullptr;
            o["maptask_subtype"] = 0;
            o["proxy"] = false;
            o["workflow_id"] = id;
            o["workflow_subworkflow_id"] = id;
            o["workflow_subworkflow_task_id"] = step.definition.task_id;
            o["workflow_open_in_smart_ui"] = true;
            results.push_back(json::object{{"data", json::object{{"assignments", std::move(o)}}}});
        }
    }
    return v2_results(c, std::move(results));
}

} // namespace

void add_workflow_status_routes(service& s) {
    s.module("workflow");
    s.add("GET", "v2/workflows/status", [&s](call& c) { return status_list(s, c); });
    s.add("GET", "v2/workflows/instances/status", [&s](call& c) { return status_list(s, c); });
    s.add("GET", "v2/workflows/status/active", [&s](call& c) { return active_list(s, c); });
    s.add("GET", "v2/workflows/status/info", [&s](call& c) { return full_info(s, c); });
    for (const char* path :
         {"v2/workflows/status/processes/{process}", "v2/workflows/status/instances/{process}"})
        s.add("GET", path, [&s](call& c) { return details(s, c); });
    for (const char* path : {"v2/processes/{process}/subprocesses/{sub}/activities",
                             "v2/workflows/{process}/subworkflows/{sub}/activities"})
        s.add("GET", path, [&s](call& c) { return activities(s, c); });
    for (const char* path :
         {"v2/members/assignments", "v2/members/moduleassignments/ExpandAssignments/workflow"})
        s.add("GET", path, [&s](call& c) { return assignments(s, c); });
    s.module("");
}

} // namespace mortise::sandbox::content_server
