// SPDX-License-Identifier: Apache-2.0
// What all areas share: credentials, rights, answers in pages.
#include "iconik/system.hpp"
#include "kit/paging.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

constexpr std::size_t vendor_limit = 1000; // requests in a window of 20 s
constexpr milliseconds vendor_window = std::chrono::seconds(20);

milliseconds
extra_time(const emulator_options& o, const char* key, milliseconds otherwise, milliseconds unit) {
    const auto found = o.extra.find(key);
    if (found == o.extra.end()) return otherwise;
    return unit * std::stol(found->second);
}

int extra_number(const emulator_options& o, const char* key, int otherwise) {
    const auto found = o.extra.find(key);
    return found == o.extra.end() ? otherwise : std::stoi(found->second);
}

} // namespace

iconik_system::iconik_system(emulator_options with)
    : emulator("iconik", std::move(with)),
      limiter_(options().rate_limit == 0 ? vendor_limit : options().rate_limit, vendor_window),
      index_delay_(options().index_delay < milliseconds(0) ? milliseconds(500)
                                                           : options().index_delay),
      job_delay_(extra_time(options(), "job_delay_ms", milliseconds(300), milliseconds(1))),
      retry_delay_(extra_time(options(), "webhook_retry_ms", milliseconds(1000), milliseconds(1))),
      url_life_(
          extra_time(options(), "url_life_s", std::chrono::hours(1), std::chrono::seconds(1))),
      give_up_after_(extra_number(options(), "webhook_give_up", 10)) {
    auth_routes();
    user_routes();
    asset_routes();
    version_routes();
    delete_queue_routes();
    history_routes();
    relation_routes();
    segment_routes();
    collection_routes();
    metadata_field_routes();
    metadata_value_routes();
    search_routes();
    approval_routes();
    share_routes();
    acl_routes();
    storage_routes();
    file_routes();
    upload_routes();
    proxy_routes();
    storage_content_routes();
    job_routes();
    webhook_routes();
    custom_action_routes();
    archive_routes();
    other_storage_routes();
    people();
    people_in_review();
}

void iconik_system::on(const char* method, const char* path, const char* role, handler h) {
    const std::string needed = role;
    routes().route(method, path, [this, needed, run = std::move(h)](const request& r) {
        if (!needed.empty() && !is_admin(caller_.user_id) &&
            !roles_of(caller_.user_id).contains(needed))
            throw http_error(403, "You do not have the role " + needed);
        return run(r);
    });
}

std::optional<reply> iconik_system::before(const request& r) {
    const bool api = !r.segments.empty() && r.segments.front() == "API";
    if (!api) return {}; // storage and share pages have their own credentials
    const std::string app_id = r.header("App-ID");
    const std::string token = r.header("Auth-Token");
    const bool login = r.route == "/API/auth/v1/auth/simple/login";
    caller_ = {{}, app_id, ids().hex(32)};

    const rate_limiter::verdict verdict = limiter_.check(app_id, now());
    remaining_ = verdict.remaining;
    if (!verdict.allowed) {
        reply a = error_reply(r, 429, "Too many requests");
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(verdict.retry_after);
        a.set("Retry-After", std::to_string(seconds.count()));
        return a;
    }
    if (login) return {};
    if (app_id.empty() || token.empty())
        return error_reply(r, 401, "The headers App-ID and Auth-Token are required");
    const auto known = tokens_.find(token, now());
    if (!known) return error_reply(r, 401, "Invalid token");
    const auto app = known->facts.find("app_id");
    if (app == known->facts.end() || app->second != app_id)
        return error_reply(r, 401, "The token does not belong to this application");
    caller_.user_id = known->principal;
    return {};
}

void iconik_system::after(const request& r, reply& a) {
    if (r.segments.empty() || r.segments.front() != "API") return;
    a.set("RateLimit-Remaining", std::to_string(remaining_));
    a.set("x-iconik-cluster", "sandbox");
}

reply iconik_system::error_reply(const request&, unsigned status, const std::string& message) {
    return reply::json(status, json::object{{"errors", json::array{json::value(message)}}});
}

bool iconik_system::is_admin(const std::string& user_id) {
    const doc* user = users_.find(user_id);
    return user && flag_of(*user, "is_admin");
}

std::set<std::string> iconik_system::roles_of(const std::string& user_id) {
    std::set<std::string> roles;
    const doc* user = users_.find(user_id);
    if (!user) return roles;
    for (const std::string& group_id : texts_of(*user, "groups"))
        if (const doc* group = groups_.find(group_id))
            for (std::string& role : texts_of(*group, "roles"))
                roles.insert(std::move(role));
    return roles;
}

json::value iconik_system::user_info(const std::string& user_id) {
    const doc* user = users_.find(user_id);
    if (!user) return nullptr;
    doc out;
    take(out, *user,
         {"id", "email", "first_name", "last_name", "photo", "photo_small", "photo_big"});
    return out;
}

bool iconik_system::may(const std::string& permission,
                        const std::string& type,
                        const std::string& id) {
    if (caller_.user_id.empty() || is_admin(caller_.user_id)) return true;
    std::vector<std::string> groups;
    if (const doc* user = users_.find(caller_.user_id)) groups = texts_of(*user, "groups");
    const auto granted = [&](const std::string& key) {
        const auto found = acls_.find(key);
        if (found == acls_.end()) return false;
        const auto user = found->second.users.find(caller_.user_id);
        if (user != found->second.users.end() && user->second.contains(permission)) return true;
        return std::any_of(groups.begin(), groups.end(), [&](const std::string& g) {
            const auto group = found->second.groups.find(g);
            return group != found->second.groups.end() && group->second.contains(permission);
        });
    };
    return granted(type + "/" + id);
}

void iconik_system::check(const std::string& permission,
                          const std::string& type,
                          const std::string& id) {
    if (!may(permission, type, id))
        throw http_error(403, "You do not have the permission " + permission + " on this object");
}

void iconik_system::give_default_acl(const std::string& type, const std::string& id) {
    acl_record& acl = acls_[type + "/" + id];
    if (!caller_.user_id.empty())
        acl.users[caller_.user_id] = {"read", "write", "delete", "change-acl"};
    acl.groups[iconik_seed::id("group/everyone")] = {"read", "write", "delete"};
    // As a tenant's default rights would have it for the group that looks after rights.
    acl.groups[iconik_seed::id("group/integrations")] = {"read", "write", "delete", "change-acl"};
}

void iconik_system::bump(doc& d) {
    d["date_modified"] = stamp();
    if (d.contains("updated_by_user")) d["updated_by_user"] = caller_.user_id;
}

namespace {

// The query of a list's *_url: everything as asked, with another page.
std::string page_url(const request& r, std::size_t page_number, std::size_t per_page) {
    std::string url = r.path;
    if (url.back() != '/') url += '/';
    url += "?page=" + std::to_string(page_number) + "&per_page=" + std::to_string(per_page);
    for (const auto& [name, value] : r.query)
        if (name != "page" && name != "per_page")
            url += "&" + percent_encode(name) + "=" + percent_encode(value);
    return url;
}

json::array to_json_array(std::vector<json::object>& objects, std::size_t begin, std::size_t end) {
    json::array out;
    out.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i)
        out.emplace_back(std::move(objects[i]));
    return out;
}

} // namespace

reply iconik_system::page(const request& r, std::vector<doc> objects, doc extra) {
    const page_request wanted = read_page(r, "page", "per_page", 10, 1000);
    if (wanted.page > 10'000) invalid("page", "Must be from 1 to 10000.");
    doc out = std::move(extra);

    // Deep paging: each answer names where the next one goes on.
    if (query_flag(r, "scroll", false) || r.has_query("scroll_id")) {
        std::string scroll_id = r.query_value("scroll_id");
        const std::size_t total = objects.size();
        if (scroll_id.empty()) {
            scroll_id = ids().token(40);
            scrolls_[scroll_id] = {std::move(objects), 0};
        }
        const auto found = scrolls_.find(scroll_id);
        if (found == scrolls_.end()) throw http_error(404, "Scroll not found or expired");
        auto& [kept, at] = found->second;
        const std::size_t size = std::max<std::size_t>(wanted.per_page, 1);
        const std::size_t end = std::min(kept.size(), at + size);
        out["objects"] = to_json_array(kept, at, end);
        at = end;
        out["total"] = std::max(total, kept.size());
        out["page"] = 1;
        out["pages"] = 1;
        out["per_page"] = size;
        out["scroll_id"] = scroll_id;
        for (const char* name : {"first_url", "prev_url", "next_url", "last_url"})
            out[name] = nullptr;
        return reply::json(200, out);
    }

    const page_slice s = slice_page(wanted, objects.size());
    if (s.past_the_end) throw http_error(404, "Page " + std::to_string(s.page) + " not found");
    const std::size_t last = std::max<std::size_t>(s.pages, 1);
    out["objects"] = to_json_array(objects, s.begin, s.end);
    out["page"] = s.page;
    out["pages"] = s.pages;
    out["per_page"] = s.per_page;
    out["total"] = s.total;
    out["first_url"] = page_url(r, 1, s.per_page);
    out["last_url"] = page_url(r, last, s.per_page);
    out["next_url"] = s.has_next() ? json::value(page_url(r, s.page + 1, s.per_page)) : nullptr;
    out["prev_url"] = s.page > 1 ? json::value(page_url(r, s.page - 1, s.per_page)) : nullptr;
    out["scroll_id"] = nullptr;
    return reply::json(200, out);
}

reply iconik_system::cursor(const request& r,
                            std::vector<doc> objects,
                            std::string_view key,
                            std::string_view parameter,
                            std::size_t default_size) {
    const page_request wanted = read_page(r, "page", "per_page", default_size, 1000);
    const std::size_t total = objects.size();
    std::size_t begin = 0;
    const std::string last = r.query_value(parameter);
    if (!last.empty()) {
        const auto found = std::find_if(objects.begin(), objects.end(),
                                        [&](const doc& d) { return text_of(d, key) == last; });
        if (found == objects.end())
            invalid(parameter, "No object with " + std::string(key) + " " + last + ".");
        begin = static_cast<std::size_t>(found - objects.begin()) + 1;
    } else if (wanted.page > 1) {
        return page(r, std::move(objects));
    }
    const std::size_t end = std::min(total, begin + wanted.per_page);
    const std::size_t pages =
        wanted.per_page == 0 ? 0 : (total + wanted.per_page - 1) / wanted.per_page;
    const doc out{{"objects", to_json_array(objects, begin, end)},
                  {"page", 1},
                  {"pages", pages},
                  {"per_page", wanted.per_page},
                  {"total", total},
                  {"first_url", nullptr},
                  {"prev_url", nullptr},
                  {"next_url", nullptr},
                  {"last_url", nullptr},
                  {"scroll_id", nullptr}};
    return reply::json(200, out);
}

void iconik_system::object(const std::string& type, const std::string& id, const char* permission) {
    if (type == "assets")
        asset(id, permission);
    else if (type == "collections")
        collection(id, permission);
    else if (type == "segments")
        segments_.need(id);
    else if (type == "custom_actions")
        custom_actions_.need(id);
    else
        throw http_error(404, "Object type " + type + " is not known");
}

} // namespace mortise::sandbox::iconik
