// SPDX-License-Identifier: Apache-2.0
// journal_tx over SQLite: one object for the writer's life, used inside one transaction after the
// other. [writer thread]
#pragma once

#include "journal/journal.hpp"
#include "journal/payload.hpp"
#include "journal/sqlite_db.hpp"
#include "journal/sqlite_names.hpp"

#include <array>
#include <unordered_map>
#include <unordered_set>

namespace mortise::host {

class sqlite_tx final : public journal_tx {
public:
    sqlite_tx(sqlite_db& db, const clock& time);

    // Around each transaction, called by the store.
    void begin();                                // after BEGIN
    void seal();                                 // before COMMIT: writes the counters
    void committed() noexcept { open_ = false; } // after COMMIT
    void rolled_back();                          // drops everything remembered

    accepted accept(const intake& in) override;
    void set_cursor(const cursor_update& c) override;
    std::vector<claimed_run>
    claim(std::string_view owner, std::uint32_t limit, unix_ms lease_until) override;
    void renew_leases(std::string_view owner, unix_ms lease_until) override;
    std::uint64_t release_leases(std::string_view owner) override;
    void put_step(const run_id& run, const step_record& step) override;
    void put_try(const run_id& run, std::string_view step, const step_try& t) override;
    bool put_wait(const run_id& run,
                  const step_record& step,
                  std::string_view event_type,
                  std::string_view event_key) override;
    bool put_spawn(const run_id& run, const step_record& step, const intake& child) override;
    run_state suspend(const run_id& run, unix_ms wake_at, std::string_view held) override;
    std::uint64_t release_held(std::string_view connection) override;
    bool finish(const run_id& run,
                run_state state,
                std::string_view result,
                const std::optional<error>& failure,
                std::string_view failed_step) override;
    void append_ledger(ledger_entry entry) override;
    void put_revision(std::string_view instance,
                      std::string_view revision,
                      std::string_view flow,
                      std::string_view flow_version,
                      std::string_view settings_json) override;
    mortise::result<void>
    retry(const run_id& run, bool redo, std::string_view result, std::string_view who) override;
    mortise::result<void>
    retry_anew(const run_id& run, const fresh_look& look, std::string_view who) override;
    mortise::result<void>
    discard(const run_id& run, std::string_view reason, std::string_view who) override;
    mortise::result<cancelled_runs>
    cancel(const run_id& run, std::string_view who, std::string_view reason) override;
    mortise::result<void> edit_event(const run_id& run,
                                     std::string_view data,
                                     std::span<const std::string> read_targets,
                                     std::string_view who) override;
    mortise::result<void> edit_step(const run_id& run,
                                    std::string_view step,
                                    std::string_view input,
                                    std::string_view who) override;
    void repin(const run_id& run,
               std::string_view version,
               std::string_view revision,
               std::string_view who) override;
    mortise::result<void> link_put(const link_record& link) override;
    bool link_remove(std::string_view relation, std::string_view a) override;
    mortise::result<std::uint64_t> state_put(std::string_view scope,
                                             std::string_view key,
                                             std::string_view value,
                                             std::uint64_t expected) override;
    std::vector<link_record>
    link_find(std::string_view relation, std::string_view a, std::string_view b) override;
    state_value state_get(std::string_view scope, std::string_view key) override;
    std::uint64_t serial() const override { return serial_; }
    bool kept(std::uint64_t serial) const override { return !lost_.contains(serial); }
    std::uint64_t backlog() const override {
        const auto of = [this](run_state s) { return now_.runs[static_cast<std::size_t>(s)]; };
        return static_cast<std::uint64_t>(of(run_state::ready) + of(run_state::active));
    }
    unix_ms now() const override { return time_.now_unix_ms(); }

private:
    friend class sqlite_trim; // retention.cpp

    // As in table counter; written back once a transaction.
    struct counters {
        std::int64_t events = 0;
        std::int64_t duplicates = 0;
        std::int64_t poll_only = 0;
        std::int64_t state_version = 0;
        std::array<std::int64_t, 8> runs{};
        bool operator==(const counters&) const = default;
    };
    // What decides about a run's next state.
    struct run_row {
        std::int64_t seq = 0;
        std::int64_t instance = 0;
        std::string key;
        run_state state = run_state::ready;
        bool head = false;
        bool poked = false;
        bool waited = false;
        std::int64_t event = 0;
        std::string failed_step;
        std::int64_t parent = 0; // 0: none
        std::uint32_t starts = 0;
    };
    struct chain_end {
        std::int64_t seq = 0;
        std::string hash;
    };

    std::optional<run_row> find_run(const run_id& run);
    run_row known_run(const run_id& run); // throws journal_failure when there is none
    std::int64_t run_seq(const run_id& run);
    void let_go(const run_id& run) { in_hand_.erase(run); }
    void count(run_state from, run_state to);
    stored_payload packed(std::string_view payload); // and counted; payload outlives it

    // sqlite_events.cpp
    void find_first(std::int64_t source, const event_record& e, accepted& out);
    void insert_run(const run_seed& seed, std::int64_t event_seq);
    void remember_fresh(const run_seed& seed,
                        const event_record& e,
                        const std::string& key,
                        const event_ref& ref,
                        unix_ms at);
    void
    wake_waits(std::int64_t event_seq, std::int64_t type, const event_record& e, accepted& out);
    void register_type(std::int64_t type);
    bool
    match_earlier(const run_row& run, std::int64_t step, std::int64_t type, std::string_view key);
    void complete_wait(std::int64_t run_seq,
                       std::int64_t step_seq,
                       std::int64_t event_seq,
                       std::string_view event_json);
    void upsert_step(std::int64_t run_seq, const step_record& step);
    std::int64_t step_seq(std::int64_t run_seq, std::string_view key);

    // sqlite_runs.cpp
    std::uint64_t release_owner(std::int64_t owner);
    void wake_due(std::uint32_t limit);
    void make_ready(std::int64_t run_seq); // a waiting one
    void note_cause(std::int64_t run_seq, std::string_view failed_step, const error& failure);
    claimed_run take_run(std::int64_t seq, std::int64_t owner);
    // Some other run of the key may have to go first, or can go on now.
    void pass_head(std::int64_t instance, const std::string& key);
    void end_waits(std::int64_t run_seq);

    // sqlite_children.cpp
    void refuse_deadlock(const run_row& parent, const run_seed& child);
    std::int64_t find_child(const run_row& parent, const event_record& e); // 0: none
    struct parent_row {
        std::int64_t seq = 0;
        run_state state = run_state::waiting;
    };
    // Completes the step that waits for this run, when it has ended.
    std::optional<parent_row> complete_spawn(std::int64_t child_seq);
    // The same, and wakes the parent. True: it became ready by it.
    bool end_child(std::int64_t child_seq);

    // sqlite_people.cpp
    void note(std::int64_t run_seq,
              std::string_view who,
              std::string_view action,
              std::string_view detail);
    std::int64_t doubtful_step(const run_row& run);
    void begin_again(const run_row& run, bool anew); // a dead letter becomes ready

    // sqlite_tries.cpp
    void insert_try(std::int64_t run_seq, std::string_view step, const step_try& t);
    // A person has the step made again, counting from 1: what it has come to until then is kept.
    void end_round(std::int64_t run_seq, std::string_view step);
    void forget_tries(std::int64_t run_seq); // of steps that are forgotten

    // sqlite_cancel.cpp
    bool
    cancel_one(const run_id& run, const run_row& row, std::string_view reason, cancelled_runs& out);

    // sqlite_ledger.cpp
    void load_chain();
    void seal_chain();

    sqlite_db& db_;
    const clock& time_;
    sqlite_names names_;
    counters stored_;
    counters now_;
    std::unordered_set<std::int64_t> waited_types_;
    // Made by this transaction and not changed since, by their sequence number.
    std::unordered_map<std::int64_t, claimed_run> fresh_;
    std::uint64_t serial_ = 0;
    bool open_ = false;                      // begun and neither committed nor rolled back
    std::unordered_set<std::uint64_t> lost_; // rolled back; there are few in a process's life
    bool loaded_ = false;
    chain_end chain_; // of the ledger
    bool chain_loaded_ = false;
    bool chain_grew_ = false;
    std::int64_t packed_raw_ = 0; // in this transaction, not yet in table care
    std::int64_t packed_stored_ = 0;
    run_id last_run_; // run_seq's memory: several steps of one run come in a row
    std::int64_t last_seq_ = 0;
    // Of claimed runs, until they end or sleep: spares a look into the index of ids.
    std::unordered_map<run_id, std::int64_t> in_hand_;
};

} // namespace mortise::host
