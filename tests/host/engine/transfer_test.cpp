// SPDX-License-Identifier: Apache-2.0
// Content from one system to another through the whole host.
#include "host_fixture.hpp"
#include "support/file_server.hpp"

#include <boost/json.hpp>

#include <unistd.h>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
using mortise::test::file_faults;
using mortise::test::file_server;

namespace {

constexpr std::uint64_t mib = 1 << 20;

struct mover {
    explicit mover(const std::string& connection = {}) : f(setup(connection)) { f.start(); }
    host_setup setup(const std::string& connection) {
        host_setup s;
        s.extra = "[connections.files]\nconnector = \"probe\"\nbase_url = \"" + files.base_url() +
                  "\"\n" + connection +
                  "\n[connections.files.retry]\nfirst_delay = \"5ms\"\nmax_delay = \"20ms\"\n"
                  "max_attempts = 3\njitter = 0\n[flows.mover]\nflow = \"probe-steps\"\n"
                  "[flows.mover.connections]\ntarget = \"files\"\n";
        return s;
    }
    void start(const std::string& steps) {
        const std::string event =
            R"({"events":[{"id":"e1","type":"probe.changed","data":)" + plan({steps}) + "}]}";
        REQUIRE(f.post("/hooks/files", event).status == 202);
    }
    claimed_run run(const std::string& steps) {
        start(steps);
        return f.ended();
    }
    // What the one step of the run answered.
    boost::json::value answer(const claimed_run& r) {
        INFO((r.run.failure ? r.run.failure->message : std::string()));
        REQUIRE(r.run.state == run_state::succeeded);
        return boost::json::parse(r.run.result).at("answers").at(0);
    }
    std::vector<ledger_entry> ledger() {
        std::vector<ledger_entry> out;
        f.it->store().read([&](journal_reader& r) { out = r.ledger({}); });
        return out;
    }
    file_server files;
    host_fixture f;
};

std::string step(const std::string& by,
                 const std::string& to,
                 std::uint64_t size,
                 const std::string& more = R"("as":"copy")") {
    return R"({"do":"transfer","by":")" + by + R"(","to":")" + to + R"(","name":")" +
           std::to_string(size) + "\"," + more + "}";
}

std::uint64_t resident() {
    const auto text = mortise::test::read_file("/proc/self/statm");
    return std::stoull(text.substr(text.find(' ') + 1)) *
           static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

TEST_CASE("a transfer moves every byte, with size and hash", "[engine][transfer]") {
    const auto size = GENERATE(std::uint64_t{0}, std::uint64_t{1}, 300'000u, 5 * mib + 17);
    const auto to = GENERATE("upload", "upload_parts");
    mover m;
    const auto got = m.answer(m.run(step("fetch", to, size)));
    CHECK(got.at("sha256").as_string() == file_server::sha256_of(size));
    CHECK(got.at("size").to_number<std::uint64_t>() == size);
    CHECK(got.at("verified").as_string() == "size");
    CHECK(m.files.upload("copy").size == size);
    CHECK(m.files.upload("copy").good);
    const auto ledger = m.ledger();
    REQUIRE(ledger.size() == 1);
    CHECK(ledger[0].after == file_server::sha256_of(size));
    CHECK(ledger[0].object == "copy");
    CHECK(ledger[0].operation == to);
}

TEST_CASE("a source without a length is sent in chunks", "[engine][transfer]") {
    mover m;
    file_faults f;
    f.chunked = true;
    m.files.set(f);
    const auto got = m.answer(m.run(step("fetch", "upload", 3 * mib)));
    CHECK(got.at("sha256").as_string() == file_server::sha256_of(3 * mib));
    CHECK(m.files.upload("copy").good);
}

TEST_CASE("a source that breaks off goes on at the offset, and the target does not notice",
          "[engine][transfer]") {
    const auto to = GENERATE("upload", "upload_parts");
    mover m;
    file_faults f;
    f.cut_downloads = {2 * mib, mib, 0};
    m.files.set(f);
    const auto got = m.answer(m.run(step("fetch", to, 8 * mib, R"("as":"copy","part":4194304)")));
    CHECK(got.at("sha256").as_string() == file_server::sha256_of(8 * mib));
    CHECK(m.files.downloads() == std::vector<std::uint64_t>{0, 2 * mib, 3 * mib, 3 * mib});
    CHECK(m.files.upload("copy").good);
    CHECK(m.files.upload("copy").requests == (std::string(to) == "upload" ? 1 : 2));
}

TEST_CASE("a source that cannot go on is read again as a whole", "[engine][transfer]") {
    mover m;
    file_faults f;
    f.cut_downloads = {2 * mib};
    m.files.set(f);
    const auto run = m.run(step("fetch_once", "upload", 4 * mib));
    CHECK(m.answer(run).at("sha256").as_string() == file_server::sha256_of(4 * mib));
    CHECK(m.files.downloads() == std::vector<std::uint64_t>{0, 0});
    CHECK(run.steps.at(0).attempts == 2);
}

TEST_CASE("a source that keeps breaking off fails the step, and says which side",
          "[engine][transfer]") {
    mover m;
    file_faults f;
    f.cut_downloads = std::vector<std::uint64_t>(100, 0);
    m.files.set(f);
    const auto run = m.run(step("fetch", "upload", 4 * mib));
    CHECK(run.run.state == run_state::failed);
    REQUIRE(run.run.failure);
    CHECK(run.run.failure->message.find("source: ") != std::string::npos);
    CHECK(run.run.failure->category == category::unavailable);
}

TEST_CASE("a target that refuses or breaks off is tried again", "[engine][transfer]") {
    mover m;
    file_faults f;
    SECTION("before a byte") {
        f.refuse_uploads = 1;
    }
    SECTION("in the middle") {
        f.cut_upload = 2 * mib;
    }
    m.files.set(f);
    const auto run = m.run(step("fetch", "upload", 4 * mib));
    CHECK(m.answer(run).at("sha256").as_string() == file_server::sha256_of(4 * mib));
    CHECK(run.steps.at(0).attempts == 2);
    CHECK(m.files.upload("copy").good);
}

TEST_CASE("a target in parts goes on with what it has", "[engine][transfer]") {
    mover m;
    file_faults f;
    f.refuse_uploads = 0;
    f.cut_upload = 0; // the first part
    m.files.set(f);
    const auto run = m.run(step("fetch", "upload_parts", 6 * mib));
    CHECK(m.answer(run).at("sha256").as_string() == file_server::sha256_of(6 * mib));
    CHECK(m.files.upload("copy").good);
    CHECK(m.files.upload("copy").requests == 7); // six parts, one of them twice
}

TEST_CASE("a target that refuses for good is named", "[engine][transfer]") {
    mover m;
    file_faults f;
    f.refuse_uploads = 100;
    m.files.set(f);
    const auto run = m.run(step("fetch", "upload", mib));
    CHECK(run.run.state == run_state::failed);
    REQUIRE(run.run.failure);
    CHECK(run.run.failure->message.find("target: ") != std::string::npos);
    CHECK(run.run.failure->http_status == 503);
}

TEST_CASE("a source shorter or longer than announced is no success", "[engine][transfer]") {
    mover m;
    file_faults f;
    f.chunked = true;
    f.announce_more = GENERATE(-5, 7);
    m.files.set(f);
    const auto run = m.run(step("fetch", "upload", mib));
    CHECK(run.run.state == run_state::failed);
    REQUIRE(run.run.failure);
    CHECK(run.run.failure->code == "transfer.size");
    CHECK(run.run.failure->message.find("source: ") != std::string::npos);
}

TEST_CASE("checksums that are declared are compared", "[engine][transfer]") {
    mover m;
    file_faults f;
    const auto right = file_server::sha256_of(mib);
    const std::string wrong(64, 'a');
    SECTION("the source's does not fit") {
        f.checksum = "SHA-256:" + wrong;
        m.files.set(f);
        const auto run = m.run(step("fetch", "upload", mib));
        REQUIRE(run.run.failure);
        CHECK(run.run.failure->code == "transfer.checksum");
        CHECK(run.run.failure->message.find("source: ") != std::string::npos);
    }
    SECTION("the target's does not fit") {
        f.upload_checksum = "sha256:" + wrong;
        m.files.set(f);
        const auto run = m.run(step("fetch", "upload", mib));
        REQUIRE(run.run.failure);
        CHECK(run.run.failure->code == "transfer.checksum");
        CHECK(run.run.failure->message.find("target: ") != std::string::npos);
        CHECK(m.files.upload("copy").requests == 1); // nothing a repeat would mend
    }
    SECTION("the target's size does not fit") {
        f.lie_about_size = true;
        m.files.set(f);
        const auto run = m.run(step("fetch", "upload", mib));
        REQUIRE(run.run.failure);
        CHECK(run.run.failure->code == "transfer.size");
    }
    SECTION("both fit") {
        f.checksum = "sha256:" + right;
        f.upload_checksum = "sha256:" + right;
        m.files.set(f);
        CHECK(m.answer(m.run(step("fetch", "upload", mib))).at("verified").as_string() ==
              "checksum");
    }
}

TEST_CASE("a cancelled transfer stops on both sides and leaves no stream", "[engine][transfer]") {
    mover m;
    file_faults f;
    f.hold_upload = mib;
    m.files.set(f);
    m.start(step("fetch", "upload", 64 * mib));
    REQUIRE(eventually([&] { return m.files.upload("copy").size >= mib; }));
    const auto id = m.f.runs().front().id.str();
    CHECK(m.f.admin("POST", "/api/v1/runs/" + id + "/cancel", R"({"reason":"enough"})").status /
              100 ==
          2);
    CHECK(m.f.wait_runs(run_state::cancelled, 1));
    CHECK(m.files.bytes_sent() < 64 * mib);
    m.files.release();
}

TEST_CASE("a transfer goes on after a restart, and what was done is not done again",
          "[engine][transfer]") {
    mover m;
    file_faults f;
    f.hold_upload = mib / 2; // in each part
    m.files.set(f);
    m.start(step("fetch", "upload_parts", 4 * mib));
    REQUIRE(eventually([&] { return m.files.upload("copy").size >= mib / 2; }));
    m.files.release();
    m.f.restart();
    CHECK(m.f.wait_runs(run_state::succeeded, 1));
    CHECK(m.files.upload("copy").good);
    CHECK(m.files.upload("copy").size == 4 * mib);
    const auto before = m.files.upload("copy").requests;
    m.f.restart();
    CHECK(m.f.runs(run_state::succeeded).size() == 1);
    CHECK(m.files.upload("copy").requests == before);
}

TEST_CASE("a transfer that stands still ends, one that moves does not", "[engine][transfer]") {
    mover m("[connections.files.limits]\ncall_timeout = \"300ms\"");
    file_faults f;
    f.hold_upload = mib;
    m.files.set(f);
    const auto run = m.run(step("fetch", "upload", 64 * mib));
    CHECK(run.run.state == run_state::failed);
    REQUIRE(run.run.failure);
    CHECK(run.run.failure->category == category::timeout);
    CHECK(run.run.failure->message.find("target: ") != std::string::npos);
}

TEST_CASE("memory does not grow with the file", "[engine][transfer]") {
    // More with MORTISE_LARGE_GIB (./dev torture content).
    const char* large = std::getenv("MORTISE_LARGE_GIB");
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr std::uint64_t usual = 256 * mib; // a sanitizer is slow, and has memory of its own
    constexpr std::uint64_t growth = 1024 * mib;
#else
    constexpr std::uint64_t usual = 2048 * mib;
    constexpr std::uint64_t growth = 16 * mib;
#endif
    const std::uint64_t size =
        large != nullptr ? std::strtoull(large, nullptr, 10) * 1024 * mib : usual;
    mover m;
    m.start(step("fetch", "upload", mib)); // what the first one needs is there then
    REQUIRE(m.f.wait_runs(run_state::succeeded, 1));
    const auto before = resident();
    std::uint64_t most = before;
    const std::string event = R"({"events":[{"id":"e2","type":"probe.changed","data":)" +
                              plan({step("fetch", "upload", size)}) + "}]}";
    REQUIRE(m.f.post("/hooks/files", event).status == 202);
    REQUIRE(eventually(
        [&] {
            most = std::max(most, resident());
            return m.f.runs(run_state::succeeded).size() == 2;
        },
        std::chrono::seconds(large != nullptr ? 1200 : 90)));
    CHECK(m.files.upload("copy").size == size);
    CHECK(m.files.upload("copy").good);
    CHECK(most - before <= growth);
}
