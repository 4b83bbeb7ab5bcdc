// SPDX-License-Identifier: Apache-2.0
//
// Inputs about what belongs to the tenant rather than to one asset: people, jobs, relation types,
// names; and relations between assets.
#pragma once

#include "address.hpp"

#include <mortise/sdk/schema.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace iconik {

struct user_find {
    std::string email;
    static auto describe() {
        return mortise::object<user_find>("Which user")
            .field("email", &user_find::email, "E-mail address, in any case", mortise::required)
            .min(3);
    }
};

struct group_find {
    std::string name;
    static auto describe() {
        return mortise::object<group_find>("Which group")
            .field("name", &group_find::name, "Exactly this name", mortise::required)
            .min(1);
    }
};

struct list_all {
    std::int64_t limit = 10'000;
    static auto describe() {
        return mortise::object<list_all>("How many")
            .field("limit", &list_all::limit, "At most this many")
            .min(1)
            .max(100000);
    }
};

struct job_get {
    std::string job_id;
    static auto describe() {
        return mortise::object<job_get>("Which job")
            .field("job_id", &job_get::job_id, "Id of the job", mortise::required)
            .pattern(id_pattern);
    }
};

struct job_list {
    std::string object_id;
    std::string type;
    std::string status;
    std::int64_t limit = 100;
    static auto describe() {
        return mortise::object<job_list>("Jobs, newest first")
            .field("object_id", &job_list::object_id, "Only those about this object")
            .pattern(optional_id_pattern)
            .field("type", &job_list::type, "Only of this type, such as TRANSCODE or ARCHIVE")
            .pattern("^[A-Z_]{0,60}$")
            .field("status", &job_list::status, "Only with this status, such as FAILED")
            .pattern("^[A-Z_]{0,40}$")
            .field("limit", &job_list::limit, "At most this many")
            .min(1)
            .max(10000);
    }
};

struct relation_list {
    std::string asset_id;
    std::string type;
    static auto describe() {
        return mortise::object<relation_list>("Relations of an asset, in both directions")
            .field("asset_id", &relation_list::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("type", &relation_list::type, "Only of this type; empty: all");
    }
};

struct relation_which {
    std::string asset_id;
    std::string related_asset_id;
    std::string type;
    static auto describe() {
        return mortise::object<relation_which>("A relation from one asset to another")
            .field("asset_id", &relation_which::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("related_asset_id", &relation_which::related_asset_id,
                   "Id of the asset it points to", mortise::required)
            .pattern(id_pattern)
            .field("type", &relation_which::type, "Name of the relation type", mortise::required)
            .min(1);
    }
};

struct rights_check {
    std::vector<std::string> operations;
    static auto describe() {
        return mortise::object<rights_check>("Operations that are to be used")
            .field("operations", &rights_check::operations, "Ids of operations", mortise::required);
    }
};

struct names_list {
    std::string kind;
    std::string of;
    static auto describe() {
        return mortise::object<names_list>("Names of objects of one kind")
            .field("kind", &names_list::kind,
                   "metadata-view, metadata-field, field-value, collection, group, user, storage "
                   "or relation-type",
                   mortise::required)
            .field("of", &names_list::of,
                   "What scopes it: the view of a metadata-field (empty: all fields), the field "
                   "of a field-value");
    }
};

} // namespace iconik
