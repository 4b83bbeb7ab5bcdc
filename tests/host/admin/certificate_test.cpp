// SPDX-License-Identifier: Apache-2.0
// The certificates of both listeners over a reload, and near their end.
#include "app/certificates.hpp"
#include "base/digest.hpp"
#include "host_fixture.hpp"
#include "support/net_stream.hpp"
#include "support/test_certificate.hpp"

#include <boost/json.hpp>

#include <ctime>
#include <fstream>
#include <set>
#include <sys/stat.h>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
namespace json = boost::json;

namespace {

constexpr long day = 24 * 3600;
const std::string token = "mrt_for-both-listeners";

std::string tls_lines(const char* section, const test::test_certificate& c) {
    return std::string("[") + section + "]\ncertificate_file = \"" + c.cert_file +
           "\"\nkey_file = \"" + c.key_file + "\"\n";
}

// Both listeners speak TLS, with a certificate each, renewed in its place.
struct tls_pair {
    test::temp_dir files;
    host_fixture f;

    explicit tls_pair(test::certificate_days days = {-3600, 90 * day}) {
        const test::test_certificate hooks(files, "hooks-", days), admin(files, "admin-", days);
        f.setup.http = tls_lines("host.http.tls", hooks);
        f.setup.admin = tls_lines("admin.tls", admin) + "[admin.tokens.ops]\nrole = \"admin\"\n" +
                        "hash = \"sha256:" + sha256_hex(token) + "\"\n";
        f.start();
    }
    std::string file(const char* name) const { return (files.path() / name).string(); }
    unsigned short port(bool admin) const { return admin ? f.it->admin_port() : f.it->http_port(); }
    // Whether who trusts this certificate alone gets through.
    bool shows(bool admin, const std::string& cert_file) const {
        try {
            auto c = test::net_stream::connect_tls(port(admin), cert_file);
            return health(c);
        } catch (const std::exception&) {
            return false;
        }
    }
    static bool health(test::net_stream& c) {
        return c.write("GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n") &&
               c.read_message().starts_with("HTTP/1.1 200");
    }
    std::string get(const std::string& path) const {
        auto c = test::net_stream::connect_tls(port(true), file("admin-cert.pem"));
        c.write("GET " + path + " HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n" +
                "authorization: Bearer " + token + "\r\n\r\n");
        const auto all = c.read_all();
        return all.substr(all.find("\r\n\r\n") + 4);
    }
    std::set<std::string> informs() const {
        std::set<std::string> out;
        const auto health = json::parse(get("/health/ready"));
        for (const auto& i : health.at("informs").as_array())
            out.insert(std::string(i.at("code").as_string()));
        return out;
    }
};

std::string refused(host_fixture& f) {
    const auto done = f.it->reload();
    REQUIRE_FALSE(done);
    CHECK(done.error().code == "config.invalid");
    const auto problems = json::parse(done.error().details).at("problems").as_array();
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].at("line").to_number<int>() > 0);
    CHECK(problems[0].at("file").as_string().ends_with("mortise.toml"));
    CHECK_FALSE(problems[0].at("hint").as_string().empty());
    return std::string(problems[0].at("message").as_string());
}

} // namespace

TEST_CASE("a reload takes up a renewed certificate, and kept connections go on",
          "[certificates][reload]") {
    tls_pair p;
    for (const bool admin : {false, true}) {
        INFO(admin);
        const std::string name = admin ? "admin-" : "hooks-";
        const auto old = (p.files.path() / ("old-" + name)).string();
        std::filesystem::copy_file(p.file((name + "cert.pem").c_str()), old);
        auto kept = test::net_stream::connect_tls(p.port(admin), old);
        CHECK(tls_pair::health(kept));
        const test::test_certificate renewed(p.files, name, {-3600, 90 * day});
        CHECK_FALSE(p.shows(admin, renewed.cert_file)); // not before the reload
        const auto done = p.f.it->reload();
        REQUIRE(done);
        CHECK(done->restart_needed.empty());
        CHECK(done->warnings.empty());
        CHECK(p.shows(admin, renewed.cert_file));
        CHECK_FALSE(p.shows(admin, old));
        CHECK(tls_pair::health(kept));
    }
}

TEST_CASE("a certificate from another file counts with the reload, TLS or none with a start",
          "[certificates][reload]") {
    tls_pair p;
    const test::test_certificate other(p.files, "other-", {-3600, 90 * day});
    p.f.setup.http = tls_lines("host.http.tls", other);
    p.f.write_config();
    auto done = p.f.it->reload();
    REQUIRE(done);
    CHECK(done->restart_needed.empty());
    CHECK(p.shows(false, other.cert_file));
    p.f.setup.http.clear();
    p.f.write_config();
    done = p.f.it->reload();
    REQUIRE(done);
    CHECK(done->restart_needed == std::vector<std::string>{"host.http.tls"});
    CHECK(p.shows(false, other.cert_file));
}

TEST_CASE("a certificate that would not do refuses the reload as a whole",
          "[certificates][reload]") {
    tls_pair p;
    const auto before = p.f.it->config_in_use()->revision;
    const auto old = (p.files.path() / "old").string();
    std::filesystem::copy_file(p.file("admin-cert.pem"), old);
    p.f.setup.connection = "label = \"new\"";
    p.f.write_config();
    std::string said;
    SECTION("the key is another's") {
        const test::test_certificate other(p.files, "other-");
        std::filesystem::copy_file(other.key_file, p.file("admin-key.pem"),
                                   std::filesystem::copy_options::overwrite_existing);
        said = refused(p.f);
        CHECK(said.find("admin-key.pem") != std::string::npos);
        CHECK(said.find("[admin.tls]") != std::string::npos);
    }
    SECTION("it has expired") {
        const test::test_certificate late(p.files, "admin-", {-90 * day, -day});
        said = refused(p.f);
        CHECK(said.find("expired on 20") != std::string::npos);
    }
    SECTION("it is not valid yet") {
        const test::test_certificate early(p.files, "admin-", {day, 90 * day});
        said = refused(p.f);
        CHECK(said.find("not valid before") != std::string::npos);
    }
    SECTION("half of it is written") {
        std::ofstream(p.file("admin-cert.pem"), std::ios::trunc) << "-----BEGIN CERTIFICATE-----\n";
        said = refused(p.f);
    }
    SECTION("it is gone") {
        std::filesystem::remove(p.file("admin-cert.pem"));
        const auto done = p.f.it->reload();
        REQUIRE_FALSE(done);
        said = done.error().message;
        CHECK(said.find("does not exist") != std::string::npos);
    }
    CHECK(said.find("admin-") != std::string::npos);
    CHECK(p.f.it->config_in_use()->revision == before);
    CHECK(p.shows(true, old));
    CHECK(p.shows(false, p.file("hooks-cert.pem")));
}

TEST_CASE("the end of a certificate is a metric, and spoken of two weeks before",
          "[certificates]") {
    tls_pair p({-80 * day, 10 * day});
    const auto metrics = p.get("/metrics");
    for (const std::string listener : {"admin", "webhook"}) {
        const auto line =
            "mortise_tls_certificate_expiry_timestamp_seconds{listener=\"" + listener + "\"} ";
        const auto at = metrics.find(line);
        REQUIRE(at != std::string::npos);
        const auto end = std::stod(metrics.substr(at + line.size()));
        const auto wanted = static_cast<double>(std::time(nullptr) + 10 * day);
        CHECK(end > wanted - 300);
        CHECK(end <= wanted);
    }
    CHECK(p.informs() == std::set<std::string>{"certificate-expiring"});
    // The reload says so too, with the line.
    auto done = p.f.it->reload();
    REQUIRE(done);
    REQUIRE(done->warnings.size() == 2);
    for (const auto& w : done->warnings) {
        CHECK(w.warning);
        CHECK(w.place.line > 0);
        CHECK(w.message.find("expires on") != std::string::npos);
    }
    const test::test_certificate hooks(p.files, "hooks-", {-day, 20 * day});
    REQUIRE(p.f.it->reload());
    CHECK(p.informs() == std::set<std::string>{"certificate-expiring"}); // the other's
    const test::test_certificate admin(p.files, "admin-", {-day, 20 * day});
    done = p.f.it->reload();
    REQUIRE(done);
    CHECK(done->warnings.empty());
    CHECK(p.informs().empty());
}

TEST_CASE("a host whose certificate has expired starts, says so, and can be reloaded",
          "[certificates]") {
    tls_pair p({-80 * day, -10});
    CHECK_FALSE(p.shows(true, p.file("admin-cert.pem"))); // no client takes it
    p.f.setup.connection = "label = \"new\"";
    p.f.write_config();
    const auto done = p.f.it->reload(); // it is no worse than before
    REQUIRE(done);
    REQUIRE(done->warnings.size() == 2);
    CHECK(done->warnings[0].message.find("expired on") != std::string::npos);
    CHECK(done->connections.changed == std::vector<std::string>{"target"});
    // Another one that has expired is no renewal.
    const test::test_certificate again(p.files, "admin-", {-80 * day, -5});
    CHECK(refused(p.f).find("expired on") != std::string::npos);
}

TEST_CASE("health tells a certificate that has ended from one that will", "[certificates]") {
    const test::temp_dir files;
    const test::test_certificate cert(files, {}, {-day, 30 * day});
    certificates shown;
    shown.admin = tls_identity::load(cert.cert_file, cert.key_file).value();
    const auto end = shown.admin->valid_until();
    const auto at = [&shown](std::int64_t now) {
        std::vector<health::finding> found;
        find_ending(shown, now, found);
        std::string out;
        for (const auto& f : found) {
            CHECK_FALSE(f.keeps_from_ready);
            CHECK(f.message.find("admin listener") != std::string::npos);
            CHECK(f.message.find(" UTC") != std::string::npos);
            out += f.code;
        }
        return out;
    };
    CHECK(at(end - 15 * day).empty());
    CHECK(at(end - 14 * day).empty());
    CHECK(at(end - 14 * day + 1) == "certificate-expiring");
    CHECK(at(end - 1) == "certificate-expiring");
    CHECK(at(end) == "certificate-expired");
    shown = {};
    CHECK(at(end).empty());
}
