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
