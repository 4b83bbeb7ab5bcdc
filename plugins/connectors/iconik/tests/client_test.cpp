// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"
#include "scripted.hpp"
#include "support/catch.hpp"

using namespace iconik_test;
using mortise::category;

namespace {

json::value page_of(std::initializer_list<const char*> ids, int page, int pages) {
    json::array objects;
    for (const char* id : ids)
        objects.push_back(json::object{{"id", id}, {"object_type", "assets"}});
    return json::object{{"objects", std::move(objects)}, {"page", page}, {"pages", pages}};
}

json::value login_answer(const char* token) {
    return json::object{{"token", nullptr},
                        {"app_id", "login-app"},
                        {"auth_system_domains", json::array{json::object{{"token", token}}}}};
}

json::value list_input(int limit = 1000) {
    return json::object{{"collection_id", "c-1"}, {"limit", limit}};
}

} // namespace

TEST_CASE("iconik: every request carries the application's id and token, and paths end in a slash",
          "[plugins][iconik]") {
    connection c;
    c.on("GET", "users/v1/users/current/").reply_json(200, json::object{{"id", "u-1"}});
    REQUIRE(c.iconik.call("users.current").value().at("id") == "u-1");
    const auto& sent = c.host.http().requests().at(0);
    CHECK(sent.header("App-ID") == "app-1");
    CHECK(sent.header("Auth-Token") == "secret-token-value");
    c.iconik.destroy();
    CHECK(c.host.violations().empty());
}

TEST_CASE("iconik: sign-in settings that do not fit together are refused", "[plugins][iconik]") {
    auto settings = by_token();
    SECTION("both kinds") {
        settings["email"] = "ann@example.com";
        settings["password"] = json::object{{"$secret", "pw"}};
    }
    SECTION("half of one") {
        settings.erase("auth_token");
    }
    SECTION("none") {
        settings.erase("auth_token");
        settings.erase("app_id");
    }
    try {
        connection c(settings);
        FAIL("was taken");
    } catch (const mortise::error& e) {
        CHECK(e.category == category::config);
        CHECK(e.message.find("app_id and auth_token, or email and password") != std::string::npos);
    }
}

TEST_CASE("iconik: a collection to watch must be an id", "[plugins][iconik]") {
    auto settings = by_token();
    settings["watch_collections"] = json::array{"../../users"};
    CHECK_THROWS_AS(connection(settings), mortise::error);
}

TEST_CASE("iconik: a refused token is read anew once, and the second refusal is an auth error",
          "[plugins][iconik]") {
    connection c;
    auto& first = c.on("GET", "users/v1/users/current/");
    first.reply_json(401, json::object{{"errors", json::array{"Invalid token"}}});
    SECTION("the operator has put a new token in place") {
        first.when([&c](const mortise::testing::recorded_request& r) {
            c.host.set_secret("token", "rotated");
            return r.header("Auth-Token") == "secret-token-value";
        });
        c.on("GET", "users/v1/users/current/")
            .when([](const mortise::testing::recorded_request& r) {
                return r.header("Auth-Token") == "rotated";
            })
            .reply_json(200, json::object{{"id", "u-1"}});
        CHECK(c.iconik.call("users.current").value().at("id") == "u-1");
    }
    SECTION("it is refused again") {
        first.always();
        const auto e = c.failure("users.current", json::object());
        CHECK(e.category == category::auth);
        CHECK(e.http_status == 401);
        CHECK(e.message.find("Invalid token") != std::string::npos);
        CHECK(e.message.find("secret-token-value") == std::string::npos);
    }
    CHECK(c.host.http().requests().size() == 2);
}

TEST_CASE("iconik: calls at the same time share one login and one renewal", "[plugins][iconik]") {
    connection c(by_login());
    const std::string login = "auth/v1/auth/simple/login/";
    c.on("POST", login).reply_json(201, login_answer("t-1")).delay(std::chrono::seconds(1));
    c.on("POST", login).reply_json(201, login_answer("t-2")).delay(std::chrono::seconds(1));
    const auto old = [](const mortise::testing::recorded_request& r) {
        return r.header("Auth-Token") == "t-1";
    };
    const auto fresh = [](const mortise::testing::recorded_request& r) {
        return r.header("Auth-Token") == "t-2" && r.header("App-ID") == "login-app";
    };
    const std::string me = "users/v1/users/current/";
    c.on("GET", me).when(old).always().reply_json(401, json::object{{"errors", "expired"}});
    c.on("GET", me).when(fresh).always().reply_json(200, json::object{{"id", "u-1"}});
    const auto a = c.iconik.start("users.current");
    const auto b = c.iconik.start("users.current");
    const auto d = c.iconik.start("users.current");
    c.host.advance(std::chrono::seconds(1));
    c.host.advance(std::chrono::seconds(1));
    for (const auto& call : {a, b, d}) {
        REQUIRE(call.done());
        CHECK(call.outcome().value().at("id") == "u-1");
    }
    CHECK(c.asked("POST", login) == 2);
    CHECK(c.asked("GET", me) == 6);
}

TEST_CASE("iconik: a wrong password is an auth error though it comes as 400", "[plugins][iconik]") {
    connection c(by_login());
    c.on("POST", "auth/v1/auth/simple/login/")
        .reply_json(400, json::object{{"errors", json::array{"Wrong e-mail or password"}}});
    const auto e = c.failure("users.current", json::object());
    CHECK(e.category == category::auth);
    CHECK(e.message.find("Wrong e-mail or password") != std::string::npos);
    CHECK(e.message.find("secret-password") == std::string::npos);
}

TEST_CASE("iconik: a status becomes a category, an effect and the vendor's words",
          "[plugins][iconik]") {
    struct expected {
        unsigned status;
        enum category kind;
        enum mortise::effect effect;
        const char* reason;
    };
    const auto want =
        GENERATE(expected{400, category::input, mortise::effect::none, "rejected"},
                 expected{403, category::denied, mortise::effect::none, "denied"},
                 expected{404, category::not_found, mortise::effect::none, "not-found"},
                 expected{409, category::conflict, mortise::effect::none, "conflict"},
                 expected{429, category::rate_limit, mortise::effect::none, "rate-limit"},
                 expected{500, category::unavailable, mortise::effect::unknown, "unavailable"},
                 expected{501, category::input, mortise::effect::none, "not-supported"},
                 expected{503, category::unavailable, mortise::effect::none, "unavailable"});
    INFO("status " << want.status);
    connection c;
    c.on("PATCH", "assets/v1/assets/a-1/")
        .reply_json(want.status,
                    json::object{{"errors", {{"title", json::array{"Not a valid string."}}}}});
    const json::value input =
        json::object{{"asset_id", "a-1"}, {"fields", json::object{{"title", 5}}}};
    const auto e = c.failure("assets.update", input);
    CHECK(e.category == want.kind);
    CHECK(e.effect == want.effect);
    CHECK(e.http_status == want.status);
    CHECK(e.code == std::string("iconik.asset.") + want.reason);
    CHECK(e.message.find("\"title: Not a valid string.\"") != std::string::npos);
    CHECK(e.message.find("asset a-1") != std::string::npos);
}

TEST_CASE("iconik: a failed read has no effect, and Retry-After is kept", "[plugins][iconik]") {
    connection c;
    c.on("GET", "users/v1/users/current/").reply(500, {}, "boom");
    CHECK(c.failure("users.current", json::object()).effect == mortise::effect::none);
    c.on("GET", "users/v1/users/current/").reply(429, {{"retry-after", "7"}}, "");
    CHECK(c.failure("users.current", json::object()).retry_after == std::chrono::seconds(7));
}

TEST_CASE("iconik: what is no JSON is named as such", "[plugins][iconik]") {
    connection c;
    SECTION("a page for people") {
        c.on("GET", "users/v1/users/current/")
            .reply(200, {{"content-type", "text/html"}}, "<html>hi</html>");
    }
    SECTION("a cut answer") {
        c.on("GET", "users/v1/users/current/").reply(200, {}, R"({"id": "u)");
    }
    SECTION("another shape") {
        c.on("GET", "users/v1/users/current/").reply(200, {}, R"(["u"])");
    }
    CHECK(c.failure("users.current", json::object()).category == category::remote_protocol);
}

TEST_CASE("iconik: vendor texts are quoted on one line and cut between characters",
          "[plugins][iconik]") {
    CHECK(iconik::vendor_text(R"({"errors":["One","Two"]})") == "One; Two");
    CHECK(iconik::vendor_text(R"({"errors":{"a":["x","y"],"b":"z"}})") == "a: x; y; b: z");
    CHECK(iconik::vendor_text(R"({"errors":"plain"})") == "plain");
    CHECK(iconik::vendor_text("  <html>") == "(an HTML page)");
    CHECK(iconik::vendor_text("line\nbreak") == "line break");
    CHECK(iconik::vendor_text("").empty());
    std::string text(299, 'x');
    text += "\xc3\xa4tail";
    CHECK(iconik::vendor_text(text) == std::string(299, 'x') + "...");
}

TEST_CASE("iconik: lists are read page by page up to the limit", "[plugins][iconik]") {
    auto settings = by_token();
    settings["page_size"] = 2;
    connection c(settings);
    const std::string contents = "assets/v1/collections/c-1/contents/?per_page=2&page=";
    SECTION("to the last page") {
        c.on("GET", contents + "1").reply_json(200, page_of({"a", "b"}, 1, 2));
        c.on("GET", contents + "2").reply_json(200, page_of({"c"}, 2, 2));
        const auto got = c.iconik.call("collections.list_contents", list_input());
        CHECK(got.value().at("objects").as_array().size() == 3);
    }
    SECTION("a page that has gone meanwhile is the end") {
        c.on("GET", contents + "1").reply_json(200, page_of({"a", "b"}, 1, 2));
        c.on("GET", contents + "2").reply_json(404, json::object{{"errors", "no page"}});
        const auto got = c.iconik.call("collections.list_contents", list_input());
        CHECK(got.value().at("objects").as_array().size() == 2);
    }
    SECTION("no further than asked") {
        c.on("GET", contents + "1").reply_json(200, page_of({"a", "b"}, 1, 9));
        c.on("GET", contents + "2").reply_json(200, page_of({"c", "d"}, 2, 9));
        const auto got = c.iconik.call("collections.list_contents", list_input(3));
        CHECK(got.value().at("objects").as_array().size() == 3);
    }
    SECTION("an unknown collection is not an empty one") {
        c.on("GET", contents + "1").reply_json(404, json::object{{"errors", "none"}});
        CHECK(c.failure("collections.list_contents", list_input()).category == category::not_found);
    }
    CHECK(c.host.http().unmet().empty());
}

TEST_CASE("iconik: files are paged by the last id, also from a server that stands still",
          "[plugins][iconik]") {
    auto settings = by_token();
    settings["page_size"] = 2;
    connection c(settings);
    const std::string files = "files/v1/assets/a-1/files/?generate_signed_url=true&per_page=2";
    c.on("GET", files).reply_json(200, page_of({"f-1", "f-2"}, 1, 2));
    SECTION("to the end") {
        c.on("GET", files + "&last_id=f-2").reply_json(200, page_of({"f-3"}, 1, 2));
        const auto got = c.iconik.call("files.list", json::object{{"asset_id", "a-1"}});
        CHECK(got.value().at("files").as_array().size() == 3);
    }
    SECTION("the same page again and again") {
        c.on("GET", files + "&last_id=f-2").always().reply_json(200, page_of({"f-1", "f-2"}, 1, 2));
        const auto got = c.iconik.call("files.list", json::object{{"asset_id", "a-1"}});
        CHECK(got.value().at("files").as_array().size() == 4);
        CHECK(c.host.http().requests().size() == 2);
    }
}

TEST_CASE("iconik: a search goes on behind the last hit's sort values", "[plugins][iconik]") {
    auto settings = by_token();
    settings["page_size"] = 2;
    connection c(settings);
    const auto hits = [](std::initializer_list<const char*> ids) {
        json::array objects;
        for (const char* id : ids)
            objects.push_back(json::object{{"id", id}, {"_sort", json::array{1, id}}});
        return json::value(json::object{{"objects", std::move(objects)}});
    };
    const std::string url = "search/v1/search/?page=1&per_page=2&save_search_history=false&"
                            "generate_signed_url=false";
    c.on("POST", url).reply_json(200, hits({"a", "b"}));
    c.on("POST", url).reply_json(200, hits({"c"}));
    const auto got = c.iconik.call("search.assets", json::object{{"query", "film"}});
    CHECK(got.value().at("assets").as_array().size() == 3);
    const auto second = c.host.http().requests().at(1).json();
    CHECK(second.at("search_after") == json::value(json::array{1, "b"}));
    // A tie-breaker keeps pages from overlapping.
    CHECK(second.at("sort").as_array().back().at("name") == "id");
    CHECK(second.at("query") == "film");
}

TEST_CASE("iconik: an id that would lead to another address is refused", "[plugins][iconik]") {
    connection c;
    const auto id = GENERATE("../users", "a/b", "", "a?x=1", "..", "-a");
    const auto e = c.failure("assets.get", json::object{{"asset_id", id}});
    CHECK(e.category == category::input);
    CHECK(c.host.http().requests().empty());
}

TEST_CASE("iconik: search text is escaped for Lucene", "[plugins][iconik]") {
    CHECK(iconik::escape_query("A+B (x): \"y\"/z\\*") ==
          "A\\+B\\ \\(x\\)\\:\\ \\\"y\\\"\\/z\\\\\\*");
    CHECK(iconik::escape_query("plain_text.mov") == "plain_text.mov");
}
