// SPDX-License-Identifier: Apache-2.0
//
// Inputs about who may see what: access lists and shares.
#pragma once

#include "address.hpp"

#include <mortise/sdk/schema.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iconik {

enum class acl_mode { add, remove, replace };

inline constexpr std::string_view object_type_pattern = "^[a-z][a-z_]{0,40}$";

struct acl_get {
    std::string object_type = "assets";
    std::string object_id;
    static auto describe() {
        return mortise::object<acl_get>("Which object")
            .field("object_type", &acl_get::object_type, "assets, collections, ...")
            .pattern(object_type_pattern)
            .field("object_id", &acl_get::object_id, "Id of the object", mortise::required)
            .pattern(id_pattern);
    }
};

struct acl_set {
    std::string object_type = "assets";
    std::string object_id;
    std::vector<std::string> groups;
    std::vector<std::string> users;
    std::vector<std::string> permissions;
    acl_mode mode = acl_mode::add;
    static auto describe() {
        return mortise::object<acl_set>("Rights on one object")
            .field("object_type", &acl_set::object_type, "assets, collections, ...")
            .pattern(object_type_pattern)
            .field("object_id", &acl_set::object_id, "Id of the object", mortise::required)
            .pattern(id_pattern)
            .field("groups", &acl_set::groups, "Names or ids of groups")
            .field("users", &acl_set::users, "E-mail addresses or ids of users")
            .field("permissions", &acl_set::permissions, "Of read, write, delete, change-acl",
                   mortise::required)
            .field("mode", &acl_set::mode,
                   "add: these rights besides what is there; remove: these rights away from them; "
                   "replace: exactly these rights for exactly these, and nobody else on the "
                   "object's own list but the connection's user");
    }
};

struct share_create {
    std::string object_type = "assets";
    std::string object_id;
    std::string title;
    std::string expires_at;
    bool allow_download = false;
    bool allow_download_proxy = false;
    bool allow_comments = false;
    bool allow_approving_comments = false;
    bool allow_setting_approve_status = false;
    std::string message;
    std::vector<std::string> emails;
    static auto describe() {
        return mortise::object<share_create>("A share of one object")
            .field("object_type", &share_create::object_type, "assets or collections")
            .pattern(object_type_pattern)
            .field("object_id", &share_create::object_id, "Id of the object", mortise::required)
            .pattern(id_pattern)
            .field("title", &share_create::title,
                   "What guests see; with the rights and the end it is what a repeated call knows "
                   "the share by",
                   mortise::required)
            .min(1)
            .field("expires_at", &share_create::expires_at, "When it ends; empty: iconik's rule")
            .format("date-time")
            .field("allow_download", &share_create::allow_download, "Guests may take originals")
            .field("allow_download_proxy", &share_create::allow_download_proxy,
                   "Guests may take proxies")
            .field("allow_comments", &share_create::allow_comments, "Guests may comment")
            .field("allow_approving_comments", &share_create::allow_approving_comments,
                   "Guests may mark comments as done")
            .field("allow_setting_approve_status", &share_create::allow_setting_approve_status,
                   "Guests may approve")
            .field("message", &share_create::message, "Text of the mail")
            .field("emails", &share_create::emails,
                   "Sent by mail to these; empty: a link, given in url");
    }
};

struct share_list {
    std::string object_type = "assets";
    std::string object_id;
    std::int64_t limit = 1000;
    static auto describe() {
        return mortise::object<share_list>("The shares of one object")
            .field("object_type", &share_list::object_type, "assets or collections")
            .pattern(object_type_pattern)
            .field("object_id", &share_list::object_id, "Id of the object", mortise::required)
            .pattern(id_pattern)
            .field("limit", &share_list::limit, "At most this many")
            .min(1)
            .max(10000);
    }
};

struct share_revoke {
    std::string object_type = "assets";
    std::string object_id;
    std::string share_id;
    static auto describe() {
        return mortise::object<share_revoke>("Which share ends now")
            .field("object_type", &share_revoke::object_type, "assets or collections")
            .pattern(object_type_pattern)
            .field("object_id", &share_revoke::object_id, "Id of the object", mortise::required)
            .pattern(id_pattern)
            .field("share_id", &share_revoke::share_id, "Id of the share", mortise::required)
            .pattern(id_pattern);
    }
};

} // namespace iconik

template <>
struct mortise::enum_names<iconik::acl_mode> {
    static constexpr std::array values{
        std::pair{iconik::acl_mode::add, std::string_view("add")},
        std::pair{iconik::acl_mode::remove, std::string_view("remove")},
        std::pair{iconik::acl_mode::replace, std::string_view("replace")}};
};
