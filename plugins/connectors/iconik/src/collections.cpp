// SPDX-License-Identifier: Apache-2.0
//
// collections.*
#include "connector.hpp"

#include <algorithm>
#include <utility>

namespace iconik {

namespace json = mortise::json;

namespace {

mortise::error no_place_for_segments() {
    return mortise::error(mortise::category::input, "iconik.collection.object-type",
                          "A collection holds assets and collections; object_type cannot be "
                          "segments.");
}

} // namespace

mortise::task<json::object> connector::get_collection(context& c, collection_get in) {
    address url = client_.to("assets/v1/collections");
    std::string text = url.part(in.collection_id).str();
    subject_of about("collection", "collection " + in.collection_id);
    json::value answer = co_await client_.get(c, std::move(text), std::move(about));
    json::object out = mortise::require_object(answer, "");
    out["web_url"] = client_.web_url("collection", in.collection_id);
    co_return std::move(out);
}

mortise::task<json::object> connector::list_collection(context& c, collection_list in) {
    std::string types;
    for (const object_kind kind : in.object_types) {
        if (kind == object_kind::segments) {
            throw mortise::error(mortise::category::input, "iconik.collection.object-type",
                                 "A collection holds assets and collections, no segments.");
        }
        if (!types.empty()) types += ',';
        types += kind == object_kind::assets ? "assets" : "collections";
    }
    address url = client_.to("assets/v1/collections");
    url.part(in.collection_id).part("contents");
    if (!types.empty()) url.query("object_types", types);
    subject_of about("collection", "the contents of collection " + in.collection_id);
    const auto limit = static_cast<std::size_t>(in.limit);
    json::array objects = co_await client_.list(c, std::move(url), std::move(about), limit);
    json::object out;
    out["objects"] = std::move(objects);
    co_return std::move(out);
}

mortise::task<json::object> connector::list_collections_of(context& c, collections_of_asset in) {
    std::string asset_id = in.asset_id;
    const json::object asset = co_await read_asset(c, std::move(asset_id), true);
    std::string view;
    if (!in.view.empty()) {
        std::string wanted = in.view;
        view = co_await view_id(c, std::move(wanted), mortise::category::input);
    }
    const json::value whole(asset);
    json::array list;
    json::array hidden;
    for (const std::string& id : ids_in(whole, "in_collections")) {
        if (!is_id(id)) continue;
        address url = client_.to("assets/v1/collections");
        std::string text = url.part(id).str();
        subject_of about("collection", "collection " + id);
        std::optional<json::value> answer;
        try {
            answer = co_await client_.find(c, std::move(text), std::move(about));
        } catch (const mortise::error& e) {
            if (e.category != mortise::category::denied) throw;
        }
        if (!answer) {
            // Deleted meanwhile, or not for this connection's eyes.
            hidden.emplace_back(id);
            continue;
        }
        json::object one = mortise::require_object(*answer, "");
        if (!view.empty()) {
            std::string type = "collections";
            std::string object_id = id;
            std::string view_copy = view;
            json::object values = co_await read_metadata(c, std::move(type), std::move(object_id),
                                                         std::move(view_copy));
            one["metadata"] = std::move(values["values"]);
        }
        list.emplace_back(std::move(one));
    }
    json::object out;
    out["collections"] = std::move(list);
    out["hidden"] = std::move(hidden);
    co_return std::move(out);
}

mortise::task<json::object> connector::find_collection(context& c, collection_find in) {
    if (in.title.empty() && in.external_id.empty()) {
        throw mortise::error(mortise::category::input, "iconik.collection.find-by",
                             "Neither title nor external_id is given; give at least one.");
    }
    const bool by_title = !in.title.empty();
    json::object term;
    term["name"] = by_title ? "title" : "external_id";
    term["value"] = escape_query(by_title ? in.title : in.external_id);
    json::object filter;
    filter["operator"] = "AND";
    filter["terms"] = json::array{std::move(term)};
    json::object criteria;
    criteria["doc_types"] = json::array{"collections"};
    criteria["filter"] = std::move(filter);
    constexpr std::size_t looked_at = 1000;
    const json::array hits = co_await search(c, std::move(criteria), looked_at);
    json::object out;
    out["found"] = false;
    std::int64_t many = 0;
    for (const auto& hit : hits) {
        if (by_title && text_at(hit, "title") != in.title) continue;
        if (!in.external_id.empty() && text_at(hit, "external_id") != in.external_id) continue;
        if (text_at(hit, "status") == "DELETED") continue;
        const std::vector<std::string> places = ids_in(hit, "in_collections");
        const bool there = text_at(hit, "parent_id") == in.parent_id ||
                           std::find(places.begin(), places.end(), in.parent_id) != places.end();
        if (!in.parent_id.empty() && !there) continue;
        if (++many == 1) {
            out["found"] = true;
            out["result"] = hit;
        }
    }
    // Titles are not unique: a flow may want to know that it picked one of several.
    out["matches"] = many;
    co_return std::move(out);
}

mortise::task<bool> connector::is_in_collection(context& c, collection_member in) {
    const bool asset = in.object_type == object_kind::assets;
    const std::string kind = asset ? "assets" : "collections";
    address url = client_.to("assets/v1/" + kind);
    url.part(in.object_id);
    if (asset) url.query("include_collections", "true");
    std::string text = url.str();
    subject_of about(asset ? "asset" : "collection", kind + " " + in.object_id);
    const json::value found = co_await client_.get(c, std::move(text), std::move(about));
    const std::vector<std::string> places = ids_in(found, "in_collections");
    co_return std::find(places.begin(), places.end(), in.collection_id) != places.end();
}

mortise::task<json::object> connector::add_to_collection(context& c, collection_member in) {
    if (in.object_type == object_kind::segments) throw no_place_for_segments();
    collection_member copy = in;
    const bool inside = co_await is_in_collection(c, std::move(copy));
    json::object out;
    out["collection_id"] = in.collection_id;
    out["object_id"] = in.object_id;
    out["changed"] = !inside;
    if (inside) co_return std::move(out);
    json::object body;
    body["object_type"] = in.object_type == object_kind::assets ? "assets" : "collections";
    body["object_id"] = in.object_id;
    address url = client_.to("assets/v1/collections");
    std::string text = url.part(in.collection_id).part("contents").str();
    json::value sent(std::move(body));
    subject_of about("collection",
                     "putting " + in.object_id + " into collection " + in.collection_id);
    co_await client_.write(c, "POST", std::move(text), std::move(sent), std::move(about));
    co_return std::move(out);
}

mortise::task<json::object> connector::remove_from_collection(context& c, collection_member in) {
    if (in.object_type == object_kind::segments) throw no_place_for_segments();
    address url = client_.to("assets/v1/collections");
    url.part(in.collection_id).part("contents");
    url.part(in.object_type == object_kind::assets ? "assets" : "collections");
    std::string text = url.part(in.object_id).str();
    subject_of about("collection",
                     "taking " + in.object_id + " out of collection " + in.collection_id);
    const auto done =
        co_await client_.exchange(c, "DELETE", std::move(text), nullptr, std::move(about), 404);
    if (done.status == 404) {
        // No such collection is an error, not in it is none.
        collection_get which;
        which.collection_id = in.collection_id;
        co_await get_collection(c, std::move(which));
    }
    json::object out;
    out["collection_id"] = in.collection_id;
    out["object_id"] = in.object_id;
    out["changed"] = done.status != 404;
    co_return std::move(out);
}

} // namespace iconik
