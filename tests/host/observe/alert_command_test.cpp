// SPDX-License-Identifier: Apache-2.0
// The program an alert runs: what it gets, and what becomes of one that misbehaves.
#include "observe/alert_command.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace mortise;
using namespace mortise::host;
using namespace std::chrono_literals;
using mortise::test::eventually;

TEST_CASE("a program gets the alert on its standard input and nothing of the environment",
          "[observe][alerts]") {
    const mortise::test::temp_dir dir;
    const auto out = (dir.path() / "out").string();
    ::setenv("MORTISE_TEST_LEAK", "leaked", 1);
    REQUIRE(run_alert_command({"/bin/sh", "-c", "cat > \"$1\"; env >> \"$1\"", "sh", out},
                              "{\"a\":1}\n", 10s)
                .has_value());
    const auto text = mortise::test::read_file(out);
    CHECK(text.starts_with("{\"a\":1}\n"));
    CHECK(text.find("leaked") == std::string::npos);
    CHECK(text.find("PATH=/usr/local/sbin") != std::string::npos);
}

TEST_CASE("no shell comes between", "[observe][alerts]") {
    const mortise::test::temp_dir dir;
    const auto file = (dir.path() / "touched").string();
    REQUIRE(run_alert_command({"/bin/echo", "; touch " + file, "$(touch " + file + ")"}, "x", 10s)
                .has_value());
    CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("a program that fails, is missing or is killed is an error", "[observe][alerts]") {
    const auto failed = run_alert_command({"/bin/sh", "-c", "exit 3"}, "x", 10s);
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().message.find("status 3") != std::string::npos);
    const auto missing = run_alert_command({"/nowhere/program"}, "x", 10s);
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().category == category::config);
    const auto killed = run_alert_command({"/bin/sh", "-c", "kill -9 $$"}, "x", 10s);
    REQUIRE_FALSE(killed.has_value());
    CHECK(killed.error().message.find("signal 9") != std::string::npos);
}

TEST_CASE("a program that hangs is killed with all it has started", "[observe][alerts]") {
    const mortise::test::temp_dir dir;
    const auto file = (dir.path() / "pid").string();
    const auto hung = run_alert_command(
        {"/bin/sh", "-c", "sleep 300 & echo $! > \"$1\"; wait", "sh", file}, "x", 300ms);
    REQUIRE_FALSE(hung.has_value());
    CHECK(hung.error().category == category::timeout);
    pid_t grandchild = 0;
    std::ifstream(file) >> grandchild;
    REQUIRE(grandchild > 0);
    CHECK(eventually([&] {
        std::ifstream stat("/proc/" + std::to_string(grandchild) + "/stat");
        std::string id, name, state;
        return !(stat >> id >> name >> state) || state == "Z";
    }));
}

TEST_CASE("a program that does not read a long input is none of the host's business",
          "[observe][alerts]") {
    CHECK(run_alert_command({"/bin/true"}, std::string(4 << 20, 'x'), 10s).has_value());
    const auto hung = run_alert_command({"/bin/sleep", "300"}, std::string(4 << 20, 'x'), 100ms);
    REQUIRE_FALSE(hung.has_value());
    CHECK(hung.error().category == category::timeout);
}

TEST_CASE("a host that stops does not wait for a program", "[observe][alerts]") {
    std::atomic<bool> stopping{true};
    const auto r = run_alert_command({"/bin/sleep", "300"}, "x", 1h, &stopping);
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error().category == category::cancelled);
}
