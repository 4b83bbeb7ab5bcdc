// SPDX-License-Identifier: Apache-2.0
#include "content_server/workflow_status.hpp"

#include "content_server/text.hpp"

#include <algorithm>
#include <utility>

namespace content_server {

using object = json::object;

namespace {

// Lists come as arrays; what is no list is none.
const json::array& list_at(const json::value& from, std::string_view dotted_path) {
    static const json::array none;
    const json::value* v = from.is_null() ? nullptr : part(from, dotted_path);
    return v && v->is_array() ? v->get_array() : none;
}

std::optional<std::string> text_or_nothing(const object& from, std::string_view key) {
    std::string text = text_at(from, key);
    if (text.empty()) return std::nullopt;
    return text;
}

workflow_person person_of(const object& from) {
    workflow_person out;
    out.id = int_at(from, "userId");
    out.name = text_at(from, "loginName");
    return out;
}

workflow_step step_of(const object& from, const char* state) {
    workflow_step out;
    out.task_id = int_at(from, "task_id");
    out.title = text_at(from, "task_name");
    out.state = state;
    out.due_date = text_or_nothing(from, "task_due_date");
    const json::value* assignees = from.if_contains("task_assignees");
    if (assignees) {
        for (const auto& one : list_at(*assignees, "assignee")) {
            if (const auto* o = one.if_object()) out.performers.push_back(person_of(*o));
        }
    }
    return out;
}

// The name of a user the answers mention somewhere.
std::string name_of(std::int64_t id, const workflow_status& known, const json::value& info) {
    if (known.initiator && known.initiator->id == id) return known.initiator->name;
    for (const auto& step : known.steps) {
        for (const auto& p : step.performers) {
            if (p.id == id) return p.name;
        }
    }
    for (const auto& item : list_at(info, "results.comments")) {
        const auto* o = item.if_object();
        if (o && int_at(*o, "USERID") == id) return text_at(*o, "USERNAME");
    }
    for (const auto& item : list_at(info, "results.auditInfo")) {
        const auto* o = item.if_object();
        if (o && int_at(*o, "USER_ID") == id) return text_at(*o, "USER_NAME");
    }
    return {};
}

// When each step was finished, and by whom it was to be done.
void add_dates(workflow_status& to, const json::value& info) {
    for (const auto& item : list_at(info, "results.stepList")) {
        const auto* o = item.if_object();
        const auto* work = o ? o->if_contains("WORK") : nullptr;
        const auto* w = work ? work->if_object() : nullptr;
        if (!w) continue;
        const auto step = std::find_if(to.steps.begin(), to.steps.end(), [&](const auto& s) {
            return s.task_id == int_at(*o, "TASKID");
        });
        if (step == to.steps.end()) continue;
        if (step->state == "done") step->finished_at = text_or_nothing(*w, "SubWorkTask_DateDone");
    }
}

void add_comments(workflow_status& to, const json::value& info) {
    for (const auto& item : list_at(info, "results.comments")) {
        const auto* o = item.if_object();
        if (!o) continue;
        workflow_comment one;
        one.text = text_at(*o, "COMMENTS");
        one.by = text_at(*o, "USERNAME");
        one.date = text_at(*o, "DATESAVED");
        one.step = text_at(*o, "STEPNAME");
        to.comments.push_back(std::move(one));
    }
    std::stable_sort(to.comments.begin(), to.comments.end(),
                     [](const auto& a, const auto& b) { return a.date < b.date; });
}

// Attributes by label; the published description names the parts of a definition, live servers put
// the values beside them.
void add_attributes(workflow_status& to, const json::value& info) {
    for (const auto& item : list_at(info, "results.Attributes")) {
        for (const auto& child : list_at(item, "Content.Rootset.Children")) {
            const auto* o = child.if_object();
            if (!o) continue;
            std::string label = text_at(*o, "DisplayName");
            if (label.empty()) label = text_at(*o, "Name");
            const auto* value = o->if_contains("Value");
            if (!label.empty()) to.attributes[label] = value ? *value : json::value();
        }
    }
}

// The history tells what a step's performer decided. A step that was done twice counts by its last
// time.
void add_decisions(workflow_status& to, const json::value& info, const json::value& activities) {
    for (auto& step : to.steps) {
        if (step.state != "done") continue;
        const object* best = nullptr;
        for (const auto& item : list_at(activities, "results.data")) {
            const auto* o = item.if_object();
            const auto* more = o ? o->if_contains("action_properties") : nullptr;
            const auto* p = more ? more->if_object() : nullptr;
            if (!p || !equal_ignoring_case(text_at(*p, "label"), step.title)) continue;
            const std::string action = text_at(*o, "action");
            // Passing a task on is no decision.
            if (action == "Delegate" || action == "Review" || action == "SendForReview") continue;
            if (!best || plain_date(text_at(*o, "date")) > plain_date(text_at(*best, "date")))
                best = o;
        }
        if (!best) continue;
        step.decision = text_or_nothing(*best, "action");
        step.comment = text_or_nothing(*best, "comment");
        if (!step.finished_at) step.finished_at = text_or_nothing(*best, "date");
        if (const std::int64_t user = int_at(*best, "user_id"); user != 0) {
            step.by_id = user;
            const std::string name = name_of(user, to, info);
            if (!name.empty()) step.by = name;
        }
    }
}

} // namespace

std::string state_of_key(std::string_view status_key) {
    const std::string key = lower_case(status_key);
    for (const char* word : {"completed", "stopped", "archived", "suspended"}) {
        if (key == word) return word;
    }
    return "running";
}

bool is_final_state(std::string_view state) noexcept {
    return state != "running" && state != "suspended";
}

workflow_status read_workflow(std::int64_t process_id,
                              const json::value& details,
                              const json::value& info,
                              const json::value& activities) {
    const object& header = object_part(details, "results.wf_details");
    workflow_status out;
    out.process_id = process_id;
    out.title = text_at(header, "wf_name");
    out.status_key = text_at(header, "status");
    out.state = state_of_key(out.status_key);
    out.initiated_at = text_or_nothing(header, "date_initiated");
    out.due_date = text_or_nothing(header, "due_date");
    if (const auto* initiator = header.if_contains("initiator");
        initiator && initiator->is_object())
        out.initiator = person_of(initiator->get_object());
    if (const json::value* folder = part(details, "results.attachments.attachment_folder_id")) {
        if (const auto id = to_integer(*folder); id && *id != 0) out.attachments_folder = *id;
    }
    constexpr std::pair<const char*, const char*> lists[] = {
        {"completed", "done"}, {"current", "current"}, {"next", "waiting"}};
    for (const auto& [name, state] : lists) {
        const std::string path = std::string("results.step_list.") + name;
        for (const auto& item : list_at(details, path)) {
            if (const auto* o = item.if_object()) out.steps.push_back(step_of(*o, state));
        }
    }
    add_dates(out, info);
    add_comments(out, info);
    add_attributes(out, info);
    add_decisions(out, info, activities);
    return out;
}

} // namespace content_server
