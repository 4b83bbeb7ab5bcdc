// SPDX-License-Identifier: Apache-2.0
//
// relations.*: how assets belong together.
#include "connector.hpp"

#include <utility>

namespace iconik {

namespace json = mortise::json;

mortise::task<json::object> connector::list_relations(context& c, relation_list in) {
    address url = client_.to("assets/v1/assets");
    url.part(in.asset_id).part("relations");
    if (!in.type.empty()) url.part(in.type);
    subject_of about("relation", "the relations of asset " + in.asset_id);
    const json::array assets = co_await client_.list(c, std::move(url), std::move(about), 100'000);
    json::array list;
    for (const auto& asset : assets) {
        // Each related asset's document, with the relations that concern it.
        const json::value* relations = mortise::find_json(asset, "relations");
        if (!relations || !relations->is_array()) continue;
        for (const auto& relation : relations->get_array()) {
            const std::string type = text_at(relation, "relation_type");
            std::string from = text_at(relation, "related_from_asset_id");
            if (from.empty()) from = text_at(relation, "asset_id");
            const std::string to = text_at(relation, "related_to_asset_id");
            if (!in.type.empty() && type != in.type) continue;
            // The document may hold relations of that asset to others.
            if (from != in.asset_id && to != in.asset_id) continue;
            json::object one;
            one["type"] = type;
            one["related_asset_id"] = from == in.asset_id ? to : from;
            one["direction"] = from == in.asset_id ? "to" : "from";
            one["title"] = text_at(asset, "title");
            list.emplace_back(std::move(one));
        }
    }
    json::object out;
    out["asset_id"] = in.asset_id;
    out["relations"] = std::move(list);
    co_return std::move(out);
}

mortise::task<json::object> connector::ensure_relation(context& c, relation_which in) {
    if (in.asset_id == in.related_asset_id) {
        throw mortise::error(mortise::category::input, "iconik.relation.self",
                             "asset_id and related_asset_id are both " + in.asset_id +
                                 "; an asset cannot be related to itself.");
    }
    json::object body;
    body["related_to_asset_id"] = in.related_asset_id;
    body["relation_type"] = in.type;
    address url = client_.to("assets/v1/assets");
    std::string text = url.part(in.asset_id).part("relations").str();
    json::value sent(std::move(body));
    subject_of about("relation", "the relation \"" + in.type + "\" of asset " + in.asset_id);
    // 201 when it is new, 200 when it was there.
    const auto done =
        co_await client_.exchange(c, "POST", std::move(text), std::move(sent), std::move(about), 0);
    json::object out;
    out["asset_id"] = in.asset_id;
    out["related_asset_id"] = in.related_asset_id;
    out["type"] = in.type;
    out["changed"] = done.status == 201;
    co_return std::move(out);
}

mortise::task<json::object> connector::remove_relation(context& c, relation_which in) {
    relation_list which;
    which.asset_id = in.asset_id;
    which.type = in.type;
    json::object there = co_await list_relations(c, std::move(which));
    bool present = false;
    for (const auto& one : there["relations"].as_array()) {
        present = present || (text_at(one, "related_asset_id") == in.related_asset_id &&
                              text_at(one, "direction") == "to");
    }
    json::object out;
    out["asset_id"] = in.asset_id;
    out["related_asset_id"] = in.related_asset_id;
    out["type"] = in.type;
    out["changed"] = false;
    if (!present) co_return std::move(out);
    address url = client_.to("assets/v1/assets");
    url.part(in.asset_id).part("relations").part(in.type).part(in.related_asset_id);
    std::string text = url.str();
    subject_of about("relation", "the relation \"" + in.type + "\" of asset " + in.asset_id);
    const auto done =
        co_await client_.exchange(c, "DELETE", std::move(text), nullptr, std::move(about), 404);
    out["changed"] = done.status != 404;
    co_return std::move(out);
}

} // namespace iconik
