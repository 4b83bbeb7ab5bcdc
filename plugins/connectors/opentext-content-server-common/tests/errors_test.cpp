// SPDX-License-Identifier: Apache-2.0
#include "content_server/errors.hpp"
#include "support/catch.hpp"

using request_kind = content_server::access;
using content_server::error_of;
using content_server::subject;
using mortise::category;
using mortise::effect;
namespace json = mortise::json;

namespace {

mortise::http_response answer(std::uint32_t status, std::string body) {
    mortise::http_response r;
    r.status = status;
    r.body = std::move(body);
    return r;
}

mortise::error
of(std::uint32_t status, const std::string& text, request_kind how = request_kind::write) {
    json::object body;
    body["error"] = text;
    return error_of(answer(status, mortise::serialize_json(json::value(std::move(body)))),
                    subject("node", "item 5"), how);
}

struct row {
    std::uint32_t status;
    const char* text;
    enum category kind;
    const char* code;
};

} // namespace

TEST_CASE("errors: the text decides what a refusal means, not the status",
          "[plugins][content-server]") {
    const auto r = GENERATE(
        row{400, "Could not get a node for 99", category::not_found, "xecm.node.not-found"},
        row{500, "Could not get a node for 99", category::not_found, "xecm.node.not-found"},
        row{500, "Could not locate node: 99", category::not_found, "xecm.node.not-found"},
        row{400,
            "Sorry, the item you requested could not be accessed. Either it does not exist or you "
            "do not have permission to access it.",
            category::not_found, "xecm.node.not-found"},
        row{500, "An item with the name 'X' already exists.", category::conflict,
            "xecm.node.already-exists"},
        row{400, "An item with the name 'X' already exists.", category::conflict,
            "xecm.node.already-exists"},
        row{409, "Could not update metadata (edit conflict).", category::conflict,
            "xecm.node.edit-conflict"},
        row{400, "The REST API URL could not be found in the mappings registry", category::config,
            "xecm.node.no-such-url"},
        row{400, "Argument 'id' is required.", category::input, "xecm.node.rejected"},
        row{500, "Argument 'username' is required.", category::input, "xecm.node.rejected"},
        row{400, "Invalid datatype specified for argument 'id'", category::input,
            "xecm.node.rejected"},
        row{400, "Category ID '7' is not a category on node '5'", category::not_found,
            "xecm.node.category-not-applied"},
        row{400, "You do not have permission to add items here.", category::denied,
            "xecm.node.denied"});
    const auto e = of(r.status, r.text);
    CHECK(e.category == r.kind);
    CHECK(e.code == r.code);
    CHECK(e.effect == effect::none);
    CHECK(e.http_status == r.status);
    CHECK(e.message.find(r.text) != std::string::npos);
    CHECK(e.message.find("item 5") != std::string::npos);
}

TEST_CASE("errors: what no text explains goes by the status", "[plugins][content-server]") {
    CHECK(of(400, "Something else").category == category::input);
    CHECK(of(401, "Authentication required").category == category::auth);
    CHECK(of(403, "Feature is disabled").category == category::denied);
    CHECK(of(404, "Nothing here").category == category::not_found);
    CHECK(of(500, "Unexpected failure").category == category::unavailable);
    CHECK(of(500, "Unexpected failure").effect == effect::unknown);
    CHECK(of(500, "Unexpected failure", request_kind::read).effect == effect::none);
}

TEST_CASE("errors: a full server says when to come back", "[plugins][content-server]") {
    const auto status = GENERATE(429u, 503u);
    auto r = answer(status, R"({"error":"Invalid value"})");
    r.headers.emplace_back("retry-after", "7");
    const auto e = error_of(r, subject("node", "item 5"), request_kind::write);
    CHECK(e.retry_after == std::chrono::seconds(7));
    CHECK(e.category == (status == 429 ? category::rate_limit : category::unavailable));
    CHECK(e.effect == effect::none);
}

TEST_CASE("errors: a page instead of JSON is told as one", "[plugins][content-server]") {
    const std::string page = "\n<!DOCTYPE html><html>Starting...</html>";
    const auto e = error_of(answer(502, page), subject("node", "item 5"), request_kind::read);
    CHECK(e.category == category::unavailable);
    CHECK(e.message.find("(an HTML page)") != std::string::npos);
    CHECK(e.message.find("DOCTYPE") == std::string::npos);
    try {
        content_server::json_of(answer(200, page), subject("node", "item 5"), request_kind::write);
        FAIL("was taken");
    } catch (const mortise::error& f) {
        CHECK(f.category == category::remote_protocol);
        CHECK(f.effect == effect::unknown);
        CHECK(f.message.find("base_url") != std::string::npos);
    }
}

TEST_CASE("errors: broken JSON is a broken answer, an empty body an empty object",
          "[plugins][content-server]") {
    try {
        content_server::json_of(answer(200, "{\"a\":"), subject("node", "item 5"),
                                request_kind::read);
        FAIL("was taken");
    } catch (const mortise::error& e) {
        CHECK(e.category == category::remote_protocol);
        CHECK(e.message.find("item 5") != std::string::npos);
    }
    CHECK(content_server::json_of(answer(200, "  "), subject("node", "x"), request_kind::read) ==
          mortise::json::value(mortise::json::object()));
}

TEST_CASE("errors: long texts are cut and details added", "[plugins][content-server]") {
    CHECK(content_server::vendor_text(std::string(1000, 'x')).size() == 303);
    CHECK(content_server::vendor_text(R"({"error":"No","errorDetail":"662306821"})") ==
          "No; 662306821");
    CHECK(content_server::vendor_text("two\nlines") == "two lines");
    CHECK(content_server::vendor_text("").empty());
}
