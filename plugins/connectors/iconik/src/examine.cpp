// SPDX-License-Identifier: Apache-2.0
//
// Reads the facts about one object and the records of it, and settles the difference: emit first,
// then keep the record, so that a crash in between repeats events (which the host drops) and loses
// none.
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

constexpr std::size_t most_default_views = 8;

std::string asset_key(const std::string& id) {
    return "asset/" + id;
}
std::string collection_key(const std::string& id) {
    return "collection/" + id;
}
std::string member_key(const std::string& collection, const std::string& asset) {
    return "member/" + collection + "/" + asset;
}

} // namespace

mortise::task<std::vector<std::string>> connector::watched_views(context& c) {
    if (!watched_views_.empty()) co_return watched_views_;
    std::vector<std::string> out;
    if (settings_.metadata_views.empty()) {
        const json::array views = co_await all_views(c);
        for (const auto& view : views) {
            const std::string id = text_at(view, "id");
            if (out.size() < most_default_views && is_id(id)) out.push_back(id);
        }
        if (views.size() > most_default_views) {
            in_.log().warn("Only the first 8 of " + std::to_string(views.size()) +
                           " metadata views are watched; name them in metadata_views");
        }
    }
    for (const auto& name : settings_.metadata_views) {
        std::string view = name;
        view = co_await view_id(c, std::move(view), category::config);
        out.push_back(std::move(view));
    }
    watched_views_ = out;
    co_return std::move(out);
}

mortise::task<std::map<std::string, std::string>>
connector::metadata_dates(context& c, std::string type, std::string id) {
    std::map<std::string, std::string> out;
    const std::vector<std::string> views = co_await watched_views(c);
    for (const auto& view : views) {
        std::string type_copy = type;
        std::string id_copy = id;
        std::string view_copy = view;
        const json::object values = co_await read_metadata(
            c, std::move(type_copy), std::move(id_copy), std::move(view_copy));
        std::string date = text_at(values, "date_modified");
        if (!date.empty()) out.emplace(view, std::move(date));
    }
    co_return std::move(out);
}

mortise::task<asset_facts> connector::read_asset_facts(context& c, std::string id, bool comments) {
    address url = client_.to("assets/v1/assets");
    std::string text = url.part(id).query("include_collections", "true").str();
    subject_of about("asset", "asset " + id);
    const auto answer = co_await client_.find(c, std::move(text), std::move(about));
    asset_facts out;
    if (!answer) {
        out.id = id;
        out.gone = true;
        co_return std::move(out);
    }
    out = facts_of(mortise::require_object(*answer, ""));
    out.id = id;
    if (out.status == "DELETED") co_return std::move(out);
    for (auto& collection : ids_in(*answer, "in_collections")) {
        if (is_id(collection)) out.collections.push_back(std::move(collection));
    }
    std::string copy = id;
    const auto request = co_await read_approval(c, std::move(copy), std::string());
    if (request) {
        approval_fact a;
        a.status = text_at(*request, "status");
        a.version_id = text_at(*request, "version_id");
        if (a.version_id.empty()) a.version_id = current_version(out.versions);
        a.date = text_at(*request, "change_date");
        if (a.date.empty()) a.date = text_at(*request, "request_date");
        if (!a.status.empty()) out.approval = std::move(a);
    }
    copy = id;
    out.metadata = co_await metadata_dates(c, "assets", std::move(copy));
    if (comments) {
        const json::array all = co_await read_segments(c, std::move(id), "COMMENT", "*", 100'000);
        out.comments.emplace();
        for (const auto& segment : all) {
            comment_fact one;
            one.id = text_at(segment, "id");
            one.text = text_at(segment, "segment_text");
            one.user = text_at(segment, "user_id");
            one.version_id = text_at(segment, "version_id");
            one.date = text_at(segment, "date_created");
            one.parent_id = text_at(segment, "parent_id");
            one.time_start_ms = number_at(segment, "time_start_milliseconds");
            if (!one.id.empty() && !one.date.empty()) out.comments->push_back(std::move(one));
        }
    }
    co_return std::move(out);
}

mortise::task<collection_facts> connector::read_collection_facts(context& c, std::string id) {
    address url = client_.to("assets/v1/collections");
    std::string text = url.part(id).str();
    subject_of about("collection", "collection " + id);
    const json::value answer = co_await client_.get(c, std::move(text), std::move(about));
    collection_facts out;
    out.id = id;
    out.title = text_at(answer, "title");
    out.metadata = co_await metadata_dates(c, "collections", std::move(id));
    co_return std::move(out);
}

mortise::task<connector::examined>
connector::examine_asset(context& c, std::string id, std::int64_t since, hint h) {
    // Records first: what another examination keeps after this is then seen as a conflict.
    const auto stored = co_await in_.state().get(asset_key(id));
    asset_record before;
    if (stored) before = read_asset_record(stored->value);
    std::string copy = id;
    const bool comments = settings_.watch_comments || h.what == claim::comment;
    const asset_facts now = co_await read_asset_facts(c, std::move(copy), comments);

    std::vector<std::string> places = now.collections;
    places.insert(places.end(), before.collections.begin(), before.collections.end());
    if (!h.collection_id.empty()) places.push_back(h.collection_id);
    std::map<std::string, membership> memberships;
    std::map<std::string, std::uint64_t> versions;
    for (const auto& place : places) {
        if (memberships.contains(place)) continue;
        const auto member = co_await in_.state().get(member_key(place, id));
        memberships[place] = member ? read_membership(member->value) : membership();
        versions[place] = member ? member->version : MORTISE_STATE_ABSENT;
    }

    asset_outcome outcome = derive(now, before, memberships, since, h);
    examined out;
    out.events = std::move(outcome.events);
    for (const auto& [place, member] : outcome.memberships) {
        out.changes.push_back({member_key(place, id), to_value(member), versions[place]});
    }
    json::value record = to_value(outcome.record);
    if (!stored || stored->value != record) {
        out.changes.push_back(
            {asset_key(id), std::move(record), stored ? stored->version : MORTISE_STATE_ABSENT});
    }
    co_return std::move(out);
}

mortise::task<connector::examined>
connector::examine_collection(context& c, std::string id, std::int64_t since, hint h) {
    const auto stored = co_await in_.state().get(collection_key(id));
    collection_record before;
    if (stored) before = read_collection_record(stored->value);
    std::string copy = id;
    const collection_facts now = co_await read_collection_facts(c, std::move(copy));
    collection_outcome outcome = derive(now, before, since, h);
    examined out;
    out.events = std::move(outcome.events);
    json::value record = to_value(outcome.record);
    if (!stored || stored->value != record) {
        out.changes.push_back({collection_key(id), std::move(record),
                               stored ? stored->version : MORTISE_STATE_ABSENT});
    }
    co_return std::move(out);
}

mortise::task<bool> connector::keep(std::vector<state_change> changes) {
    for (auto& change : changes) {
        try {
            co_await in_.state().put(std::move(change.key), std::move(change.value),
                                     change.expected);
        } catch (const error& e) {
            if (e.category != category::conflict) throw;
            co_return false;
        }
    }
    co_return true;
}

mortise::task<void> connector::settle(
    mortise::delivery_context& c, bool is_asset, std::string id, std::int64_t since, hint h) {
    // Two examinations of one object at a time are rare, more are a storm of webhooks about it;
    // then whoever comes last has the whole truth, and the next poll compares again.
    for (int round = 1; round <= 4; ++round) {
        std::string copy = id;
        hint h_copy = h;
        examined seen;
        if (is_asset) {
            seen = co_await examine_asset(c, std::move(copy), since, std::move(h_copy));
        } else {
            seen = co_await examine_collection(c, std::move(copy), since, std::move(h_copy));
        }
        if (!seen.events.empty()) co_await c.emit(std::move(seen.events));
        const bool kept = co_await keep(std::move(seen.changes));
        if (kept) co_return;
    }
    in_.log().debug("The record of " + id + " is being changed by others; left to the next poll");
}

mortise::task<void> connector::settle_or_skip(
    mortise::delivery_context& c, bool is_asset, std::string id, std::int64_t since, hint h) {
    std::optional<error> failure;
    try {
        std::string copy = id;
        co_await settle(c, is_asset, std::move(copy), since, std::move(h));
    } catch (const error& e) {
        failure = e;
    }
    if (!failure) co_return;
    switch (failure->category) {
    case category::denied:
    case category::not_found:
    case category::input:
    case category::remote_protocol: {
        // It would fail again at every poll and keep all others waiting.
        json::object fields;
        fields["object"] = id;
        fields["code"] = failure->code;
        in_.log().warn("Changes of an object cannot be read and are skipped: " + failure->message,
                       fields);
        co_return;
    }
    default:
        throw *failure;
    }
}

mortise::task<std::int64_t> connector::webhook_baseline() {
    const auto stored = co_await in_.state().get("baseline");
    if (stored) co_return mortise::require_int(stored->value, "", category::internal);
    // No poll has run yet.
    const auto day_ago = in_.time().now() - std::chrono::hours(24);
    co_return micros_of(day_ago);
}

} // namespace iconik
