// SPDX-License-Identifier: Apache-2.0
// The document of the admin API: sound in itself, and about the routes that there are.
#include "admin/audit.hpp"
#include "admin/openapi.hpp"
#include "admin/schemas.hpp"
#include "config/schema.hpp"
#include "host_fixture.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
namespace json = boost::json;

namespace {

struct documented : host_fixture {
    documented() { start(); }
    template <class Fn>
    void each_operation(Fn fn) {
        for (const auto& path : document().json().at("paths").as_object())
            for (const auto& method : path.value().as_object())
                fn(std::string(path.key()), std::string(method.key()), method.value().as_object());
    }
};

void each_reference(const json::value& v, const std::function<void(std::string)>& fn) {
    if (const auto* list = v.if_array())
        for (const auto& one : *list)
            each_reference(one, fn);
    if (const auto* o = v.if_object())
        for (const auto& m : *o) {
            if (m.key() == "$ref" && m.value().is_string())
                fn(std::string(m.value().get_string()));
            else
                each_reference(m.value(), fn);
        }
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

route_table::handler nothing() {
    return [](const admin_call&) {};
}

} // namespace

TEST_CASE("the document is OpenAPI 3.1 and holds together", "[admin][openapi]") {
    documented f;
    const auto& d = f.document().json();
    CHECK(d.at("openapi") == "3.1.0");
    CHECK_FALSE(d.at("info").at("version").as_string().empty());
    std::set<std::string> tags, ids;
    for (const auto& t : d.at("tags").as_array())
        tags.emplace(t.at("name").as_string());
    each_reference(d, [&](const std::string& reference) {
        INFO(reference);
        boost::system::error_code ec;
        CHECK(reference.starts_with("#/"));
        CHECK(d.find_pointer(reference.substr(1), ec) != nullptr);
    });
    std::size_t operations = 0;
    f.each_operation(
        [&](const std::string& path, const std::string& method, const json::object& o) {
            INFO(method << ' ' << path);
            ++operations;
            CHECK(ids.emplace(o.at("operationId").as_string()).second);
            CHECK_FALSE(o.at("summary").as_string().empty());
            CHECK(o.at("summary").as_string().back() == '.');
            for (const auto& t : o.at("tags").as_array())
                CHECK(tags.contains(std::string(t.as_string())));
            // Every part of the path in braces is a parameter, and the reverse.
            std::set<std::string> in_path, declared;
            for (const auto name : path_parameters(path))
                in_path.emplace(name);
            if (const auto* parameters = o.if_contains("parameters"))
                for (const auto& p : parameters->as_array()) {
                    if (p.at("in") == "path") {
                        declared.emplace(p.at("name").as_string());
                        CHECK(p.at("required") == true);
                    } else {
                        CHECK(p.at("in") == "query");
                        CHECK_FALSE(p.at("description").as_string().empty());
                    }
                    CHECK(check_schema(f.document().resolved(p.at("schema"))).empty());
                }
            CHECK(in_path == declared);
            CHECK(o.at("responses").as_object().size() >= 3);
            if (method == "get") CHECK_FALSE(o.contains("requestBody"));
            const auto role = std::string(o.at("x-mortise-role").as_string());
            CHECK((role == "none" || role_from_string(role)));
            CHECK((role == "none") == o.contains("security"));
            // Only sessions are for viewers beside reading.
            if (method != "get" && role == "viewer") CHECK(path.starts_with("/api/v1/session"));
        });
    CHECK(operations > 40);
}

TEST_CASE("every schema of the document keeps to the subset that answers are checked with",
          "[admin][openapi]") {
    documented f;
    for (const auto& c : f.document().json().at("components").at("schemas").as_object()) {
        INFO(std::string(c.key()));
        for (const auto& p : check_schema(f.document().resolved(c.value())))
            CHECK(p.pointer + ": " + p.message == "");
    }
    f.each_operation(
        [&](const std::string& path, const std::string& method, const json::object& o) {
            INFO(method << ' ' << path);
            const auto responses = f.document().resolved(o.at("responses"));
            for (const auto& response : responses.as_object()) {
                const auto* content = response.value().as_object().if_contains("content");
                if (content == nullptr) continue;
                for (const auto& media : content->as_object())
                    CHECK(check_schema(media.value().at("schema")).empty());
            }
            if (const auto* body = o.if_contains("requestBody"))
                for (const auto& media : body->at("content").as_object())
                    CHECK(check_schema(f.document().resolved(media.value().at("schema"))).empty());
        });
    std::set<std::string_view> names;
    for (const auto& c : component_schemas())
        CHECK(names.insert(c.name).second);
}

TEST_CASE("every operation of the document is there, and guarded as it says", "[admin][openapi]") {
    documented f;
    f.each_operation(
        [&](const std::string& path, const std::string& method, const json::object& o) {
            std::string asked = path;
            for (auto at = asked.find('{'); at != std::string::npos; at = asked.find('{'))
                asked.replace(at, asked.find('}', at) - at + 1, "nobody");
            INFO(method << ' ' << asked);
            const auto r = f.admin_as(upper(method), asked, {}, {});
            if (o.contains("security")) {
                CHECK(r.status != 401);
                CHECK(r.status != 404);
            } else {
                CHECK(r.status == 401);
            }
        });
}

TEST_CASE("what the command line does without a host is called as the API calls it",
          "[admin][openapi]") {
    documented f;
    REQUIRE_FALSE(offline_operations().empty());
    for (const auto& o : offline_operations()) {
        INFO(o.pattern);
        std::string method(o.method);
        std::transform(method.begin(), method.end(), method.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const auto* path = f.document().json().at("paths").as_object().if_contains(
            json::string_view(o.pattern.data(), o.pattern.size()));
        REQUIRE(path != nullptr);
        CHECK(std::string_view(path->at(method).at("operationId").as_string()) == o.id);
    }
    const auto retry = offline_action("POST", "/api/v1/runs/a%20b/retry", "{}");
    REQUIRE(retry);
    CHECK(retry->operation == "retryRun");
    CHECK(retry->run == "a b");
    CHECK(offline_action("PUT", "/api/v1/links", R"({"relation":"r","a":"1"})")->object == "r 1");
    CHECK(offline_action("DELETE", "/api/v1/links?relation=r&a=x%20y", "")->object == "r x y");
    CHECK_FALSE(offline_action("POST", "/api/v1/connections/x/pause", "{}"));
    CHECK_FALSE(offline_action("GET", "/api/v1/links", ""));
}

TEST_CASE("the table of routes in the docs is that of the document", "[admin][openapi][docs]") {
    documented f;
    std::string table = "| request | role | query | body | what it does |\n|---|---|---|---|---|\n";
    const auto code = [](const std::string& text) { return '`' + text + '`'; };
    f.each_operation([&](const std::string& path, const std::string& method,
                         const json::object& o) {
        std::string query, body;
        if (const auto* parameters = o.if_contains("parameters"))
            for (const auto& p : parameters->as_array())
                if (p.at("in") == "query")
                    query += (query.empty() ? "" : " ") +
                             code(std::string(p.at("name").as_string())) +
                             (p.at("required") == true ? "*" : "");
        if (const auto* b = o.if_contains("requestBody")) {
            const auto schema =
                f.document().resolved(b->at("content").at("application/json").at("schema"));
            std::set<std::string> required;
            if (const auto* names = schema.as_object().if_contains("required"))
                for (const auto& n : names->as_array())
                    required.emplace(n.as_string());
            for (const auto& p : schema.at("properties").as_object()) {
                const std::string name(p.key());
                body +=
                    (body.empty() ? "" : " ") + code(name) + (required.contains(name) ? "*" : "");
            }
        }
        const auto role = std::string(o.at("x-mortise-role").as_string());
        table += "| " + code(upper(method) + ' ' + path) + " | " +
                 (role == "none" ? "" : role + ' ') + "| " + query + (query.empty() ? "" : " ") +
                 "| " + body + (body.empty() ? "" : " ") + "| " +
                 std::string(o.at("summary").as_string()) + " |\n";
    });
    const auto file = std::filesystem::path(MORTISE_SOURCE_DIR) / "docs/admin-api.md";
    auto text = test::read_file(file);
    const std::string begin = "<!-- routes -->\n";
    const auto from = text.find(begin) + begin.size();
    const auto to = text.find("<!-- /routes -->");
    REQUIRE(from >= begin.size());
    REQUIRE(to != std::string::npos);
    // Accept a change with MORTISE_ACCEPT=1.
    if (std::getenv("MORTISE_ACCEPT") != nullptr) {
        text.replace(from, to - from, table);
        std::ofstream(file) << text;
        return;
    }
    CHECK(text.substr(from, to - from) == table);
}

TEST_CASE("the document says of a route what its table says", "[admin][openapi]") {
    route_table t;
    t.add({.method = "POST",
           .pattern = "/api/v1/things/{kind}/{name}",
           .id = "makeThing",
           .summary = "Makes it.",
           .tag = "things",
           .least = role::operator_,
           .query = {{"dry", "Only try.", R"({"type":"boolean"})"},
                     {"why", "The reason.", R"({"type":"string"})", true}},
           .request =
               R"({"type":"object","required":["size"],"properties":{"size":{"type":"integer"}}})",
           .answer = "#/components/schemas/run",
           .status = 201},
          nothing());
    t.add({.method = "GET",
           .pattern = "/api/v1/things/{kind}/{name}",
           .id = "getThing",
           .summary = "Shows it.",
           .tag = "things",
           .answer = R"({"type":"object"})",
           .open = true,
           .also = 503},
          nothing());
    t.add({.method = "DELETE",
           .pattern = "/api/v1/things",
           .id = "removeThings",
           .summary = "Removes them.",
           .tag = "things",
           .status = 204},
          nothing());
    const json::value d = openapi_document(t.specs(), "1.2.3");
    CHECK(d.at("info").at("version") == "1.2.3");
    CHECK(d.at("paths").as_object().size() == 2);
    const auto& path = d.at("paths").at("/api/v1/things/{kind}/{name}");
    CHECK(path.as_object().size() == 2);
    const auto& post = path.at("post");
    CHECK(post.at("operationId") == "makeThing");
    CHECK(post.at("x-mortise-role") == "operator");
    CHECK(post.at("parameters").as_array().size() == 4);
    CHECK(post.at("parameters").at(0).at("name") == "kind");
    CHECK(post.at("parameters").at(2).at("schema").at("type") == "boolean");
    CHECK(post.at("parameters").at(3).at("required") == true);
    CHECK(post.at("requestBody").at("required") == true);
    CHECK(post.at("responses")
              .at("201")
              .at("content")
              .at("application/json")
              .at("schema")
              .at("$ref") == "#/components/schemas/run");
    CHECK(post.at("responses").as_object().contains("4XX"));
    CHECK(path.at("get").at("responses").as_object().contains("503"));
    CHECK(path.at("get").at("security").as_array().empty());
    CHECK_FALSE(d.at("paths")
                    .at("/api/v1/things")
                    .at("delete")
                    .at("responses")
                    .at("204")
                    .as_object()
                    .contains("content"));
}

TEST_CASE("a route that contradicts itself or another does not get into the table",
          "[admin][openapi]") {
    route_table t;
    const route_spec good{.method = "GET", .pattern = "/a", .id = "a", .summary = "A.", .tag = "t"};
    t.add(good, nothing());
    auto same_id = good;
    same_id.pattern = "/b";
    CHECK_THROWS_AS(t.add(same_id, nothing()), std::logic_error);
    auto same_path = good;
    same_path.id = "b";
    CHECK_THROWS_AS(t.add(same_path, nothing()), std::logic_error);
    auto bad_body = good;
    bad_body.id = "c";
    bad_body.pattern = "/c";
    bad_body.request = R"({"type":"strng"})";
    CHECK_THROWS_AS(t.add(bad_body, nothing()), std::logic_error);
    auto bad_query = good;
    bad_query.id = "d";
    bad_query.pattern = "/d";
    bad_query.query = {{"x", "X.", "{"}};
    CHECK_THROWS_AS(t.add(bad_query, nothing()), std::logic_error);
}

TEST_CASE("queries and bodies that do not fit are refused with the place and the mend",
          "[admin][openapi]") {
    documented f;
    const auto refused = [&](const std::string& method, const std::string& path,
                             const std::string& body, const std::string& place,
                             const std::string& says) {
        const auto r = f.admin(method, path, body);
        INFO(path << ' ' << body << '\n' << r.body);
        CHECK(r.status == 400);
        CHECK(r.body.find(place) != std::string::npos);
        CHECK(r.body.find(says) != std::string::npos);
    };
    refused("GET", "/api/v1/runs?stat=failed", {}, R"("parameter":"stat")", "state");
    refused("GET", "/api/v1/runs?limit=many", {}, R"("parameter":"limit")", "whole number");
    refused("GET", "/api/v1/runs?limit=0", {}, R"("parameter":"limit")", "1");
    refused("DELETE", "/api/v1/links?relation=r", {}, R"("parameter":"a")", "required");
    refused("POST", "/api/v1/runs/x/discard", "{}", "reason", "reason");
    refused("POST", "/api/v1/runs/x/discard", R"({"reason":7})", R"("pointer":"/reason")", "text");
    refused("POST", "/api/v1/runs/x/discard", R"({"reason":"a","raeson":"b"})", "raeson", "reason");
    refused("POST", "/api/v1/bulk/x/cancel", R"({"a":1})", "takes no body", "leave it out");
    refused("POST", "/api/v1/bulk", "{", "not JSON", "");
    refused("POST", "/api/v1/bulk", "[]", "JSON object", "");
}
