// SPDX-License-Identifier: Apache-2.0
//
// The durable record of everything Mortise has accepted and done. One interface; the storage engine
// behind it (SQLite in sqlite_*.cpp, PostgreSQL to come) shows none of its types.
//
// Writes are small operations that run one after another on the journal's writer thread; as many as
// are queued share one transaction and one sync (group commit). A completion is called only when
// the transaction is on stable storage.
#pragma once

#include "journal/records.hpp"
#include "journal/retention_rules.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// One transaction's view, handed to a write operation. Business outcomes are return values; a
// storage failure throws journal_failure (caught by the writer).
class journal_tx {
public:
    virtual ~journal_tx() = default;

    // Stores an event and its runs, or finds that (source, id) is known. Waiting steps that match
    // the event's type and key are completed with its CloudEvents JSON and their runs become ready.
    // An event for which `runs` is empty is stored all the same. A run that is active when one of
    // its waits completes is not in `woken`: its suspend() answers ready.
    virtual accepted accept(const intake& in) = 0;
    virtual void set_cursor(const cursor_update& c) = 0;

    // Takes up to limit ready runs, each the oldest unfinished of its (instance, key), under a
    // lease. Also takes runs whose lease has run out and waiting runs whose wake_at has come. The
    // lease is the owner's, for all its runs: a later claim prolongs it, never shortens it.
    virtual std::vector<claimed_run>
    claim(std::string_view owner, std::uint32_t limit, unix_ms lease_until) = 0;
    virtual void renew_leases(std::string_view owner, unix_ms lease_until) = 0;
    // At start: runs still leased to this owner (or expired) become ready again. Returns how many.
    virtual std::uint64_t release_leases(std::string_view owner) = 0;

    // The functions below take the run's current owner's word for it: they do not check the lease.

    // Inserts or replaces the step with this key. started_at and ordinal are set on first insert.
    virtual void put_step(const run_id& run, const step_record& step) = 0;
    // Like put_step with state waiting; when an event of this type and key (subject or partition
    // key; empty matches any) was accepted after the run was created and has not been consumed by
    // another wait of the same run, completes the step at once and returns true.
    virtual bool put_wait(const run_id& run,
                          const step_record& step,
                          std::string_view event_type,
                          std::string_view event_key) = 0;
    // Out of memory until wake_at (0: only an event wakes it). When a step of the run has become
    // done in between (an event came), the run goes to ready instead; returns the new state.
    virtual run_state suspend(const run_id& run, unix_ms wake_at) = 0;
    // Ends the run (a final state).
    virtual void finish(const run_id& run,
                        run_state state,
                        std::string_view result,
                        const std::optional<error>& failure,
                        std::string_view failed_step) = 0;
    // failed/in_doubt -> ready: failed steps are forgotten so that they run again; calls whose
    // effect is unknown stay as retrying, so that they are looked up first. For in_doubt, `redo`
    // says whether the doubtful step is repeated (true) or taken as done with `result` (false). The
    // run goes before younger ones of its key, but not beside one that is active. Errors:
    // not_found, conflict (state does not allow it).
    virtual result<void> retry(const run_id& run, bool redo, std::string_view result) = 0;
    // failed/in_doubt -> discarded; the reason is kept as result {"reason":...}. Errors: input (no
    // reason), not_found, conflict.
    virtual result<void> discard(const run_id& run, std::string_view reason) = 0;

    // Errors: conflict when b is linked to another a in this relation.
    virtual result<void> link_put(const link_record& link) = 0;
    virtual bool link_remove(std::string_view relation, std::string_view a) = 0;

    // Compare-and-set; expected is MORTISE_STATE_ANY, MORTISE_STATE_ABSENT or a version. value
    // empty: delete. Returns the new version, or conflict with the current one in error::details.
    virtual result<std::uint64_t> state_put(std::string_view scope,
                                            std::string_view key,
                                            std::string_view value,
                                            std::uint64_t expected) = 0;

    // Reads that must see this transaction.
    virtual std::vector<link_record> link_find(std::string_view relation,
                                               std::string_view a,
                                               std::string_view b) = 0; // a may end in '*': prefix
    virtual state_value state_get(std::string_view scope, std::string_view key) = 0;

    virtual unix_ms now() const = 0; // the journal's clock
};

// Reads for services and people; on a connection of its own, never in the writer's way.
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
    virtual std::vector<run_record> runs(const run_filter& filter) = 0; // newest first
    virtual std::optional<claimed_run> run(const run_id& id) = 0;       // with event and steps
    virtual std::vector<event_record> events(const event_filter& filter) = 0;
    virtual journal_stats stats() = 0;
    // The earliest time a waiting run wants to wake; 0 when none does.
    virtual unix_ms next_wake() = 0;
};

class journal {
public:
    // Runs on the writer thread, inside a transaction that others share. It may run a second time
    // when the shared transaction had to be rolled back, so it must assign, not append, what it
    // hands out. Throwing fails this operation only.
    using operation = std::function<void(journal_tx&)>;
    // Called once on the writer thread after the commit is durable, or with why it could not be
    // (category unavailable: disk full, I/O error). Must be quick: post elsewhere. A journal opened
    // for reading only refuses at once, on the calling thread.
    using completion = std::function<void(const result<void>&)>;
    using query = std::function<void(journal_reader&)>;

    virtual ~journal() = default; // finishes what is queued

    virtual void write(operation op, completion done) = 0; // [any-thread]
    // Runs the query on a reader connection, on the calling thread. May throw journal_failure.
    virtual void read(const query& q) = 0; // [any-thread]
    // Waits until everything queued before is durable. Not from the writer thread.
    virtual result<void> flush() = 0;       // [any-thread]
    virtual std::size_t queued() const = 0; // [any-thread] operations not yet durable

    // Retention by these rules from now on; replaces journal_options::retention.
    virtual void set_retention(retention_rules rules) = 0; // [any-thread]
    // A whole sweep of retention now, instead of waiting for the next one. Not from the writer
    // thread.
    virtual result<trimmed> trim() = 0; // [any-thread]
};

// Thrown out of journal_tx and journal_reader on storage failures; carries an error.
class journal_failure : public std::runtime_error {
public:
    explicit journal_failure(error e) : std::runtime_error(e.message), what_(std::move(e)) {}
    const error& get() const noexcept { return what_; }

private:
    error what_;
};

enum class journal_point { before_commit, after_commit };

struct journal_options {
    std::string path;                // file; its folder must exist and be writable
    bool read_only = false;          // for the CLI beside a running host: write() is refused
    std::uint32_t group_limit = 512; // operations per transaction
    const clock* time = nullptr;     // required; outlives the journal
    retention_rules retention;       // default: everything is kept
    // Checkpoints and retention on a thread of the journal's own. False (simulations): checkpoints
    // on the writer thread, retention only by trim().
    bool background = true;
    std::uint32_t checkpoint_pages = 4000; // of the log before it is moved into the file
    // Test seam: called on the writer thread around the n-th commit (1-based). May kill the
    // process.
    std::function<void(journal_point, std::uint64_t)> test_point;
};

// Opens or creates. Errors (category config): cannot open, not a Mortise journal, made by a newer
// version, corrupted, locked by another host; each says what to do.
result<std::unique_ptr<journal>> open_sqlite_journal(const journal_options& options);

} // namespace mortise::host
