// SPDX-License-Identifier: Apache-2.0
//
// The "people" of the control API: POST /__sandbox/play/<action>.
#include "category.hpp"
#include "render.hpp"
#include "workflow.hpp"
#include "workspace.hpp"

namespace mortise::sandbox::content_server {
namespace {

std::string text(const json::object& o, std::string_view key, bool needed = true) {
    const auto* v = o.if_contains(key);
    if (v == nullptr || v->is_null()) {
        if (needed) throw http_error(400, "\"" + std::string(key) + "\" is missing");
        return {};
    }
    return to_text(*v);
}

std::int64_t number(const json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    const auto n = v != nullptr ? to_integer(*v) : std::nullopt;
    if (!n) throw http_error(400, "\"" + std::string(key) + "\" must be a whole number");
    return *n;
}

member_id actor(service& s, const json::object& o) {
    const std::string login = text(o, "user", false);
    if (login.empty()) return admin_id;
    const auto* m = s.repo().find_login(login);
    if (m == nullptr) throw http_error(400, "there is no user \"" + login + "\"");
    return m->id;
}

// A workspace by "workspace": its id, or by "bo_id".
node& node_of(service& s, const json::object& o) {
    if (const auto* bo = o.if_contains("bo_id")) {
        for (auto& [id, n] : s.repo().data().nodes)
            if (n.workspace)
                for (const auto& object : n.workspace->objects)
                    if (object.bo_id == to_text(*bo)) return n;
        throw http_error(404, "no workspace has the business object \"" + to_text(*bo) + "\"");
    }
    auto* n = s.repo().find(number(o, "node"));
    if (n == nullptr) throw http_error(404, "there is no node " + text(o, "node"));
    return *n;
}

// Category and attribute by their names, as people see them.
node_id category_named(service& s, const std::string& name) {
    for (const auto& [id, d] : s.repo().data().categories)
        if (const auto* n = s.repo().find(id);
            n != nullptr && (equal_text(n->name, name) || std::to_string(id) == name))
            return id;
    throw http_error(404, "there is no category \"" + name + "\"");
}

json::value set_category(service& s, const json::object& o) {
    auto& n = node_of(s, o);
    const auto user = actor(s, o);
    const auto category = category_named(s, text(o, "category"));
    const auto* values = o.if_contains("values");
    if (values == nullptr || !values->is_object())
        throw http_error(400, "\"values\" must be an object: attribute name to value");
    const auto& d = require_category(s, category);
    json::object keyed;
    for (const auto& [name, value] : values->get_object()) {
        const auto it = std::find_if(d.attributes.begin(), d.attributes.end(), [&](const auto& a) {
            return equal_text(a.name, std::string_view(name.data(), name.size()));
        });
        if (it == d.attributes.end())
            throw http_error(400, "the category has no attribute \"" + std::string(name) + "\"");
        keyed[attribute_key(category, *it)] = value;
    }
    if (n.categories.contains(category))
        change_category(s, n, category, keyed, user);
    else
        add_category(s, n, category, keyed, user);
    return json::object{{"node", n.id}, {"category", category}};
}

json::value complete_task(service& s, const json::object& o) {
    auto& w = s.repo().data();
    const auto it = w.processes.find(number(o, "process"));
    if (it == w.processes.end()) throw http_error(404, "there is no such process");
    auto& p = it->second;
    int task = 0;
    if (o.contains("task")) task = static_cast<int>(number(o, "task"));
    const std::string title = text(o, "title", false);
    for (const auto& step : p.steps)
        if (task == 0 && step.state == step_state::current &&
            (title.empty() || equal_text(step.definition.title, title)))
            task = step.definition.task_id;
    if (task == 0) throw http_error(404, "the process has no such open task");
    const auto& step = require_step(p, task);
    member_id user = 0;
    if (o.contains("user")) {
        user = actor(s, o);
    } else if (const auto* m = s.repo().find_member(step.performer)) {
        user = m->type == 1 && !m->members.empty() ? *m->members.begin() : m->id;
    }
    task_action what;
    what.comment = text(o, "comment", false);
    const std::string decision = text(o, "decision", false);
    if (step.definition.dispositions.empty())
        what.action = "SendOn";
    else
        what.custom_action = decision.empty() ? step.definition.dispositions.front().key : decision;
    if (const auto* m = s.repo().find_member(user)) what.password = m->password;
    act_on_task(s, p, task, what, user);
    return json::object{{"process", p.id}, {"task", task}, {"status", status_key(s, p)}};
}

json::value create_ws(service& s, const json::object& o) {
    json::object fields = o;
    if (!fields.contains("ext_system_id") && !fields.contains("template_id"))
        fields["ext_system_id"] = "MRM";
    const auto& n = create_workspace(s, fields, actor(s, o));
    return json::object{{"id", n.id}, {"name", n.name}};
}

json::value upload_document(service& s, const json::object& o) {
    const auto user = actor(s, o);
    auto& parent = node_of(s, o);
    const node* folder = &parent;
    if (const std::string name = text(o, "folder", false); !name.empty()) {
        folder = s.repo().child_named(parent.id, name);
        if (folder == nullptr) throw http_error(404, "there is no folder \"" + name + "\"");
    }
    const std::string name = text(o, "name");
    auto* n = s.repo().child_named(folder->id, name);
    if (n == nullptr) {
        node draft;
        draft.type = subtype::document;
        draft.parent = folder->id;
        draft.name = name;
        n = &s.repo().create(std::move(draft), user);
    }
    const auto& v =
        s.repo().add_version(*n, blob(text(o, "content", false)), name,
                             o.contains("mime_type") ? text(o, "mime_type") : "text/plain", user);
    return json::object{{"id", n->id}, {"version", v.number}};
}

json::value start_workflow(service& s, const json::object& o) {
    std::vector<node_id> documents;
    if (const auto* list = o.if_contains("documents"); list != nullptr && list->is_array())
        for (const auto& id : list->get_array())
            documents.push_back(to_integer(id).value_or(0));
    const auto user = actor(s, o);
    auto& p = draft_process(s, number(o, "map"), documents, user);
    if (o.contains("title")) p.title = text(o, "title");
    initiate(s, p, user, text(o, "comment", false));
    return json::object{{"process", p.id}};
}

} // namespace

void add_play_actions(service& s) {
    // Refusals of the model come back as plain errors of the control API.
    const auto add = [&s](const char* name, const char* help,
                          json::value (*fn)(service&, const json::object&)) {
        s.play_action(name, help, [&s, fn](const json::object& o) {
            try {
                return fn(s, o);
            } catch (const failure& f) {
                throw http_error(static_cast<unsigned>(f.status), f.text);
            }
        });
    };
    add("complete-task",
        "A performer finishes a task: {process, [task | title], [decision], [comment], [user]}",
        complete_task);
    add("start-workflow", "Starts a workflow: {map, [documents], [title], [comment], [user]}",
        start_workflow);
    add("stop-workflow", "Stops a workflow: {process, [user]}",
        [](service& svc, const json::object& o) -> json::value {
            auto& p = require_process(svc, number(o, "process"), admin_id);
            change_status(svc, p, "stop", actor(svc, o));
            return json::object{{"process", p.id}, {"status", status_key(svc, p)}};
        });
    add("delete-workflow", "Deletes a workflow, whatever its state: {process}",
        [](service& svc, const json::object& o) -> json::value {
            const auto& p = require_process(svc, number(o, "process"), admin_id);
            const auto id = p.id;
            svc.repo().discard(p.attachments);
            svc.repo().data().processes.erase(id);
            return json::object{{"process", id}};
        });
    add("set-category",
        "Sets attributes by name: {node | bo_id, category, values: {\"Status\": \"Active\"}, "
        "[user]}",
        set_category);
    add("create-workspace",
        "Creates a workspace: {bo_type, bo_id, [ext_system_id], [name], [template_id], [user]}",
        create_ws);
    add("upload-document",
        "Adds a document or a version: {node | bo_id, [folder], name, [content], [mime_type], "
        "[user]}",
        upload_document);
    add("rename", "Renames an item: {node | bo_id, name, [user]}",
        [](service& svc, const json::object& o) -> json::value {
            auto& n = node_of(svc, o);
            svc.repo().rename(n, text(o, "name"), actor(svc, o));
            return json::object{{"id", n.id}, {"name", n.name}};
        });
    add("delete", "Deletes an item: {node | bo_id, [user]}",
        [](service& svc, const json::object& o) -> json::value {
            const auto id = node_of(svc, o).id;
            svc.repo().remove(id, actor(svc, o));
            return json::object{{"id", id}};
        });
    add("comment", "Writes a comment on an item: {node | bo_id, text, [user]}",
        [](service& svc, const json::object& o) -> json::value {
            pulse_status status;
            status.id = svc.repo().next_sequence();
            status.object = node_of(svc, o).id;
            status.user = actor(svc, o);
            status.text = text(o, "text");
            status.created = svc.now();
            const auto id = status.id;
            svc.repo().data().pulse.push_back(std::move(status));
            return json::object{{"id", id}};
        });
    add("expire-sessions", "Ends all tickets and tokens at once: {}",
        [](service& svc, const json::object&) -> json::value {
            svc.expire_sessions();
            return json::object{{"expired", true}};
        });
    add("index-now", "Brings the search index up to date: {}",
        [](service& svc, const json::object&) -> json::value {
            svc.repo().index_now();
            return json::object{{"indexed", svc.repo().data().index.size()}};
        });
    add("configure",
        "Changes settings: {session_timeout_ms, out_of_range_page, dates_with_z, server_version, "
        "modules_off}",
        [](service& svc, const json::object& o) -> json::value {
            svc.configure(o);
            return json::object{{"configured", true}};
        });
}

} // namespace mortise::sandbox::content_server
