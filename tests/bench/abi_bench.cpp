// SPDX-License-Identifier: Apache-2.0
// What a call through the ABI costs: host, operation, completion, back, in one process and on one
// thread, with an operation that answers inline.
#include "instance_fixture.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace mortise::host;

void round_trip(benchmark::State& state, std::chrono::milliseconds watched) {
    testing::instance_fixture f(std::filesystem::path(MORTISE_BINARY_DIR) /
                                    "tests/fixtures/good/echo_1_0.so",
                                "echo", 0, watched);
    const std::string input(static_cast<std::size_t>(state.range(0)), ' ');
    std::uint64_t answers = 0;
    for (auto _ : state) {
        call_request r;
        r.operation = "echo";
        r.input = input;
        f.it->invoke(std::move(r), [&](result<call_answer> a) { answers += a.has_value(); });
        f.io.poll();
    }
    if (answers != static_cast<std::uint64_t>(state.iterations()))
        state.SkipWithError("an answer is missing");
}

void call_and_answer(benchmark::State& state) {
    round_trip(state, std::chrono::milliseconds(50));
}
BENCHMARK(call_and_answer)->Arg(0)->Arg(1024);

void call_and_answer_unwatched(benchmark::State& state) {
    round_trip(state, std::chrono::milliseconds(0));
}
BENCHMARK(call_and_answer_unwatched)->Arg(0);

} // namespace
