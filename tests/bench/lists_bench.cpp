// SPDX-License-Identifier: Apache-2.0
// What people look for in a journal of 100 000 runs: how long each list takes.
#include "base/ids.hpp"
#include "journal/journal.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

namespace {

using namespace mortise::host;

constexpr std::size_t many = 100'000;

run_state fate(std::size_t n) {
    if (n % 100 == 7) return run_state::in_doubt;
    if (n % 50 == 23) return run_state::failed;
    if (n % 100 == 41) return run_state::cancelled;
    return n % 100 == 83 ? run_state::waiting : run_state::succeeded;
}

// One journal for all measurements, in a folder that goes with the process.
class seeded {
public:
    static seeded& get() {
        static seeded one;
        return one;
    }
    ~seeded() {
        store.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    std::unique_ptr<journal> store;
    run_id newest;

private:
    seeded() {
        auto name = (std::filesystem::temp_directory_path() / "mortise-lists-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        folder_ = name;
        journal_options options;
        options.path = (folder_ / "journal.db").string();
        options.time = &time_;
        store = std::move(*open_sqlite_journal(options));
        constexpr std::size_t batch = 500;
        for (std::size_t first = 0; first < many; first += batch)
            store->write(
                [this, first](journal_tx& tx) {
                    for (auto n = first; n < first + batch; ++n)
                        accept(tx, n);
                    tx.claim("bench", batch, tx.now() + 30'000);
                    for (auto n = first; n < first + batch; ++n)
                        end(tx, n);
                },
                {});
        if (!store->flush()) std::abort();
    }

    static std::string id_of(std::size_t n) { return uuid_from("run " + std::to_string(n)); }

    void accept(journal_tx& tx, std::size_t n) {
        time_.advance(std::chrono::milliseconds(10));
        intake in;
        in.event.id = "e" + std::to_string(n);
        in.event.source = n % 5 == 0 ? "/connections/otcs" : "/connections/iconik";
        in.event.type = n % 1000 == 0 ? "iconik.asset.deleted" : "iconik.asset.approved";
        in.event.subject = "asset-" + std::to_string(n % 20'000);
        in.event.via = "webhook";
        in.event.data = R"({"asset_id":")" + id_of(n) + R"(","title":"Packshot","tags":[)" +
                        std::string(700, '1') + "]}";
        in.runs.push_back({run_id(id_of(n)), n % 500 == 0 ? "rare" : "campaigns",
                           "key-" + std::to_string(n), "campaigns", "1.0.0", "r"});
        tx.accept(in);
        newest = run_id(id_of(n));
    }
    void end(journal_tx& tx, std::size_t n) {
        const run_id id(id_of(n));
        const auto state = fate(n);
        if (state == run_state::waiting) {
            tx.suspend(id, tx.now() + 86'400'000);
            return;
        }
        std::optional<mortise::error> failure;
        if (is_dead(state)) failure = mortise::error(mortise::category::input, "x", "no");
        tx.finish(id, state, R"({"done":true})", failure, "");
    }

    manual_clock time_;
    std::filesystem::path folder_;
};

void list(benchmark::State& state, const run_filter& filter) {
    auto& journal = *seeded::get().store;
    std::size_t found = 0;
    for (auto _ : state)
        journal.read([&](journal_reader& r) { found = r.runs(filter).size(); });
    state.counters["found"] = static_cast<double>(found);
}

BENCHMARK_CAPTURE(list, newest, run_filter{})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list, failed, run_filter{.state = run_state::failed})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list, dead, run_filter{.states = {run_state::failed, run_state::in_doubt}})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list, waiting, run_filter{.state = run_state::waiting})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list, none_active, run_filter{.state = run_state::active})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list, rare_flow, run_filter{.instance = "rare"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list, one_key, run_filter{.key = "key-17"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list, rare_type, run_filter{.event_type = "iconik.asset.deleted"})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list, begins_nowhere, run_filter{.begins = "nothing"})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list, begins_as_a_key, run_filter{.begins = "key-17"})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list, before_all, run_filter{.until = 1})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(list,
                  all_at_once,
                  run_filter{.states = {run_state::succeeded},
                             .instance = "campaigns",
                             .event_type = "iconik.asset.deleted",
                             .begins = "nothing"})
    ->Unit(benchmark::kMillisecond);

void counts(benchmark::State& state) {
    auto& journal = *seeded::get().store;
    for (auto _ : state)
        journal.read([&](journal_reader& r) { benchmark::DoNotOptimize(r.stats()); });
}
BENCHMARK(counts)->Unit(benchmark::kMillisecond);

void by_flow(benchmark::State& state) {
    auto& journal = *seeded::get().store;
    for (auto _ : state)
        journal.read([&](journal_reader& r) { benchmark::DoNotOptimize(r.instances()); });
}
BENCHMARK(by_flow)->Unit(benchmark::kMillisecond);

void events(benchmark::State& state, const event_filter& filter) {
    auto& journal = *seeded::get().store;
    for (auto _ : state)
        journal.read([&](journal_reader& r) { benchmark::DoNotOptimize(r.events(filter)); });
}
BENCHMARK_CAPTURE(events,
                  by_source,
                  event_filter{.type = {}, .before = {}, .source = "/connections/otcs"})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(events,
                  begins_nowhere,
                  event_filter{.type = {}, .before = {}, .subject = "nothing"})
    ->Unit(benchmark::kMillisecond);

} // namespace
