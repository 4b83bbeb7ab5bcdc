// SPDX-License-Identifier: Apache-2.0
//
// assets.*
#include "connector.hpp"

#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

mortise::task<json::object>
connector::read_asset(context& c, std::string id, bool include_collections) {
    address url = client_.to("assets/v1/assets");
    url.part(id);
    if (include_collections) url.query("include_collections", "true");
    std::string text = url.str();
    subject_of about("asset", "asset " + id);
    json::value answer = co_await client_.get(c, std::move(text), std::move(about));
    co_return mortise::require_object(answer, "");
}

mortise::task<json::object> connector::get_asset(context& c, asset_get in) {
    std::string id = in.asset_id;
    json::object asset = co_await read_asset(c, std::move(id), in.include_collections);
    id = in.asset_id;
    std::string current;
    const auto approval = co_await read_approval(c, std::move(id), std::move(current));
    const asset_facts facts = facts_of(asset);
    asset["approval"] = approval_summary(approval ? &*approval : nullptr);
    asset["version_id"] = current_version(facts.versions);
    asset["web_url"] = client_.web_url("asset", in.asset_id);
    co_return std::move(asset);
}

mortise::task<json::object> connector::find_assets(context& c, asset_find in) {
    if (in.external_id.empty() == in.title.empty()) {
        throw error(category::input, "iconik.asset.find-by",
                    "Give either external_id or title, not both and not neither.");
    }
    const std::string field = in.external_id.empty() ? "title" : "external_id";
    const std::string wanted = in.external_id.empty() ? in.title : in.external_id;
    json::object term;
    term["name"] = field;
    term["value"] = escape_query(wanted);
    json::object filter;
    filter["operator"] = "AND";
    filter["terms"] = json::array{std::move(term)};
    json::object criteria;
    criteria["doc_types"] = json::array{"assets"};
    criteria["filter"] = std::move(filter);
    // The index analyses text: it also answers near misses, so more are asked for than are wanted.
    constexpr std::size_t looked_at = 1000;
    const json::array hits = co_await search(c, std::move(criteria), looked_at);
    json::array exact;
    for (const auto& hit : hits) {
        if (exact.size() == static_cast<std::size_t>(in.limit)) break;
        if (text_at(hit, field) == wanted) exact.push_back(hit);
    }
    json::object out;
    out["found"] = !exact.empty();
    out["assets"] = std::move(exact);
    co_return std::move(out);
}

mortise::task<json::object> connector::update_asset(context& c, asset_update in) {
    if (in.fields.empty()) {
        throw error(category::input, "iconik.asset.no-fields",
                    "fields is empty; name at least one field to change, such as title.");
    }
    address url = client_.to("assets/v1/assets");
    url.part(in.asset_id);
    std::string text = url.str();
    subject_of about("asset", "the change of asset " + in.asset_id);
    json::value body(std::move(in.fields));
    const json::value answer =
        co_await client_.write(c, "PATCH", std::move(text), std::move(body), std::move(about));
    co_return mortise::require_object(answer, "");
}

asset_facts facts_of(const json::object& asset) {
    asset_facts out;
    out.id = text_at(asset, "id");
    out.title = text_at(asset, "title");
    out.status = text_at(asset, "status");
    out.date_created = text_at(asset, "date_created");
    out.date_modified = text_at(asset, "date_modified");
    out.date_deleted = text_at(asset, "date_deleted");
    out.created_by = text_at(asset, "created_by_user");
    out.updated_by = text_at(asset, "updated_by_user");
    if (const json::value* list = asset.if_contains("versions"); list && list->is_array()) {
        for (const auto& v : list->get_array()) {
            version_fact one;
            one.id = text_at(v, "id");
            one.date_created = text_at(v, "date_created");
            if (const json::value* n = mortise::find_json(v, "version_number");
                n && n->is_int64()) {
                one.number = n->get_int64();
            }
            const std::string status = text_at(v, "status");
            if (!one.id.empty() && status != "DELETED" && status != "DELETING") {
                out.versions.push_back(std::move(one));
            }
        }
    }
    return out;
}

std::vector<std::string> ids_in(const json::value& from, std::string_view key) {
    std::vector<std::string> out;
    const json::value* list = mortise::find_json(from, key);
    if (!list || !list->is_array()) return out;
    for (const auto& item : list->get_array()) {
        std::string id = item.is_string() ? std::string(item.get_string()) : text_at(item, "id");
        if (!id.empty()) out.push_back(std::move(id));
    }
    return out;
}

} // namespace iconik
