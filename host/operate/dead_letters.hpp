// SPDX-License-Identifier: Apache-2.0
//
// What a person may do with runs that ended as failed or in doubt: let them go on from the failed
// step, change their event or the step's input, give them up. Each is recorded with who did it. The
// admin listener and the command line both come here; it needs a journal, not a running engine.
#pragma once

#include "base/result.hpp"
#include "journal/journal.hpp"
#include "operate/flow_directory.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mortise::host {

// How a run goes on. For a run in doubt exactly one of redo and taken_as_done must be given: the
// host does not guess.
struct retry_choice {
    bool redo = false;                             // the doubtful step is repeated
    std::optional<std::string> taken_as_done = {}; // it did happen; its result as JSON
    bool repin = false; // with the flow's version and settings of today instead of its first
    bool fresh = false; // failed: reads the systems again instead of going on with what it read
};

class dead_letters {
public:
    // The flows as configured now; never null.
    using directory_source = std::function<std::shared_ptr<const flow_directory>()>;
    // Called after a change is durable, with how many dead letters have become ready by it: 0 for a
    // discard, which may have made a parent ready. May be empty.
    using ready_hook = std::function<void(std::uint64_t)>;
    // Called once, on the journal's writer thread or the calling one, with the run's new state.
    using answer = std::function<void(result<run_state>)>;

    // The journal outlives it.
    dead_letters(journal& store, directory_source flows, ready_hook made_ready);

    // All [any-thread]; each reads the journal on the calling thread first. Errors: not_found (no
    // such run), conflict (its state does not allow it, or the choice is missing or does not fit),
    // input (what was given does not fit), unavailable (the journal cannot write).
    void retry(const run_id& run, retry_choice choice, std::string who, answer done);
    void discard(const run_id& run, std::string reason, std::string who, answer done);
    // The event's data, for a run that has not changed anything outside yet: its steps begin again.
    void edit_event(const run_id& run, std::string_view data, std::string who, answer done);
    // The input of a failed call (step empty: of the failed step); see run_edits.hpp for merge.
    void edit_step(const run_id& run,
                   std::string_view step,
                   std::string_view input,
                   bool merge,
                   std::string who,
                   answer done);

    // Retries inside a transaction; of the choice redo and fresh count. For a run in doubt without
    // redo the error is conflict. A run that its flow ended, and not a failed step, always reads
    // again what it read: the cause was mended there. flow: null when it is not configured any
    // more; then nothing is known of its calls: fresh is refused (conflict), others go on from
    // where they stopped.
    static result<void> retry_in(journal_tx& tx,
                                 const run_record& run,
                                 const flow_entry* flow,
                                 const retry_choice& choice,
                                 std::string_view who);

    std::shared_ptr<const flow_directory> flows() const { return flows_(); }
    journal& store() const noexcept { return store_; }
    void made_ready(std::uint64_t n) const;

private:
    using change = std::function<result<void>(journal_tx&)>;
    result<claimed_run> find(const run_id& run) const;
    void write(change c, run_state after, answer done);

    journal& store_;
    const directory_source flows_;
    const ready_hook ready_;
};

// Why a run in doubt does not go on by itself, and what there is to choose.
error undecided(const run_record& run);

} // namespace mortise::host
