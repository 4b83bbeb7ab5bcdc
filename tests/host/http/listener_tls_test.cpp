// SPDX-License-Identifier: Apache-2.0
// A listener's certificate, and another one while it runs.
#include "http/tls_identity.hpp"
#include "listener_fixture.hpp"
#include "support/catch.hpp"
#include "support/test_certificate.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>

using namespace mortise::test;

namespace {

std::string why_not(const std::string& certificate, const std::string& key) {
    const auto loaded = tls_identity::load(certificate, key);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().category == category::config);
    CHECK(loaded.error().code == "tls.certificate");
    return loaded.error().message;
}

} // namespace

TEST_CASE("a certificate says how long it holds", "[http][tls]") {
    const temp_dir dir;
    const test_certificate cert(dir, "a-", {-100, 1000});
    const auto now = std::time(nullptr);
    const auto it = tls_identity::load(cert.cert_file, cert.key_file).value();
    CHECK(it->valid_from() <= now - 100);
    CHECK(it->valid_from() > now - 160);
    CHECK(it->valid_until() <= now + 1000);
    CHECK(it->valid_until() > now + 940);
    CHECK(it->fingerprint().size() == 64);
    CHECK(it->certificate_file() == cert.cert_file);
    const test_certificate other(dir, "b-");
    CHECK(tls_identity::load(other.cert_file, other.key_file).value()->fingerprint() !=
          it->fingerprint());
    CHECK(utc_minute(0) == "1970-01-01 00:00 UTC");
    CHECK(utc_minute(1'798'761'599) == "2026-12-31 23:59 UTC");
}

TEST_CASE("of a chain the certificate that ends first counts", "[http][tls]") {
    const temp_dir dir;
    const test_certificate leaf(dir, "leaf-", {-100, 90'000}), above(dir, "ca-", {-50, 500});
    std::ofstream(leaf.cert_file, std::ios::app) << std::ifstream(above.cert_file).rdbuf();
    const auto it = tls_identity::load(leaf.cert_file, leaf.key_file).value();
    CHECK(it->valid_until() <= std::time(nullptr) + 500);
    CHECK(it->valid_from() > std::time(nullptr) - 100);
}

TEST_CASE("what is no certificate, or not its key, is refused with the file", "[http][tls]") {
    const temp_dir dir;
    const test_certificate cert(dir), other(dir, "other-");
    CHECK(contains(why_not("/nonexistent.pem", cert.key_file), "/nonexistent.pem"));
    CHECK(contains(why_not(cert.key_file, cert.key_file), "certificate_file"));
    const auto unlike = why_not(cert.cert_file, other.key_file);
    CHECK(contains(unlike, other.key_file));
    CHECK(contains(unlike, "mismatch"));
    CHECK(contains(why_not(cert.cert_file, {}), "together"));
    // Nobody is asked for a passphrase.
    const auto locked = (dir.path() / "locked.pem").string();
    std::ofstream(locked) << "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                             "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                             "AAAAAAAAAAAAAAAAAAAAAA==\n-----END RSA PRIVATE KEY-----\n";
    CHECK(contains(why_not(cert.cert_file, locked), "locked.pem"));
}

TEST_CASE("another certificate is for new connections, and those open go on",
          "[http][listener][tls][net]") {
    const temp_dir dir;
    const test_certificate first(dir, "first-"), second(dir, "second-");
    listener_fixture f(echo, {.tls_cert_file = first.cert_file, .tls_key_file = first.key_file});
    const auto before = f.listener->identity();
    REQUIRE(before);
    auto kept = net_stream::connect_tls(f.listener->port(), first.cert_file);
    kept.write(get("/a"));
    CHECK(contains(kept.read_message(), "GET /a"));
    CHECK_THROWS(net_stream::connect_tls(f.listener->port(), second.cert_file));

    f.listener->use(tls_identity::load(second.cert_file, second.key_file).value());
    CHECK(f.listener->identity()->fingerprint() != before->fingerprint());
    auto fresh = net_stream::connect_tls(f.listener->port(), second.cert_file);
    fresh.write(get("/b"));
    CHECK(contains(fresh.read_message(), "GET /b"));
    CHECK_THROWS(net_stream::connect_tls(f.listener->port(), first.cert_file));
    kept.write(get("/c"));
    CHECK(contains(kept.read_message(), "GET /c"));
}

TEST_CASE("a listener without TLS stays without", "[http][listener][tls][net]") {
    const temp_dir dir;
    const test_certificate cert(dir);
    listener_fixture f;
    CHECK(f.listener->identity() == nullptr);
    f.listener->use(tls_identity::load(cert.cert_file, cert.key_file).value());
    CHECK(f.listener->identity() == nullptr);
    CHECK(f.is_well());
}
