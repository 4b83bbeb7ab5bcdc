// SPDX-License-Identifier: Apache-2.0
// What the ledger keeps of one call that may have changed something outside. Pure.
#pragma once

#include "journal/records.hpp"

#include <string>
#include <string_view>

namespace mortise::host {

struct external_write {
    const run_record& run;
    std::string_view step;
    std::uint32_t attempt = 0;
    std::string_view connection, operation;
    std::string_view input;  // JSON
    std::string_view found;  // result a look-up gave; empty: none was made, or it found nothing
    std::string_view result; // JSON; empty: not known
};

// outcome: "done", "found" or "unknown". The object is the result's "id", else the input's.
ledger_entry ledger_entry_of(const external_write& w, std::string_view outcome);

} // namespace mortise::host
