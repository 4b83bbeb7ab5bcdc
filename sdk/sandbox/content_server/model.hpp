// SPDX-License-Identifier: Apache-2.0
//
// What the Content Server emulator remembers: nodes with versions, categories and rights; members;
// business workspaces; workflows; holds. Plain values without behaviour, owned by `repository`.
#pragma once

#include "kit/blob.hpp"
#include "kit/clock.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::sandbox::content_server {

namespace json = boost::json;

using node_id = std::int64_t;
using member_id = std::int64_t;
using rights = std::set<std::string>;

// Subtype codes of Content Server, as clients send and expect them.
namespace subtype {
inline constexpr int folder = 0, shortcut = 1, generation = 2, workflow_map = 128, category = 131,
                     category_folder = 132, categories_volume = 133, url = 140, enterprise = 141,
                     personal = 142, document = 144, text_document = 145, workflow_volume = 161,
                     attachments = 154, classification_tree = 196, classification_volume = 198,
                     classification = 199, project = 202, task = 206, collection = 298,
                     records_volume = 550, hold = 833, workspace = 848, workspaces_volume = 862,
                     ecm_volume = 882, virtual_folder = 899, doc_templates = 20541;
}

inline constexpr member_id admin_id = 1000;
inline constexpr node_id enterprise_id = 2000;

struct version {
    int number = 1;
    int major = 0;
    int minor = 1;
    node_id id = 0;
    std::string file_name;
    std::string mime_type;
    std::string description;
    blob data; // shared by copies, immutable
    time_point created;
    time_point modified;
    member_id owner = admin_id;
    member_id locked_by = 0;
    time_point locked_at;
};

// Values of one category on one node: "16878_25" or "16878_39_1_41" (set, row) to value.
struct category_values {
    json::object values;
    bool inherited = false; // new children of the container get it too
    int revision = 1;       // part of the metadata token
};

struct access {
    rights owner, group, everyone;
    bool has_group = true;
    bool has_public = true;
    std::map<member_id, rights> custom;
};

struct business_object {
    std::string ext_system;
    std::string bo_type;
    std::string bo_id;
    friend bool operator==(const business_object&, const business_object&) = default;
};

struct workspace_role {
    member_id id = 0;
    std::string name;
    std::string description;
    bool leader = false;
    rights permissions;
    std::set<member_id> members;
};

struct workspace_info {
    int type_id = 0;
    node_id template_id = 0;
    std::vector<business_object> objects;
    std::vector<workspace_role> roles;
    std::set<node_id> parents; // related items; always stored on both sides
    std::set<node_id> children;
    std::string barcode;
    bool is_template = false; // used for creation, in no list
};

struct node {
    node_id id = 0;
    node_id parent = 0;
    int type = 0;
    std::string name;
    std::string description;
    json::object name_multilingual;
    json::object description_multilingual;
    time_point created;
    time_point modified;
    member_id creator = admin_id;
    member_id modifier = admin_id;
    member_id owner = admin_id;
    member_id owner_group = 1001;
    member_id reserved_by = 0;
    time_point reserved_at;
    std::string url;
    node_id original = 0;
    int original_version = 0;
    bool advanced_versioning = false;
    bool hidden = false;
    std::string nickname;
    std::string unique_name;
    json::object external; // external_source, external_identity, ...
    json::object extra;    // task fields, virtual folder filters and the like
    std::vector<version> versions;
    std::map<node_id, category_values> categories;
    std::set<node_id> classifications;
    std::set<node_id> holds;
    std::set<node_id> collected; // members of a collection (298)
    access permissions;
    std::optional<workspace_info> workspace;
    int revision = 1;
    // Set while the node lies in the recycle bin.
    time_point deleted_at;
    member_id deleted_by = 0;
};

enum class value_kind : int {
    date = -7,
    string = -1,
    integer = 2,
    boolean = 5,
    user = 14,
    set = -18
};

struct attribute {
    int id = 0;
    std::string name;
    value_kind kind = value_kind::string;
    bool required = false;
    bool read_only = false;
    bool multi_value = false;
    bool multiline = false;
    int max_length = 0; // 0: 254, as Content Server limits text fields
    int max_values = 50;
    std::vector<std::string> valid_values;
    json::value default_value;
    std::vector<attribute> members; // of a set
};

struct category_definition {
    node_id id = 0;
    int version = 1;
    std::vector<attribute> attributes;
    // The set attribute, or an attribute at top level; nullptr when there is none.
    const attribute* find(int attribute_id) const;
};

struct member {
    member_id id = 0;
    int type = 0; // 0 user, 1 group, 17 service user, 848 workspace role
    std::string name;
    std::string password;
    std::string first_name, last_name, middle_name, title, email, phone;
    member_id group = 1001; // department of a user, leader of a group
    std::set<member_id> members;
    bool administrator = false;
    bool deleted = false;
    std::vector<node_id> accessed; // latest first
    std::map<node_id, json::object> favorites;
    std::map<int, json::object> favorite_tabs;
};

struct workspace_type {
    int id = 0;
    std::string name;
    node_id config_node = 0;
    std::vector<node_id> templates;
    node_id location = 0;        // fixed place for new workspaces; 0: parent_id is needed
    bool manual_location = true; // the place also serves manual creation
    std::string name_pattern;    // "[name] ([bo_id])" style; empty: no generation
    bool rm_enabled = true;
    bool enabled = true;
    node_id classification = 0;
};

struct business_object_type {
    int id = 0;
    std::string ext_system;
    std::string bo_type;
    std::string name;
    int workspace_type = 0;
};

struct external_system {
    node_id id = 0;
    std::string name;
    std::string connection_type;
    std::string base_url;
    std::string as_url;
};

// A business object known to the emulated business system (proxy search, name generation).
struct business_record {
    business_object key;
    std::map<std::string, std::string> properties; // "name", "country", ...
};

struct audit_entry {
    std::int64_t id = 0;
    node_id node = 0;
    int event = 0;
    member_id user = admin_id;
    member_id target_user = 0;
    time_point at;
    std::string text;
};

// One step of a workflow map. Steps with the same `stage` run side by side.
struct workflow_step {
    int task_id = 1;
    std::string title;
    std::string instructions;
    member_id performer = admin_id; // user or group
    std::string role;               // when the starter names the performer
    int stage = 1;
    int days = 5;
    struct disposition {
        std::string key;
        bool ends = false; // goes to the end of the map instead of the next stage
    };
    std::vector<disposition> dispositions; // empty: plain SendOn
    bool needs_password = false;
};

struct workflow_attribute {
    std::string key; // "WorkflowForm_..."
    std::string label;
    std::string type = "string"; // string, integer, date, boolean
    bool required = false;
};

struct workflow_definition {
    node_id map = 0;
    std::vector<workflow_step> steps;
    std::vector<workflow_attribute> attributes;
    bool start_step_enabled = true;
};

enum class process_state { draft, running, suspended, completed, stopped, archived };
enum class step_state { next, current, done, skipped };

struct process_step {
    workflow_step definition;
    step_state state = step_state::next;
    member_id performer = admin_id;
    member_id accepted_by = 0; // who claimed a group's task
    member_id from_user = admin_id;
    time_point ready;
    time_point done;
    member_id done_by = 0;
    std::string disposition;
    std::string comment;
};

struct process_event {
    time_point at;
    member_id user = admin_id;
    std::string action; // what activities call "action"
    std::string label;
    std::string comment;
    int task_id = 0;
};

struct process {
    node_id id = 0;
    node_id map = 0;
    std::string title;
    member_id initiator = admin_id;
    process_state state = process_state::draft;
    node_id attachments = 0;
    std::vector<process_step> steps;
    std::vector<process_event> events;
    json::object values;
    time_point initiated;
    time_point ended;
    std::optional<time_point> due;
};

struct hold {
    node_id id = 0;
    std::string name, type, comment, alternate_id;
    bool active = true;
    member_id applied_by = admin_id;
    time_point applied;
};

struct pulse_status {
    std::int64_t id = 0;
    node_id object = 0;
    std::int64_t reply_to = 0;
    member_id user = admin_id;
    std::string text;
    time_point created;
    node_id attachment = 0;
    std::set<member_id> likes;
};

struct reminder {
    std::int64_t id = 0;
    node_id node = 0;
    json::object data;
    int status = 0;
    member_id creator = admin_id;
    time_point created;
};

struct upload {
    std::string key;
    std::string file_name;
    std::string mime_type;
    std::uint64_t size = 0;
    std::uint64_t part_size = 0;
    int parts = 1;
    std::map<int, blob> received;
    std::optional<blob> complete;
    member_id user = admin_id;
};

} // namespace mortise::sandbox::content_server
