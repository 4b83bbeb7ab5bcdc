// SPDX-License-Identifier: Apache-2.0
//
// What people did by hand to things that are no runs (links, connections): who, when, what it was
// before. Kept in the journal's state (scope "host/notes"), written in the transaction of the
// change.
#pragma once

#include "base/clock.hpp"
#include "journal/journal.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace mortise::host {

struct person_note {
    unix_ms at = 0;
    std::string who;
    std::string action; // "link-put", "link-remove", "connection-pause", "connection-resume"
    std::string what;   // the link "<relation> <a>", the connection
    std::string detail; // JSON
};

void add_note(journal_tx& tx, const person_note& note); // at: set to now
// Newest first.
std::vector<person_note> person_notes(journal_reader& reader, std::size_t limit);

} // namespace mortise::host
