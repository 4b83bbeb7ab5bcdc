// SPDX-License-Identifier: Apache-2.0
#include "depot.hpp"
#include "support/catch.hpp"

#include <mortise/sdk/signature.hpp>
#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;
using namespace std::chrono_literals;

namespace {

const std::string base = "https://depot.example.com";

struct bench {
    bench() {
        host.set_secret("client", "s3cret");
        host.set_secret("hook", "hook-key");
    }
    connector_harness& make(bool hooks = true) {
        json::object config{{"base_url", base},
                            {"client_id", "mortise"},
                            {"client_secret", json::object{{"$secret", "client"}}}};
        if (hooks) config["webhook_secret"] = json::object{{"$secret", "hook"}};
        depot.emplace(host.create_connector(mortise::connector<depot::connector>(), config));
        return *depot;
    }
    void allow_login(const std::string& token) {
        host.http()
            .expect("POST", base + "/oauth/token")
            .reply_json(200, {{"access_token", token}, {"expires_in", 600}});
    }
    void finish() {
        depot->destroy();
        CHECK(host.violations() == std::vector<std::string>{});
        CHECK(host.http().unmet() == std::vector<std::string>{});
    }
    fake_host host;
    std::optional<connector_harness> depot;
};

json::value item(const char* id, const char* version) {
    return {{"id", id}, {"name", "a.mp4"}, {"version", version}};
}

header_list signed_by(const std::string& key, const std::string& body) {
    return {{"X-Depot-Signature", "sha256=" + hex_encode(hmac_sha256(key, body))}};
}

call_options with(mortise_handle content) {
    call_options o;
    o.content = content;
    return o;
}

} // namespace

TEST_CASE("a token that has run out is replaced before the system refuses it", "[sdk][depot]") {
    bench b;
    auto& depot = b.make();
    b.allow_login("t1");
    b.host.http().expect("GET", base + "/me").reply_json(200, {{"name", "Ann"}}).times(3);
    CHECK(depot.test_connection().value().at("summary") == "Connected as Ann");
    CHECK(b.host.http().requests().front().body ==
          "grant_type=client_credentials&client_id=mortise&client_secret=s3cret");
    b.host.advance(539s);
    depot.test_connection().value();
    b.allow_login("t2");
    b.host.advance(1s);
    depot.test_connection().value();
    CHECK(b.host.http().requests().back().header("authorization") == "Bearer t2");
    b.finish();
}

TEST_CASE("a file goes up under the step's key, and its folder is remembered", "[sdk][depot]") {
    bench b;
    auto& depot = b.make();
    b.allow_login("t1");
    b.host.http().expect("GET", base + "/folders?name=Press").reply_json(200, {{"id", 12}});
    b.host.http()
        .expect("PUT", base + "/folders/12/files?name=a.mp4")
        .reply_json(201, item("7", "1"))
        .times(2);
    for (int i = 0; i < 2; ++i) {
        const auto up = depot.call("files.upload", {{"folder", "Press"}, {"name", "a.mp4"}},
                                   with(b.host.make_content("film", "video/mp4")));
        CHECK(up.value().at("id") == "7");
    }
    const auto& sent = b.host.http().requests().back();
    CHECK(sent.body == "film");
    CHECK(sent.header("idempotency-key") == "key-1");
    CHECK(sent.header("content-type") == "video/mp4");
    CHECK(b.host.metric("uploads_total") == 2);
    b.finish();
}

TEST_CASE("a token that was taken back costs no attempt, up or down", "[sdk][depot]") {
    bench b;
    auto& depot = b.make();
    b.allow_login("t1");
    const auto has = [](const char* t) {
        return [t](const recorded_request& r) {
            return r.header("authorization") == std::string("Bearer ") + t;
        };
    };
    b.host.http().expect("GET", base + "/folders*").reply_json(200, {{"id", 12}});
    b.host.http().expect("PUT", base + "/folders/12/*").when(has("t1")).reply(401);
    b.allow_login("t2");
    b.host.http()
        .expect("PUT", base + "/folders/12/*")
        .when(has("t2"))
        .reply_json(201, item("7", "1"));
    const auto up = depot.call("files.upload", {{"folder", "Press"}, {"name", "a.mp4"}},
                               with(b.host.make_content("film", "video/mp4")));
    CHECK_FALSE(up.failure);
    CHECK(b.host.http().requests().back().body == "film"); // from its beginning
    b.host.http().expect("GET", base + "/files/7").when(has("t2")).reply(401);
    b.allow_login("t3");
    b.host.http().expect("GET", base + "/files/7").when(has("t3")).reply_json(200, item("7", "1"));
    b.host.http().expect("GET", base + "/files/7/content").reply(200, {}, "film");
    const auto down = depot.call("files.download", {{"id", "7"}});
    CHECK(down.value().at("id") == "7");
    CHECK(b.host.take_content(down.content) == "film");
    b.finish();
}

TEST_CASE("a folder that is gone is forgotten", "[sdk][depot]") {
    bench b;
    auto& depot = b.make();
    b.allow_login("t1");
    b.host.http().expect("GET", base + "/folders?name=Press").reply_json(200, {{"id", 12}});
    b.host.http().expect("PUT", base + "/folders/12/*").reply(404);
    const json::value where{{"folder", "Press"}, {"name", "a.mp4"}};
    const auto gone =
        depot.call("files.upload", where, with(b.host.make_content("x", "text/plain")));
    REQUIRE(gone.failure);
    CHECK(gone.failure->category == category::not_found);
    b.host.http().expect("GET", base + "/folders?name=Press").reply_json(200, {{"id", 13}});
    b.host.http().expect("PUT", base + "/folders/13/*").reply_json(201, item("7", "1"));
    CHECK_FALSE(
        depot.call("files.upload", where, with(b.host.make_content("x", "text/plain"))).failure);
    b.finish();
}

TEST_CASE("what comes down is a stream, with what the file is", "[sdk][depot]") {
    bench b;
    auto& depot = b.make();
    b.allow_login("t1");
    b.host.http().expect("GET", base + "/files/7").reply_json(200, item("7", "3"));
    b.host.http().expect("GET", base + "/files/7/content").reply(200, {}, "film");
    const auto got = depot.call("files.download", {{"id", "7"}});
    CHECK(got.value().at("version") == "3");
    CHECK(b.host.take_content(got.content) == "film");
    b.finish();
}

TEST_CASE("the wait that the system asks for in its own words is kept", "[sdk][depot]") {
    bench b;
    auto& depot = b.make();
    b.allow_login("t1");
    b.host.http().expect("GET", base + "/files/7").reply(429, {{"X-Depot-Wait-Ms", "1500"}});
    const auto got = depot.call("files.download", {{"id", "7"}});
    REQUIRE(got.failure);
    CHECK(got.failure->category == category::rate_limit);
    CHECK(got.failure->retry_after == 1500ms);
    b.finish();
}

TEST_CASE("a webhook counts with its signature alone", "[sdk][depot]") {
    bench b;
    auto& depot = b.make();
    const auto body = serialize_json(item("7", "2"));
    CHECK_FALSE(depot.webhook("changes", signed_by("hook-key", body), body).failure);
    REQUIRE(depot.events().size() == 1);
    CHECK(depot.events().front().id == "7@2");
    for (const auto& headers : {signed_by("other", body), signed_by("hook-key", body + " "),
                                header_list{}, header_list{{"X-Depot-Signature", "sha256="}}}) {
        const auto forged = depot.webhook("changes", headers, body);
        REQUIRE(forged.failure);
        CHECK(forged.failure->category == category::auth);
    }
    CHECK(depot.events().size() == 1);
    b.finish();
}

TEST_CASE("without a key for them no webhooks are taken", "[sdk][depot]") {
    bench b;
    auto& depot = b.make(false);
    const auto body = serialize_json(item("7", "2"));
    CHECK(depot.webhook("changes", signed_by("", body), body).failure);
    CHECK(depot.events().empty());
    b.finish();
}

TEST_CASE("a poll reads every page, and the cursor moves with the last", "[sdk][depot]") {
    bench b;
    auto& depot = b.make();
    b.allow_login("t1");
    const auto first = base + "/changes?since=c1";
    b.host.http()
        .expect("GET", first)
        .reply_json(200, {{"items", json::array{item("1", "1")}}, {"next_page", "p2"}});
    SECTION("all the way") {
        b.host.http()
            .expect("GET", first + "&page=p2")
            .reply_json(200, {{"items", json::array{item("2", "1")}}, {"cursor", "c2"}});
        CHECK_FALSE(depot.poll("changes", "c1").failure);
        CHECK(depot.events().size() == 2);
        CHECK(depot.cursor("changes") == "c2");
    }
    SECTION("not when a page is missing") {
        b.host.http().expect("GET", first + "&page=p2").reply(503);
        CHECK(depot.poll("changes", "c1").failure);
        CHECK(depot.cursor("changes") == "c1");
    }
    b.finish();
}
