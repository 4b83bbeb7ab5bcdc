// SPDX-License-Identifier: Apache-2.0
//
// The operations on Content Server's repository that every connector to it offers: items, versions,
// categories, members, search, permissions. A connector derives from it and declares them with
// describe_repository(). Each area has a source file of its own. [strand]
#pragma once

#include "content_server/category.hpp"
#include "content_server/client.hpp"
#include "content_server/inputs.hpp"

#include <mortise/sdk/connector.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace content_server {

class repository {
public:
    using object = mortise::json::object;
    using context = mortise::call_context;
    template <class T>
    using task = mortise::task<T>;

    repository(mortise::instance& in, connection to) : client_(in, std::move(to)) {}

    task<object> get_node(context& c, node_get in);
    task<object> list_children(context& c, node_children in);
    task<object> find_child(context& c, node_find_child in);
    task<object> ensure_path(context& c, node_path_ensure in);
    task<object> create_url(context& c, node_create_url in);
    task<object> update_node(context& c, node_update in);
    task<object> delete_node(context& c, node_id_only in);
    task<object> list_versions(context& c, version_list in);
    task<object> list_categories(context& c, node_id_only in);
    task<object> set_category(context& c, category_set in);
    task<object> remove_category(context& c, category_ref in);
    task<object> find_member(context& c, member_find in);
    task<object> get_member(context& c, node_id_only in);
    task<object> list_group_members(context& c, group_members in);
    task<object> search_nodes(context& c, node_search in);
    task<object> get_permissions(context& c, node_id_only in);
    task<object> set_permissions(context& c, permission_set in);
    task<mortise::connection_report> test(context& c);

    // --- For the other areas of operations and for connectors.
    content_server::client& server() noexcept { return client_; }
    // An item's properties as the server gives them; NOT_FOUND when it is not there or not seen.
    task<object> read_node(context& c, std::int64_t id);
    // Properties of those that are there, in any order; what is not seen is left out.
    task<std::vector<object>> read_nodes(context& c, std::vector<std::int64_t> ids);
    // The properties of the child with exactly this name.
    task<std::optional<object>> child_named(context& c, std::int64_t parent, std::string name);
    task<object>
    create_node(context& c, object fields, category_values categories, std::string what);

    // A user or group by id, login name, group name or mail address. INPUT when there is none.
    task<std::int64_t> member_id(context& c, json::value who);
    // The id of the connection's own user.
    task<std::int64_t> own_id(context& c);

    // One category on an item, as it is there.
    struct applied_category {
        category_definition definition;
        object values; // by key
    };
    task<std::vector<applied_category>> read_categories(context& c, std::int64_t node);
    // [{id, name, values}] as operations answer it.
    static mortise::json::array by_names(const std::vector<applied_category>& applied);
    task<mortise::json::array> categories_by_names(context& c, std::int64_t node);
    // The id of a category by its name or id text. INPUT with the nearest name when there is none.
    task<std::int64_t>
    category_id(context& c, std::string name_or_id, enum mortise::category blame);
    // Names of all categories.
    task<std::vector<std::string>> category_names(context& c);
    // The definition by name or id, independent of any item.
    task<category_definition> definition_named(context& c, std::string name_or_id);
    // What a category not applied yet takes; asked about with an item it could be applied to.
    task<category_definition> definition_of(context& c, std::int64_t category, std::int64_t node);
    // {"16878_25": ...} for roles.categories of a new item in that place.
    task<object> keyed_values(context& c, category_values categories, std::int64_t place);

    // Properties of a search's hits, in order.
    task<std::vector<object>>
    search(context& c, std::string where, std::string sort, std::size_t limit);

protected:
    client client_;

private:
    task<void> load_categories(context& c, std::string wanted);

    struct known_category {
        std::int64_t id;
        std::string name;
    };
    std::vector<known_category> categories_;
    bool categories_loaded_ = false;
    std::int64_t own_id_ = 0;
};

// The server's own rules for names, said before it is asked. Throws INPUT.
void check_name(std::string_view name);

// The part of an item's properties that operations answer with, under stable names: id, parent_id,
// name, type, type_name, description, create_date, modify_date, url, ...
mortise::json::object node_summary(const mortise::json::object& properties);

// The properties of each item of a list answer.
std::vector<mortise::json::object> properties_of(const mortise::json::array& items);

} // namespace content_server
