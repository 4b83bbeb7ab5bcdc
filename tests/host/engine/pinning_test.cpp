// SPDX-License-Identifier: Apache-2.0
// A run goes on with the plugin version and the settings it began with.
#include "host_fixture.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

const auto wait_then_create =
    plan({R"({"do":"create","name":"a"})", R"({"do":"wait","type":"probe.decided","key":"d"})",
          R"({"do":"version"})"});

std::string answers(const claimed_run& run) {
    return run.run.result;
}

// Two versions of the probe lie in folders of their own.
host_setup with_folder(const std::filesystem::path& folder) {
    host_setup s;
    s.plugins = "";
    s.plugin_folders = {folder};
    return s;
}

void copy_plugin(const char* from, const std::filesystem::path& to) {
    std::filesystem::create_directories(to.parent_path());
    std::filesystem::copy_file(std::filesystem::path(MORTISE_BINARY_DIR) / from, to);
}

} // namespace

TEST_CASE("a waiting run keeps the settings it began with over a reload and a restart",
          "[engine][pinning]") {
    const bool restarted = GENERATE(false, true);
    host_fixture f;
    f.start();
    CHECK(f.send("e1", wait_then_create) == 202);
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    // A deadline that the waiting run would have missed long ago.
    f.setup.flow = "deadline = \"1ms\"";
    f.write_config();
    REQUIRE(f.it->reload().has_value());
    if (restarted) f.restart();
    CHECK(f.send("d", "{}", "probe.decided") == 202);
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(f.target.count("create", "a") == 1);
    // The twin: one that begins now has the new deadline.
    CHECK(f.send("e2", plan({R"({"do":"wait","type":"probe.decided","key":"never"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    CHECK(f.runs(run_state::failed).front().failure->code == "run.deadline");
}

TEST_CASE("a run that has not begun takes the settings of the day", "[engine][pinning]") {
    host_fixture f;
    f.setup.flow = "key = '\"one\"'";
    f.start();
    CHECK(f.send("e1", wait_then_create) == 202);
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    CHECK(f.send("e2", plan({R"({"do":"create","name":"b"})"})) == 202);
    const auto before = f.runs(run_state::ready).at(0).config_revision;
    f.setup.flow += "\ndeadline = \"1h\"";
    f.write_config();
    REQUIRE(f.it->reload().has_value());
    CHECK(f.send("d", "{}", "probe.decided", "d") == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    const auto all = f.runs(run_state::succeeded);
    CHECK(all.front().config_revision != before); // newest first: e2
    CHECK(all.back().config_revision == before);
}

TEST_CASE("a waiting run keeps the plugin version it began with", "[engine][pinning]") {
    test::temp_dir plugins;
    copy_plugin("test-plugins/probe.so", plugins.path() / "probe-1.so");
    host_fixture f(with_folder(plugins.path()));
    f.start();
    CHECK(f.send("e1", wait_then_create) == 202);
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    copy_plugin("test-plugins-2/probe_2.so", plugins.path() / "probe-2.so");
    REQUIRE(f.it->reload().has_value());
    SECTION("while it is there") {
        CHECK(f.send("d", "{}", "probe.decided") == 202);
        const auto run = f.ended();
        CHECK(run.run.state == run_state::succeeded);
        CHECK(answers(run).find("1.0.0") != std::string::npos);
        CHECK(f.send("e2", plan({R"({"do":"version"})"})) == 202);
        REQUIRE(f.wait_runs(run_state::succeeded, 2));
        CHECK(f.runs().front().result.find("2.0.0") != std::string::npos);
    }
    SECTION("and is a dead letter that says so when it has gone; it can be moved on") {
        f.stop();
        std::filesystem::remove(plugins.path() / "probe-1.so");
        f.start();
        CHECK(f.send("d", "{}", "probe.decided") == 202);
        REQUIRE(f.wait_runs(run_state::failed, 1));
        const auto dead = f.runs(run_state::failed).at(0);
        CHECK(dead.failure->code == "run.revision-gone");
        CHECK(dead.failure->message.find("1.0.0") != std::string::npos);
        CHECK(f.send("e2", plan({R"({"do":"version"})"})) == 202);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        const auto today = f.runs(run_state::succeeded).at(0);
        result<void> moved;
        f.it->store().write(
            [&](journal_tx& tx) {
                tx.repin(dead.id, today.flow_version, today.config_revision, "tester");
                moved = tx.retry(dead.id, false, {});
            },
            {});
        REQUIRE(f.it->store().flush().has_value());
        REQUIRE(moved.has_value());
        f.it->runs().kick();
        REQUIRE(f.wait_runs(run_state::succeeded, 2));
        CHECK(f.run(dead.id).run.result.find("2.0.0") != std::string::npos);
        CHECK(f.target.count("create", "a") == 1);
    }
}
