// SPDX-License-Identifier: Apache-2.0
//
// Changes of items that carry a watched category. The search finds items not known yet; it lags
// behind and shows no deletions, so the known ones are looked at directly, in turn.
#include "connector.hpp"
#include "content_server/text.hpp"

#include <algorithm>

namespace xecm_workspaces {

using content_server::int_at;
using content_server::object_part;
using content_server::part;
using content_server::plain_date;
using content_server::subject;
using content_server::text_at;
using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

constexpr std::int64_t page_size = 100;
constexpr std::size_t block_size = 250;
constexpr std::int64_t most_pages = 1000;

object event_data(const object& properties) {
    object out;
    for (const char* name : {"id", "type", "parent_id"})
        out[name] = int_at(properties, name);
    for (const char* name : {"name", "type_name"})
        out[name] = text_at(properties, name);
    if (const auto user = int_at(properties, "modify_user_id"); user != 0) out["changed_by"] = user;
    out["changed_at"] = text_at(properties, "modify_date");
    return out;
}

} // namespace

task<std::optional<known_object>> connector::recall(std::string key) {
    const auto stored = co_await in_.state().get(std::move(key));
    if (!stored) co_return std::nullopt;
    co_return std::optional<known_object>(known_object::from_json(stored->value));
}

task<void> connector::remember(std::string key, known_object what) {
    json::value value = what.to_json();
    co_await in_.state().put(std::move(key), std::move(value));
}

task<std::vector<connector::known_node>> connector::known_under(std::string prefix) {
    std::vector<known_node> out;
    for (std::string after;;) {
        const auto some = co_await in_.state().list(prefix, after, 1000);
        for (const auto& one : some) {
            known_node node;
            node.key = one.key;
            node.object = known_object::from_json(one.value);
            out.push_back(std::move(node));
        }
        if (some.size() < 1000) co_return out;
        after = some.back().key;
    }
}

task<object>
connector::watched_values(context& c, std::int64_t node, std::vector<std::string> watched) {
    const auto applied = co_await read_categories(c, node);
    object out;
    for (const auto& one : applied) {
        const auto& d = one.definition;
        const std::string id = std::to_string(d.id);
        const bool wanted =
            watched.empty() || std::any_of(watched.begin(), watched.end(), [&](const auto& w) {
                return w == id || content_server::equal_ignoring_case(w, d.name);
            });
        if (wanted) out[d.name] = d.by_name(one.values);
    }
    co_return out;
}

task<std::string> connector::watch_query(context& c) {
    if (!watch_query_.empty()) co_return watch_query_;
    const json::value answer = co_await client_.get(c, client_.at("v1/regions").str(),
                                                    subject("search", "the search regions"));
    const json::array& regions = mortise::require_array(answer, "data");
    std::string query;
    for (const auto& name : settings_.watch_node_categories) {
        const std::int64_t id = co_await category_id(c, name, category::config);
        const std::string prefix = "Attr_" + std::to_string(id) + '_';
        // One filled attribute is enough to be found; a query has its limits.
        std::size_t used = 0;
        for (const auto& region : regions) {
            const auto* o = region.if_object();
            const std::string region_name = o ? text_at(*o, "name") : std::string();
            if (!region_name.starts_with(prefix) || used == 8) continue;
            if (!query.empty()) query += " OR ";
            query += region_name + ":*";
            ++used;
        }
        if (used == 0) {
            throw error(category::config, "xecm.category.not-searchable",
                        "No attribute of the category \"" + name +
                            "\" is in the search index, so its items cannot be watched; let the "
                            "administrator add one to the index, or take the category out of "
                            "watch_node_categories.");
        }
    }
    watch_query_ = query;
    co_return query;
}

task<connector::search_page> connector::watched_page(context& c, std::int64_t page) {
    object fields;
    fields["where"] = co_await watch_query(c);
    fields["lookfor"] = "complexquery";
    fields["sort"] = "desc_OTObjectDate";
    fields["page"] = page;
    fields["limit"] = page_size;
    json::value body(std::move(fields));
    const json::value answer =
        co_await client_.query(c, client_.at("v2/search").str(), std::move(body),
                               subject("search", "the search for watched items"));
    search_page out;
    const json::value* paging = part(answer, "collection.paging");
    const auto* p = paging ? paging->if_object() : nullptr;
    // A page past the end is answered with another one.
    if (p && p->contains("page") && int_at(*p, "page") != page) co_return out;
    for (const auto& properties :
         content_server::properties_of(mortise::require_array(answer, "results"))) {
        out.ids.push_back(int_at(properties, "id"));
    }
    const std::int64_t total = p ? int_at(*p, "page_total") : 0;
    out.last = total > 0 ? page >= total : out.ids.size() < static_cast<std::size_t>(page_size);
    co_return out;
}

task<void> connector::poll_nodes(mortise::delivery_context& c, position& at) {
    if (!at.items_started) {
        co_await take_stock_of_nodes(c);
        at.items_started = true;
        co_return;
    }
    const auto known = co_await known_under("node/");
    std::set<std::int64_t> ids;
    for (const auto& one : known)
        ids.insert(id_of_key(one.key));

    // Goes on where the last poll stopped, once around at most.
    std::size_t from = 0;
    while (from < known.size() && known[from].key <= at.after)
        ++from;
    if (from == known.size()) from = 0;
    const std::size_t to =
        std::min(known.size(), from + static_cast<std::size_t>(settings_.recheck_per_poll));
    for (std::size_t block = from; block < to; block += block_size) {
        const std::size_t end = std::min(to, block + block_size);
        std::vector<std::int64_t> asked;
        for (std::size_t i = block; i < end; ++i)
            asked.push_back(id_of_key(known[i].key));
        const auto found = co_await read_nodes(c, std::move(asked));
        for (std::size_t i = block; i < end; ++i) {
            const std::int64_t id = id_of_key(known[i].key);
            const auto it = std::find_if(found.begin(), found.end(),
                                         [id](const object& o) { return int_at(o, "id") == id; });
            if (it == found.end()) {
                co_await settle_missing(c, id, known[i].object);
            } else {
                co_await settle_node(c, *it, known[i].object);
            }
        }
    }
    at.after = to < known.size() ? known[to - 1].key : std::string();
    co_await discover_nodes(c, at, std::move(ids));
}

task<void> connector::take_stock_of_nodes(context& c) {
    for (std::int64_t page = 1; page <= most_pages; ++page) {
        search_page hits = co_await watched_page(c, page);
        const auto found = co_await read_nodes(c, std::move(hits.ids));
        for (const auto& properties : found) {
            known_object now;
            now.changed_at = plain_date(text_at(properties, "modify_date"));
            now.reads = enough_reads;
            now.data = event_data(properties);
            co_await remember(node_key(int_at(properties, "id")), std::move(now));
        }
        if (hits.last) break;
    }
}

task<void> connector::discover_nodes(mortise::delivery_context& c,
                                     position& at,
                                     std::set<std::int64_t> known) {
    const auto strangers = [&known](const search_page& page) {
        std::vector<std::int64_t> out;
        for (const auto id : page.ids) {
            if (known.insert(id).second) out.push_back(id);
        }
        return out;
    };
    std::int64_t page = 1;
    bool last = false;
    for (; page <= most_pages && !last; ++page) {
        const search_page hits = co_await watched_page(c, page);
        last = hits.last;
        auto fresh = strangers(hits);
        if (fresh.empty()) break;
        co_await settle_strangers(c, std::move(fresh));
    }
    // One page further behind each time: an item with an old date may have got the category now.
    if (last) {
        at.deep_page = 2;
        co_return;
    }
    const std::int64_t deep = std::max(at.deep_page, page + 1);
    const search_page hits = co_await watched_page(c, deep);
    auto fresh = strangers(hits);
    co_await settle_strangers(c, std::move(fresh));
    at.deep_page = hits.last || deep >= most_pages ? 2 : deep + 1;
}

task<void> connector::settle_strangers(mortise::delivery_context& c,
                                       std::vector<std::int64_t> ids) {
    const auto found = co_await read_nodes(c, std::move(ids));
    for (const auto& properties : found) {
        known_object none;
        co_await settle_node(c, properties, std::move(none));
    }
}

task<std::optional<connector::seen_node>> connector::look_at_node(context& c, object properties) {
    const std::int64_t id = int_at(properties, "id");
    seen_node out;
    try {
        out.values = co_await watched_values(c, id, settings_.watch_node_categories);
    } catch (const error& e) {
        // Gone just now: the next poll says so.
        if (e.category != category::not_found) throw;
        co_return std::nullopt;
    }
    out.data = event_data(properties);
    object facts;
    for (const char* name : {"name", "parent_id"})
        facts[name] = out.data[name];
    for (const char* name : {"url", "description"})
        facts[name] = text_at(properties, name);
    facts["categories"] = out.values;
    out.facts = content_server::fingerprint(mortise::serialize_json(json::value(std::move(facts))));
    out.data["categories"] = out.values;
    co_return std::optional<seen_node>(std::move(out));
}

task<std::int64_t> connector::owner_if_any(context& c, std::int64_t node) {
    try {
        co_return co_await owner_of(c, node);
    } catch (const error& e) {
        if (e.category != category::not_found) throw;
    }
    co_return 0;
}

task<void>
connector::settle_node(mortise::delivery_context& c, object properties, known_object known) {
    const std::int64_t id = int_at(properties, "id");
    const std::string date = plain_date(text_at(properties, "modify_date"));
    const bool same_date = known.changed_at == date;
    if (same_date && known.reads >= enough_reads) co_return;
    object listed = properties;
    const auto seen = co_await look_at_node(c, std::move(listed));
    if (!seen) co_return;
    const bool is_new = known.changed_at.empty();
    // The index may be late with an item that has lost its category.
    if (is_new && seen->values.empty()) co_return;

    object data = seen->data;
    known_object now;
    now.changed_at = date;
    now.facts = seen->facts;
    count_read(now, same_date ? &known : nullptr, in_.time().now());
    const bool changed = is_new || (known.facts.empty() ? !same_date : known.facts != now.facts);
    const auto* workspace = known.data.if_contains("workspace_id");
    if (changed) {
        const std::int64_t owner = co_await owner_if_any(c, id);
        if (owner != 0) data["workspace_id"] = owner;
        mortise::event one =
            make_event("xecm.node.changed", "node-changed", id, date + '#' + now.facts, data);
        co_await c.emit(std::move(one));
    } else if (workspace) {
        data["workspace_id"] = *workspace;
    }
    if (seen->values.empty()) {
        // Told once; without the category it is no longer watched.
        co_await in_.state().remove(node_key(id));
        co_return;
    }
    now.data = std::move(data);
    co_await remember(node_key(id), std::move(now));
}

task<void>
connector::settle_missing(mortise::delivery_context& c, std::int64_t id, known_object known) {
    // A list leaves items out in silence; only the item itself says that it is gone.
    bool gone = false;
    try {
        co_await read_node(c, id);
    } catch (const error& e) {
        if (e.category != category::not_found) throw;
        gone = true;
    }
    if (!gone) co_return;
    mortise::event one =
        make_event("xecm.node.deleted", "node-deleted", id, known.changed_at, known.data);
    // When it was deleted is not known.
    one.time.reset();
    co_await c.emit(std::move(one));
    co_await in_.state().remove(node_key(id));
}

} // namespace xecm_workspaces
