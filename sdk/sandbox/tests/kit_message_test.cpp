// SPDX-License-Identifier: Apache-2.0
#include "kit/message.hpp"
#include "kit/paging.hpp"
#include "kit/router.hpp"
#include "kit/test_client.hpp"
#include "support/catch.hpp"

#include <boost/json/object.hpp>

using namespace mortise::sandbox;

TEST_CASE("a request separates path, query and encoded segments", "[sandbox][kit]") {
    const request r = make_request("GET", "/a%2Fb/c%20d/?x=1&x=2&name=a+b%26c&flag");
    CHECK(r.segments == std::vector<std::string>{"a/b", "c d"});
    CHECK(r.query_values("x") == std::vector<std::string>{"1", "2"});
    CHECK(r.query_value("name") == "a b&c");
    CHECK(r.has_query("flag"));
    CHECK(r.query_int("x", 9) == 1);
    CHECK(r.query_int("absent", 9) == 9);
    CHECK_THROWS_WITH(r.query_int("name", 1), Catch::Contains("name must be a whole number"));
}

TEST_CASE("a body that is not JSON is refused with the reason", "[sandbox][kit]") {
    const request broken = make_request("POST", "/", {}, "{\"a\":");
    CHECK_THROWS_WITH(broken.json(), Catch::Contains("not JSON"));
    const request list = make_request("POST", "/", {}, "[1]");
    CHECK_THROWS_AS(list.json_object(), http_error);
    CHECK(make_request("POST", "/").json().is_null());
}

TEST_CASE("multipart fields keep their order, repeats and binary content", "[sandbox][kit]") {
    const std::string binary("\r\n--\0x\r\n", 8);
    form_field file{"file", "a \"b\".bin", "application/octet-stream", blob(binary)};
    file.filename = "ab.bin";
    const auto [type, body] = make_multipart({{"tag", {}, {}, blob(std::string("one"))},
                                              {"tag", {}, {}, blob(std::string("two"))},
                                              {"empty", {}, {}, {}},
                                              file});
    const request r = make_request("POST", "/", {{"content-type", type}}, body);
    const auto form = r.form();
    REQUIRE(form.size() == 4);
    CHECK(form[0].text() == "one");
    CHECK(form[1].text() == "two");
    CHECK(form[2].text().empty());
    CHECK(form[3].is_file());
    CHECK(form[3].filename == "ab.bin");
    CHECK(form[3].content_type == "application/octet-stream");
    CHECK(form[3].text() == binary);
    CHECK(find_field(form, "nothing") == nullptr);
}

TEST_CASE("a broken multipart body is refused", "[sandbox][kit]") {
    const std::string body = GENERATE(as<std::string>{}, "", "--b", "--b\r\n\r\nno end",
                                      "--b\r\nContent-Disposition: form-data; name=\"a\"");
    CAPTURE(body);
    const request r =
        make_request("POST", "/", {{"Content-Type", "multipart/form-data; boundary=b"}}, body);
    CHECK_THROWS_AS(r.form(), http_error);
}

TEST_CASE("urlencoded fields are decoded and repeated ones kept", "[sandbox][kit]") {
    const request r =
        make_request("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}},
                     "a=1&a=%C3%A4+b&empty=");
    const auto form = r.form();
    REQUIRE(form.size() == 3);
    CHECK(form[1].text() == "\xC3\xA4 b");
    CHECK(form[2].name == "empty");
}

TEST_CASE("content is served in ranges", "[sandbox][kit]") {
    const blob content(std::string("0123456789"));
    const auto ask = [&](const std::string& range) {
        return reply::file(make_request("GET", "/", {{"Range", range}}), content, "text/plain");
    };
    CHECK(ask("bytes=2-4").content.text() == "234");
    CHECK(ask("bytes=2-4").status == 206);
    CHECK(*find_header(ask("bytes=7-").headers, "content-range") == "bytes 7-9/10");
    CHECK(ask("bytes=-3").content.text() == "789");
    CHECK(ask("bytes=5-100").content.text() == "56789");
    CHECK(ask("bytes=10-").status == 416);
    CHECK(ask("bytes=4-2").status == 200);
    CHECK(ask("lines=1-2").status == 200);
}

TEST_CASE("a route matches with and without a trailing slash, literals first", "[sandbox][kit]") {
    router routes;
    const auto say = [](const std::string& word) {
        return [word](const request& r) {
            return reply::text(200,
                               word + (r.params.empty() ? "" : ":" + r.params.begin()->second));
        };
    };
    routes.route("GET", "/items/{id}", say("one"));
    routes.route("GET", "/items/special", say("special"));
    routes.route("DELETE", "/items/{id}", say("delete"));
    routes.route("GET", "/files/{rest*}", say("rest"), "file");
    routes.alias("/old/items", "/items");
    const auto ask = [&](const std::string& method, const std::string& path) {
        request r = make_request(method, path);
        const auto found = routes.find(r);
        return found.run ? (*found.run)(r).content.text() : "none " + found.allow;
    };
    CHECK(ask("GET", "/items/7") == "one:7");
    CHECK(ask("GET", "/items/7/") == "one:7");
    CHECK(ask("HEAD", "/items/7") == "one:7");
    CHECK(ask("GET", "/items/special/") == "special");
    CHECK(ask("DELETE", "/items/special") == "delete:special");
    CHECK(ask("GET", "/files/a/b/c.txt") == "rest:a/b/c.txt");
    CHECK(ask("GET", "/old/items/9/") == "one:9");
    CHECK(ask("PUT", "/items/7") == "none GET, DELETE, HEAD");
    CHECK(ask("GET", "/nothing") == "none ");
}

TEST_CASE("pages are cut and bad page numbers refused", "[sandbox][kit]") {
    const auto page = [](const std::string& query) {
        return read_page(make_request("GET", "/?" + query), "page", "per_page", 10, 1000);
    };
    const page_slice last = slice_page(page("page=3&per_page=4"), 10);
    CHECK(last.pages == 3);
    CHECK(last.begin == 8);
    CHECK(last.end == 10);
    CHECK_FALSE(last.has_next());
    CHECK(slice_page(page("page=4&per_page=4"), 10).past_the_end);
    CHECK_FALSE(slice_page(page(""), 0).past_the_end);
    CHECK_THROWS_AS(page("page=0"), http_error);
    CHECK_THROWS_AS(page("per_page=1001"), http_error);
    CHECK_THROWS_AS(page("page=x"), http_error);
}

TEST_CASE("content from memory and file reads as one", "[sandbox][kit]") {
    auto file = std::make_shared<temp_file>();
    file->append("from a file");
    blob both(std::string("memory, "));
    both.append(blob(std::shared_ptr<const temp_file>(file)));
    both.append(both.slice(0, 3));
    CHECK(both.text() == "memory, from a filemem");
    CHECK(both.slice(4, 9).text() == "ry, from ");
    CHECK(both.find("file") == 15);
    CHECK(both.find("absent") == blob::npos);
    CHECK(both.read(100, 5).empty());
    CHECK(md5_hex(blob(std::string("abc"))) == "900150983cd24fb0d6963f7d28e17f72");
    CHECK(sha1_hex(blob(std::string("abc"))) == "a9993e364706816aba3e25717850c26c9cd0d89d");
}
