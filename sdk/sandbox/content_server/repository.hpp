// SPDX-License-Identifier: Apache-2.0
//
// The rules of the node tree: who may see what, unique names, versions, copy, move, recycle bin,
// audit trail and the late search index. Every area of the emulator changes nodes through it.
// Single-threaded: the emulator calls it on its strand. Refusals are thrown as `failure`.
#pragma once

#include "model.hpp"

#include <deque>
#include <functional>

namespace mortise::sandbox::content_server {

// A refusal, with the status code and text that Content Server uses for it.
struct failure {
    int status = 400;
    std::string text;
    std::string detail; // "errorDetail", when there is one
};

struct world {
    std::map<node_id, node> nodes;
    std::map<node_id, node> recycled;
    std::map<node_id, std::set<node_id>> children;
    std::map<member_id, member> members;
    std::map<node_id, category_definition> categories;
    std::map<int, workspace_type> workspace_types;
    std::map<int, business_object_type> object_types;
    std::vector<external_system> external_systems;
    std::vector<business_record> business_records;
    std::map<node_id, workflow_definition> workflow_maps;
    std::map<node_id, process> processes;
    std::map<node_id, hold> holds;
    std::vector<audit_entry> audit;
    std::vector<pulse_status> pulse;
    std::vector<reminder> reminders;
    std::map<std::string, upload> uploads;
    std::map<node_id, node> index; // what search sees
};

// Numbers of audit events.
namespace event_type {
inline constexpr int create = 1, remove = 2, move = 3, copy = 4, rename = 5, reserve = 6,
                     unreserve = 7, shortcut = 8, permissions = 9, attributes = 10,
                     add_version = 11, open_version = 14, generation = 15, create_from_copy = 92;
std::string_view name(int type);
} // namespace event_type

class repository {
public:
    using clock = std::function<time_point()>;
    // index_delay: how long a change stays invisible to search.
    repository(clock now, std::chrono::milliseconds index_delay, bool recycle_bin);

    world& data() noexcept { return world_; }
    const world& data() const noexcept { return world_; }
    time_point now() const { return now_(); }
    node_id next_id() noexcept { return next_id_++; }
    std::int64_t next_sequence() noexcept { return next_sequence_++; }
    // Well-known ids of the seed; later ids stay above.
    void start_ids_at(node_id id) noexcept { next_id_ = std::max(next_id_, id); }

    // Nodes. `require` throws: a missing node and one that `user` may not see give the same text.
    node* find(node_id id);
    const node* find(node_id id) const;
    node& require(node_id id, member_id user, int status = 400);
    // Also asks for a right; "modify", "delete", "edit_attributes", "add_items", ...
    node& require(node_id id, member_id user, std::string_view right, int status = 400);
    std::vector<node_id> children(node_id parent, member_id user) const; // visible ones
    std::vector<node_id> ancestors(node_id id) const; // from the volume to the node itself
    bool is_inside(node_id id, node_id ancestor) const;
    node* child_named(node_id parent, std::string_view name);
    std::size_t child_count(node_id parent) const;
    node* nearest_workspace(node_id id);

    // Adds `draft` under draft.parent: checks name and rights, inherits rights and categories.
    // Status of "already exists": 500 for v2 calls, 400 for v1 calls.
    node& create(node draft, member_id user, int duplicate_status = 500);
    void check_name(node_id parent, std::string_view name, node_id except, int status) const;
    void rename(node& n, std::string_view name, member_id user, int duplicate_status = 500);
    void move(node& n, node_id parent, member_id user);
    node& copy(const node& source, node_id parent, std::string name, member_id user);
    void remove(node_id id, member_id user);
    void restore(node_id id, member_id user);
    void purge(node_id id);
    void discard(node_id id); // undoes a create that failed half-way
    void reserve(node& n, member_id user);
    void unreserve(node& n, member_id user);
    // Refused when another user holds the reservation or a hold is active.
    void check_writable(const node& n, member_id user) const;

    version& add_version(node& n,
                         blob data,
                         std::string file_name,
                         std::string mime_type,
                         member_id user,
                         bool major = false);
    version* find_version(node& n, int number);

    // Writes modify date and user, bumps the revision and queues the node for the index.
    void touch(node& n, member_id user);
    void
    record(int event, const node& n, member_id user, member_id target = 0, std::string text = {});

    // Rights.
    bool is_admin(member_id user) const;
    std::set<member_id> memberships(member_id user) const; // groups and roles, also indirect
    rights effective(member_id user, const node& n) const;
    bool may(member_id user, const node& n, std::string_view right) const;
    void set_custom(node& n, member_id who, rights what, bool with_children);

    member* find_member(member_id id);
    const member* find_member(member_id id) const;
    member* find_login(std::string_view login);
    member& require_member(member_id id);
    void remember_access(member_id user, node_id id);

    // Search index: `index_now` also takes what is not due yet.
    void index_due();
    void index_now();

private:
    void queue_index(node_id id);
    void unlink(const node& n);

    clock now_;
    std::chrono::milliseconds index_delay_;
    bool recycle_bin_;
    world world_;
    node_id next_id_ = 20000;
    std::int64_t next_sequence_ = 1;
    std::deque<std::pair<time_point, node_id>> index_queue_;
};

// Every right, as an owner has it.
const rights& all_rights();
std::int64_t rights_to_bits(const rights& r);
rights rights_from_bits(std::int64_t bits);
bool is_container(int type);
bool is_versionable(int type);
std::string_view type_name(int type); // empty for a subtype that is not registered

} // namespace mortise::sandbox::content_server
