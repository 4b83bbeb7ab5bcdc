// SPDX-License-Identifier: Apache-2.0
//
// assets.create and collections.create, and how a creation whose answer was lost is found again.
//
// New objects can be found by the search index only, which lags; "not found" a moment after the
// request proves nothing. So the connection's state marks when a request was sent for a call, and
// which object it made; the lookup searches only when the index must have caught up.
#include "connector.hpp"
#include "moment.hpp"

#include <mortise/sdk/instance.hpp>

#include <chrono>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

constexpr std::string_view mark_prefix = "made/";
constexpr std::chrono::hours mark_life{24 * 30};

std::string mark_key(std::string_view kind, const std::string& call) {
    return std::string(mark_prefix).append(kind).append("/").append(call);
}

json::object not_found() {
    json::object out;
    out["found"] = false;
    return out;
}

} // namespace

std::string connector::creation_mark(context& c, const std::string& given) {
    if (!given.empty() || c.idempotency_key().empty()) return given;
    return "mortise:" + c.idempotency_key();
}

mortise::task<void> connector::note_creation(context& c, std::string kind, std::string id) {
    if (c.idempotency_key().empty()) co_return;
    json::object mark;
    mark["at"] = micros_of(in_.time().now());
    mark["id"] = id;
    std::string key = mark_key(kind, c.idempotency_key());
    json::value value(std::move(mark));
    co_await in_.state().put(std::move(key), std::move(value));
}

mortise::task<void> connector::forget_old_calls(std::string of) {
    const std::int64_t until = micros_of(in_.time().now() - mark_life);
    std::string after;
    for (;;) {
        std::string prefix = of;
        std::string from = after;
        const auto page = co_await in_.state().list(std::move(prefix), std::move(from));
        for (const auto& mark : page) {
            const auto at = number_at(mark.value, "at");
            if (at && *at >= until) continue;
            std::string key = mark.key;
            co_await in_.state().remove(std::move(key));
        }
        if (page.size() < 1000) co_return;
        after = page.back().key;
    }
}

mortise::task<connector::creation> connector::creation_of(context& c, std::string kind) {
    creation out;
    if (c.idempotency_key().empty()) co_return std::move(out);
    std::string key = mark_key(kind, c.idempotency_key());
    const auto mark = co_await in_.state().get(std::move(key));
    if (!mark) co_return std::move(out); // no request was ever sent
    out.begun = true;
    out.id = text_at(mark->value, "id");
    if (!out.id.empty()) co_return std::move(out);
    const auto since = std::chrono::microseconds(micros_of(in_.time().now()) -
                                                 number_at(mark->value, "at").value_or(0));
    if (since < settings_.index_lag) {
        error e(category::unavailable, "iconik." + kind + ".index-lag",
                "The answer to an earlier request for this " + kind +
                    " was lost, and iconik's search may not show it yet; looking again when "
                    "index_lag has passed.");
        e.effect = mortise::effect::none;
        e.retry_after = std::chrono::ceil<std::chrono::milliseconds>(settings_.index_lag - since);
        throw e;
    }
    co_return std::move(out);
}

mortise::task<json::array>
connector::with_external_id(context& c, std::string doc_type, std::string wanted) {
    json::object term;
    term["name"] = "external_id";
    term["value"] = escape_query(wanted);
    json::object filter;
    filter["operator"] = "AND";
    filter["terms"] = json::array{std::move(term)};
    json::object criteria;
    criteria["doc_types"] = json::array{json::string(doc_type)};
    criteria["filter"] = std::move(filter);
    constexpr std::size_t looked_at = 1000;
    const json::array hits = co_await search(c, std::move(criteria), looked_at);
    json::array exact;
    for (const auto& hit : hits) {
        if (text_at(hit, "external_id") == wanted) exact.push_back(hit);
    }
    co_return std::move(exact);
}

mortise::task<json::object> connector::create_asset(context& c, asset_create in) {
    asset_create copy = in;
    json::object there = co_await find_created_asset(c, std::move(copy));
    if (there["found"].as_bool()) co_return std::move(there["result"].as_object());
    address url = client_.to("assets/v1/assets");
    json::object body;
    body["title"] = in.title;
    body["type"] = in.type;
    const std::string mark = creation_mark(c, in.external_id);
    if (!mark.empty()) body["external_id"] = mark;
    if (!in.collection_id.empty()) {
        body["collection_id"] = in.collection_id;
        // Without it collection_id would only give rights.
        url.query("assign_to_collection", "true").query("apply_collection_acls", "true");
    }
    co_await note_creation(c, "asset", "");
    std::string text = url.str();
    json::value sent(std::move(body));
    subject_of about("asset", "the new asset \"" + in.title + "\"");
    const json::value answer =
        co_await client_.write(c, "POST", std::move(text), std::move(sent), std::move(about));
    json::object asset = mortise::require_object(answer, "");
    std::string id = mortise::require_string(answer, "id");
    asset["version_id"] = current_version(facts_of(asset).versions);
    asset["web_url"] = client_.web_url("asset", id);
    co_await note_creation(c, "asset", std::move(id));
    co_return std::move(asset);
}

mortise::task<json::object> connector::find_created_asset(context& c, asset_create in) {
    const creation made = co_await creation_of(c, "asset");
    std::string id = made.id;
    if (made.begun && id.empty()) {
        std::string mark = creation_mark(c, in.external_id);
        const json::array hits = co_await with_external_id(c, "assets", std::move(mark));
        if (!hits.empty()) id = text_at(hits.front(), "id");
    }
    if (id.empty()) co_return not_found();
    std::string copy = id;
    json::object asset = co_await read_asset(c, std::move(copy), false);
    asset["version_id"] = current_version(facts_of(asset).versions);
    asset["web_url"] = client_.web_url("asset", id);
    json::object out;
    out["found"] = true;
    out["result"] = std::move(asset);
    co_return std::move(out);
}

mortise::task<json::object> connector::create_collection(context& c, collection_create in) {
    if (!in.metadata.empty() && in.view.empty()) {
        throw error(category::input, "iconik.collection.view",
                    "metadata is given without view; name the metadata view its fields are in.");
    }
    if (!in.view.empty()) {
        // A wrong name is found before anything is made.
        std::string view = in.view;
        in.view = co_await view_id(c, std::move(view), category::input);
    }
    collection_create same = in;
    std::string id = co_await created_collection(c, std::move(same));
    if (!id.empty()) {
        // The earlier attempt may have ended before the metadata; equal values are no change.
        json::object found = co_await finished_collection(c, std::move(id), std::move(in));
        co_return std::move(found);
    }
    json::object body;
    body["title"] = in.title;
    const std::string mark = creation_mark(c, in.external_id);
    if (!mark.empty()) body["external_id"] = mark;
    address url = client_.to("assets/v1/collections");
    if (!in.parent_id.empty()) {
        body["parent_id"] = in.parent_id;
        url.query("apply_collection_acls", "true");
    }
    co_await note_creation(c, "collection", "");
    std::string text = url.str();
    json::value sent(std::move(body));
    subject_of about("collection", "the new collection \"" + in.title + "\"");
    const json::value answer =
        co_await client_.write(c, "POST", std::move(text), std::move(sent), std::move(about));
    id = mortise::require_string(answer, "id");
    std::string copy = id;
    co_await note_creation(c, "collection", std::move(copy));
    json::object out = co_await finished_collection(c, std::move(id), std::move(in));
    co_return std::move(out);
}

mortise::task<json::object>
connector::finished_collection(context& c, std::string id, collection_create in) {
    if (!in.metadata.empty()) {
        metadata_set values;
        values.object_type = object_kind::collections;
        values.object_id = id;
        values.view = in.view;
        values.values = std::move(in.metadata);
        co_await set_metadata(c, std::move(values));
    }
    collection_get which;
    which.collection_id = std::move(id);
    json::object out = co_await get_collection(c, std::move(which));
    co_return std::move(out);
}

mortise::task<std::string> connector::created_collection(context& c, collection_create in) {
    creation made = co_await creation_of(c, "collection");
    if (made.begun && made.id.empty()) {
        std::string mark = creation_mark(c, in.external_id);
        const json::array hits = co_await with_external_id(c, "collections", std::move(mark));
        if (!hits.empty()) made.id = text_at(hits.front(), "id");
    }
    co_return std::move(made.id);
}

} // namespace iconik
