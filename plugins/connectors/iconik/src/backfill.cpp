// SPDX-License-Identifier: Apache-2.0
//
// The trigger "changes" walked from end to end: every asset there is, as if it had been watched
// from its beginning. The events are those that webhook and poll make, so what was seen already is
// dropped by its id; the records are left as they are.
#include "connector.hpp"

#include <mortise/sdk/instance.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

// Each asset costs several requests, and a page must be done before the host gives it up.
constexpr std::int64_t largest_page = 20;

std::string position_text(const json::value& mark) {
    json::object out;
    out["v"] = 1;
    out["after"] = mark;
    return mortise::serialize_json(json::value(std::move(out)));
}

json::array mark_of(const std::string& position) {
    if (position.empty()) return {};
    mortise::parse_options options;
    options.blame = category::internal;
    options.what = "the position of the backfill";
    const json::value v = mortise::parse_json(position, options);
    if (mortise::require_int(v, "v", category::internal) != 1) {
        throw error(category::config, "iconik.backfill.position",
                    "The backfill's position was written by a newer version of this plugin.");
    }
    return mortise::require_array(v, "after", category::internal);
}

} // namespace

mortise::task<std::vector<mortise::event>> connector::history_of(context& c, std::string id) {
    std::optional<error> failure;
    asset_facts now;
    try {
        std::string copy = id;
        now = co_await read_asset_facts(c, std::move(copy), false);
    } catch (const error& e) {
        failure = e;
    }
    if (failure) {
        const auto kind = failure->category;
        // Only this asset is concerned: it would end the walk each time.
        if (kind != category::denied && kind != category::not_found && kind != category::input &&
            kind != category::remote_protocol) {
            throw *failure;
        }
        json::object fields;
        fields["object"] = id;
        fields["code"] = failure->code;
        in_.log().warn("An asset cannot be read and is left out: " + failure->message, fields);
        co_return std::vector<mortise::event>();
    }
    if (now.gone || now.status == "DELETED") co_return std::vector<mortise::event>();
    std::map<std::string, membership> memberships;
    for (const auto& place : now.collections) {
        const auto stored = co_await in_.state().get("member/" + place + "/" + id);
        membership m = stored ? read_membership(stored->value) : membership();
        // Put in as often as it was, so that the event has the id it had then.
        if (m.inside && m.times > 0) --m.times;
        m.inside = false;
        memberships[place] = m;
    }
    constexpr auto ever = std::numeric_limits<std::int64_t>::min();
    asset_outcome all = derive(now, asset_record(), memberships, ever, hint());
    co_return std::move(all.events);
}

mortise::task<bool> connector::on_backfill(mortise::delivery_context& c, std::string position) {
    json::object by_id;
    by_id["name"] = "id";
    by_id["order"] = "asc";
    json::object criteria;
    criteria["doc_types"] = json::array{"assets"};
    criteria["sort"] = json::array{std::move(by_id)};
    criteria["include_fields"] = json::array{"id"};
    json::array after = mark_of(position);
    if (!after.empty()) criteria["search_after"] = after;
    const auto page_size =
        static_cast<std::size_t>(std::min<std::int64_t>(settings_.page_size, largest_page));
    const json::array hits = co_await client_.search_page(c, std::move(criteria), page_size);
    std::vector<mortise::event> events;
    for (const auto& hit : hits) {
        std::string id = text_at(hit, "id");
        if (!is_id(id)) continue;
        std::vector<mortise::event> some = co_await history_of(c, std::move(id));
        std::move(some.begin(), some.end(), std::back_inserter(events));
    }
    const json::value* mark = hits.empty() ? nullptr : mortise::find_json(hits.back(), "_sort");
    const bool moves = mark && mark->is_array() && *mark != json::value(after);
    if (moves) {
        std::string next = position_text(*mark);
        co_await c.emit(std::move(events), std::move(next));
    } else if (!events.empty()) {
        co_await c.emit(std::move(events));
    }
    if (hits.size() < page_size) co_return true;
    if (!moves) {
        throw error(category::remote_protocol, "iconik.backfill.stuck",
                    "iconik's search does not tell where its next page begins.");
    }
    co_return false;
}

} // namespace iconik
