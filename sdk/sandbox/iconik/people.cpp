// SPDX-License-Identifier: Apache-2.0
// What people do in iconik's user interface, as actions of the control API.
#include "iconik/system.hpp"

namespace json = boost::json;

namespace mortise::sandbox::iconik {

void iconik_system::people() {
    // An id or a story name ("hero-film", "spring-launch", "editor").
    const auto resolve = [](const doc& o, const char* key, const std::string& kind,
                            const std::string& otherwise = {}) {
        std::string given = text_of(o, key);
        if (given.empty()) given = otherwise;
        if (given.empty()) throw http_error(400, std::string(key) + " is missing");
        return given.size() == 36 ? given : iconik_seed::id(kind + "/" + given);
    };
    const auto by_user = [this, resolve](const doc& o, const char* otherwise) {
        const std::string user = resolve(o, "user", "user", otherwise);
        users_.need(user);
        return user;
    };

    for (const char* status : {"APPROVED", "NOT_APPROVED"}) {
        const bool yes = std::string(status) == "APPROVED";
        play(yes ? "approve-asset" : "reject-asset",
             "A reviewer votes: {\"asset\", \"user\" (legal)}; asks for approval first when nobody "
             "has",
             [=, this](const doc& o) {
                 const std::string id = resolve(o, "asset", "asset");
                 assets_.need(id);
                 return as_user(by_user(o, "legal"), [&]() -> json::value {
                     if (!approval_of("assets", id, current_version(id)))
                         request_approval("assets", id, {});
                     vote("assets", id, {{"status", status}});
                     return approval_answer(*approval_of("assets", id, current_version(id)));
                 });
             });
    }
    play("request-approval",
         "Asks for approval: {\"asset\", \"users\" [story names or ids], \"user\" (editor)}",
         [=, this](const doc& o) {
             const std::string id = resolve(o, "asset", "asset");
             assets_.need(id);
             doc body = o;
             json::array reviewers;
             for (const std::string& u : texts_of(o, "users"))
                 reviewers.push_back(
                     json::value(u.size() == 36 ? u : iconik_seed::id("user/" + u)));
             body["users"] = std::move(reviewers);
             return as_user(by_user(o, "editor"), [&]() -> json::value {
                 request_approval("assets", id, body);
                 return approval_answer(*approval_of("assets", id, current_version(id)));
             });
         });
    play("add-asset",
         "Imports a file: {\"title\", \"collection\" (spring-launch), \"file\" (new.mp4), "
         "\"content\", "
         "\"metadata\" {field: [values]}, \"user\" (editor)}",
         [=, this](const doc& o) {
             const std::string target = resolve(o, "collection", "collection", "spring-launch");
             collections_.need(target);
             return as_user(by_user(o, "editor"), [&]() -> json::value {
                 doc body;
                 take(body, o, {"title", "external_id"});
                 if (text_of(body, "title").empty()) body["title"] = "New asset";
                 const std::string id = text_of(create_asset(body), "id");
                 const std::string file =
                     text_of(o, "file").empty() ? "new.mp4" : text_of(o, "file");
                 std::string bytes = text_of(o, "content");
                 if (bytes.empty()) bytes = "content of " + file + "\n";
                 put_original(id, file, blob(std::move(bytes)), "application/octet-stream");
                 add_content(target, "assets", id);
                 doc values;
                 if (const json::value* m = o.if_contains("metadata"); m && m->is_object())
                     for (const auto& member : m->get_object()) {
                         json::array list;
                         for (const std::string& v : texts_of(m->get_object(), member.key()))
                             list.push_back(doc{{"value", v}});
                         values[member.key()] = doc{{"field_values", std::move(list)}};
                     }
                 if (!values.empty())
                     put_metadata("assets", id, {}, values,
                                  &views_.need(iconik_seed::id("view/marketing")));
                 make_proxies(id, current_version(id));
                 return assets_.need(id);
             });
         });
    play("set-metadata",
         "Fills in the Marketing form: {\"asset\" or \"collection\", \"values\" {field: [values]}, "
         "\"user\" (editor)}",
         [=, this](const doc& o) {
             const bool is_asset = o.contains("asset");
             const std::string type = is_asset ? "assets" : "collections";
             const std::string id =
                 is_asset ? resolve(o, "asset", "asset") : resolve(o, "collection", "collection");
             const json::value* given = o.if_contains("values");
             if (!given || !given->is_object()) throw http_error(400, "values must be an object");
             doc values;
             for (const auto& member : given->get_object()) {
                 if (!member.value().is_array())
                     throw http_error(400,
                                      "values." + std::string(member.key()) + " must be a list");
                 json::array list;
                 for (const json::value& v : member.value().get_array())
                     list.push_back(doc{{"value", v}});
                 values[member.key()] = doc{{"field_values", std::move(list)}};
             }
             return as_user(by_user(o, "editor"), [&]() -> json::value {
                 object(type, id, "write");
                 put_metadata(type, id, {}, values,
                              &views_.need(iconik_seed::id("view/marketing")));
                 return flat_metadata(type, id);
             });
         });
    play("add-version",
         "Uploads a new version: {\"asset\", \"file\", \"content\", \"user\" (editor)}",
         [=, this](const doc& o) {
             const std::string id = resolve(o, "asset", "asset");
             assets_.need(id);
             return as_user(by_user(o, "editor"), [&]() -> json::value {
                 const doc version = add_version(id, {});
                 const std::string file =
                     text_of(o, "file").empty() ? "v2.mp4" : text_of(o, "file");
                 std::string bytes = text_of(o, "content");
                 if (bytes.empty()) bytes = "content of " + file + "\n";
                 put_original(id, file, blob(std::move(bytes)), "application/octet-stream");
                 emit("assets", id, "versions", "create",
                      {{"asset_id", id},
                       {"id", version.at("id")},
                       {"version_number", version.at("version_number")},
                       {"status", version.at("status")}});
                 make_proxies(id, text_of(version, "id"));
                 return assets_.need(id);
             });
         });
    play("delete-asset", "Moves it to the delete queue: {\"asset\", \"user\" (editor)}",
         [=, this](const doc& o) {
             const std::string id = resolve(o, "asset", "asset");
             return as_user(by_user(o, "editor"), [&]() -> json::value {
                 delete_asset(id);
                 return assets_.need(id);
             });
         });
    play("add-to-collection",
         "Puts an asset into a collection: {\"asset\", \"collection\", \"user\" (editor)}",
         [=, this](const doc& o) {
             const std::string id = resolve(o, "asset", "asset");
             const std::string target = resolve(o, "collection", "collection");
             assets_.need(id);
             collections_.need(target);
             return as_user(by_user(o, "editor"), [&]() -> json::value {
                 add_content(target, "assets", id);
                 return to_array(parents_of("assets", id));
             });
         });
    play("add-collection",
         "Makes a collection: {\"title\", \"parent\" (campaigns), \"campaign_id\", \"user\" "
         "(editor)}",
         [=, this](const doc& o) {
             const std::string parent = resolve(o, "parent", "collection", "campaigns");
             collections_.need(parent);
             return as_user(by_user(o, "editor"), [&]() -> json::value {
                 doc body{{"parent_id", parent}};
                 take(body, o, {"title"});
                 const std::string id = text_of(create_collection(body), "id");
                 if (!text_of(o, "campaign_id").empty())
                     put_metadata("collections", id, {},
                                  {{"campaign_id",
                                    {{"field_values",
                                      json::array{doc{{"value", text_of(o, "campaign_id")}}}}}}},
                                  nullptr);
                 return collections_.need(id);
             });
         });
    play(
        "run-custom-action",
        "Clicks an action: {\"action\" (id), \"asset_ids\", \"collection_ids\", \"user\" (editor)}",
        [=, this](const doc& o) {
            run_custom_action(custom_actions_.need(text_of(o, "action")), o, by_user(o, "editor"));
            return json::value(doc{});
        });
    play("expire-tokens", "Makes all tokens of a user invalid: {\"user\" (integration)}",
         [=, this](const doc& o) {
             return json::value(tokens_.revoke_all_of(by_user(o, "integration")));
         });
    play("rate-limit", "Sets the limit: {\"requests\", \"seconds\" (20)}", [this](const doc& o) {
        const std::int64_t requests = number_of(o, "requests", 1000);
        if (requests < 0) throw http_error(400, "requests must be 0 or more");
        limiter_.set(static_cast<std::size_t>(requests),
                     std::chrono::seconds(number_of(o, "seconds", 20)));
        limiter_.reset();
        return json::value(doc{});
    });
}

json::value iconik_system::state() const {
    const auto titles = [](const table& t, const char* title) {
        json::array out;
        for (const doc* d : t.all())
            out.push_back(
                doc{{"id", d->at("id")},
                    {"title", d->contains(title) ? d->at(title) : json::value(nullptr)},
                    {"status", d->contains("status") ? d->at("status") : json::value(nullptr)}});
        return out;
    };
    json::array approvals;
    for (const auto& [key, a] : approvals_)
        approvals.push_back(
            doc{{"object", key}, {"status", a.request.at("status")}, {"votes", a.votes.size()}});
    return doc{
        {"assets", titles(assets_, "title")},       {"collections", titles(collections_, "title")},
        {"users", titles(users_, "email")},         {"webhooks", titles(webhooks_, "url")},
        {"jobs", titles(jobs_, "title")},           {"approvals", std::move(approvals)},
        {"files", titles(files_, "original_name")}, {"stored_objects", content_.size()}};
}

} // namespace mortise::sandbox::iconik
