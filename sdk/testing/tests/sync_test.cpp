// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "sync_flow.hpp"

using namespace mortise;
using namespace std::chrono_literals;
using sync_test::world;

namespace {

json::value config(std::string owner = "newest") {
    return {{"fields",
             {{{"a", "colour"}, {"b", "Colour"}, {"owner", owner}},
              {{"a", "until"}, {"b", "Until"}, {"type", "date"}, {"owner", owner}},
              {{"a", "places"}, {"b", "Places"}, {"type", "set"}}}}};
}

error failure(const testing::test_run& run) {
    REQUIRE(run.outcome().failure);
    return *run.outcome().failure;
}

} // namespace

TEST_CASE("a change on either side comes to the other, once", "[sdk][sync]") {
    world w(config());
    w.left.values = {{"colour", "red"}, {"until", "2026-03-31"}, {"places", {"DE", "AT"}}};
    const auto first = w.sync();
    CHECK(first.at("wrote_b") == json::array({"Colour", "Until", "Places"}));
    CHECK(w.right.values.at("Colour") == "red");
    CHECK(w.right.values.at("Places") == json::array({"AT", "DE"}));
    CHECK(w.writes == 1);

    SECTION("the echo of our own write writes nothing and keeps nothing") {
        const auto before = w.kept();
        const auto echo = w.sync();
        CHECK(w.writes == 1);
        CHECK(echo.at("wrote_a").as_array().empty());
        CHECK(echo.at("conflicts").as_array().empty());
        CHECK(w.kept() == before);
    }
    SECTION("backwards") {
        w.edit("right", "Until", "2027-01-01T00:00:00");
        CHECK(w.sync().at("wrote_a") == json::array({"until"}));
        CHECK(w.left.values.at("until") == "2027-01-01");
    }
    SECTION("only what differs is written") {
        w.edit("left", "colour", "blue");
        CHECK(w.sync().at("wrote_b") == json::array({"Colour"}));
    }
    SECTION("emptied on one side is emptied on the other") {
        w.edit("right", "Colour", nullptr);
        w.sync();
        CHECK(w.left.values.at("colour").is_null());
        CHECK(w.right.values.at("Places") == json::array({"AT", "DE"}));
    }
    SECTION("a field that disappears is filled again, not emptied on the other side") {
        w.right.values.erase("Colour");
        w.sync();
        CHECK(w.right.values.at("Colour") == "red");
    }
}

TEST_CASE("a field changed on both sides goes to its owner, with both values on record",
          "[sdk][sync]") {
    world w(config("b"));
    w.left.values = {{"colour", "red"}};
    w.sync();
    w.edit("left", "colour", "green");
    w.edit("right", "Colour", "blue");
    const auto done = w.sync();
    CHECK(w.left.values.at("colour") == "blue");
    CHECK(w.right.values.at("Colour") == "blue");
    const auto& conflict = done.at("conflicts").at(0);
    CHECK(conflict.at("a") == json::array({"green"}));
    CHECK(conflict.at("b") == json::array({"blue"}));
    CHECK(conflict.at("base") == json::array({"red"}));
    CHECK(conflict.at("winner") == "b");
    const auto kept = w.kept();
    CHECK(kept.at("conflicts").at(0).at("a") == json::array({"green"}));
    CHECK(kept.at("conflicts").at(0).at("at").is_string());
    bool told = false;
    for (const auto& line : w.host.log())
        told = told ||
               (line.message == "sync conflict" && line.fields.find("green") != std::string::npos &&
                line.fields.find("blue") != std::string::npos);
    CHECK(told);
}

TEST_CASE("places added here and removed there come together without a conflict", "[sdk][sync]") {
    world w(config());
    w.left.values = {{"places", {"AT", "DE"}}};
    w.sync();
    w.edit("left", "places", json::array{"AT", "DE", "US"});
    w.edit("right", "Places", json::array{"DE"});
    CHECK(w.sync().at("conflicts").as_array().empty());
    CHECK(w.left.values.at("places") == json::array({"DE", "US"}));
    CHECK(w.right.values.at("Places") == json::array({"DE", "US"}));
}

TEST_CASE("a value that cannot be read is named, and holds up no other field", "[sdk][sync]") {
    world w(config());
    w.left.values = {{"colour", "red"}, {"until", "soon"}};
    const error e = failure(w.happen());
    CHECK(e.category == category::input);
    CHECK(e.code == "sync.value.unreadable");
    CHECK_THAT(e.message, Catch::Contains("side a, field \"until\": expected a date") &&
                              Catch::Contains("\"soon\""));
    CHECK(w.right.values.at("Colour") == "red");
    CHECK_FALSE(w.right.values.contains("Until"));
    w.edit("left", "until", "2026-12-24");
    w.sync();
    CHECK(w.right.values.at("Until") == "2026-12-24");
}

TEST_CASE("a change made between reading and writing is settled, not overwritten unseen",
          "[sdk][sync]") {
    const bool owner_b = GENERATE(true, false);
    world v(config(owner_b ? "b" : "a"));
    v.left.values = {{"colour", "red"}};
    v.sync();
    v.edit("left", "colour", "green");
    bool done = false;
    v.moment = [&](const std::string& side, const std::string& operation, bool before) {
        if (side != "right" || operation != "set" || !before || done) return;
        done = true;
        v.edit("right", "Colour", "blue");
    };
    const auto report = v.sync();
    REQUIRE(report.at("conflicts").as_array().size() == 1);
    CHECK(report.at("conflicts").at(0).at("b") == json::array({"blue"}));
    const std::string winner = owner_b ? "blue" : "green";
    CHECK(v.left.values.at("colour") == json::string(winner));
    CHECK(v.right.values.at("Colour") == json::string(winner));
    CHECK(v.sync().at("conflicts").as_array().empty());
}

TEST_CASE("two runs of one pair take turns, whatever started them", "[sdk][sync]") {
    auto c = config();
    c.as_object()["slow"] = "5s";
    world w(c);
    w.left.values = {{"colour", "red"}};
    const auto first = w.happen();
    const auto second = w.happen();
    CHECK_FALSE(first.finished());
    w.host.advance(5s);
    CHECK(first.finished());
    CHECK_FALSE(second.finished());
    w.host.advance(30s);
    REQUIRE(second.finished());
    CHECK(second.result().at("wrote_b").as_array().empty());
    CHECK(w.writes == 1);
    w.harness.destroy();
    CHECK(w.host.violations().empty());
}

TEST_CASE("a run that was lost in its turn holds up the others for its lease only", "[sdk][sync]") {
    auto c = config();
    c.as_object()["slow"] = "5s";
    world w(c);
    w.left.values = {{"colour", "red"}};
    const auto lost = w.happen();
    lost.cancel();
    const auto next = w.happen();
    w.host.advance(10min);
    CHECK_FALSE(next.finished());
    w.host.advance(6min);
    REQUIRE(next.finished());
    CHECK(next.result().at("wrote_b") == json::array({"Colour"}));
}

TEST_CASE("a failure gives the turn back and is passed on", "[sdk][sync]") {
    world w(config());
    w.left.values = {{"colour", "red"}};
    w.moment = [](const std::string&, const std::string& operation, bool) {
        if (operation == "set") throw error(category::denied, "x.denied", "No.");
    };
    CHECK(failure(w.happen()).code == "x.denied");
    w.moment = nullptr;
    CHECK(w.sync().at("wrote_b") == json::array({"Colour"}));
}

TEST_CASE("a field that something else writes back is stopped and named", "[sdk][sync]") {
    auto c = config();
    c.as_object()["limits"] = {{"writes", 3}, {"window", "10m"}};
    world w(c);
    w.left.values = {{"colour", "red"}, {"until", "2026-01-01"}};
    // A rule of the other system spells every colour in its own way.
    w.moment = [&](const std::string& side, const std::string& operation, bool before) {
        if (side != "right" || operation != "set" || before) return;
        w.edit("right", "Colour", json::string("odd-" + std::to_string(w.clock)));
    };
    int rounds = 0;
    std::optional<error> stopped;
    for (; rounds < 10 && !stopped; ++rounds) {
        w.edit("left", "colour", json::string("even-" + std::to_string(w.clock)));
        const auto run = w.happen();
        stopped = run.outcome().failure;
    }
    REQUIRE(stopped);
    CHECK(rounds == 4);
    CHECK(stopped->category == category::conflict);
    CHECK(stopped->code == "sync.flapping");
    CHECK(stopped->retry == retry_advice::no);
    CHECK_THAT(stopped->message, Catch::Contains("\"colour = Colour\"") &&
                                     Catch::Contains("3 times within 10m") &&
                                     Catch::Contains("odd-") && Catch::Contains("even-"));
    // Later it may go on.
    w.moment = nullptr;
    w.host.advance(11min);
    CHECK(w.sync().at("wrote_b") == json::array({"Colour"}));
}

TEST_CASE("a sync that goes on after a crash repeats no step", "[sdk][sync]") {
    world w(config(), GENERATE(0u, 1u, 2u, 3u));
    w.left.values = {{"colour", "red"}};
    w.right.values = {{"Until", "2026-05-05"}};
    const auto run = w.happen();
    const auto result = run.result();
    const auto effects = run.effects();
    run.replay();
    CHECK(run.result() == result);
    CHECK(run.effects() == effects);
    CHECK(w.writes == 2);
    w.harness.destroy();
    CHECK(w.host.violations().empty());
}
