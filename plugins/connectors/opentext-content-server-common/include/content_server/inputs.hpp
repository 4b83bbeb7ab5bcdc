// SPDX-License-Identifier: Apache-2.0
//
// What the operations on the repository take. Ids may be numbers or text (see id_of).
#pragma once

#include <mortise/sdk/schema.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace content_server {

namespace json = mortise::json;

// Category name (or id) to {attribute name: value}.
using category_values = std::map<std::string, json::object>;

struct nothing {
    static auto describe() { return mortise::object<nothing>("No input"); }
};

struct node_get {
    json::value id;
    bool categories = false;
    static auto describe() {
        return mortise::object<node_get>("Which item")
            .field("id", &node_get::id, "Id of the item", mortise::required)
            .examples(20017)
            .field("categories", &node_get::categories, "With its categories, by names");
    }
};

struct node_id_only {
    json::value id;
    static auto describe() {
        return mortise::object<node_id_only>("Which item")
            .field("id", &node_id_only::id, "Id of the item", mortise::required)
            .examples(20017);
    }
};

struct node_children {
    json::value id;
    std::optional<std::string> name;
    std::vector<std::int64_t> types;
    std::int64_t limit = 1000;
    static auto describe() {
        return mortise::object<node_children>("What lies in a container")
            .field("id", &node_children::id, "Id of the container", mortise::required)
            .field("name", &node_children::name, "Only the item with exactly this name")
            .field("types", &node_children::types,
                   "Only these types: 0 folder, 140 URL, 144 document, 848 workspace, ...")
            .field("limit", &node_children::limit, "Items at most")
            .min(1)
            .max(100'000);
    }
};

// The input of a lookup: that of the creating operation, whose other fields do not matter here.
struct node_find_child {
    json::value parent_id;
    std::string name;
    std::optional<std::string> url;
    static auto describe() {
        return mortise::object<node_find_child>("A name in a container")
            .field("parent_id", &node_find_child::parent_id, "Id of the container",
                   mortise::required)
            .field("name", &node_find_child::name, "Exact name", mortise::required)
            .min(1)
            .field("url", &node_find_child::url,
                   "Only the URL item with this address (an item with another is not found)")
            .allow_unknown();
    }
};

struct node_path_ensure {
    json::value parent_id;
    std::vector<std::string> path;
    static auto describe() {
        return mortise::object<node_path_ensure>("Folders one in the other")
            .field("parent_id", &node_path_ensure::parent_id, "Where the path begins",
                   mortise::required)
            .field("path", &node_path_ensure::path, "Names, outermost first", mortise::required)
            .min(1)
            .max(50);
    }
};

struct node_create_url {
    json::value parent_id;
    std::string name;
    std::string url;
    std::string description;
    category_values categories;
    static auto describe() {
        return mortise::object<node_create_url>("A new URL item")
            .field("parent_id", &node_create_url::parent_id, "Id of the container",
                   mortise::required)
            .field("name", &node_create_url::name, "Name, unique in the container",
                   mortise::required)
            .min(1)
            .field("url", &node_create_url::url, "Where it leads", mortise::required)
            .min(1)
            .field("description", &node_create_url::description, "Description")
            .field("categories", &node_create_url::categories,
                   "Category name to {attribute name: value}");
    }
};

struct node_upload {
    json::value parent_id;
    std::string name;
    std::optional<std::string> text;
    std::optional<std::string> media_type;
    std::optional<std::uint64_t> size;
    std::string description;
    category_values categories;
    static auto describe() {
        return mortise::object<node_upload>("A new document, from text or from the call's content")
            .field("parent_id", &node_upload::parent_id, "Id of the container", mortise::required)
            .field("name", &node_upload::name, "Name, unique in the container", mortise::required)
            .min(1)
            .field("text", &node_upload::text, "Content, when the call brings none")
            .field("media_type", &node_upload::media_type,
                   "Media type; without it text/plain for text, else that of the content")
            .field("size", &node_upload::size, "Length of the content, where it is known")
            .field("description", &node_upload::description, "Description")
            .field("categories", &node_upload::categories,
                   "Category name to {attribute name: value}");
    }
};

struct node_update {
    json::value id;
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::optional<std::string> url;
    json::value parent_id;
    static auto describe() {
        return mortise::object<node_update>("Changes to an item; what is not named stays")
            .field("id", &node_update::id, "Id of the item", mortise::required)
            .field("name", &node_update::name, "New name")
            .min(1)
            .field("description", &node_update::description, "New description")
            .field("url", &node_update::url, "New address of a URL item")
            .field("parent_id", &node_update::parent_id, "New place: moves the item");
    }
};

struct version_list {
    json::value id;
    std::int64_t limit = 1000;
    static auto describe() {
        return mortise::object<version_list>("Versions of a document")
            .field("id", &version_list::id, "Id of the document", mortise::required)
            .field("limit", &version_list::limit, "Versions at most")
            .min(1)
            .max(10'000);
    }
};

struct category_set {
    json::value id;
    json::value category;
    json::object values;
    static auto describe() {
        return mortise::object<category_set>("Attributes of one category")
            .field("id", &category_set::id, "Id of the item", mortise::required)
            .field("category", &category_set::category, "Name or id of the category",
                   mortise::required)
            .examples("Media Reference")
            .field("values", &category_set::values,
                   "Attribute name to value or list; a set takes a list of objects; null empties",
                   mortise::required);
    }
};

struct category_ref {
    json::value id;
    json::value category;
    static auto describe() {
        return mortise::object<category_ref>("A category on an item")
            .field("id", &category_ref::id, "Id of the item", mortise::required)
            .field("category", &category_ref::category, "Name or id of the category",
                   mortise::required)
            .examples("Media Reference");
    }
};

struct member_find {
    std::optional<std::string> login;
    std::optional<std::string> email;
    std::string type = "user";
    static auto describe() {
        return mortise::object<member_find>("A user or group by login name or mail address")
            .field("login", &member_find::login, "Login name of a user, name of a group")
            .examples("clara.brandt")
            .field("email", &member_find::email, "Mail address of a user")
            .field("type", &member_find::type, "user or group")
            .pattern("^(user|group)$");
    }
};

struct group_members {
    json::value group;
    std::int64_t limit = 1000;
    static auto describe() {
        return mortise::object<group_members>("The members of a group")
            .field("group", &group_members::group, "Name or id of the group", mortise::required)
            .examples("Legal Reviewers")
            .field("limit", &group_members::limit, "Members at most")
            .min(1)
            .max(10'000);
    }
};

struct node_search {
    std::string where;
    std::vector<std::int64_t> types;
    json::value location_id;
    std::string sort;
    std::int64_t limit = 100;
    static auto describe() {
        return mortise::object<node_search>("A search of the index, which lags behind")
            .field("where", &node_search::where,
                   "Query in the server's language, e.g. OTName:contract*", mortise::required)
            .min(1)
            .field("types", &node_search::types, "Only these types")
            .field("location_id", &node_search::location_id, "Only below this container")
            .field("sort", &node_search::sort, "relevance, desc_OTModifyDate, asc_OTName, ...")
            .field("limit", &node_search::limit, "Items at most")
            .min(1)
            .max(10'000);
    }
};

struct permission_set {
    json::value id;
    std::string type;
    json::value right_id;
    std::vector<std::string> permissions;
    std::int64_t apply_to = 0;
    static auto describe() {
        return mortise::object<permission_set>("Access to an item")
            .field("id", &permission_set::id, "Id of the item", mortise::required)
            .field("type", &permission_set::type, "owner, group, public or custom",
                   mortise::required)
            .pattern("^(owner|group|public|custom)$")
            .field("right_id", &permission_set::right_id,
                   "Id of the user or group; needed for custom")
            .field("permissions", &permission_set::permissions,
                   "see, see_contents, modify, edit_attributes, add_items, reserve, "
                   "add_major_version, delete_versions, delete, edit_permissions; none: takes a "
                   "custom access away",
                   mortise::required)
            .field("apply_to", &permission_set::apply_to,
                   "0 this item, 1 what lies in it, 2 both, 3 this and what lies directly in it")
            .min(0)
            .max(3);
    }
};

} // namespace content_server
