// SPDX-License-Identifier: Apache-2.0
//
// What people and reports ask of the journal: filters, groups, notes, the ledger, figures. Comes
// with records.hpp.
#pragma once

#include "journal/records.hpp"

namespace mortise::host {

// ---- lists ----

struct run_filter {
    std::optional<run_state> state = {};
    std::vector<run_state> states = {}; // any of these; empty: all
    std::string instance = {};          // empty: all
    std::string before = {};            // run id: only older ones (paging)
    std::uint32_t limit = 50;
    std::string after = {};    // run id: only younger ones (paging with oldest_first)
    bool oldest_first = false; // the order in which runs of a key must be worked off
    std::string fingerprint = {};
    std::string key = {};
    run_id parent = {}; // children of this run
    std::string event_type = {};
    unix_ms since = 0;       // made at or after; 0: any
    unix_ms until = 0;       // before
    std::string begins = {}; // its id, its key or its event's subject begins so
};

// What is under way of a flow instance.
struct instance_counts {
    std::uint64_t active = 0; // ready or claimed
    std::uint64_t waiting = 0;
    std::uint64_t dead_letters = 0;
};

struct event_filter {
    std::string type;
    std::string before; // event ref
    std::uint32_t limit = 50;
    std::string source = {};
    std::string subject = {}; // begins so
};

// ---- what people did and what they should look at ----

struct run_note {
    unix_ms at = 0;
    std::string who;    // empty: not known
    std::string action; // "retry", "discard", "edit-event", "edit-step", "cancel", "repin"
    std::string detail; // JSON
};

// Dead letters of one flow instance with one cause.
struct dead_letter_group {
    std::string fingerprint;
    std::string instance;
    std::string flow;
    std::string step; // of the oldest, like code and message
    std::string code;
    std::string message;
    std::uint64_t failed = 0;
    std::uint64_t in_doubt = 0;
    unix_ms first = 0; // when the first and the last of them stopped
    unix_ms last = 0;
    run_id oldest;
};

// What a cancellation did. The engine must tell the active ones; it need not claim the ended ones.
struct cancelled_runs {
    std::vector<run_id> ended;  // had never begun: cancelled at once
    std::vector<run_id> woken;  // ready, to be told when claimed
    std::vector<run_id> active; // being executed
};

// ---- ledger ----

// One external write. Digests are SHA-256 in lower-case hex, empty when not known.
struct ledger_entry {
    std::uint64_t seq = 0; // set by the journal: from 1 without gaps
    unix_ms at = 0;        // set by the journal
    run_id run;
    std::string instance;
    std::string step;
    std::uint32_t attempt = 0;
    std::string connection;
    std::string operation;
    std::string object;     // id in the target system, as far as known
    std::string outcome;    // "done", "found" (a look-up found the effect), "unknown"
    std::string request;    // digest of the input
    std::string before;     // digest of what a look-up had found
    std::string after;      // digest of the result
    std::string hash;       // set by the journal: chains the entries, see ledger.hpp
    std::string actor = {}; // who, when a person or a program did it and not a run
};

// The newest entry as the journal remembers it beside the entries, so that a cut end is noticed.
struct ledger_head {
    bool present = false; // false: the record is gone, which nothing but tampering does
    std::uint64_t seq = 0;
    std::string hash;
    std::uint64_t anchor_seq = 0; // entries up to here were dropped by retention
    std::string anchor_hash;      // hash of the last dropped one: the chain goes on from it
};

struct ledger_filter {
    std::uint64_t from_seq = 0; // 0: from the first
    std::uint32_t limit = 1000;
    std::string object = {}; // the rest: empty or 0 matches any
    run_id run = {};
    std::string connection = {};
    unix_ms since = 0;      // at or after
    unix_ms until = 0;      // before
    std::string actor = {}; // "token:anna", or "anna": of any kind
    std::string operation = {};
    std::string begins = {}; // the object, the operation or the actor begins so
    bool newest_first = false;
    std::uint64_t before_seq = 0; // only older ones; 0: any
};

// ---- figures ----

struct journal_stats {
    std::uint64_t events = 0;
    std::uint64_t duplicates = 0;       // dropped since the journal was made
    std::uint64_t poll_only_events = 0; // found by poll that no webhook had brought
    std::uint64_t runs[8] = {};         // by run_state
    std::uint64_t backlog = 0;          // ready + active: want to go on now
    std::uint64_t file_bytes = 0;
    std::uint64_t held = 0;         // waiting for a connection that takes no calls
    std::uint64_t dead_letters = 0; // failed + in_doubt
    std::uint64_t ledger_entries = 0;
    std::uint32_t schema_version = 0;
};

} // namespace mortise::host
