// SPDX-License-Identifier: Apache-2.0
//
// Inputs about webhooks, and the empty input.
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

} // namespace iconik
