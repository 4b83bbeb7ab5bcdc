// SPDX-License-Identifier: Apache-2.0
//
// The connector to OpenText Extended ECM's business workspaces. The repository's operations come
// from content_server::repository; here are workspaces and the trigger.
#pragma once

#include "content_server/documents.hpp"
#include "content_server/records.hpp"
#include "content_server/repository.hpp"
#include "content_server/social.hpp"
#include "content_server/workflows.hpp"
#include "inputs.hpp"
#include "settings.hpp"
#include "teams.hpp"
#include "watch.hpp"

#include <mortise/sdk/trigger.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace xecm_workspaces {

class connector : public content_server::repository,
                  public content_server::documents,
                  public content_server::records,
                  public content_server::social,
                  public content_server::workflows,
                  public teams {
public:
    using object = json::object;
    using context = mortise::call_context;
    template <class T>
    using task = mortise::task<T>;

    connector(mortise::instance& in, settings s);
    static void describe(mortise::connector_builder<connector>& b);

    task<object> list_types(context& c, content_server::nothing in);
    task<object> find(context& c, workspace_find in);
    task<object> get(context& c, workspace_get in);
    task<object> search(context& c, workspace_search in);
    task<object> create(context& c, workspace_create in);
    task<object> update(context& c, workspace_update in);
    task<object> of_node(context& c, content_server::node_id_only in);
    task<name_list> list_names(context& c, names_in in);
    task<rights_out> check_rights(context& c, rights_in in);

    task<void> on_poll(mortise::delivery_context& c, std::string cursor);
    task<bool> on_backfill(mortise::delivery_context& c, std::string text);
    task<mortise::connection_report> test_all(context& c);

private:
    struct workspace_type {
        std::int64_t id = 0;
        std::string name;
        std::vector<std::pair<std::int64_t, std::string>> templates;
    };

    // Workspaces.
    task<void> load_types(context& c);
    task<workspace_type> type_named(context& c, std::string name, enum mortise::category blame);
    // As operations answer it: id, name, type_name, business_objects, ...
    task<object> read_workspace(context& c, std::int64_t id);
    task<std::optional<object>> find_by_business_object(context& c, business_object wanted);
    task<std::optional<object>> find_by_name(context& c, std::string type, std::string name);
    // The id of the workspace an item lies in; 0 when it lies in none.
    task<std::int64_t> owner_of(context& c, std::int64_t node);
    mortise::url list_url() const;

    // Changes. Each of them leaves the position as it will be once it is stored.
    task<void> poll_workspaces(mortise::delivery_context& c, position& at);
    task<void> poll_nodes(mortise::delivery_context& c, position& at);
    task<void> poll_workflows(mortise::delivery_context& c, position& at);
    task<void> poll_documents(mortise::delivery_context& c, position& at);
    // Watched workspaces' properties, oldest change first, and the newest date of any.
    struct scan {
        std::vector<object> items;
        std::string newest;
    };
    task<scan> changed_since(context& c, std::string since); // a plain date
    // What there is to tell of a workspace; nothing when it was deleted or hidden since it was
    // listed.
    struct seen_workspace {
        object data;
        std::string facts; // fingerprint
    };
    task<std::optional<seen_workspace>> look_at_workspace(context& c, object properties);
    // The listed types' ids; one empty text for a list of all.
    task<std::vector<std::string>> watched_type_ids(context& c);
    struct workspace_page {
        std::vector<object> items; // properties
        bool last = true;
    };
    task<workspace_page> backfill_page(context& c, std::string kind, std::int64_t page);
    task<workspace_page> backfill_search_page(context& c, std::string where, std::int64_t page);
    // What the walk goes through: ids of workspace types, then searches.
    task<std::vector<std::string>> backfill_kinds(context& c);
    task<std::vector<mortise::event>>
    backfill_events(context& c, std::string kind, object properties);
    // Without a baseline no event is made: the workspace only becomes known.
    task<void> settle_workspace(mortise::delivery_context& c,
                                object properties,
                                std::optional<std::string> baseline);
    // The same of an item with watched categories.
    struct seen_node {
        object data;
        object values; // {"Media Reference": {...}}
        std::string facts;
    };
    task<std::optional<seen_node>> look_at_node(context& c, object properties);
    task<std::int64_t> owner_if_any(context& c, std::int64_t node);
    task<void> settle_node(mortise::delivery_context& c, object properties, known_object known);
    task<void> settle_missing(mortise::delivery_context& c, std::int64_t id, known_object known);
    // What is already known counts as no news and stays as it is.
    task<void>
    discover_nodes(mortise::delivery_context& c, position& at, std::set<std::int64_t> known);
    task<void> settle_strangers(mortise::delivery_context& c, std::vector<std::int64_t> ids);
    task<void> take_stock_of_nodes(context& c);
    struct search_page {
        std::vector<std::int64_t> ids;
        bool last = true;
    };
    task<search_page> watched_page(context& c, std::int64_t page);
    // {"Campaign": {...}}: of these categories, by names; all when none is named.
    task<object> watched_values(context& c, std::int64_t node, std::vector<std::string> watched);
    // The query that finds every item with a watched category.
    task<std::string> watch_query(context& c);
    // What to tell of a workflow; with stock only its state becomes known.
    task<void> settle_process(mortise::delivery_context& c,
                              std::int64_t process,
                              content_server::workflow_map map,
                              std::string marks,
                              bool stock);
    struct document_page {
        std::vector<object> items; // properties, in the order of the search
        bool last = true;
    };
    task<document_page> documents_page(context& c, std::int64_t page);
    // Without a baseline no event is made: the document only becomes known.
    task<void> settle_document(mortise::delivery_context& c,
                               object properties,
                               std::optional<std::string> baseline);
    // Added, when it was created, and each further version.
    static std::vector<mortise::event> document_events(const object& properties,
                                                       const object& workspace,
                                                       const json::array& versions,
                                                       bool created);
    // The workspace of a watched type an item lies in; nothing for any other place.
    task<std::optional<object>> watched_owner(context& c, std::int64_t node);
    task<std::optional<known_object>> recall(std::string key);
    task<void> remember(std::string key, known_object what);
    struct known_node {
        std::string key;
        known_object object;
    };
    task<std::vector<known_node>> known_under(std::string prefix);

    mortise::instance& in_;
    const settings settings_;
    std::vector<workspace_type> types_;
    std::string watch_query_;
    std::map<std::int64_t, std::string> foreign_documents_; // not watched, at that date
};

} // namespace xecm_workspaces
