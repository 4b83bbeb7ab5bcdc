// SPDX-License-Identifier: Apache-2.0
// Shares and access lists.
#include "iconik/system.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

void iconik_system::share_routes() {
    const auto make = [this](const request& r, const doc& body) {
        for (const char* key : {"allow_comments", "allow_download", "allow_approving_comments",
                                "allow_setting_approve_status"})
            if (!body.contains(key) || !body.at(key).is_bool())
                invalid(key, "Missing data for required field.");
        object(r.param("object_type"), r.param("object_id"), "read");
        const std::string id = ids().uuid();
        doc s{{"id", id},
              {"object_type", r.param("object_type")},
              {"object_id", r.param("object_id")},
              {"owner_id", caller_.user_id},
              {"system_domain_id", system_domain_},
              {"title", nullptr},
              {"message", nullptr},
              {"expires", iso_micros(now() + std::chrono::hours(24 * 14))},
              {"has_password", !text_of(body, "password").empty()},
              {"is_approval", false},
              {"url", base_url() + "/share/" + r.param("object_type") + "/" + id +
                          "/?t=" + ids().token(32)},
              {"date_created", stamp()}};
        take(s, body,
             {"allow_comments", "allow_download", "allow_approving_comments",
              "allow_setting_approve_status", "allow_download_proxy", "allow_custom_actions",
              "allow_upload", "allow_view_versions", "allow_view_transcriptions", "show_watermark",
              "is_approval", "expires", "title", "message", "metadata_views", "upload_storage_id"});
        doc& added = shares_.add(std::move(s));
        // Recorded: the share's id is the event's object, the asset is in data.
        doc data = added;
        data.erase("url");
        emit(r.param("object_type"), id, "shares", "create", std::move(data));
        return added;
    };
    on("POST", "/API/assets/v1/{object_type}/{object_id}/shares/url", "can_write_shares",
       [make](const request& r) { return reply::json(200, make(r, r.json_object())); });
    on("POST", "/API/assets/v1/{object_type}/{object_id}/shares", "can_write_shares",
       [make](const request& r) {
           const doc body = r.json_object();
           require_ids(body, "emails");
           doc s = make(r, body);
           s["url"] = nullptr; // sent by mail only
           return reply::json(202, s);
       });
    on("GET", "/API/assets/v1/{object_type}/{object_id}/shares", "can_read_shares",
       [this](const request& r) {
           object(r.param("object_type"), r.param("object_id"), "read");
           std::vector<doc> out;
           for (const doc* s : shares_.all())
               if (text_of(*s, "object_id") == r.param("object_id")) out.push_back(*s);
           return cursor(r, std::move(out));
       });
    on("DELETE", "/API/assets/v1/{object_type}/{object_id}/shares/{share_id}",
       "can_delete_object_shares", [this](const request& r) {
           shares_.need(r.param("share_id"));
           shares_.erase(r.param("share_id"));
           return reply::empty(204);
       });
    routes().route("GET", "/share/{object_type}/{share_id}", [this](const request& r) {
        const doc* s = shares_.find(r.param("share_id"));
        const std::string url = s ? text_of(*s, "url") : "";
        if (!s || !url.ends_with("t=" + r.query_value("t")))
            return reply::text(404, "<html><body>Share not found</body></html>", "text/html");
        return reply::text(200,
                           "<html><body>Shared " + r.param("object_type") + " " +
                               text_of(*s, "object_id") + "</body></html>",
                           "text/html");
    });
}

namespace {

const std::vector<std::string> known_permissions{"read", "write", "delete", "change-acl"};

std::set<std::string> read_permissions(const json::object& body) {
    std::set<std::string> out;
    for (const std::string& p : texts_of(body, "permissions")) {
        if (!contains(known_permissions, p))
            invalid("permissions", "\"" + p + "\" is not a permission.");
        out.insert(p);
    }
    if (!body.contains("permissions")) invalid("permissions", "Missing data for required field.");
    return out;
}

json::array acl_list(const std::map<std::string, std::set<std::string>>& all, const char* key) {
    json::array out;
    for (const auto& [id, rights] : all)
        out.push_back(json::object{
            {key, id},
            {"permissions", to_array(std::vector<std::string>(rights.begin(), rights.end()))}});
    return out;
}

} // namespace

void iconik_system::set_group_rights(const std::string& type,
                                     const std::string& id,
                                     const std::string& group,
                                     const doc& body) {
    const std::set<std::string> rights = read_permissions(body);
    auto& groups = acls_[type + "/" + id].groups;
    if (rights.empty())
        groups.erase(group);
    else
        groups[group] = rights;
    emit(type, id, "acls", "update", {{"object_type", type}, {"object_key", id}});
    touch(type, id);
}

void iconik_system::acl_routes() {
    on("GET", "/API/acls/v1/acl/{object_type}/{object_key}", "can_read_acls",
       [this](const request& r) {
           const acl_record& acl = acls_[r.param("object_type") + "/" + r.param("object_key")];
           return reply::json(200, doc{{"users_acl", acl_list(acl.users, "user_id")},
                                       {"groups_acl", acl_list(acl.groups, "group_id")},
                                       {"inherited_users_acl", json::array{}},
                                       {"inherited_groups_acl", json::array{}},
                                       {"propagating_users_acl", json::array{}},
                                       {"propagating_groups_acl", json::array{}}});
       });
    on("GET", "/API/acls/v1/acl/{object_type}/{object_key}/permissions", "",
       [this](const request& r) {
           std::vector<std::string> out;
           for (const std::string& p : known_permissions)
               if (may(p, r.param("object_type"), r.param("object_key"))) out.push_back(p);
           return reply::json(200, doc{{"permissions", to_array(out)}});
       });
    on("GET", "/API/acls/v1/acl/{object_type}/{object_key}/{permission}", "can_read_acls",
       [this](const request& r) {
           check(r.param("permission"), r.param("object_type"), r.param("object_key"));
           return reply::json(200, doc{});
       });
    on("POST", "/API/acls/v1/acl/{object_type}/{permission}", "can_read_acls",
       [this](const request& r) {
           std::vector<std::string> granted;
           std::vector<std::string> denied;
           for (const std::string& key : texts_of(r.json_object(), "object_keys"))
               (may(r.param("permission"), r.param("object_type"), key) ? granted : denied)
                   .push_back(key);
           return reply::json(200, doc{{"access_granted", to_array(granted)},
                                       {"access_denied", to_array(denied)}});
       });
    const auto changed = [this](const std::string& type, const std::string& id) {
        emit(type, id, "acls", "update", {{"object_type", type}, {"object_key", id}});
        touch(type, id);
    };
    on("PUT", "/API/acls/v1/acl/{object_type}", "can_write_acls",
       [this, changed](const request& r) {
           const doc body = r.json_object();
           require_one_of(body, "mode", {"APPEND", "OVERWRITE"});
           const std::set<std::string> rights = read_permissions(body);
           const bool append = text_of(body, "mode") == "APPEND";
           const std::vector<std::string> keys = require_ids(body, "object_keys");
           for (const std::string& key : keys)
               check("change-acl", r.param("object_type"), key);
           for (const std::string& key : keys) {
               acl_record& acl = acls_[r.param("object_type") + "/" + key];
               const auto set = [&](std::map<std::string, std::set<std::string>>& into,
                                    const char* name) {
                   for (const std::string& id : texts_of(body, name)) {
                       if (!append) into[id].clear();
                       into[id].insert(rights.begin(), rights.end());
                   }
               };
               set(acl.users, "user_ids");
               set(acl.groups, "group_ids");
               changed(r.param("object_type"), key);
           }
           return reply::json(200, doc{{"updated_object_keys", to_array(keys)}});
       });
    on("DELETE", "/API/acls/v1/acl/{object_type}", "can_delete_acls",
       [this, changed](const request& r) {
           const doc body = r.json_object();
           const std::vector<std::string> keys = require_ids(body, "object_keys");
           for (const std::string& key : keys)
               check("change-acl", r.param("object_type"), key);
           for (const std::string& key : keys) {
               acl_record& acl = acls_[r.param("object_type") + "/" + key];
               for (const std::string& id : texts_of(body, "user_ids"))
                   acl.users.erase(id);
               for (const std::string& id : texts_of(body, "group_ids"))
                   acl.groups.erase(id);
               changed(r.param("object_type"), key);
           }
           return reply::json(200, doc{});
       });
    const auto one = [this, changed](const request& r) {
        const std::set<std::string> rights = read_permissions(r.json_object());
        check("change-acl", r.param("object_type"), r.param("object_key"));
        acl_record& acl = acls_[r.param("object_type") + "/" + r.param("object_key")];
        const bool group = r.params.contains("group_id");
        auto& into = group ? acl.groups : acl.users;
        const std::string who = r.param(group ? "group_id" : "user_id");
        if (group)
            groups_.need(who);
        else
            users_.need(who);
        const bool known = into.contains(who);
        into[who] = rights;
        changed(r.param("object_type"), r.param("object_key"));
        return reply::json(
            known ? 200 : 201,
            doc{{group ? "group_id" : "user_id", who},
                {"object_type", r.param("object_type")},
                {"object_key", r.param("object_key")},
                {"permissions", to_array(std::vector<std::string>(rights.begin(), rights.end()))}});
    };
    const auto entry = [this](const request& r) -> std::set<std::string>* {
        acl_record& acl = acls_[r.param("object_type") + "/" + r.param("object_key")];
        const bool group = r.params.contains("group_id");
        auto& all = group ? acl.groups : acl.users;
        const auto found = all.find(r.param(group ? "group_id" : "user_id"));
        return found == all.end() ? nullptr : &found->second;
    };
    const auto show = [entry](const request& r) {
        const std::set<std::string>* rights = entry(r);
        if (!rights) throw http_error(404, "There is no such entry");
        const bool group = r.params.contains("group_id");
        const char* who = group ? "group_id" : "user_id";
        return reply::json(200, doc{{who, r.param(who)},
                                    {"object_type", r.param("object_type")},
                                    {"object_key", r.param("object_key")},
                                    {"permissions", to_array(std::vector<std::string>(
                                                        rights->begin(), rights->end()))}});
    };
    const auto drop = [this, entry, changed](const request& r) {
        check("change-acl", r.param("object_type"), r.param("object_key"));
        if (!entry(r)) throw http_error(404, "There is no such entry");
        acl_record& acl = acls_[r.param("object_type") + "/" + r.param("object_key")];
        if (r.params.contains("group_id"))
            acl.groups.erase(r.param("group_id"));
        else
            acl.users.erase(r.param("user_id"));
        changed(r.param("object_type"), r.param("object_key"));
        return reply::empty(204);
    };
    for (const char* path : {"/API/acls/v1/groups/{group_id}/acl/{object_type}/{object_key}",
                             "/API/acls/v1/users/{user_id}/acl/{object_type}/{object_key}"}) {
        on("GET", path, "can_read_acls", show);
        on("DELETE", path, "can_delete_acls", drop);
    }
    on("PUT", "/API/acls/v1/groups/{group_id}/acl/{object_type}/{object_key}", "can_write_acls",
       one);
    on("PUT", "/API/acls/v1/users/{user_id}/acl/{object_type}/{object_key}", "can_write_acls", one);
}

} // namespace mortise::sandbox::iconik
