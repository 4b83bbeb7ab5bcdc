// SPDX-License-Identifier: Apache-2.0
//
// Creating, changing, copying, moving and deleting nodes; recycle bin and collections.
#include "category.hpp"
#include "files.hpp"
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

void apply_roles(service& s, node& n, const json::object& roles, member_id user) {
    if (const auto* categories = roles.if_contains("categories");
        categories != nullptr && categories->is_object())
        apply_role_categories(s, n, categories->get_object(), user);
    if (const auto* classes = roles.if_contains("classifications");
        classes != nullptr && classes->is_object())
        for (const char* key : {"create_id", "id"})
            if (const auto* ids = classes->get_object().if_contains(key);
                ids != nullptr && ids->is_array())
                for (const auto& id : ids->get_array())
                    if (const auto number = to_integer(id)) {
                        s.repo().require(*number, user);
                        n.classifications.insert(*number);
                    }
}

void read_names(const arguments& a, node& n) {
    if (auto names = a.object("name_multilingual")) n.name_multilingual = std::move(*names);
    if (auto texts = a.object("description_multilingual"))
        n.description_multilingual = std::move(*texts);
}

node& copy_node(service& s, call& c, int duplicate_status) {
    auto& repo = s.repo();
    const auto& source =
        repo.require(c.args.required_integer("original_id"), c.user, "see_contents");
    const auto parent = c.args.required_integer("parent_id");
    repo.require(parent, c.user, "add_items");
    const std::string name = c.args.text("name", source.name);
    repo.check_name(parent, name, 0, duplicate_status);
    auto& made = repo.copy(source, parent, name, c.user);
    if (c.args.has("description")) made.description = c.args.text("description");
    if (const auto roles = c.args.object("roles")) apply_roles(s, made, *roles, c.user);
    return made;
}

node& create_node(service& s, call& c, int duplicate_status) {
    auto& repo = s.repo();
    const auto& a = c.args;
    if (!a.has("type") && a.has("original_id")) return copy_node(s, c, duplicate_status);
    node draft;
    draft.type = static_cast<int>(a.required_integer("type"));
    draft.parent = a.required_integer("parent_id");
    if (type_name(draft.type).empty())
        throw failure{400, "Subtype " + std::to_string(draft.type) + " not registered", {}};
    if (draft.type == subtype::workspace || draft.type == subtype::enterprise ||
        draft.type == subtype::categories_volume || draft.type == subtype::classification_volume ||
        draft.type == subtype::attachments)
        throw failure{400, "Could not create a new " + std::string(type_name(draft.type)), {}};
    const auto* part = a.file();
    draft.name = a.text("name", part != nullptr ? std::string_view(part->file_name) : "");
    if (draft.name.empty()) throw failure{400, "Missing required parameter 'Name'", {}};
    draft.description = a.text("description");
    read_names(a, draft);
    for (const char* key : {"external_create_date", "external_modify_date", "external_source",
                            "external_identity", "external_identity_type"})
        if (a.has(key)) draft.external[key] = a.text(key);
    std::optional<new_content> data;
    switch (draft.type) {
    case subtype::document:
        data = content_of(s, c);
        draft.advanced_versioning = a.flag("advanced_versioning", false);
        break;
    case subtype::url:
        draft.url = a.text("url");
        if (draft.url.empty()) throw failure{400, "Missing required parameter 'url'", {}};
        break;
    case subtype::shortcut:
    case subtype::generation:
        draft.original = repo.require(a.required_integer("original_id"), c.user).id;
        if (draft.type == subtype::generation)
            draft.original_version = static_cast<int>(a.required_integer("version_number"));
        break;
    case subtype::task:
        for (const char* key :
             {"assigned_member_id", "due_date", "priority", "status", "instructions"})
            if (a.has(key)) draft.extra[key] = *a.find(key);
        break;
    case subtype::virtual_folder:
        draft.extra["location_id"] = a.integer("location_id", 0);
        break;
    default:
        break;
    }
    auto& made = repo.create(std::move(draft), c.user, duplicate_status);
    const node_id id = made.id;
    try {
        if (data)
            repo.add_version(made, std::move(data->data), std::move(data->file_name),
                             std::move(data->mime_type), c.user,
                             made.advanced_versioning && a.flag("add_major_version", false));
        if (made.type == subtype::category) {
            category_definition empty;
            empty.id = id;
            repo.data().categories.emplace(id, std::move(empty));
        }
        if (const auto roles = a.object("roles")) apply_roles(s, made, *roles, c.user);
        if (const auto direct = a.object("categories"))
            apply_role_categories(s, made, *direct, c.user);
    } catch (...) {
        repo.discard(id);
        throw;
    }
    if (made.type == subtype::shortcut)
        repo.record(event_type::shortcut, *repo.find(made.original), c.user);
    if (made.type == subtype::generation)
        repo.record(event_type::generation, *repo.find(made.original), c.user);
    return made;
}

reply create_v2(service& s, call& c) {
    const auto& n = create_node(s, c, 500);
    json::object data{{"properties", node_properties(s, n, c.user)}};
    if (!n.versions.empty()) data["versions"] = version_properties(s, n, n.versions.back());
    return v2_results(c, json::object{{"data", std::move(data)}});
}

void change_reservation(service& s, call& c, node& n) {
    if (!c.args.present("reserved_user_id")) return;
    if (!c.args.has("reserved_user_id") || c.args.text("reserved_user_id").empty() ||
        c.args.text("reserved_user_id") == "null" || c.args.integer("reserved_user_id", 0) == 0) {
        s.repo().unreserve(n, c.user);
        return;
    }
    const auto who = c.args.integer("reserved_user_id", 0);
    s.repo().require_member(who);
    if (!s.repo().may(c.user, n, "reserve"))
        throw failure{400, "You do not have the permission to reserve the item.", {}};
    s.repo().reserve(n, who);
}

void change_collection(service& s,
                       call& c,
                       node& collection,
                       const std::string& operation,
                       const std::vector<std::int64_t>& ids,
                       json::object& status) {
    if (collection.type != subtype::collection)
        throw failure{400, "The item '" + collection.name + "' is not a collection.", {}};
    if (operation != "add" && operation != "remove")
        throw failure{400, "Invalid value specified for argument 'operation'.", {}};
    if (ids.size() > 30) throw failure{400, "No more than 30 ids are allowed.", {}};
    for (const node_id id : ids) {
        const auto* n = s.repo().find(id);
        const bool visible = n != nullptr && s.repo().may(c.user, *n, "see");
        if (visible && operation == "add") collection.collected.insert(id);
        if (visible && operation == "remove") collection.collected.erase(id);
        status[std::to_string(id)] =
            visible ? json::object{{"success", true}}
                    : json::object{{"success", false},
                                   {"error", "Could not get a node for " + std::to_string(id)}};
    }
    s.repo().touch(collection, c.user);
}

reply update(service& s, call& c) {
    auto& repo = s.repo();
    const auto& a = c.args;
    auto& n = repo.require(c.id(), c.user);
    if (a.all().empty())
        throw failure{400, "Parameters are required for PUT, POST, and PATCH methods.", {}};
    if (a.has("metadata_token") && a.text("metadata_token") != node_token(n))
        throw failure{409, "Could not update metadata (edit conflict).", {}};
    const bool moves = a.has("parent_id") && a.integer("parent_id", 0) != n.parent;
    const bool edits = a.has("name") || a.present("description") || a.has("url") ||
                       a.has("name_multilingual") || a.has("description_multilingual");
    repo.check_writable(n, c.user);
    if (edits) repo.require(n.id, c.user, "modify");
    if (moves) repo.require(n.id, c.user, "delete");
    for (const char* field : {"name", "description"})
        if (a.has(std::string(field) + "_multilingual") && !a.present(field))
            throw failure{400, "Argument '" + std::string(field) + "' is required.", {}};
    // Everything that can be refused comes first, so that a refusal changes nothing.
    const std::string name = a.text("name", n.name);
    const node_id parent = moves ? a.integer("parent_id", 0) : n.parent;
    if (moves) repo.require(parent, c.user, "add_items");
    if (name != n.name || moves) repo.check_name(parent, name, n.id, 500);
    if (const auto roles = a.object("roles")) {
        repo.require(n.id, c.user, "edit_attributes");
        apply_roles(s, n, *roles, c.user);
    }
    if (moves) {
        if (name != n.name) {
            // The new name is only known to be free at the target.
            const std::string kept = std::exchange(n.name, name);
            try {
                repo.move(n, parent, c.user);
            } catch (...) {
                n.name = kept;
                throw;
            }
            repo.record(event_type::rename, n, c.user, 0, kept + " -> " + name);
        } else {
            repo.move(n, parent, c.user);
        }
    } else {
        repo.rename(n, name, c.user);
    }
    if (a.present("description")) n.description = a.text("description");
    read_names(a, n);
    if (a.has("url") && n.type == subtype::url) n.url = a.text("url");
    if (n.type == subtype::task)
        for (const char* key :
             {"assigned_member_id", "due_date", "priority", "status", "instructions"})
            if (a.has(key)) n.extra[key] = *a.find(key);
    if (a.has("versions_control_advanced"))
        n.advanced_versioning = a.flag("versions_control_advanced", false);
    if (a.has("hidden")) n.hidden = a.flag("hidden", false);
    if (a.has("collection_id")) {
        json::object status;
        change_collection(s, c, repo.require(a.integer("collection_id", 0), c.user, "modify"),
                          a.text("operation", "remove"), {n.id}, status);
    }
    change_reservation(s, c, n);
    repo.touch(n, c.user);
    return v2_empty(c);
}

reply recycle_list(service& s, call& c) {
    std::vector<const node*> found;
    for (const auto& [id, n] : s.repo().data().recycled)
        if ((s.repo().is_admin(c.user) || n.deleted_by == c.user) &&
            !s.repo().data().recycled.contains(n.parent))
            found.push_back(&n);
    const page p = page_of(s, c, found.size(), 25);
    json::array results;
    for (const auto* n : cut(found, p)) {
        json::object properties = node_properties(s, *n, c.user);
        properties["deleted_user_id"] = n->deleted_by;
        properties["deleted_date"] = s.date(n->deleted_at);
        json::object data{{"properties", std::move(properties)}};
        results.push_back(json::object{{"data", std::move(data)}});
    }
    return v2_list(c, std::move(results), p, "desc_deleted_date");
}

reply recycle_change(service& s, call& c, bool restore) {
    const auto ids = c.args.integers("ids");
    if (ids.empty()) throw failure{400, "Argument 'ids' is required.", {}};
    json::array done, failed, errors;
    for (const node_id id : ids) {
        try {
            const auto it = s.repo().data().recycled.find(id);
            if (it == s.repo().data().recycled.end() ||
                (!s.repo().is_admin(c.user) && it->second.deleted_by != c.user))
                throw failure{400, "Could not get a node for " + std::to_string(id), {}};
            if (restore)
                s.repo().restore(id, c.user);
            else
                s.repo().purge(id);
            done.push_back(json::value(id));
        } catch (const failure& f) {
            failed.push_back(json::value(id));
            errors.push_back(json::value(f.text));
        }
    }
    json::object results;
    results["success"] = json::object{{"ids", std::move(done)}};
    results["failure"] = json::object{{"ids", std::move(failed)}, {"errors", std::move(errors)}};
    return v2_results(c, std::move(results));
}

reply reservation_queue(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user, 404);
    if (n.reserved_by == 0) throw failure{404, "The item is not reserved.", {}};
    return reply::json(200,
                       json::object{{"data", json::object{{"num_users", 0},
                                                          {"reserved_by", n.reserved_by},
                                                          {"reserved_date", s.date(n.reserved_at)},
                                                          {"already_requested", false}}}});
}

} // namespace

void add_node_write_routes(service& s) {
    s.add("POST", "v2/nodes", [&s](call& c) { return create_v2(s, c); });
    s.add("POST", "v1/nodes", [&s](call& c) {
        return reply::json(200, json::object{{"id", create_node(s, c, 400).id}});
    });
    s.add("PUT", "v2/nodes/{id}", [&s](call& c) { return update(s, c); });
    s.add("PUT", "v1/nodes/{id}", [&s](call& c) {
        update(s, c);
        return reply::json(200, json::object());
    });
    s.add("DELETE", "v2/nodes/{id}", [&s](call& c) {
        s.repo().remove(c.id(), c.user);
        return v2_empty(c);
    });
    s.add("DELETE", "v1/nodes/{id}", [&s](call& c) {
        s.repo().remove(c.id(), c.user);
        return reply::json(200, json::object());
    });
    s.add("PUT", "v2/nodes/{id}/collection", [&s](call& c) {
        auto& n = s.repo().require(c.id(), c.user, "modify");
        json::object status;
        change_collection(s, c, n, c.args.text("operation"), c.args.integers("ids"), status);
        return v2_results(c, std::move(status));
    });
    s.add("GET", "v2/volumes/recyclebin/nodes", [&s](call& c) { return recycle_list(s, c); });
    s.add("POST", "v2/volumes/recyclebin/nodes/restore",
          [&s](call& c) { return recycle_change(s, c, true); });
    s.add("POST", "v2/volumes/recyclebin/nodes/purge",
          [&s](call& c) { return recycle_change(s, c, false); });
    s.add("GET", "v2/reservemanagement/nodes/{id}",
          [&s](call& c) { return reservation_queue(s, c); });
}

} // namespace mortise::sandbox::content_server
