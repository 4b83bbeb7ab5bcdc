// SPDX-License-Identifier: Apache-2.0
#include "render.hpp"

#include <cctype>
#include <cmath>

namespace mortise::sandbox::content_server {

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

bool contains_text(std::string_view haystack, std::string_view needle) {
    return lower_case(haystack).find(lower_case(needle)) != std::string::npos;
}

bool equal_text(std::string_view a, std::string_view b) {
    return lower_case(a) == lower_case(b);
}

json::object link(std::string href, std::string_view method, std::string_view name) {
    json::object o;
    o["body"] = "";
    o["content_type"] = "";
    o["href"] = std::move(href);
    o["method"] = method;
    o["name"] = name;
    return o;
}

json::object self_links(const call& c) {
    json::object data;
    data["self"] = link(c.self_href(), c.raw.method);
    json::object links;
    links["data"] = std::move(data);
    return links;
}

reply v2_results(const call& c, json::value results) {
    json::object body;
    body["links"] = self_links(c);
    body["results"] = std::move(results);
    return reply::json(200, body);
}

reply v2_empty(const call& c) {
    return v2_results(c, json::object());
}

field_filter::field_filter(const call& c, std::string_view argument) {
    for (const auto& item : c.args.list(argument)) {
        // "properties{id,name}", "versions.element(0)", "properties"
        const auto brace = item.find('{');
        std::string name = item.substr(0, std::min(brace, item.find('.')));
        auto& wanted = parts_[name];
        if (brace == std::string::npos) continue;
        std::string inside = item.substr(brace + 1);
        if (!inside.empty() && inside.back() == '}') inside.pop_back();
        std::size_t from = 0;
        while (from < inside.size()) {
            const auto comma = std::min(inside.find(',', from), inside.size());
            std::string field = inside.substr(from, comma - from);
            std::erase(field, ' ');
            if (!field.empty()) wanted.insert(field);
            from = comma + 1;
        }
    }
}

bool field_filter::wants(std::string_view part) const {
    return parts_.find(part) != parts_.end();
}

json::object field_filter::apply(std::string_view part, json::object o) const {
    const auto it = parts_.find(part);
    if (it == parts_.end() || it->second.empty()) return o;
    json::object out;
    for (auto& [key, value] : o)
        if (it->second.contains(std::string(key)) ||
            (key.ends_with("_expand") &&
             it->second.contains(std::string(key.substr(0, key.size() - 7)))))
            out[key] = std::move(value);
    return out;
}

page page_of(const service& s,
             const call& c,
             std::size_t total,
             std::size_t default_limit,
             std::size_t maximum) {
    page p;
    const auto limit = c.args.integer("limit", static_cast<std::int64_t>(default_limit));
    const auto number = c.args.integer("page", 1);
    if (limit < 1) throw failure{400, "Invalid value specified for argument 'limit'.", {}};
    if (number < 1) throw failure{400, "Invalid value specified for argument 'page'.", {}};
    p.limit = std::min(static_cast<std::size_t>(limit), maximum);
    p.number = static_cast<std::size_t>(number);
    p.total = total;
    p.pages = (total + p.limit - 1) / p.limit;
    if (p.number > p.pages && p.pages > 0) {
        // A client that goes on until a page is empty never ends on a real server.
        if (s.out_of_range_page() == service::page_quirk::last) p.number = p.pages;
        if (s.out_of_range_page() == service::page_quirk::first) p.number = 1;
    }
    p.begin = std::min((p.number - 1) * p.limit, total);
    p.end = std::min(p.begin + p.limit, total);
    return p;
}

namespace {

std::string with_page(const call& c, std::size_t number) {
    std::string query;
    for (const auto& [name, value] : c.raw.query)
        if (name != "page") query += "&" + percent_encode(name) + "=" + percent_encode(value);
    query += "&page=" + std::to_string(number);
    query.front() = '?';
    return c.api_path() + query;
}

} // namespace

json::object paging_json(const call& c, const page& p) {
    json::object o;
    o["limit"] = p.limit;
    json::object neighbours;
    if (p.number < p.pages) neighbours["next"] = link(with_page(c, p.number + 1), "GET", "Next");
    if (p.number > 1 && p.number <= p.pages)
        neighbours["previous"] = link(with_page(c, p.number - 1), "GET", "Previous");
    if (!neighbours.empty()) {
        json::object data;
        data["data"] = std::move(neighbours);
        o["links"] = std::move(data);
    }
    o["page"] = p.number;
    o["page_total"] = p.pages;
    o["range_max"] = p.end;
    o["range_min"] = p.end > p.begin ? p.begin + 1 : 0;
    o["total_count"] = p.total;
    return o;
}

reply v2_list(const call& c, json::array results, const page& p, std::string_view sort) {
    json::object collection;
    collection["paging"] = paging_json(c, p);
    json::array order;
    if (!sort.empty()) order.push_back({{"key", "sort"}, {"value", sort}});
    json::object sorting;
    sorting["sort"] = std::move(order);
    collection["sorting"] = std::move(sorting);
    json::object body;
    body["collection"] = std::move(collection);
    body["links"] = self_links(c);
    body["results"] = std::move(results);
    return reply::json(200, body);
}

std::string size_formatted(std::uint64_t bytes) {
    if (bytes < 1024) return std::to_string(bytes) + " bytes";
    if (bytes < 1024 * 1024) return std::to_string((bytes + 1023) / 1024) + " KB";
    return std::to_string((bytes + 1024 * 1024 - 1) / (1024 * 1024)) + " MB";
}

json::object node_properties(service& s, const node& n, member_id user) {
    auto& repo = s.repo();
    const bool container = is_container(n.type);
    const auto items = repo.child_count(n.id);
    const auto* owner = repo.find_member(n.owner);
    const version* last = n.versions.empty() ? nullptr : &n.versions.back();
    const auto path = repo.ancestors(n.id);
    const auto multilingual = [](const json::object& given, const std::string& text) {
        return given.empty() ? json::object{{"en", text}} : given;
    };
    const auto external = [&n](std::string_view key) -> json::value {
        const auto* v = n.external.if_contains(key);
        return v != nullptr ? *v : json::value("");
    };
    const auto external_date = [&n](std::string_view key) -> json::value {
        const auto* v = n.external.if_contains(key);
        return v != nullptr ? *v : json::value(nullptr);
    };
    const auto* viewer = repo.find_member(user);
    json::object o;
    o["advanced_versioning"] =
        is_versionable(n.type) ? json::value(n.advanced_versioning) : json::value(nullptr);
    o["container"] = container;
    o["container_size"] = items;
    o["create_date"] = s.date(n.created);
    o["create_user_id"] = n.creator;
    o["description"] = n.description;
    o["description_multilingual"] = multilingual(n.description_multilingual, n.description);
    o["external_create_date"] = external_date("external_create_date");
    o["external_identity"] = external("external_identity");
    o["external_identity_type"] = external("external_identity_type");
    o["external_modify_date"] = external_date("external_modify_date");
    o["external_source"] = external("external_source");
    o["favorite"] = viewer != nullptr && viewer->favorites.contains(n.id);
    o["hidden"] = n.hidden;
    o["icon"] = container ? "/cssupport/webdoc/folder.gif" : "/cssupport/webdoc/doc.gif";
    o["icon_large"] =
        container ? "/cssupport/webdoc/folder_large.gif" : "/cssupport/webdoc/doc_large.gif";
    o["id"] = n.id;
    o["mime_type"] = last != nullptr ? json::value(last->mime_type) : json::value(nullptr);
    o["modify_date"] = s.date(n.modified);
    o["modify_user_id"] = n.modifier;
    o["name"] = n.name;
    o["name_multilingual"] = multilingual(n.name_multilingual, n.name);
    if (n.original != 0) o["original_id"] = n.original;
    if (n.type == subtype::generation) o["original_version_number"] = n.original_version;
    o["owner"] = owner != nullptr ? owner->name : "";
    o["owner_group_id"] = n.owner_group;
    o["owner_user_id"] = n.owner;
    o["parent_id"] = n.parent == 0 ? json::value(-1) : json::value(n.parent);
    o["permissions_model"] = "advanced";
    o["reserved"] = n.reserved_by != 0;
    o["reserved_date"] =
        n.reserved_by != 0 ? json::value(s.date(n.reserved_at)) : json::value(nullptr);
    o["reserved_shared_collaboration"] = false;
    o["reserved_user_id"] = n.reserved_by;
    o["size"] = container         ? json::value(items)
                : last != nullptr ? json::value(last->data.size())
                                  : json::value(nullptr);
    o["size_formatted"] = container ? std::to_string(items) + (items == 1 ? " Item" : " Items")
                          : last != nullptr ? size_formatted(last->data.size())
                                            : std::string();
    o["status"] = nullptr;
    o["type"] = n.type;
    o["type_name"] = type_name(n.type);
    if (n.type == subtype::url) o["url"] = n.url;
    o["versionable"] = is_versionable(n.type);
    o["versions_control_advanced"] = n.advanced_versioning;
    o["volume_id"] = path.empty() ? json::value(nullptr) : json::value(-path.front());
    if (n.workspace) {
        const auto& types = repo.data().workspace_types;
        const auto type = types.find(n.workspace->type_id);
        o["wnf_wksp_type_id"] = n.workspace->type_id;
        o["wnf_wksp_template_id"] = n.workspace->template_id;
        o["wksp_type_name"] = type == types.end() ? "" : type->second.name;
        o["rm_enabled"] = type != types.end() && type->second.rm_enabled;
    }
    for (const auto& [key, value] : n.extra)
        o[key] = value;
    return o;
}

json::object node_properties_v1(service& s, const node& n, member_id user) {
    json::object o = node_properties(s, n, user);
    o["original_id"] = n.original;
    o["user_id"] = n.owner;
    o["guid"] = nullptr;
    o["version_number"] = n.versions.empty() ? 0 : n.versions.back().number;
    const auto r = s.repo().effective(user, n);
    for (const auto& right : all_rights())
        o["perm_" + (right == "add_items"          ? std::string("create")
                     : right == "edit_permissions" ? std::string("modify_permissions")
                     : right == "edit_attributes"  ? std::string("modify_attributes")
                                                   : right)] = r.contains(right);
    return o;
}

void expand_properties(service& s, const call& c, json::object& properties) {
    std::set<std::string> wanted;
    for (const auto& item : c.args.list("expand")) {
        if (!item.starts_with("properties") && item != "node") continue;
        const auto brace = item.find('{');
        if (brace == std::string::npos) {
            wanted.insert({"parent_id", "create_user_id", "owner_user_id", "modify_user_id",
                           "original_id", "reserved_user_id"});
            continue;
        }
        std::string field;
        for (const char ch : item.substr(brace + 1)) {
            if (ch == ',' || ch == '}') {
                wanted.insert(std::exchange(field, {}));
            } else if (ch != ' ') {
                field += ch;
            }
        }
        if (!field.empty()) wanted.insert(field);
    }
    for (const auto& field : wanted) {
        const auto* v = properties.if_contains(field);
        if (v == nullptr) continue;
        const auto id = to_integer(*v).value_or(0);
        if (field.ends_with("user_id") || field.ends_with("group_id")) {
            if (const auto* m = s.repo().find_member(id))
                properties[field + "_expand"] = member_properties(s, *m, c.user);
        } else if (const auto* other = s.repo().find(id);
                   other != nullptr && s.repo().may(c.user, *other, "see")) {
            properties[field + "_expand"] = node_properties(s, *other, c.user);
        }
    }
}

json::object version_properties(service& s, const node& n, const version& v) {
    const auto dot = v.file_name.rfind('.');
    json::object o;
    o["create_date"] = s.date(v.created);
    o["description"] = v.description.empty() ? json::value(nullptr) : json::value(v.description);
    o["external_create_date"] = nullptr;
    o["external_identity"] = "";
    o["external_identity_type"] = "";
    o["external_modify_date"] = nullptr;
    o["external_source"] = "";
    o["file_create_date"] = s.date(v.created);
    o["file_modify_date"] = s.date(v.modified);
    o["file_name"] = v.file_name;
    o["file_size"] = v.data.size();
    o["file_type"] = dot == std::string::npos ? "" : v.file_name.substr(dot + 1);
    o["has_generation"] = false;
    o["id"] = n.id;
    o["locked"] = v.locked_by != 0;
    o["locked_date"] = v.locked_by != 0 ? json::value(s.date(v.locked_at)) : json::value(nullptr);
    o["locked_user_id"] = v.locked_by != 0 ? json::value(v.locked_by) : json::value(nullptr);
    o["mime_type"] = v.mime_type;
    o["modify_date"] = s.date(v.modified);
    o["name"] = n.name;
    o["owner_id"] = v.owner;
    o["provider_id"] = v.id;
    o["version_id"] = v.id;
    o["version_number"] = v.number;
    o["version_number_major"] = n.advanced_versioning ? v.major : 0;
    o["version_number_minor"] = n.advanced_versioning ? v.minor : v.number;
    o["version_number_name"] = n.advanced_versioning
                                   ? std::to_string(v.major) + "." + std::to_string(v.minor)
                                   : std::to_string(v.number);
    return o;
}

json::object member_properties(service& s, const member& m, member_id viewer) {
    json::object o;
    o["deleted"] = m.deleted;
    o["id"] = m.id;
    o["name"] = m.name;
    o["type"] = m.type;
    if (m.type == 1 || m.type == subtype::workspace) {
        o["type_name"] = m.type == 1 ? "Group" : "Role";
        o["initials"] = m.name.substr(0, 1);
        o["leader_id"] =
            m.type == 1 && m.group != 1001 ? json::value(m.group) : json::value(nullptr);
        o["name_formatted"] = m.name;
        return o;
    }
    o["type_name"] = m.type == 17 ? "Service User" : "User";
    o["birth_date"] = nullptr;
    o["business_email"] = m.email;
    o["business_fax"] = nullptr;
    o["business_phone"] = m.phone;
    o["cell_phone"] = nullptr;
    o["first_name"] = m.first_name;
    o["gender"] = nullptr;
    o["group_id"] = m.group;
    o["home_address_1"] = nullptr;
    o["last_name"] = m.last_name;
    o["middle_name"] = m.middle_name;
    o["name_formatted"] = m.first_name.empty() ? m.name : m.first_name + " " + m.last_name;
    o["initials"] = (m.first_name + " ").substr(0, 1) + (m.last_name + " ").substr(0, 1);
    o["office_location"] = nullptr;
    o["photo_id"] = nullptr;
    o["photo_url"] = nullptr;
    o["time_zone"] = -1;
    o["title"] = m.title;
    if (s.repo().is_admin(viewer)) {
        o["privilege_content_manager"] = false;
        o["privilege_grant_discovery"] = false;
        o["privilege_login"] = true;
        o["privilege_modify_groups"] = m.administrator;
        o["privilege_modify_users"] = m.administrator;
        o["privilege_public_access"] = true;
        o["privilege_system_admin_rights"] = m.administrator;
        o["privilege_user_admin_rights"] = m.administrator;
    }
    return o;
}

json::object
node_actions(service& s, const node& n, member_id user, const std::vector<std::string>& wanted) {
    struct action {
        const char* name;
        const char* right;
        const char* method;
        std::string href;
        bool applies;
    };
    const std::string base = "/api/v2/nodes/" + std::to_string(n.id);
    const bool document = is_versionable(n.type);
    const bool container = is_container(n.type);
    const std::vector<action> known = {
        {"open", "see_contents", "GET", document ? base + "/content" : base + "/nodes",
         document || container},
        {"download", "see_contents", "GET", base + "/content?action=download", document},
        {"browse", "see", "GET", base + "/nodes", container},
        {"addcategory", "edit_attributes", "POST", base + "/categories", true},
        {"addversion", "modify", "POST", base + "/versions", document},
        {"copy", "see_contents", "POST", "/api/v2/nodes", true},
        {"move", "delete", "PUT", base, n.parent > 0},
        {"rename", "modify", "PUT", base, true},
        {"reserve", "reserve", "PUT", base, document && n.reserved_by == 0},
        {"unreserve", "reserve", "PUT", base, document && n.reserved_by == user},
        {"delete", "delete", "DELETE", base, n.parent > 0},
        {"permissions", "see", "GET", base + "/permissions", true},
        {"editpermissions", "edit_permissions", "PUT", base + "/permissions", true},
        {"properties", "see", "GET", base, true},
        {"versions", "see_contents", "GET", base + "/versions", document}};
    const auto granted = s.repo().effective(user, n);
    json::object data;
    json::array order;
    for (const auto& a : known) {
        const bool asked =
            wanted.empty() || std::find(wanted.begin(), wanted.end(), a.name) != wanted.end();
        if (!asked || !a.applies || !granted.contains(a.right)) continue;
        data[a.name] = link(a.href, a.method);
        order.push_back(a.name);
    }
    json::object map;
    if (data.contains("open")) map["default_action"] = "open";
    json::object o;
    o["data"] = std::move(data);
    o["map"] = std::move(map);
    o["order"] = std::move(order);
    return o;
}

void sort_nodes(service& s, std::vector<node_id>& ids, const std::string& order) {
    std::string column = order.empty() ? "asc_name" : order;
    bool descending = false;
    if (column.starts_with("asc_")) column = column.substr(4);
    if (column.starts_with("desc_")) {
        column = column.substr(5);
        descending = true;
    }
    auto& repo = s.repo();
    const auto key = [&](node_id id) -> std::string {
        const auto* n = repo.find(id);
        const auto padded = [](std::uint64_t v) {
            std::string text = std::to_string(v);
            return std::string(20 - text.size(), '0') + text;
        };
        const auto when = [](time_point t) {
            // Ticks, not seconds: what changed within one second keeps its order.
            return std::to_string(t.time_since_epoch().count() + 1'000'000'000'000'000'000LL);
        };
        if (column == "name") return lower_case(n->name);
        if (column == "type") return padded(static_cast<std::uint64_t>(n->type));
        if (column == "id") return padded(static_cast<std::uint64_t>(n->id));
        if (column == "create_date") return when(n->created);
        if (column == "modify_date") return when(n->modified);
        if (column == "reserved_date") return when(n->reserved_at);
        if (column == "size")
            return padded(is_container(n->type) ? repo.child_count(id)
                          : n->versions.empty() ? 0
                                                : n->versions.back().data.size());
        if (column == "description") return lower_case(n->description);
        throw failure{400, "Invalid value specified for argument 'sort'.", {}};
    };
    if (ids.empty()) return;
    std::vector<std::pair<std::string, node_id>> keyed;
    keyed.reserve(ids.size());
    for (const node_id id : ids)
        keyed.emplace_back(key(id), id);
    std::stable_sort(keyed.begin(), keyed.end(), [descending](const auto& a, const auto& b) {
        return descending ? b.first < a.first : a.first < b.first;
    });
    for (std::size_t i = 0; i < ids.size(); ++i)
        ids[i] = keyed[i].second;
}

} // namespace mortise::sandbox::content_server
