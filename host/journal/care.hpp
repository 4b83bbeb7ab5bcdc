// SPDX-License-Identifier: Apache-2.0
//
// What an operator asks of a journal file: figures, a check, a copy, its room back. Everything but
// compact_journal() works beside a running host, on a connection of its own that only reads.
// [any-thread] Errors are those of opening a journal (category config: not a journal, newer, too
// old, cannot open), journal.corrupted, and what each function adds.
#pragma once

#include "base/clock.hpp"
#include "journal/records.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mortise::host {

// ---- figures ----

struct table_figures {
    std::string name;
    std::uint64_t rows = 0;
    std::optional<std::uint64_t> bytes; // with its indexes; not every SQLite can tell
};

struct journal_figures {
    int schema_version = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t free_bytes = 0; // inside the file, for reuse
    std::uint64_t log_bytes = 0;  // of the write-ahead log
    unix_ms last_checkpoint = 0;  // when the file itself was last written
    journal_stats counters;
    std::uint64_t dead_letters = 0;
    unix_ms oldest_run = 0; // 0: there is none
    unix_ms oldest_unfinished_run = 0;
    unix_ms oldest_dead_letter = 0;
    unix_ms oldest_event = 0;
    std::uint64_t removed_runs = 0; // by retention, ever
    std::uint64_t removed_events = 0;
    std::uint64_t packed_raw = 0; // bytes of compressed payloads before and after, ever
    std::uint64_t packed_stored = 0;
    // packed_stored / packed_raw; 1 when nothing was compressed.
    double packed_ratio() const;
    // Only with all = true, as they read the whole file.
    std::vector<table_figures> tables;
    std::uint64_t payload_bytes = 0; // event data, step inputs and results, run results as stored
};
result<journal_figures> journal_figures_of(const std::string& path, bool all);

// ---- check ----

struct integrity_finding {
    std::string code;  // "run-without-event"
    std::string where; // "run 0190163d-8694-739b-aea5-966c26f8ad91"
    std::string message;
};
struct integrity_options {
    bool full = false;        // every index entry against its row, every compressed payload
    std::uint32_t most = 100; // findings of one kind
};
struct integrity_report {
    std::vector<integrity_finding> findings;
    std::uint64_t events = 0; // looked at
    std::uint64_t runs = 0;
    std::uint64_t steps = 0;
    bool is_sound() const { return findings.empty(); }
};
// A damaged file that can still be opened gives findings; one that cannot is an error.
result<integrity_report> check_journal(const std::string& path, const integrity_options& options);

// ---- copy ----

struct backup_options {
    // At most this many pages (4 KiB) a step, then a pause, so that the disk is left to the host.
    std::uint32_t pages_a_step = 256;
    std::chrono::milliseconds pause{2};
    // Pages copied and in all; false: give up. May be empty.
    std::function<bool(std::uint64_t, std::uint64_t)> progress;
};
struct backup_report {
    // What does not fit in the journal, and so in the copy; the file itself is whole.
    std::vector<integrity_finding> findings;
    std::uint64_t bytes = 0;
    std::uint64_t events = 0;
    std::uint64_t runs = 0;
    std::chrono::milliseconds took{0};
};
// A whole and consistent copy, as of one moment, in one file that needs no other; synced, opened
// and checked before it gets its name. Errors: input backup.exists (nothing is overwritten),
// unavailable backup.no-space, cancelled backup.stopped. A failed backup leaves nothing behind.
result<backup_report> backup_journal(const std::string& path,
                                     const std::string& target,
                                     const backup_options& options = {});

// ---- room ----

struct compact_report {
    std::uint64_t bytes_before = 0;
    std::uint64_t bytes_after = 0;
};
// Rebuilds the file without its free pages. Needs the journal for itself (config journal.locked
// while a host runs) and free disk of its size (unavailable compact.no-space).
result<compact_report> compact_journal(const std::string& path);

} // namespace mortise::host
