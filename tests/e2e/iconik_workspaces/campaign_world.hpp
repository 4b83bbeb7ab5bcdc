// SPDX-License-Identifier: Apache-2.0
// The world with one instance of campaign-asset-references.
#pragma once

#include "world.hpp"

namespace mortise::test {

// settings: further lines of [flows.campaigns.settings].
inline world::options campaigns(const std::string& settings = {}) {
    world::options o;
    o.flows = world::flow("campaigns", "campaign-asset-references",
                          "reference.asset_link = \"{iconik}/asset/{asset_id}\"\n" + settings);
    return o;
}

} // namespace mortise::test
