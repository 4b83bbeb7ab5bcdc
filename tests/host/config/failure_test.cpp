// SPDX-License-Identifier: Apache-2.0
// What the configuration says about failures and schedules.
#include "catalog_fixture.hpp"
#include "config/config.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace mortise::host;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view connection = R"(
[connections.dam]
connector = "dam"
base_url = "https://dam.example.com"
auth_token = { env = "TOKEN" }
)";

load_result load(const mortise::test::temp_dir& dir, const std::string& more) {
    return load_configuration(dir.write("mortise.toml", std::string(connection) + more),
                              fixture_catalog());
}

std::string problems_of(const std::string& more) {
    const mortise::test::temp_dir dir;
    return problems_to_text(load(dir, more).problems);
}

bool has(const std::string& text, std::string_view part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("limits, breaker and operations of a connection are read", "[config]") {
    const mortise::test::temp_dir dir;
    const auto r = load(dir, R"(
limits = { timeout = "5s", call_timeout = "20s" }
breaker = { failures = 3, open_for = "1s", max_open_for = "1m", failure_ratio = 0.25 }
[connections.dam.operations."assets.get"]
timeout = "7s"
retry = { max_attempts = 2 }
[connections.dam.operations."assets.update".retry]
first_delay = "3s"
[host]
max_active_runs = 17
)");
    INFO(problems_to_text(r.problems));
    REQUIRE(r.ok());
    const auto& c = r.config.connections.at("dam");
    CHECK(c.limits.call_timeout == 20s);
    CHECK_FALSE(c.breaker.enabled);
    CHECK(c.breaker.failures == 3u);
    CHECK(c.breaker.failure_ratio == 0.25);
    CHECK(c.breaker.open_for == 1s);
    CHECK(c.breaker.max_open_for == 1min);
    CHECK(c.operations.at("assets.get").timeout == 7s);
    CHECK(c.operations.at("assets.get").retry.max_attempts == 2);
    CHECK_FALSE(c.operations.at("assets.update").timeout);
    CHECK(c.operations.at("assets.update").retry.first_delay == 3s);
    CHECK(r.config.host.max_active_runs == 17);
    CHECK(has(to_json_text(r.config), R"("max_open_for":"1m")"));
    CHECK(has(to_json_text(r.config), R"("timeout":"7s")"));
}

TEST_CASE("without a word about failures the defaults stand", "[config]") {
    const mortise::test::temp_dir dir;
    const auto r = load(dir, "");
    REQUIRE(r.ok());
    const auto& c = r.config.connections.at("dam");
    CHECK_FALSE(c.limits.call_timeout);
    CHECK_FALSE(c.breaker.enabled);
    CHECK(c.operations.empty());
    CHECK(c.retry.empty());
    CHECK(r.config.host.max_active_runs == 2000);
}

TEST_CASE("an operation that the connector does not have is refused with the nearest", "[config]") {
    const auto text =
        problems_of("[connections.dam.operations.\"assets.gte\"]\ntimeout = \"1s\"\n");
    CHECK(has(text, "mortise.toml:6"));
    CHECK(has(text, "no operation \"assets.gte\""));
    CHECK(has(text, "assets.get"));
}

TEST_CASE("senseless words about failures are refused", "[config]") {
    CHECK(has(problems_of("breaker = { failures = 0 }"), "failures"));
    CHECK(has(problems_of("breaker = { failure_ratio = 1.5 }"), "failure_ratio"));
    CHECK(has(problems_of("breaker = { open_for = 5 }"), "open_for"));
    CHECK(has(problems_of("breaker = { opens_for = \"5s\" }"), "open_for"));
    CHECK(has(problems_of("limits = { call_timeout = \"0s\" }"), "must not be 0"));
    CHECK(has(problems_of("[connections.dam.operations.\"assets.get\"]\ntimeout = \"0s\""),
              "must not be 0"));
    CHECK(has(problems_of("[host]\nmax_active_runs = 0"), "max_active_runs"));
}

TEST_CASE("a schedule is read with its places", "[config]") {
    const mortise::test::temp_dir dir;
    const auto r = load(dir, R"(
[connections.archive]
connector = "ecm"
url = "https://ecm.example.com"
[flows.nightly]
flow = "copy-assets"
connections = { source = "dam", target = "archive" }
schedule = "0 3 * * *"
time_zone = "Europe/Zurich"
jitter = "5m"
missed = "all"
missed_limit = 7
)");
    INFO(problems_to_text(r.problems));
    REQUIRE(r.ok());
    const auto& f = r.config.flows.at("nightly");
    CHECK(f.schedule == "0 3 * * *");
    CHECK(f.time_zone == "Europe/Zurich");
    CHECK(f.jitter == 5min);
    CHECK(f.missed == "all");
    CHECK(f.missed_limit == 7);
    CHECK(f.schedule_place.line == 13);
    CHECK(f.schedule_place.column == 12);
    CHECK(f.time_zone_place.line == 14);
    CHECK(has(problems_of("[flows.a]\nflow = \"copy-assets\"\nmissed = \"never\""), "skip"));
}
