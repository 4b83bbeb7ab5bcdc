// SPDX-License-Identifier: Apache-2.0
// Approval requests and votes; bound to a version for assets.
#include "iconik/system.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

std::string iconik_system::version_for(const std::string& type, const std::string& id) {
    return type == "assets" ? current_version(id) : std::string();
}

approval_record* iconik_system::approval_of(const std::string& type,
                                            const std::string& id,
                                            const std::string& version) {
    const auto found = approvals_.find(type + "/" + id + "/" + version);
    return found == approvals_.end() ? nullptr : &found->second;
}

void iconik_system::request_approval(const std::string& type,
                                     const std::string& id,
                                     const doc& body) {
    for (const std::string& user : texts_of(body, "users"))
        if (!users_.find(user)) invalid("users", "User " + user + " does not exist.");
    for (const std::string& group : texts_of(body, "groups"))
        if (!groups_.find(group)) invalid("groups", "Group " + group + " does not exist.");
    if (number_of(body, "min_number", 1) < 1) invalid("min_number", "Must be 1 or more.");
    const std::string version = version_for(type, id);
    approval_record a;
    a.request = {{"object_type", type},
                 {"object_id", id},
                 {"version_id", version.empty() ? json::value(nullptr) : json::value(version)},
                 {"status", "REQUESTED"},
                 {"users", json::array{}},
                 {"groups", json::array{}},
                 {"externals", json::array{}},
                 {"min_number", 1},
                 {"share_id", nullptr},
                 {"requested_by", caller_.user_id},
                 {"request_date", stamp()},
                 {"change_date", stamp()}};
    take(a.request, body, {"users", "groups", "externals", "min_number", "share_id"});
    approvals_[type + "/" + id + "/" + version] = a;
    emit(type, id, "approvals", "create",
         {{"object_type", type},
          {"object_id", id},
          {"version_id", a.request["version_id"]},
          {"status", "REQUESTED"},
          {"users", a.request["users"]},
          {"change_date", stamp()}});
    touch(type, id);
}

void iconik_system::update_approval_status(approval_record& a) {
    std::int64_t yes = 0;
    std::int64_t no = 0;
    for (const doc& v : a.votes) {
        yes += text_of(v, "status") == "APPROVED";
        no += text_of(v, "status") == "NOT_APPROVED";
    }
    // Reviewers that disagree make it MIXED; one refusal alone refuses.
    const char* status = yes > 0 && no > 0                                         ? "MIXED"
                         : no > 0                                                  ? "NOT_APPROVED"
                         : yes > 0 && yes >= number_of(a.request, "min_number", 1) ? "APPROVED"
                                                                                   : "REQUESTED";
    a.request["status"] = status;
    a.request["change_date"] = stamp();
}

json::object iconik_system::approval_answer(const approval_record& a) {
    doc out = a.request;
    json::array by;
    out["user_status"] = "N/A";
    for (const doc& v : a.votes) {
        by.push_back(v);
        if (text_of(v, "user") == caller_.user_id) out["user_status"] = v.at("status");
    }
    out["approvals_by"] = std::move(by);
    json::array infos;
    for (const std::string& user : texts_of(a.request, "users"))
        infos.push_back(user_info(user));
    out["users_info"] = std::move(infos);
    return out;
}

json::object iconik_system::vote(const std::string& type, const std::string& id, const doc& body) {
    require_one_of(body, "status", {"APPROVED", "NOT_APPROVED"}, true);
    const std::string version = version_for(type, id);
    approval_record* a = approval_of(type, id, version);
    if (!a) throw http_error(404, "There is no approval request for this object");
    const std::string external = text_of(body, "external");
    doc v{{"object_type", type},
          {"object_id", id},
          {"version_id", a->request["version_id"]},
          {"status", body.at("status")},
          {"user", external.empty() ? json::value(caller_.user_id) : json::value(nullptr)},
          {"external", external.empty() ? json::value(nullptr) : json::value(external)},
          {"change_date", stamp()}};
    std::erase_if(a->votes, [&](const doc& old) {
        return old.at("user") == v.at("user") && old.at("external") == v.at("external");
    });
    a->votes.push_back(v);
    update_approval_status(*a);
    if (type == "assets")
        add_history(id, text_of(body, "status") == "APPROVED" ? "APPROVE" : "REJECT",
                    text_of(body, "status"));
    emit(type, id, "approvals", "update",
         {{"object_type", type},
          {"object_id", id},
          {"version_id", v.at("version_id")},
          {"status", v.at("status")},
          {"user", v.at("user")},
          {"change_date", v.at("change_date")}});
    touch(type, id);
    return v;
}

json::object iconik_system::withdraw_approval(const std::string& type, const std::string& id) {
    const std::string version = version_for(type, id);
    const approval_record* a = approval_of(type, id, version);
    if (!a) throw http_error(404, "There is no approval request for this object");
    const doc out = approval_answer(*a);
    approvals_.erase(type + "/" + id + "/" + version);
    emit(type, id, "approvals", "delete", {{"object_type", type}, {"object_id", id}});
    touch(type, id);
    return out;
}

void iconik_system::approval_routes() {
    const std::string base = "/API/assets/v1/{object_type}/{object_id}/approvals";
    const auto named = [this](const request& r, const char* permission) {
        object(r.param("object_type"), r.param("object_id"), permission);
    };
    const auto need = [this](const request& r) -> approval_record& {
        const std::string version = r.params.contains("version_id")
                                        ? r.param("version_id")
                                        : version_for(r.param("object_type"), r.param("object_id"));
        approval_record* a = approval_of(r.param("object_type"), r.param("object_id"), version);
        if (!a) throw http_error(404, "There is no approval request for this object");
        return *a;
    };
    on("POST", (base + "/request").c_str(), "can_write_approval_request",
       [this, named, need](const request& r) {
           named(r, "read");
           const doc body = r.content.empty() ? doc() : r.json_object();
           request_approval(r.param("object_type"), r.param("object_id"), body);
           return reply::json(201, approval_answer(need(r)));
       });
    const auto show = [this, named, need](const request& r) {
        named(r, "read");
        return reply::json(200, approval_answer(need(r)));
    };
    on("GET", (base + "/request").c_str(), "can_read_approval_request", show);
    const auto edit = [this, named, need](const request& r) {
        named(r, "read");
        const doc body = r.json_object();
        approval_record& a = need(r);
        take(a.request, body, {"users", "groups", "externals", "min_number"});
        update_approval_status(a);
        return reply::json(200, approval_answer(a));
    };
    on("PATCH", (base + "/request").c_str(), "can_write_approval_request", edit);
    on("PUT", (base + "/request").c_str(), "can_write_approval_request", edit);
    on("DELETE", (base + "/request").c_str(), "can_delete_approval_request",
       [this, named, need](const request& r) {
           named(r, "read");
           need(r); // 404
           return reply::json(200, withdraw_approval(r.param("object_type"), r.param("object_id")));
       });
    on("PUT", base.c_str(), "can_write_approval_status", [this, named](const request& r) {
        named(r, "read");
        return reply::json(200,
                           vote(r.param("object_type"), r.param("object_id"), r.json_object()));
    });
    const auto votes = [this, named, need](const request& r) {
        named(r, "read");
        return page(r, need(r).votes);
    };
    on("GET", base.c_str(), "can_read_approval_request", votes);
    const auto take_back = [this, named, need](const request& r) {
        named(r, "read");
        approval_record& a = need(r);
        const bool one_user = r.params.contains("user_id");
        const bool external = r.params.contains("email");
        const auto removed = std::erase_if(a.votes, [&](const doc& v) {
            if (one_user) return text_of(v, "user") == r.param("user_id");
            if (external) return text_of(v, "external") == r.param("email");
            return true;
        });
        if (removed == 0 && (one_user || external)) throw http_error(404, "There is no such vote");
        update_approval_status(a);
        return reply::empty(204);
    };
    on("DELETE", base.c_str(), "", take_back);
    on("DELETE", (base + "/user/{user_id}").c_str(), "can_delete_approval_status", take_back);
    on("DELETE", (base + "/external/{email}").c_str(), "can_delete_approval_status", take_back);
    const std::string versioned =
        "/API/assets/v1/{object_type}/{object_id}/versions/{version_id}/approvals";
    on("GET", (versioned + "/request").c_str(), "can_read_approval_request", show);
    on("GET", versioned.c_str(), "can_read_approval_request", votes);

    on("POST", "/API/assets/v1/approvals/bulk", "can_write_approval_status_in_bulk",
       [this](const request& r) {
           const doc body = r.json_object();
           require_one_of(body, "object_type", {"assets", "collections", "saved_searches"}, true);
           require_one_of(body, "status", {"APPROVED", "NOT_APPROVED"}, true);
           const std::string type = text_of(body, "object_type");
           std::vector<std::string> wanted = require_ids(body, "object_ids");
           const std::string job =
               text_of(create_job("SET_APPROVAL", "Set approval", type, {}), "id");
           run_job(job, [this, type, wanted, body] {
               for (const std::string& id : wanted) {
                   if (!approval_of(type, id, version_for(type, id)))
                       request_approval(type, id, {});
                   vote(type, id, {{"status", body.at("status")}});
               }
           });
           return reply::json(200, doc{{"job_id", job}});
       });
}

} // namespace mortise::sandbox::iconik
