// SPDX-License-Identifier: Apache-2.0
#include "kit/clock.hpp"
#include "kit/ids.hpp"
#include "kit/rate_limiter.hpp"
#include "kit/tokens.hpp"
#include "support/catch.hpp"

#include <set>

using namespace mortise::sandbox;
using namespace std::chrono_literals;

namespace {
const time_point start_time = *parse_iso("2026-03-28T09:15:01.406403+00:00");
}

TEST_CASE("a standing clock runs due work in order and at its own time", "[sandbox][kit]") {
    sandbox_clock clock(start_time);
    std::string order;
    clock.schedule(2s, [&] { order += "b" + iso_seconds(clock.now()).substr(17, 2); });
    clock.schedule(1s, [&] {
        order += "a";
        clock.schedule(500ms, [&] { order += "c"; });
    });
    const auto never = clock.schedule(1s, [&] { order += "x"; });
    CHECK(clock.cancel(never));
    CHECK_FALSE(clock.cancel(never));
    CHECK_FALSE(clock.run_due());
    CHECK(order.empty());
    clock.advance(3s);
    CHECK(order == "acb03");
    CHECK(clock.now() == start_time + 3s);
    CHECK(clock.pending() == 0);
    CHECK_THROWS(clock.advance(-1s));
    clock.reset();
    CHECK(clock.now() == start_time);
}

TEST_CASE("dates are written and read in all the forms systems use", "[sandbox][kit]") {
    CHECK(iso_micros(start_time) == "2026-03-28T09:15:01.406403+00:00");
    CHECK(iso_micros(start_time, false) == "2026-03-28T09:15:01.406403");
    CHECK(parse_iso("2026-03-28T10:15:01.406403+01:00") == start_time);
    CHECK(parse_iso("2026-03-28T05:45:01.406403-0330") == start_time);
    CHECK(parse_iso("2026-03-28T09:15:01.406403") == start_time);
    CHECK(parse_iso("2026-03-28") == parse_iso("2026-03-28T00:00:00Z"));
    for (const char* bad : {"", "2026", "2026-13-01", "2026-02-30", "2026-01-01T25:00:00",
                            "2026-01-01T10:00:00+", "2026-01-01T10:00:00 tomorrow"}) {
        INFO(bad);
        CHECK_FALSE(parse_iso(bad));
    }
}

TEST_CASE("ids repeat with the seed and do not collide", "[sandbox][kit]") {
    id_source a(7);
    id_source b(7);
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string id = a.uuid();
        CHECK(id == b.uuid());
        CHECK(id.size() == 36);
        seen.insert(id);
    }
    CHECK(seen.size() == 1000);
    CHECK(id_source::named_uuid("x") == id_source::named_uuid("x"));
    CHECK(id_source::named_uuid("x") != id_source::named_uuid("y"));
    CHECK(a.number(100) == 100);
    CHECK(a.number(100) == 101);
}

TEST_CASE("a token stops being valid when its time is over or it is revoked", "[sandbox][kit]") {
    token_store tokens;
    tokens.put("t", {"user", start_time + 10s, {}});
    CHECK(tokens.find("t", start_time)->principal == "user");
    CHECK(tokens.extend("t", start_time + 9s, 10s));
    CHECK(tokens.find("t", start_time + 15s));
    CHECK_FALSE(tokens.find("t", start_time + 19s));
    CHECK_FALSE(tokens.extend("t", start_time + 20s, 10s));
    CHECK(tokens.revoke("t"));
    CHECK_FALSE(tokens.revoke("t"));
}

TEST_CASE("a caller over the limit is refused until the window has moved on", "[sandbox][kit]") {
    rate_limiter limiter(2, 20s);
    CHECK(limiter.check("a", start_time).remaining == 1);
    CHECK(limiter.check("a", start_time + 5s).remaining == 0);
    const auto refused = limiter.check("a", start_time + 6s);
    CHECK_FALSE(refused.allowed);
    CHECK(refused.retry_after == 14s);
    CHECK(limiter.check("b", start_time + 6s).allowed);
    CHECK(limiter.check("a", start_time + 20s).allowed);
}
