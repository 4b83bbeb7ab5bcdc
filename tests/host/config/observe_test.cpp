// SPDX-License-Identifier: Apache-2.0
// [host.tracing] and [alerts.<name>].
#include "catalog_fixture.hpp"
#include "config/config.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace mortise::host;
using namespace std::chrono_literals;

namespace {

load_result load(const mortise::test::temp_dir& dir, const std::string& text) {
    return load_configuration(dir.write("mortise.toml", text), fixture_catalog());
}

std::string problems_of(const std::string& text) {
    const mortise::test::temp_dir dir;
    return problems_to_text(load(dir, text).problems);
}

bool has(const std::string& text, std::string_view part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("tracing and alerts are read, secrets by reference", "[config][observe]") {
    const mortise::test::temp_dir dir;
    const auto r = load(dir, R"(
[host]
verify_ledger = "12h"
[host.tracing]
endpoint = "http://127.0.0.1:4318"
sample = 0.25
service_name = "dam"
gzip = true
headers = { x-tenant = "a" }
secret_headers = { authorization = { env = "OTLP_TOKEN" } }
[alerts.ops]
on = ["dead-letter", "ledger-broken"]
webhook = "https://alerts.example.com/in"
secret_headers = { authorization = { env = "ALERT_TOKEN" } }
repeat_after = "10m"
[alerts.chat]
on = ["breaker-open"]
secret_webhook = { env = "CHAT_URL" }
[alerts.page]
on = ["connection-failing"]
command = ["/bin/sh", "-c", "cat"]
timeout = "3s"
failing_after = "1m"
)");
    INFO(problems_to_text(r.problems));
    REQUIRE(r.ok());
    const auto& t = r.config.host.tracing;
    CHECK(r.config.host.verify_ledger == 12h);
    CHECK(t.endpoint == "http://127.0.0.1:4318");
    CHECK(t.sample == 0.25);
    CHECK(t.service_name == "dam");
    CHECK(t.gzip);
    CHECK(t.headers.plain.at("x-tenant") == "a");
    const auto& secret = t.headers.secret.at("authorization");
    REQUIRE(r.config.secrets.find(secret) != nullptr);
    CHECK(r.config.secrets.find(secret)->name == "OTLP_TOKEN");
    const auto& ops = r.config.alerts.at("ops");
    CHECK(ops.on == std::set{alert_cause::dead_letter, alert_cause::ledger_broken});
    CHECK(ops.webhook == "https://alerts.example.com/in");
    CHECK(ops.repeat_after == 10min);
    CHECK(r.config.secrets.find(ops.headers.secret.at("authorization"))->name == "ALERT_TOKEN");
    CHECK(r.config.secrets.find(r.config.alerts.at("chat").secret_webhook)->name == "CHAT_URL");
    const auto& page = r.config.alerts.at("page");
    CHECK(page.command == std::vector<std::string>{"/bin/sh", "-c", "cat"});
    CHECK(page.timeout == 3s);
    CHECK(page.failing_after == 1min);
    CHECK(to_json_text(r.config).find("dead-letter") != std::string::npos);
}

TEST_CASE("without a word nothing is exported and nobody is told", "[config][observe]") {
    const mortise::test::temp_dir dir;
    const auto r = load(dir, "[host]\n");
    REQUIRE(r.ok());
    CHECK(r.config.host.tracing.endpoint.empty());
    CHECK(r.config.host.verify_ledger == 24h);
    CHECK(r.config.alerts.empty());
}

TEST_CASE("an alert that could not be sent is a problem of the configuration",
          "[config][observe]") {
    const std::string on = "[alerts.a]\non = [\"dead-letter\"]\n";
    CHECK(has(problems_of(on), "exactly one of webhook, secret_webhook and command"));
    CHECK(has(problems_of(on + "webhook = \"https://x.example\"\ncommand = [\"/bin/true\"]\n"),
              "exactly one of"));
    CHECK(has(problems_of(on + "webhook = \"ftp://x.example\"\n"), "only http and https"));
    CHECK(has(problems_of(on + "command = [\"page\"]\n"), "whole path"));
    CHECK(has(problems_of(on + "command = [\"/nowhere/page\"]\n"), "does not exist"));
    CHECK(has(problems_of(on + "command = [\"/bin/true\"]\nheaders = { a = \"b\" }\n"),
              "headers go with a webhook"));
    CHECK(has(problems_of(on + "webhook = \"https://x.example\"\ntimeout = \"0ms\"\n"),
              "must not be 0"));
    CHECK(has(problems_of(on + "webhook = \"https://x.example\"\nsecret_headers = { a = \"b\" }\n"),
              "secret"));
    CHECK(has(problems_of("[alerts.a]\nwebhook = \"https://x.example\"\n"), "on"));
    CHECK(has(problems_of("[alerts.a]\non = [\"dead-leter\"]\nwebhook = \"https://x.example\"\n"),
              "dead-letter"));
    CHECK(
        has(problems_of("[host.tracing]\nendpoint = \"127.0.0.1:4318\"\n"), "only http and https"));
    CHECK(has(problems_of("[host.tracing]\nsample = 1.5\n"), "sample"));
}
