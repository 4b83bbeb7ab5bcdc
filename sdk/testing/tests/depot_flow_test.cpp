// SPDX-License-Identifier: Apache-2.0
#include "release_flow.hpp"
#include "support/catch.hpp"

#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;
using namespace std::chrono_literals;

namespace {

struct bench {
    bench()
        : flow(host.create_flow(
              mortise::flow<depot::release_flow>(),
              {{"checks", json::array{"rights", "virus"}}, {"owner", "ann"}, {"deputy", "bob"}})) {
        flow.on("mail", "send", [this](const json::value& in) -> json::value {
            asked.push_back(require_string(in, "to"));
            return nullptr;
        });
    }
    test_run start() const {
        return flow.start({"depot.file.changed", "7@1", "files/7", json::object()});
    }
    void decide(const char* id, bool granted) const {
        flow.send({"depot.release.decided", id, "files/7", json::object{{"granted", granted}}});
    }
    void finish() {
        flow.destroy();
        CHECK(host.violations() == std::vector<std::string>{});
    }
    fake_host host;
    flow_harness flow;
    std::vector<std::string> asked;
};

} // namespace

TEST_CASE("a file is released when its checks, its owner and the cool-down say so",
          "[sdk][depot]") {
    bench b;
    b.flow.answer_child("rights", {{"ok", true}});
    auto run = b.start();
    CHECK(b.asked.empty()); // the other check is still at work
    b.flow.end_child(1, {{"ok", true}});
    CHECK(b.asked == std::vector<std::string>{"ann"});
    b.host.advance(96h); // reminders after three days and four
    CHECK(b.asked == std::vector<std::string>{"ann", "ann", "ann"});
    run.replay(); // as after a crash: no mail twice
    CHECK(b.asked.size() == 3);
    b.decide("d-1", true);
    CHECK_FALSE(run.finished());
    b.host.advance(1h);
    CHECK(run.result().at("released") == true);
    const auto effects = run.effects();
    run.replay();
    CHECK(run.effects() == effects);
    b.finish();
}

TEST_CASE("after the deadline the deputy is asked", "[sdk][depot]") {
    bench b;
    b.flow.answer_child("*", {{"ok", true}});
    auto run = b.start();
    b.host.advance(240h);
    REQUIRE_FALSE(b.asked.empty());
    CHECK(b.asked.back() == "bob");
    b.decide("d-1", false);
    CHECK(run.result().at("released") == false);
    b.finish();
}

TEST_CASE("a check that says no asks nobody", "[sdk][depot]") {
    bench b;
    b.flow.answer_child("*", {{"ok", false}});
    CHECK(b.start().result().at("released") == false);
    CHECK(b.asked.empty());
    b.finish();
}

TEST_CASE("a check that fails keeps the release waiting until a person mends it", "[sdk][depot]") {
    bench b;
    bool broken = true;
    b.flow.on_child("*", [&](const child_run&) -> json::value {
        if (broken) throw error(category::not_found, "scan.none", "There is no scanner.");
        return json::object{{"ok", true}};
    });
    auto run = b.start();
    b.host.advance(24h * 30);
    CHECK_FALSE(run.finished());
    broken = false;
    b.flow.retry_child(0);
    b.flow.retry_child(1);
    CHECK(b.asked == std::vector<std::string>{"ann"});
    b.finish();
}

TEST_CASE("nobody decides and nobody else is named: a person must look", "[sdk][depot]") {
    bench b;
    b.flow.destroy();
    auto flow = b.host.create_flow(mortise::flow<depot::release_flow>(), {{"owner", "ann"}});
    flow.answer("mail", "send", nullptr);
    auto run = flow.start({"depot.file.changed", "7@1", "files/7", json::object()});
    b.host.advance(240h);
    REQUIRE(run.finished());
    REQUIRE(run.outcome().failure);
    CHECK(run.outcome().failure->category == category::timeout);
    flow.destroy();
    CHECK(b.host.violations() == std::vector<std::string>{});
}
