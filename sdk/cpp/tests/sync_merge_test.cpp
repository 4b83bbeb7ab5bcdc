// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <mortise/sdk/sync_merge.hpp>

#include <algorithm>
#include <random>

using namespace mortise;

namespace {

const sync_words nothing;
const sync_value empty;

time_point at(int seconds) {
    return time_point(std::chrono::seconds(1'700'000'000 + seconds));
}

sync_field pair(sync_owner owner = sync_owner::newest, sync_type type = sync_type::text) {
    sync_field f;
    f.a = "left";
    f.b = "right";
    f.owner = owner;
    f.type = type;
    return f;
}

sync_merged merge(const sync_field& f, sync_words a, sync_words b, sync_words base) {
    sync_input in;
    in.a = std::move(a);
    in.b = std::move(b);
    in.base = std::move(base);
    return merge_field(f, in);
}

sync_words one(std::string text) {
    return sync_value{std::move(text)};
}

sync_words read(const sync_field& f, json::value v, sync_side side = sync_side::a) {
    const sync_rules rules({f});
    sync_view view;
    view.values[side == sync_side::a ? f.a : f.b] = std::move(v);
    return rules.read(0, side, view);
}

std::string refusal(const sync_field& f, json::value v, sync_side side = sync_side::a) {
    try {
        read(f, std::move(v), side);
    } catch (const error& e) {
        CHECK(e.category == category::input);
        return e.message;
    }
    FAIL("accepted");
    return {};
}

std::string config_refusal(std::vector<sync_field> fields) {
    try {
        const sync_rules rules(std::move(fields));
    } catch (const error& e) {
        CHECK(e.category == category::config);
        return e.message;
    }
    FAIL("accepted");
    return {};
}

} // namespace

TEST_CASE("the merge takes the change of the one side that has changed", "[sdk][sync]") {
    const auto owner = GENERATE(sync_owner::a, sync_owner::b, sync_owner::newest);
    const sync_field f = pair(owner);
    CHECK(merge(f, one("2"), one("1"), one("1")).value == one("2"));
    CHECK(merge(f, one("1"), one("2"), one("1")).value == one("2"));
    CHECK(merge(f, one("1"), one("1"), one("1")).value == one("1"));
    CHECK(merge(f, one("3"), one("3"), one("1")).value == one("3"));
    CHECK_FALSE(merge(f, one("2"), one("1"), one("1")).conflict);
    CHECK_FALSE(merge(f, one("3"), one("3"), one("1")).conflict);
}

TEST_CASE("an emptied field is a change, a side that says nothing has changed nothing",
          "[sdk][sync]") {
    const sync_field f = pair(sync_owner::b);
    CHECK(merge(f, empty, one("1"), one("1")).value == sync_words(empty));
    CHECK(merge(f, one("1"), empty, one("1")).value == sync_words(empty));
    CHECK(merge(f, nothing, one("1"), one("1")).value == one("1"));
    CHECK(merge(f, one("2"), nothing, one("1")).value == one("2"));
    CHECK(merge(f, nothing, nothing, one("1")).value == nothing);
    CHECK_FALSE(merge(f, nothing, one("1"), one("1")).conflict);
}

TEST_CASE("without a common value the side that holds something fills the other", "[sdk][sync]") {
    const auto owner = GENERATE(sync_owner::a, sync_owner::b, sync_owner::newest);
    const sync_field f = pair(owner);
    CHECK(merge(f, one("1"), empty, nothing).value == one("1"));
    CHECK(merge(f, empty, one("1"), nothing).value == one("1"));
    CHECK_FALSE(merge(f, empty, one("1"), nothing).conflict);
}

TEST_CASE("where both have changed the owner's value stays, and both are told", "[sdk][sync]") {
    for (const auto& base : {one("1"), nothing}) {
        const auto a = merge(pair(sync_owner::a), one("2"), one("3"), base);
        CHECK(a.value == one("2"));
        CHECK(a.conflict);
        CHECK(a.winner == sync_side::a);
        CHECK(a.reason == "owner");
        const auto b = merge(pair(sync_owner::b), one("2"), one("3"), base);
        CHECK(b.value == one("3"));
        CHECK(b.winner == sync_side::b);
    }
    // Emptied here, changed there: a conflict like any other.
    const auto cleared = merge(pair(sync_owner::a), empty, one("3"), one("1"));
    CHECK(cleared.value == sync_words(empty));
    CHECK(cleared.conflict);
}

TEST_CASE("the newest change wins; a side without a time counts as older, a tie goes to a",
          "[sdk][sync]") {
    sync_input in;
    in.a = one("2");
    in.b = one("3");
    in.base = one("1");
    struct row {
        std::optional<time_point> a, b;
        sync_side winner;
        std::string reason;
    };
    const std::vector<row> rows{
        {at(1), at(2), sync_side::b, "newest"},       {at(2), at(1), sync_side::a, "newest"},
        {at(1), at(1), sync_side::a, "same time: a"}, {{}, at(1), sync_side::b, "newest"},
        {at(1), {}, sync_side::a, "newest"},          {{}, {}, sync_side::a, "same time: a"}};
    for (const auto& r : rows) {
        in.a_changed_at = r.a;
        in.b_changed_at = r.b;
        const auto m = merge_field(pair(), in);
        CHECK(m.winner == r.winner);
        CHECK(m.reason == r.reason);
        CHECK(m.value == (r.winner == sync_side::a ? in.a : in.b));
    }
}

TEST_CASE("additions to and removals from a set on both sides go together", "[sdk][sync]") {
    const sync_field f = pair(sync_owner::a, sync_type::set);
    const auto m =
        merge(f, sync_value{"AT", "CH", "DE"}, sync_value{"AT", "US"}, sync_value{"AT", "DE"});
    CHECK(m.value == sync_words(sync_value{"AT", "CH", "US"}));
    CHECK_FALSE(m.conflict);
    // Without a common value it is not known what was added: the owner's set stays.
    const auto first = merge(f, sync_value{"DE"}, sync_value{"US"}, nothing);
    CHECK(first.value == one("DE"));
    CHECK(first.conflict);
}

TEST_CASE("a field with a direction takes changes of the follower back and says so",
          "[sdk][sync]") {
    sync_field f = pair(sync_owner::b);
    f.direction = sync_direction::to_b;
    CHECK(merge(f, one("1"), one("2"), one("1")).value == one("1"));
    CHECK(merge(f, one("1"), one("2"), one("1")).conflict);
    CHECK_FALSE(merge(f, one("2"), one("1"), one("1")).conflict);
    CHECK(merge(f, nothing, one("2"), one("1")).value == nothing);
    f.direction = sync_direction::to_a;
    CHECK(merge(f, one("1"), one("2"), one("1")).value == one("2"));
    CHECK(merge(f, one("3"), one("1"), one("1")).value == one("1"));
    CHECK(merge(f, one("3"), one("1"), one("1")).conflict);
}

TEST_CASE("what a cut off sync wrote is not taken for somebody's change", "[sdk][sync]") {
    // a was changed to 2, and 2 was about to be written to b.
    const sync_pending p{one("1"), one("2"), one("1"), one("2"), one("1"), {"2"}, false, true};
    const auto resumed = [&](sync_words a, sync_words b) {
        const sync_resumed r = resume_pending(pair(), p, std::move(a), std::move(b));
        return merge(pair(sync_owner::b), r.a, r.b, r.base);
    };
    CHECK(resumed(one("2"), one("1")).value == one("2")); // not written
    CHECK(resumed(one("2"), one("2")).value == one("2")); // written
    for (const auto& b : {one("1"), one("2")}) {
        CHECK(resumed(one("5"), b).value == one("5")); // and a edited since
        CHECK(resumed(one("1"), b).value == one("1"));
        CHECK_FALSE(resumed(one("5"), b).conflict);
    }
    CHECK(resumed(one("2"), one("7")).value == one("7")); // b edited since
    CHECK(resume_pending(pair(), p, one("5"), one("7")).overtaken);

    // A merged set, written on one side only: nothing that came from it is lost.
    const sync_value m{"AT", "CH", "DE", "US"};
    const sync_pending sets{sync_value{"AT", "DE"},
                            sync_value{"AT", "CH", "DE"},
                            sync_value{"AT", "DE", "US"},
                            sync_value{"AT", "CH", "DE"},
                            sync_value{"AT", "DE", "US"},
                            m,
                            true,
                            true};
    const sync_field f = pair(sync_owner::b, sync_type::set);
    auto r = resume_pending(f, sets, m, sync_value{"AT", "DE", "US"});
    CHECK(merge(f, r.a, r.b, r.base).value == sync_words(m));
    r = resume_pending(f, sets, m, sync_value{"AT", "DE", "FR", "US"});
    CHECK(merge(f, r.a, r.b, r.base).value == sync_words(sync_value{"AT", "CH", "DE", "FR", "US"}));
    // Both edited since: DE gone on a, FR added on b.
    r = resume_pending(f, sets, sync_value{"AT", "CH", "US"}, sync_value{"AT", "DE", "FR", "US"});
    CHECK_FALSE(r.overtaken);
    CHECK(merge(f, r.a, r.b, r.base).value == sync_words(sync_value{"AT", "CH", "FR", "US"}));
    r = resume_pending(f, sets, m, sync_value{"AT", "CH", "US"}); // b was written, then DE removed
    CHECK(merge(f, r.a, r.b, r.base).value == sync_words(sync_value{"AT", "CH", "US"}));
}

TEST_CASE("what a cut off sync decided about a set holds when both sides are edited afterwards",
          "[sdk][sync]") {
    // DE was removed on a and IT added on b; neither was written.
    const sync_value before{"AT", "DE"};
    const sync_pending p{
        before, sync_value{"AT"}, sync_value{"AT", "DE", "IT"}, before, before, {"AT", "IT"}, false,
        false};
    const sync_field f = pair(sync_owner::newest, sync_type::set);
    const auto resumed = [&](sync_words a, sync_words b) {
        const sync_resumed r = resume_pending(f, p, std::move(a), std::move(b));
        return merge(f, r.a, r.b, r.base);
    };
    const auto both = resumed(sync_value{"AT", "CH", "DE"}, sync_value{"AT", "DE", "FR"});
    CHECK(both.value == sync_words(sync_value{"AT", "CH", "FR", "IT"}));
    CHECK_FALSE(both.conflict);
    // Also what was removed since.
    CHECK(resumed(sync_value{"DE"}, sync_value{"AT", "DE", "FR"}).value ==
          sync_words(sync_value{"FR", "IT"}));
    // A side that says nothing any more has removed nothing.
    CHECK(resumed(nothing, sync_value{"AT", "DE", "FR"}).value ==
          sync_words(sync_value{"AT", "FR", "IT"}));
}

TEST_CASE("an edit of a set after a write of unknown outcome takes away only what was surely there",
          "[sdk][sync]") {
    // US came from b; whether it arrived on a, and whether DE went there, is not known.
    const sync_pending p{sync_value{"AT", "CH", "DE"},
                         sync_value{"AT", "CH", "DE"},
                         sync_value{"AT", "CH", "US"},
                         sync_value{"AT", "CH", "DE"},
                         sync_value{"AT", "CH", "US"},
                         {"AT", "CH", "US"},
                         true,
                         false};
    const sync_field f = pair(sync_owner::newest, sync_type::set);
    const auto resumed = [&](sync_value a) {
        const sync_resumed r = resume_pending(f, p, std::move(a), p.shown_b);
        return merge(f, r.a, r.b, r.base).value;
    };
    CHECK(resumed({"CH"}) == sync_words(sync_value{"CH", "US"}));
    CHECK(resumed({"AT", "CH"}) == sync_words(sync_value{"AT", "CH", "US"}));
    CHECK(resumed({"AT", "CH", "DE", "FR"}) == sync_words(sync_value{"AT", "CH", "FR", "US"}));
    CHECK(resumed({"AT", "FR", "US"}) == sync_words(sync_value{"AT", "FR", "US"}));
}

TEST_CASE("values are compared by what they mean", "[sdk][sync]") {
    CHECK(read(pair({}, sync_type::text), "  blue ") == one("blue"));
    CHECK(read(pair({}, sync_type::text), 12) == one("12"));
    CHECK(read(pair({}, sync_type::text), json::array{"blue"}) == one("blue"));
    CHECK(read(pair({}, sync_type::text), nullptr) == sync_words(empty));
    CHECK(read(pair({}, sync_type::text), "") == sync_words(empty));
    CHECK(read(pair({}, sync_type::number), "+007.50") == one("7.5"));
    CHECK(read(pair({}, sync_type::number), 7.5) == one("7.5"));
    CHECK(read(pair({}, sync_type::number), "-0") == one("0"));
    CHECK(read(pair({}, sync_type::number), "12345678901234567890.10") ==
          one("12345678901234567890.1"));
    CHECK(read(pair({}, sync_type::number), "1e3") == one("1000"));
    CHECK(read(pair({}, sync_type::boolean), "Yes") == one("true"));
    CHECK(read(pair({}, sync_type::boolean), 0) == one("false"));
    CHECK(read(pair({}, sync_type::date), "2026-03-31T00:00:00") == one("2026-03-31"));
    CHECK(read(pair({}, sync_type::set), json::array{"b", "a", "b", "", nullptr}) ==
          sync_words(sync_value{"a", "b"}));
    sync_view silent;
    CHECK(sync_rules({pair()}).read(0, sync_side::a, silent) == nothing);
}

TEST_CASE("a value of the wrong kind is refused with what was expected", "[sdk][sync]") {
    CHECK(refusal(pair({}, sync_type::number), "12 EUR") == "expected a number, found \"12 EUR\"");
    CHECK(refusal(pair({}, sync_type::boolean), "maybe") ==
          "expected true or false, found \"maybe\"");
    CHECK(refusal(pair({}, sync_type::date), "31.03.2026") ==
          "expected a date such as \"2026-03-31\", found \"31.03.2026\"");
    CHECK(refusal(pair({}, sync_type::date), "2026-02-30") ==
          "expected a day of the calendar, found \"2026-02-30\"");
    CHECK_THAT(refusal(pair(), json::object{{"x", 1}}), Catch::Contains("an object"));
    CHECK_THAT(refusal(pair(), json::array{"x", "y"}), Catch::Contains("holds 2 values"));
}

TEST_CASE("a value table works in both directions and names what it does not know", "[sdk][sync]") {
    sync_field f = pair({}, sync_type::set);
    f.values = {{"WORLD", "WORLDWIDE"}, {"DE", "Germany"}};
    const sync_rules rules({f});
    sync_view b;
    b.values["right"] = json::array{"WORLDWIDE", "Germany"};
    CHECK(rules.read(0, sync_side::b, b) == sync_words(sync_value{"DE", "WORLD"}));
    CHECK(rules.write(0, sync_side::b, {"DE", "WORLD"}) == json::array{"Germany", "WORLDWIDE"});
    CHECK(rules.write(0, sync_side::a, {"DE"}) == json::array{"DE"});
    CHECK(refusal(f, "WORLDWID", sync_side::b) ==
          "\"WORLDWID\" is not in the field's value table; did you mean \"WORLDWIDE\"?");
    CHECK_THAT(refusal(f, "Atlantis", sync_side::a), Catch::Contains("knows \"DE\" \"WORLD\""));
    f.unlisted = sync_unlisted::keep;
    CHECK(read(f, "FR") == one("FR"));
    // On a it would be told as WORLDWIDE, and read back from b as WORLD.
    CHECK_THAT(refusal(f, "WORLDWIDE"), Catch::Contains("not in the field's value table"));
}

TEST_CASE("every type is written in its own form, and empty as empty", "[sdk][sync]") {
    const auto written = [](sync_type type, const sync_value& v) {
        return sync_rules({pair({}, type)}).write(0, sync_side::b, v);
    };
    CHECK(written(sync_type::text, {"x"}) == json::value("x"));
    CHECK(written(sync_type::text, {}) == json::value());
    CHECK(written(sync_type::number, {"12"}) == json::value(12));
    CHECK(written(sync_type::number, {"1.5"}) == json::value(1.5));
    CHECK(written(sync_type::boolean, {"false"}) == json::value(false));
    CHECK(written(sync_type::date, {"2026-03-31"}) == json::value("2026-03-31"));
    CHECK(written(sync_type::set, {}) == json::array());
}

TEST_CASE("a configuration that cannot be undone on the way back is refused", "[sdk][sync]") {
    sync_field f = pair();
    f.values = {{"Clear", "Cleared"}, {"Cleared", "Cleared"}};
    CHECK_THAT(config_refusal({f}), Catch::Contains("\"left = right\"") &&
                                        Catch::Contains("\"Clear\" and \"Cleared\" of a are both "
                                                        "\"Cleared\" of b"));
    sync_field other = pair();
    other.b = "elsewhere";
    CHECK_THAT(config_refusal({pair(), other}), Catch::Contains("in another pair already"));
    sync_field date = pair({}, sync_type::date);
    date.values = {{"x", "y"}};
    CHECK_THAT(config_refusal({date}), Catch::Contains("value table"));
}

TEST_CASE("the settings of a pair are read with their defaults and checked", "[sdk][sync]") {
    const auto f = from_json<sync_field>(
        parse_json(R"({"a":"x","b":"y","owner":"b","type":"set","direction":"to-a",
                       "values":{"1":"2"},"unlisted":"keep"})"));
    CHECK(f.owner == sync_owner::b);
    CHECK(f.direction == sync_direction::to_a);
    CHECK(f.values.at("1") == "2");
    CHECK(from_json<sync_field>(parse_json(R"({"a":"x","b":"y"})")).owner == sync_owner::newest);
    for (const auto* bad :
         {R"({"a":"x"})", R"({"a":"","b":"y"})", R"({"a":"x","b":"y","owner":"c"})",
          R"({"a":"x","b":"y","tpye":"set"})"})
        CHECK_THROWS_AS(from_json<sync_field>(parse_json(bad)), error);
}

// Whatever was edited, one merge makes the two sides equal, a second one has nothing to do, and a
// value that does not come through was changed by nobody or is a conflict.
TEST_CASE("merging any two sides converges at once and loses nothing silently", "[sdk][sync]") {
    std::mt19937 random(20260301);
    const auto any = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    const auto words = [&](bool set) -> sync_words {
        sync_value out;
        for (int i = 0; i < 4; ++i)
            if (any(3) == 0) out.push_back(std::string(1, static_cast<char>('k' + i)));
        if (!set && out.size() > 1) out.resize(1);
        if (any(6) == 0) return std::nullopt;
        return out;
    };
    for (int round = 0; round < 20'000; ++round) {
        const bool set = any(2) == 0;
        sync_field f = pair(std::array{sync_owner::a, sync_owner::b,
                                       sync_owner::newest}[static_cast<std::size_t>(any(3))],
                            set ? sync_type::set : sync_type::text);
        f.direction = any(4) != 0   ? sync_direction::both
                      : any(2) == 0 ? sync_direction::to_a
                                    : sync_direction::to_b;
        sync_input in;
        in.a = words(set);
        in.b = words(set);
        in.base = words(set);
        if (any(2) == 0) in.a_changed_at = at(any(3));
        if (any(2) == 0) in.b_changed_at = at(any(3));
        const sync_merged m = merge_field(f, in);
        if (m.conflict && f.direction == sync_direction::both && f.owner != sync_owner::newest) {
            REQUIRE(m.winner == (f.owner == sync_owner::a ? sync_side::a : sync_side::b));
        }
        if (!m.value) continue;
        // Both sides show it now: nothing is left to decide.
        sync_input again = in;
        again.a = again.b = again.base = m.value;
        const sync_merged second = merge_field(f, again);
        REQUIRE(second.value == m.value);
        REQUIRE_FALSE(second.conflict);
        if (m.conflict || f.direction != sync_direction::both) continue;
        for (const auto* side : {&in.a, &in.b}) {
            const bool changed = *side && *side != in.base;
            if (!changed || *side == m.value) continue;
            if (!in.base) {
                // Only an empty value gives way without a word.
                REQUIRE((*side)->empty());
                continue;
            }
            // A set: every addition is there, every removal is done.
            REQUIRE(set);
            for (const auto& text : **side) {
                const bool added = std::count(in.base->begin(), in.base->end(), text) == 0;
                if (added) REQUIRE(std::count(m.value->begin(), m.value->end(), text) == 1);
            }
            for (const auto& text : *in.base) {
                const bool removed = std::count((*side)->begin(), (*side)->end(), text) == 0;
                if (removed) REQUIRE(std::count(m.value->begin(), m.value->end(), text) == 0);
            }
        }
    }
}
