// SPDX-License-Identifier: Apache-2.0
#include "fixtures.hpp"
#include "plugin/inspect.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fcntl.h>
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
