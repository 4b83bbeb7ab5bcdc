// SPDX-License-Identifier: Apache-2.0
// The ledger's chain: how entries are hashed, written for export, and checked. The recipe is in
// docs/ledger.md, so that anyone can check an export without this program.
#pragma once

#include "journal/journal_reader.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace mortise::host {

// One line (without its line end) as `mortise ledger export --format ndjson` prints it.
std::string to_ndjson(const ledger_entry& entry);
// SHA-256 hex of the previous entry's hash ("" for the first), a line feed, and to_ndjson(entry)
// without its member "hash".
std::string chained_hash(std::string_view previous, const ledger_entry& entry);

// RFC 4180; without line ends, which are CR LF there.
std::string csv_header();
std::string to_csv(const ledger_entry& entry);

struct ledger_report {
    bool ok = true;
    std::uint64_t entries = 0;       // looked at
    std::uint64_t first_bad_seq = 0; // of what does not fit; 0: nothing, or it cannot be said
    std::string what;                // a sentence for a person; empty when ok
    std::uint64_t last_seq = 0;      // for noting down: a later check can be held against it
    std::string last_hash;
};

// Reads the whole ledger and finds the first entry that was changed, moved, added or removed, also
// at the end. Who can write the file can forge the whole chain anew; expected_head, noted down
// elsewhere before ("<hash>" or "<seq>:<hash>" of any entry), finds that too.
// progress: told now and then which entry was the last one looked at; may be empty.
ledger_report verify_ledger(journal_reader& reader,
                            std::string_view expected_head = {},
                            const std::function<void(std::uint64_t seq)>& progress = {});

} // namespace mortise::host
