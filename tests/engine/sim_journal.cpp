// SPDX-License-Identifier: Apache-2.0
#include "sim_journal.hpp"

#include "journal/schema.hpp"
#include "journal/writer.hpp" // current_failure

#include <sqlite3.h>

#include <algorithm>
#include <atomic>

namespace mortise::host::testing {
namespace {

// SQLite must know of URIs before its first use; they lead to databases that live in memory and are
// shared by name.
const int uris_are_names = sqlite3_config(SQLITE_CONFIG_URI, 1);

std::string new_name() {
    static std::atomic<std::uint64_t> last{0};
    return "file:/sim-" + std::to_string(++last) + "?vfs=memdb";
}

error storage_failure() {
    error e(category::unavailable, "journal.io", "the simulation let a commit fail");
    e.effect = effect::none;
    return e;
}

error death() {
    error e(category::unavailable, "journal.dead", "the simulated process has died");
    e.effect = effect::none;
    return e;
}

} // namespace

sim_journal::sim_journal(const clock& time, sim_random& random, sim_trace& trace)
    : random_(random), trace_(trace), path_(new_name()), db_(path_, sqlite_db::mode::create),
      time_(time) {
    static_cast<void>(uris_are_names);
    db_.script("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY");
    prepare_schema(db_, path_, false);
    rise();
}

void sim_journal::rise() {
    dead_ = false;
    tx_ = std::make_unique<sqlite_tx>(db_, time_); // remembers nothing of the life before
    reader_ = std::make_unique<sqlite_reader>(path_);
}

void sim_journal::write(operation op, completion done) {
    if (dead_) {
        if (done) finished_.push_back({std::move(done), death()});
        return;
    }
    waiting_.push_back({std::move(op), std::move(done)});
}

void sim_journal::read(const query& q) {
    if (dead_ || random_.per_mille(fault.read_fails)) throw journal_failure(storage_failure());
    reader_->run_query(q);
}

void sim_journal::look(const query& q) {
    if (looking_) { // from inside another look: on the same snapshot
        q(*reader_);
        return;
    }
    looking_ = true;
    reader_->run_query(q);
    looking_ = false;
}

result<void> sim_journal::flush() {
    if (dead_) return death();
    result<void> last;
    write([](journal_tx&) {}, [&last](const result<void>& r) { last = r; });
    while (!waiting_.empty())
        commit_group();
    while (!finished_.empty())
        complete_one();
    return last;
}

bool sim_journal::commit_group() {
    if (waiting_.empty()) return false;
    const auto most = std::min<std::uint64_t>(waiting_.size(), group_limit);
    const auto n = static_cast<std::ptrdiff_t>(random_.between(1, most));
    std::vector<item> items(std::make_move_iterator(waiting_.begin()),
                            std::make_move_iterator(waiting_.begin() + n));
    waiting_.erase(waiting_.begin(), waiting_.begin() + n);
    item* const first = items.data();
    item* const last = first + items.size();
    const bool alone = items.size() == 1;
    const auto together = commit(first, last, alone ? fault.one_fails : fault.group_fails);
    for (item* it = first; it != last; ++it) {
        // Only the guilty one may fail; the others get a transaction each.
        auto outcome = together || alone ? together : commit(it, it + 1, fault.one_fails);
        if (!outcome) ++refusals_;
        if (it->done) finished_.push_back({std::move(it->done), std::move(outcome)});
    }
    return true;
}

result<void> sim_journal::commit(item* first, item* last, std::uint64_t fails) {
    ++commits_;
    try {
        db_.exec("BEGIN IMMEDIATE");
        tx_->begin();
        for (item* it = first; it != last; ++it)
            it->op(*tx_);
        if (fault.outage || random_.per_mille(fails)) throw journal_failure(storage_failure());
        tx_->seal();
        db_.exec("COMMIT");
        tx_->committed();
    } catch (...) {
        error why = current_failure();
        trace_.note(time_.now_mono_ns(), {"journal: rolls back", why.code, why.message});
        tx_->rolled_back();
        db_.rollback();
        return why;
    }
    return {};
}

bool sim_journal::complete_one() {
    if (finished_.empty()) return false;
    const auto it = std::move(finished_.front());
    finished_.pop_front();
    it.done(it.outcome);
    return true;
}

void sim_journal::die() {
    dead_ = true;
    for (auto& f : finished_)
        f.outcome = death();
    for (auto& w : waiting_) {
        if (w.done) finished_.push_back({std::move(w.done), death()});
    }
    waiting_.clear();
}

} // namespace mortise::host::testing
