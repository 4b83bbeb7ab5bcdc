// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::content_server_test;
using namespace std::chrono_literals;

TEST_CASE("a ticket is given for name and password only", "[sandbox][content_server]") {
    client c;
    const auto login = [&](const pairs& fields) {
        return c.send("POST", "/api/v1/auth", encode(fields), "application/x-www-form-urlencoded",
                      {});
    };
    SECTION("right") {
        const auto a = login({{"username", "Admin"}, {"password", "admin-pass"}});
        CHECK(a.status == 200);
        CHECK_FALSE(a.string("/ticket").empty());
    }
    SECTION("wrong password") {
        const auto a = login({{"username", "Admin"}, {"password", "guess"}});
        CHECK(a.status == 401);
        CHECK(a.error() == "Invalid username/password specified.");
    }
    SECTION("missing name") {
        const auto a = login({{"password", "x"}});
        CHECK(a.status == 500);
        CHECK(a.error() == "Argument 'username' is required.");
    }
    SECTION("a domain where there are none") {
        const auto a =
            login({{"username", "Admin"}, {"password", "admin-pass"}, {"domain", "EMEA"}});
        CHECK(a.status == 401);
    }
    SECTION("as JSON") {
        const auto a =
            c.raw_json("POST", "/api/v1/auth", {{"username", "Admin"}, {"password", "admin-pass"}});
        CHECK(a.status == 200);
    }
}

TEST_CASE("a call without a valid ticket is refused with 401", "[sandbox][content_server]") {
    client c;
    CHECK(c.send("GET", node(2000), {}, {}, {}).status == 401);
    const auto forged =
        c.send("GET", node(2000), {}, {}, {{"OTCSTicket", std::string(c.ticket().size(), 'a')}});
    CHECK(forged.status == 401);
    CHECK(forged.error() == "Authentication required");
    CHECK(c.send("GET", "/api/v1/ping", {}, {}, {}).status == 200);
}

TEST_CASE("a session slides: every answer hands out a ticket with a full life",
          "[sandbox][content_server]") {
    client c("session_timeout_ms", "10000");
    const std::string first = c.ticket();
    c.advance(6s);
    const auto a = c.get(node(2000));
    REQUIRE(a.status == 200);
    const std::string second = a.header("OTCSTicket");
    CHECK(second != first);
    CHECK(c.get(node(2000)).status == 200); // the old one lives on until its own end
    c.advance(5s);
    CHECK(c.get(node(2000)).status == 401);
    c.ticket(second);
    CHECK(c.get(node(2000)).status == 200);
    c.advance(10s);
    CHECK(c.get(node(2000)).status == 401);
}

TEST_CASE("tickets come as header in any case and as cookie", "[sandbox][content_server]") {
    client c;
    CHECK(c.send("GET", node(2000), {}, {}, {{"otcsticket", c.ticket()}}).status == 200);
    CHECK(c.send("GET", node(2000), {}, {}, {{"Cookie", "LLCookie=" + c.ticket()}}).status == 200);
}

TEST_CASE("logging out ends all tickets of the session", "[sandbox][content_server]") {
    client c;
    const auto later = c.get(node(2000)).header("OTCSTicket");
    CHECK(c.del("/api/v1/auth").status == 200);
    CHECK(c.get(node(2000)).status == 401);
    c.ticket(later);
    CHECK(c.get(node(2000)).status == 401);
}

TEST_CASE("people can end all sessions at once", "[sandbox][content_server]") {
    client c;
    c.act("expire-sessions");
    CHECK(c.get(node(2000)).status == 401);
}

TEST_CASE("an OTDS ticket is exchanged for a Content Server ticket", "[sandbox][content_server]") {
    client c;
    SECTION("rest spelling") {
        const auto a = c.raw_json("POST", "/otdsws/rest/authentication/credentials",
                                  {{"userName", "integration"}, {"password", "integration-pass"}});
        REQUIRE(a.status == 200);
        CHECK(a.string("/userId") == "integration@Mortise");
        const auto b = c.send("GET", "/api/v1/auth", {}, {}, {{"OTDSTicket", a.string("/ticket")}});
        REQUIRE(b.status == 200);
        CHECK(b.string("/data/name") == "integration");
        c.ticket(b.header("OTCSTicket"));
        CHECK(c.get(node(2000)).status == 200);
    }
    SECTION("v1 spelling") {
        const auto a = c.raw_json("POST", "/otdsws/v1/authentication/credentials",
                                  {{"user_name", "integration"}, {"password", "integration-pass"}});
        REQUIRE(a.status == 200);
        CHECK(a.string("/user_id") == "integration@Mortise");
    }
    SECTION("the other path's field name is not understood") {
        CHECK(c.raw_json("POST", "/otdsws/rest/authentication/credentials",
                         {{"user_name", "integration"}, {"password", "integration-pass"}})
                  .status == 401);
    }
}

TEST_CASE("OAuth access tokens work as bearer, mapped to a user", "[sandbox][content_server]") {
    client c;
    const auto token = [&](const pairs& fields, header_list headers = {}) {
        return c.send("POST", "/otdsws/oauth2/token", encode(fields),
                      "application/x-www-form-urlencoded", std::move(headers));
    };
    const auto use = [&](const answer& a) {
        return c.send("GET", "/api/v1/auth", {}, {},
                      {{"Authorization", "Bearer " + a.string("/access_token")}});
    };
    SECTION("client credentials in the body") {
        const auto a = token({{"grant_type", "client_credentials"},
                              {"client_id", "mortise-client"},
                              {"client_secret", "mortise-secret"}});
        REQUIRE(a.status == 200);
        CHECK(a.string("/token_type") == "Bearer");
        const auto b = use(a);
        CHECK(b.status == 200);
        CHECK_FALSE(b.header("OTCSTicket").empty());
    }
    SECTION("client credentials as Basic") {
        CHECK(token({{"grant_type", "client_credentials"}},
                    {{"Authorization", "Basic bW9ydGlzZS1jbGllbnQ6bW9ydGlzZS1zZWNyZXQ="}})
                  .status == 200);
    }
    SECTION("a client without a user gets a token that Content Server refuses") {
        const auto a = token({{"grant_type", "client_credentials"},
                              {"client_id", "unmapped-client"},
                              {"client_secret", "unmapped-secret"}});
        REQUIRE(a.status == 200);
        CHECK(use(a).status == 401);
    }
    SECTION("password grant, and its end") {
        const auto a = token({{"grant_type", "password"},
                              {"username", "integration"},
                              {"password", "integration-pass"}});
        REQUIRE(a.status == 200);
        CHECK(use(a).status == 200);
        c.advance(2h);
        CHECK(use(a).status == 401);
    }
    SECTION("wrong secret and unknown grant") {
        CHECK(token({{"grant_type", "client_credentials"},
                     {"client_id", "mortise-client"},
                     {"client_secret", "no"}})
                  .status == 401);
        CHECK(token({{"grant_type", "magic"}}).string("/error") == "unsupported_grant_type");
    }
}

TEST_CASE("who am I shows privileges to administrators only", "[sandbox][content_server]") {
    client c;
    CHECK_FALSE(c.get("/api/v1/auth").at("/data").as_object().contains("privilege_login"));
    c.log_in("Admin", "admin-pass");
    CHECK(c.get("/api/v1/auth").at("/data/privilege_system_admin_rights").as_bool());
}

TEST_CASE("server information has a version that reads as a number", "[sandbox][content_server]") {
    client c("session_timeout_ms", "1800000");
    const auto a = c.get("/api/v1/serverinfo");
    CHECK(std::stod(a.string("/server/version")) == Approx(25.4));
    CHECK(a.number("/sessions/session_timeout") == 1800000);
}

TEST_CASE("all script prefixes lead to the same server", "[sandbox][content_server]") {
    client c;
    for (const char* prefix : {"/otcs/cs.exe", "/otcs/cs", "/cs/cs"}) {
        c.prefix = prefix;
        INFO(prefix);
        const auto a = c.get(node(2000));
        CHECK(a.status == 200);
        CHECK(a.string("/links/data/self/href") == "/api/v2/nodes/2000");
    }
}

TEST_CASE("an unknown URL is answered with 400 and never an empty body",
          "[sandbox][content_server]") {
    client c;
    const auto a = c.get("/api/v2/no/such/thing");
    CHECK(a.status == 400);
    CHECK_THAT(a.error(), Catch::Contains("mappings registry"));
    SECTION("a family that is switched off looks the same") {
        client d("modules_off", "conws,pulse");
        CHECK(d.get("/api/v2/businessworkspaces?expanded_view=true").error() == a.error());
        CHECK(d.get("/api/v2/externalsystems").status == 200);
    }
}

TEST_CASE("suppress_response_codes moves the status into the body", "[sandbox][content_server]") {
    client c;
    const auto a = c.get(node(99999999) + "?suppress_response_codes");
    CHECK(a.status == 200);
    CHECK(a.number("/statusCode") == 400);
    CHECK(a.error() == "Could not get a node for 99999999");
}
