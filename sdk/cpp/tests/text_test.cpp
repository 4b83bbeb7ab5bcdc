// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <mortise/sdk/http.hpp>
#include <mortise/sdk/signature.hpp>
#include <mortise/sdk/time_text.hpp>
#include <mortise/sdk/trigger.hpp>
#include <mortise/sdk/url.hpp>

using namespace mortise;
using namespace std::chrono_literals;

TEST_CASE("time stamps are read with any offset and written in UTC", "[sdk][text]") {
    const auto t = parse_time("2026-03-01T13:00:00.250+01:00");
    REQUIRE(t);
    CHECK(format_time(*t) == "2026-03-01T12:00:00.250Z");
    CHECK(format_time(time_point(0s)) == "1970-01-01T00:00:00Z");
    CHECK(format_time(*parse_time("1969-12-31t23:59:59.5z")) == "1969-12-31T23:59:59.500Z");
    CHECK(format_time(*parse_time("2024-02-29 00:00:00.123456789Z")) == "2024-02-29T00:00:00.123Z");
    for (const char* wrong :
         {"", "2026", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
          "2026-01-01T00:00:00", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00.Z",
          "2026-01-01T00:00:00+1"}) {
        INFO(wrong);
        CHECK_FALSE(parse_time(wrong));
    }
}

TEST_CASE("durations are one number and one unit", "[sdk][text]") {
    CHECK(parse_duration("250ms") == 250ms);
    CHECK(parse_duration("14d") == 14 * 24h);
    CHECK(format_duration(90s) == "90s");
    CHECK(format_duration(3600s) == "1h");
    CHECK(format_duration(0s) == "0s");
    for (const char* wrong : {"", "5", "s", "-1s", "1.5s", "1 s", "1w", "9223372036854775807d"}) {
        INFO(wrong);
        CHECK_FALSE(parse_duration(wrong));
    }
}

TEST_CASE("addresses are built with every part encoded", "[sdk][text]") {
    url u("https://api.example.com/v1/");
    u.path("/assets/").segment("a/b c").segment("..").query("q", "x&y=z").query("p", "ä");
    CHECK(u.str() == "https://api.example.com/v1/assets/a%2Fb%20c/%2E%2E?q=x%26y%3Dz&p=%C3%A4");
    CHECK(url("https://h/p?a=1").query("b", "2").str() == "https://h/p?a=1&b=2");
}

TEST_CASE("percent-encoding is undone, broken escapes are not guessed", "[sdk][text]") {
    const std::string all = [] {
        std::string s;
        for (int i = 0; i < 256; ++i)
            s += static_cast<char>(i);
        return s;
    }();
    CHECK(percent_decode(percent_encode(all)) == all);
    CHECK(percent_decode("a+b", true) == "a b");
    CHECK(percent_decode("a+b") == "a+b");
    CHECK_FALSE(percent_decode("%4"));
    CHECK_FALSE(percent_decode("%zz"));
    CHECK(query_value("a=1&b=x%20y&c", "b") == "x y");
    CHECK(query_value("a=1&c", "c") == "");
    CHECK_FALSE(query_value("a=1", "b"));
}

TEST_CASE("base64 goes both ways", "[sdk][text]") {
    CHECK(base64_encode("") == "");
    CHECK(base64_encode("f") == "Zg==");
    CHECK(base64_encode("fo") == "Zm8=");
    CHECK(base64_encode("foo") == "Zm9v");
    CHECK(base64_decode("Zm8=") == "fo");
    CHECK(base64_decode("Zm8") == "fo");
    CHECK(base64_decode("_-8") == base64_decode("/+8="));
    CHECK_FALSE(base64_decode("Z"));
    CHECK_FALSE(base64_decode("Zm 8"));
}

TEST_CASE("a multipart boundary never occurs in a part", "[sdk][text]") {
    multipart_body m;
    m.add("note", "x--mortise-part-boundaryx");
    m.add_file("file", "a\"b\r\n.txt", "text/plain", "bytes");
    const std::string type = m.media_type(), body = m.str();
    const std::string boundary = type.substr(type.find('=') + 1);
    CHECK(boundary != "mortise-part-boundary");
    CHECK_THAT(body, Catch::Contains("filename=\"a%22b%0D%0A.txt\""));
    CHECK_THAT(body, Catch::EndsWith("--" + boundary + "--\r\n"));
}

TEST_CASE("a status is turned into what it means for a retry", "[sdk][http]") {
    struct row {
        std::uint32_t status;
        enum category kind;
        enum effect did;
    };
    const auto r = GENERATE(values<row>({{400, category::input, effect::none},
                                         {401, category::auth, effect::none},
                                         {403, category::denied, effect::none},
                                         {404, category::not_found, effect::none},
                                         {408, category::timeout, effect::unknown},
                                         {409, category::conflict, effect::none},
                                         {422, category::input, effect::none},
                                         {429, category::rate_limit, effect::none},
                                         {500, category::unavailable, effect::unknown},
                                         {503, category::unavailable, effect::none},
                                         {302, category::remote_protocol, effect::unknown}}));
    http_response response;
    response.status = r.status;
    response.body = "no\nway";
    const error e = response.to_error("acme.contact");
    CHECK(e.category == r.kind);
    CHECK(e.effect == r.did);
    CHECK(e.http_status == r.status);
    CHECK_THAT(e.code, Catch::StartsWith("acme.contact."));
    CHECK_THAT(e.message, Catch::Contains("no way"));
    CHECK_THROWS_AS(response.require_ok("acme.contact"), error);
}

TEST_CASE("Retry-After is read as seconds and as a date", "[sdk][http]") {
    http_response r;
    r.status = 429;
    r.headers = {{"retry-after", "7"}};
    CHECK(r.to_error("a").retry_after == 7s);
    r.headers = {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                 {"retry-after", "Sun, 06 Nov 1994 08:51:37 GMT"}};
    CHECK(r.to_error("a").retry_after == 2min);
    r.headers = {{"retry-after", "soon"}};
    CHECK_FALSE(r.to_error("a").retry_after);
}

TEST_CASE("a long answer is cut between characters", "[sdk][http]") {
    http_response r;
    r.status = 500;
    for (int i = 0; i < 200; ++i)
        r.body += "\xC3\xA4";
    r.body.insert(0, "x");
    const std::string message = r.to_error("a").message;
    CHECK_THAT(message, Catch::EndsWith("\xC3\xA4..."));
    CHECK(message.size() < 400);
}

TEST_CASE("an empty secret is equal to nothing", "[sdk][text]") {
    CHECK(constant_time_equal("abc", "abc"));
    CHECK_FALSE(constant_time_equal("abc", "abd"));
    CHECK_FALSE(constant_time_equal("abc", "ab"));
    CHECK_FALSE(constant_time_equal("", ""));
}

TEST_CASE("an HMAC is that of RFC 4231, for every length of message", "[sdk][text]") {
    const auto of = [](std::string_view key, std::string_view message) {
        return hex_encode(hmac_sha256(key, message));
    };
    CHECK(of(std::string(20, '\x0b'), "Hi There") ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(of("Jefe", "what do ya want for nothing?") ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(of(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    // One after another, so that each edge of a block counts; the last by another implementation.
    std::string key = "k";
    for (std::size_t n = 0; n < 200; ++n)
        key = hmac_sha256(key, std::string(n, 'x'));
    CHECK(hex_encode(key) == "9fb78176a33b441999b97e0402b325c9ffd31117c2185b5e3c0c7dacdf7e706d");
}

TEST_CASE("a signature is good in either case, and never without a key", "[sdk][text]") {
    CHECK(is_signed("what do ya want for nothing?",
                    "5BDCC146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "Jefe"));
    CHECK_FALSE(is_signed("what do ya want for nothing!",
                          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                          "Jefe"));
    CHECK_FALSE(is_signed("", "", ""));
    CHECK_FALSE(is_signed("", hex_encode(hmac_sha256("", "")), ""));
    CHECK_FALSE(is_signed("a", "", "k"));
}
