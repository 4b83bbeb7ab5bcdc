// SPDX-License-Identifier: Apache-2.0
//
// The trigger "changes" walked from end to end: every business workspace of the watched types, then
// every item with a watched category, then every document in workspaces of the types watched for
// documents, as if they had been watched from their beginning. The events are those that the poll
// makes, so what was seen already is dropped by its id; what the poll knows is left as it is.
#include "connector.hpp"
#include "content_server/paging.hpp"
#include "content_server/text.hpp"

#include <algorithm>
#include <utility>

namespace xecm_workspaces {

using content_server::int_at;
using content_server::object_part;
using content_server::plain_date;
using content_server::subject;
using content_server::text_at;
using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

// Each workspace costs several requests, and a page must be done before the host gives it up.
constexpr std::size_t page_size = 25;

// Beside ids of workspace types, which are digits or nothing.
constexpr std::string_view items_kind = "items";
constexpr std::string_view documents_kind = "documents";

struct walk {
    std::int64_t type = 0; // place among the kinds
    std::int64_t page = 1; // to be read next
    std::int64_t last = 0; // id of the page before's last item

    std::string text() const {
        object o;
        o["v"] = 1;
        o["type"] = type;
        o["page"] = page;
        o["last"] = last;
        return mortise::serialize_json(o);
    }
    static walk read(const std::string& text) {
        walk out;
        if (text.empty()) return out;
        mortise::parse_options options;
        options.blame = category::internal;
        options.what = "the position of the backfill";
        const json::value v = mortise::parse_json(text, options);
        if (mortise::require_int(v, "v", category::internal) != 1) {
            throw error(category::config, "xecm.backfill.position",
                        "The backfill's position was written by a newer version of this plugin.");
        }
        out.type = mortise::require_int(v, "type", category::internal);
        out.page = mortise::require_int(v, "page", category::internal);
        out.last = mortise::require_int(v, "last", category::internal);
        return out;
    }
};

} // namespace

task<std::vector<std::string>> connector::backfill_kinds(context& c) {
    std::vector<std::string> out = co_await watched_type_ids(c);
    if (!settings_.watch_node_categories.empty()) out.emplace_back(items_kind);
    if (!settings_.watch_documents_in.empty()) out.emplace_back(documents_kind);
    co_return std::move(out);
}

task<connector::workspace_page>
connector::backfill_search_page(context& c, std::string where, std::int64_t page) {
    object fields;
    fields["where"] = where;
    fields["lookfor"] = "complexquery";
    // The date of creation stays, so pages move only where something is deleted.
    fields["sort"] = "asc_OTCreateDate";
    fields["page"] = page;
    fields["limit"] = page_size;
    json::value body(std::move(fields));
    subject about("search", "the search for watched items");
    const json::value answer =
        co_await client_.query(c, client_.at("v2/search").str(), std::move(body), std::move(about));
    content_server::pager pages(page_size, page_size + 1, page);
    json::array items;
    pages.take(answer, items);
    workspace_page out;
    out.last = !pages.more();
    std::vector<std::int64_t> ids;
    for (const auto& properties : content_server::properties_of(items))
        ids.push_back(int_at(properties, "id"));
    if (ids.empty()) co_return std::move(out);
    auto found = co_await read_nodes(c, ids);
    for (const std::int64_t id : ids) {
        const auto it = std::find_if(found.begin(), found.end(),
                                     [id](const object& o) { return int_at(o, "id") == id; });
        // One that is only in the index any more still marks its place on the page.
        object gone;
        gone["id"] = id;
        out.items.push_back(it == found.end() ? std::move(gone) : std::move(*it));
    }
    co_return std::move(out);
}

task<connector::workspace_page>
connector::backfill_page(context& c, std::string kind, std::int64_t page) {
    if (kind == items_kind) {
        std::string where = co_await watch_query(c);
        co_return co_await backfill_search_page(c, std::move(where), page);
    }
    if (kind == documents_kind) {
        co_return co_await backfill_search_page(c, "OTSubType:144", page);
    }
    mortise::url url = list_url();
    if (!kind.empty()) url.query("where_workspace_type_id", kind);
    url.query("sort", "asc_name");
    url.query("limit", std::to_string(page_size)).query("page", std::to_string(page));
    subject about("workspace", "the list of workspaces");
    const json::value answer = co_await client_.get(c, url.str(), std::move(about));
    // One read of one page; whether there are more is the pager's to say.
    content_server::pager pages(page_size, page_size + 1, page);
    json::array items;
    pages.take(answer, items);
    workspace_page out;
    for (const auto& item : items)
        out.items.push_back(object_part(item, "data.properties"));
    out.last = !pages.more();
    co_return std::move(out);
}

task<std::vector<mortise::event>>
connector::backfill_events(context& c, std::string kind, object properties) {
    std::vector<mortise::event> events;
    const std::int64_t id = int_at(properties, "id");
    const std::string created = plain_date(text_at(properties, "create_date"));
    const std::string changed = plain_date(text_at(properties, "modify_date"));
    if (changed.empty()) co_return std::move(events); // deleted or hidden
    if (kind == items_kind) {
        auto seen = co_await look_at_node(c, std::move(properties));
        if (!seen || seen->values.empty()) co_return std::move(events);
        const std::int64_t owner = co_await owner_if_any(c, id);
        if (owner != 0) seen->data["workspace_id"] = owner;
        events.push_back(make_event("xecm.node.changed", "node-changed", id,
                                    changed + '#' + seen->facts, std::move(seen->data)));
        co_return std::move(events);
    }
    if (kind == documents_kind) {
        try {
            const auto workspace = co_await watched_owner(c, id);
            if (!workspace) co_return std::move(events);
            content_server::version_list which;
            which.id = id;
            const object listed = co_await list_versions(c, std::move(which));
            events =
                document_events(properties, *workspace, listed.at("versions").as_array(), true);
        } catch (const error& e) {
            if (e.category != category::not_found) throw;
        }
        co_return std::move(events);
    }
    std::optional<seen_workspace> seen = co_await look_at_workspace(c, std::move(properties));
    if (!seen) co_return std::move(events);
    events.push_back(make_event("xecm.workspace.created", "workspace-created", id, {}, seen->data));
    if (changed != created) {
        events.push_back(make_event("xecm.workspace.changed", "workspace-changed", id,
                                    changed + '#' + seen->facts, std::move(seen->data)));
    }
    co_return std::move(events);
}

task<bool> connector::on_backfill(mortise::delivery_context& c, std::string text) {
    walk at = walk::read(text);
    const std::vector<std::string> types = co_await backfill_kinds(c);
    if (at.type < 0 || at.type >= static_cast<std::int64_t>(types.size())) co_return true;
    const std::string type = types[static_cast<std::size_t>(at.type)];
    // Pages move up when a workspace before them is deleted or renamed. The page before must still
    // end where it did; else the walk steps back to where its last item is now, or to the
    // beginning.
    bool past_the_end = false;
    while (at.page > 1) {
        const workspace_page before = co_await backfill_page(c, type, at.page - 1);
        past_the_end = before.last;
        const auto found =
            std::find_if(before.items.begin(), before.items.end(),
                         [&](const object& o) { return int_at(o, "id") == at.last; });
        if (found != before.items.end()) {
            if (std::next(found) != before.items.end() || past_the_end) --at.page;
            break;
        }
        --at.page;
    }
    const workspace_page page = co_await backfill_page(c, type, at.page);
    std::vector<mortise::event> events;
    for (const auto& properties : page.items) {
        object listed = properties;
        auto some = co_await backfill_events(c, type, std::move(listed));
        for (auto& one : some)
            events.push_back(std::move(one));
    }
    walk next = at;
    if (page.last) {
        next = walk();
        next.type = at.type + 1;
    } else {
        next.page = at.page + 1;
        next.last = int_at(page.items.back(), "id");
    }
    const bool done = next.type >= static_cast<std::int64_t>(types.size());
    std::string position = next.text();
    co_await c.emit(std::move(events), std::move(position));
    co_return done;
}

} // namespace xecm_workspaces
