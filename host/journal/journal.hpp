// SPDX-License-Identifier: Apache-2.0
//
// The durable record of everything Mortise has accepted and done. One interface; the storage engine
// behind it (SQLite in sqlite_*.cpp, PostgreSQL to come) shows none of its types.
//
// Writes are small operations that run one after another on the journal's writer thread; as many as
// are queued share one transaction and one sync (group commit). A completion is called only when
// the transaction is on stable storage.
#pragma once

#include "journal/journal_reader.hpp"
#include "journal/journal_tx.hpp"
#include "journal/records.hpp"
#include "journal/retention_rules.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

class journal {
public:
    // Runs on the writer thread, inside a transaction that others share. It may run a second time
    // when the shared transaction had to be rolled back, so it must assign, not append, what it
    // hands out. Throwing fails this operation only.
    using operation = std::function<void(journal_tx&)>;
    // Called once, after the commit is durable, or with why it could not be (category unavailable:
    // disk full, I/O error); where, see journal_options::hand_over. Must be quick: post elsewhere.
    // A journal opened for reading only refuses at once, on the calling thread.
    using completion = std::function<void(const result<void>&)>;
    using query = std::function<void(journal_reader&)>;

    virtual ~journal() = default; // finishes what is queued

    virtual void write(operation op, completion done) = 0; // [any-thread]
    // Runs the query on a reader connection, on the calling thread. May throw journal_failure.
    virtual void read(const query& q) = 0; // [any-thread]
    // Waits until everything queued before is durable and completed. Not from a thread on which
    // completions run.
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
    // Where completions run: called on the writer thread once for each group, with what completes
    // it. It must run them one after another, in the order it was called. Unset: on the writer
    // thread.
    std::function<void(std::function<void()>)> hand_over;
    retention_rules retention; // default: everything is kept
    // Checkpoints and retention on a thread of the journal's own. False (simulations): checkpoints
    // on the writer thread, retention only by trim().
    bool background = true;
    std::uint32_t checkpoint_pages = 4000; // of the log before it is moved into the file
    // Told on the writer thread of each transaction: how long it took with its sync, how many
    // operations it held, and why it could not be kept (null: it was). Must be quick.
    std::function<void(std::chrono::nanoseconds took, std::size_t operations, const error* failure)>
        committed;
    // Test seam: called on the writer thread around the n-th commit (1-based). May kill the
    // process.
    std::function<void(journal_point, std::uint64_t)> test_point;
};

// Opens or creates. Errors (category config): cannot open, not a Mortise journal, made by a newer
// version, corrupted, locked by another host; each says what to do.
result<std::unique_ptr<journal>> open_sqlite_journal(const journal_options& options);

} // namespace mortise::host
