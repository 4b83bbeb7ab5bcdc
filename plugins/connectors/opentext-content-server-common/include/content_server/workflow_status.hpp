// SPDX-License-Identifier: Apache-2.0
//
// A workflow as workflows.get answers it and as the poll compares it. Put together from three calls
// of the REST interface: steps and status (v2/workflows/status/processes), dates, comments and
// attributes (v2/workflows/status/info), and who decided what (activities).
#pragma once

#include <mortise/sdk/schema.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace content_server {

namespace json = mortise::json;

struct workflow_person {
    std::int64_t id = 0;
    std::string name;
    static auto describe() {
        return mortise::object<workflow_person>("A user")
            .field("id", &workflow_person::id, "Id", mortise::required)
            .field("name", &workflow_person::name, "Login name", mortise::required);
    }
};

struct workflow_step {
    std::int64_t task_id = 0;
    std::string title;
    std::string state;
    std::vector<workflow_person> performers;
    std::optional<std::string> due_date;
    std::optional<std::string> decision;
    std::optional<std::string> comment;
    std::optional<std::string> by;
    std::optional<std::int64_t> by_id;
    std::optional<std::string> finished_at;
    static auto describe() {
        return mortise::object<workflow_step>("A step")
            .field("task_id", &workflow_step::task_id, "Number in the workflow", mortise::required)
            .field("title", &workflow_step::title, "Title", mortise::required)
            .field("state", &workflow_step::state, "waiting, current or done", mortise::required)
            .field("performers", &workflow_step::performers, "Who does it, or did",
                   mortise::required)
            .field("due_date", &workflow_step::due_date, "When it is due")
            .field("decision", &workflow_step::decision,
                   "The disposition taken: Approve, Reject, ...; SendOn for a plain step")
            .field("comment", &workflow_step::comment, "What the performer wrote")
            .field("by", &workflow_step::by, "Login name of who finished it")
            .field("by_id", &workflow_step::by_id, "Id of who finished it")
            .field("finished_at", &workflow_step::finished_at, "When");
    }
};

struct workflow_comment {
    std::string text;
    std::string by;
    std::string date;
    std::string step;
    static auto describe() {
        return mortise::object<workflow_comment>("A comment")
            .field("text", &workflow_comment::text, "Text", mortise::required)
            .field("by", &workflow_comment::by, "Login name", mortise::required)
            .field("date", &workflow_comment::date, "When", mortise::required)
            .field("step", &workflow_comment::step, "Title of the step", mortise::required);
    }
};

struct workflow_status {
    std::int64_t process_id = 0;
    std::string title;
    std::optional<std::string> map;
    std::optional<std::int64_t> map_id;
    std::string state;
    std::string status_key;
    std::optional<std::string> initiated_at;
    std::optional<std::string> due_date;
    std::optional<workflow_person> initiator;
    std::optional<std::int64_t> attachments_folder;
    std::vector<workflow_step> steps;
    json::object attributes;
    std::vector<workflow_comment> comments;
    static auto describe() {
        return mortise::object<workflow_status>("A workflow")
            .field("process_id", &workflow_status::process_id, "Id", mortise::required)
            .field("title", &workflow_status::title, "Title", mortise::required)
            .field("map", &workflow_status::map, "Name of its map, where the server tells")
            .field("map_id", &workflow_status::map_id, "Id of its map, where the server tells")
            .field("state", &workflow_status::state,
                   "running, suspended, completed, stopped or archived", mortise::required)
            .field("status_key", &workflow_status::status_key,
                   "The server's own word: ontime, steplate, workflowlate, completed, ...",
                   mortise::required)
            .field("initiated_at", &workflow_status::initiated_at, "When it was started")
            .field("due_date", &workflow_status::due_date, "When it is due")
            .field("initiator", &workflow_status::initiator, "Who started it")
            .field("attachments_folder", &workflow_status::attachments_folder,
                   "Id of the folder with the attached items")
            .field("steps", &workflow_status::steps, "Finished ones first", mortise::required)
            .field("attributes", &workflow_status::attributes, "By label", mortise::required)
            .field("comments", &workflow_status::comments, "Oldest first", mortise::required);
    }
};

// Running, as far as the server's word tells: everything that is no end.
std::string state_of_key(std::string_view status_key);
bool is_final_state(std::string_view state) noexcept;

// From the answers; those of info and activities may be null (not to be seen by this user).
workflow_status read_workflow(std::int64_t process_id,
                              const json::value& details,
                              const json::value& info,
                              const json::value& activities);

} // namespace content_server
