// SPDX-License-Identifier: Apache-2.0
//
// collections.*
#include "connector.hpp"

#include <utility>

namespace iconik {

namespace json = mortise::json;

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

} // namespace iconik
