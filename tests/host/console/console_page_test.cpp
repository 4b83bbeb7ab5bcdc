// SPDX-License-Identifier: Apache-2.0
#include "../http/listener_fixture.hpp"
#include "console/console_page.hpp"
#include "support/catch.hpp"

#include <zlib.h>

#include <array>
#include <regex>
#include <string>

using namespace mortise::host;

namespace {

constexpr std::array<console_file, 3> files{{
    {"/assets/app-1a2b.js", "text/javascript", "a1", "plain script", "packed script", true},
    {"/assets/dot.png", "image/png", "d4", "png bytes", "", true},
    {"/index.html", "text/html; charset=utf-8", "c3", "<!doctype html>", "", false},
}};

inbound_request get(std::string path, std::vector<http_header> headers = {}) {
    inbound_request r;
    r.method = "GET";
    r.path = std::move(path);
    r.headers = std::move(headers);
    return r;
}

std::string field(const inbound_response& r, std::string_view name) {
    const auto* found = find_header(r.headers, name);
    return found == nullptr ? "" : *found;
}

std::string inflated(std::string_view packed) {
    z_stream z{};
    REQUIRE(inflateInit2(&z, 16 + MAX_WBITS) == Z_OK);
    std::string bytes(packed);
    z.next_in = reinterpret_cast<Bytef*>(bytes.data());
    z.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    std::array<char, 16384> part{};
    int state = Z_OK;
    while (state == Z_OK) {
        z.next_out = reinterpret_cast<Bytef*>(part.data());
        z.avail_out = part.size();
        state = inflate(&z, Z_NO_FLUSH);
        out.append(part.data(), part.size() - z.avail_out);
    }
    inflateEnd(&z);
    REQUIRE(state == Z_STREAM_END);
    return out;
}

} // namespace

TEST_CASE("The index is served at / and may load nothing from elsewhere") {
    const auto r = serve_console(get("/"), files);
    CHECK(r.status == 200);
    CHECK(r.content_type == "text/html; charset=utf-8");
    CHECK(r.body == "<!doctype html>");
    CHECK(field(r, "cache-control") == "no-cache");
    const auto policy = field(r, "content-security-policy");
    CHECK(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(policy.find("http") == std::string::npos);
    CHECK(field(r, "x-content-type-options") == "nosniff");
    CHECK(field(r, "referrer-policy") == "no-referrer");
    CHECK(field(r, "x-frame-options") == "DENY");
}

TEST_CASE("What is named by its content may be kept for ever") {
    const auto r = serve_console(get("/assets/app-1a2b.js"), files);
    CHECK(r.status == 200);
    CHECK(field(r, "cache-control") == "public, max-age=31536000, immutable");
    CHECK(field(r, "etag") == "\"a1\"");
    CHECK(!field(r, "content-security-policy").empty());
}

TEST_CASE("A browser that takes gzip gets it, another one the plain bytes") {
    const auto asked = [](std::string accept) {
        return serve_console(get("/assets/app-1a2b.js", {{"accept-encoding", std::move(accept)}}),
                             files);
    };
    for (const auto* yes : {"gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.5", "*", " gzip "}) {
        INFO(yes);
        const auto r = asked(yes);
        CHECK(r.body == "packed script");
        CHECK(field(r, "content-encoding") == "gzip");
        CHECK(field(r, "etag") == "\"a1-gzip\"");
        CHECK(field(r, "vary") == "accept-encoding");
    }
    for (const auto* no : {"", "br", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "gzipped", ",,"}) {
        INFO(no);
        const auto r = asked(no);
        CHECK(r.body == "plain script");
        CHECK(field(r, "content-encoding").empty());
        CHECK(field(r, "vary") == "accept-encoding");
    }
    CHECK(serve_console(get("/assets/dot.png", {{"accept-encoding", "gzip"}}), files).body ==
          "png bytes");
}

TEST_CASE("A file the browser has already is not sent again") {
    const auto asked = [](std::string path, std::string known, std::string accept = "") {
        return serve_console(get(std::move(path), {{"if-none-match", std::move(known)},
                                                   {"accept-encoding", std::move(accept)}}),
                             files);
    };
    for (const auto* known : {"\"c3\"", "W/\"c3\"", "\"x\", \"c3\"", "*"}) {
        INFO(known);
        const auto r = asked("/", known);
        CHECK(r.status == 304);
        CHECK(r.body.empty());
        CHECK(field(r, "etag") == "\"c3\"");
        CHECK(!field(r, "content-security-policy").empty());
    }
    CHECK(asked("/", "\"c4\"").status == 200);
    CHECK(asked("/", "c3").status == 200);
    // The plain and the packed bytes are two representations.
    CHECK(asked("/assets/app-1a2b.js", "\"a1\"", "gzip").status == 200);
    CHECK(asked("/assets/app-1a2b.js", "\"a1-gzip\"", "gzip").status == 304);
}

TEST_CASE("Nothing but the console's own files can be reached") {
    for (const auto* path : {"/../etc/passwd", "/assets/../index.html", "/%2e%2e/%2e%2e/etc/passwd",
                             "//index.html", "/assets/", "/assets", "/index.html/", "/INDEX.HTML",
                             "/index.html%00", "/favicon.ico", "/./index.html", "\\index.html"}) {
        INFO(path);
        const auto r = serve_console(get(path), files);
        CHECK(r.status == 404);
        CHECK(r.content_type == "application/problem+json");
        CHECK(field(r, "cache-control") == "no-store");
        CHECK(!field(r, "content-security-policy").empty());
    }
}

TEST_CASE("The console's files can only be read") {
    auto request = get("/");
    for (const auto* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
        request.method = method;
        const auto r = serve_console(request, files);
        CHECK(r.status == 405);
        CHECK(field(r, "allow") == "GET, HEAD");
    }
    request.method = "HEAD";
    CHECK(serve_console(request, files).status == 200);
}

TEST_CASE("A program without the console says how to build it") {
    const auto r = serve_console(get("/"), {});
    CHECK(r.status == 404);
    CHECK(r.body.find("-DMORTISE_CONSOLE=ON") != std::string::npos);
    CHECK(r.body.find("npm") != std::string::npos);
    CHECK(serve_console(get("/index.html"), {}).status == 404);
}

TEST_CASE("The API, the metrics and the health checks are not the console's") {
    for (const auto* mine : {"/", "/index.html", "/assets/x.js", "/apis", "/metricsx", "/healthy"})
        CHECK(is_console_path(mine));
    for (const auto* other :
         {"/api", "/api/v1/runs", "/metrics", "/health", "/health/live", "*", ""})
        CHECK_FALSE(is_console_path(other));
}

TEST_CASE("The bundle in the program is whole") {
    if (!MORTISE_WITH_CONSOLE) {
        CHECK(built_in_console().empty());
        return;
    }
    const auto* index = find_console_file("/");
    REQUIRE(index != nullptr);
    const std::string page(index->bytes);
    // The policy would refuse these, and the page would stay empty.
    CHECK_FALSE(std::regex_search(
        page, std::regex("<script(?![^>]*\\ssrc=)|<style|\\sstyle=|\\son[a-z]+=")));
    CHECK_FALSE(std::regex_search(page, std::regex("(src|href)=\"(https?:)?//")));
    const std::regex reference("(?:src|href)=\"\\./([^\"]+)\"");
    std::size_t found = 0;
    for (std::sregex_iterator it(page.begin(), page.end(), reference), end; it != end; ++it) {
        INFO((*it)[1].str());
        CHECK(find_console_file("/" + (*it)[1].str()) != nullptr);
        ++found;
    }
    CHECK(found >= 2);
    for (const auto& file : built_in_console()) {
        INFO(file.path);
        CHECK(!file.bytes.empty());
        CHECK(file.etag.size() == 24);
        CHECK(file.forever == file.path.starts_with("/assets/"));
        if (file.gzip.empty()) continue;
        CHECK(file.gzip.size() < file.bytes.size());
        CHECK(inflated(file.gzip) == file.bytes);
    }
}

TEST_CASE("Over a socket, HEAD tells the length and sends no bytes") {
    mortise::test::listener_fixture f(
        [](inbound_request q, responder reply) { reply(serve_console(q, files)); });
    auto client = f.connect();
    client.write("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answer = client.read_all();
    CHECK(answer.starts_with("HTTP/1.1 200"));
    CHECK(answer.find("content-length: 15") != std::string::npos);
    CHECK(answer.ends_with("\r\n\r\n"));
}
