// SPDX-License-Identifier: Apache-2.0
//
// Users and groups; the test of the connection.
#include "content_server/repository.hpp"
#include "content_server/text.hpp"

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

object member_summary(const object& properties) {
    object out;
    out["id"] = int_at(properties, "id");
    out["type"] = int_at(properties, "type") == 1 ? "group" : "user";
    for (const char* key :
         {"name", "first_name", "last_name", "business_email", "name_formatted", "title"}) {
        const std::string text = text_at(properties, key);
        if (!text.empty()) out[key] = text;
    }
    return out;
}

} // namespace

task<object> repository::find_member(context& c, member_find in) {
    if (!in.login == !in.email) {
        throw error(category::input, "xecm.member.bad-input",
                    "Name either login or email of the member.");
    }
    const bool group = in.type == "group";
    if (group && in.email) {
        throw error(category::input, "xecm.member.bad-input", "A group is found by its name only.");
    }
    const std::string wanted = in.login ? *in.login : *in.email;
    mortise::url url = client_.at("v2/members");
    url.query("where_type", group ? "1" : "0");
    url.query(in.login ? "where_name" : "where_business_email", wanted);
    subject about("member", "the member \"" + wanted + '"');
    list_request what(std::move(url), std::move(about), 1000);
    const json::array items = co_await client_.list(c, std::move(what));
    object out;
    out["found"] = false;
    // The server's filters may find more than the exact text.
    for (const auto& properties : properties_of(items)) {
        const std::string has = text_at(properties, in.login ? "name" : "business_email");
        if (!equal_ignoring_case(has, wanted)) continue;
        out["found"] = true;
        out["member"] = member_summary(properties);
        break;
    }
    co_return out;
}

task<object> repository::get_member(context& c, node_id_only in) {
    const std::int64_t id = id_of(in.id, "id");
    const std::string text = std::to_string(id);
    const json::value answer = co_await client_.get(c, client_.at("v2/members/" + text).str(),
                                                    subject("member", "member " + text));
    const object& properties = object_part(answer, "results.data.properties");
    co_return member_summary(properties);
}

task<object> repository::list_group_members(context& c, group_members in) {
    std::int64_t group = 0;
    if (const auto id = to_integer(in.group)) {
        group = *id;
    } else {
        member_find which;
        which.type = "group";
        which.login = in.group.is_string() ? std::string(in.group.get_string()) : std::string();
        const std::string name = *which.login;
        const object found = co_await find_member(c, std::move(which));
        if (!found.at("found").as_bool()) {
            throw error(category::input, "xecm.member.unknown-group",
                        "There is no group \"" + name +
                            "\", or the connection's user may not see it.");
        }
        group = int_at(found.at("member").as_object(), "id");
    }
    const std::string id = std::to_string(group);
    subject about("member", "the members of group " + id);
    list_request what(client_.at("v2/members/" + id + "/members"), std::move(about),
                      static_cast<std::size_t>(in.limit));
    const json::array items = co_await client_.list(c, std::move(what));
    json::array members;
    for (const auto& properties : properties_of(items))
        members.push_back(member_summary(properties));
    object out;
    out["group_id"] = group;
    out["members"] = std::move(members);
    co_return out;
}

task<std::int64_t> repository::member_id(context& c, json::value who) {
    if (const auto id = to_integer(who); id && *id > 0) co_return *id;
    const std::string text = who.is_string() ? std::string(who.get_string()) : std::string();
    if (text.empty()) {
        throw error(category::input, "xecm.member.bad-input",
                    "A member is named by id, login name, group name or mail address.");
    }
    const bool mail = text.find('@') != std::string::npos;
    for (int kind = mail ? 0 : 1; kind < 3; ++kind) {
        member_find which;
        (kind == 0 ? which.email : which.login) = text;
        if (kind == 2) which.type = "group";
        const object found = co_await find_member(c, std::move(which));
        if (found.at("found").as_bool()) co_return int_at(found.at("member").as_object(), "id");
    }
    throw error(category::input, "xecm.member.unknown",
                "There is no user or group \"" + one_line(text, 80) +
                    "\" in Content Server, or the connection's user may not see it.");
}

task<std::int64_t> repository::own_id(context& c) {
    if (own_id_ == 0) {
        subject me("login", "the connection's user");
        const json::value who = co_await client_.get(c, client_.at("v1/auth").str(), std::move(me));
        own_id_ = int_at(object_part(who, "data"), "id");
    }
    co_return own_id_;
}

task<mortise::connection_report> repository::test(context& c) {
    subject me("login", "the connection's user");
    const json::value who = co_await client_.get(c, client_.at("v1/auth").str(), std::move(me));
    const object& user = object_part(who, "data");
    subject server("server", "the server's version");
    const json::value info =
        co_await client_.get(c, client_.at("v1/serverinfo").str(), std::move(server));
    mortise::connection_report report;
    const json::value* version = part(info, "server.version");
    const std::string number =
        version && version->is_string() ? std::string(version->get_string()) : "unknown";
    report.summary = "Connected as " + text_at(user, "name") + "; Content Server " + number;
    report.details["user_id"] = int_at(user, "id");
    report.details["user"] = text_at(user, "name");
    report.details["version"] = number;
    co_return report;
}

} // namespace content_server
