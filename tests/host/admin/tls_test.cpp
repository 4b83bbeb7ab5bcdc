// SPDX-License-Identifier: Apache-2.0
// The admin listener over TLS, and where it may listen at all.
#include "../http/client_fixture.hpp"
#include "base/digest.hpp"
#include "host_fixture.hpp"
#include "support/test_certificate.hpp"

#include <boost/json.hpp>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

const std::string token = "mrt_over-the-network";

struct tls_host {
    test::temp_dir certificates;
    test::test_certificate cert{certificates};
    host_fixture f;
    client_fixture client;

    explicit tls_host(const std::string& address) {
        f.setup.admin =
            "address = \"" + address + "\"\n[admin.tls]\ncertificate_file = \"" + cert.cert_file +
            "\"\nkey_file = \"" + cert.key_file +
            "\"\n[admin.tokens.ops]\nrole = \"operator\"\nhash = \"sha256:" + sha256_hex(token) +
            "\"\n";
        f.start();
    }
    result<http_response> ask(const std::string& method,
                              const std::string& path,
                              const std::string& with,
                              const std::string& body = {}) {
        const auto at = "127.0.0.1:" + std::to_string(f.it->admin_port());
        http_request r;
        r.method = method;
        r.url = "https://" + at + path;
        r.body = body;
        if (!with.empty()) r.headers = {{"Authorization", "Bearer " + with}};
        return client.call(client.lane({.egress = {at}, .ca_file = cert.cert_file}), std::move(r));
    }
};

std::string refusal(const std::string& admin_lines) {
    host_fixture f;
    f.setup.admin = admin_lines;
    f.write_config();
    host_options o;
    o.config = f.dir.path() / "mortise.toml";
    o.quiet = true;
    class host h(std::move(o));
    const auto started = h.start();
    REQUIRE_FALSE(started);
    return started.error().message;
}

} // namespace

TEST_CASE("beyond loopback the admin listener speaks TLS and takes named tokens",
          "[admin][tls][net]") {
    tls_host s("0.0.0.0");
    const auto address = test::read_file(s.f.dir.path() / "state" / "admin-address");
    CHECK(address == "https://127.0.0.1:" + std::to_string(s.f.it->admin_port()) + '\n');
    const auto runs = s.ask("GET", "/api/v1/runs", token);
    REQUIRE(runs);
    CHECK(runs->status == 200);
    CHECK(s.ask("GET", "/api/v1/runs", s.f.local_token())->status == 200);
    CHECK(s.ask("GET", "/api/v1/runs", "mrt_wrong")->status == 401);
    CHECK(s.ask("GET", "/api/v1/runs", {})->status == 401);
    CHECK(s.ask("GET", "/health/live", {})->status == 200);

    const auto signed_in = s.ask("POST", "/api/v1/session", {}, R"({"token":")" + token + "\"}");
    REQUIRE(signed_in);
    CHECK(signed_in->status == 200);
    const auto* cookie = find_header(signed_in->headers, "set-cookie");
    REQUIRE(cookie != nullptr);
    CHECK(cookie->ends_with("; Secure"));
    const auto code = s.ask("POST", "/api/v1/session/codes", token);
    REQUIRE(code);
    CHECK(boost::json::parse(code->body).at("url").as_string().starts_with("https://127.0.0.1:"));
}

TEST_CASE("plain HTTP is not answered where TLS is spoken", "[admin][tls][net]") {
    tls_host s("127.0.0.1");
    CHECK(test::http_call(s.f.it->admin_port(), "GET", "/health/live").status == 0);
}

TEST_CASE("an address that others can reach is refused without TLS and a token, with the line",
          "[admin][tls]") {
    const auto bare = refusal("address = \"0.0.0.0\"\n");
    CHECK(bare.find("mortise.toml:10:11") != std::string::npos);
    CHECK(bare.find("[admin.tls]") != std::string::npos);
    CHECK(bare.find("[admin.tokens.NAME]") != std::string::npos);
    CHECK(bare.find("127.0.0.1") != std::string::npos);
    const auto no_tls = refusal("address = \"0.0.0.0\"\n[admin.tokens.a]\nrole = \"viewer\"\nhash "
                                "= \"sha256:" +
                                std::string(64, 'a') + "\"\n");
    CHECK(no_tls.find("needs TLS ([admin.tls]);") != std::string::npos);
}
