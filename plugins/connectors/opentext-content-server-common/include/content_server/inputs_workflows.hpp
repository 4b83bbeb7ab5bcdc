// SPDX-License-Identifier: Apache-2.0
//
// What the operations on workflows take and answer.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace content_server {

namespace json = mortise::json;

struct workflow_maps_in {
    json::value document;
    static auto describe() {
        return mortise::object<workflow_maps_in>("Which workflow maps")
            .field("document", &workflow_maps_in::document,
                   "Only maps offered for this item; without it the search index is asked, too");
    }
};

struct workflow_map {
    std::int64_t id = 0;
    std::string name;
    static auto describe() {
        return mortise::object<workflow_map>("A workflow map")
            .field("id", &workflow_map::id, "Id of the map", mortise::required)
            .field("name", &workflow_map::name, "Its name", mortise::required);
    }
};

struct workflow_maps_out {
    std::vector<workflow_map> maps;
    static auto describe() {
        return mortise::object<workflow_maps_out>("Workflow maps")
            .field("maps", &workflow_maps_out::maps, "By name", mortise::required);
    }
};

struct workflow_start {
    json::value map;
    std::string title;
    std::vector<json::value> attachments;
    json::object attributes;
    std::string due_date;
    std::string comment;
    static auto describe() {
        return mortise::object<workflow_start>("A workflow to start")
            .field("map", &workflow_start::map, "Name or id of the workflow map", mortise::required)
            .examples("Asset Review")
            .field("title", &workflow_start::title,
                   "Title; unique within the map, since a repeat is recognised by it",
                   mortise::required)
            .min(1)
            .max(255)
            .field("attachments", &workflow_start::attachments, "Ids of the items to attach")
            .field("attributes", &workflow_start::attributes,
                   "Workflow attributes by label (or form key) to value")
            .field("due_date", &workflow_start::due_date, "YYYY-MM-DD, time may follow")
            .pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+)?$|^$")
            .field("comment", &workflow_start::comment, "Comment of the start");
    }
};

// Also takes the input of workflows.start, before which it looks.
struct workflow_find {
    json::value map;
    std::string title;
    static auto describe() {
        return mortise::object<workflow_find>("A workflow by map and title")
            .field("map", &workflow_find::map, "Name or id of the workflow map", mortise::required)
            .field("title", &workflow_find::title, "Exact title", mortise::required)
            .min(1)
            .allow_unknown();
    }
};

struct workflow_ref {
    std::int64_t process_id = 0;
    std::string title;
    std::string map;
    std::int64_t map_id = 0;
    static auto describe() {
        return mortise::object<workflow_ref>("A workflow")
            .field("process_id", &workflow_ref::process_id, "Id of the workflow", mortise::required)
            .field("title", &workflow_ref::title, "Title", mortise::required)
            .field("map", &workflow_ref::map, "Name of its map", mortise::required)
            .field("map_id", &workflow_ref::map_id, "Id of its map", mortise::required);
    }
};

struct workflow_found {
    bool found = false;
    std::optional<workflow_ref> result;
    static auto describe() {
        return mortise::object<workflow_found>("Was it found?")
            .field("found", &workflow_found::found, "Is there one?", mortise::required)
            .field("result", &workflow_found::result, "The newest with that title");
    }
};

struct workflow_id_in {
    json::value process_id;
    static auto describe() {
        return mortise::object<workflow_id_in>("Which workflow")
            .field("process_id", &workflow_id_in::process_id, "Id of the workflow",
                   mortise::required)
            .examples(165496);
    }
};

struct workflow_stopped {
    bool stopped = false;
    std::string state;
    static auto describe() {
        return mortise::object<workflow_stopped>("What became of it")
            .field("stopped", &workflow_stopped::stopped, "Was it running until now?",
                   mortise::required)
            .field("state", &workflow_stopped::state,
                   "stopped, completed, archived or deleted (no longer there)", mortise::required);
    }
};

struct assignment_complete {
    json::value process_id;
    json::value task_id;
    std::string decision;
    std::string comment;
    static auto describe() {
        return mortise::object<assignment_complete>("A task to finish")
            .field("process_id", &assignment_complete::process_id, "Id of the workflow",
                   mortise::required)
            .field("task_id", &assignment_complete::task_id, "Number of the task in it",
                   mortise::required)
            .field("decision", &assignment_complete::decision,
                   "Key or label of the disposition; empty: sends on")
            .examples("Approve")
            .field("comment", &assignment_complete::comment, "Comment of the performer");
    }
};

} // namespace content_server
