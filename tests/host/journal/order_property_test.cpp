// SPDX-License-Identifier: Apache-2.0
// Random histories against a model: a key's runs go one after another, oldest first, over waits,
// retries by hand, lost leases and restarts; an event is known by its source and id for ever.
#include "fixture.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace mortise;
using namespace mortise::host;
using mortise::test::journal_fixture;

namespace {

constexpr unix_ms lease = 10'000;

struct model_run {
    std::string key;
    run_state state = run_state::ready;
    unix_ms wake_at = 0;
    std::string owner;
};

class history {
public:
    explicit history(unsigned seed) : random_(seed) {}

    void go(int steps) {
        for (int i = 0; i < steps; ++i) {
            switch (pick(9)) {
            case 0:
            case 1:
                accept();
                break;
            case 2:
            case 3:
                claim(pick(3) == 0 ? 1 : 100);
                break;
            case 4:
                finish();
                break;
            case 5:
                suspend();
                break;
            case 6:
                retry();
                break;
            case 7:
                f_.time.advance(std::chrono::milliseconds(pick(4) == 0 ? lease + 1 : 500));
                break;
            case 8:
                if (pick(4) == 0) restart();
                break;
            }
        }
        // Whatever happened, everything comes to its end, in order.
        for (int i = 0; i < 500 && open() > 0; ++i) {
            f_.time.advance(std::chrono::milliseconds(lease + 1));
            claim(100);
            while (active() > 0)
                finish(run_state::succeeded);
        }
        CHECK(open() == 0);
        const auto s = f_.stats();
        CHECK(s.events == static_cast<std::uint64_t>(events_));
        CHECK(s.duplicates == static_cast<std::uint64_t>(duplicates_));
        CHECK(s.backlog == 0);
    }

private:
    unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }
    static std::string name(std::size_t n) {
        const auto digits = std::to_string(n);
        return "00000000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
    }
    template <class Wanted>
    std::vector<std::string> those(Wanted wanted) const {
        std::vector<std::string> out;
        for (const auto& [id, r] : runs_) {
            if (wanted(r)) out.push_back(id);
        }
        return out;
    }
    std::size_t active() const {
        return those([](const model_run& r) { return r.state == run_state::active; }).size();
    }
    std::size_t open() const {
        return those([](const model_run& r) { return !is_final(r.state); }).size();
    }

    void accept() {
        const bool again = events_ > 0 && pick(4) == 0;
        const auto n = again ? pick(static_cast<unsigned>(events_)) : events_;
        const auto key = "k" + std::to_string(n % 4);
        const auto id = name(1'000'000 + ++made_);
        const auto got = f_.accept(journal_fixture::intake_of("e" + std::to_string(n), id, key));
        CHECK(got.duplicate == again);
        if (again) {
            ++duplicates_;
            return;
        }
        ++events_;
        runs_[id] = {key, run_state::ready, 0, {}};
    }

    // The run of a key that may be at work: the oldest that has not come to an end.
    std::map<std::string, std::string> heads() const {
        std::map<std::string, std::string> out;
        for (const auto& [id, r] : runs_) {
            if (!is_final(r.state)) out.try_emplace(r.key, id);
        }
        return out;
    }

    void claim(std::uint32_t limit) {
        const auto now = f_.time.now_unix_ms();
        const std::string owner = pick(2) == 0 ? "host-a" : "host-b";
        // A lease belongs to a host; when another one's has run out its runs are free. One's own
        // are not taken from under oneself.
        for (auto& [id, r] : runs_) {
            if (r.state == run_state::active && r.owner != owner && leases_[r.owner] <= now) {
                r.state = run_state::ready;
                r.owner.clear();
            }
        }
        std::set<std::string> may;
        for (const auto& [key, id] : heads()) {
            const auto& r = runs_[id];
            const bool due = r.state == run_state::waiting && r.wake_at != 0 && r.wake_at <= now;
            const bool busy = std::any_of(runs_.begin(), runs_.end(), [&](const auto& other) {
                return other.second.key == key && other.second.state == run_state::active;
            });
            if (!busy && (r.state == run_state::ready || due)) may.insert(id);
        }
        const auto got = f_.claimed_ids(limit, owner);
        if (limit > 10) CHECK(got.size() == may.size());
        if (!got.empty()) leases_[owner] = now + 30'000; // as the fixture claims
        for (const auto& id : got) {
            INFO(id);
            CHECK(may.contains(id));
            runs_[id].state = run_state::active;
            runs_[id].owner = owner;
            runs_[id].wake_at = 0;
        }
    }

    void finish() {
        const run_state ends[] = {run_state::succeeded, run_state::succeeded, run_state::failed,
                                  run_state::in_doubt};
        finish(ends[pick(4)]);
    }
    void finish(run_state end) {
        const auto at_work = those([](const model_run& r) { return r.state == run_state::active; });
        if (at_work.empty()) return;
        const auto& id = at_work[pick(static_cast<unsigned>(at_work.size()))];
        f_.finish(id, end);
        runs_[id].state = end;
    }

    void suspend() {
        const auto at_work = those([](const model_run& r) { return r.state == run_state::active; });
        if (at_work.empty()) return;
        const auto& id = at_work[pick(static_cast<unsigned>(at_work.size()))];
        const auto wake = f_.time.now_unix_ms() + 1 + pick(2'000);
        CHECK(f_.suspend(id, wake) == run_state::waiting);
        runs_[id].state = run_state::waiting;
        runs_[id].wake_at = wake;
        runs_[id].owner.clear();
    }

    void retry() {
        const auto dead = those([](const model_run& r) { return is_dead(r.state); });
        if (dead.empty()) return;
        const auto& id = dead[pick(static_cast<unsigned>(dead.size()))];
        result<void> done;
        f_.write([&](journal_tx& tx) { done = tx.retry(run_id(id), true, {}); });
        CHECK(done.has_value());
        runs_[id].state = run_state::ready;
    }

    void restart() {
        f_.reopen();
        f_.write([](journal_tx& tx) { tx.release_leases("host-a"); });
        const auto now = f_.time.now_unix_ms();
        for (auto& [id, r] : runs_) {
            const bool free = r.owner == "host-a" || leases_[r.owner] <= now;
            if (r.state == run_state::active && free) {
                r.state = run_state::ready;
                r.owner.clear();
            }
        }
    }

    journal_fixture f_;
    std::mt19937 random_;
    std::map<std::string, model_run> runs_; // by id, which is their age
    std::map<std::string, unix_ms> leases_;
    unsigned events_ = 0, duplicates_ = 0;
    std::size_t made_ = 0;
};

} // namespace

TEST_CASE("keys stay in order and events are known, whatever happens", "[journal][property]") {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        INFO("seed " << seed);
        history(seed).go(120);
    }
}
