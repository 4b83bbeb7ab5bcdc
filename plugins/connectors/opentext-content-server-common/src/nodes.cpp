// SPDX-License-Identifier: Apache-2.0
//
// Reading items.
#include "content_server/repository.hpp"
#include "content_server/text.hpp"

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

json::object node_summary(const object& properties) {
    object out;
    for (const char* key : {"id", "parent_id", "type", "original_id", "size", "create_user_id",
                            "modify_user_id", "owner_user_id", "reserved_user_id"}) {
        const auto* v = properties.if_contains(key);
        if (!v || v->is_null()) continue;
        if (const auto number = to_integer(*v)) out[key] = *number;
    }
    for (const char* key : {"name", "type_name", "description", "create_date", "modify_date", "url",
                            "mime_type", "container", "reserved"}) {
        const auto* v = properties.if_contains(key);
        if (v && !v->is_null()) out[key] = *v;
    }
    return out;
}

std::vector<object> properties_of(const json::array& items) {
    std::vector<object> out;
    for (const auto& item : items)
        out.push_back(object_part(item, "data.properties"));
    return out;
}

task<object> repository::read_node(context& c, std::int64_t id) {
    const std::string url = client_.at_node(id).query("fields", "properties").str();
    subject about("node", "item " + std::to_string(id));
    const json::value answer = co_await client_.get(c, url, std::move(about));
    co_return object_part(answer, "results.data.properties");
}

task<std::vector<object>> repository::read_nodes(context& c, std::vector<std::int64_t> ids) {
    constexpr std::size_t most = 250; // what the server takes at once
    std::vector<object> out;
    for (std::size_t from = 0; from < ids.size(); from += most) {
        json::array some;
        for (std::size_t i = from; i < ids.size() && i < from + most; ++i)
            some.emplace_back(ids[i]);
        object fields;
        fields["ids"] = std::move(some);
        json::value body(std::move(fields));
        subject about("node", "a list of items");
        const json::value answer = co_await client_.query(c, client_.at("v2/nodes/list").str(),
                                                          std::move(body), std::move(about));
        const json::array& items = mortise::require_array(answer, "results");
        for (auto& properties : properties_of(items))
            out.push_back(std::move(properties));
    }
    co_return out;
}

task<object> repository::get_node(context& c, node_get in) {
    const std::int64_t id = id_of(in.id, "id");
    const object properties = co_await read_node(c, id);
    object out = node_summary(properties);
    if (in.categories) out["categories"] = co_await categories_by_names(c, id);
    co_return out;
}

task<object> repository::list_children(context& c, node_children in) {
    const std::int64_t id = id_of(in.id, "id");
    mortise::url url = client_.at_node(id, "nodes");
    for (const std::int64_t type : in.types)
        url.query("where_type", std::to_string(type));
    // The server's name filter finds what contains the text; the rest is done here.
    if (in.name) url.query("where_name", *in.name);
    url.query("sort", "asc_name");
    subject about("node", "the items in " + std::to_string(id));
    const auto limit = static_cast<std::size_t>(in.limit);
    list_request what(std::move(url), std::move(about), in.name ? 10'000 : limit);
    const json::array items = co_await client_.list(c, std::move(what));
    json::array nodes;
    for (const auto& properties : properties_of(items)) {
        if (in.name && text_at(properties, "name") != *in.name) continue;
        if (nodes.size() < limit) nodes.push_back(node_summary(properties));
    }
    object out;
    out["nodes"] = std::move(nodes);
    co_return out;
}

task<std::optional<object>>
repository::child_named(context& c, std::int64_t parent, std::string name) {
    mortise::url url = client_.at_node(parent, "nodes");
    url.query("where_name", name).query("sort", "asc_name");
    subject about("node", "the item \"" + name + "\" in " + std::to_string(parent));
    list_request what(std::move(url), std::move(about), 10'000);
    const json::array items = co_await client_.list(c, std::move(what));
    std::optional<object> near;
    for (auto& properties : properties_of(items)) {
        const std::string found = text_at(properties, "name");
        if (found == name) co_return std::optional<object>(std::move(properties));
        // Names are unique without regard to case, so this one stands in the way of a new one.
        if (equal_ignoring_case(found, name)) near = std::move(properties);
    }
    co_return near;
}

task<object> repository::find_child(context& c, node_find_child in) {
    const std::int64_t parent = id_of(in.parent_id, "parent_id");
    const auto child = co_await child_named(c, parent, in.name);
    object out;
    const bool found = child && text_at(*child, "name") == in.name &&
                       (!in.url || !child->contains("url") || text_at(*child, "url") == *in.url);
    out["found"] = found;
    if (found) out["result"] = node_summary(*child);
    co_return out;
}

task<object> repository::list_versions(context& c, version_list in) {
    const std::int64_t id = id_of(in.id, "id");
    subject about("version", "the versions of item " + std::to_string(id));
    mortise::url url = client_.at_node(id, "versions");
    url.query("order", "asc");
    list_request what(std::move(url), std::move(about), static_cast<std::size_t>(in.limit));
    const json::array items = co_await client_.list(c, std::move(what));
    json::array versions;
    for (const auto& item : items)
        versions.push_back(object_part(item, "data.versions"));
    object out;
    out["versions"] = std::move(versions);
    co_return out;
}

} // namespace content_server
