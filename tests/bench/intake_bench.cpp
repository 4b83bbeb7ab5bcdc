// SPDX-License-Identifier: Apache-2.0
// Webhooks at a steady rate, answered 202 when the event is durable: how long a sender waits, from
// when its request was due. The work comes after the answer; with 1 as the second argument each
// event starts a run that makes a REST call.
#include "bench_host.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace mortise::bench;

void webhook_accepted(benchmark::State& state) {
    bench_host h("[flows.steps]\nflow = \"probe-steps\"\n[flows.steps.connections]\n"
                 "target = \"sink\"\n");
    traffic t;
    t.port = h.it->http_port();
    t.path = "/hooks/sink";
    const std::string type = state.range(1) != 0 ? "probe.changed" : "probe.decided";
    t.body = R"({"events":[{"id":"e-@@@@@@@@@@@@","type":")" + type +
             R"(","subject":"s-@@@@@@@@@@@@","data":{"plan":[{"do":"put","path":"put",)"
             R"("body":{"text":")" +
             std::string(600, 'x') + R"("}}]}}]})";
    t.callers = 128;
    t.rate = static_cast<double>(state.range(0));
    t.lasts = std::chrono::seconds(1);
    drive(t);
    t.lasts = std::chrono::seconds(5);
    for (auto _ : state) {
        const auto r = drive(t);
        if (r.bad > 0) state.SkipWithError("a webhook was not taken");
        state.counters["accepted_per_s"] = static_cast<double>(r.good) / r.seconds;
        state.counters["p50_ms"] = r.at(0.5);
        state.counters["p99_ms"] = r.at(0.99);
        state.counters["max_ms"] = r.at(1);
    }
}
BENCHMARK(webhook_accepted)
    ->Args({10'000, 0})
    ->Args({5'000, 1})
    ->Args({10'000, 1})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kSecond);

} // namespace
