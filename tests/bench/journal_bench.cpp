// SPDX-License-Identifier: Apache-2.0
// How fast the journal makes events durable, with one writer waiting for each commit and with many.
// MORTISE_BENCH_DIR names the folder of the file (default: the current one); use the disk in
// question.
#include "journal/journal.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace mortise::host;

const std::string payload = "{\"metadata\":\"" + std::string(1000, 'x') + "\"}";

struct bench_journal {
    bench_journal() {
        const char* dir = std::getenv("MORTISE_BENCH_DIR");
        folder = std::filesystem::path(dir != nullptr ? dir : ".") /
                 ("journal-bench-" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder);
        journal_options options;
        options.path = (folder / "journal.db").string();
        options.time = &time;
        store = open_sqlite_journal(options).value();
    }
    ~bench_journal() {
        store.reset();
        std::error_code ec;
        std::filesystem::remove_all(folder, ec);
    }

    std::filesystem::path folder;
    system_clock time;
    std::unique_ptr<journal> store;
};

// Keeps at most `most` operations in flight.
class window {
public:
    explicit window(std::int64_t most) : most_(most) {}
    void enter() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return in_flight_ < most_; });
        ++in_flight_;
    }
    void leave() {
        const std::lock_guard lock(mutex_);
        --in_flight_;
        changed_.notify_one();
    }
    void drain() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return in_flight_ == 0; });
    }

private:
    const std::int64_t most_;
    std::int64_t in_flight_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
};

intake next_event(std::uint64_t n, const std::string& run) {
    intake in;
    in.event.id = uuid_v7(static_cast<unix_ms>(1'700'000'000'000 + n));
    in.event.source = "/connections/dam";
    in.event.type = "dam.asset.approved";
    in.event.subject = "asset-" + std::to_string(n % 5000);
    in.event.via = "webhook";
    in.event.data = payload;
    in.runs.push_back({run_id(run), "campaigns", run, "campaign-assets", "1.0.0", "r1"});
    return in;
}

// Accepting only: what a webhook waits for.
void accept_events(benchmark::State& state) {
    bench_journal j;
    window w(state.range(0));
    std::uint64_t n = 0;
    for (auto _ : state) {
        w.enter();
        j.store->write([in = next_event(++n, uuid_v7(j.time.now_unix_ms()))](
                           journal_tx& tx) { tx.accept(in); },
                       [&w](const result<void>&) { w.leave(); });
    }
    w.drain();
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(accept_events)->Arg(1)->Arg(64)->Arg(512)->UseRealTime();

// A whole life in two durable writes: accepted and claimed, then its step and its end.
void whole_runs(benchmark::State& state) {
    bench_journal j;
    window w(state.range(0));
    std::uint64_t n = 0;
    for (auto _ : state) {
        w.enter();
        const auto id = uuid_v7(j.time.now_unix_ms());
        auto finish = [id, &j, &w](const result<void>&) {
            j.store->write(
                [id](journal_tx& tx) {
                    step_record s;
                    s.key = "send";
                    s.target = "crm:contacts.upsert";
                    s.state = step_state::done;
                    s.input = payload;
                    s.result = "{\"id\":1}";
                    tx.put_step(run_id(id), s);
                    tx.finish(run_id(id), run_state::succeeded, "{}", std::nullopt, "");
                },
                [&w](const result<void>&) { w.leave(); });
        };
        j.store->write(
            [in = next_event(++n, id)](journal_tx& tx) {
                tx.accept(in);
                tx.claim("bench", 64, tx.now() + 30'000);
            },
            std::move(finish));
    }
    w.drain();
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(whole_runs)->Arg(1)->Arg(64)->Arg(512)->UseRealTime();

// How long a webhook waits for its commit when events come at a steady rate; in milliseconds.
void paced_accepts(benchmark::State& state) {
    using steady = std::chrono::steady_clock;
    constexpr std::size_t seconds = 4;
    const auto rate = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) {
        bench_journal j;
        window w(1'000'000);
        std::vector<double> waited(rate * seconds);
        const auto began = steady::now();
        for (std::size_t n = 0; n < waited.size(); ++n) {
            const auto due = began + std::chrono::nanoseconds(1'000'000'000 / rate * n);
            std::this_thread::sleep_until(due);
            w.enter();
            j.store->write(
                [in = next_event(n, uuid_v7(j.time.now_unix_ms()))](journal_tx& tx) {
                    tx.accept(in);
                },
                [&w, &waited, n, sent = steady::now()](const result<void>&) {
                    waited[n] =
                        std::chrono::duration<double, std::milli>(steady::now() - sent).count();
                    w.leave();
                });
        }
        w.drain();
        std::sort(waited.begin(), waited.end());
        state.counters["p50_ms"] = waited[waited.size() / 2];
        state.counters["p99_ms"] = waited[waited.size() / 100 * 99];
        state.counters["max_ms"] = waited.back();
        state.SetItemsProcessed(static_cast<std::int64_t>(waited.size()));
    }
}
BENCHMARK(paced_accepts)->Arg(10'000)->Iterations(1)->UseRealTime();

} // namespace
