// SPDX-License-Identifier: Apache-2.0
// W1: a request comes in, is made durable, its flow filters it and maps 13 fields, a REST call goes
// out, the outcome is made durable, the caller gets the answer. Callers and target share the
// machine with the host and are not counted in host_cpu_us.
#include "bench_host.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace mortise::bench;

std::string event() {
    std::ifstream in(MORTISE_SOURCE_DIR "/tests/bench/w1_event.json");
    std::string text;
    std::getline(in, text);
    return text;
}

void w1(benchmark::State& state) {
    bench_host h("[flows.w1]\nflow = \"probe-w1\"\n[flows.w1.connections]\ntarget = \"sink\"\n");
    traffic t;
    t.port = h.it->http_port();
    t.path = "/flows/w1";
    t.body = event();
    t.header = "idempotency-key: evt-@@@@@@@@@@@@\r\n";
    t.callers = static_cast<unsigned>(state.range(0));
    t.lasts = std::chrono::seconds(2);
    drive(t);
    t.lasts = std::chrono::seconds(5);
    for (auto _ : state) {
        const auto taken = h.target.taken();
        const double around = h.target.cpu_seconds();
        const double cpu = process_cpu_seconds();
        const auto r = drive(t);
        const double host =
            process_cpu_seconds() - cpu - r.cpu_seconds - (h.target.cpu_seconds() - around);
        if (r.bad > 0 || h.target.taken() - taken != r.good) {
            state.SkipWithError("a request failed, or not each one reached the target once");
            break;
        }
        const auto events = static_cast<double>(r.good);
        state.counters["events_per_s"] = events / r.seconds;
        state.counters["p50_ms"] = r.at(0.5);
        state.counters["p99_ms"] = r.at(0.99);
        state.counters["host_cpu_us"] = host / events * 1e6;
    }
    state.counters["rss_mib"] = static_cast<double>(resident_bytes() >> 20);
}
BENCHMARK(w1)->Arg(1)->Arg(64)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

} // namespace
