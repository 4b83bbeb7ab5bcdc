// SPDX-License-Identifier: Apache-2.0
//
// users.*, groups.*, jobs.*, and names or addresses turned into ids.
#include "connector.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

bool same_address(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char x) { return x >= 'A' && x <= 'Z' ? char(x - 'A' + 'a') : x; };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [&](char x, char y) { return lower(x) == lower(y); });
}

std::string names_of(const json::array& list, std::string_view key) {
    std::string out;
    for (const auto& one : list) {
        if (out.size() > 300) return out + ", ...";
        out += (out.empty() ? "\"" : ", \"") + text_at(one, key) + "\"";
    }
    return out.empty() ? "none" : out;
}

} // namespace

mortise::task<json::array> connector::all_groups(context& c, std::size_t limit) {
    address url = client_.to("users/v1/groups");
    subject_of about("group", "the groups");
    json::array out = co_await client_.list(c, std::move(url), std::move(about), limit);
    co_return std::move(out);
}

mortise::task<std::map<std::string, json::object>> connector::known_groups(context& c) {
    const json::array all = co_await all_groups(c, 100'000);
    std::map<std::string, json::object> out;
    for (const auto& group : all) {
        if (group.is_object()) out.emplace(text_at(group, "id"), group.get_object());
    }
    co_return std::move(out);
}

mortise::task<std::map<std::string, json::object>>
connector::known_users(context& c, std::set<std::string> ids) {
    std::map<std::string, json::object> out;
    constexpr std::size_t at_once = 50; // ids stand in the address
    for (auto next = ids.begin(); next != ids.end();) {
        std::string list;
        std::size_t many = 0;
        for (; next != ids.end() && many < at_once; ++next) {
            if (!is_id(*next)) continue;
            list += (list.empty() ? "" : ",") + *next;
            ++many;
        }
        if (many == 0) break;
        address url = client_.to("users/v1/users");
        url.query("ids", list);
        subject_of about("user", "users by id");
        const json::array page = co_await client_.list(c, std::move(url), std::move(about), many);
        for (const auto& user : page) {
            if (user.is_object()) out.emplace(text_at(user, "id"), user.get_object());
        }
    }
    co_return std::move(out);
}

mortise::task<std::optional<json::value>> connector::user_by_email(context& c, std::string email) {
    std::optional<json::value> out;
    // The filter first; then all of them, since it may compare letters as they are.
    for (const bool filtered : {true, false}) {
        address url = client_.to("users/v1/users");
        if (filtered) url.query("email", email);
        subject_of about("user", "the users");
        const std::size_t most = filtered ? 100 : 100'000;
        const json::array list = co_await client_.list(c, std::move(url), std::move(about), most);
        for (const auto& user : list) {
            if (!same_address(text_at(user, "email"), email)) continue;
            out = user;
            co_return std::move(out);
        }
    }
    co_return std::move(out);
}

mortise::task<std::string> connector::user_id(context& c, std::string wanted) {
    if (wanted.find('@') == std::string::npos) {
        if (is_id(wanted)) co_return std::move(wanted);
        throw error(category::input, "iconik.user.name",
                    "\"" + wanted + "\" is neither an e-mail address nor the id of a user.");
    }
    std::string email = wanted;
    const auto user = co_await user_by_email(c, std::move(email));
    if (!user) {
        throw error(category::input, "iconik.user.unknown",
                    "iconik has no user with the address \"" + wanted +
                        "\" that this connection may see.");
    }
    co_return text_at(*user, "id");
}

mortise::task<std::string> connector::group_id(context& c, std::string wanted) {
    const json::array groups = co_await all_groups(c, 100'000);
    for (const std::string_view key : {"id", "name"}) {
        for (const auto& group : groups) {
            if (text_at(group, key) == wanted) co_return text_at(group, "id");
        }
    }
    throw error(category::input, "iconik.group.unknown",
                "There is no group \"" + wanted + "\" that this connection may see; there are " +
                    names_of(groups, "name") + ".");
}

mortise::task<std::string> connector::storage_id(context& c, std::string wanted) {
    address url = client_.to("files/v1/storages");
    subject_of about("storage", "the storages");
    const json::array storages = co_await client_.list(c, std::move(url), std::move(about), 10'000);
    for (const std::string_view key : {"id", "name"}) {
        for (const auto& storage : storages) {
            if (text_at(storage, key) == wanted) co_return text_at(storage, "id");
        }
    }
    throw error(category::input, "iconik.storage.unknown",
                "There is no storage \"" + wanted + "\" that this connection may see; there are " +
                    names_of(storages, "name") + ".");
}

mortise::task<json::object> connector::find_user(context& c, user_find in) {
    const auto user = co_await user_by_email(c, std::move(in.email));
    json::object out;
    out["found"] = user.has_value();
    if (user) out["user"] = *user;
    co_return std::move(out);
}

mortise::task<json::object> connector::list_users(context& c, list_all in) {
    address url = client_.to("users/v1/users");
    subject_of about("user", "the users");
    const auto limit = static_cast<std::size_t>(in.limit);
    json::array users = co_await client_.list(c, std::move(url), std::move(about), limit);
    json::object out;
    out["users"] = std::move(users);
    co_return std::move(out);
}

mortise::task<json::object> connector::find_group(context& c, group_find in) {
    const json::array groups = co_await all_groups(c, 100'000);
    json::object out;
    out["found"] = false;
    for (const auto& group : groups) {
        if (text_at(group, "name") != in.name) continue;
        out["found"] = true;
        out["group"] = group;
        break;
    }
    co_return std::move(out);
}

mortise::task<json::object> connector::list_groups(context& c, list_all in) {
    json::array groups = co_await all_groups(c, static_cast<std::size_t>(in.limit));
    json::object out;
    out["groups"] = std::move(groups);
    co_return std::move(out);
}

mortise::task<json::object> connector::get_job(context& c, job_get in) {
    address url = client_.to("jobs/v1/jobs");
    std::string text = url.part(in.job_id).str();
    subject_of about("job", "job " + in.job_id);
    const json::value answer = co_await client_.get(c, std::move(text), std::move(about));
    co_return mortise::require_object(answer, "");
}

mortise::task<json::object> connector::list_jobs(context& c, job_list in) {
    address url = client_.to("jobs/v1/jobs");
    if (!in.object_id.empty()) url.query("object_id", in.object_id);
    if (!in.type.empty()) url.query("type", in.type);
    if (!in.status.empty()) url.query("status", in.status);
    url.query("sort", "date_created,desc");
    subject_of about("job", "the jobs");
    const auto limit = static_cast<std::size_t>(in.limit);
    json::array jobs = co_await client_.list(c, std::move(url), std::move(about), limit);
    json::object out;
    out["jobs"] = std::move(jobs);
    co_return std::move(out);
}

} // namespace iconik
