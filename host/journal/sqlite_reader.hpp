// SPDX-License-Identifier: Apache-2.0
// journal_reader over a SQLite connection of its own. [one thread at a time]
#pragma once

#include "journal/journal.hpp"
#include "journal/sqlite_db.hpp"
#include "journal/sqlite_names.hpp"

namespace mortise::host {

class sqlite_reader final : public journal_reader {
public:
    explicit sqlite_reader(const std::string& path);

    // Runs q on one snapshot: all its reads see the same state.
    void run_query(const journal::query& q);

    std::string cursor(std::string_view connection, std::string_view trigger) override;
    state_value state_get(std::string_view scope, std::string_view key) override;
    std::vector<state_value> state_list(std::string_view scope,
                                        std::string_view prefix,
                                        std::string_view after,
                                        std::uint32_t limit) override;
    std::vector<link_record> links(std::string_view relation, std::uint32_t limit) override;
    std::vector<link_record> links_with(std::string_view relation, std::string_view side) override;
    std::vector<run_record> runs(const run_filter& filter) override;
    std::optional<claimed_run> run(const run_id& id) override;
    std::vector<run_record> children(const run_id& id) override;
    std::vector<run_note> notes(const run_id& id) override;
    std::vector<dead_letter_group> dead_letters(std::string_view instance,
                                                std::uint32_t limit) override;
    std::vector<ledger_entry> ledger(const ledger_filter& filter) override;
    mortise::host::ledger_head ledger_head() override;
    std::optional<std::string> revision(std::string_view instance,
                                        std::string_view revision) override;
    std::map<std::string, instance_counts> instances() override;
    std::vector<event_record> events(const event_filter& filter) override;
    std::optional<event_record> event(const event_ref& ref) override;
    std::vector<run_record> runs_of(const event_ref& ref) override;
    journal_stats stats() override;
    unix_ms next_wake() override;

private:
    std::string path_;
    sqlite_db db_;
    sqlite_names names_;
};

} // namespace mortise::host
