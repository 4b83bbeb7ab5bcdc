// SPDX-License-Identifier: Apache-2.0
#include "client_fixture.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"
#include "support/test_certificate.hpp"

using namespace mortise::host;
using namespace mortise::test;

namespace {

struct tls_server {
    temp_dir dir;
    test_certificate cert{dir};
    scripted_server server{answering([](const std::string&) { return http_answer(200, "sealed"); }),
                           cert.cert_file, cert.key_file};
};

} // namespace

TEST_CASE("a server whose authority is named is trusted", "[http][client][tls][net]") {
    tls_server s;
    client_fixture f;
    const auto lane = f.lane({.ca_file = s.cert.cert_file});
    for (int i = 0; i < 3; ++i) {
        const auto r = f.call(lane, request("GET", s.server.url("/")));
        REQUIRE(r);
        CHECK(r->body == "sealed");
    }
    CHECK(s.server.connections() == 1);
}

TEST_CASE("a server nobody vouches for is refused before anything is sent",
          "[http][client][tls][net]") {
    tls_server s;
    client_fixture f;
    const auto r = f.call(f.lane(), request("POST", s.server.url("/?token=hunter2"), "x"));
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::config);
    CHECK(r.error().code == "http.tls.untrusted");
    CHECK(r.error().effect == effect::none);
    CHECK(r.error().message.find("ca_file") != std::string::npos);
    CHECK(r.error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("a certificate for another name is refused", "[http][client][tls][net]") {
    tls_server s;
    client_fixture f;
    // A tunnel leads any name to the same server.
    scripted_server tunnel([&s, &tunnel](scripted_server::peer& p) {
        tunnel.note(p.stream.read_message(true));
        p.stream.write("HTTP/1.1 200 OK\r\n\r\n");
        p.stream.accept_tls(s.cert.cert_file, s.cert.key_file);
    });
    const auto through = f.lane({.egress = {"127.0.0.2:443"},
                                 .proxy = "http://" + tunnel.host_port(),
                                 .ca_file = s.cert.cert_file});
    const auto r = f.call(through, request("GET", "https://127.0.0.2/"));
    REQUIRE_FALSE(r);
    CHECK(r.error().code == "http.tls.untrusted");
    CHECK(r.error().effect == effect::none);
    REQUIRE(tunnel.noted().size() == 1);
    CHECK(tunnel.noted()[0].starts_with("CONNECT 127.0.0.2:443 "));
}

TEST_CASE("verification can be turned off for one lane only", "[http][client][tls][net]") {
    tls_server s;
    client_fixture f;
    const auto lax = f.lane({.verify_tls = false});
    CHECK(f.call(lax, request("GET", s.server.url("/"))));
    CHECK_FALSE(f.call(f.lane(), request("GET", s.server.url("/"))));
}

TEST_CASE("a redirect from https to http is refused", "[http][client][tls][redirect][net]") {
    const temp_dir dir;
    const test_certificate cert(dir);
    scripted_server plain(answering([](const std::string&) { return http_answer(200, ""); }));
    scripted_server sealed(answering([&](const std::string&) {
                               return http_answer(302, "", "location: " + plain.url("/") + "\r\n");
                           }),
                           cert.cert_file, cert.key_file);
    client_fixture f;
    const auto r = f.call(f.lane({.ca_file = cert.cert_file}), request("GET", sealed.url("/")));
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::denied);
    CHECK(r.error().code == "http.redirect.downgrade");
    CHECK(plain.connections() == 0);
}

TEST_CASE("a proxy is used when named and never taken from the environment",
          "[http][client][proxy][net]") {
    scripted_server proxy([&proxy](scripted_server::peer& p) {
        proxy.note(p.stream.read_message());
        p.stream.write(http_answer(200, "by proxy"));
    });
    scripted_server direct(
        answering([](const std::string&) { return http_answer(200, "direct"); }));
    client_fixture f;
    ::setenv("http_proxy", ("http://" + proxy.host_port()).c_str(), 1);
    const auto without = f.call(f.lane(), request("GET", direct.url("/")));
    ::unsetenv("http_proxy");
    REQUIRE(without);
    CHECK(without->body == "direct");
    const auto lane =
        f.lane({.egress = {"api.example.com:80"}, .proxy = "http://" + proxy.host_port()});
    const auto r = f.call(lane, request("GET", "http://api.example.com/x"));
    REQUIRE(r);
    CHECK(r->body == "by proxy");
    CHECK(proxy.noted()[0].starts_with("GET http://api.example.com/x HTTP/1.1\r\n"));
}
