// SPDX-License-Identifier: Apache-2.0
// The writer thread: takes what is queued as one group, one transaction, one sync. Knows nothing of
// the storage engine, only of transactions.
#pragma once

#include "journal/journal.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace mortise::host {

// What the writer needs of an engine. All calls on the writer thread; begin and commit throw
// journal_failure.
class journal_store {
public:
    virtual ~journal_store() = default;
    virtual journal_tx& begin() = 0; // valid until commit or rollback
    virtual void commit() = 0;       // durable when it returns
    virtual void rollback() noexcept = 0;
    virtual void idle() noexcept {} // after each group's completions: housekeeping
};

// The error that stands for whatever an operation threw; call inside a catch block.
error current_failure();

class journal_writer {
public:
    // Both outlive the writer.
    journal_writer(journal_store& store, const journal_options& options);
    ~journal_writer(); // finishes what is queued

    void write(journal::operation op, journal::completion done); // [any-thread]
    result<void> flush();                                        // [any-thread] see journal::flush
    std::size_t queued() const noexcept { return queued_.load(); }

private:
    struct item {
        journal::operation op;
        journal::completion done;
    };
    using group = std::vector<item>;

    void loop();
    void run(group& items);
    void settle(group& items, const result<void>& outcome);
    // One transaction over [first, last). An error means that nothing of it was kept.
    result<void> commit(item* first, item* last);
    static void complete(item& it, const result<void>& outcome) noexcept;

    journal_store& store_;
    const journal_options& options_;
    std::uint64_t commits_ = 0; // writer thread only
    std::mutex mutex_;
    std::condition_variable wake_;
    group waiting_;          // guarded by mutex_
    std::size_t wanted_ = 1; // operations that wake the thread; guarded by mutex_
    bool closing_ = false;
    std::atomic<std::size_t> queued_{0};
    std::thread thread_; // last: uses all of the above
};

} // namespace mortise::host
