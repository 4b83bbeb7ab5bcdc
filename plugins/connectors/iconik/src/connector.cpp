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

struct comment_data {
    std::string asset_id;
    std::string comment_id;
    std::string text;
    std::optional<std::string> version_id;
    std::optional<std::string> title;
    std::optional<std::string> approval_status;
    std::optional<std::string> parent_id;
    std::optional<std::int64_t> time_start_ms;
    std::optional<std::string> changed_at;
    std::optional<std::string> user_id;
    static auto describe() {
        return mortise::object<comment_data>("A comment on an asset")
            .field("asset_id", &comment_data::asset_id, "The asset", mortise::required)
            .field("comment_id", &comment_data::comment_id, "The comment", mortise::required)
            .field("text", &comment_data::text, "What it says", mortise::required)
            .field("version_id", &comment_data::version_id, "The version it is about")
            .field("title", &comment_data::title, "The asset's title")
            .field("approval_status", &comment_data::approval_status, "As it was read")
            .field("parent_id", &comment_data::parent_id, "The comment it replies to")
            .field("time_start_ms", &comment_data::time_start_ms, "Where in the media")
            .field("changed_at", &comment_data::changed_at, "When it was written")
            .field("user_id", &comment_data::user_id, "Who wrote it");
    }
};

struct click_data {
    std::string action_id;
    std::optional<std::string> action;
    std::string context;
    std::string object_type;
    std::optional<std::string> asset_id;
    std::optional<std::string> collection_id;
    std::optional<std::string> user_id;
    std::optional<std::string> user_email;
    std::optional<std::string> clicked_at;
    mortise::json::object values;
    static auto describe() {
        return mortise::object<click_data>("A click on a custom action")
            .field("action_id", &click_data::action_id, "The action", mortise::required)
            .field("action", &click_data::action, "Its title")
            .field("context", &click_data::context, "ASSET, COLLECTION, BULK, ...",
                   mortise::required)
            .field("object_type", &click_data::object_type, "assets, collections or none",
                   mortise::required)
            .field("asset_id", &click_data::asset_id, "The asset")
            .field("collection_id", &click_data::collection_id, "The collection")
            .field("user_id", &click_data::user_id, "Who clicked")
            .field("user_email", &click_data::user_email, "Their address")
            .field("clicked_at", &click_data::clicked_at, "When")
            .field("values", &click_data::values,
                   "What they filled in before: field name to a list of values", mortise::required);
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
        .event<comment_data>("iconik.comment.added", "Somebody wrote a comment.")
        .event<click_data>("iconik.custom-action",
                           "Somebody clicked a custom action; one event for each object.")
        .event<collection_change_data>("iconik.collection.metadata-changed",
                                       "Values of a collection in a watched view changed.");
}

} // namespace

connector::connector(mortise::instance& in, settings s)
    : in_(in), settings_(checked(std::move(s))), client_(in, settings_),
      webhooks_mended_(in.metrics().counter(
          "iconik_webhooks_mended_total",
          "Webhooks that iconik had given up on and that were enabled again")) {}

void connector::describe(mortise::connector_builder<connector>& b) {
    using mortise::service;
    b.id("iconik").version("1.0.0").title("iconik").vendor("Backlight");
    b.doc("Media assets, collections, metadata and approvals in iconik.");
    b.needs({service::http, service::secret, service::state, service::content});
    b.config<settings>();
    describe_operations(b);
    describe_trigger(b);
    b.test_connection(&connector::test);
}

} // namespace iconik
