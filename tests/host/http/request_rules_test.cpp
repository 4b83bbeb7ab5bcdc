// SPDX-License-Identifier: Apache-2.0
#include "http/request_rules.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

using namespace mortise::host;

namespace {

const url_origin origin{"https", "example.com", 443};

result<void> check(http_request r) {
    return check_request_parts(r, origin);
}

http_response moved(std::uint32_t status, std::string location) {
    http_response r;
    r.status = status;
    r.headers.push_back({"location", std::move(location)});
    return r;
}

http_request post() {
    http_request r;
    r.method = "POST";
    r.url = "https://example.com/a";
    r.body = "body";
    r.headers = {{"Authorization", "secret"},
                 {"Cookie", "c"},
                 {"X-Api-Key", "k"},
                 {"Content-Type", "text/plain"},
                 {"Accept", "a/b"}};
    return r;
}

bool has(const http_request& r, std::string_view name) {
    return find_header(r.headers, name) != nullptr;
}

} // namespace

TEST_CASE("headers that could end their line or change the framing are refused", "[http]") {
    const auto h = GENERATE(table<std::string, std::string>({
        {"X", "a\r\nY: b"},
        {"X", "a\nb"},
        {"X", std::string("a\0b", 3)},
        {"X\r\nY", "a"},
        {"X Y", "a"},
        {"", "a"},
        {"X:", "a"},
        {"Content-Length", "5"},
        {"transfer-encoding", "chunked"},
        {"Connection", "close"},
        {"Host", "evil.net"},
        {"Expect", "100-continue"},
        {"Proxy-Authorization", "x"},
    }));
    http_request r;
    r.headers.push_back({std::get<0>(h), std::get<1>(h)});
    const auto ok = check(r);
    REQUIRE_FALSE(ok);
    CHECK(ok.error().category == category::input);
    CHECK(ok.error().effect == effect::none);
}

TEST_CASE("a Host header that repeats the URL's host is accepted", "[http]") {
    http_request r;
    r.headers = {{"Host", "Example.com"}, {"X", "a\tb"}, {"Y", ""}};
    CHECK(check(r));
    r.headers = {{"host", "example.com:443"}};
    CHECK(check(r));
}

TEST_CASE("methods, bodies and trace parents are checked", "[http]") {
    http_request r;
    for (const char* bad : {"", "GE T", "GET\r\n", "CONNECT", "connect", "TRACE"}) {
        INFO(bad);
        r.method = bad;
        CHECK_FALSE(check(r));
    }
    r.method = "PROPFIND";
    CHECK(check(r));
    r.method = "HEAD";
    r.body = "x";
    CHECK_FALSE(check(r));
    r = {};
    r.trace_parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    CHECK(check(r));
    r.trace_parent = "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    CHECK_FALSE(check(r));
    r.trace_parent = "nonsense\r\nX: y";
    CHECK_FALSE(check(r));
    r = {};
    r.timeout = std::chrono::milliseconds(-1);
    CHECK_FALSE(check(r));
}

TEST_CASE("redirects keep or change the method as their status says", "[http][redirect]") {
    const auto row = GENERATE(table<std::uint32_t, std::string, std::string>({
        {301, "POST", "GET"},
        {302, "POST", "GET"},
        {303, "POST", "GET"},
        {303, "PUT", "GET"},
        {303, "HEAD", "HEAD"},
        {301, "PUT", "PUT"},
        {302, "DELETE", "DELETE"},
        {307, "POST", "POST"},
        {308, "POST", "POST"},
        {302, "GET", "GET"},
    }));
    const auto& [status, before, after] = row;
    INFO(status << " " << before);
    auto r = post();
    r.method = before;
    REQUIRE(follow_redirect(r, origin, moved(status, "/b"), {}));
    CHECK(r.method == after);
    CHECK(r.url == "https://example.com/b");
    const bool kept = before == after;
    CHECK((r.body == "body") == kept);
    CHECK(has(r, "content-type") == kept);
    CHECK(has(r, "authorization")); // the origin has not changed
}

TEST_CASE("a change of origin drops credentials", "[http][redirect]") {
    const std::string to =
        GENERATE("https://other.net/", "https://example.com:8443/", "https://sub.example.com/");
    INFO(to);
    auto r = post();
    REQUIRE(follow_redirect(r, origin, moved(307, to), {"x-api-key"}));
    CHECK_FALSE(has(r, "authorization"));
    CHECK_FALSE(has(r, "cookie"));
    CHECK_FALSE(has(r, "x-api-key"));
    CHECK(has(r, "accept"));
}

TEST_CASE("redirects that cannot be followed are errors", "[http][redirect]") {
    auto r = post();
    CHECK(follow_redirect(r, origin, moved(307, "http://example.com/"), {}).error().category ==
          category::denied);
    for (const char* bad : {"ftp://example.com/", "https://u:p@example.com/", "https://", "/a b"}) {
        INFO(bad);
        const auto to = follow_redirect(r, origin, moved(307, bad), {});
        REQUIRE_FALSE(to);
        CHECK(to.error().category == category::remote_protocol);
    }
    r.body.clear();
    r.body_source = std::make_shared<http_body_source>();
    const auto once = follow_redirect(r, origin, moved(307, "/b"), {});
    REQUIRE_FALSE(once);
    CHECK(once.error().code == "http.redirect.body");
}

TEST_CASE("only redirect statuses with a Location are followed", "[http][redirect]") {
    CHECK(is_redirect(moved(301, "/")));
    CHECK_FALSE(is_redirect(moved(300, "/")));
    CHECK_FALSE(is_redirect(moved(304, "/")));
    CHECK_FALSE(is_redirect(moved(201, "/")));
    http_response bare;
    bare.status = 302;
    CHECK_FALSE(is_redirect(bare));
}
