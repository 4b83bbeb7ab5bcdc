// SPDX-License-Identifier: Apache-2.0
// A run with everything a person may want to see of it.
#pragma once

#include "journal/journal.hpp"
#include "operate/run_advice.hpp"

#include <optional>
#include <vector>

namespace mortise::host {

struct run_details {
    claimed_run run;
    std::vector<run_record> children;
    std::vector<run_note> notes; // what people did to it, oldest first
    // Of a dead letter: the last run of the same flow instance and key that was made after it and
    // succeeded, so that what this one had read may be of yesterday.
    std::optional<run_record> newer;
    run_advice advice;
};

// Nothing when the journal does not hold it.
std::optional<run_details>
read_details(journal_reader& reader, const flow_directory& flows, const run_id& id);

} // namespace mortise::host
