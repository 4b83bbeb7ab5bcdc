// SPDX-License-Identifier: Apache-2.0
//
// The journal's real SQLite code without its thread and without a disk: operations are committed in
// groups when the simulation says so, completions come when it says so, and commits fail when it
// wants them to.
#pragma once

#include "journal/journal.hpp"
#include "journal/sqlite_db.hpp"
#include "journal/sqlite_reader.hpp"
#include "journal/sqlite_tx.hpp"
#include "sim_random.hpp"
#include "sim_trace.hpp"

#include <deque>
#include <memory>
#include <string>

namespace mortise::host::testing {

class sim_journal final : public journal {
public:
    struct faults {
        std::uint64_t group_fails = 0; // per mille: a shared transaction is rolled back
        std::uint64_t one_fails = 0;   // per mille: and so is one alone
        std::uint64_t read_fails = 0;  // per mille
        bool outage = false;           // nothing can be committed (disk full)
    };

    sim_journal(const clock& time, sim_random& random, sim_trace& trace);

    void write(operation op, completion done) override;
    void read(const query& q) override;
    result<void> flush() override;
    std::size_t queued() const override { return waiting_.size() + finished_.size(); }

    void set_retention(retention_rules) override {} // everything is kept
    result<trimmed> trim() override { return trimmed{}; }

    // ---- the simulation's side ----
    bool commit_group(); // one transaction of up to group_limit operations; false: nothing to do
    bool complete_one(); // tells the oldest one how it ended
    // The process is dead: whoever waits hears that it failed, whatever was committed; later writes
    // fail at once. Reading still works, for those who take the history.
    void die();
    void rise();
    void look(const query& q); // reads without faults

    faults fault;
    std::uint64_t group_limit = 64;
    std::uint64_t commits() const { return commits_; }
    std::uint64_t refusals() const { return refusals_; } // of operations, for good

private:
    struct item {
        operation op;
        completion done;
    };
    struct ending {
        completion done;
        result<void> outcome;
    };
    result<void> commit(item* first, item* last, std::uint64_t fails);

    sim_random& random_;
    sim_trace& trace_;
    const std::string path_;
    sqlite_db db_;
    std::unique_ptr<sqlite_tx> tx_;
    std::unique_ptr<sqlite_reader> reader_;
    const clock& time_;
    std::deque<item> waiting_;
    std::deque<ending> finished_;
    std::uint64_t commits_ = 0;
    std::uint64_t refusals_ = 0;
    bool dead_ = false;
    bool looking_ = false;
};

} // namespace mortise::host::testing
