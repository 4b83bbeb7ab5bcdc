// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "support/catch.hpp"

using namespace mortise::host::cli;
using namespace std::chrono_literals;

TEST_CASE("progress tells amount, share, rate and what is left", "[cli][progress]") {
    progress_meter m("retry", "runs");
    m.at(0ms, 0, 300);
    CHECK(m.line() == "retry: 0 of 300 runs, 0 %");
    m.at(10s, 100, 300);
    CHECK(m.line() == "retry: 100 of 300 runs, 33 %, 10.0/s, 20.0 s left");
    m.at(30s, 300, 300);
    CHECK(m.line() == "retry: 300 of 300 runs, 100 %, 10.0/s");
}

TEST_CASE("without a total there is no share and no remaining time", "[cli][progress]") {
    progress_meter m("backfill iconik/assets", "events");
    m.at(0ms, 0, {});
    m.at(2s, 1000, {});
    CHECK(m.line() == "backfill iconik/assets: 1000 events, 500/s");
    CHECK_THAT(m.bar(80), !Catch::Contains("["));
}

TEST_CASE("what was done before one looked is not counted as speed", "[cli][progress]") {
    progress_meter m("retry", "runs");
    m.at(0ms, 500, 1000);
    m.at(1s, 510, 1000);
    CHECK_THAT(m.line(), Catch::Contains("10.0/s") && Catch::Contains("49.0 s left"));
}

TEST_CASE("odd counts do no harm", "[cli][progress]") {
    progress_meter m("x", "runs");
    m.at(0ms, 0, 0);
    CHECK(m.line() == "x: 0 of 0 runs");
    CHECK(columns_of(m.bar(60)) < 60);
    m.at(1s, 12, 10); // more than there were
    CHECK_THAT(m.line(), Catch::Contains("10 of 10"));
    m.at(2s, 3, 10); // fewer than before
    CHECK_THAT(m.line(), Catch::Contains("3 of 10"));
}

TEST_CASE("a bar fits its line at any width", "[cli][progress]") {
    progress_meter m("backup", "bytes");
    m.at(0ms, 0, 1u << 30);
    m.at(4s, 1u << 29, 1u << 30);
    CHECK_THAT(m.bar(120), Catch::Contains("[####") && Catch::Contains("512.0 MiB of 1024.0 MiB") &&
                               Catch::Contains("50 %") && Catch::Contains("128.0 MiB/s"));
    for (std::size_t width = 0; width < 130; ++width) {
        INFO(width);
        CHECK(columns_of(m.bar(width)) <= width);
    }
}
