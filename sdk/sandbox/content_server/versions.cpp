// SPDX-License-Identifier: Apache-2.0
//
// Versions, content, and uploads in parts.
#include "category.hpp"
#include "files.hpp"
#include "render.hpp"

namespace mortise::sandbox::content_server {

std::string mime_type_of(std::string_view file_name) {
    static const std::map<std::string, std::string, std::less<>> known = {
        {"pdf", "application/pdf"},
        {"txt", "text/plain"},
        {"csv", "text/csv"},
        {"html", "text/html"},
        {"json", "application/json"},
        {"xml", "text/xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"tif", "image/tiff"},
        {"mp4", "video/mp4"},
        {"mov", "video/quicktime"},
        {"mp3", "audio/mpeg"},
        {"wav", "audio/x-wav"},
        {"zip", "application/zip"},
        {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}};
    const auto dot = file_name.rfind('.');
    if (dot == std::string_view::npos) return "application/octet-stream";
    const auto it = known.find(lower_case(file_name.substr(dot + 1)));
    return it == known.end() ? "application/octet-stream" : it->second;
}

new_content content_of(service& s, call& c) {
    if (const auto* part = c.args.file())
        return {part->data, part->file_name,
                part->content_type.empty() ? mime_type_of(part->file_name) : part->content_type};
    const std::string key = c.args.text("upload_key");
    if (key.empty()) throw failure{400, "Missing required parameter 'File'", {}};
    auto& uploads = s.repo().data().uploads;
    const auto it = uploads.find(key);
    if (it == uploads.end() || it->second.user != c.user || !it->second.complete)
        throw failure{400, "The upload key '" + key + "' is not that of a completed upload.", {}};
    new_content out{*it->second.complete, it->second.file_name, it->second.mime_type};
    uploads.erase(it);
    return out;
}

namespace {

version& version_of(service& s, call& c, node& n) {
    if (auto* v = s.repo().find_version(n, static_cast<int>(c.id("number")))) return *v;
    throw failure{400,
                  "Could not get version " + c.raw.param("number") + " of node " +
                      std::to_string(n.id) + ".",
                  {}};
}

node& versioned(service& s, call& c, std::string_view right = "see") {
    auto& n = s.repo().require(c.id(), c.user, right);
    if (n.versions.empty() && !is_versionable(n.type))
        throw failure{400, "The item '" + n.name + "' has no versions.", {}};
    return n;
}

reply send(service& s, call& c, node& n, const version& v) {
    s.repo().record(event_type::open_version, n, c.user);
    s.repo().remember_access(c.user, n.id);
    const bool force = c.args.text("action") == "download";
    return reply::file(c.raw, v.data, force ? "application/octet-stream" : v.mime_type, v.file_name,
                       "\"" + std::to_string(v.id) + "\"");
}

reply content(service& s, call& c) {
    auto* n = s.repo().find(c.id());
    if (n != nullptr && n->type == subtype::shortcut) n = s.repo().find(n->original);
    if (n == nullptr || n->versions.empty() || !s.repo().may(c.user, *n, "see_contents"))
        throw failure{500, "Could not locate node: " + c.raw.param("id"), {}};
    return send(s, c, *n, n->versions.back());
}

reply version_content(service& s, call& c) {
    auto* n = s.repo().find(c.id());
    auto* v = n == nullptr ? nullptr : s.repo().find_version(*n, static_cast<int>(c.id("number")));
    if (v == nullptr || !s.repo().may(c.user, *n, "see_contents"))
        throw failure{500, "Could not locate node: " + c.raw.param("id"), {}};
    return send(s, c, *n, *v);
}

reply list(service& s, call& c) {
    auto& n = versioned(s, c);
    std::vector<const version*> all;
    for (const auto& v : n.versions)
        all.push_back(&v);
    if (c.args.text("order", c.args.text("sort", "asc")).starts_with("desc"))
        std::reverse(all.begin(), all.end());
    const page p = page_of(s, c, all.size(), 100);
    json::array results;
    for (const auto* v : cut(all, p)) {
        json::object data{{"versions", version_properties(s, n, *v)}};
        results.push_back(json::object{{"data", std::move(data)}});
    }
    return v2_list(c, std::move(results), p, {});
}

version& add(service& s, call& c, node& n) {
    auto data = content_of(s, c);
    if (c.args.text("description").size() > 255)
        throw failure{400, "The version description cannot be longer than 255 characters.", {}};
    if (const auto roles = c.args.object("roles"))
        if (const auto* categories = roles->if_contains("categories");
            categories != nullptr && categories->is_object())
            apply_role_categories(s, n, categories->get_object(), c.user);
    auto& v = s.repo().add_version(
        n, std::move(data.data), std::move(data.file_name), std::move(data.mime_type), c.user,
        n.advanced_versioning && c.args.flag("add_major_version", false));
    v.description = c.args.text("description");
    return v;
}

reply one(service& s, call& c, const node& n, const version& v) {
    json::object data;
    data["properties"] = node_properties(s, n, c.user);
    data["versions"] = version_properties(s, n, v);
    return v2_results(c, json::object{{"data", std::move(data)}});
}

void not_locked(const version& v, member_id user) {
    if (v.locked_by != 0 && v.locked_by != user)
        throw failure{400, "Version " + std::to_string(v.number) + " is locked.", {}};
}

void drop_versions(service& s, call& c, node& n, const std::set<int>& numbers) {
    s.repo().check_writable(n, c.user);
    for (const node_id h : n.holds)
        if (const auto it = s.repo().data().holds.find(h);
            it != s.repo().data().holds.end() && it->second.active)
            throw failure{500,
                          "Versions of '" + n.name + "' cannot be deleted: it is on hold (" +
                              it->second.name + ").",
                          {}};
    if (numbers.size() >= n.versions.size())
        throw failure{400, "The only version of an item cannot be deleted.", {}};
    for (const auto& v : n.versions)
        if (numbers.contains(v.number)) not_locked(v, c.user);
    std::erase_if(n.versions, [&](const version& v) { return numbers.contains(v.number); });
    s.repo().touch(n, c.user);
}

reply lock(service& s, call& c, bool on) {
    auto& n = versioned(s, c, "modify");
    auto& v = version_of(s, c, n);
    not_locked(v, c.user);
    v.locked_by = on ? c.user : 0;
    v.locked_at = s.now();
    return v2_empty(c);
}

} // namespace

void add_version_routes(service& s) {
    const std::string versions = "/nodes/{id}/versions";
    for (const std::string v : {"v1", "v2"}) {
        s.add("GET", v + "/nodes/{id}/content", [&s](call& c) { return content(s, c); });
        s.add("GET", v + "/nodes/{id}/content/{file_name}",
              [&s](call& c) { return content(s, c); });
        s.add("GET", v + versions + "/{number}/content",
              [&s](call& c) { return version_content(s, c); });
        s.add("GET", v + versions + "/{number}/content/{file_name}",
              [&s](call& c) { return version_content(s, c); });
        s.add("PUT", v + versions + "/{number}", [&s](call& c) {
            auto& n = versioned(s, c, "modify");
            auto& which = version_of(s, c, n);
            s.repo().check_writable(n, c.user);
            which.description = c.args.text("description");
            s.repo().touch(n, c.user);
            return v2_empty(c);
        });
        s.add("DELETE", v + versions + "/{number}", [&s](call& c) {
            auto& n = versioned(s, c, "delete_versions");
            drop_versions(s, c, n, {version_of(s, c, n).number});
            return v2_empty(c);
        });
    }
    s.add("GET", "v2" + versions, [&s](call& c) { return list(s, c); });
    s.add("GET", "v1" + versions, [&s](call& c) {
        auto& n = versioned(s, c);
        json::array data;
        for (const auto& v : n.versions)
            data.push_back(version_properties(s, n, v));
        return reply::json(200, json::object{{"data", std::move(data)}});
    });
    s.add("POST", "v2" + versions, [&s](call& c) {
        auto& n = versioned(s, c, "modify");
        return one(s, c, n, add(s, c, n));
    });
    s.add("POST", "v1" + versions, [&s](call& c) {
        auto& n = versioned(s, c, "modify");
        return reply::json(200,
                           json::object{{"id", n.id}, {"version_number", add(s, c, n).number}});
    });
    s.add("GET", "v1" + versions + "/latest", [&s](call& c) {
        auto& n = versioned(s, c);
        return reply::json(200,
                           json::object{{"data", version_properties(s, n, n.versions.back())}});
    });
    s.add("GET", "v1" + versions + "/{number}", [&s](call& c) {
        auto& n = versioned(s, c);
        return reply::json(200,
                           json::object{{"data", version_properties(s, n, version_of(s, c, n))}});
    });
    s.add("GET", "v2" + versions + "/{number}", [&s](call& c) {
        auto& n = versioned(s, c);
        json::object data{{"versions", version_properties(s, n, version_of(s, c, n))}};
        return v2_results(c, json::object{{"data", std::move(data)}});
    });
    s.add("DELETE", "v2" + versions, [&s](call& c) {
        auto& n = versioned(s, c, "delete_versions");
        const auto keep = c.args.required_integer("number_to_keep");
        if (keep < 1)
            throw failure{400, "Invalid value specified for argument 'number_to_keep'.", {}};
        std::set<int> old;
        for (std::size_t i = 0; i + static_cast<std::size_t>(keep) < n.versions.size(); ++i)
            old.insert(n.versions[i].number);
        if (!old.empty()) drop_versions(s, c, n, old);
        return v2_empty(c);
    });
    s.add("POST", "v2" + versions + "/{number}/promote", [&s](call& c) {
        auto& n = versioned(s, c, "modify");
        const auto from = version_of(s, c, n);
        auto& v = s.repo().add_version(n, from.data, from.file_name, from.mime_type, c.user, true);
        v.description = from.description;
        return one(s, c, n, v);
    });
    s.add("POST", "v2" + versions + "/{number}/lock", [&s](call& c) { return lock(s, c, true); });
    s.add("POST", "v2" + versions + "/{number}/unlock",
          [&s](call& c) { return lock(s, c, false); });
}

namespace {

constexpr std::uint64_t min_upload = 1;
constexpr std::uint64_t max_upload = 64ULL << 30;
constexpr std::uint64_t part_size = 8ULL << 20;

upload& upload_of(service& s, call& c) {
    const auto it = s.repo().data().uploads.find(c.raw.param("key"));
    if (it == s.repo().data().uploads.end() || it->second.user != c.user)
        throw failure{500, "The upload key '" + c.raw.param("key") + "' is unknown.", {}};
    return it->second;
}

reply start_upload(service& s, call& c) {
    const auto size = c.args.required_integer("file_size");
    if (size < static_cast<std::int64_t>(min_upload) ||
        size > static_cast<std::int64_t>(max_upload))
        throw failure{500, "The file size is out of the range for multipart upload.", {}};
    upload u;
    u.key = s.token(32);
    u.file_name = c.args.required_text("file_name");
    u.mime_type = c.args.text("mime_type", mime_type_of(u.file_name));
    u.size = static_cast<std::uint64_t>(size);
    u.part_size = part_size;
    u.parts = static_cast<int>((u.size + part_size - 1) / part_size);
    u.user = c.user;
    json::object o;
    o["upload_key"] = u.key;
    o["num_parts"] = u.parts;
    o["part_size"] = u.part_size;
    o["max_retries"] = 3;
    s.repo().data().uploads.emplace(u.key, u);
    return reply::json(200, o);
}

reply take_part(service& s, call& c) {
    auto& u = upload_of(s, c);
    const auto number = static_cast<int>(c.id("part"));
    if (number < 1 || number > u.parts || u.complete)
        throw failure{500, "Part " + std::to_string(number) + " is not expected.", {}};
    const auto* part = c.args.file("part_content");
    if (part == nullptr) part = c.args.file();
    if (part == nullptr) throw failure{400, "Missing required parameter 'part_content'", {}};
    u.received[number] = part->data;
    return v2_empty(c);
}

reply finish_upload(service& s, call& c) {
    auto& u = upload_of(s, c);
    if (u.complete) return v2_empty(c);
    blob whole;
    for (int i = 1; i <= u.parts; ++i) {
        const auto it = u.received.find(i);
        if (it == u.received.end())
            throw failure{500, "Part " + std::to_string(i) + " has not been uploaded.", {}};
        whole.append(it->second);
    }
    if (whole.size() != u.size)
        throw failure{500,
                      "The parts have " + std::to_string(whole.size()) + " bytes, expected were " +
                          std::to_string(u.size) + ".",
                      {}};
    u.complete = std::move(whole);
    u.received.clear();
    return v2_empty(c);
}

} // namespace

void add_upload_routes(service& s) {
    s.add("GET", "v2/multipart/settings", [](call&) {
        json::object data;
        data["is_enabled"] = true;
        data["min_size"] = min_upload;
        data["max_size"] = max_upload;
        return reply::json(200, data);
    });
    s.add("POST", "v2/multipart", [&s](call& c) { return start_upload(s, c); });
    s.add("POST", "v2/multipart/{key}/{part}", [&s](call& c) { return take_part(s, c); });
    s.add("POST", "v2/multipart/{key}", [&s](call& c) { return finish_upload(s, c); });
    s.add("DELETE", "v2/multipart/{key}", [&s](call& c) {
        upload_of(s, c);
        s.repo().data().uploads.erase(c.raw.param("key"));
        return v2_empty(c);
    });
}

} // namespace mortise::sandbox::content_server
