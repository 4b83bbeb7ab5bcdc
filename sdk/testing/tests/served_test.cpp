// SPDX-License-Identifier: Apache-2.0
//
// The fake host's HTTP answered by a system in memory.
#include "shop.hpp"
#include "support/catch.hpp"

using namespace shop;
using namespace std::chrono_literals;
using mortise::category;
using mortise::testing::call_options;
using mortise::testing::connector_harness;
using mortise::testing::fake_host;
using mortise::testing::http_answer;
using mortise::testing::recorded_request;

namespace {

// The shop, but for files.
struct counter {
    counter() : goods(host.now()) {
        wrong = defect::none;
        host.http().serve([this](const recorded_request& r) {
            return r.url.ends_with("/file") ? file : goods.answer(r);
        });
        shop.emplace(host.create_connector(connector_factory(), subject().settings(host)));
    }
    void finish() {
        shop->destroy();
        CHECK(host.violations() == std::vector<std::string>{});
    }
    fake_host host;
    store goods;
    http_answer file{200, {{"content-type", "text/plain"}}, "0123456789"};
    std::optional<connector_harness> shop;
    const json::value first = json::object{{"id", "i0001"}};
};

} // namespace

TEST_CASE("a system in memory answers what no expectation fits", "[sdk][http]") {
    counter c;
    c.host.http().expect("GET", "https://shop.test/items/i0001").reply_json(200, {{"id", "x"}});
    CHECK(c.shop->call("items.get", c.first).value().at("id") == "x");
    CHECK(c.shop->call("items.get", c.first).value().at("name") == "Saw");
    CHECK(c.shop->call("items.get", json::object{{"id", "i9999"}}).failure->category ==
          category::not_found);
    c.finish();
}

TEST_CASE("a request that is not answered ends with the deadline of its call", "[sdk][http]") {
    counter c;
    c.file.never = true;
    call_options options;
    options.deadline_ns = c.host.mono_ns() + 30'000'000'000;
    const auto call = c.shop->start("files.get", c.first, options);
    c.host.advance(29s);
    CHECK_FALSE(call.done());
    c.host.advance(1s);
    REQUIRE(call.done());
    CHECK(call.outcome().failure->category == category::timeout);
    CHECK(call.outcome().failure->effect == mortise::effect::unknown);
    c.finish();
}

TEST_CASE("a connection cut in the middle gives the bytes before, then an error", "[sdk][http]") {
    counter c;
    c.file.cut_after = 4;
    const auto out = c.shop->call("files.get", c.first);
    const auto got = c.host.drain_content(out.content);
    CHECK(got.bytes == "0123");
    REQUIRE(got.failure);
    CHECK(got.failure->category == category::unavailable);
    CHECK_FALSE(got.open);
    c.finish();
}

TEST_CASE("content that is whole is drained without an error", "[sdk][http]") {
    counter c;
    const auto got = c.host.drain_content(c.shop->call("files.get", c.first).content);
    CHECK(got.bytes == "0123456789");
    CHECK_FALSE(got.failure);
    CHECK_FALSE(got.open);
    c.finish();
}

TEST_CASE("secrets are found in a text by their values", "[sdk][http]") {
    counter c;
    CHECK(c.host.secrets_in("with k3y-of-the-shop in it") == std::vector<std::string>{"key"});
    CHECK(c.host.secrets_in("with nothing").empty());
    c.finish();
}
