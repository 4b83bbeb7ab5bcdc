// SPDX-License-Identifier: Apache-2.0
// What a person sees in the two systems.
#include "iconik/iconik.hpp"
#include "support/catch.hpp"
#include "world.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::test {
namespace {

namespace json = boost::json;

json::value get(sandbox::http_client& c, const std::string& path) {
    const auto answer = c.get(path);
    INFO("GET " << path << " -> " << answer.status << ' ' << answer.body);
    REQUIRE(answer.status == 200);
    return answer.json();
}

std::vector<std::string> texts_in(const json::value& v) {
    std::vector<std::string> out;
    const auto add = [&out](const json::value& one) {
        if (one.is_string())
            out.emplace_back(one.get_string());
        else if (!one.is_null())
            out.push_back(json::serialize(one));
    };
    if (v.is_array()) {
        for (const auto& one : v.get_array())
            add(one);
    } else {
        add(v);
    }
    return out;
}

std::string first_or_none(const std::vector<std::string>& all) {
    return all.empty() ? std::string() : all.front();
}

bool is_id(const std::string& text) {
    return text.size() == 36 && text[8] == '-';
}

} // namespace

// ---- Extended ECM ----

// Tickets end; a new one is cheap.
void world::sign_in() {
    const auto ticket =
        otcs_client_.send("POST", "/otcs/cs/api/v1/auth", "username=Admin&password=admin-pass",
                          {{"Content-Type", "application/x-www-form-urlencoded"}});
    REQUIRE(ticket.status == 200);
    otcs_client_.set_header("OTCSTicket", ticket.json().at("ticket").as_string().c_str());
}

json::value world::get_otcs(const std::string& path) {
    sign_in();
    return get(otcs_client_, "/otcs/cs/api" + path);
}

namespace {

std::vector<std::int64_t> ids_of(const json::value& found) {
    std::vector<std::int64_t> out;
    for (const auto& r : found.at("results").as_array())
        out.push_back(r.at_pointer("/data/properties/id").to_number<std::int64_t>());
    return out;
}

std::string by_object(const std::string& bo, const std::string& bo_type) {
    return "/v2/businessworkspaces?expanded_view=true&where_ext_system_id=MRM&where_bo_type=" +
           bo_type + "&where_bo_id=" + bo;
}

} // namespace

std::int64_t world::workspace_id(const std::string& bo, const std::string& bo_type) {
    const auto ids = ids_of(get_otcs(by_object(bo, bo_type)));
    return ids.empty() ? 0 : ids.front();
}

std::size_t world::workspaces_of(const std::string& bo, const std::string& bo_type) {
    return ids_of(get_otcs(by_object(bo, bo_type))).size();
}

std::vector<seen_node> world::children(std::int64_t node) {
    std::vector<seen_node> out;
    const auto answer = get_otcs("/v2/nodes/" + std::to_string(node) + "/nodes?limit=1000");
    for (const auto& n : answer.at("results").as_array()) {
        const auto& p = n.at_pointer("/data/properties").as_object();
        seen_node s;
        s.id = p.at("id").to_number<std::int64_t>();
        s.type = p.at("type").to_number<int>();
        s.name = p.at("name").as_string().c_str();
        if (const auto* url = p.if_contains("url"); url != nullptr && url->is_string())
            s.url = url->as_string().c_str();
        out.push_back(std::move(s));
    }
    return out;
}

std::vector<seen_node>
world::nodes_in(const std::string& bo, const std::string& folder, const std::string& bo_type) {
    auto place = workspace_id(bo, bo_type);
    std::size_t from = 0;
    while (place != 0 && from <= folder.size() && !folder.empty()) {
        const auto to = std::min(folder.find('/', from), folder.size());
        const auto name = folder.substr(from, to - from);
        std::int64_t next = 0;
        for (const auto& n : children(place))
            if (n.name == name) next = n.id;
        place = next;
        from = to + 1;
    }
    if (place == 0) return {};
    return children(place);
}

std::vector<seen_node>
world::references(const std::string& bo, const std::string& bo_type, const std::string& folder) {
    auto all = nodes_in(bo, folder, bo_type);
    std::erase_if(all, [](const seen_node& n) { return n.type != 140; });
    return all;
}

std::size_t world::references_named(const std::string& part,
                                    const std::string& bo,
                                    const std::string& bo_type,
                                    const std::string& folder) {
    std::size_t n = 0;
    for (const auto& r : references(bo, bo_type, folder))
        n += r.name.find(part) != std::string::npos;
    return n;
}

std::vector<std::string> world::attribute_values(std::int64_t node, const std::string& attribute) {
    const auto answer = get_otcs("/v2/nodes/" + std::to_string(node) + "/categories?metadata");
    for (const auto& category : answer.at("results").as_array()) {
        const auto& names = category.at_pointer("/metadata/categories").as_object();
        const auto& values = category.at_pointer("/data/categories").as_object();
        for (const auto& [key, definition] : names) {
            if (definition.at("name").as_string() != attribute) continue;
            const auto* v = values.if_contains(key);
            return v == nullptr ? std::vector<std::string>() : texts_in(*v);
        }
    }
    return {};
}

std::string world::attribute(std::int64_t node, const std::string& attribute) {
    return first_or_none(attribute_values(node, attribute));
}

std::string world::document_text(std::int64_t node) {
    sign_in();
    const auto path = "/otcs/cs/api/v2/nodes/" + std::to_string(node) + "/content";
    const auto answer = otcs_client_.get(path);
    INFO("GET " << path << " -> " << answer.status);
    REQUIRE(answer.status == 200);
    return answer.body;
}

std::size_t world::versions_of(std::int64_t node) {
    return get_otcs("/v2/nodes/" + std::to_string(node) + "/versions")
        .at("results")
        .as_array()
        .size();
}

// ---- iconik ----

std::string world::asset_id(const std::string& story) {
    return is_id(story) ? story : sandbox::iconik_seed::id("asset/" + story);
}

std::string world::collection_id(const std::string& story) {
    return is_id(story) ? story : sandbox::iconik_seed::id("collection/" + story);
}

json::value world::get_iconik(const std::string& path) {
    return get(iconik_client_, "/API" + path);
}

void world::rename_asset(const std::string& story, const std::string& title) {
    const auto answer = iconik_client_.patch("/API/assets/v1/assets/" + asset_id(story) + "/",
                                             json::object{{"title", title}});
    INFO(answer.status << ' ' << answer.body);
    REQUIRE(answer.status == 200);
}

std::string world::add_asset(const std::string& title,
                             const std::string& collection,
                             const json::object& metadata) {
    const auto made = play_iconik("add-asset", {{"title", title},
                                                {"collection", collection},
                                                {"file", "film.mp4"},
                                                {"metadata", metadata}});
    return made.at("id").as_string().c_str();
}

std::vector<std::string>
world::fields_of(const std::string& type, const std::string& id, const std::string& field) {
    const auto answer = iconik_client_.get("/API/metadata/v1/" + type + '/' + id + "/views/" +
                                           sandbox::iconik_seed::id("view/marketing") + '/');
    std::vector<std::string> out;
    if (answer.status != 200) return out;
    const auto body = answer.json();
    const auto* values = body.at("metadata_values").as_object().if_contains(field);
    if (values == nullptr) return out;
    for (const auto& v : values->at("field_values").as_array())
        for (auto& text : texts_in(v.at("value")))
            out.push_back(std::move(text));
    return out;
}

std::string world::asset_field(const std::string& story, const std::string& field) {
    return first_or_none(fields_of("assets", asset_id(story), field));
}

std::vector<std::string> world::asset_fields(const std::string& story, const std::string& field) {
    return fields_of("assets", asset_id(story), field);
}

std::string world::collection_field(const std::string& story, const std::string& field) {
    return first_or_none(fields_of("collections", collection_id(story), field));
}

std::string world::approval_of(const std::string& story) {
    const auto answer =
        iconik_client_.get("/API/assets/v1/assets/" + asset_id(story) + "/approvals/request/");
    if (answer.status != 200) return {}; // nobody has asked
    const auto body = answer.json();
    const auto* status = body.as_object().if_contains("status");
    return status == nullptr ? std::string() : first_or_none(texts_in(*status));
}

std::vector<std::string> world::comments_on(const std::string& story) {
    const auto answer =
        get_iconik("/assets/v1/assets/" + asset_id(story) + "/segments/?per_page=500");
    std::vector<json::object> found;
    for (const auto& s : answer.at("objects").as_array())
        if (s.at("segment_type").as_string() == "COMMENT") found.push_back(s.as_object());
    std::stable_sort(found.begin(), found.end(), [](const json::object& l, const json::object& r) {
        return l.at("date_created").as_string() < r.at("date_created").as_string();
    });
    std::vector<std::string> out;
    for (const auto& s : found)
        out.push_back(first_or_none(texts_in(s.at("segment_text"))));
    return out;
}

} // namespace mortise::test
