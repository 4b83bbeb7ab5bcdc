// SPDX-License-Identifier: Apache-2.0
//
// The trigger "changes" walked from end to end: every business workspace of the watched types, as
// if it had been watched from its beginning. The events are those that the poll makes, so what was
// seen already is dropped by its id; what the poll knows is left as it is.
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

struct walk {
    std::int64_t type = 0; // place among the watched types
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

task<connector::workspace_page>
connector::backfill_page(context& c, std::string type, std::int64_t page) {
    mortise::url url = list_url();
    if (!type.empty()) url.query("where_workspace_type_id", type);
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

task<bool> connector::on_backfill(mortise::delivery_context& c, std::string text) {
    walk at = walk::read(text);
    const std::vector<std::string> types = co_await watched_type_ids(c);
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
        const std::int64_t id = int_at(properties, "id");
        object listed = properties;
        std::optional<seen_workspace> seen = co_await look_at_workspace(c, std::move(listed));
        if (!seen) continue;
        const std::string created = plain_date(text_at(properties, "create_date"));
        const std::string changed = plain_date(text_at(properties, "modify_date"));
        events.push_back(
            make_event("xecm.workspace.created", "workspace-created", id, {}, seen->data));
        if (changed != created) {
            events.push_back(make_event("xecm.workspace.changed", "workspace-changed", id,
                                        changed + '#' + seen->facts, std::move(seen->data)));
        }
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
