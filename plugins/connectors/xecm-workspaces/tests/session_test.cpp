// SPDX-License-Identifier: Apache-2.0
#include "scripted.hpp"
#include "support/catch.hpp"

using namespace xecm_test;
using mortise::category;

namespace {

constexpr const char* node_5 = "v2/nodes/5?fields=properties";

auto with_ticket(const char* ticket) {
    return [ticket](const mortise::testing::recorded_request& r) {
        return r.header("OTCSTicket") == ticket;
    };
}

} // namespace

TEST_CASE("xecm: the login sends a form and later requests carry the ticket", "[plugins][xecm]") {
    connection c;
    c.log_in("t-1");
    c.on("GET", node_5).when(with_ticket("t-1")).reply_json(200, node(5, "A"));
    CHECK(c.xecm->call("nodes.get", id_input(5)).value().at("name") == "A");
    const auto& login = c.host_requests().at(0);
    CHECK(login.header("Content-Type") == "application/x-www-form-urlencoded");
    CHECK(login.body == "username=integration&password=the-password");
    c.xecm->destroy();
    CHECK(c.host.violations().empty());
}

TEST_CASE("xecm: calls that are refused at the same time share one login", "[plugins][xecm]") {
    const auto seed = GENERATE(0u, 3u, 17u);
    connection c(by_password(), seed);
    c.log_in("t-1");
    c.log_in("t-2");
    for (const int id : {5, 6, 7}) {
        const std::string path = "v2/nodes/" + std::to_string(id) + "?fields=properties";
        c.on("GET", path)
            .when(with_ticket("t-1"))
            .reply_json(401, failure_text("Authentication required"));
        c.on("GET", path).when(with_ticket("t-2")).reply_json(200, node(id, "A"));
    }
    const auto a = c.xecm->start("nodes.get", id_input(5));
    const auto b = c.xecm->start("nodes.get", id_input(6));
    const auto d = c.xecm->start("nodes.get", id_input(7));
    c.host.run();
    CHECK(a.outcome().value().at("id") == 5);
    CHECK(b.outcome().value().at("id") == 6);
    CHECK(d.outcome().value().at("id") == 7);
    CHECK(c.count("POST", "v1/auth") == 2);
    CHECK(c.host.violations().empty());
}

TEST_CASE("xecm: a request refused twice is an authentication error", "[plugins][xecm]") {
    connection c;
    c.log_in("t-1");
    c.log_in("t-2");
    c.on("GET", node_5).times(2).reply_json(401, failure_text("Authentication required"));
    const auto e = c.failure("nodes.get", id_input(5));
    CHECK(e.category == category::auth);
    CHECK(e.message.find("Authentication required") != std::string::npos);
    CHECK(c.count("POST", "v1/auth") == 2);
    CHECK(c.host.violations().empty());
}

TEST_CASE("xecm: the fresher ticket of an answer is used from then on", "[plugins][xecm]") {
    connection c;
    c.log_in("t-1");
    const std::string body = mortise::serialize_json(node(5, "A"));
    c.on("GET", node_5)
        .when(with_ticket("t-1"))
        .reply(200, {{"OTCSTicket", "t-1b"}, {"content-type", "application/json"}}, body);
    c.on("GET", node_5).when(with_ticket("t-1b")).reply_json(200, node(5, "B"));
    c.xecm->call("nodes.get", id_input(5)).value();
    CHECK(c.xecm->call("nodes.get", id_input(5)).value().at("name") == "B");
    CHECK(c.count("POST", "v1/auth") == 1);
    CHECK(c.host.violations().empty());
}

TEST_CASE("xecm: a late answer of the old login does not bring its ticket back",
          "[plugins][xecm]") {
    connection c;
    c.log_in("t-1");
    c.log_in("t-2");
    c.on("GET", "v2/nodes/6?fields=properties")
        .when(with_ticket("t-1"))
        .delay(std::chrono::seconds(5))
        .reply(200, {{"OTCSTicket", "t-old"}}, mortise::serialize_json(node(6, "slow")));
    c.on("GET", node_5)
        .when(with_ticket("t-1"))
        .reply_json(401, failure_text("Authentication required"));
    c.on("GET", node_5).when(with_ticket("t-2")).times(2).reply_json(200, node(5, "A"));
    const auto slow = c.xecm->start("nodes.get", id_input(6));
    c.xecm->call("nodes.get", id_input(5)).value();
    c.host.advance(std::chrono::seconds(6));
    REQUIRE(slow.outcome().value().at("name") == "slow");
    c.xecm->call("nodes.get", id_input(5)).value();
    CHECK(c.host.violations().empty());
}

TEST_CASE("xecm: a wrong password is told, and the password is not", "[plugins][xecm]") {
    connection c;
    c.on("POST", "v1/auth").reply_json(401, failure_text("Invalid username/password specified."));
    const auto e = c.failure("nodes.get", id_input(5));
    CHECK(e.category == category::auth);
    CHECK(e.effect == mortise::effect::none);
    CHECK(e.message.find("Invalid username/password specified.") != std::string::npos);
    CHECK(e.message.find("the-password") == std::string::npos);
}

TEST_CASE("xecm: a server that is away at the login is not a wrong password", "[plugins][xecm]") {
    connection c;
    c.on("POST", "v1/auth").reply(503, {{"retry-after", "3"}}, "<html>starting</html>");
    const auto e = c.failure("nodes.delete", id_input(5));
    CHECK(e.category == category::unavailable);
    CHECK(e.retry_after == std::chrono::seconds(3));
    CHECK(e.effect == mortise::effect::none);
}

TEST_CASE("xecm: an OTDS client's token is exchanged for a ticket", "[plugins][xecm]") {
    connection c(by_client());
    c.host.http()
        .expect("POST", "https://otds.test/otdsws/oauth2/token")
        .reply_json(200, json::object{{"access_token", "jwt"}, {"expires_in", 3600}});
    auto& exchange = c.on("GET", "v1/auth");
    exchange.when([](const mortise::testing::recorded_request& r) {
        return r.header("Authorization") == "Bearer jwt";
    });
    SECTION("the answer carries a ticket") {
        exchange.reply(200, {{"OTCSTicket", "t-9"}}, R"({"data":{"id":1}})");
        c.on("GET", node_5).when(with_ticket("t-9")).reply_json(200, node(5, "A"));
    }
    SECTION("it does not: the token itself goes with the requests") {
        exchange.reply(200, {}, R"({"data":{"id":1}})");
        c.on("GET", node_5)
            .when([](const mortise::testing::recorded_request& r) {
                return r.header("Authorization") == "Bearer jwt";
            })
            .reply_json(200, node(5, "A"));
    }
    CHECK(c.xecm->call("nodes.get", id_input(5)).value().at("name") == "A");
    CHECK(c.host_requests().at(0).body ==
          "grant_type=client_credentials&client_id=app&client_secret=the-client-secret");
    CHECK(c.host.violations().empty());
}

TEST_CASE("xecm: an OTDS client without a user is told what is missing", "[plugins][xecm]") {
    connection c(by_client());
    c.host.http()
        .expect("POST", "https://otds.test/otdsws/oauth2/token")
        .reply_json(200, json::object{{"access_token", "jwt"}});
    c.on("GET", "v1/auth").reply_json(401, failure_text("Authentication required"));
    const auto e = c.failure("nodes.get", id_input(5));
    CHECK(e.category == category::auth);
    CHECK(e.message.find("mapped to") != std::string::npos);
}

TEST_CASE("xecm: with an OTDS address the password goes to OTDS only", "[plugins][xecm]") {
    auto settings = by_password();
    settings["otds_url"] = "https://otds.test/otdsws";
    connection c(settings);
    c.host.http()
        .expect("POST", "https://otds.test/otdsws/rest/authentication/credentials")
        .reply_json(200, json::object{{"ticket", "*OTDSSSO*x"}, {"userId", "u@P"}});
    c.on("GET", "v1/auth")
        .when([](const mortise::testing::recorded_request& r) {
            return r.header("OTDSTicket") == "*OTDSSSO*x";
        })
        .reply(200, {{"otcsticket", "t-7"}}, R"({"data":{}})");
    c.on("GET", node_5).when(with_ticket("t-7")).reply_json(200, node(5, "A"));
    c.xecm->call("nodes.get", id_input(5)).value();
    CHECK(c.host_requests().at(0).json().at("userName") == "integration");
    CHECK(c.host.violations().empty());
}

TEST_CASE("xecm: settings that do not fit together are refused", "[plugins][xecm]") {
    auto settings = by_password();
    std::string wanted;
    SECTION("two logins") {
        settings = by_client();
        settings["username"] = "integration";
        wanted = "either username and password";
    }
    SECTION("none") {
        settings.erase("username");
        settings.erase("password");
        wanted = "Give username and password";
    }
    SECTION("no password") {
        settings.erase("password");
        wanted = "belong together";
    }
    SECTION("a client without OTDS") {
        settings = by_client();
        settings.erase("otds_url");
        wanted = "otds_url, client_id and client_secret belong together";
    }
    SECTION("the address with /api") {
        settings["base_url"] = base + "/api";
        wanted = "ends before \"/api\"";
    }
    try {
        connection c(settings);
        FAIL("was taken");
    } catch (const mortise::error& e) {
        CHECK(e.category == category::config);
        CHECK(e.message.find(wanted) != std::string::npos);
    }
}
