// SPDX-License-Identifier: Apache-2.0
#include "fixtures.hpp"
#include "plugin/inspect.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fcntl.h>
#include <fstream>
#include <sys/wait.h>

using namespace mortise::host;
using mortise::test::fixture_dir;
using mortise::test::plugin_folder;

namespace {

plugin_result<std::string> look_at(const std::filesystem::path& file,
                                   std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    return inspect_in_child(file, {.program = mortise::test::probe_program, .timeout = timeout});
}

} // namespace

TEST_CASE("inspection brings back the manifest of a good plugin", "[plugin][inspect]") {
    const auto manifest = look_at(fixture_dir / "good/echo_1_1.so");
    REQUIRE(manifest.has_value());
    const auto m = boost::json::parse(*manifest);
    CHECK(m.at("id").as_string() == "test.echo");
    CHECK(m.at("abi").as_string() == "1." + std::to_string(MORTISE_ABI_MINOR));
    CHECK(m.at("sha256").as_string().size() == 64);
    const auto& c = m.at("connectors").at(0);
    CHECK(c.at("id").as_string() == "echo");
    CHECK(c.at("version").as_string() == "1.1.0");
    CHECK(c.at("config_schema").at("type").as_string() == "object");
    CHECK(c.at("requires_services").at(0).as_string() == "mortise.call/1");
    CHECK(c.at("operations").at(0).at("effect_class").as_string() == "read");
    CHECK(m.at("flows").as_array().empty());
}

TEST_CASE("inspection survives a plugin that ends its process and says how", "[plugin][inspect]") {
    mortise::test::leave_signals_alone();
    SECTION("by exiting") {
        const auto r = look_at(fixture_dir / "bad/exits_in_constructor.so");
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().reason_code == "died-while-loading");
        CHECK(r.error().found == "exited with status 3");
        CHECK_THAT(r.error().message, Catch::Contains("while its constructors ran"));
    }
    SECTION("by crashing") {
        const auto r = look_at(fixture_dir / "bad/crashes_in_constructor.so");
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().reason_code == "died-while-loading");
        CHECK(r.error().found == "was killed by SIGSEGV");
    }
    SECTION("by never coming back") {
        const auto r =
            look_at(fixture_dir / "bad/hangs_in_constructor.so", std::chrono::milliseconds(500));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().reason_code == "probe-timeout");
        CHECK(r.error().found == "no end after 500 ms");
    }
}

TEST_CASE("inspection leaves no process and no descriptor behind", "[plugin][inspect]") {
    mortise::test::leave_signals_alone();
    const auto open_descriptors = [] {
        std::size_t n = 0;
        for (const auto& e : std::filesystem::directory_iterator("/proc/self/fd"))
            n += e.exists();
        return n;
    };
    const auto before = open_descriptors();
    (void)look_at(fixture_dir / "good/echo_1_0.so");
    (void)look_at(fixture_dir / "bad/crashes_in_constructor.so");
    (void)look_at(fixture_dir / "bad/hangs_in_constructor.so", std::chrono::milliseconds(100));
    CHECK(open_descriptors() == before);
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1); // no child left
    CHECK(errno == ECHILD);
}

TEST_CASE("inspection brings back the refusal that the child found", "[plugin][inspect]") {
    const auto r = look_at(fixture_dir / "bad/unknown_service.so");
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error().reason_code == "unknown-service");
    CHECK(r.error().plugin_id == "test.unknown-service");
    CHECK(r.error().wanted == "mortise.http/2");
}

TEST_CASE("inspection says so when its program cannot do it", "[plugin][inspect]") {
    const auto file = fixture_dir / "good/echo_1_0.so";
    SECTION("it does not exist") {
        const auto r = inspect_in_child(file, {.program = "/nonexistent/mortise"});
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().reason_code == "probe-failed");
        CHECK_THAT(r.error().hint, Catch::Contains("/nonexistent/mortise"));
    }
    SECTION("it does something else") {
        const auto r = inspect_in_child(file, {.program = "/bin/true"});
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().found == "exited with status 0");
        CHECK_THAT(r.error().message, Catch::Contains("while it was being started"));
    }
    SECTION("the file does not exist") {
        const auto r = look_at("/nonexistent/plugin.so");
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().reason_code == "unreadable");
    }
}

TEST_CASE("many files are looked at together, and each gets the answer that it would get alone",
          "[plugin][inspect]") {
    mortise::test::leave_signals_alone();
    const std::vector<std::filesystem::path> files{
        fixture_dir / "good/echo_1_0.so",       fixture_dir / "bad/crashes_in_constructor.so",
        fixture_dir / "good/echo_1_1.so",       fixture_dir / "bad/exits_in_constructor.so",
        fixture_dir / "bad/unknown_service.so", "/nonexistent/plugin.so",
        fixture_dir / "good/echo_1_0.so"};
    const auto seen = probe_in_children(
        files, {.program = mortise::test::probe_program, .timeout = std::chrono::seconds(60)});
    REQUIRE(seen.size() == files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        INFO(files[i]);
        const auto alone = look_at(files[i]);
        CHECK(seen[i].has_value() == alone.has_value());
        if (alone || seen[i]) continue;
        CHECK(seen[i].error().file == files[i]);
        CHECK(seen[i].error().reason_code == alone.error().reason_code);
        CHECK(seen[i].error().plugin_id == alone.error().plugin_id);
        CHECK(seen[i].error().found == alone.error().found);
        CHECK(seen[i].error().wanted == alone.error().wanted);
        CHECK(seen[i].error().message == alone.error().message);
        CHECK(seen[i].error().hint == alone.error().hint);
    }
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1); // no child left
}

TEST_CASE("one of many that never comes back costs its own time only", "[plugin][inspect]") {
    mortise::test::leave_signals_alone();
    const std::vector<std::filesystem::path> files{
        fixture_dir / "bad/hangs_in_constructor.so", fixture_dir / "bad/unknown_service.so",
        fixture_dir / "bad/unknown_service.so", fixture_dir / "bad/unknown_service.so"};
    const auto seen = probe_in_children(files, {.program = mortise::test::probe_program,
                                                .timeout = std::chrono::milliseconds(3000)});
    REQUIRE(seen.size() == 4);
    REQUIRE_FALSE(seen[0].has_value());
    CHECK(seen[0].error().reason_code == "probe-timeout");
    CHECK(seen[0].error().found == "no end after 3000 ms");
    for (const std::size_t i : {1u, 2u, 3u}) {
        REQUIRE_FALSE(seen[i].has_value());
        CHECK(seen[i].error().reason_code == "unknown-service");
    }
}

TEST_CASE("where many cannot be looked at together, they are looked at one by one",
          "[plugin][inspect]") {
    const std::vector<std::filesystem::path> files{
        fixture_dir / "good/echo_1_0.so", fixture_dir / "good/echo_1_1.so",
        fixture_dir / "bad/unknown_service.so", fixture_dir / "good/echo_1_0.so"};
    SECTION("because the program knows one file at a time") {
        const mortise::test::temp_dir folder;
        const auto program = folder.path() / "one-at-a-time";
        std::ofstream(program) << "#!/bin/sh\n[ \"$3\" != - ] || exit 64\nexec "
                               << mortise::test::probe_program << " \"$@\"\n";
        std::filesystem::permissions(program, std::filesystem::perms::owner_all);
        const auto seen =
            probe_in_children(files, {.program = program, .timeout = std::chrono::seconds(60)});
        REQUIRE(seen.size() == 4);
        CHECK(seen[0].has_value());
        CHECK(seen[1].has_value());
        REQUIRE_FALSE(seen[2].has_value());
        CHECK(seen[2].error().reason_code == "unknown-service");
        CHECK(seen[3].has_value());
    }
    SECTION("because it does something else") {
        const auto seen = probe_in_children(files, {.program = "/bin/true"});
        REQUIRE(seen.size() == 4);
        for (const auto& one : seen) {
            REQUIRE_FALSE(one.has_value());
            CHECK(one.error().found == "exited with status 0");
        }
    }
    SECTION("of none there is nothing to say") {
        CHECK(probe_in_children({}, {.program = "/bin/true"}).empty());
    }
}
