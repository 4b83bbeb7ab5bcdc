// SPDX-License-Identifier: Apache-2.0
//
// Changes of workspaces: lists of the watched types, newest change first. Whether a change matters
// is decided by the fingerprint of name, business objects and watched attributes.
#include "connector.hpp"
#include "content_server/paging.hpp"
#include "content_server/text.hpp"

#include <algorithm>

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

std::string changed_at(const object& properties) {
    return plain_date(text_at(properties, "modify_date"));
}

} // namespace

task<void> connector::on_poll(mortise::delivery_context& c, std::string cursor) {
    position at = position::from_text(cursor);
    if (!at.started && !cursor.empty()) {
        in_.log().warn("the position of this trigger cannot be read; watching begins anew");
    }
    co_await poll_workspaces(c, at);
    if (!settings_.watch_node_categories.empty()) co_await poll_nodes(c, at);
    if (!settings_.watch_workflow_maps.empty()) co_await poll_workflows(c, at);
    if (!settings_.watch_documents_in.empty()) co_await poll_documents(c, at);
    std::string now = at.text();
    if (now != cursor) co_await c.move_cursor(std::move(now));
}

task<std::vector<std::string>> connector::watched_type_ids(context& c) {
    std::vector<std::string> types;
    for (const auto& name : settings_.watch_workspace_types) {
        const workspace_type known = co_await type_named(c, name, category::config);
        types.push_back(std::to_string(known.id));
    }
    if (types.empty()) types.emplace_back(); // one list of all
    co_return std::move(types);
}

task<connector::scan> connector::changed_since(context& c, std::string since) {
    const std::vector<std::string> types = co_await watched_type_ids(c);
    scan out;
    for (const auto& type : types) {
        mortise::url url = list_url();
        if (!type.empty()) url.query("where_workspace_type_id", type);
        url.query("sort", "desc_modify_date");
        content_server::pager pages(100, 1'000'000);
        json::array items;
        std::size_t looked_at = 0;
        std::string last;
        bool sorted = true;
        bool older = false;
        // The order is not promised: where it is not kept, every page is read.
        while (pages.more() && !(sorted && older)) {
            mortise::url one = url;
            one.query("limit", std::to_string(pages.page_size()));
            one.query("page", std::to_string(pages.page()));
            subject about("workspace", "the list of workspaces");
            const json::value answer = co_await client_.get(c, one.str(), std::move(about));
            pages.take(answer, items);
            for (; looked_at < items.size(); ++looked_at) {
                const object& properties = object_part(items[looked_at], "data.properties");
                const std::string date = changed_at(properties);
                if (!last.empty() && date > last) sorted = false;
                last = date;
                out.newest = std::max(out.newest, date);
                older = date < since;
                if (!older) out.items.push_back(properties);
            }
        }
    }
    // Events come in the order of the changes.
    std::sort(out.items.begin(), out.items.end(), [](const object& a, const object& b) {
        const auto x = changed_at(a);
        const auto y = changed_at(b);
        return x != y ? x < y : int_at(a, "id") < int_at(b, "id");
    });
    co_return out;
}

task<void> connector::poll_workspaces(mortise::delivery_context& c, position& at) {
    if (!at.started) {
        // Takes stock: what is there now is no news. Nothing is as new as this, so the first page
        // of a sorted list tells the newest date.
        const scan first = co_await changed_since(c, "~");
        at.since = at.baseline = first.newest;
        if (first.newest.empty()) co_return;
        // More may happen within that second.
        const scan newest = co_await changed_since(c, first.newest);
        for (const auto& properties : newest.items) {
            co_await settle_workspace(c, properties, std::nullopt);
        }
        co_return;
    }
    const auto overlap = static_cast<std::int64_t>(settings_.poll_overlap.count());
    const scan changed = co_await changed_since(c, content_server::earlier(at.since, overlap));
    for (const auto& properties : changed.items) {
        // What changed last before watching began is no news, however far the poll looks back.
        if (changed_at(properties) < at.baseline) continue;
        co_await settle_workspace(c, properties, at.baseline);
    }
    at.since = std::max(at.since, changed.newest);
}

task<std::optional<connector::seen_workspace>> connector::look_at_workspace(context& c,
                                                                            object properties) {
    const std::int64_t id = int_at(properties, "id");
    object workspace;
    object values;
    try {
        workspace = co_await read_workspace(c, id);
        values = co_await watched_values(c, id, settings_.watch_workspace_categories);
    } catch (const error& e) {
        // Deleted or hidden since it was listed.
        if (e.category != category::not_found) throw;
        co_return std::nullopt;
    }
    seen_workspace out;
    for (const char* name : {"id", "type", "name", "parent_id", "type_name", "business_objects"}) {
        if (const auto* v = workspace.if_contains(name)) out.data[name] = *v;
    }
    out.data["categories"] = values;
    if (const auto user = int_at(properties, "modify_user_id"); user != 0)
        out.data["changed_by"] = user;
    out.data["changed_at"] = text_at(properties, "modify_date");
    object facts;
    facts["name"] = out.data["name"];
    facts["business_objects"] = out.data["business_objects"];
    facts["categories"] = std::move(values);
    out.facts = content_server::fingerprint(mortise::serialize_json(json::value(std::move(facts))));
    co_return std::move(out);
}

task<void> connector::settle_workspace(mortise::delivery_context& c,
                                       object properties,
                                       std::optional<std::string> baseline) {
    const std::int64_t id = int_at(properties, "id");
    const std::string date = changed_at(properties);
    const std::string key = workspace_key(id);
    const auto known = co_await recall(key);
    const bool same_date = known && known->changed_at == date;
    if (same_date && known->reads >= enough_reads) co_return;

    object listed = properties;
    std::optional<seen_workspace> seen = co_await look_at_workspace(c, std::move(listed));
    if (!seen) co_return;
    object data = std::move(seen->data);
    known_object now;
    now.changed_at = date;
    now.facts = std::move(seen->facts);
    count_read(now, same_date ? &*known : nullptr, in_.time().now());

    if (baseline && (!known || known->facts != now.facts)) {
        const bool created = !known && plain_date(text_at(properties, "create_date")) >= *baseline;
        mortise::event one =
            created ? make_event("xecm.workspace.created", "workspace-created", id, {}, data)
                    : make_event("xecm.workspace.changed", "workspace-changed", id,
                                 date + '#' + now.facts, data);
        co_await c.emit(std::move(one));
    }
    now.data = std::move(data);
    co_await remember(key, std::move(now));
}

} // namespace xecm_workspaces
