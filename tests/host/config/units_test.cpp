// SPDX-License-Identifier: Apache-2.0
#include "config/units.hpp"
#include "support/catch.hpp"

using namespace mortise::host;
using namespace std::chrono_literals;

TEST_CASE("durations are a whole number and a unit", "[config][units]") {
    CHECK(*parse_duration("500ms") == 500ms);
    CHECK(*parse_duration("30s") == 30s);
    CHECK(*parse_duration("5m") == 5min);
    CHECK(*parse_duration("2h") == 2h);
    CHECK(*parse_duration("7d") == 168h);
    CHECK(*parse_duration("0ms") == 0ms);
}

TEST_CASE("what is no duration is refused with an example", "[config][units]") {
    const std::string text =
        GENERATE("", "5", "5 s", "s", "-5s", "1.5h", "5sec", "5S", "0x5s", "1h30m");
    CAPTURE(text);
    const auto d = parse_duration(text);
    REQUIRE(!d);
    CHECK(d.error().category == category::config);
    CHECK(d.error().message.find("\"30s\"") != std::string::npos);
}

TEST_CASE("a duration beyond a hundred years is refused, also past 64 bits", "[config][units]") {
    CHECK(!parse_duration("36601d"));
    CHECK(!parse_duration("18446744073709551615d"));
    CHECK(!parse_duration("99999999999999999999999s"));
}

TEST_CASE("sizes know decimal and binary units", "[config][units]") {
    CHECK(*parse_size("512") == 512);
    CHECK(*parse_size("64KiB") == 65536);
    CHECK(*parse_size("1MiB") == 1048576);
    CHECK(*parse_size("2GB") == 2'000'000'000);
    CHECK(!parse_size("1mib"));
    CHECK(!parse_size("9999999999TiB"));
    CHECK(!parse_size("-1"));
}

TEST_CASE("a duration is written in its largest exact unit", "[config][units]") {
    for (const char* text : {"0ms", "1500ms", "90s", "2h", "7d", "90m"}) {
        CAPTURE(text);
        CHECK(to_duration_text(*parse_duration(text)) == text);
    }
}
