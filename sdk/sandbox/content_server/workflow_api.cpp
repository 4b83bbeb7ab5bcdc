// SPDX-License-Identifier: Apache-2.0
//
// Workflow calls that change something, under both spellings (processes and workflows), and the
// forms of start and task.
#include "render.hpp"
#include "workflow.hpp"

namespace mortise::sandbox::content_server {
namespace {

json::value form_value(const process& p, const workflow_attribute& a) {
    const auto* v = p.values.if_contains(a.key);
    return v != nullptr ? *v : json::value(nullptr);
}

json::array forms_of(service& s, const process& p, bool start) {
    json::object data, fields, properties;
    if (start) {
        data["WorkflowForm_Title"] = p.title;
        data["WorkflowForm_WorkflowDueDate"] = nullptr;
        fields["WorkflowForm_Title"] = json::object{{"label", "Title"}, {"type", "text"}};
        properties["WorkflowForm_Title"] = json::object{{"type", "string"}, {"required", true}};
    }
    for (const auto& a : definition_of(s, p.map).attributes) {
        data[a.key] = form_value(p, a);
        fields[a.key] = json::object{{"label", a.label}, {"type", a.type}};
        properties[a.key] = json::object{{"type", a.type == "date" ? "string" : a.type},
                                         {"title", a.label},
                                         {"required", a.required}};
    }
    json::object form;
    form["data"] = std::move(data);
    form["options"] = json::object{{"fields", std::move(fields)}};
    form["schema"] = json::object{{"properties", std::move(properties)}, {"type", "object"}};
    form["columns"] = 1;
    return json::array{std::move(form)};
}

json::array data_packages(const process& p) {
    return json::array{
        json::object{{"type", 1},
                     {"sub_type", 1},
                     {"description", "Attachments"},
                     {"data", json::object{{"attachment_folder_id", p.attachments}}}},
        json::object{
            {"type", 1}, {"sub_type", 2}, {"description", "Comments"}, {"data", json::object()}}};
}

reply definition(service& s, call& c) {
    const auto map = c.id("map");
    s.repo().require(map, c.user);
    const auto& d = definition_of(s, map);
    json::array tasks, roles;
    tasks.push_back(json::object{
        {"task_id", 0}, {"title", "Start"}, {"type", 1}, {"sub_type", 1}, {"instructions", ""}});
    for (const auto& step : d.steps) {
        tasks.push_back(json::object{{"task_id", step.task_id},
                                     {"title", step.title},
                                     {"type", 1},
                                     {"sub_type", 2},
                                     {"instructions", step.instructions}});
        if (!step.role.empty()) roles.push_back(json::value(step.role));
    }
    json::object o;
    o["workflow_id"] = map;
    o["workflow_roles"] = std::move(roles);
    o["tasks"] = std::move(tasks);
    o["data_packages"] = json::array{
        json::object{{"type", 1}, {"sub_type", 1}, {"description", "Attachments"}, {"data", 0}},
        json::object{{"type", 1}, {"sub_type", 2}, {"description", "Comments"}, {"data", 0}}};
    return v2_results(c, json::object{{"definition", std::move(o)}});
}

reply document_maps(service& s, call& c) {
    if (const auto id = c.args.integer("doc_id", 0); id != 0) s.repo().require(id, c.user);
    json::array data;
    for (const auto& [id, d] : s.repo().data().workflow_maps)
        if (const auto* n = s.repo().find(id); n && s.repo().may(c.user, *n, "see"))
            data.push_back(
                json::object{{"DataID", id}, {"Name", n->name}, {"WorkflowType", "1_1"}});
    return v2_results(c, json::object{{"data", std::move(data)}});
}

std::vector<node_id> documents(const call& c) {
    const auto ids = c.args.integers("doc_ids");
    return {ids.begin(), ids.end()};
}

reply create_draft(service& s, call& c) {
    const auto docs = c.args.flag("AttachDocuments", true) ? documents(c) : std::vector<node_id>();
    const auto& p = draft_process(s, c.args.required_integer("workflow_id"), docs, c.user);
    return v2_results(c, json::object{{"draftprocess_id", p.id}, {"workflow_type", "1_1"}});
}

process& draft_of(service& s, call& c, node_id id) {
    auto& p = require_process(s, id, c.user);
    if (p.state != process_state::draft)
        throw failure{400, "The workflow has already been initiated.", {}};
    return p;
}

json::object started(const process& p) {
    return json::object{{"custom_message", p.title + " was initiated successfully."},
                        {"process_id", p.id},
                        {"WorkID", nullptr},
                        {"WRID", nullptr}};
}

reply update_draft(service& s, call& c) {
    auto& p = draft_of(s, c, c.id("draft"));
    const std::string action = c.args.text("action");
    if (action == "formUpdate") {
        const auto values = c.args.object("values");
        if (!values) throw failure{400, "Argument 'values' is required.", {}};
        set_form_values(s, p, *values);
        return v2_empty(c);
    }
    if (action != "Initiate")
        throw failure{400, "Could not process object, invalid action '" + action + "'", {}};
    initiate(s, p, c.user, c.args.text("comment"));
    return v2_results(c, started(p));
}

reply start_now(service& s, call& c) {
    const auto map = c.args.required_integer("workflow_id");
    s.repo().require(map, c.user);
    if (definition_of(s, map).start_step_enabled)
        throw failure{400,
                      "This REST API only initiates workflows with a disabled start step. The "
                      "workflow's start step is enabled. Hence this operation will not be "
                      "successful",
                      {}};
    auto& p = draft_process(s, map, documents(c), c.user);
    initiate(s, p, c.user, {});
    return v2_results(c, started(p));
}

reply start_process(service& s, call& c) {
    auto fields = c.args.object("definition");
    const auto* id = fields ? fields->if_contains("workflow_id") : c.args.find("workflow_id");
    const auto map = id != nullptr ? to_integer(*id) : std::nullopt;
    if (!map) throw failure{400, "Argument 'workflow_id' is required.", {}};
    const auto& d = definition_of(s, *map);
    std::map<std::string, member_id> roles;
    if (fields)
        if (const auto* info = fields->if_contains("role_info"); info && info->is_object())
            for (const auto& [name, who] : info->get_object()) {
                const auto member_key = to_integer(who).value_or(0);
                s.repo().require_member(member_key);
                roles[std::string(name)] = member_key;
            }
    for (const auto& step : d.steps)
        if (!step.role.empty() && !roles.contains(step.role))
            throw failure{400, "The role '" + step.role + "' has no performer.", {}};
    auto& p = draft_process(s, *map, documents(c), c.user);
    for (auto& step : p.steps)
        if (const auto it = roles.find(step.definition.role); it != roles.end())
            step.performer = it->second;
    initiate(s, p, c.user, {});
    return reply::json(200, json::object{{"process_id", p.id}});
}

reply draft_form(service& s, call& c) {
    const auto& p = draft_of(s, c, c.args.required_integer("draftprocess_id"));
    json::object data;
    data["title"] = p.title;
    data["actions"] = json::array{json::object{{"key", "Initiate"}, {"label", "Start"}}};
    data["custom_actions"] = json::array();
    data["comments_on"] = true;
    data["attachments_on"] = true;
    data["data_packages"] = data_packages(p);
    data["workflow_type"] = "1_1";
    return reply::json(200,
                       json::object{{"data", std::move(data)}, {"forms", forms_of(s, p, true)}});
}

process& process_with(service& s, call& c) {
    auto& p = require_process(s, c.id("process"), c.user);
    if (c.id("sub") != p.id)
        throw failure{400, "Could not get a subworkflow for " + c.raw.param("sub"), {}};
    return p;
}

reply task_form(service& s, call& c) {
    auto& p = require_process(s, c.args.required_integer("process_id"), c.user);
    const auto& step = require_step(p, static_cast<int>(c.args.required_integer("task_id")));
    if (step.state != step_state::current || !may_perform(s, step, c.user))
        throw failure{400, "The task is not active.", {}};
    json::array actions, custom;
    if (step.definition.dispositions.empty())
        actions.push_back(json::object{{"key", "SendOn"}, {"label", "Send On"}});
    actions.push_back(json::object{{"key", "Delegate"}, {"label", "Delegate"}});
    actions.push_back(json::object{{"key", "SendForReview"}, {"label", "Send for Review"}});
    for (const auto& d : step.definition.dispositions)
        custom.push_back(json::object{{"key", d.key}, {"label", d.key}});
    json::object data;
    data["title"] = step.definition.title;
    data["instructions"] = step.definition.instructions;
    data["priority"] = 50;
    data["comments_on"] = true;
    data["attachments_on"] = true;
    data["authentication"] = step.definition.needs_password;
    data["actions"] = std::move(actions);
    data["custom_actions"] = std::move(custom);
    data["data_packages"] = data_packages(p);
    data["message"] = json::object{{"performer", step.performer}, {"type", ""}, {"text", ""}};
    return reply::json(200,
                       json::object{{"data", std::move(data)}, {"forms", forms_of(s, p, false)}});
}

reply act(service& s, call& c) {
    auto& p = process_with(s, c);
    task_action what;
    what.action = c.args.text("action");
    what.custom_action = c.args.text("custom_action");
    what.comment = c.args.text("comment");
    what.assignee = c.args.integer("assignee", 0);
    if (auto values = c.args.object("values")) what.values = std::move(*values);
    if (const auto info = c.args.object("authentication_info"))
        if (const auto* password = info->if_contains("password"))
            what.password = to_text(*password);
    act_on_task(s, p, static_cast<int>(c.id("task")), what, c.user);
    return v2_empty(c);
}

reply set_status(service& s, call& c) {
    auto& p = require_process(s, c.id("process"), c.user);
    change_status(s, p, c.args.required_text("status"), c.user);
    return v2_empty(c);
}

reply remove(service& s, call& c) {
    auto& p = require_process(s, c.id("process"), c.user);
    if (!may_manage(s, p, c.user))
        throw failure{400, "You are not allowed to manage the workflow.", {}};
    if (p.state == process_state::running || p.state == process_state::suspended)
        throw failure{400, "A running workflow cannot be deleted.", {}};
    s.repo().discard(p.attachments);
    s.repo().data().processes.erase(p.id);
    return v2_empty(c);
}

// A group's task: may it be claimed, and claiming it.
reply claim(service& s, call& c, bool accept) {
    auto& p = process_with(s, c);
    auto& step = require_step(p, static_cast<int>(c.id("task")));
    const auto* performer = s.repo().find_member(step.performer);
    const bool group = performer != nullptr && performer->type != 0;
    const bool can = group && step.state == step_state::current && step.accepted_by == 0 &&
                     may_perform(s, step, c.user);
    if (accept) {
        if (!can) throw failure{400, "The task cannot be accepted.", {}};
        step.accepted_by = c.user;
        return v2_empty(c);
    }
    return v2_results(c, json::object{{"is_group_assignment", group}, {"can_accept", can}});
}

} // namespace

void add_workflow_routes(service& s) {
    s.module("workflow");
    s.add("GET", "v2/docworkflows", [&s](call& c) { return document_maps(s, c); });
    for (const char* path : {"v2/processes/{map}/definition", "v2/workflows/{map}/definition"})
        s.add("GET", path, [&s](call& c) { return definition(s, c); });
    for (const std::string base : {"v2/draftprocesses", "v2/workflows/draftinstances"}) {
        s.add("POST", base, [&s](call& c) { return create_draft(s, c); });
        s.add("POST", base + "/startwf", [&s](call& c) { return start_now(s, c); });
        s.add("PUT", base + "/{draft}", [&s](call& c) { return update_draft(s, c); });
    }
    for (const char* path : {"v1/forms/draftprocesses", "v1/forms/draftprocesses/update"})
        s.add("GET", path, [&s](call& c) { return draft_form(s, c); });
    for (const char* path : {"v2/processes", "v2/workflows/Initiate"})
        s.add("POST", path, [&s](call& c) { return start_process(s, c); });
    s.add("GET", "v1/forms/processes/tasks/update", [&s](call& c) { return task_form(s, c); });
    for (const char* path : {"v2/processes/{process}/subprocesses/{sub}/tasks/{task}",
                             "v2/workflows/workflowid/{process}/subworkflows/{sub}/tasks/{task}"})
        s.add("PUT", path, [&s](call& c) { return act(s, c); });
    for (const char* path :
         {"v2/processes/{process}/status", "v2/workflows/instances/{process}/status"})
        s.add("PUT", path, [&s](call& c) { return set_status(s, c); });
    for (const char* path : {"v2/processes/{process}", "v2/workflows/instances/{process}"})
        s.add("DELETE", path, [&s](call& c) { return remove(s, c); });
    const std::string mobile = "/taskid/{task}/processid/{process}/subprocessid/{sub}";
    s.add("GET", "v2/mobilegroupassignment/check" + mobile,
          [&s](call& c) { return claim(s, c, false); });
    s.add("POST", "v2/mobilegroupassignment/accept" + mobile,
          [&s](call& c) { return claim(s, c, true); });
    s.module("");
}

} // namespace mortise::sandbox::content_server
