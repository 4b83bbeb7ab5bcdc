// SPDX-License-Identifier: Apache-2.0
#include "http/url.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

using namespace mortise::host;

namespace {

bool allowed(const std::vector<std::string>& entries, std::string_view url) {
    const auto list = egress_list::parse(entries);
    const auto origin = parse_origin(url);
    REQUIRE(list);
    REQUIRE(origin);
    return list->allows(*origin);
}

} // namespace

TEST_CASE("the origin of a URL is scheme, host and port in one spelling", "[http][url]") {
    const auto text = [](std::string_view url) { return parse_origin(url)->text(); };
    CHECK(text("https://API.Example.com/x?y#z") == "https://api.example.com");
    CHECK(text("HTTP://example.com:80/") == "http://example.com");
    CHECK(text("http://example.com.:8080") == "http://example.com:8080");
    CHECK(text("http://[::1]:9000/a") == "http://[::1]:9000");
    CHECK(text("http://0x7f.1/") == "http://127.0.0.1");
    CHECK(text("http://2130706433/") == "http://127.0.0.1");
}

TEST_CASE("URLs that cannot be used are refused without repeating them", "[http][url]") {
    const std::string bad =
        GENERATE("", "example.com/x", "/only/a/path", "ftp://example.com/", "file:///etc/passwd",
                 "http://", "http://user:hunter2@example.com/", "http://exa mple.com/hunter2",
                 "http://example.com/hunter2\r\nX: y", "http://example.com:99999/",
                 "http://ex\xc3\xa4mple.com/", "http://example.com/\x7f", "javascript:alert(1)");
    INFO(bad);
    const auto r = parse_origin(bad);
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::input);
    CHECK(r.error().effect == effect::none);
    CHECK(r.error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("references resolve against the URL they came from", "[http][url]") {
    const std::string base = "https://example.com:8443/a/b?c=d";
    CHECK(*resolve_url(base, "/x?y=z#frag") == "https://example.com:8443/x?y=z");
    CHECK(*resolve_url(base, "x") == "https://example.com:8443/a/x");
    CHECK(*resolve_url(base, "//other.net/x") == "https://other.net/x");
    CHECK(*resolve_url(base, "http://other.net") == "http://other.net/");
    CHECK_FALSE(resolve_url(base, "/a b").has_value());
    CHECK_FALSE(resolve_url(base, "/a\r\nSet-Cookie: x").has_value());
}

TEST_CASE("the egress list lets through what it names and nothing else", "[http][egress]") {
    CHECK_FALSE(allowed({}, "http://example.com/"));
    CHECK(allowed({"example.com:443"}, "https://example.com/"));
    CHECK(allowed({"EXAMPLE.com:443"}, "https://Example.COM./"));
    CHECK_FALSE(allowed({"example.com:443"}, "http://example.com/"));
    CHECK_FALSE(allowed({"example.com:443"}, "https://example.com:8443/"));
    CHECK_FALSE(allowed({"example.com:443"}, "https://example.com.evil.net/"));
    CHECK_FALSE(allowed({"example.com:443"}, "https://notexample.com/"));
    CHECK(allowed({"*.example.com:443"}, "https://a.b.example.com/"));
    CHECK_FALSE(allowed({"*.example.com:443"}, "https://example.com/"));
    CHECK_FALSE(allowed({"*.example.com:443"}, "https://evilexample.com/"));
    CHECK(allowed({"a.net:1", "[::1]:8080"}, "http://[::1]:8080/"));
    CHECK(allowed({"127.0.0.1:*"}, "http://0x7f000001:4711/"));
    CHECK_FALSE(allowed({"127.0.0.1:*"}, "http://127.0.0.2/"));
    CHECK(allowed({"*:443"}, "https://anything.net/"));
    CHECK_FALSE(allowed({"*:443"}, "http://anything.net/"));
}

TEST_CASE("malformed egress entries are refused with their text", "[http][egress]") {
    const std::string bad =
        GENERATE("example.com", "example.com:", "example.com:0", "example.com:70000",
                 "example.com:http", ":443", "[::1]", "*.:443", "a*b.com:443",
                 "https://example.com:443", "user@example.com:443", "exa mple.com:443");
    INFO(bad);
    const auto r = egress_list::parse({bad});
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::config);
    CHECK(r.error().message.find("\"" + bad + "\"") != std::string::npos);
}
