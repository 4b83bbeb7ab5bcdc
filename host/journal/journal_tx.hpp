// SPDX-License-Identifier: Apache-2.0
//
// One transaction's view of the journal, handed to a write operation. Comes with journal.hpp.
#pragma once

#include "journal/records.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace mortise::host {

// Business outcomes are return values; a storage failure throws journal_failure (caught by the
// writer). [writer thread]
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

    // ---- the run's owner: these take its word for it, they do not check the lease ----

    // Inserts or replaces the step with this key. started_at and ordinal are set on first insert;
    // an edited step keeps its mark and its input.
    virtual void put_step(const run_id& run, const step_record& step) = 0;
    // Keeps what became of an attempt of a step that was put. Held in a row for the same reason is
    // one try that grows longer.
    virtual void put_try(const run_id& run, std::string_view step, const step_try& t) = 0;
    // Like put_step with state waiting; when an event of this type and key (subject or partition
    // key; empty matches any) was accepted after the run was created and has not been consumed by
    // another wait of the same run, completes the step at once and returns true.
    virtual bool put_wait(const run_id& run,
                          const step_record& step,
                          std::string_view event_type,
                          std::string_view event_key) = 0;
    // Like put_wait for a child run: stores the step as waiting and the child's event and run.
    // child.runs holds one seed, with parent and parent_step set. When (source, id) of the event
    // is known the child made for it is taken: one spawn, one child, however often it is repeated.
    // Returns true when the child has ended already, so that the step is complete. The child's end
    // completes the step: succeeded with the child's result; cancelled or discarded with category
    // cancelled, code "run.child-ended". A child that is a dead letter leaves it waiting.
    // Throws before anything is written, when the child could never begin because it would wait for
    // a run that waits for it (input "run.child-order"), or when (source, id) is the event of
    // another run (conflict "run.child-taken").
    virtual bool put_spawn(const run_id& run, const step_record& step, const intake& child) = 0;
    // Out of memory until wake_at (0: only an event, a child's end or a person wakes it). When a
    // step of the run has become done in between, or a person asked it to stop, the run goes to
    // ready instead; returns the new state. held: the connection it waits for.
    virtual run_state
    suspend(const run_id& run, unix_ms wake_at, std::string_view held = std::string_view()) = 0;
    // Runs held by this connection become due now. Returns how many.
    virtual std::uint64_t release_held(std::string_view connection) = 0;
    // Ends the run (a final state). True: a waiting parent has become ready by it.
    virtual bool finish(const run_id& run,
                        run_state state,
                        std::string_view result,
                        const std::optional<error>& failure,
                        std::string_view failed_step) = 0;
    // Adds to the chain; seq, at and hash are set here.
    virtual void append_ledger(ledger_entry entry) = 0;
    // What runs of this revision were begun with; the first word on a revision stays.
    virtual void put_revision(std::string_view instance,
                              std::string_view revision,
                              std::string_view flow,
                              std::string_view flow_version,
                              std::string_view settings_json) = 0;

    // ---- people; who: kept in the run's notes ----
    // Errors of all: not_found (no such run), conflict (its state does not allow it), input.

    // failed/in_doubt -> ready: failed steps are forgotten so that they run again; calls whose
    // effect is unknown stay as retrying, so that they are looked up first. For in_doubt, `redo`
    // says whether the doubtful step is repeated (true) or taken as done with `result` (false). The
    // run goes before younger ones of its key, but not beside one that is active.
    virtual mortise::result<void> retry(const run_id& run,
                                        bool redo,
                                        std::string_view result,
                                        std::string_view who = std::string_view()) = 0;
    // For a failed run that is not to go on with what it had read: failed -> ready, and what it
    // reads, it reads again. What has come to pass (waits, sleeps, children, recorded
    // values, calls in neither list) stays; calls of `again` are forgotten, those of `look_first`
    // are looked up before they are repeated. Any other run: as retry() without redo.
    virtual mortise::result<void>
    retry_anew(const run_id& run, const fresh_look& look, std::string_view who) = 0;
    // failed/in_doubt -> discarded; the reason is kept as result {"reason":...}. A parent that
    // waits for it becomes ready. Errors: also input (no reason).
    virtual mortise::result<void> discard(const run_id& run,
                                          std::string_view reason,
                                          std::string_view who = std::string_view()) = 0;
    // The run and, through all generations, its unfinished children. A run that never began ends
    // at once; a waiting one becomes ready with cancel_reason set; an active one only gets that.
    // Cancelling again changes nothing and answers the same. Errors: also input (no reason).
    virtual mortise::result<cancelled_runs>
    cancel(const run_id& run, std::string_view who, std::string_view reason) = 0;
    // Dead letters: begins again from the start with other event data (JSON). Refused once a call,
    // transfer or child run has begun that is not among read_targets (step targets that change
    // nothing), as that would be done twice.
    virtual mortise::result<void> edit_event(const run_id& run,
                                             std::string_view data,
                                             std::span<const std::string> read_targets,
                                             std::string_view who) = 0;
    // Dead letters: goes on like retry(), with another input (JSON) for this failed or doubtful
    // call.
    virtual mortise::result<void> edit_step(const run_id& run,
                                            std::string_view step,
                                            std::string_view input,
                                            std::string_view who) = 0;
    // Another plugin version and configuration for an unfinished run or a dead letter. Throws
    // journal_failure (not_found, conflict).
    virtual void repin(const run_id& run,
                       std::string_view version,
                       std::string_view revision,
                       std::string_view who) = 0;

    // ---- links and state ----

    // Errors: conflict when b is linked to another a in this relation.
    virtual mortise::result<void> link_put(const link_record& link) = 0;
    virtual bool link_remove(std::string_view relation, std::string_view a) = 0;

    // Compare-and-set; expected is MORTISE_STATE_ANY, MORTISE_STATE_ABSENT or a version. value
    // empty: delete. Returns the new version, or conflict with the current one in error::details.
    virtual mortise::result<std::uint64_t> state_put(std::string_view scope,
                                                     std::string_view key,
                                                     std::string_view value,
                                                     std::uint64_t expected) = 0;

    // Reads that must see this transaction.
    virtual std::vector<link_record> link_find(std::string_view relation,
                                               std::string_view a,
                                               std::string_view b) = 0; // a may end in '*': prefix
    virtual state_value state_get(std::string_view scope, std::string_view key) = 0;

    // The number of this transaction in the life of the journal's process, and whether what was
    // written under a number was kept: it committed, or it is this one. For writes that make sense
    // only when an earlier one did not fail.
    virtual std::uint64_t serial() const = 0;
    virtual bool kept(std::uint64_t serial) const = 0;

    // Runs that want to go on now: ready and active ones.
    virtual std::uint64_t backlog() const = 0;
    virtual unix_ms now() const = 0; // the journal's clock
};

} // namespace mortise::host
