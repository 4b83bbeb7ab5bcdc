// SPDX-License-Identifier: Apache-2.0
// The checker itself: it must find each kind of broken promise, or a test that relies on it proves
// nothing.
#include "support/catch.hpp"
#include "support/history.hpp"

#include <algorithm>

using namespace mortise::test;

namespace {

sent_event event(const std::string& id, std::uint64_t sent, repeat kind) {
    sent_event e;
    e.id = id;
    e.first_sent = sent;
    e.acknowledged = sent + 1;
    e.order_key = "k";
    e.wanted = {{id + ".1", kind, 0, true}, {id + ".2", repeat::idempotent, 1, true}};
    return e;
}

// Two events of a key, both done as they should be.
history good() {
    history h;
    h.events = {event("a", 1, repeat::lookup_first), event("b", 3, repeat::unsafe)};
    for (const char* name : {"a.1", "a.2", "b.1", "b.2"})
        h.attempts.push_back({name, true, true});
    for (const char* id : {"a", "b"}) {
        seen_run r;
        r.id = std::string("run-") + id;
        r.event = id;
        r.state = "succeeded";
        h.runs.push_back(r);
    }
    return h;
}

bool finds(const history& h, const std::string& kind) {
    const auto all = check(h);
    for (const auto& what : all)
        UNSCOPED_INFO(what);
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string& what) { return what.starts_with(kind); });
}

} // namespace

TEST_CASE("a history that keeps every promise passes", "[history]") {
    CHECK(check(good()).empty());
    SECTION("also when a repeat by the same key changed nothing") {
        auto h = good();
        h.attempts.push_back({"a.2", false, true});
        CHECK(check(h).empty());
    }
    SECTION("also when a run failed and did not do everything") {
        auto h = good();
        h.runs[1].state = "failed";
        h.attempts.pop_back();
        CHECK(check(h).empty());
    }
    SECTION("also when an unknown effect was flagged") {
        auto h = good();
        h.attempts[2].answered = false;
        h.runs[1].state = "in_doubt";
        h.runs[1].was_in_doubt = true;
        h.attempts.pop_back();
        CHECK(check(h).empty());
    }
}

TEST_CASE("an event that was acknowledged and has no run is lost", "[history]") {
    auto h = good();
    h.runs.pop_back();
    CHECK(finds(h, "lost: event b"));
    h.events[1].acknowledged = 0; // nobody promised anything
    h.attempts.resize(2);
    CHECK(check(h).empty());
}

TEST_CASE("an effect that a successful run did not have is lost", "[history]") {
    auto h = good();
    h.attempts.pop_back();
    CHECK(finds(h, "lost: b.2"));
    h.events[1].wanted[1].certain = false;
    CHECK(check(h).empty());
}

TEST_CASE("an effect that happened twice is doubled, whatever its kind", "[history]") {
    const std::string name = GENERATE("a.1", "a.2", "b.1");
    auto h = good();
    const auto it = std::find_if(h.attempts.begin(), h.attempts.end(),
                                 [&](const seen_attempt& a) { return a.name == name; });
    h.attempts.insert(it, *it);
    CHECK(finds(h, "doubled: " + name));
}

TEST_CASE("an event with two runs is doubled", "[history]") {
    auto h = good();
    h.runs.push_back(h.runs.back());
    CHECK(finds(h, "doubled: event b"));
}

TEST_CASE("events of a key that changed places are out of order", "[history]") {
    auto h = good();
    std::rotate(h.attempts.begin(), h.attempts.begin() + 2, h.attempts.end());
    CHECK(finds(h, "order: b went before a"));
    SECTION("not when they were sent at the same time") {
        h.events[1].first_sent = 1;
        CHECK(check(h).empty());
    }
    SECTION("not when they have different keys") {
        h.events[1].order_key = "other";
        CHECK(check(h).empty());
    }
    SECTION("not when a person took the earlier one up again") {
        h.runs[0].touched = true;
        CHECK(check(h).empty());
    }
}

TEST_CASE("steps of a run that changed places are out of order", "[history]") {
    auto h = good();
    std::swap(h.attempts[0], h.attempts[1]);
    CHECK(finds(h, "order: a.2 of a happened before a.1"));
}

TEST_CASE("an unknown outcome of what cannot be repeated must be told", "[history]") {
    auto h = good();
    h.attempts[2].answered = false;
    CHECK(finds(h, "silent: b.1"));
    SECTION("of what can be repeated or looked up it need not be") {
        h = good();
        h.attempts[0].answered = false;
        CHECK(check(h).empty());
    }
}

TEST_CASE("a run in doubt of nothing is wrong", "[history]") {
    auto h = good();
    h.runs[0].state = "in_doubt";
    h.runs[0].was_in_doubt = true;
    CHECK(finds(h, "wrong: the run of a is in doubt"));
}

TEST_CASE("a run that never ends is stuck once faults have stopped", "[history]") {
    auto h = good();
    h.runs[1].state = "waiting";
    CHECK(finds(h, "stuck: the run of b"));
    h.complete = false;
    CHECK(check(h).empty());
}

TEST_CASE("an effect that nobody asked for is invented", "[history]") {
    auto h = good();
    h.attempts.push_back({"c.1", true, true});
    CHECK(finds(h, "invented: c.1"));
}

TEST_CASE("a parent must not end before its child", "[history]") {
    auto h = good();
    h.runs[1].parent = "a";
    h.runs[0].ended = 10;
    h.runs[1].ended = 9;
    CHECK(check(h).empty());
    SECTION("by their ends") {
        h.runs[1].ended = 11;
        CHECK(finds(h, "order: a ended before its child b"));
    }
    SECTION("by their states") {
        h.runs[1].state = "waiting";
        CHECK(finds(h, "order: a succeeded before its child b"));
    }
    SECTION("and there must be one") {
        h.runs[1].parent = "nobody";
        CHECK(finds(h, "orphan: run run-b"));
    }
}

TEST_CASE("the ledger holds each effect once", "[history]") {
    auto h = good();
    h.has_ledger = true;
    for (const char* name : {"a.1", "a.2", "b.1", "b.2"})
        h.ledger.push_back({name, true});
    CHECK(check(h).empty());
    SECTION("none is missing") {
        h.ledger.pop_back();
        CHECK(finds(h, "ledger: b.2 happened and is missing"));
    }
    SECTION("none is there twice") {
        h.ledger.push_back({"b.2", true});
        CHECK(finds(h, "ledger: b.2 stands in it 2 times"));
    }
    SECTION("none is there that never happened") {
        h.attempts.pop_back();
        h.runs[1].state = "failed";
        CHECK(finds(h, "ledger: b.2 stands in it and never happened"));
    }
    SECTION("an unknown outcome may be noted beside") {
        h.ledger.push_back({"b.2", false});
        CHECK(check(h).empty());
    }
}

TEST_CASE("two runs of a key together are told as they were seen", "[history]") {
    auto h = good();
    h.overlaps = {"together: a and b of key k"};
    CHECK(finds(h, "together:"));
}
