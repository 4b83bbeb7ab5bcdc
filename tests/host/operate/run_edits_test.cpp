// SPDX-License-Identifier: Apache-2.0
#include "flows.hpp"
#include "operate/run_edits.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <boost/json.hpp>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

TEST_CASE("a step's input that fits its operation's schema is taken", "[operate][edit]") {
    const made_flow flow;
    const auto edit = checked_input(failed_run(), &flow.entry, "", R"({ "id": "4712" })", false);
    REQUIRE(edit);
    CHECK(edit->step == "store");
    CHECK(edit->input == R"({"id":"4712"})");
}

TEST_CASE("a step's input that does not fit is refused with each place", "[operate][edit]") {
    const made_flow flow;
    const auto edit = checked_input(failed_run(), &flow.entry, "store", R"({"n":0})", false);
    REQUIRE_FALSE(edit);
    const auto& e = edit.error();
    CHECK(e.category == category::input);
    CHECK(e.effect == effect::none);
    CHECK_THAT(e.message, Catch::Contains("target:put") && Catch::Contains("/n"));
    const auto problems = boost::json::parse(e.details).at("problems").as_array();
    REQUIRE(problems.size() == 2);
    bool pointed = false;
    for (const auto& p : problems)
        pointed = pointed || p.at("pointer") == "/n";
    CHECK(pointed);
}

TEST_CASE("a patch changes what it names and leaves the rest of the input", "[operate][edit]") {
    const made_flow flow;
    const auto edit =
        checked_input(failed_run(), &flow.entry, "", R"({"n":7,"keep":null,"more":{"a":1}})", true);
    REQUIRE(edit);
    CHECK(edit->input == R"({"id":"4711","n":7,"more":{"a":1}})");
    const auto bad = checked_input(failed_run(), &flow.entry, "", R"({"id":null})", true);
    REQUIRE_FALSE(bad);
    CHECK_THAT(bad.error().message, Catch::Contains("id"));
}

TEST_CASE("what is no call, no step or no JSON cannot be edited", "[operate][edit]") {
    const made_flow flow;
    const auto run = failed_run();
    const auto unknown = checked_input(run, &flow.entry, "stroe", "{}", false);
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().category == category::not_found);
    CHECK_THAT(unknown.error().message, Catch::Contains("store"));
    const auto sleep = checked_input(run, &flow.entry, "pause", "{}", false);
    REQUIRE_FALSE(sleep);
    CHECK(sleep.error().category == category::conflict);
    for (const char* text : {"", "{", "{} {}", "[1", "nope"}) {
        INFO(text);
        const auto wrong = checked_input(run, &flow.entry, "store", text, false);
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().code == "run.edit.not-json");
    }
    const auto list = checked_input(run, nullptr, "store", "[1]", false);
    REQUIRE_FALSE(list);
    CHECK_THAT(list.error().message, Catch::Contains("a list"));
    auto stepless = run;
    stepless.run.failed_step.clear();
    const auto none = checked_input(stepless, &flow.entry, "", "{}", false);
    REQUIRE_FALSE(none);
    CHECK(none.error().category == category::conflict);
}

TEST_CASE("an event's data is checked against what its connector declares", "[operate][edit]") {
    const made_flow flow;
    auto run = failed_run();
    const auto good = checked_event(run, &flow.entry, R"({"id":"4712","more":[1]})");
    REQUIRE(good);
    CHECK(*good == R"({"id":"4712","more":[1]})");
    const auto bad = checked_event(run, &flow.entry, R"({"id":5})");
    REQUIRE_FALSE(bad);
    CHECK_THAT(bad.error().message, Catch::Contains("/id"));
    run.event.source = "/manual"; // nobody declares what a person sends
    CHECK(checked_event(run, &flow.entry, R"({"id":5})"));
    CHECK(checked_event(run, nullptr, "5"));
    CHECK_FALSE(checked_event(run, nullptr, "{"));
}

TEST_CASE("merge patches follow RFC 7396", "[operate][edit]") {
    struct sample {
        const char *target, *patch, *after;
    };
    const auto s =
        GENERATE(sample{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
                 sample{R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
                 sample{R"({"a":"b"})", R"({"a":null})", "{}"},
                 sample{R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
                 sample{R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
                 sample{R"({"a":"foo"})", "null", "null"},
                 sample{R"([1,2])", R"({"a":"b"})", R"({"a":"b"})"},
                 sample{"{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"});
    INFO(s.target << " with " << s.patch);
    auto value = boost::json::parse(s.target);
    merge_patch(value, boost::json::parse(s.patch));
    CHECK(boost::json::serialize(value) == s.after);
}
