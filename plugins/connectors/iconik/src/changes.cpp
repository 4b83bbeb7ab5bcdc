// SPDX-License-Identifier: Apache-2.0
//
// The trigger "changes": webhooks as hints, the poll as proof.
#include "connector.hpp"
#include "hook.hpp"
#include "moment.hpp"

#include <mortise/sdk/instance.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

// The cursor: {"v":1, "assets" and "collections": microseconds up to which the index was read for
// each, "baseline": where this connection's history begins, "again": where the round over all
// assets has come to}.
struct connector::poll_position {
    std::int64_t assets = 0;
    std::int64_t collections = 0;
    std::int64_t baseline = 0;
    json::array again; // _sort of the last one; empty: at the beginning

    std::string text() const {
        json::object out;
        out["v"] = 1;
        out["assets"] = assets;
        out["collections"] = collections;
        out["baseline"] = baseline;
        out["again"] = again;
        return mortise::serialize_json(json::value(std::move(out)));
    }
    static poll_position read(const std::string& cursor) {
        mortise::parse_options options;
        options.blame = category::internal;
        options.what = "the cursor of the trigger";
        const json::value v = mortise::parse_json(cursor, options);
        if (mortise::require_int(v, "v", category::internal) != 1) {
            throw error(category::config, "iconik.changes.cursor",
                        "The trigger's cursor was written by a newer version of this plugin.");
        }
        poll_position p;
        p.assets = mortise::require_int(v, "assets", category::internal);
        p.collections = mortise::require_int(v, "collections", category::internal);
        p.baseline = mortise::require_int(v, "baseline", category::internal);
        p.again = mortise::require_array(v, "again", category::internal);
        return p;
    }
};

namespace {

std::int64_t overlap_of(const settings& s) {
    return std::chrono::duration_cast<std::chrono::microseconds>(s.poll_overlap).count();
}

// A page of the delete queue that is sorted as asked, newest first, and ends before that moment:
// the pages behind it are older still.
bool ends_before(const json::array& page, std::int64_t moment) {
    std::int64_t previous = std::numeric_limits<std::int64_t>::max();
    for (const auto& item : page) {
        const auto t = micros_of(text_at(item, "date_deleted"));
        if (!t || *t > previous) return false;
        previous = *t;
    }
    return previous < moment;
}

// The sender's message was good: our failure to read must not look like a refusal, so that it is
// delivered again.
error not_the_senders_fault(error e) {
    const bool ours = e.category == category::auth || e.category == category::denied ||
                      e.category == category::input || e.category == category::not_found ||
                      e.category == category::config;
    if (ours) {
        e.category = category::unavailable;
        e.context("reading what the webhook is about");
    }
    return e;
}

json::object sort_by(std::string_view name) {
    json::object out;
    out["name"] = name;
    out["order"] = "asc";
    return out;
}

json::object changed_since(const std::string& doc_type, const std::string& since) {
    json::object range;
    range["min"] = since;
    json::object term;
    term["name"] = "date_modified";
    term["range"] = std::move(range);
    json::object filter;
    filter["operator"] = "AND";
    filter["terms"] = json::array{std::move(term)};
    json::object criteria;
    criteria["doc_types"] = json::array{json::string(doc_type)};
    criteria["filter"] = std::move(filter);
    criteria["sort"] = json::array{sort_by("date_modified"), sort_by("id")};
    criteria["include_fields"] = json::array{"id", "date_modified", "object_type"};
    return criteria;
}

} // namespace

mortise::task<mortise::webhook_reply> connector::on_webhook(mortise::delivery_context& c,
                                                            mortise::webhook w) {
    if (!settings_.webhook_secret.empty()) {
        const std::string secret = in_.secrets().read(settings_.webhook_secret);
        if (!mortise::constant_time_equal(w.header(secret_header_lower), secret)) {
            throw error(category::auth, "iconik.webhook.secret",
                        "The webhook's header X-Mortise-Secret is missing or wrong.");
        }
    } else if (!settings_.allow_unauthenticated_webhooks) {
        throw error(category::auth, "iconik.webhook.no-secret",
                    "This connection takes no webhooks: set webhook_secret and send it in the "
                    "header X-Mortise-Secret.");
    }
    const json::value body = w.json();
    std::optional<click> clicked = read_click(body);
    if (clicked) {
        std::optional<error> failure;
        try {
            co_await take_click(c, std::move(*clicked));
        } catch (const error& e) {
            failure = e;
        }
        if (failure) throw not_the_senders_fault(std::move(*failure));
        co_return mortise::webhook_reply(202);
    }
    notice told = read_notice(body);
    const bool own = !settings_.ignore_user.empty() && told.hint.user_id == settings_.ignore_user;
    if (told.about == notice::target::none || own) co_return mortise::webhook_reply(202);
    try {
        const std::int64_t since = co_await webhook_baseline();
        const bool is_asset = told.about == notice::target::asset;
        co_await settle(c, is_asset, std::move(told.id), since, std::move(told.hint));
    } catch (error& e) {
        throw not_the_senders_fault(std::move(e));
    }
    co_return mortise::webhook_reply(202);
}

mortise::task<void> connector::on_poll(mortise::delivery_context& c, std::string cursor) {
    poll_position at;
    if (cursor.empty()) {
        at.baseline = micros_of(in_.time().now());
        if (const auto start = micros_of(settings_.start)) at.baseline = *start;
        at.assets = at.baseline;
        at.collections = at.baseline;
    } else {
        at = poll_position::read(cursor);
    }
    const auto stored = co_await in_.state().get("baseline");
    if (!stored || stored->value != json::value(at.baseline)) {
        co_await in_.state().put("baseline", json::value(at.baseline));
    }
    if (cursor.empty()) {
        // From here on nothing is missed, even if this first poll fails.
        co_await c.move_cursor(at.text());
    }
    // The views may have changed since the last poll.
    watched_views_.clear();
    view_ids_.clear();
    const std::int64_t deleted_since = at.assets - overlap_of(settings_);
    co_await poll_changed(c, at, "assets");
    co_await poll_collections(c, at);
    co_await poll_deleted(c, at, deleted_since);
    co_await poll_again(c, at);
    co_await look_after_webhooks(c);
}

mortise::task<void>
connector::poll_changed(mortise::delivery_context& c, poll_position& at, std::string doc_type) {
    const bool assets = doc_type == "assets";
    std::int64_t& read_to = assets ? at.assets : at.collections;
    // The index shows changes late and not in their order, so each poll looks back a little.
    const std::int64_t since = std::max(at.baseline, read_to - overlap_of(settings_));
    json::object criteria = changed_since(doc_type, search_date(since));
    const auto page_size = static_cast<std::size_t>(settings_.page_size);
    for (;;) {
        json::object page_criteria = criteria;
        const json::array hits =
            co_await client_.search_page(c, std::move(page_criteria), page_size);
        std::int64_t reached = read_to;
        for (const auto& hit : hits) {
            std::string id = text_at(hit, "id");
            if (!is_id(id)) continue;
            const std::string date = text_at(hit, "date_modified");
            if (const auto t = micros_of(date)) reached = std::max(reached, *t);
            if (assets) {
                const auto stored = co_await in_.state().get("asset/" + id);
                // Seen at this state or a later one: the index lags behind the objects.
                if (stored && canonical_date(date) <= text_at(stored->value, "modified")) continue;
            }
            co_await settle_or_skip(c, assets, std::move(id), at.baseline, hint());
        }
        if (reached > read_to) {
            read_to = reached;
            co_await c.move_cursor(at.text());
        }
        if (hits.size() < page_size) break;
        const json::value* mark = mortise::find_json(hits.back(), "_sort");
        if (!mark || !mark->is_array()) break;
        const json::value* last = criteria.if_contains("search_after");
        if (last && *last == *mark) break;
        criteria["search_after"] = *mark;
    }
}

mortise::task<void> connector::poll_collections(mortise::delivery_context& c, poll_position& at) {
    co_await poll_changed(c, at, "collections");
    for (const auto& id : settings_.watch_collections) {
        if (!is_id(id)) continue;
        std::string copy = id;
        co_await settle_or_skip(c, false, std::move(copy), at.baseline, hint());
        copy = id;
        co_await poll_contents(c, at, std::move(copy));
    }
}

mortise::task<void>
connector::poll_contents(mortise::delivery_context& c, poll_position& at, std::string id) {
    address url = client_.to("assets/v1/collections");
    url.part(id).part("contents").query("object_types", "assets");
    subject_of about("collection", "the contents of collection " + id);
    constexpr std::size_t most = 1'000'000;
    const json::array contents = co_await client_.list(c, std::move(url), std::move(about), most);
    std::set<std::string> inside;
    for (const auto& item : contents) {
        std::string asset = text_at(item, "id");
        const std::string type = text_at(item, "object_type");
        if (is_id(asset) && (type.empty() || type == "assets")) inside.insert(std::move(asset));
    }

    // What the records say is inside.
    const std::string prefix = "member/" + id + "/";
    std::set<std::string> recorded;
    std::string after;
    for (;;) {
        const auto page = co_await in_.state().list(prefix, after);
        for (const auto& entry : page) {
            if (!read_membership(entry.value).inside) continue;
            recorded.insert(entry.key.substr(prefix.size()));
        }
        if (page.size() < 1000) break;
        after = page.back().key;
    }

    std::string key = "collection/" + id;
    const auto stored = co_await in_.state().get(key);
    if (!stored) co_return; // the collection could not be read
    collection_record record = read_collection_record(stored->value);
    if (!record.listed) {
        // The first comparison: what is there was there before.
        for (const auto& asset : inside) {
            if (recorded.contains(asset)) continue;
            membership m;
            m.times = 1;
            m.inside = true;
            std::vector<state_change> changes;
            changes.push_back({prefix + asset, to_value(m), MORTISE_STATE_ABSENT});
            co_await keep(std::move(changes));
        }
        record.listed = true;
        std::vector<state_change> changes;
        changes.push_back({std::move(key), to_value(record), stored->version});
        co_await keep(std::move(changes));
        co_return;
    }

    std::vector<std::string> moved;
    std::set_symmetric_difference(inside.begin(), inside.end(), recorded.begin(), recorded.end(),
                                  std::back_inserter(moved));
    for (auto& asset : moved) {
        // Named, so that it is an event also for an asset without a record. The asset itself says
        // whether it is in or out: the listing may be older.
        hint h;
        h.what = claim::contents;
        h.collection_id = id;
        co_await settle_or_skip(c, true, std::move(asset), at.baseline, std::move(h));
    }
}

mortise::task<void>
connector::poll_deleted(mortise::delivery_context& c, poll_position& at, std::int64_t since) {
    address url = client_.to("assets/v1/delete_queue/assets");
    url.query("sort", "date_deleted,desc");
    const subject_of about("delete-queue", "the delete queue");
    const auto page_size = static_cast<std::size_t>(settings_.page_size);
    constexpr int most_pages = 10'000;
    for (int page = 1; page <= most_pages; ++page) {
        const auto queue = co_await client_.page_of(c, url, about, page, page_size);
        if (!queue) break;
        for (const auto& item : queue->objects) {
            std::string id = text_at(item, "id");
            if (!is_id(id)) continue;
            const std::string date = text_at(item, "date_deleted");
            const auto stored = co_await in_.state().get("asset/" + id);
            if (stored && text_at(stored->value, "deleted") == canonical_date(date)) continue;
            if (!stored) {
                const auto t = micros_of(date);
                if (t && *t < at.baseline) continue;
            }
            co_await settle_or_skip(c, true, std::move(id), at.baseline, hint());
        }
        if (queue->last || ends_before(queue->objects, since)) break;
    }
}

mortise::task<void> connector::poll_again(mortise::delivery_context& c, poll_position& at) {
    if (settings_.recheck_per_poll == 0) co_return;
    const auto many = static_cast<std::size_t>(settings_.recheck_per_poll);
    json::object criteria;
    criteria["doc_types"] = json::array{"assets"};
    criteria["sort"] = json::array{sort_by("id")};
    criteria["include_fields"] = json::array{"id"};
    if (!at.again.empty()) criteria["search_after"] = at.again;
    const json::array hits = co_await client_.search_page(c, std::move(criteria), many);
    for (const auto& hit : hits) {
        std::string id = text_at(hit, "id");
        if (!is_id(id)) continue;
        if (const json::value* mark = mortise::find_json(hit, "_sort"); mark && mark->is_array()) {
            at.again = mark->get_array();
        }
        co_await settle_or_skip(c, true, std::move(id), at.baseline, hint());
    }
    if (hits.size() < many) at.again.clear();
    co_await c.move_cursor(at.text());
}

} // namespace iconik
