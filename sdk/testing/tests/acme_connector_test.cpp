// SPDX-License-Identifier: Apache-2.0
#include "acme.hpp"
#include "support/catch.hpp"

#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;
using namespace std::chrono_literals;

namespace {

const std::string base = "https://acme.example.com";

struct bench {
    explicit bench(std::uint64_t seed = 0) : host(seed) { host.set_secret("acme.key", "k3y"); }
    connector_harness& make() {
        acme.emplace(host.create_connector(
            mortise::connector<acme::connector>(),
            {{"base_url", base}, {"api_key", {{"$secret", "acme.key"}}}, {"page_size", 2}}));
        return *acme;
    }
    void allow_login(const std::string& token = "t1") {
        host.http().expect("POST", base + "/token").reply_json(200, {{"token", token}});
    }
    void finish() {
        acme->destroy();
        CHECK(host.violations() == std::vector<std::string>{});
        CHECK(host.http().unmet() == std::vector<std::string>{});
    }
    fake_host host;
    std::optional<connector_harness> acme;
};

json::value contact(int id, int version) {
    return {{"id", std::to_string(id)},
            {"version", version},
            {"email", "a@example.com"},
            {"name", "Ann"}};
}

} // namespace

TEST_CASE("an operation reads through HTTP with a token from one login", "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    b.allow_login();
    b.host.http().expect("GET", base + "/contacts/7").reply_json(200, contact(7, 1)).times(2);
    const auto got = acme.call("contact.get", {{"id", "7"}});
    CHECK(got.value() == parse_json(R"({"id":"7","email":"a@example.com","name":"Ann"})"));
    acme.call("contact.get", {{"id", "7"}}).value();
    REQUIRE(b.host.http().requests().size() == 3);
    CHECK(b.host.http().requests()[0].json() == parse_json(R"({"key":"k3y"})"));
    CHECK(b.host.http().requests()[1].header("authorization") == "Bearer t1");
    b.finish();
}

TEST_CASE("calls at once share one login, in any order of answers", "[sdk][connector]") {
    const std::uint64_t seed = GENERATE(0, range(1, 12));
    INFO("seed " << seed);
    bench b(seed);
    auto& acme = b.make();
    b.host.http().expect("POST", base + "/token").reply_json(200, {{"token", "t"}}).delay(50ms);
    b.host.http().expect("GET", base + "/contacts/*").reply_json(200, contact(1, 1)).times(3);
    std::vector<pending_call> calls;
    for (int i = 0; i < 3; ++i)
        calls.push_back(acme.start("contact.get", {{"id", "1"}}));
    for (const auto& c : calls)
        CHECK_FALSE(c.done());
    b.host.advance(50ms);
    for (const auto& c : calls)
        CHECK_NOTHROW(c.outcome().value());
    b.finish();
}

TEST_CASE("a failed login fails all who waited, and the next call tries again",
          "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    b.host.http().expect("POST", base + "/token").reply(401, {}, "bad key").delay(5ms);
    const auto first = acme.start("contact.get", {{"id", "1"}});
    const auto second = acme.start("contact.get", {{"id", "2"}});
    b.host.advance(5ms);
    for (const auto& c : {first, second}) {
        REQUIRE(c.outcome().failure);
        CHECK(c.outcome().failure->category == category::auth);
        CHECK(c.outcome().failure->code == "acme.login.unauthorized");
    }
    b.allow_login();
    b.host.http().expect("GET", base + "/contacts/3").reply_json(200, contact(3, 1));
    CHECK_NOTHROW(acme.call("contact.get", {{"id", "3"}}).value());
    b.finish();
}

TEST_CASE("a cancelled call stops waiting for the login, the others get it", "[sdk][connector]") {
    const std::uint64_t seed = GENERATE(0, range(1, 12));
    const std::size_t victim = GENERATE(0u, 1u, 2u); // the one who began the login, or another
    INFO("seed " << seed << ", call " << victim);
    bench b(seed);
    auto& acme = b.make();
    b.host.http().expect("POST", base + "/token").reply_json(200, {{"token", "t"}}).delay(50ms);
    b.host.http().expect("GET", base + "/contacts/*").reply_json(200, contact(1, 1)).times(2);
    std::vector<pending_call> calls;
    for (int i = 0; i < 3; ++i)
        calls.push_back(acme.start("contact.get", {{"id", "1"}}));
    calls[victim].cancel();
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(calls[i].done() == (i == victim));
    CHECK(calls[victim].outcome().failure->category == category::cancelled);
    CHECK(calls[victim].outcome().failure->effect == effect::none);
    b.host.advance(50ms);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(calls[i].outcome().failure.has_value() == (i == victim));
    b.finish();
}

TEST_CASE("a login nobody waits for any more serves the next call", "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    b.host.http().expect("POST", base + "/token").reply_json(200, {{"token", "t"}}).delay(50ms);
    b.host.http().expect("GET", base + "/contacts/1").reply_json(200, contact(1, 1));
    acme.start("contact.get", {{"id", "1"}}).cancel();
    const auto next = acme.start("contact.get", {{"id", "1"}});
    b.host.advance(50ms);
    REQUIRE(next.done());
    CHECK_NOTHROW(next.outcome().value());
    b.finish();
}

TEST_CASE("a cancel after the login has come ends the request, not the session",
          "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    b.allow_login();
    b.host.http().expect("GET", base + "/contacts/1").never();
    b.host.http().expect("GET", base + "/contacts/2").reply_json(200, contact(2, 1));
    const auto held = acme.start("contact.get", {{"id", "1"}});
    held.cancel();
    CHECK(held.outcome().failure->category == category::cancelled);
    CHECK_NOTHROW(acme.call("contact.get", {{"id", "2"}}).value());
    b.finish();
}

TEST_CASE("an instance can end while a cancelled call and others share a login",
          "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    b.host.http().expect("POST", base + "/token").never();
    const auto cancelled = acme.start("contact.get", {{"id", "1"}});
    const auto open = acme.start("contact.get", {{"id", "2"}});
    cancelled.cancel();
    CHECK(cancelled.done());
    CHECK_FALSE(open.done());
    acme.destroy();
    CHECK(b.host.violations().size() == 1); // the open call, which the test left
}

TEST_CASE("a refused token is renewed once, then the refusal is the answer", "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    b.allow_login("old");
    b.allow_login("new");
    b.host.http().expect("GET", base + "/contacts/1").reply(401).times(2);
    const auto got = acme.call("contact.get", {{"id", "1"}});
    REQUIRE(got.failure);
    CHECK(got.failure->category == category::auth);
    CHECK(b.host.http().requests().back().header("Authorization") == "Bearer new");
    b.finish();
}

TEST_CASE("wrong input is refused with the pointer, before anything is sent", "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    const auto text = GENERATE(as<std::string>(), R"({"id":7})", R"({})", R"([])", "{",
                               R"({"id":"1","x":1})", R"({"id":"1","id":"2"})", R"({"id":""})");
    INFO(text);
    const auto got = acme.start_text("contact.get", text);
    REQUIRE(got.done());
    REQUIRE(got.outcome().failure);
    CHECK(got.outcome().failure->category == category::input);
    CHECK(b.host.http().requests().empty());
    b.finish();
}

TEST_CASE("an unknown operation is refused by name", "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    const auto got = acme.call("contact.getX");
    REQUIRE(got.failure);
    CHECK_THAT(got.failure->message, Catch::Contains("contact.getX"));
    b.finish();
}

TEST_CASE("a cancelled call abandons its request and ends as cancelled", "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    b.allow_login();
    b.host.http().expect("GET", base + "/contacts/1").never();
    const auto call = acme.start("contact.get", {{"id", "1"}});
    CHECK_FALSE(call.done());
    call.cancel();
    REQUIRE(call.done());
    REQUIRE(call.outcome().failure);
    CHECK(call.outcome().failure->category == category::cancelled);
    CHECK(b.host.http().requests().back().cancelled);
    b.finish();
}

TEST_CASE("the host's error reaches the caller with its effect", "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    b.allow_login();
    error lost(category::timeout, "http.timeout", "No answer in time.");
    lost.effect = effect::unknown;
    b.host.http().expect("POST", base + "/contacts").fail(lost);
    const auto got = acme.call("contact.create", {{"email", "a@example.com"}});
    REQUIRE(got.failure);
    CHECK(got.failure->category == category::timeout);
    CHECK(got.failure->effect == effect::unknown);
    b.finish();
}

TEST_CASE("a webhook becomes an event, and the reply waits for it", "[sdk][trigger]") {
    bench b;
    auto& acme = b.make();
    const auto got =
        acme.webhook("changes", {{"x-acme-key", "k3y"}}, serialize_json(contact(4, 2)));
    CHECK(got.value().at("status") == 202);
    REQUIRE(acme.events().size() == 1);
    CHECK(acme.events()[0].id == "4@2");
    CHECK(acme.events()[0].subject == "contacts/4");
    b.finish();
}

TEST_CASE("a webhook that is not authentic or not readable emits nothing", "[sdk][trigger]") {
    bench b;
    auto& acme = b.make();
    const auto forged = acme.webhook("changes", {{"x-acme-key", "wrong"}}, "{}");
    REQUIRE(forged.failure);
    CHECK(forged.failure->category == category::auth);
    const auto broken = acme.webhook("changes", {{"x-acme-key", "k3y"}}, "{");
    REQUIRE(broken.failure);
    CHECK(broken.failure->category == category::input);
    CHECK(acme.events().empty());
    b.finish();
}

TEST_CASE("a poll emits page by page and moves the cursor with the events", "[sdk][trigger]") {
    bench b;
    auto& acme = b.make();
    b.allow_login();
    b.host.http()
        .expect("GET", base + "/changes?since=&limit=2")
        .reply_json(200,
                    {{"items", {contact(1, 1), contact(2, 1)}}, {"cursor", "c1"}, {"more", true}});
    b.host.http()
        .expect("GET", base + "/changes?since=c1&limit=2")
        .reply_json(200, {{"items", json::array{contact(1, 2)}}, {"cursor", "c2"}});
    acme.poll("changes").value();
    CHECK(acme.events().size() == 3);
    CHECK(acme.cursor("changes") == "c2");
    b.host.http().expect("GET", base + "/changes?since=c2&limit=2").reply(500, {}, "down");
    CHECK(acme.poll("changes").failure->category == category::unavailable);
    CHECK(acme.cursor("changes") == "c2");
    CHECK(acme.close("changes"));
    b.finish();
}

TEST_CASE("a full backlog makes emit wait for room and lose nothing", "[sdk][trigger]") {
    bench b;
    auto& acme = b.make();
    b.host.refuse_emits(3);
    const auto got =
        acme.webhook("changes", {{"x-acme-key", "k3y"}}, serialize_json(contact(4, 2)));
    CHECK_NOTHROW(got.value());
    CHECK(acme.events().size() == 1);

    b.host.refuse_emits(1, true);
    const auto held =
        acme.start_webhook("changes", {{"x-acme-key", "k3y"}}, serialize_json(contact(4, 3)));
    CHECK_FALSE(held.done());
    acme.resume("changes");
    CHECK(held.done());
    CHECK(acme.events().size() == 2);
    b.finish();
}

TEST_CASE("closing a trigger ends what waits for room, then says so", "[sdk][trigger]") {
    bench b;
    auto& acme = b.make();
    b.host.refuse_emits(2, true); // also when it is asked again at the closing
    const auto held =
        acme.start_webhook("changes", {{"x-acme-key", "k3y"}}, serialize_json(contact(4, 3)));
    CHECK_FALSE(held.done());
    CHECK(acme.close("changes"));
    REQUIRE(held.done());
    REQUIRE(held.outcome().failure);
    CHECK(held.outcome().failure->code == "sdk.emit.closed");
    CHECK(acme.events().empty());
    b.finish();
}

TEST_CASE("cancelling a delivery that waits for room ends it", "[sdk][trigger]") {
    bench b;
    auto& acme = b.make();
    b.host.refuse_emits(1, true);
    const auto held =
        acme.start_webhook("changes", {{"x-acme-key", "k3y"}}, serialize_json(contact(4, 3)));
    held.cancel();
    REQUIRE(held.done());
    CHECK(held.outcome().failure->category == category::cancelled);
    b.finish();
}

TEST_CASE("the connection test tells who is connected", "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    b.allow_login();
    b.host.http().expect("GET", base + "/me").reply_json(200, {{"name", "integration"}});
    CHECK(acme.test_connection().value().at("summary") == "Connected as integration");
    b.finish();
}

TEST_CASE("a service that is not granted is named when the instance is made", "[sdk][connector]") {
    const auto id = GENERATE(as<std::string>(), "mortise.http/1", "mortise.secret/1",
                             "mortise.call/1", "mortise.time/1", "mortise.trigger/1");
    const bool cut = GENERATE(false, true);
    bench b;
    if (cut) {
        b.host.cut_table(id, 16);
    } else {
        b.host.withhold(id);
    }
    try {
        b.make();
        FAIL("an instance was made without " << id);
    } catch (const error& e) {
        CHECK(e.category == category::config);
        CHECK_THAT(e.message, Catch::Contains(id) && Catch::Contains("grant"));
    }
    CHECK(b.host.violations().empty());
}

TEST_CASE("a wrong configuration is refused with the pointer", "[sdk][connector]") {
    fake_host host;
    try {
        host.create_connector(mortise::connector<acme::connector>(),
                              {{"base_url", "ftp://x"}, {"api_key", {{"$secret", "k"}}}});
        FAIL("accepted");
    } catch (const error& e) {
        CHECK(e.category == category::config);
        CHECK_THAT(e.message, Catch::StartsWith("/base_url:"));
    }
    CHECK(host.violations().empty());
}

TEST_CASE("an instance can be destroyed while its login is out", "[sdk][connector]") {
    bench b;
    auto& acme = b.make();
    b.host.http().expect("POST", base + "/token").never();
    const auto call = acme.start("contact.get", {{"id", "1"}});
    CHECK_FALSE(call.done());
    acme.destroy();
    // The kit reports the open call; the SDK has paid the debt with an error nevertheless.
    REQUIRE(b.host.violations().size() == 1);
    CHECK_THAT(b.host.violations()[0], Catch::Contains("never completed"));
    CHECK(call.outcome().failure->code == "sdk.call.dropped");
}
