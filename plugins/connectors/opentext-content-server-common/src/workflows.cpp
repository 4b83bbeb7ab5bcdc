// SPDX-License-Identifier: Apache-2.0
//
// Workflow maps; starting, finding, reading and stopping workflows.
#include "content_server/workflows.hpp"

#include "content_server/text.hpp"

#include <algorithm>

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

constexpr int map_type = 128;

// The server writes dates in form fields with a blank and milliseconds.
std::string form_date(std::string date) {
    if (date.size() == 10) return date + " 00:00:00.000";
    if (date[10] == 'T') date[10] = ' ';
    if (date.size() == 16) date += ":00";
    if (date.size() == 19) date += ".000";
    return date;
}

void add_map(std::vector<workflow_map>& to, std::int64_t id, std::string name) {
    if (id == 0 || name.empty()) return;
    const auto known =
        std::any_of(to.begin(), to.end(), [id](const auto& m) { return m.id == id; });
    if (known) return;
    workflow_map one;
    one.id = id;
    one.name = std::move(name);
    to.push_back(std::move(one));
}

// Form field to its label, of all forms of a draft.
std::vector<std::pair<std::string, std::string>> labels_of(const json::value& form) {
    std::vector<std::pair<std::string, std::string>> out;
    const auto take = [&out](const json::value* fields, const char* label) {
        const auto* o = fields ? fields->if_object() : nullptr;
        if (!o) return;
        for (const auto& [key, field] : *o) {
            const auto* f = field.if_object();
            std::string text = f ? text_at(*f, label) : std::string();
            out.emplace_back(std::string(key), std::move(text));
        }
    };
    const auto* forms = form.is_object() ? form.get_object().if_contains("forms") : nullptr;
    if (!forms || !forms->is_array()) return out;
    for (const auto& one : forms->get_array()) {
        take(part(one, "options.fields"), "label");
        take(part(one, "schema.properties"), "title");
    }
    return out;
}

} // namespace

task<std::vector<workflow_map>> workflows::all_maps(context& c) {
    std::vector<workflow_map> out;
    client& server = all_.server();
    // The call of the newer servers first; it lists what this user may start.
    try {
        const json::value answer = co_await server.get(c, server.at("v2/docworkflows").str(),
                                                       subject("workflow", "the workflow maps"));
        if (const json::value* data = part(answer, "results.data"); data && data->is_array()) {
            for (const auto& item : data->get_array()) {
                const auto* o = item.if_object();
                if (o) add_map(out, int_at(*o, "DataID"), text_at(*o, "Name"));
            }
        }
    } catch (const error& e) {
        // Older servers lack it, or want a document.
        if (e.category != category::config && e.category != category::input) throw;
    }
    const std::string where = "OTSubType:" + std::to_string(map_type);
    const auto hits = co_await all_.search(c, where, "asc_OTName", 1000);
    for (const auto& properties : hits)
        add_map(out, int_at(properties, "id"), text_at(properties, "name"));
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    co_return out;
}

task<workflow_maps_out> workflows::list_maps(context& c, workflow_maps_in in) {
    workflow_maps_out out;
    if (in.document.is_null()) {
        out.maps = co_await all_maps(c);
        co_return out;
    }
    const std::int64_t document = id_of(in.document, "document");
    mortise::url url = all_.server().at("v2/docworkflows");
    url.query("doc_id", std::to_string(document));
    const json::value answer =
        co_await all_.server().get(c, url.str(), subject("workflow", "the workflow maps"));
    if (const json::value* data = part(answer, "results.data"); data && data->is_array()) {
        for (const auto& item : data->get_array()) {
            const auto* o = item.if_object();
            if (o) add_map(out.maps, int_at(*o, "DataID"), text_at(*o, "Name"));
        }
    }
    co_return out;
}

task<workflow_map> workflows::map_named(context& c, json::value wanted, enum category blame) {
    const auto id = to_integer(wanted);
    const auto* text = wanted.if_string();
    if (!id && (!text || text->empty())) {
        throw error(blame, "xecm.workflow.bad-map",
                    "\"map\" must be the name or the id of a workflow map.");
    }
    const std::string name = text ? std::string(*text) : std::to_string(*id);
    for (int round = 1;; ++round) {
        std::vector<std::string> names;
        std::vector<workflow_map> found;
        for (const auto& map : maps_) {
            names.push_back(map.name);
            if (id ? map.id == *id : equal_ignoring_case(map.name, name)) found.push_back(map);
        }
        if (found.size() == 1) co_return found.front();
        if (found.size() > 1) {
            std::string all = "There are several workflow maps \"" + name + "\"; name one by id:";
            for (const auto& map : found)
                all += ' ' + std::to_string(map.id);
            throw error(blame, "xecm.workflow.ambiguous-map", all + '.');
        }
        if (round == 2) {
            if (id) {
                // Not offered to this user, but he may see it.
                const object properties = co_await all_.read_node(c, *id);
                workflow_map out;
                out.id = *id;
                out.name = text_at(properties, "name");
                co_return out;
            }
            throw error(blame, "xecm.workflow.unknown-map",
                        "There is no workflow map \"" + name + '"' + suggestion(name, names));
        }
        maps_ = co_await all_maps(c); // read again once: the map may be new
    }
}

task<std::vector<workflows::running>>
workflows::of_map(context& c, std::int64_t map, std::string title) {
    std::vector<running> out;
    for (const char* status : {"NOARCHIVE", "ARCHIVED"}) {
        // Archived ones matter only when one is looked for.
        if (title.empty() && status[0] == 'A') break;
        mortise::url url = all_.server().at("v2/workflows/status/active");
        url.query("mapObjId", std::to_string(map)).query("Kind", "Both").query("status", status);
        if (!title.empty()) url.query("search_name", title);
        const json::value answer = co_await all_.server().get(
            c, url.str(), subject("workflow", "the workflows of map " + std::to_string(map)));
        for (const auto& item : mortise::require_array(answer, "results")) {
            const auto* o = item.if_object();
            if (!o) continue;
            running one;
            one.process_id = int_at(*o, "Work_WorkID");
            one.title = text_at(*o, "SubWork_Title");
            one.initiated_at = plain_date(text_at(*o, "SubWork_DateInitiated"));
            // A server that does not know a filter leaves it out.
            const bool other = o->contains("Map_MapObjID") && int_at(*o, "Map_MapObjID") != map;
            if (one.process_id == 0 || other) continue;
            if (title.empty() || one.title == title) out.push_back(std::move(one));
        }
        if (!out.empty()) break;
    }
    co_return out;
}

task<workflow_found> workflows::find_workflow(context& c, workflow_find in) {
    const workflow_map map = co_await map_named(c, in.map, category::input);
    const auto all = co_await of_map(c, map.id, in.title);
    workflow_found out;
    const auto newest = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.process_id < b.process_id;
    });
    out.found = newest != all.end();
    if (out.found) {
        workflow_ref& ref = out.result.emplace();
        ref.process_id = newest->process_id;
        ref.title = newest->title;
        ref.map = map.name;
        ref.map_id = map.id;
    }
    co_return out;
}

// The values for the start form: title, due date, and the attributes by their labels.
task<object> workflows::form_values(context& c, std::int64_t draft, workflow_start in) {
    mortise::url url = all_.server().at("v1/forms/draftprocesses");
    url.query("draftprocess_id", std::to_string(draft));
    const json::value form = co_await all_.server().get(
        c, url.str(), subject("workflow", "the start form of \"" + one_line(in.title, 80) + '"'));
    const auto fields = labels_of(form);
    object out;
    out["WorkflowForm_Title"] = in.title;
    if (!in.due_date.empty()) out["WorkflowForm_WorkflowDueDate"] = form_date(in.due_date);
    for (const auto& [label, value] : in.attributes) {
        const std::string wanted(label);
        const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& f) {
            return f.first == wanted || equal_ignoring_case(f.second, wanted);
        });
        if (field == fields.end()) {
            std::vector<std::string> names;
            for (const auto& [key, name] : fields) {
                if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
                    names.push_back(name);
            }
            throw error(category::input, "xecm.workflow.unknown-attribute",
                        "The workflow map has no attribute \"" + wanted + '"' +
                            suggestion(wanted, names));
        }
        out[field->first] = value;
    }
    co_return out;
}

task<workflow_ref> workflows::start_workflow(context& c, workflow_start in) {
    const workflow_map map = co_await map_named(c, in.map, category::input);
    std::string documents;
    for (const auto& id : in.attachments) {
        if (!documents.empty()) documents += ',';
        documents += std::to_string(id_of(id, "attachments"));
    }
    const subject about("workflow", "the workflow \"" + one_line(in.title, 80) + "\" of map \"" +
                                        map.name + '"');
    // Nobody sees a draft but its maker: one that is left behind has no effect.
    object draft_fields;
    draft_fields["workflow_id"] = map.id;
    if (!documents.empty()) {
        draft_fields["doc_ids"] = documents;
        draft_fields["AttachDocuments"] = true;
    }
    client& server = all_.server();
    json::value draft_body(std::move(draft_fields));
    std::string url = server.at("v2/draftprocesses").str();
    std::int64_t draft = 0;
    try {
        const json::value answer =
            co_await server.write(c, "POST", url, std::move(draft_body), about);
        draft = int_at(object_part(answer, "results"), "draftprocess_id");
        workflow_start given = in;
        object update;
        update["action"] = "formUpdate";
        update["values"] = co_await form_values(c, draft, std::move(given));
        json::value update_body(std::move(update));
        url += '/' + std::to_string(draft);
        co_await server.write(c, "PUT", url, std::move(update_body), about);
    } catch (error& e) {
        e.effect = mortise::effect::none;
        throw;
    }
    object start;
    start["action"] = "Initiate";
    if (!in.comment.empty()) start["comment"] = in.comment;
    json::value start_body(std::move(start));
    const json::value answer = co_await server.write(c, "PUT", url, std::move(start_body), about);
    workflow_ref out;
    out.title = in.title;
    out.map = map.name;
    out.map_id = map.id;
    out.process_id = int_at(object_part(answer, "results"), "process_id");
    if (out.process_id == 0) {
        error e(category::remote_protocol, "xecm.workflow.no-id",
                "Content Server started " + about.what + " but told no process_id.");
        e.effect = mortise::effect::done;
        throw e;
    }
    co_return out;
}

// An answer that not every participant may see; null then.
task<json::value> workflows::if_allowed(context& c, std::string url, std::string what) {
    try {
        subject about("workflow", std::move(what));
        co_return co_await all_.server().get(c, std::move(url), std::move(about));
    } catch (const error& e) {
        if (e.category != category::not_found && e.category != category::denied &&
            e.category != category::config)
            throw;
    }
    co_return json::value();
}

task<workflow_status> workflows::read_status(context& c, std::int64_t process) {
    const std::string id = std::to_string(process);
    client& server = all_.server();
    const std::string what = "workflow " + id;
    const json::value details = co_await server.get(
        c, server.at("v2/workflows/status/processes/" + id).str(), subject("workflow", what));
    mortise::url info_url = server.at("v2/workflows/status/info");
    info_url.query("workid", id);
    const json::value info = co_await if_allowed(c, info_url.str(), what);
    mortise::url history = server.at("v2/processes/" + id + "/subprocesses/" + id + "/activities");
    history.query("limit", "1000");
    const json::value activities = co_await if_allowed(c, history.str(), what);
    co_return read_workflow(process, details, info, activities);
}

task<workflow_status> workflows::get_workflow(context& c, workflow_id_in in) {
    const std::int64_t id = id_of(in.process_id, "process_id");
    workflow_status out = co_await read_status(c, id);
    // Only the list of running workflows names the map.
    mortise::url url = all_.server().at("v2/workflows/status/active");
    url.query("Kind", "Both").query("status", "NOARCHIVE").query("search_name", out.title);
    const json::value rows = co_await if_allowed(c, url.str(), "the running workflows");
    const json::value* list = rows.is_null() ? nullptr : part(rows, "results");
    if (list && list->is_array()) {
        for (const auto& item : list->get_array()) {
            const auto* o = item.if_object();
            if (o && int_at(*o, "Work_WorkID") == id && int_at(*o, "Map_MapObjID") != 0)
                out.map_id = int_at(*o, "Map_MapObjID");
        }
    }
    if (out.map_id) {
        const workflow_map map = co_await map_named(c, json::value(*out.map_id), category::input);
        out.map = map.name;
    }
    co_return out;
}

task<workflow_stopped> workflows::stop_workflow(context& c, workflow_id_in in) {
    const std::int64_t id = id_of(in.process_id, "process_id");
    const std::string text = std::to_string(id);
    client& server = all_.server();
    workflow_stopped out;
    try {
        const json::value details =
            co_await server.get(c, server.at("v2/workflows/status/processes/" + text).str(),
                                subject("workflow", "workflow " + text));
        out.state = state_of_key(text_at(object_part(details, "results.wf_details"), "status"));
    } catch (const error& e) {
        if (e.category != category::not_found) throw;
        out.state = "deleted";
    }
    if (is_final_state(out.state)) co_return out;
    object fields;
    fields["status"] = "stop";
    json::value body(std::move(fields));
    co_await server.write(c, "PUT", server.at("v2/processes/" + text + "/status").str(),
                          std::move(body), subject("workflow", "stopping workflow " + text));
    out.stopped = true;
    out.state = "stopped";
    co_return out;
}

} // namespace content_server
