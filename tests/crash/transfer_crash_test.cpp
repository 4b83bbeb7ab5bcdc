// SPDX-License-Identifier: Apache-2.0
// The real program dies in the middle of a transfer and is started again.
#include "crashing_host.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/file_server.hpp"

using namespace mortise::test;

namespace {

constexpr std::uint64_t mib = 1 << 20;

std::string plan(const std::string& to) {
    return R"({"plan":[{"do":"transfer","by":"fetch","to":")" + to +
           R"(","name":"33554432","as":"copy","part":4194304}]})";
}

} // namespace

TEST_CASE("a transfer killed in the middle is completed by the next life", "[crash][transfer]") {
    const auto killed_at = GENERATE(0u, 3u, 9u, 30u) * mib;
    const std::string to = GENERATE("upload", "upload_parts");
    INFO(to << " killed at " << killed_at);
    file_server files;
    crashing_host h;
    h.base_url = files.base_url();
    file_faults f;
    f.hold_upload = killed_at;
    files.set(f);
    h.start();
    REQUIRE(h.ready());
    REQUIRE(h.send("e1", "probe.changed", "s", plan(to)));
    REQUIRE(eventually([&] {
        const auto seen = files.upload("copy");
        return seen.requests > 0 && seen.size >= killed_at;
    }));
    h.kill();
    h.bury();
    const auto before = files.upload("copy").requests;
    files.release();
    h.start();
    REQUIRE(h.ready());
    REQUIRE(eventually([&] { return h.all_ended(); }));
    const auto runs = h.runs();
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].state == mortise::host::run_state::succeeded);
    CHECK(runs[0].result.find(file_server::sha256_of(32 * mib)) != std::string::npos);
    const auto seen = files.upload("copy");
    CHECK(seen.size == 32 * mib);
    CHECK(seen.good);
    // Only what had not been acknowledged is sent again: whole, or the part it died in.
    const auto parts = to == "upload" ? 1 : 8 - static_cast<int>(killed_at / (4 * mib));
    CHECK(seen.requests - before == parts);
    CHECK(h.stop() == 0);
}
