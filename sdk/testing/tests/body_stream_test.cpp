// SPDX-License-Identifier: Apache-2.0
// A connector that sends content as bodies, parts and forms, and gives what it downloads.
#include "support/catch.hpp"

#include <mortise/sdk.hpp>
#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;
using namespace std::chrono_literals;

namespace {

class files {
public:
    explicit files(instance&) {}
    static void describe(connector_builder<files>& b) {
        b.id("files").version("1.0.0").title("Files").needs({service::http, service::content});
        b.operation("put", &files::put).unsafe();
        b.operation("parts", &files::parts).unsafe();
        b.operation("form", &files::form).unsafe();
        b.operation("again", &files::again).unsafe();
        b.operation("get", &files::get).reads();
    }
    task<json::value> put(call_context& c, json::object) {
        auto request = http_request::put("https://files.example/whole");
        request.content = std::move(c.content());
        auto r = co_await c.http().send(std::move(request));
        r.require_ok("files.file");
        co_return json::value(r.status);
    }
    task<json::value> parts(call_context& c, json::object in) {
        const auto size = static_cast<std::uint64_t>(in.at("part").as_int64());
        auto left = *c.content().info().length;
        for (int n = 1; left > 0; ++n) {
            const auto bytes = std::min(size, left);
            auto request = http_request::put("https://files.example/part/" + std::to_string(n));
            auto r =
                co_await send_content(c, std::move(request), c.content(), content_piece(bytes));
            r.require_ok("files.part");
            left -= bytes;
        }
        co_return nullptr;
    }
    task<json::value> form(call_context& c, json::object in) {
        content_form form(c.idempotency_key());
        form.add("type", "144").file("file", in.at("name").as_string(), "video/mp4");
        auto request = http_request::post("https://files.example/nodes");
        request.header("Content-Type", form.media_type());
        auto r = co_await send_content(c, std::move(request), c.content(), form.piece());
        r.require_ok("files.node");
        co_return r.json();
    }
    // As after a refused login: the same once more, from the beginning.
    task<json::value> again(call_context& c, json::object) {
        for (int n = 0;; ++n) {
            auto request = http_request::put("https://files.example/login");
            auto r = co_await send_content(c, std::move(request), c.content());
            if (r.status != 401 || n > 0) co_return json::value(r.status);
            co_await c.content().seek(0);
        }
    }
    task<json::value> get(call_context& c, json::object) {
        auto request = http_request::get("https://files.example/7");
        request.stream_response = true;
        auto r = co_await c.http().send(std::move(request));
        r.require_ok("files.file");
        c.answer_content(std::move(r.content));
        co_return json::value{{"name", "seven.txt"}};
    }
};

struct bench {
    explicit bench(std::uint64_t seed = 0) : host(seed) {}
    fake_host host;
    connector_harness it = host.create_connector(connector<files>());
    call_outcome call(std::string op, std::string bytes, json::value in = json::object()) {
        call_options with;
        with.content = host.make_content(std::move(bytes), "video/mp4");
        return it.call(op, in, with);
    }
    std::string body(std::size_t n) { return host.http().requests().at(n).body; }
    void finish() {
        it.destroy();
        CHECK(host.violations().empty());
        for (const auto& v : host.violations())
            UNSCOPED_INFO(v);
    }
};

std::string text_of(std::size_t n) {
    std::string out;
    for (std::size_t i = 0; out.size() < n; ++i)
        out += std::to_string(i) + ',';
    out.resize(n);
    return out;
}

} // namespace

TEST_CASE("content is sent as the body of a request", "[sdk][content]") {
    bench b(GENERATE(0, 1, 7));
    const auto text = text_of(700'000);
    b.host.http().expect("PUT", "https://files.example/whole").reply(201);
    CHECK(b.call("put", text).value() == json::value(201));
    CHECK(b.body(0) == text);
    b.finish();
}

TEST_CASE("content is sent in parts, each with its own request", "[sdk][content]") {
    bench b(GENERATE(0, 3));
    const auto text = text_of(1'000'000);
    b.host.http().expect("PUT", "https://files.example/part/*").reply(200).always();
    b.call("parts", text, {{"part", 300'000}}).value();
    REQUIRE(b.host.http().requests().size() == 4);
    CHECK(b.body(0) + b.body(1) + b.body(2) + b.body(3) == text);
    CHECK(b.body(3).size() == 100'000);
    b.finish();
}

TEST_CASE("a form carries its fields, the file and nothing else", "[sdk][content]") {
    bench b;
    b.host.http().expect("POST", "https://files.example/nodes").reply_json(201, {{"id", 9}});
    const auto out = b.call("form", "bytes\r\n--of it", {{"name", "a \"b\" \xC3\xA4.mp4"}});
    CHECK(out.value().at("id") == 9);
    const auto& r = b.host.http().requests().at(0);
    const std::string type(r.header("content-type"));
    const auto boundary = type.substr(type.find('=') + 1);
    CHECK(r.body == "--" + boundary +
                        "\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\n144\r\n--" +
                        boundary +
                        "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b%22 "
                        "\xC3\xA4.mp4\"\r\nContent-Type: video/mp4\r\n\r\nbytes\r\n--of it\r\n--" +
                        boundary + "--\r\n");
    b.finish();
}

TEST_CASE("a content that can be read again is sent again", "[sdk][content]") {
    bench b;
    const auto text = text_of(300'000);
    b.host.http().expect("PUT", "https://files.example/login").reply(401);
    b.host.http().expect("PUT", "https://files.example/login").reply(200);
    CHECK(b.call("again", text).value() == json::value(200));
    CHECK(b.body(0) == text);
    CHECK(b.body(1) == text);
    b.finish();
}

TEST_CASE("a failed exchange ends the sending of its body", "[sdk][content]") {
    bench b;
    SECTION("refused by the system") {
        b.host.http().expect("PUT", "https://files.example/part/1").reply(507);
        CHECK(b.call("parts", text_of(400'000), {{"part", 400'000}}).failure->http_status == 507);
    }
    SECTION("no answer") {
        b.host.http()
            .expect("PUT", "https://files.example/part/1")
            .fail(error(category::unavailable, "http.connection.lost", "lost"));
        CHECK(b.call("parts", text_of(400'000), {{"part", 400'000}}).failure->code ==
              "http.connection.lost");
    }
    b.finish();
}

TEST_CASE("a call that is cancelled while it sends gives everything back", "[sdk][content]") {
    bench b;
    b.host.http().expect("PUT", "https://files.example/part/1").never();
    call_options with;
    with.content = b.host.make_content(text_of(900'000), "");
    auto open = b.it.start("parts", {{"part", 900'000}}, with);
    CHECK_FALSE(open.done());
    open.cancel();
    REQUIRE(open.done());
    CHECK(open.outcome().failure->category == category::cancelled);
    b.finish();
}

TEST_CASE("a download is given on as content", "[sdk][content]") {
    bench b;
    b.host.http().expect("GET", "https://files.example/7").reply(200, {}, "seven");
    const auto out = b.it.call("get");
    CHECK(out.value().at("name") == "seven.txt");
    CHECK(b.host.take_content(out.content) == "seven");
    b.finish();
}
