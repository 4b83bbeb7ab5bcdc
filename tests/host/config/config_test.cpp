// SPDX-License-Identifier: Apache-2.0
#include "catalog_fixture.hpp"
#include "config/config.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <sys/stat.h>

using namespace mortise::host;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr std::string_view whole = R"(
[host]
state_dir = "var"
threads = 2
[host.http]
port = 0
max_body = "1MiB"
[host.log]
format = "json"
level = "debug"

[plugins]
paths = ["plugins", "/opt/more"]
pin = { dam = "1.2.0" }

[journal]
keep_count = 20
keep_event_ids = "60d"

[admin]
names = ["Mortise.Example.com"]
[admin.tokens.night-shift]
role = "operator"
hash = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
expires = "2027-01-01"
[admin.tokens.watch]
role = "viewer"
hash = "sha256:0f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

[connections.dam-prod]
connector = "dam"
base_url = "https://DAM.example.com/api"
upload_url = "http://up.example.com:8080"
auth_token = { file = "token" }
webhook = { secret = { credential = "hook" } }
limits = { requests_per_second = 5.5, burst = 10, timeout = "5s" }
grant = { http = ["cdn.example.com:443"], state = false }
retry = { max_attempts = 4, first_delay = "500ms" }
[connections.dam-prod.triggers.changes]
poll_interval = "2m"

[connections.archive]
connector = "ecm"
url = "https://ecm.example.com"

[flows.copy]
flow = "copy-assets"
version = "1.1.0"
connections = { source = "dam-prod", target = "archive" }
when = '.data.status == "APPROVED"'
key = ".subject"
deadline = "2h"
keep_runs = "7d"
keep_count = 500
settings = { retries = 3, fields = "fields" }

[mappings.fields]
title = "$.metadata.title"
)";

load_result load(const mortise::test::temp_dir& dir, std::string_view text) {
    return load_configuration(dir.write("mortise.toml", text), fixture_catalog());
}

std::string problems_of(std::string_view text) {
    const mortise::test::temp_dir dir;
    std::string all = problems_to_text(load(dir, text).problems);
    const std::string folder = dir.path().string() + '/';
    for (std::size_t at; (at = all.find(folder)) != std::string::npos;)
        all.erase(at, folder.size());
    return all;
}

} // namespace

TEST_CASE("a whole configuration is typed with its defaults", "[config]") {
    const mortise::test::temp_dir dir;
    const auto token = dir.write("token", "abcdef\n");
    REQUIRE(::chmod(token.c_str(), 0600) == 0);
    const load_result r = load(dir, whole);
    INFO(problems_to_text(r.problems));
    REQUIRE(r.problems.empty());
    const configuration& c = r.config;
    CHECK(c.host.state_dir == dir.path() / "var");
    CHECK(c.journal.path == dir.path() / "var/journal.db");
    CHECK(c.journal.keep_runs == 24h * 30);
    CHECK(c.journal.keep_count == 20);
    CHECK(c.journal.keep_event_ids == 24h * 60);
    CHECK(c.journal.keep_ledger == 0ms);
    CHECK(c.flows.at("copy").keep_runs == 24h * 7);
    CHECK(c.flows.at("copy").keep_count == 500u);
    CHECK(c.host.threads == 2);
    CHECK(c.host.http_port == 0);
    CHECK(c.host.max_body == 1048576);
    CHECK(c.host.shutdown_grace == 30s);
    CHECK(c.host.log.json);
    CHECK(c.host.log.level == log_level::debug);
    CHECK(c.plugins.paths ==
          std::vector<std::filesystem::path>{dir.path() / "plugins", "/opt/more"});
    CHECK(c.plugins.pin.at("dam") == "1.2.0");
    CHECK(c.admin.names == std::vector<std::string>{"mortise.example.com"});
    REQUIRE(c.admin.tokens.size() == 2);
    CHECK(c.admin.tokens[0].name == "night-shift");
    CHECK(c.admin.tokens[0].role == "operator");
    CHECK(c.admin.tokens[0].hash ==
          "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    CHECK(c.admin.tokens[0].expires_at == 1'798'761'600'000);
    CHECK(c.admin.tokens[1].expires_at == 0);

    const connection_config& dam = c.connections.at("dam-prod");
    CHECK(dam.settings == json::parse(R"({"base_url":"https://DAM.example.com/api",
        "upload_url":"http://up.example.com:8080","page_size":100,"region":"eu",
        "auth_token":{"$secret":"connections.dam-prod.auth_token"},
        "webhook":{"secret":{"$secret":"connections.dam-prod.webhook.secret"}}})")
                              .get_object());
    CHECK(dam.limits.requests_per_second == 5.5);
    CHECK(dam.limits.burst == 10);
    CHECK(dam.limits.timeout == 5s);
    CHECK(dam.limits.max_concurrent == 8);
    CHECK(!dam.grants.state);
    std::vector<std::string> egress = dam.egress;
    std::sort(egress.begin(), egress.end());
    CHECK(egress == std::vector<std::string>{"auth.example.com:443", "cdn.example.com:443",
                                             "dam.example.com:443", "up.example.com:8080"});
    CHECK(dam.retry.max_attempts == 4);
    CHECK(dam.retry.first_delay == 500ms);
    CHECK(!dam.retry.max_delay);
    CHECK(dam.triggers.at("changes").poll_interval == 2min);
    CHECK(json::serialize(dam.triggers.at("changes").settings) == R"({"kinds":["asset"]})");
    CHECK(c.secrets.resolve("connections.dam-prod.auth_token")->view() == "abcdef");
    CHECK(c.secrets.find("connections.dam-prod.auth_token")->name ==
          (dir.path() / "token").string());

    const flow_config& f = c.flows.at("copy");
    CHECK(f.flow == "copy-assets");
    CHECK(f.version == "1.1.0");
    CHECK(f.connections.at("target") == "archive");
    CHECK(f.deadline == 2h);
    CHECK(f.key == ".subject");
    CHECK(f.settings == json::object{{"folder", "Media"},
                                     {"retries", 3},
                                     {"fields", {{"title", "$.metadata.title"}}}});
    CHECK(c.mapping_places.at("/mappings/fields/title").line == 58);
}

TEST_CASE("an empty file is a configuration of defaults", "[config]") {
    const mortise::test::temp_dir dir;
    const load_result r = load(dir, "");
    CHECK(r.problems.empty());
    CHECK(r.config.host.http_port == 8080);
    CHECK(r.config.connections.empty());
    CHECK(r.config.revision.size() == 64);
}

TEST_CASE("the revision changes with the meaning, not with the text", "[config]") {
    const mortise::test::temp_dir dir;
    const std::string one = load(dir, "[host]\nthreads = 1\nwatchdog = \"1s\"\n").config.revision;
    CHECK(load(dir, "# note\n[host]\nwatchdog = \"1000ms\"\nthreads = 1\n").config.revision == one);
    CHECK(load(dir, "[host]\nthreads = 2\nwatchdog = \"1s\"\n").config.revision != one);
}

TEST_CASE("the effective text holds no secret values", "[config]") {
    const mortise::test::temp_dir dir;
    dir.write("token", "very-secret-value");
    const load_result r = load(dir, whole);
    REQUIRE(r.ok());
    const std::string text = to_json_text(r.config);
    CHECK(text.find("very-secret-value") == std::string::npos);
    CHECK(text.find("secret file ") != std::string::npos);
}

TEST_CASE("the host's sections load before any plugin is known", "[config]") {
    const mortise::test::temp_dir dir;
    const load_result r = load_host_sections(dir.write("m.toml", whole));
    CHECK(r.ok());
    CHECK(r.config.plugins.paths.size() == 2);
    CHECK(r.config.connections.empty());
}

TEST_CASE("a secret file for everyone's eyes is a warning, not an error", "[config]") {
    const mortise::test::temp_dir dir;
    const auto token = dir.write("token", "abcdef");
    REQUIRE(::chmod(token.c_str(), 0644) == 0);
    const load_result r = load(dir, whole);
    REQUIRE(r.problems.size() == 1);
    CHECK(r.problems[0].warning);
    CHECK(r.problems[0].place.line == 34);
    CHECK(r.ok());
}

TEST_CASE("a plain secret is refused without being repeated", "[config]") {
    const std::string text =
        problems_of("[connections.x]\nconnector = \"dam\"\n"
                    "base_url = \"https://a\"\nauth_token = \"hunter2hunter2\"\n");
    CHECK(text == "mortise.toml:4:14: error: \"auth_token\" in [connections.x]: a secret is not "
                  "written into the configuration; write a reference: { env = \"DAM_TOKEN\" }, "
                  "{ file = \"/path\" } or { credential = \"name\" }\n");
}

TEST_CASE("an admin listener beyond loopback needs TLS and a token", "[config]") {
    CHECK(problems_of("[admin]\naddress = \"0.0.0.0\"\n").find("mortise.toml:2:11: error: ") == 0);
    CHECK(problems_of("[admin]\naddress = \"127.0.0.2\"\n").empty());
    CHECK(problems_of("[admin]\nenabled = false\naddress = \"0.0.0.0\"\n").empty());
}

TEST_CASE("an admin listener beyond loopback is allowed with TLS and a named token", "[config]") {
    const mortise::test::temp_dir dir;
    dir.write("tls.pem", "x");
    const std::string tls = "[admin.tls]\ncertificate_file = \"" + dir.path().string() +
                            "/tls.pem\"\nkey_file = \"" + dir.path().string() + "/tls.pem\"\n";
    const std::string token =
        "[admin.tokens.ops]\nrole = \"admin\"\nhash = \"sha256:" + std::string(64, 'a') + "\"\n";
    const std::string address = "[admin]\naddress = \"0.0.0.0\"\n";
    CHECK(problems_of(address + tls + token).empty());
    CHECK(problems_of(address + token).find("which needs TLS ([admin.tls]);") != std::string::npos);
    CHECK(problems_of(address + tls).find("which needs a token ([admin.tokens.NAME]);") !=
          std::string::npos);
    const auto both = problems_of(address);
    CHECK(both == "mortise.toml:2:11: error: \"address\" in [admin]: 0.0.0.0 can be reached from "
                  "other machines, which needs TLS ([admin.tls]) and a token "
                  "([admin.tokens.NAME]); add it, or listen on \"127.0.0.1\"\n");
}

TEST_CASE("a token of the admin API that cannot be used is refused with its line", "[config]") {
    const std::string hash = "hash = \"sha256:" + std::string(64, 'a') + "\"\n";
    const auto token = [](const std::string& lines) {
        return problems_of("[admin.tokens.ops]\n" + lines);
    };
    CHECK(token("role = \"viewer\"\n" + hash).empty());
    CHECK(token("role = \"viewer\"\n" + hash + "expires = 2027-01-01\n").empty());
    CHECK(token("role = \"viewer\"\n" + hash + "expires = \"2027-01-01T10:00:00Z\"\n").empty());
    CHECK(token("role = \"root\"\n" + hash).find("mortise.toml:2:8: error: ") == 0);
    CHECK(token(hash).find("role") != std::string::npos);
    CHECK(token("role = \"viewer\"\n").find("hash") != std::string::npos);
    CHECK(token("role = \"viewer\"\nhash = \"mrt_abc\"\n").find("mortise.toml:3:8: error: ") == 0);
    CHECK(token("role = \"viewer\"\n" + hash + "expires = \"2027-02-30\"\n")
              .find("mortise.toml:4:11: error: \"expires\": there is no such day") == 0);
    CHECK(token("role = \"viewer\"\n" + hash + "expires = \"next year\"\n")
              .find("mortise.toml:4:11: error: ") == 0);
    CHECK(problems_of("[admin.tokens.\"a b\"]\nrole = \"viewer\"\n" + hash)
              .find("is no token name") != std::string::npos);
    CHECK(problems_of("[admin.tokens.a]\nrole = \"viewer\"\n" + hash +
                      "[admin.tokens.b]\nrole = \"admin\"\n" + hash)
              .find("the same as that of [admin.tokens.a]") != std::string::npos);
}

TEST_CASE("a misspelt host key beside a connector's keys finds its like", "[config]") {
    const std::string text =
        problems_of("[connections.x]\nconnector = \"ecm\"\nurl = \"https://a\"\n"
                    "limts = { burst = 2 }\n");
    CHECK(text == "mortise.toml:4:1: error: unknown key \"limts\" in [connections.x]; did you mean "
                  "\"limits\"?\n");
}

TEST_CASE("a plugin with a broken schema is named", "[config]") {
    const mortise::test::temp_dir dir;
    memory_catalog catalog = fixture_catalog();
    catalog.connectors["ecm"].config_schema = R"({"type":"strng"})";
    const load_result r =
        load_configuration(dir.write("m.toml", "[connections.x]\nconnector = \"ecm\"\n"), catalog);
    REQUIRE(r.problems.size() == 1);
    CHECK(r.problems[0].message.find("the schema of connector ecm is wrong at \"/type\"") == 0);
}

TEST_CASE("problems have a JSON form", "[config]") {
    const std::vector<config_problem> problems = {{{"f.toml", 1, 2}, "m", "h", true}};
    CHECK(
        problems_to_json(problems) ==
        R"([{"file":"f.toml","line":1,"column":2,"severity":"warning","message":"m","hint":"h"}])");
    CHECK(problems_to_text(problems) == "f.toml:1:2: warning: m; h\n");
    CHECK(!has_errors(problems));
}
