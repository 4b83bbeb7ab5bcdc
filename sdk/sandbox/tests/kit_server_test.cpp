// SPDX-License-Identifier: Apache-2.0
#include "kit/server.hpp"
#include "kit/test_client.hpp"
#include "kit_fixture.hpp"
#include "support/catch.hpp"

#include <boost/json/value.hpp>

#include <future>

using namespace mortise::sandbox;
using namespace mortise::sandbox::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {
struct stage {
    running server = start(make_emulator<counter>());
    http_client client{server.base_url()};

    int count(const std::string& name) {
        int n = 0;
        server.with<counter>([&](counter& c) { n = c.count(name); });
        return n;
    }
    void fault(const json::object& f) {
        REQUIRE(client.post("/__sandbox/faults", f).status == 201);
    }
};
} // namespace

TEST_CASE("the server answers, keeps the connection and refuses what it does not know",
          "[sandbox][kit][net]") {
    stage s;
    CHECK(s.client.post("/count/a", nullptr).json().at("count") == 1);
    CHECK(s.client.post("/count/a/", nullptr).json().at("count") == 2);
    CHECK(s.client.get("/count/a").header("connection") == "keep-alive");
    CHECK(s.client.get("/nowhere").status == 404);
    const http_answer wrong = s.client.del("/count/a");
    CHECK(wrong.status == 405);
    CHECK(wrong.header("allow") == "POST, GET, HEAD");
}

TEST_CASE("an exception in a handler becomes a 500 and is kept for the author",
          "[sandbox][kit][net]") {
    stage s;
    CHECK(s.client.get("/throws").status == 500);
    s.server.on_emulator([](emulator& e) {
        REQUIRE(e.problems().size() == 1);
        CHECK(e.problems().front().find("a bug") != std::string::npos);
    });
}

TEST_CASE("a large body arrives whole and comes back in ranges", "[sandbox][kit][net]") {
    stage s;
    std::string big(3'000'017, 'x');
    for (std::size_t i = 0; i < big.size(); i += 13)
        big[i] = static_cast<char>('a' + i % 23);
    const std::string expected = std::to_string(big.size()) + " " + md5_hex(blob(big));
    CHECK(s.client.send("POST", "/size", big).body == expected);
    CHECK(s.client.send("POST", "/size", big, {{"Expect", "100-continue"}}).body == expected);

    REQUIRE(s.client.send("PUT", "/content", big).status == 204);
    const http_answer whole = s.client.get("/content");
    CHECK(whole.body == big);
    CHECK(whole.header("content-disposition").starts_with("attachment; filename=\"a.bin\""));
    const http_answer part = s.client.get("/content", {{"Range", "bytes=1000000-1000009"}});
    CHECK(part.status == 206);
    CHECK(part.body == big.substr(1'000'000, 10));
    CHECK(s.client.get("/content", {{"If-None-Match", "\"e1\""}}).status == 304);
    const http_answer head = s.client.send("HEAD", "/content");
    CHECK(head.header("content-length") == std::to_string(big.size()));
    CHECK(head.body.empty());
}

TEST_CASE("a fault answers in the handler's place, as often as told", "[sandbox][kit][net]") {
    stage s;
    s.fault({{"method", "POST"},
             {"path", "/count/{name}"},
             {"status", 429},
             {"headers", {{"Retry-After", "7"}}},
             {"body", {{"error", "slow down"}}},
             {"count", 2},
             {"skip", 1}});
    CHECK(s.client.post("/count/a", nullptr).status == 201);
    const http_answer refused = s.client.post("/count/a", nullptr);
    CHECK(refused.status == 429);
    CHECK(refused.header("retry-after") == "7");
    CHECK(refused.json().at("error") == "slow down");
    CHECK(s.client.get("/count/a").json().at("count") == 1);
    CHECK(s.client.post("/count/b", nullptr).status == 429);
    CHECK(s.client.post("/count/a", nullptr).json().at("count") == 2);
}

TEST_CASE("a connection cut before the handler leaves no effect, one cut after it does",
          "[sandbox][kit][net]") {
    stage s;
    s.fault({{"kind", "cut"}, {"path", "/count/before"}});
    s.fault({{"kind", "cut-after"}, {"path", "/count/after"}});
    CHECK(s.client.post("/count/before", nullptr).status == 0);
    CHECK(s.count("before") == 0);
    CHECK(s.client.post("/count/after", nullptr).status == 0);
    CHECK(s.count("after") == 1);
}

TEST_CASE("commit then time out: the effect happens and no answer comes", "[sandbox][kit][net]") {
    stage s;
    s.fault({{"kind", "commit-then-timeout"}, {"path", "/count/{name}"}});
    s.client.timeout(200ms);
    CHECK(s.client.post("/count/a", nullptr).status == 0);
    CHECK(s.count("a") == 1);
    s.fault({{"kind", "hang"}, {"path", "/count/{name}"}});
    CHECK(s.client.post("/count/a", nullptr).status == 0);
    CHECK(s.count("a") == 1);
}

TEST_CASE("an answer can end in the middle of its body", "[sandbox][kit][net]") {
    stage s;
    REQUIRE(s.client.send("PUT", "/content", std::string(1000, 'z')).status == 204);
    s.fault({{"kind", "cut-body"}, {"path", "/content"}});
    const http_answer half = s.client.get("/content");
    CHECK(half.status == 200);
    CHECK_FALSE(half.complete);
    CHECK(half.header("content-length") == "1000");
    CHECK(s.client.get("/content").body.size() == 1000);
}

TEST_CASE("latency delays the answer", "[sandbox][kit][net]") {
    stage s;
    s.fault({{"kind", "latency"}, {"path", "/count/a"}, {"delay_ms", 120}});
    const auto begin = std::chrono::steady_clock::now();
    CHECK(s.client.post("/count/a", nullptr).status == 201);
    CHECK(std::chrono::steady_clock::now() - begin >= 120ms);
}

TEST_CASE("a wrong fault is refused with what is known", "[sandbox][kit][net]") {
    stage s;
    const auto refused = [&](const json::value& f) {
        const http_answer a = s.client.post("/__sandbox/faults", f);
        CHECK(a.status == 400);
        return a.body;
    };
    CHECK(refused(json::object{{"kind", "explode"}}).find("commit-then-timeout") !=
          std::string::npos);
    CHECK(refused(json::object{{"stauts", 500}}).find("stauts") != std::string::npos);
    CHECK(refused(json::object{{"status", 42}}).find("fault.status") != std::string::npos);
    CHECK(refused(json::array{json::object{}, 5}).find("object") != std::string::npos);
    CHECK(s.client.get("/__sandbox/faults").json().at("faults").as_array().empty());
}

TEST_CASE("the control API shows requests and state, plays people, and goes back to the seed",
          "[sandbox][kit][net]") {
    stage s;
    s.client.post("/count/a?x=1", json::object{{"k", "v"}});
    const json::value log = s.client.get("/__sandbox/requests").json();
    const json::value& first = log.at("requests").at(0);
    CHECK(first.at("method") == "POST");
    CHECK(first.at("path") == "/count/a");
    CHECK(first.at("route") == "/count/{name}");
    CHECK(first.at("status") == 201);
    CHECK(first.at("body") == R"({"k":"v"})");
    CHECK(s.client.post("/__sandbox/play/bump", {{"name", "a"}, {"by", 5}}).json() == 6);
    CHECK(s.client.post("/__sandbox/play/bump", json::object{}).status == 400);
    CHECK(s.client.post("/__sandbox/play/dance", json::object{}).status == 404);
    CHECK(s.client.get("/__sandbox/state").json().at("a") == 6);
    CHECK(s.client.post("/__sandbox/reset", nullptr).status == 204);
    CHECK(s.client.get("/__sandbox/state").json().as_object().empty());
    CHECK(s.client.get("/__sandbox/requests").json().at("requests").as_array().empty());
    CHECK(s.client.get("/__sandbox").json().at("play").as_object().contains("bump"));
}

TEST_CASE("advancing the clock runs what falls due", "[sandbox][kit][net]") {
    stage s;
    bool ran = false;
    s.server.with<counter>([&](counter& c) { c.later(24h, [&] { ran = true; }); });
    CHECK(s.client.post("/__sandbox/clock/advance", {{"seconds", 86'399}}).status == 200);
    CHECK_FALSE(ran);
    CHECK(s.client.post("/__sandbox/clock/advance", {{"seconds", 2}}).status == 200);
    CHECK(ran);
    CHECK(s.client.post("/__sandbox/clock/advance", {{"hours", 2}}).status == 400);
}

TEST_CASE("scheduled work runs by itself on a real clock", "[sandbox][kit][net]") {
    stage s;
    std::promise<void> ran;
    s.server.with<counter>([&](counter& c) { c.later(10ms, [&] { ran.set_value(); }); });
    CHECK(ran.get_future().wait_for(5s) == std::future_status::ready);
}

TEST_CASE("an emulator answers without any socket", "[sandbox][kit]") {
    const auto e = make_emulator<counter>();
    CHECK(e->handle(make_request("POST", "/count/a")).status == 201);
    CHECK(e->handle(make_request("GET", "/__sandbox/state")).status == 200);
    CHECK(e->act("bump", {{"name", "a"}, {"by", 1}}) == 2);
}

TEST_CASE("a taken port is an error, a stopped server refuses work", "[sandbox][kit][net]") {
    running first = start(make_emulator<counter>());
    CHECK_THROWS(start(make_emulator<counter>(), first.port()));
    first.stop();
    first.stop();
    CHECK_THROWS_AS(first.on_emulator([](emulator&) {}), std::logic_error);
}
