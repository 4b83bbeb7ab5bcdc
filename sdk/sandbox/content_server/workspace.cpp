// SPDX-License-Identifier: Apache-2.0
#include "workspace.hpp"

#include "category.hpp"
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

std::string field(const json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    return v == nullptr ? std::string() : to_text(*v);
}

std::int64_t number(const json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    if (v == nullptr || v->is_null() || (v->is_string() && v->get_string().empty())) return 0;
    const auto n = to_integer(*v);
    if (!n)
        throw failure{
            400, "Invalid datatype specified for argument '" + std::string(key) + "'.", {}};
    return *n;
}

// "[name] ([bo_id])" with the properties of the business object.
std::string generated_name(service& s,
                           const workspace_type& type,
                           const business_object& object,
                           const json::object& fields) {
    std::map<std::string, std::string> values{{"bo_id", object.bo_id}};
    for (const auto& record : s.repo().data().business_records)
        if (record.key == object)
            for (const auto& [key, value] : record.properties)
                values[key] = value;
    if (const auto* given = fields.if_contains("bo_properties"); given && given->is_array())
        for (const auto& item : given->get_array()) {
            if (!item.is_object()) continue;
            const auto* list = item.get_object().if_contains("values");
            if (list != nullptr && list->is_array() && !list->get_array().empty())
                values[field(item.get_object(), "name")] = to_text(list->get_array().front());
        }
    std::string out;
    for (std::size_t i = 0; i < type.name_pattern.size(); ++i) {
        const auto close = type.name_pattern.find(']', i);
        if (type.name_pattern[i] != '[' || close == std::string::npos) {
            out += type.name_pattern[i];
            continue;
        }
        const auto it = values.find(type.name_pattern.substr(i + 1, close - i - 1));
        if (it == values.end()) return {};
        out += it->second;
        i = close;
    }
    std::replace(out.begin(), out.end(), ':', '_');
    return out;
}

struct plan {
    const workspace_type* type = nullptr;
    node_id template_id = 0;
};

plan choose_type(service& s,
                 const json::object& fields,
                 const std::optional<business_object>& object) {
    auto& w = s.repo().data();
    plan p;
    p.template_id = number(fields, "template_id");
    if (p.template_id != 0) {
        for (const auto& [id, type] : w.workspace_types)
            if (std::find(type.templates.begin(), type.templates.end(), p.template_id) !=
                type.templates.end())
                p.type = &type;
        if (p.type == nullptr)
            throw failure{400,
                          "The template ID '" + std::to_string(p.template_id) +
                              "' is not that of a business workspace template.",
                          {}};
    } else if (const auto id = number(fields, "wksp_type_id"); id != 0) {
        const auto it = w.workspace_types.find(static_cast<int>(id));
        if (it == w.workspace_types.end())
            throw failure{
                400, "The workspace type ID '" + std::to_string(id) + "' is not valid.", {}};
        p.type = &it->second;
    } else if (object) {
        const auto* object_type = find_object_type(s, object->ext_system, object->bo_type);
        if (const auto it = w.workspace_types.find(object_type->workspace_type);
            it != w.workspace_types.end())
            p.type = &it->second;
    }
    if (p.type == nullptr) throw failure{400, "Argument 'template_id' is required.", {}};
    if (p.template_id == 0) {
        if (p.type->templates.empty())
            throw failure{400, "The workspace type '" + p.type->name + "' has no template.", {}};
        p.template_id = p.type->templates.front();
    }
    return p;
}

void relate_from_fields(service& s, node& n, const json::object& fields, member_id user) {
    const auto* relations = fields.if_contains("bo_relations");
    if (relations == nullptr || !relations->is_array()) return;
    for (const auto& item : relations->get_array()) {
        if (!item.is_object()) continue;
        const std::string kind = field(item.get_object(), "relation_type");
        const auto* objects = item.get_object().if_contains("business_objects");
        if (objects == nullptr || !objects->is_array()) continue;
        for (const auto& each : objects->get_array()) {
            if (!each.is_object()) continue;
            const auto object = read_business_object(s, each.get_object());
            node* other = object ? workspace_of(s, *object) : nullptr;
            if (other == nullptr)
                throw failure{400, "A related business object has no workspace.", {}};
            if (kind == "Child")
                relate(s, n, *other, user);
            else
                relate(s, *other, n, user);
        }
    }
}

void fill_roles(service& s, node& n, const json::object& fields) {
    const auto* given = fields.if_contains("bo_roles_users");
    if (given == nullptr || !given->is_array()) return;
    for (const auto& item : given->get_array()) {
        if (!item.is_object()) continue;
        const std::string name = field(item.get_object(), "role");
        const auto* users = item.get_object().if_contains("users");
        for (auto& role : n.workspace->roles) {
            if (!equal_text(role.name, name) || users == nullptr || !users->is_array()) continue;
            auto members = role.members;
            for (const auto& login : users->get_array()) {
                const auto* m = s.repo().find_login(to_text(login));
                if (m == nullptr)
                    throw failure{400, "The user '" + to_text(login) + "' does not exist.", {}};
                members.insert(m->id);
            }
            set_role_members(s, role, std::move(members));
        }
    }
}

void apply_fields(service& s, node& n, const json::object& fields, member_id user) {
    if (const auto* roles = fields.if_contains("roles"); roles && roles->is_object())
        if (const auto* categories = roles->get_object().if_contains("categories");
            categories && categories->is_object())
            apply_role_categories(s, n, categories->get_object(), user);
    relate_from_fields(s, n, fields, user);
    fill_roles(s, n, fields);
}

} // namespace

node& require_workspace(service& s, node_id id, member_id user) {
    auto* n = s.repo().find(id);
    if (n == nullptr || !s.repo().may(user, *n, "see"))
        throw failure{404, "Could not get a node for " + std::to_string(id), {}};
    if (!n->workspace)
        throw failure{400, "The item '" + n->name + "' is not a business workspace.", {}};
    return *n;
}

node* workspace_of(service& s, const business_object& object) {
    for (auto& [id, n] : s.repo().data().nodes)
        if (n.workspace && std::find(n.workspace->objects.begin(), n.workspace->objects.end(),
                                     object) != n.workspace->objects.end())
            return &n;
    return nullptr;
}

const business_object_type*
find_object_type(service& s, std::string_view ext_system, std::string_view bo_type) {
    for (const auto& [id, type] : s.repo().data().object_types)
        if (type.ext_system == ext_system && type.bo_type == bo_type) return &type;
    return nullptr;
}

std::optional<business_object> read_business_object(service& s, const json::object& fields) {
    business_object o{field(fields, "ext_system_id"), field(fields, "bo_type"),
                      field(fields, "bo_id")};
    if (const auto type_id = number(fields, "bo_type_id"); type_id != 0) {
        const auto it = s.repo().data().object_types.find(static_cast<int>(type_id));
        if (it == s.repo().data().object_types.end())
            throw failure{400,
                          "The business object type ID '" + std::to_string(type_id) +
                              "' is not valid.",
                          {}};
        o.ext_system = it->second.ext_system;
        o.bo_type = it->second.bo_type;
    }
    if (o.ext_system.empty() && o.bo_type.empty() && o.bo_id.empty()) return std::nullopt;
    if (o.ext_system.empty() || o.bo_type.empty())
        throw failure{400, "Arguments 'ext_system_id' and 'bo_type' must be given together.", {}};
    if (find_object_type(s, o.ext_system, o.bo_type) == nullptr)
        throw failure{400,
                      "The business object type '" + o.bo_type +
                          "' is not known for the external system '" + o.ext_system + "'.",
                      {}};
    // Without an id it is a request by type: an early workspace.
    if (o.bo_id.empty()) return std::nullopt;
    return o;
}

workspace_role& add_role(service& s, node& workspace, workspace_role role) {
    role.id = s.repo().next_id();
    member m;
    m.id = role.id;
    m.type = subtype::workspace;
    m.name = role.name;
    m.members = role.members;
    s.repo().data().members.emplace(role.id, std::move(m));
    s.repo().set_custom(workspace, role.id, role.permissions, true);
    workspace.workspace->roles.push_back(std::move(role));
    return workspace.workspace->roles.back();
}

void set_role_members(service& s, workspace_role& role, std::set<member_id> members) {
    role.members = std::move(members);
    s.repo().data().members[role.id].members = role.members;
}

void relate(service& s, node& parent, node& child, member_id user) {
    if (parent.id == child.id)
        throw failure{400, "A business workspace cannot be related to itself.", {}};
    parent.workspace->children.insert(child.id);
    child.workspace->parents.insert(parent.id);
    s.repo().touch(parent, user);
    s.repo().touch(child, user);
}

void unrelate(service& s, node& parent, node& child, member_id user) {
    if (parent.workspace->children.erase(child.id) == 0)
        throw failure{400, "The business workspaces are not related in this way.", {}};
    child.workspace->parents.erase(parent.id);
    s.repo().touch(parent, user);
    s.repo().touch(child, user);
}

node& create_workspace(service& s, const json::object& fields, member_id user) {
    auto& repo = s.repo();
    // A type without an id still decides the workspace type: an early workspace.
    const auto object = read_business_object(s, fields);
    std::optional<business_object> for_type = object;
    if (!for_type && !field(fields, "ext_system_id").empty())
        for_type = business_object{field(fields, "ext_system_id"), field(fields, "bo_type"), ""};
    const plan p = choose_type(s, fields, for_type);
    if (object)
        if (const auto* other = workspace_of(s, *object))
            throw failure{400,
                          "A business workspace for the business object '" + object->bo_id + "' (" +
                              object->bo_type + ", " + object->ext_system +
                              ") already exists: " + std::to_string(other->id) + ".",
                          {}};
    const node* source = repo.find(p.template_id);
    if (source == nullptr || !source->workspace)
        throw failure{
            400, "The template " + std::to_string(p.template_id) + " does not exist.", {}};
    node draft;
    draft.type = subtype::workspace;
    draft.parent = number(fields, "parent_id");
    if (draft.parent == 0 && p.type->manual_location) draft.parent = p.type->location;
    if (draft.parent == 0) throw failure{400, "Argument 'parent_id' is required.", {}};
    draft.name = field(fields, "name");
    if (draft.name.empty() && object && !p.type->name_pattern.empty())
        draft.name = generated_name(s, *p.type, *object, fields);
    if (draft.name.empty()) throw failure{400, "Missing required parameter 'Name'", {}};
    draft.description = field(fields, "description");
    draft.categories = source->categories;
    draft.workspace = workspace_info{};
    draft.workspace->type_id = p.type->id;
    draft.workspace->template_id = p.template_id;
    if (object) draft.workspace->objects.push_back(*object);
    auto& made = repo.create(std::move(draft), user);
    const node_id id = made.id;
    try {
        for (const node_id child : std::vector<node_id>(repo.data().children[source->id].begin(),
                                                        repo.data().children[source->id].end()))
            repo.copy(*repo.find(child), id, repo.find(child)->name, user);
        const auto roles = repo.find(p.template_id)->workspace->roles;
        for (auto role : roles)
            add_role(s, *repo.find(id), std::move(role));
        if (p.type->classification != 0) made.classifications.insert(p.type->classification);
        apply_fields(s, made, fields, user);
    } catch (...) {
        for (const auto& role : made.workspace->roles)
            repo.data().members.erase(role.id);
        for (const node_id other : made.workspace->parents)
            repo.find(other)->workspace->children.erase(id);
        for (const node_id other : made.workspace->children)
            repo.find(other)->workspace->parents.erase(id);
        repo.discard(id);
        throw;
    }
    repo.remember_access(user, id);
    return made;
}

node& create_or_update_workspace(service& s, const json::object& fields, member_id user) {
    const auto object = read_business_object(s, fields);
    if (!object)
        throw failure{400, "A business object (ext_system_id, bo_type, bo_id) is required.", {}};
    node* existing = workspace_of(s, *object);
    if (existing == nullptr) {
        json::object own = fields;
        own.erase("parent_id"); // the type's location counts here
        return create_workspace(s, own, user);
    }
    if (!s.repo().may(user, *existing, "modify"))
        throw failure{400, "Could not get a node for " + std::to_string(existing->id), {}};
    const std::string name = field(fields, "name");
    if (!name.empty()) s.repo().check_name(existing->parent, name, existing->id, 500);
    apply_fields(s, *existing, fields, user);
    if (!name.empty()) s.repo().rename(*existing, name, user);
    if (fields.contains("description")) existing->description = field(fields, "description");
    s.repo().touch(*existing, user);
    return *existing;
}

json::object workspace_properties(service& s, const node& n, member_id user) {
    json::object o = node_properties(s, n, user);
    // Workspace answers have dates without the zone, unlike node answers.
    o["create_date"] = s.plain_date(n.created);
    o["modify_date"] = s.plain_date(n.modified);
    o["original_id"] = n.original;
    o["perm_see"] = true;
    json::array classes;
    for (const node_id id : n.classifications)
        classes.push_back(json::value(id));
    o["classification_ids"] = std::move(classes);
    return o;
}

json::object
workspace_type_json(service& s, const workspace_type& type, bool templates, bool info) {
    json::object o;
    o["wksp_type_id"] = type.id;
    o["wksp_type_name"] = type.name;
    o["wksp_type_names"] = json::object{{"en", type.name}};
    o["config_node_id"] = type.config_node;
    o["rm_enabled"] = type.rm_enabled;
    o["enabled"] = type.enabled;
    o["classification"] =
        type.classification == 0 ? json::value(nullptr) : json::value(type.classification);
    json::object creation;
    creation["location"] = type.location == 0 ? "CurrentNode" : "StaticNodeId";
    creation["location_value"] =
        type.location == 0 ? json::value(nullptr) : json::value(type.location);
    creation["use_also_for_manual_creation"] = type.manual_location;
    creation["sub_location_path"] = "";
    o["wksp_creation"] = std::move(creation);
    o["wksp_name_generation"] =
        json::object{{"use_also_for_wksp_without_bo", false},
                     {"wksp_names", json::object{{"en", type.name_pattern}}}};
    o["wksp_icon"] = nullptr;
    if (templates) {
        json::array list;
        for (const node_id id : type.templates)
            if (const auto* n = s.repo().find(id))
                list.push_back(
                    json::object{{"id", id}, {"name", n->name}, {"subtype", subtype::workspace}});
        o["templates"] = std::move(list);
    }
    json::object data{{"properties", std::move(o)}};
    if (info) data["wksp_info"] = json::object{{"wksp_type_icon", nullptr}, {"in_use", true}};
    json::object out{{"data", std::move(data)}};
    return out;
}

} // namespace mortise::sandbox::content_server
