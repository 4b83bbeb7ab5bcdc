// SPDX-License-Identifier: Apache-2.0
#include "connector.hpp"

#include "moment.hpp"

#include <mortise/sdk/instance.hpp>

#include <utility>

namespace iconik {

using mortise::category;
using mortise::error;

namespace {

struct change_data {
    std::string asset_id;
    std::optional<std::string> version_id;
    std::optional<std::string> title;
    std::optional<std::string> approval_status;
    std::optional<std::string> collection_id;
    std::optional<std::string> changed_at;
    std::optional<std::string> user_id;
    static auto describe() {
        return mortise::object<change_data>("A change of an asset")
            .field("asset_id", &change_data::asset_id, "The asset", mortise::required)
            .field("version_id", &change_data::version_id, "The version it is about")
            .field("title", &change_data::title, "The asset's title")
            .field("approval_status", &change_data::approval_status,
                   "N/A, REQUESTED, APPROVED, NOT_APPROVED or MIXED, as it was read")
            .field("collection_id", &change_data::collection_id, "The collection, where one is")
            .field("changed_at", &change_data::changed_at, "When, where iconik dates it")
            .field("user_id", &change_data::user_id, "Who, where iconik tells it");
    }
};

struct collection_change_data {
    std::string collection_id;
    std::optional<std::string> title;
    std::optional<std::string> changed_at;
    std::optional<std::string> user_id;
    static auto describe() {
        return mortise::object<collection_change_data>("A change of a collection")
            .field("collection_id", &collection_change_data::collection_id, "The collection",
                   mortise::required)
            .field("title", &collection_change_data::title, "Its title")
            .field("changed_at", &collection_change_data::changed_at, "When")
            .field("user_id", &collection_change_data::user_id, "Who, where iconik tells it");
    }
};

// Refuses what the schema cannot tell.
settings checked(settings s) {
    for (const auto& id : s.watch_collections) {
        if (!is_id(id)) {
            throw error(category::config, "iconik.settings.watch-collections",
                        "watch_collections holds \"" + id +
                            "\", which is no collection id; copy it from the collection's address "
                            "in iconik.");
        }
    }
    if (!s.start.empty() && !micros_of(s.start)) {
        throw error(category::config, "iconik.settings.start",
                    "start is \"" + s.start + "\"; write a time such as 2026-03-01T00:00:00Z.");
    }
    return s;
}

void describe_trigger(mortise::connector_builder<connector>& b) {
    b.trigger("changes")
        .title("Changes of assets and collections")
        .doc("Webhooks tell at once, the poll finds what they missed; the same change has the same "
             "id either way.")
        .webhook(&connector::on_webhook)
        .poll(&connector::on_poll, std::chrono::seconds(60))
        .backfill(&connector::on_backfill)
        .event<change_data>("iconik.asset.created", "An asset was created.")
        .event<change_data>("iconik.asset.updated", "An asset was modified in any way.")
        .event<change_data>("iconik.asset.metadata-changed",
                            "Values in a watched metadata view changed.")
        .event<change_data>("iconik.asset.version-created", "An asset has a new version.")
        .event<change_data>("iconik.asset.approval-changed",
                            "Approval was asked for, refused, is disputed or was taken back.")
        .event<change_data>("iconik.asset.approved", "The current version became approved.")
        .event<change_data>("iconik.asset.deleted", "An asset was deleted.")
        .event<change_data>("iconik.collection.asset-added", "An asset was put into a collection.")
        .event<change_data>("iconik.collection.asset-removed",
                            "An asset was taken out of a collection.")
        .event<collection_change_data>("iconik.collection.metadata-changed",
                                       "Values of a collection in a watched view changed.");
}

} // namespace

connector::connector(mortise::instance& in, settings s)
    : in_(in), settings_(checked(std::move(s))), client_(in, settings_) {}

void connector::describe(mortise::connector_builder<connector>& b) {
    using mortise::service;
    b.id("iconik").version("1.0.0").title("iconik").vendor("Backlight");
    b.doc("Media assets, collections, metadata and approvals in iconik.");
    b.needs({service::http, service::secret, service::state});
    b.config<settings>();
    describe_operations(b);
    describe_trigger(b);
    b.test_connection(&connector::test);
}

} // namespace iconik
