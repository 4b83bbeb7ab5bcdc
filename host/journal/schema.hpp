// SPDX-License-Identifier: Apache-2.0
// The journal's tables and how they grow. PRAGMA application_id marks a file as ours, user_version
// counts the migrations it has been through; they only go forward.
#pragma once

#include <string>

namespace mortise::host {

class sqlite_db;

inline constexpr int journal_schema_version = 4;

// Creates the tables in an empty file, or brings an older one forward, each step in a transaction
// of its own. Throws journal_failure, category config: not a Mortise journal, newer than this
// program, damaged; read_only: also older than this program.
void prepare_schema(sqlite_db& db, const std::string& path, bool read_only);

} // namespace mortise::host
