// SPDX-License-Identifier: Apache-2.0
//
// How operations ask, and what they make of the answers, with answers said beforehand.
#include "scripted.hpp"
#include "support/catch.hpp"

#include <mortise/sdk/url.hpp>

using namespace xecm_test;
using mortise::category;

namespace {

json::value
children(std::initializer_list<std::pair<int, const char*>> items, int page = 1, int pages = 1) {
    json::array results;
    for (const auto& [id, name] : items) {
        json::value one = node(id, name);
        results.push_back(one.at("results"));
    }
    return json::object{
        {"collection",
         json::object{{"paging", {{"page", page}, {"page_total", pages}, {"limit", 2}}}}},
        {"results", std::move(results)}};
}

json::value body_of(const mortise::testing::recorded_request& r) {
    return mortise::parse_json(mortise::query_value(r.body, "body").value_or("null"));
}

} // namespace

TEST_CASE("xecm: a child is found by its exact name among those that contain it",
          "[plugins][xecm]") {
    connection c;
    c.log_in("t");
    c.on("GET", "v2/nodes/9/nodes*").reply_json(200, children({{1, "Media Old"}, {2, "Media"}}));
    const json::value input = json::object{{"parent_id", 9}, {"name", "Media"}};
    const auto found = c.xecm->call("nodes.find_child", input).value();
    CHECK(found.at("found") == true);
    CHECK(found.at("result").at("id") == 2);
    CHECK(c.host_requests().back().url.find("where_name=Media") != std::string::npos);
}

TEST_CASE("xecm: a child is looked for on every page, and a repeated page ends the list",
          "[plugins][xecm]") {
    connection c;
    c.log_in("t");
    c.on("GET", "v2/nodes/9/nodes*page=1").reply_json(200, children({{1, "x1"}, {2, "x2"}}, 1, 2));
    const json::value input = json::object{{"parent_id", 9}, {"name", "x3"}};
    SECTION("on the second page") {
        c.on("GET", "v2/nodes/9/nodes*page=2").reply_json(200, children({{3, "x3"}}, 2, 2));
        CHECK(c.xecm->call("nodes.find_child", input).value().at("found") == true);
    }
    SECTION("the list has become shorter and the server repeats the first page") {
        c.on("GET", "v2/nodes/9/nodes*page=2")
            .reply_json(200, children({{1, "x1"}, {2, "x2"}}, 1, 1));
        CHECK(c.xecm->call("nodes.find_child", input).value().at("found") == false);
    }
    CHECK(c.host.violations().empty());
}

TEST_CASE("xecm: a URL item with another address is not the one that was created",
          "[plugins][xecm]") {
    connection c;
    c.log_in("t");
    auto list = children({{2, "Film"}});
    list.at("results").at(0).at("data").at("properties").as_object()["url"] = "https://a.test/2";
    c.on("GET", "v2/nodes/9/nodes*").times(2).reply_json(200, list);
    json::object input{{"parent_id", "9"}, {"name", "Film"}, {"url", "https://a.test/1"}};
    CHECK(c.xecm->call("nodes.find_child", json::value(input)).value().at("found") == false);
    input["url"] = "https://a.test/2";
    input["description"] = "of the creating call";
    CHECK(c.xecm->call("nodes.find_child", json::value(input)).value().at("found") == true);
}

TEST_CASE("xecm: a new item travels as JSON in the form field body", "[plugins][xecm]") {
    auto settings = by_password();
    const bool as_json = GENERATE(false, true);
    if (as_json) settings["body_encoding"] = "json";
    connection c(settings);
    c.log_in("t");
    c.on("POST", "v2/nodes").reply_json(200, node(77, "Film", 140));
    const json::value input =
        json::object{{"parent_id", 9}, {"name", "Film"}, {"url", "https://a.test/1"}};
    const auto made = c.xecm->call("nodes.create_url", input).value();
    CHECK(made.at("id") == 77);
    CHECK(made.at("url") == "https://a.test/1");
    const auto& sent = c.host_requests().back();
    const json::value wanted =
        mortise::parse_json(R"({"type":140,"parent_id":9,"name":"Film","url":"https://a.test/1"})");
    CHECK((as_json ? sent.json() : body_of(sent)) == wanted);
    CHECK(sent.header("Content-Type") ==
          (as_json ? "application/json" : "application/x-www-form-urlencoded"));
}

TEST_CASE("xecm: a name that is taken is a conflict without effect", "[plugins][xecm]") {
    connection c;
    c.log_in("t");
    c.on("POST", "v2/nodes")
        .reply_json(500, failure_text("An item with the name 'Film' already exists."));
    const auto e =
        c.failure("nodes.create_url",
                  json::object{{"parent_id", 9}, {"name", "Film"}, {"url", "https://a.test/1"}});
    CHECK(e.category == category::conflict);
    CHECK(e.effect == mortise::effect::none);
}

TEST_CASE("xecm: a failure of the server leaves the outcome of a write open, of a read not",
          "[plugins][xecm]") {
    connection c;
    c.log_in("t");
    c.on("POST", "v2/nodes").reply_json(500, failure_text("Database error"));
    c.on("GET", "v2/nodes/5*").reply_json(500, failure_text("Database error"));
    const auto write =
        c.failure("nodes.create_url",
                  json::object{{"parent_id", 9}, {"name", "Film"}, {"url", "https://a.test/1"}});
    CHECK(write.category == category::unavailable);
    CHECK(write.effect == mortise::effect::unknown);
    CHECK(c.failure("nodes.get", id_input(5)).effect == mortise::effect::none);
}

TEST_CASE("xecm: names the server would refuse are refused before it is asked", "[plugins][xecm]") {
    connection c;
    const char* name = GENERATE("a:b", " a", "a ");
    const auto e =
        c.failure("nodes.create_url",
                  json::object{{"parent_id", 9}, {"name", name}, {"url", "https://a.test/1"}});
    CHECK(e.category == category::input);
    CHECK(e.code == "xecm.node.bad-name");
    CHECK(c.host_requests().empty());
}

TEST_CASE("xecm: a folder made by somebody else meanwhile is used", "[plugins][xecm]") {
    connection c;
    c.log_in("t");
    c.on("GET", "v2/nodes/9/nodes*").reply_json(200, children({}));
    c.on("POST", "v2/nodes")
        .reply_json(500, failure_text("An item with the name 'Media' already exists."));
    c.on("GET", "v2/nodes/9/nodes*").reply_json(200, children({{4, "Media"}}));
    const json::value input = json::object{{"parent_id", 9}, {"path", json::array{"Media"}}};
    const auto made = c.xecm->call("nodes.path_ensure", input).value();
    CHECK(made.at("id") == 4);
    CHECK(made.at("created").as_array().empty());
    CHECK(c.host.violations().empty());
}

TEST_CASE("xecm: deleting what is not there is fine", "[plugins][xecm]") {
    connection c;
    c.log_in("t");
    c.on("DELETE", "v2/nodes/5").reply_json(500, failure_text("Could not get a node for 5"));
    CHECK(c.xecm->call("nodes.delete", id_input(5)).value().at("deleted") == false);
}

TEST_CASE("xecm: a business object is matched exactly even when the server ignores the filter",
          "[plugins][xecm]") {
    connection c;
    c.log_in("t");
    const auto workspace = [](const char* bo_id) {
        return mortise::parse_json(
            std::string(R"({"results":{"data":{"properties":{"id":8,"name":"W","type":848},)") +
            R"("workspace_references":[{"business_object_id":")" + bo_id +
            R"(","business_object_type":"KNA1","external_system_id":"TE1"}]}}})");
    };
    c.on("GET", "v2/businessworkspaces?expanded_view=true*").reply_json(200, children({{8, "W"}}));
    const json::value input =
        json::object{{"ext_system_id", "TE1"}, {"bo_type", "KNA1"}, {"bo_id", "0000050031"}};
    SECTION("it is the one") {
        c.on("GET", "v2/businessworkspaces/8*").reply_json(200, workspace("0000050031"));
        const auto found = c.xecm->call("workspaces.find", input).value();
        CHECK(found.at("found") == true);
        CHECK(found.at("workspace").at("id") == 8);
        CHECK(found.at("result") == found.at("workspace"));
    }
    SECTION("it is another, and the direct way finds none") {
        c.on("GET", "v2/businessworkspaces/8*").reply_json(200, workspace("50031"));
        c.on("GET", "v2/externalsystems/TE1/botypes/KNA1/boids/0000050031")
            .reply_json(404, failure_text("No workspace"));
        CHECK(c.xecm->call("workspaces.find", input).value().at("found") == false);
    }
    CHECK(c.host.violations().empty());
}

TEST_CASE("xecm: a workspace is asked for by something", "[plugins][xecm]") {
    connection c;
    CHECK(c.failure("workspaces.find", json::object()).category == category::input);
    const auto half = c.failure("workspaces.find", json::object{{"bo_id", "1"}});
    CHECK(half.message.find("belong together") != std::string::npos);
    CHECK(c.failure("members.find", json::object()).category == category::input);
    CHECK(c.failure("nodes.update", id_input(5)).category == category::input);
    CHECK(c.failure("nodes.get", json::object{{"id", "five"}}).category == category::input);
    CHECK(c.host_requests().empty());
}
