// SPDX-License-Identifier: Apache-2.0
//
// Reads for services and people; on a connection of its own, never in the writer's way. Comes with
// journal.hpp.
#pragma once

#include "journal/records.hpp"

#include <map>
#include <string_view>
#include <vector>

namespace mortise::host {

// All reads of one query see the same state. A storage failure throws journal_failure.
class journal_reader {
public:
    virtual ~journal_reader() = default;
    virtual std::string cursor(std::string_view connection, std::string_view trigger) = 0;
    virtual state_value state_get(std::string_view scope, std::string_view key) = 0;
    virtual std::vector<state_value> state_list(std::string_view scope,
                                                std::string_view prefix,
                                                std::string_view after,
                                                std::uint32_t limit) = 0;
    virtual std::vector<link_record> links(std::string_view relation, std::uint32_t limit) = 0;
    // Those of which this is one side.
    virtual std::vector<link_record> links_with(std::string_view relation,
                                                std::string_view side) = 0;
    virtual std::vector<run_record> runs(const run_filter& filter) = 0; // newest first
    virtual std::optional<claimed_run> run(const run_id& id) = 0;       // with event and steps
    virtual std::vector<run_record> children(const run_id& id) = 0;     // oldest first
    virtual std::vector<run_note> notes(const run_id& id) = 0;          // oldest first
    // Failed and in_doubt runs by cause, the most frequent first. instance empty: all.
    virtual std::vector<dead_letter_group> dead_letters(std::string_view instance,
                                                        std::uint32_t limit) = 0;
    // By flow instance; instances of which nothing is under way are left out.
    virtual std::map<std::string, instance_counts> instances() = 0;
    virtual std::vector<event_record> events(const event_filter& filter) = 0; // newest first
    virtual std::optional<event_record> event(const event_ref& ref) = 0;
    virtual std::vector<run_record> runs_of(const event_ref& ref) = 0;         // oldest first
    virtual std::vector<ledger_entry> ledger(const ledger_filter& filter) = 0; // by seq
    virtual mortise::host::ledger_head ledger_head() = 0;
    // The settings (JSON) that runs of this revision were begun with.
    virtual std::optional<std::string> revision(std::string_view instance,
                                                std::string_view revision) = 0;
    virtual journal_stats stats() = 0;
    // The earliest time a waiting run wants to wake; 0 when none does.
    virtual unix_ms next_wake() = 0;
};

} // namespace mortise::host
