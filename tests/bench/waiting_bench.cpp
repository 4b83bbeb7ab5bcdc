// SPDX-License-Identifier: Apache-2.0
// 100 000 runs that wait for an event: what they cost in memory, and how long it takes from the
// event of one of them until what that run does next has reached its target.
#include "bench_host.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>

namespace {

using namespace mortise::bench;
using mortise::host::journal_reader;
using mortise::host::run_state;

constexpr int in_a_delivery = 500;

std::string post(const std::string& events) {
    return R"({"events":[)" + events + "]}";
}

std::uint64_t waiting(bench_host& h) {
    std::uint64_t n = 0;
    h.it->store().read([&](journal_reader& r) {
        n = r.stats().runs[static_cast<std::size_t>(run_state::waiting)];
    });
    return n;
}

bool send(bench_host& h, const std::string& body) {
    traffic t;
    t.port = h.it->http_port();
    t.path = "/hooks/sink";
    t.body = body;
    t.requests = 1;
    return drive(t).good == 1;
}

void resume_one_of(benchmark::State& state) {
    bench_host h("[flows.steps]\nflow = \"probe-steps\"\n[flows.steps.connections]\n"
                 "target = \"sink\"\n");
    const auto many = static_cast<int>(state.range(0));
    const auto before = resident_bytes();
    for (int n = 0; n < many;) {
        std::string events;
        for (int i = 0; i < in_a_delivery; ++i, ++n) {
            const auto key = std::to_string(n);
            events += (i == 0 ? R"({"id":"w)" : R"(,{"id":"w)") + key +
                      R"(","type":"probe.changed","subject":")" + key +
                      R"(","data":{"plan":[{"do":"wait","type":"probe.decided","key":")" + key +
                      R"("},{"do":"put","path":"put","body":{}}]}})";
        }
        if (!send(h, post(events))) return state.SkipWithError("events were not taken");
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    while (waiting(h) < static_cast<std::uint64_t>(many)) {
        if (std::chrono::steady_clock::now() > deadline)
            return state.SkipWithError("the runs do not come to wait");
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    state.counters["rss_bytes_per_run"] =
        static_cast<double>(resident_bytes() - before) / static_cast<double>(many);
    std::mt19937 random(1);
    std::vector<int> keys(static_cast<std::size_t>(many));
    for (int i = 0; i < many; ++i)
        keys[static_cast<std::size_t>(i)] = i;
    std::shuffle(keys.begin(), keys.end(), random);
    std::size_t next = 0;
    for (auto _ : state) {
        const auto key = std::to_string(keys.at(next++));
        const auto taken = h.target.taken();
        if (!send(h, post(R"({"id":"d)" + key + R"(","type":"probe.decided","subject":")" + key +
                          R"(","data":{}})")))
            return state.SkipWithError("the event was not taken");
        while (h.target.taken() == taken)
            std::this_thread::yield();
    }
}
BENCHMARK(resume_one_of)
    ->Arg(1000)
    ->Arg(100'000)
    ->Iterations(500)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

} // namespace
