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

void describe_reads(mortise::connector_builder<connector>& b) {
    b.operation("assets.get", &connector::get_asset)
        .title("Read an asset")
        .doc("With its approval, current version and address for people.")
        .reads();
    b.operation("assets.find", &connector::find_assets)
        .title("Find assets by external id or title")
        .doc("Exact matches in the search index, which lags some seconds behind.")
        .reads();
    b.operation("collections.get", &connector::get_collection).title("Read a collection").reads();
    b.operation("collections.list_contents", &connector::list_collection)
        .title("List what is in a collection")
        .reads();
    b.operation("collections.of_asset", &connector::list_collections_of)
        .title("Read the collections an asset is in")
        .reads();
    b.operation("metadata.views", &connector::list_views).title("List the metadata views").reads();
    b.operation("metadata.get", &connector::get_metadata)
        .title("Read metadata")
        .doc("No values in the view gives empty values, not an error.")
        .reads();
    b.operation("search.assets", &connector::search_assets).title("Search assets").reads();
    b.operation("approvals.get", &connector::get_approval).title("Read an approval").reads();
    b.operation("files.list", &connector::list_files)
        .title("List an asset's files, with links that expire")
        .reads();
    b.operation("proxies.list", &connector::list_proxies)
        .title("List an asset's proxies, with links that expire")
        .reads();
    b.operation("keyframes.list", &connector::list_keyframes)
        .title("List an asset's keyframes and posters, with links that expire")
        .reads();
    b.operation("comments.find", &connector::find_comment)
        .title("Find a comment as comments.add would write it")
        .reads();
    b.operation("users.current", &connector::current_user)
        .title("Read the connection's user")
        .reads();
    b.operation("webhooks.list", &connector::list_webhooks)
        .title("List the webhooks, without their secrets")
        .reads();
    b.operation("history.list", &connector::list_history).title("Read an asset's history").reads();
}

void describe_writes(mortise::connector_builder<connector>& b) {
    b.operation("assets.update", &connector::update_asset)
        .title("Change an asset's fields")
        .idempotent();
    b.operation("metadata.set", &connector::set_metadata)
        .title("Set metadata")
        .doc("Writes only what differs; changed tells whether anything did.")
        .idempotent();
    b.operation("approvals.request", &connector::request_approval)
        .title("Ask for approval")
        .doc("Leaves an open request that has these reviewers as it is.")
        .idempotent();
    b.operation("approvals.vote", &connector::vote)
        .title("Approve or refuse as the connection's user")
        .idempotent();
    b.operation("comments.add", &connector::add_comment)
        .title("Write a comment")
        .lookup_first("comments.find");
    b.operation("webhooks.ensure", &connector::ensure_webhooks)
        .title("Create or mend the webhooks to this connection")
        .doc("They carry the connection's webhook_secret.")
        .idempotent();
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
    describe_reads(b);
    describe_writes(b);
    describe_trigger(b);
    b.test_connection(&connector::test);
}

} // namespace iconik
