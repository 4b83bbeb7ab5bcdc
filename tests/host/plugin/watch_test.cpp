// SPDX-License-Identifier: Apache-2.0
#include "plugin/watch.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using mortise::host::folder_watch;
using mortise::test::temp_dir;

namespace {

// A watch whose calls are kept, on an io_context that the test runs by hand.
struct watched {
    temp_dir dir;
    asio::io_context io;
    std::vector<std::vector<fs::path>> calls;
    std::unique_ptr<folder_watch> watch;

    explicit watched(std::chrono::milliseconds quiet = 20ms) {
        auto started = folder_watch::start(
            io, {dir.path()},
            [this](std::vector<fs::path> files) { calls.push_back(std::move(files)); }, quiet);
        REQUIRE(started.has_value());
        watch = *std::move(started);
    }
    // Until so many calls have come; a deadline instead of a hang when they do not.
    bool run_until(std::size_t n) {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (calls.size() < n && std::chrono::steady_clock::now() < deadline)
            io.run_one_until(deadline);
        return calls.size() >= n;
    }
};

} // namespace

TEST_CASE("a plugin written into a watched folder is told", "[plugin][watch]") {
    watched w;
    const auto file = w.dir.write("acme.so", "bytes");
    REQUIRE(w.run_until(1));
    CHECK(w.calls[0] == std::vector<fs::path>{file});
}

TEST_CASE("a plugin moved into a watched folder is told", "[plugin][watch]") {
    watched w;
    const temp_dir elsewhere;
    fs::rename(elsewhere.write("acme.so", "bytes"), w.dir.path() / "acme.so");
    REQUIRE(w.run_until(1));
    CHECK(w.calls[0] == std::vector<fs::path>{w.dir.path() / "acme.so"});
}

TEST_CASE("many changes close together are told once, each file once", "[plugin][watch]") {
    watched w;
    w.dir.write("b.so", "1");
    w.dir.write("a.so", "1");
    w.dir.write("b.so", "2");
    w.dir.write("readme.txt", "not a plugin");
    REQUIRE(w.run_until(1));
    REQUIRE(w.calls.size() == 1);
    CHECK(w.calls[0] == std::vector<fs::path>{w.dir.path() / "a.so", w.dir.path() / "b.so"});

    w.dir.write("c.so", "1");
    REQUIRE(w.run_until(2));
    CHECK(w.calls[1] == std::vector<fs::path>{w.dir.path() / "c.so"});
}

TEST_CASE("a file that is still open for writing is not told", "[plugin][watch]") {
    watched w;
    const int open = ::open((w.dir.path() / "slow.so").c_str(), O_CREAT | O_WRONLY, 0600);
    REQUIRE(open >= 0);
    REQUIRE(::write(open, "half", 4) == 4);
    w.dir.write("quick.so", "bytes"); // proves that the watch is at work
    REQUIRE(w.run_until(1));
    CHECK(w.calls[0] == std::vector<fs::path>{w.dir.path() / "quick.so"});
    ::close(open);
    REQUIRE(w.run_until(2));
    CHECK(w.calls[1] == std::vector<fs::path>{w.dir.path() / "slow.so"});
}

TEST_CASE("a watch that is destroyed calls nobody and lets the loop end", "[plugin][watch]") {
    watched w(0ms);
    w.dir.write("acme.so", "bytes");
    SECTION("before the change was read") {
        w.watch.reset();
    }
    SECTION("after the change was read") {
        w.io.run_one_for(20s);
        w.watch.reset();
    }
    w.io.run_for(20s); // ends at once: nothing is waited for any more
    CHECK(w.io.stopped());
    CHECK(w.calls.empty());
}

TEST_CASE("a folder that cannot be watched is an error with the way out", "[plugin][watch]") {
    asio::io_context io;
    const temp_dir dir;
    const auto missing = dir.path() / "missing";
    const auto r = folder_watch::start(io, {missing}, [](std::vector<fs::path>) {});
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error().category == mortise::category::config);
    CHECK_THAT(r.error().message, Catch::Contains(missing.string()));
    CHECK_THAT(r.error().message, Catch::Contains("plugins.paths"));
}
