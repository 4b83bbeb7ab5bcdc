// SPDX-License-Identifier: Apache-2.0
#include "shop.hpp"

#include <mortise/sdk/url.hpp>

#include <algorithm>

namespace shop {

using mortise::testing::http_answer;
using mortise::testing::recorded_request;

namespace {

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::map<std::string, std::string> query_of(std::string_view text) {
    std::map<std::string, std::string> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view one = text.substr(0, end);
        const std::size_t equals = std::min(one.find('='), one.size());
        out[decoded(one.substr(0, equals))] =
            equals < one.size() ? decoded(one.substr(equals + 1)) : std::string();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

json::value shown(const item& i) {
    return json::object{
        {"id", i.id}, {"name", i.name}, {"version", i.version}, {"changed", i.changed_ms}};
}

http_answer refused(std::uint32_t status, const char* why) {
    return http_answer::json(status, json::object{{"error", why}});
}

json::object page_of(const std::vector<const item*>& all, std::size_t from, std::size_t limit) {
    json::array some;
    for (std::size_t i = from; i < all.size() && some.size() < limit; ++i)
        some.push_back(shown(*all[i]));
    return {{"items", std::move(some)}, {"more", from + limit < all.size()}};
}

} // namespace

store::store(mortise::time_point now)
    : now_ms_(
          std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count()) {
    for (const char* name : {"Saw", "Plane", "Chisel"})
        add(name);
    hooks_.clear();
}

std::string store::add(std::string name) {
    char id[16];
    std::snprintf(id, sizeof id, "i%04d", ++last_id_);
    item& i = items_[id];
    i.id = id;
    i.name = std::move(name);
    i.version = 0;
    changed(i);
    return i.id;
}

void store::rename(const std::string& id, std::string name) {
    item& i = items_.at(id);
    i.name = std::move(name);
    changed(i);
}

void store::changed(item& i) {
    ++i.version;
    i.changed_ms = now_ms_;
    hooks_.push_back({{{"x-shop-key", "hook-key"}}, mortise::serialize_json(shown(i))});
}

json::value store::look() {
    json::array out;
    for (const auto& [id, i] : items_) {
        out.push_back(json::object{{"name", i.name}, {"file", i.file.size()}, {"puts", i.puts}});
    }
    return out;
}

http_answer store::answer(const recorded_request& r) {
    std::string path = r.url.substr(std::string("https://shop.test").size());
    const std::size_t mark = std::min(path.find('?'), path.size());
    const auto query = query_of(mark < path.size() ? path.substr(mark + 1) : std::string());
    path.resize(mark);
    if (path == "/login") {
        if (r.json().at("key") != "k3y-of-the-shop") return refused(401, "wrong key");
        return http_answer::json(200, json::object{{"token", token_}});
    }
    if (r.header("authorization") != "Bearer " + token_) return refused(401, "no such session");
    return items(r, path, query);
}

http_answer store::items(const recorded_request& r,
                         const std::string& path,
                         const std::map<std::string, std::string>& query) {
    const auto at = [&](const char* key, std::string otherwise) {
        const auto found = query.find(key);
        return found == query.end() ? std::move(otherwise) : found->second;
    };
    std::vector<const item*> all;
    for (const auto& [id, i] : items_)
        all.push_back(&i);
    if (path == "/search") {
        std::erase_if(all,
                      [&](const item* i) { return r.json().at("name") != json::value(i->name); });
        return http_answer::json(200, page_of(all, 0, 100));
    }
    if (path == "/changes") {
        // The order of changes; the mark is the last one's time and id.
        std::sort(all.begin(), all.end(), [](const item* a, const item* b) {
            return std::pair(a->changed_ms, a->id) < std::pair(b->changed_ms, b->id);
        });
        const std::int64_t since = std::stoll(at("since", "0"));
        const std::string after = at("after", "");
        std::erase_if(all, [&](const item* i) {
            return std::pair(i->changed_ms, i->id) <= std::pair(since, after);
        });
        return http_answer::json(200, page_of(all, 0, 2));
    }
    if (path == "/items" && r.method == "GET") {
        const std::string after = at("after", "");
        std::erase_if(all, [&](const item* i) { return !after.empty() && i->id <= after; });
        const auto page = static_cast<std::size_t>(std::stoul(at("page", "0")));
        return http_answer::json(200, page_of(all, page * 2, 2));
    }
    if (path == "/items" && r.method == "POST") {
        return http_answer::json(
            201, shown(items_.at(add(std::string(r.json().at("name").as_string())))));
    }
    const std::string rest = path.substr(std::min<std::size_t>(path.size(), 7));
    const auto found = items_.find(rest.substr(0, rest.find('/')));
    if (!path.starts_with("/items/") || found == items_.end()) return refused(404, "no such item");
    item& i = found->second;
    if (path.ends_with("/file")) {
        if (r.method == "GET")
            return {200, {{"content-type", "text/plain"}}, "the file of " + i.name};
        i.file = r.body;
        return http_answer::json(200, shown(i));
    }
    if (r.method == "PUT") {
        const std::string name(r.json().at("name").as_string());
        if (r.json().as_object().contains("append")) ++i.puts;
        if (name != i.name) rename(i.id, name);
    }
    return http_answer::json(200, shown(i));
}

} // namespace shop
