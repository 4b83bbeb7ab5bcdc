// SPDX-License-Identifier: Apache-2.0
//
// Taking an asset out of use in iconik while its rights forbid it, and putting everything back
// afterwards. What was taken away is kept with the asset, first of all, so that nothing is
// forgotten when a run is cut off in between.
#pragma once

#include "settings.hpp"

#include <string>

namespace rights_metadata_sync {

class restriction {
public:
    explicit restriction(const restriction_settings& s) : settings_(s) {}

    // The status the rights should have: it expires and is renewed by the date alone. Empty: as it
    // is. before: status before the expiry, when it was us who ended it, else "".
    std::string due_status(const std::string& status,
                           const std::string& expiry,
                           const std::string& before,
                           mortise::time_point now) const;
    bool restricts(const std::string& status) const;

    // Keeps the status from before the expiry. Step "expire".
    mortise::task<void>
    remember(mortise::flow_run run, std::string asset_id, std::string status) const;
    // What remember() kept, "" if nothing.
    mortise::task<std::string> remembered(mortise::flow_run run, std::string asset_id) const;
    // Takes away what is to be taken away and still there. False: nothing was.
    mortise::task<bool> apply(mortise::flow_run run, std::string asset_id, std::string why) const;
    // Gives back what was taken. False: there was no restriction.
    mortise::task<bool> lift(mortise::flow_run run, std::string asset_id) const;

private:
    const restriction_settings& settings_;
};

} // namespace rights_metadata_sync
