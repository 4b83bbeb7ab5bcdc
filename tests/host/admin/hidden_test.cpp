// SPDX-License-Identifier: Apache-2.0
#include "admin/hidden.hpp"
#include "admin/replies.hpp"
#include "base/log.hpp"
#include "support/catch.hpp"

#include <boost/json.hpp>

using namespace mortise;
using namespace mortise::host;
namespace json = boost::json;

TEST_CASE("known secrets are hidden in texts and names at any depth, and numbers stay",
          "[admin][hidden]") {
    redact_in_log("topsecret-1");
    redact_in_log("20261121");
    json::value v{{"a", {"x topsecret-1 y", {{"deep", "topsecret-1topsecret-1"}}}},
                  {"key topsecret-1", 1},
                  {"number", 20261121},
                  {"text", "20261121"}};
    CHECK(holds_known_secret(v));
    hide_known_secrets(v);
    CHECK(v.at("a").at(0) == "x *** y");
    CHECK(v.at("a").at(1).at("deep") == "******");
    CHECK(v.as_object().contains("key ***"));
    CHECK(v.at("number") == 20261121);
    CHECK(v.at("text") == "***");
    CHECK_FALSE(holds_known_secret(v));
    CHECK_FALSE(holds_known_secret(json::value{{"number", 20261121}, {"none", nullptr}}));
}

TEST_CASE("answers stay JSON whatever a secret looks like", "[admin][hidden]") {
    redact_in_log(R"(quote"and\slash)");
    redact_in_log(R"(":{")");
    const json::value v{{"a", R"(it is quote"and\slash here)"}, {"b", {{"c", 1}}}};
    const auto reply = json_reply(200, v);
    const auto back = json::parse(reply.body);
    CHECK(back.at("a") == "it is *** here");
    CHECK(back.at("b").at("c") == 1);
    error e(category::input, "x", R"(the value quote"and\slash is wrong)");
    e.details = json::serialize(json::value{{"problems", {{{"message", R"(quote"and\slash)"}}}}});
    const auto refused = json::parse(refusal(e).body);
    CHECK(refused.at("detail") == "the value *** is wrong");
    CHECK(refused.at("problems").at(0).at("message") == "***");
}

TEST_CASE("what a schema marks as secret is hidden, also in lists and whatever its type",
          "[admin][hidden]") {
    const std::string schema = R"({"type":"object","properties":{
        "user":{"type":"string"},
        "password":{"type":"string","x-secret":true},
        "rows":{"type":"array","items":{"type":"object","properties":{
            "pin":{"type":"integer","x-secret":true},"n":{"type":"integer"}}}}}})";
    json::value v{{"user", "anna"}, {"password", "pw"}, {"rows", {{{"pin", 12}, {"n", 3}}}}};
    hide_marked(v, schema);
    CHECK(v.at("user") == "anna");
    CHECK(v.at("password") == "***");
    CHECK(v.at("rows").at(0).at("pin") == "***");
    CHECK(v.at("rows").at(0).at("n") == 3);
    SECTION("a value of another shape, or a schema that is none, stays as it is") {
        json::value odd = "text";
        hide_marked(odd, schema);
        CHECK(odd == "text");
        hide_marked(odd, "x-secret {");
        CHECK(odd == "text");
        hide_marked(odd, "");
        CHECK(odd == "text");
    }
}

TEST_CASE("a password in a URL is hidden, and what only looks like one is not", "[admin][hidden]") {
    const auto hidden = [](std::string text) {
        json::value v{{"list", {text}}};
        hide_url_passwords(v);
        return std::string(v.at("list").at(0).as_string());
    };
    CHECK(hidden("http://anna:pw@proxy:3128") == "http://***@proxy:3128");
    CHECK(hidden("https://token@h/a?b=c@d") == "https://***@h/a?b=c@d");
    CHECK(hidden("https://a:p@ss@h/") == "https://***@h/");
    CHECK(hidden("https://h/a@b") == "https://h/a@b");
    CHECK(hidden("https://h?x=a@b") == "https://h?x=a@b");
    CHECK(hidden("anna@example.com") == "anna@example.com");
    CHECK(hidden("://") == "://");
    CHECK(hidden("") == "");
}

TEST_CASE("members and header fields that let somebody in are hidden by their name",
          "[admin][hidden]") {
    json::value v{
        {"headers", {{"Authorization", "Basic abc"}, {"Accept", "*/*"}}},
        {"list", {{{"name", "OTCSTicket"}, {"value", "abc"}}, {{"name", "x"}, {"value", "abc"}}}},
        {"access_token", "abc"},
        {"password", {{"type", "string"}}}, // a schema's property
        {"set-cookie", ""},
        {"Cookie", {"sid=abc", "lang=en"}},
        {"fields", {{"X-Amz-Signature", "0f1e"}, {"key", "film.mov"}}},
        {"token", "shown once"}};
    CHECK(holds_known_secret(v));
    hide_known_secrets(v);
    CHECK(v.at("headers").at("Authorization") == "***");
    CHECK(v.at("headers").at("Accept") == "*/*");
    CHECK(v.at("list").at(0).at("value") == "***");
    CHECK(v.at("list").at(0).at("name") == "OTCSTicket");
    CHECK(v.at("list").at(1).at("value") == "abc");
    CHECK(v.at("access_token") == "***");
    CHECK(v.at("password").at("type") == "string");
    CHECK(v.at("set-cookie") == "");
    CHECK(v.at("Cookie") == json::value{"***", "***"});
    CHECK(v.at("fields").at("X-Amz-Signature") == "***");
    CHECK(v.at("fields").at("key") == "film.mov");
    CHECK(v.at("token") == "shown once");
    CHECK_FALSE(holds_known_secret(v));
}

TEST_CASE("answers of the admin listener hide presigned URLs", "[admin][hidden]") {
    const auto reply =
        json_reply(200, {{"url", "https://h/f.mov?X-Amz-Expires=9&X-Amz-Signature=a"}});
    CHECK(json::parse(reply.body).at("url") ==
          "https://h/f.mov?X-Amz-Expires=9&X-Amz-Signature=***");
    const error e(category::unavailable, "x", "no answer of https://h/f?sig=abc");
    CHECK(json::parse(refusal(e).body).at("detail") == "no answer of https://h/f?sig=***");
}
