// SPDX-License-Identifier: Apache-2.0
#include "kit/server.hpp"
#include "kit/test_client.hpp"
#include "kit_fixture.hpp"
#include "support/catch.hpp"

#include <boost/json/value.hpp>

using namespace mortise::sandbox;
using namespace mortise::sandbox::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

struct stage {
    webhook_receiver receiver;
    running server;
    http_client client;

    explicit stage(std::string target = {})
        : server(start(make_emulator<counter>([&] {
              emulator_options o;
              o.webhook_target = target.empty() ? receiver.url() : target;
              return o;
          }()))),
          client(server.base_url()) {}

    void notify(const std::string& word) {
        REQUIRE(client.send("POST", "/notify", word).status == 202);
    }
    // Bodies of the first n webhooks, in order of arrival.
    std::string words(std::size_t n) {
        std::string out;
        for (const request& r : receiver.wait(n))
            out += r.body();
        return out;
    }
    // Results arrive on the emulator's thread: ask there until they have come.
    std::vector<unsigned> results(std::size_t n) {
        std::vector<unsigned> out;
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (out.size() < n && std::chrono::steady_clock::now() < deadline)
            server.with<counter>([&](counter& c) { out = c.results(); });
        return out;
    }
};

} // namespace

TEST_CASE("a webhook reaches its target and the result comes back", "[sandbox][kit][net]") {
    stage s;
    s.notify("hello");
    const auto got = s.receiver.wait(1);
    REQUIRE(got.size() == 1);
    CHECK(got[0].method == "POST");
    CHECK(got[0].path == "/hook");
    CHECK(got[0].header("content-type") == "application/json");
    CHECK(got[0].body() == "hello");
    CHECK(s.results(1) == std::vector<unsigned>{200});
    s.receiver.answer_with(503);
    s.notify("again");
    CHECK(s.results(2) == std::vector<unsigned>{200, 503});
}

TEST_CASE("a webhook nobody listens for ends with the reason", "[sandbox][kit][net]") {
    std::string gone;
    {
        const webhook_receiver briefly;
        gone = briefly.url();
    }
    const std::string target =
        GENERATE_COPY(as<std::string>{}, gone, "https://127.0.0.1/x", "here");
    stage s(target);
    s.notify("hello");
    CHECK(s.results(1) == std::vector<unsigned>{0});
    s.server.with<counter>([&](counter& c) {
        INFO(c.last_error());
        CHECK(c.last_error().find(target) != std::string::npos);
    });
}

TEST_CASE("webhooks can be doubled, dropped, held back and delayed", "[sandbox][kit][net]") {
    stage s;
    const auto fault = [&](const char* kind) {
        const json::object f{{"kind", kind}, {"path", "/hook"}, {"delay_ms", 3'600'000}};
        REQUIRE(s.client.post("/__sandbox/faults", f).status == 201);
    };
    SECTION("doubled") {
        fault("webhook-duplicate");
        s.notify("a");
        CHECK(s.words(2) == "aa");
        CHECK(s.results(1).size() == 1);
    }
    SECTION("dropped, and believed delivered") {
        fault("webhook-drop");
        s.notify("a");
        CHECK(s.results(1) == std::vector<unsigned>{200});
        s.notify("b");
        CHECK(s.words(1) == "b");
    }
    SECTION("overtaken") {
        fault("webhook-reorder");
        s.notify("a");
        s.notify("b");
        CHECK(s.words(2) == "ba");
    }
    SECTION("delayed by the emulator's clock") {
        fault("webhook-delay");
        s.notify("a");
        s.notify("b");
        CHECK(s.words(1) == "b");
        REQUIRE(s.client.post("/__sandbox/clock/advance", {{"seconds", 3601}}).status == 200);
        CHECK(s.words(2) == "ba");
    }
    SECTION("failed without being sent") {
        fault("webhook-fail");
        s.notify("a");
        CHECK(s.results(1) == std::vector<unsigned>{0});
    }
}
