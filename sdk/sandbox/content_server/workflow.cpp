// SPDX-License-Identifier: Apache-2.0
#include "workflow.hpp"

#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

void note(service& s,
          process& p,
          member_id user,
          std::string action,
          std::string label,
          std::string comment,
          int task_id) {
    process_event e;
    e.at = s.now();
    e.user = user;
    e.action = std::move(action);
    e.label = std::move(label);
    e.comment = std::move(comment);
    e.task_id = task_id;
    p.events.push_back(std::move(e));
}

void finish(service& s, process& p, member_id user) {
    for (auto& step : p.steps)
        if (step.state == step_state::current || step.state == step_state::next)
            step.state = step_state::skipped;
    p.state = process_state::completed;
    p.ended = s.now();
    note(s, p, user, "Completed", "Workflow completed", {}, 0);
}

void activate(service& s, process& p, int stage, member_id from) {
    for (auto& step : p.steps)
        if (step.definition.stage == stage && step.state == step_state::next) {
            step.state = step_state::current;
            step.ready = s.now();
            step.from_user = from;
        }
}

// Goes on to the next stage once nothing of the present one is open.
void advance(service& s, process& p, member_id user) {
    int next = 0;
    for (const auto& step : p.steps) {
        if (step.state == step_state::current) return;
        if (step.state == step_state::next && (next == 0 || step.definition.stage < next))
            next = step.definition.stage;
    }
    if (next == 0)
        finish(s, p, user);
    else
        activate(s, p, next, user);
}

} // namespace

const workflow_definition& definition_of(service& s, node_id map) {
    const auto it = s.repo().data().workflow_maps.find(map);
    if (it == s.repo().data().workflow_maps.end())
        throw failure{400, "The workflow map " + std::to_string(map) + " does not exist.", {}};
    return it->second;
}

process&
draft_process(service& s, node_id map, const std::vector<node_id>& documents, member_id user) {
    auto& repo = s.repo();
    const auto& map_node = repo.require(map, user);
    const auto& definition = definition_of(s, map);
    std::vector<const node*> attached;
    for (const node_id id : documents)
        attached.push_back(&repo.require(id, user));
    process p;
    p.id = repo.next_id();
    p.map = map;
    p.title = map_node.name;
    p.initiator = user;
    node folder;
    for (const auto& [id, n] : repo.data().nodes)
        if (n.type == subtype::workflow_volume) folder.parent = id;
    folder.type = subtype::attachments;
    folder.name = "Attachments " + std::to_string(p.id);
    p.attachments = repo.create(std::move(folder), admin_id).id;
    repo.set_custom(*repo.find(p.attachments), user, all_rights(), false);
    for (const auto* document : attached) {
        node shortcut;
        shortcut.type = subtype::shortcut;
        shortcut.parent = p.attachments;
        shortcut.name = document->name;
        shortcut.original = document->id;
        repo.create(std::move(shortcut), admin_id);
    }
    for (const auto& step : definition.steps) {
        process_step ps;
        ps.definition = step;
        ps.performer = step.performer;
        p.steps.push_back(std::move(ps));
    }
    for (const auto& a : definition.attributes)
        p.values[a.key] = nullptr;
    const auto id = p.id;
    return repo.data().processes.emplace(id, std::move(p)).first->second;
}

void initiate(service& s, process& p, member_id user, const std::string& comment) {
    if (p.state != process_state::draft)
        throw failure{400, "The workflow has already been initiated.", {}};
    for (const auto& a : definition_of(s, p.map).attributes) {
        const auto* v = p.values.if_contains(a.key);
        if (a.required && (v == nullptr || v->is_null()))
            throw failure{400, "The required attribute '" + a.label + "' has no value.", {}};
    }
    p.state = process_state::running;
    p.initiated = s.now();
    if (!p.due) {
        int days = 0;
        for (const auto& step : p.steps)
            days += step.definition.days;
        p.due = s.now() + std::chrono::hours(24 * days);
    }
    note(s, p, user, "Initiated", "Workflow initiated", comment, 0);
    // Performers need the documents' folder.
    auto& folder = *s.repo().find(p.attachments);
    for (const auto& step : p.steps)
        s.repo().set_custom(folder, step.performer, all_rights(), true);
    advance(s, p, user);
}

bool may_perform(service& s, const process_step& step, member_id user) {
    if (step.accepted_by != 0) return step.accepted_by == user;
    return step.performer == user || s.repo().memberships(user).contains(step.performer);
}

bool may_manage(service& s, const process& p, member_id user) {
    return p.initiator == user || s.repo().is_admin(user);
}

process& require_process(service& s, node_id id, member_id user) {
    const auto it = s.repo().data().processes.find(id);
    const auto involved = [&](const process& p) {
        if (may_manage(s, p, user)) return true;
        return std::any_of(p.steps.begin(), p.steps.end(), [&](const process_step& step) {
            return step.done_by == user ||
                   (step.state == step_state::current && may_perform(s, step, user));
        });
    };
    if (it == s.repo().data().processes.end() || !involved(it->second))
        throw failure{400, "Could not access task status", {}};
    return it->second;
}

process_step& require_step(process& p, int task_id) {
    for (auto& step : p.steps)
        if (step.definition.task_id == task_id) return step;
    throw failure{400,
                  "Could not get task " + std::to_string(task_id) + " of workflow " +
                      std::to_string(p.id),
                  {}};
}

void set_form_values(service& s, process& p, const json::object& values) {
    json::object changed = p.values;
    for (const auto& [key, value] : values) {
        const std::string name(key);
        if (name == "WorkflowForm_Title") {
            p.title = to_text(value);
            continue;
        }
        if (name == "WorkflowForm_WorkflowDueDate") {
            std::string text = to_text(value);
            if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
            const auto due = parse_iso(text);
            if (!text.empty() && !due)
                throw failure{400, "Invalid date for 'WorkflowForm_WorkflowDueDate'.", {}};
            p.due = due;
            continue;
        }
        const auto& attributes = definition_of(s, p.map).attributes;
        const auto a = std::find_if(attributes.begin(), attributes.end(),
                                    [&](const auto& x) { return x.key == name; });
        if (a == attributes.end())
            throw failure{400, "The form field '" + name + "' does not exist.", {}};
        // Values keep their JSON type: a number field refuses "" and "0".
        if (a->type == "integer" && !value.is_null() && !value.is_int64() && !value.is_uint64())
            throw failure{400, "Invalid datatype specified for argument '" + name + "'.", {}};
        if (a->type == "boolean" && !value.is_null() && !to_flag(value))
            throw failure{400, "Invalid datatype specified for argument '" + name + "'.", {}};
        changed[name] = value;
    }
    p.values = std::move(changed);
}

void act_on_task(service& s, process& p, int task_id, const task_action& what, member_id user) {
    if (!what.action.empty() && !what.custom_action.empty())
        throw failure{400, "It is not allowed to execute an action and a custom action", {}};
    if (what.action.empty() && what.custom_action.empty())
        throw failure{400, "Argument 'action' is required.", {}};
    auto& step = require_step(p, task_id);
    if (p.state != process_state::running || step.state != step_state::current)
        throw failure{400, "The task is not active.", {}};
    if (!may_perform(s, step, user))
        throw failure{400, "Could not get the task: it is not assigned to you.", {}};
    if (what.action == "formUpdate") {
        set_form_values(s, p, what.values);
        return;
    }
    if (step.definition.needs_password) {
        const auto* m = s.repo().find_member(user);
        if (m == nullptr || m->password != what.password)
            throw failure{400, "The authentication for the task failed.", "662306821"};
    }
    if (what.action == "Delegate" || what.action == "Review" || what.action == "SendForReview") {
        if (what.assignee == 0) throw failure{400, "Argument 'assignee' is required.", {}};
        s.repo().require_member(what.assignee);
        note(s, p, user, what.action, step.definition.title, what.comment, task_id);
        step.from_user = user;
        step.performer = what.assignee;
        step.accepted_by = 0;
        s.repo().set_custom(*s.repo().find(p.attachments), what.assignee, all_rights(), true);
        return;
    }
    bool ends = false;
    if (!what.custom_action.empty()) {
        const auto& list = step.definition.dispositions;
        const auto it = std::find_if(list.begin(), list.end(),
                                     [&](const auto& d) { return d.key == what.custom_action; });
        if (it == list.end())
            throw failure{
                400, "Could not process object, invalid action '" + what.custom_action + "'", {}};
        ends = it->ends;
        step.disposition = it->key;
    } else if (what.action != "SendOn" || !step.definition.dispositions.empty()) {
        throw failure{400, "Could not process object, invalid action '" + what.action + "'", {}};
    } else {
        step.disposition = "SendOn";
    }
    step.state = step_state::done;
    step.done = s.now();
    step.done_by = user;
    step.comment = what.comment;
    note(s, p, user, step.disposition, step.definition.title, what.comment, task_id);
    if (ends)
        finish(s, p, user);
    else
        advance(s, p, user);
}

void change_status(service& s, process& p, const std::string& status, member_id user) {
    if (!may_manage(s, p, user))
        throw failure{400, "No permission to change the status of the process", {}};
    const auto refuse = [&] {
        throw failure{400, "The status of the workflow cannot be changed to '" + status + "'.", {}};
    };
    if (status == "suspend") {
        if (p.state != process_state::running) refuse();
        p.state = process_state::suspended;
    } else if (status == "resume") {
        if (p.state != process_state::suspended) refuse();
        p.state = process_state::running;
    } else if (status == "stop") {
        if (p.state != process_state::running && p.state != process_state::suspended) refuse();
        p.state = process_state::stopped;
        p.ended = s.now();
    } else if (status == "archive") {
        if (p.state != process_state::completed && p.state != process_state::stopped) refuse();
        p.state = process_state::archived;
    } else {
        throw failure{400, "Invalid value specified for argument 'status'.", {}};
    }
    note(s, p, user, status, "Workflow " + status, {}, 0);
}

std::optional<time_point> step_due(const process_step& step) {
    if (step.state != step_state::current || step.definition.days <= 0) return std::nullopt;
    return step.ready + std::chrono::hours(24 * step.definition.days);
}

std::string status_key(const service& s, const process& p) {
    switch (p.state) {
    case process_state::draft:
        return "draft";
    case process_state::suspended:
        return "suspended";
    case process_state::completed:
        return "completed";
    case process_state::stopped:
        return "stopped";
    case process_state::archived:
        return "archived";
    case process_state::running:
        break;
    }
    if (p.due && *p.due < s.now()) return "workflowlate";
    for (const auto& step : p.steps)
        if (const auto due = step_due(step); due && *due < s.now()) return "steplate";
    return "ontime";
}

} // namespace mortise::sandbox::content_server
