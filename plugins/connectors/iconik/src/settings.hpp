// SPDX-License-Identifier: Apache-2.0
//
// The configuration of a connection to iconik.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace iconik {

struct settings {
    std::string base_url;
    std::string app_id;
    mortise::secret_ref auth_token;
    std::string email;
    mortise::secret_ref password;
    mortise::secret_ref webhook_secret;
    bool allow_unauthenticated_webhooks = false;
    std::string ignore_user;
    std::vector<std::string> metadata_views;
    std::vector<std::string> watch_collections;
    bool watch_comments = false;
    std::string webhook_url;
    std::int64_t page_size = 100;
    std::chrono::seconds poll_overlap{120};
    std::int64_t recheck_per_poll = 20;
    std::string start;
    std::chrono::seconds index_lag{10};
    std::int64_t upload_part_size = 8 * 1024 * 1024;

    static auto describe() {
        return mortise::object<settings>("iconik")
            .field("base_url", &settings::base_url,
                   "Address of the iconik cluster, without /API; it differs by region",
                   mortise::required)
            .uri()
            .examples("https://app.iconik.io", "https://eu.iconik.io")
            .field("app_id", &settings::app_id,
                   "App-ID of an application token (Admin > Settings > Application Tokens)")
            .group("Sign-in")
            .field("auth_token", &settings::auth_token, "The application's token")
            .group("Sign-in")
            .field("email", &settings::email,
                   "Instead of app_id and auth_token: log in as this user")
            .group("Sign-in")
            .field("password", &settings::password, "Password of that user")
            .group("Sign-in")
            .field("webhook_secret", &settings::webhook_secret,
                   "Webhooks must carry this text in the header X-Mortise-Secret")
            .group("Changes")
            .field("allow_unauthenticated_webhooks", &settings::allow_unauthenticated_webhooks,
                   "Takes webhooks without a secret; anyone who knows the address can then make "
                   "the connection read objects")
            .group("Changes")
            .field("ignore_user", &settings::ignore_user,
                   "Id of the user this connection acts as: webhooks about its own changes are "
                   "acknowledged without an event (the poll still sees the change)")
            .group("Changes")
            .field("metadata_views", &settings::metadata_views,
                   "Metadata views (names or ids) whose changes become events; empty: the "
                   "tenant's first 8 views")
            .max(50)
            .names("", "metadata-view")
            .group("Changes")
            .field("watch_collections", &settings::watch_collections,
                   "Collections whose contents and metadata every poll compares, because iconik "
                   "does not date them")
            .max(200)
            .names("", "collection")
            .group("Changes")
            .field(
                "watch_comments", &settings::watch_comments,
                "The poll reads the comments of each asset it looks at, so that those no webhook "
                "told of become events too")
            .group("Changes")
            .field("webhook_url", &settings::webhook_url,
                   "Where iconik reaches this connection (https://HOST/hooks/CONNECTION). With it "
                   "the poll looks after the webhooks that call it, and enables again those "
                   "iconik gave up on")
            .pattern("^(https?://.+)?$")
            .examples("https://mortise.example.com/hooks/dam")
            .group("Changes")
            .field("page_size", &settings::page_size, "Objects read at once")
            .min(1)
            .max(1000)
            .group("Changes")
            .field("poll_overlap", &settings::poll_overlap,
                   "How far each poll looks back, so that changes the search index shows late "
                   "are found; longer than the index delay")
            .group("Changes")
            .field("recheck_per_poll", &settings::recheck_per_poll,
                   "Known assets each poll reads again in turn, for changes that iconik does not "
                   "date (approvals, collections); 0 switches it off")
            .min(0)
            .max(1000)
            .group("Changes")
            .field("start", &settings::start,
                   "The first poll reports changes since this time; empty: from then on")
            .format("date-time")
            .group("Changes")
            .field("index_lag", &settings::index_lag,
                   "How late the search index may show a new object: a creation whose answer was "
                   "lost is looked for only after that")
            .group("Calls")
            .field("upload_part_size", &settings::upload_part_size,
                   "Bytes in one part of an upload: what is sent again when a connection breaks")
            .min(5 * 1024 * 1024)
            .max(1024.0 * 1024 * 1024)
            .group("Calls");
    }
};

} // namespace iconik
