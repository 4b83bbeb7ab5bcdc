// SPDX-License-Identifier: Apache-2.0
#include "repository.hpp"

#include <algorithm>
#include <cctype>

namespace mortise::sandbox::content_server {
namespace {

std::string no_node(node_id id) {
    return "Could not get a node for " + std::to_string(id);
}

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) ==
               std::tolower(static_cast<unsigned char>(y));
    });
}

} // namespace

const attribute* category_definition::find(int attribute_id) const {
    for (const auto& a : attributes)
        if (a.id == attribute_id) return &a;
    return nullptr;
}

std::string_view event_type::name(int type) {
    switch (type) {
    case create:
        return "Create";
    case remove:
        return "Delete";
    case move:
        return "Move";
    case copy:
        return "Copy";
    case rename:
        return "Rename";
    case reserve:
        return "Reserve";
    case unreserve:
        return "Unreserve";
    case shortcut:
        return "Shortcut Created";
    case permissions:
        return "Permission Changed";
    case attributes:
        return "Attribute Value Changed";
    case add_version:
        return "Version Added";
    case open_version:
        return "Version Opened";
    case generation:
        return "Generation Created";
    case create_from_copy:
        return "Create from Copy";
    default:
        return "";
    }
}

repository::repository(clock now, std::chrono::milliseconds index_delay, bool recycle_bin)
    : now_(std::move(now)), index_delay_(index_delay), recycle_bin_(recycle_bin) {}

node* repository::find(node_id id) {
    const auto it = world_.nodes.find(id);
    return it == world_.nodes.end() ? nullptr : &it->second;
}

const node* repository::find(node_id id) const {
    const auto it = world_.nodes.find(id);
    return it == world_.nodes.end() ? nullptr : &it->second;
}

node& repository::require(node_id id, member_id user, int status) {
    return require(id, user, "see", status);
}

node& repository::require(node_id id, member_id user, std::string_view right, int status) {
    node* n = find(id);
    if (n == nullptr || !may(user, *n, "see")) throw failure{status, no_node(id), {}};
    if (right != "see" && !may(user, *n, right))
        throw failure{status,
                      "Sorry, you do not have the permission '" + std::string(right) +
                          "' on the item '" + n->name + "'.",
                      {}};
    return *n;
}

std::vector<node_id> repository::children(node_id parent, member_id user) const {
    std::vector<node_id> out;
    const auto kids = world_.children.find(parent);
    if (kids == world_.children.end()) return out;
    for (const node_id id : kids->second)
        if (const auto* n = find(id); n != nullptr && may(user, *n, "see")) out.push_back(id);
    return out;
}

std::size_t repository::child_count(node_id parent) const {
    const auto kids = world_.children.find(parent);
    return kids == world_.children.end() ? 0 : kids->second.size();
}

std::vector<node_id> repository::ancestors(node_id id) const {
    std::vector<node_id> path;
    for (const auto* n = find(id); n != nullptr && path.size() < 1000; n = find(n->parent))
        path.push_back(n->id);
    std::reverse(path.begin(), path.end());
    return path;
}

bool repository::is_inside(node_id id, node_id ancestor) const {
    const auto path = ancestors(id);
    return std::find(path.begin(), path.end(), ancestor) != path.end();
}

node* repository::child_named(node_id parent, std::string_view name) {
    const auto kids = world_.children.find(parent);
    if (kids == world_.children.end()) return nullptr;
    for (const node_id id : kids->second)
        if (auto* n = find(id); n != nullptr && same_name(n->name, name)) return n;
    return nullptr;
}

node* repository::nearest_workspace(node_id id) {
    auto path = ancestors(id);
    for (auto it = path.rbegin(); it != path.rend(); ++it)
        if (auto* n = find(*it); n != nullptr && n->workspace) return n;
    return nullptr;
}

void repository::check_name(node_id parent,
                            std::string_view name,
                            node_id except,
                            int status) const {
    if (name.empty()) throw failure{400, "Missing required parameter 'Name'", {}};
    if (name.size() > 248)
        throw failure{400, "The item name cannot be longer than 248 characters.", {}};
    if (name.find(':') != std::string_view::npos)
        throw failure{400, "An item name cannot contain a colon.", {}};
    if (name.front() == ' ' || name.back() == ' ')
        throw failure{400, "An item name cannot begin or end with a blank.", {}};
    const auto kids = world_.children.find(parent);
    if (kids == world_.children.end()) return;
    for (const node_id id : kids->second)
        if (const auto* n = find(id); n != nullptr && id != except && same_name(n->name, name))
            throw failure{
                status, "An item with the name '" + std::string(name) + "' already exists.", {}};
}

node& repository::create(node draft, member_id user, int duplicate_status) {
    if (type_name(draft.type).empty())
        throw failure{400, "Subtype " + std::to_string(draft.type) + " not registered", {}};
    node& parent = require(draft.parent, user, "add_items");
    if (!is_container(parent.type))
        throw failure{400,
                      "Could not create a new " + std::string(type_name(draft.type)) +
                          ": the item '" + parent.name + "' is not a container.",
                      {}};
    check_name(draft.parent, draft.name, 0, duplicate_status);
    if (draft.id == 0) draft.id = next_id();
    draft.created = draft.modified = now_();
    draft.creator = draft.modifier = draft.owner = user;
    draft.owner_group = parent.owner_group;
    draft.permissions = parent.permissions;
    // A creator who sees the parent only through a group still owns what they create.
    draft.permissions.owner = all_rights();
    for (const auto& [category, values] : parent.categories)
        if (values.inherited && !draft.categories.contains(category)) {
            auto copy = values;
            copy.revision = 1;
            draft.categories.emplace(category, std::move(copy));
        }
    const node_id id = draft.id;
    auto [it, fresh] = world_.nodes.emplace(id, std::move(draft));
    if (!fresh) throw failure{500, "The id " + std::to_string(id) + " is in use.", {}};
    world_.children[it->second.parent].insert(id);
    parent.modified = now_();
    queue_index(parent.id);
    queue_index(id);
    record(event_type::create, it->second, user);
    return it->second;
}

void repository::rename(node& n, std::string_view name, member_id user, int duplicate_status) {
    if (n.name == name) return;
    check_name(n.parent, name, n.id, duplicate_status);
    const std::string before = n.name;
    n.name = name;
    touch(n, user);
    record(event_type::rename, n, user, 0, before + " -> " + n.name);
}

void repository::move(node& n, node_id parent, member_id user) {
    if (n.parent == parent) return;
    node& target = require(parent, user, "add_items");
    if (!is_container(target.type))
        throw failure{400, "The item '" + target.name + "' is not a container.", {}};
    if (is_inside(parent, n.id))
        throw failure{400, "An item cannot be moved into itself or one of its sub-items.", {}};
    if (n.parent <= 0 || find(n.parent) == nullptr)
        throw failure{400, "A volume cannot be moved.", {}};
    check_name(parent, n.name, n.id, 500);
    unlink(n);
    n.parent = parent;
    world_.children[parent].insert(n.id);
    touch(n, user);
    record(event_type::move, n, user);
}

node& repository::copy(const node& source, node_id parent, std::string name, member_id user) {
    if (is_inside(parent, source.id))
        throw failure{400, "An item cannot be copied into itself or one of its sub-items.", {}};
    node draft = source;
    draft.id = 0;
    draft.parent = parent;
    draft.name = std::move(name);
    draft.reserved_by = 0;
    draft.nickname.clear();
    draft.unique_name.clear();
    draft.holds.clear();
    draft.revision = 1;
    if (draft.workspace) {
        // A copy is a workspace of its own: no business object, no relations.
        draft.workspace->objects.clear();
        draft.workspace->parents.clear();
        draft.workspace->children.clear();
        for (auto& role : draft.workspace->roles) {
            role.id = next_id();
            auto& as_member = world_.members[role.id];
            as_member.id = role.id;
            as_member.type = subtype::workspace;
            as_member.name = role.name;
            as_member.members = role.members;
        }
    }
    for (auto& v : draft.versions)
        v.id = next_id();
    const node_id from = source.id;
    const node_id created = create(std::move(draft), user).id;
    world_.audit.back().event = event_type::create_from_copy;
    record(event_type::copy, *find(from), user);
    const auto kids = world_.children.find(from);
    if (kids != world_.children.end()) {
        const auto snapshot = kids->second;
        for (const node_id kid : snapshot) {
            const node* child = find(kid);
            if (child != nullptr && may(user, *child, "see_contents"))
                copy(*child, created, child->name, user);
        }
    }
    return *find(created);
}

void repository::unlink(const node& n) {
    const auto it = world_.children.find(n.parent);
    if (it != world_.children.end()) it->second.erase(n.id);
}

void repository::check_writable(const node& n, member_id user) const {
    if (n.reserved_by != 0 && n.reserved_by != user && !is_admin(user)) {
        const auto* who = find_member(n.reserved_by);
        throw failure{400,
                      "The item '" + n.name + "' is reserved by " +
                          (who ? who->name : std::to_string(n.reserved_by)) + ".",
                      {}};
    }
}

void repository::remove(node_id id, member_id user) {
    node& n = require(id, user, "delete", 500);
    if (find(n.parent) == nullptr) throw failure{500, "A volume cannot be deleted.", {}};
    check_writable(n, user);
    // Children first collected, so that a hold deep inside leaves the tree untouched.
    std::vector<node_id> all{id};
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto kids = world_.children.find(all[i]);
        if (kids != world_.children.end())
            all.insert(all.end(), kids->second.begin(), kids->second.end());
    }
    for (const node_id each : all)
        if (const auto* held = find(each); held != nullptr)
            for (const node_id h : held->holds)
                if (const auto it = world_.holds.find(h);
                    it != world_.holds.end() && it->second.active)
                    throw failure{500,
                                  "The item '" + held->name +
                                      "' cannot be deleted because it is on hold (" +
                                      it->second.name + ").",
                                  {}};
    record(event_type::remove, n, user);
    unlink(n);
    for (const node_id each : all) {
        auto handle = world_.nodes.extract(each);
        if (!handle) continue;
        auto& gone = handle.mapped();
        if (gone.workspace) {
            for (const node_id other : gone.workspace->parents)
                if (auto* o = find(other); o && o->workspace) o->workspace->children.erase(each);
            for (const node_id other : gone.workspace->children)
                if (auto* o = find(other); o && o->workspace) o->workspace->parents.erase(each);
            gone.workspace->parents.clear();
            gone.workspace->children.clear();
        }
        gone.deleted_at = now_();
        gone.deleted_by = user;
        queue_index(each);
        if (recycle_bin_) world_.recycled.insert(std::move(handle));
    }
    if (!recycle_bin_)
        for (const node_id each : all)
            world_.children.erase(each);
}

void repository::restore(node_id id, member_id user) {
    const auto it = world_.recycled.find(id);
    if (it == world_.recycled.end()) throw failure{400, no_node(id), {}};
    if (find(it->second.parent) == nullptr)
        throw failure{400, "The original location of the item no longer exists.", {}};
    check_name(it->second.parent, it->second.name, 0, 500);
    world_.children[it->second.parent].insert(id);
    std::vector<node_id> open{id};
    while (!open.empty()) {
        auto handle = world_.recycled.extract(open.back());
        open.pop_back();
        if (!handle) continue;
        const node_id back = handle.key();
        handle.mapped().deleted_by = 0;
        world_.nodes.insert(std::move(handle));
        touch(*find(back), user);
        const auto kids = world_.children.find(back);
        if (kids != world_.children.end())
            open.insert(open.end(), kids->second.begin(), kids->second.end());
    }
}

void repository::purge(node_id id) {
    std::vector<node_id> open{id};
    if (!world_.recycled.contains(id)) throw failure{400, no_node(id), {}};
    const auto parent = world_.children.find(world_.recycled.at(id).parent);
    if (parent != world_.children.end()) parent->second.erase(id);
    while (!open.empty()) {
        const node_id each = open.back();
        open.pop_back();
        world_.recycled.erase(each);
        const auto kids = world_.children.find(each);
        if (kids == world_.children.end()) continue;
        open.insert(open.end(), kids->second.begin(), kids->second.end());
        world_.children.erase(kids);
    }
}

void repository::discard(node_id id) {
    const auto* n = find(id);
    if (n == nullptr) return;
    unlink(*n);
    std::erase_if(world_.audit, [id](const audit_entry& e) { return e.node == id; });
    std::vector<node_id> open{id};
    while (!open.empty()) {
        const node_id each = open.back();
        open.pop_back();
        world_.nodes.erase(each);
        const auto kids = world_.children.find(each);
        if (kids == world_.children.end()) continue;
        open.insert(open.end(), kids->second.begin(), kids->second.end());
        world_.children.erase(kids);
    }
}

void repository::reserve(node& n, member_id user) {
    if (n.reserved_by == user) return;
    check_writable(n, user);
    n.reserved_by = user;
    n.reserved_at = now_();
    touch(n, user);
    record(event_type::reserve, n, user);
}

void repository::unreserve(node& n, member_id user) {
    if (n.reserved_by == 0) return;
    check_writable(n, user);
    n.reserved_by = 0;
    touch(n, user);
    record(event_type::unreserve, n, user);
}

version& repository::add_version(
    node& n, blob data, std::string file_name, std::string mime_type, member_id user, bool major) {
    if (!is_versionable(n.type))
        throw failure{400, "Versions cannot be added to the item '" + n.name + "'.", {}};
    check_writable(n, user);
    version v;
    if (!n.versions.empty()) {
        const auto& last = n.versions.back();
        v.number = last.number + 1;
        v.major = major ? last.major + 1 : last.major;
        v.minor = major ? 0 : last.minor + 1;
    }
    v.id = next_id();
    v.file_name = std::move(file_name);
    v.mime_type = std::move(mime_type);
    v.data = std::move(data);
    v.created = v.modified = now_();
    v.owner = user;
    n.versions.push_back(std::move(v));
    touch(n, user);
    if (n.versions.size() > 1) record(event_type::add_version, n, user);
    return n.versions.back();
}

version* repository::find_version(node& n, int number) {
    for (auto& v : n.versions)
        if (v.number == number) return &v;
    return nullptr;
}

void repository::touch(node& n, member_id user) {
    n.modified = now_();
    n.modifier = user;
    ++n.revision;
    queue_index(n.id);
}

void repository::record(
    int event, const node& n, member_id user, member_id target, std::string text) {
    audit_entry e;
    e.id = next_sequence();
    e.node = n.id;
    e.event = event;
    e.user = user;
    e.target_user = target;
    e.at = now_();
    e.text = std::move(text);
    world_.audit.push_back(std::move(e));
}

void repository::queue_index(node_id id) {
    index_queue_.emplace_back(now_() + index_delay_, id);
}

void repository::index_due() {
    const auto now = now_();
    while (!index_queue_.empty() && index_queue_.front().first <= now) {
        const node_id id = index_queue_.front().second;
        index_queue_.pop_front();
        if (const auto* n = find(id))
            world_.index.insert_or_assign(id, *n);
        else
            world_.index.erase(id);
    }
}

void repository::index_now() {
    for (auto& entry : index_queue_)
        entry.first = now_();
    index_due();
}

bool is_versionable(int type) {
    return type == subtype::document || type == subtype::text_document || type == 749;
}

bool is_container(int type) {
    switch (type) {
    case subtype::folder:
    case 136:
    case subtype::category_folder:
    case subtype::categories_volume:
    case subtype::enterprise:
    case subtype::personal:
    case subtype::attachments:
    case subtype::workflow_volume:
    case subtype::classification_tree:
    case subtype::classification_volume:
    case subtype::classification:
    case subtype::project:
    case 204:
    case 205:
    case 207:
    case 215:
    case subtype::collection:
    case 751:
    case subtype::records_volume:
    case subtype::workspace:
    case subtype::workspaces_volume:
    case subtype::ecm_volume:
    case subtype::doc_templates:
        return true;
    default:
        return false;
    }
}

std::string_view type_name(int type) {
    switch (type) {
    case 0:
        return "Folder";
    case 1:
        return "Shortcut";
    case 2:
        return "Generation";
    case 128:
        return "Workflow Map";
    case 130:
        return "Topic";
    case 131:
        return "Category";
    case 132:
        return "Category Folder";
    case 133:
        return "Categories Volume";
    case 134:
        return "Reply";
    case 136:
        return "Compound Document";
    case 140:
        return "URL";
    case 141:
        return "Enterprise Workspace";
    case 142:
        return "Personal Workspace";
    case 144:
        return "Document";
    case 145:
        return "Text Document";
    case 154:
        return "Workflow Attachments";
    case 161:
        return "Workflow Volume";
    case 196:
        return "Classification Tree";
    case 198:
        return "Classification Volume";
    case 199:
        return "Classification";
    case 202:
        return "Project";
    case 204:
        return "Task List";
    case 205:
        return "Task Group";
    case 206:
        return "Task";
    case 207:
        return "Channel";
    case 208:
        return "News";
    case 212:
        return "Milestone";
    case 215:
        return "Discussion";
    case 258:
        return "Search Query";
    case 298:
        return "Collection";
    case 550:
        return "Records Management";
    case 749:
        return "Email";
    case 751:
        return "Email Folder";
    case 833:
        return "Hold";
    case 848:
        return "Business Workspace";
    case 862:
        return "Business Workspaces";
    case 882:
        return "Extended ECM";
    case 899:
        return "Virtual Folder";
    case 20541:
        return "Document Templates";
    default:
        return "";
    }
}

} // namespace mortise::sandbox::content_server
