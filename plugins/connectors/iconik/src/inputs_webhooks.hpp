// SPDX-License-Identifier: Apache-2.0
//
// Inputs about webhooks and custom actions, and the empty input.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <string>
#include <vector>

namespace iconik {

struct nothing {
    static auto describe() { return mortise::object<nothing>("No input"); }
};

struct webhooks_ensure {
    std::string url;
    std::vector<std::string> event_types{"assets", "collections"};
    std::string name = "Mortise";
    static auto describe() {
        return mortise::object<webhooks_ensure>("Webhooks that should be there")
            .field("url", &webhooks_ensure::url,
                   "Where iconik reaches this connection: https://HOST/hooks/CONNECTION",
                   mortise::required)
            .uri()
            .field("event_types", &webhooks_ensure::event_types, "One webhook for each")
            .min(1)
            .field("name", &webhooks_ensure::name, "Name shown in iconik");
    }
};

struct custom_action_ensure {
    std::string title;
    std::string context = "ASSET";
    std::string url;
    std::string metadata_view;
    static auto describe() {
        return mortise::object<custom_action_ensure>("A custom action that calls this connection")
            .field("title", &custom_action_ensure::title, "What people click", mortise::required)
            .min(1)
            .field("context", &custom_action_ensure::context,
                   "Where it is offered: ASSET, COLLECTION, BULK, SAVED_SEARCH, ...")
            .pattern("^(ASSET|ASSET_SUBCLIP|SHARED_ASSET|COLLECTION|SHARED_COLLECTION|BULK|"
                     "SAVED_SEARCH|NONE)$")
            .field("url", &custom_action_ensure::url,
                   "Where iconik reaches this connection: https://HOST/hooks/CONNECTION",
                   mortise::required)
            .uri()
            .field("metadata_view", &custom_action_ensure::metadata_view,
                   "Form (id or name) shown first; what is filled in comes with the event");
    }
};

} // namespace iconik
