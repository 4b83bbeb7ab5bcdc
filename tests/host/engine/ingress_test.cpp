// SPDX-License-Identifier: Apache-2.0
// What callers see: status codes of webhooks, requests and the admin API.
#include "host_fixture.hpp"
#include "support/net_stream.hpp"

#include <future>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

TEST_CASE("a flow request answers with the run's result", "[engine][ingress]") {
    host_fixture f;
    f.start();
    const auto r = f.post("/flows/steps", plan({R"({"do":"create","name":"a"})"}));
    CHECK(r.status == 200);
    CHECK(r.body == R"({"answers":[{"name":"a","n":0}]})");
    CHECK(r.header("mortise-run") == f.ended().run.id.str());
    CHECK(f.ended().event.via == "request");
}

TEST_CASE("a flow request answers with the run's failure", "[engine][ingress]") {
    host_fixture f;
    f.start();
    const auto failing = [&](const std::string& category) {
        return f
            .post("/flows/steps",
                  plan({R"({"do":"fail","message":"told so","category":")" + category + R"("})"}))
            .status;
    };
    CHECK(failing("input") == 400);
    CHECK(failing("not_found") == 404);
    CHECK(failing("conflict") == 409);
    CHECK(failing("unavailable") == 503);
    CHECK(failing("internal") == 500);
    const auto r = f.post("/flows/steps",
                          plan({R"({"do":"fail","message":"told so","category":"conflict"})"}));
    CHECK(r.body.find("told so") != std::string::npos);
    CHECK(r.header("content-type") == "application/problem+json");
}

TEST_CASE("a flow request that takes too long is answered with 504 and goes on",
          "[engine][ingress]") {
    host_setup s;
    s.http = "request_timeout = \"300ms\"";
    host_fixture f(s);
    f.start();
    const auto r = f.post("/flows/steps", plan({R"({"do":"wait","type":"probe.decided"})"}));
    CHECK(r.status == 504);
    CHECK(f.wait_runs(run_state::waiting, 1));
    CHECK(f.send("d1", "{}", "probe.decided", "x") == 202);
    CHECK(f.wait_runs(run_state::succeeded, 1));
}

TEST_CASE("a request with the same idempotency key does not run again", "[engine][ingress]") {
    host_fixture f;
    f.start();
    const auto body = plan({R"({"do":"create","name":"a"})"});
    const auto first = f.post("/flows/steps", body, {{"idempotency-key", "k1"}});
    CHECK(first.status == 200);
    const auto again = f.post("/flows/steps", body, {{"Idempotency-Key", "k1"}});
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
    CHECK(f.post("/flows/steps", body, {{"idempotency-key", "k2"}}).status == 200);
    CHECK(f.target.count("create", "a") == 2);
}

TEST_CASE("requests that make no sense are refused", "[engine][ingress]") {
    host_fixture f;
    f.start();
    const auto status = [&](const char* method, const char* path, const char* body = "") {
        return mortise::test::http_call(f.it->http_port(), method, path, body).status;
    };
    CHECK(status("POST", "/flows/nobody", "{}") == 404);
    CHECK(status("POST", "/flows/", "{}") == 404);
    CHECK(status("GET", "/flows/steps") == 405);
    CHECK(status("POST", "/flows/steps", "{\"plan\":") == 400);
    CHECK(status("POST", "/hooks/nobody", "{}") == 404);
    CHECK(status("POST", "/hooks/target/nothing", "{}") == 404);
    CHECK(status("POST", "/hooks/target", "not JSON") == 400);
    CHECK(status("POST", "/hooks/target", "{\"events\":[{\"id\":\"x\"}]}") == 400);
    CHECK(status("PUT", "/hooks/target", "{}") == 405);
    CHECK(status("GET", "/hooks/target") == 200);
    CHECK(status("GET", "/") == 404);
    CHECK(f.runs().empty());
}

TEST_CASE("a webhook may name its trigger", "[engine][ingress]") {
    host_fixture f;
    f.start();
    CHECK(f.post("/hooks/target/changes", R"({"events":[{"id":"e1","type":"probe.changed"}]})")
              .status == 202);
    CHECK(f.wait_runs(run_state::succeeded, 1));
}

TEST_CASE("a webhook that is too large is refused with 413", "[engine][ingress]") {
    host_setup s;
    s.http = "max_body = \"1KiB\"";
    host_fixture f(s);
    f.start();
    const auto body = R"({"events":[],"x":")" + std::string(2000, 'x') + "\"}";
    CHECK(f.post("/hooks/target", body).status == 413);
}

TEST_CASE("a webhook that no connection takes is told so before its body is read",
          "[engine][ingress]") {
    host_fixture f;
    f.start();
    const auto ask = [&](const std::string& path) {
        auto c = std::make_unique<test::net_stream>(test::net_stream::connect(f.it->http_port()));
        REQUIRE(c->write("POST " + path +
                         " HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n"
                         "content-length: 13\r\n\r\n"));
        return std::pair(c->read_message(true), std::move(c));
    };
    const auto [unknown, gone] = ask("/hooks/nobody");
    CHECK(unknown.starts_with("HTTP/1.1 404 "));
    CHECK(unknown.find("connection: close\r\n") != std::string::npos);
    const auto [known, open] = ask("/hooks/target");
    CHECK(known == "HTTP/1.1 100 Continue\r\n\r\n");
    REQUIRE(open->write(R"({"events":[]})"));
    CHECK(open->read_message().starts_with("HTTP/1.1 202 "));
}

TEST_CASE("a full backlog is said with 503 and a time, and passes", "[engine][ingress]") {
    host_setup s;
    s.http = "max_backlog = 2";
    host_fixture f(s);
    f.start();
    fault held;
    held.what = fault::kind::hold_before;
    held.times = 2;
    f.target.next("create", held);
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    CHECK(f.send("e2", plan({R"({"do":"create","name":"b"})"})) == 202);
    CHECK(f.it->runs().backlog() == 2);
    const auto full = f.post("/hooks/target", R"({"events":[{"id":"e3","type":"probe.changed"}]})");
    CHECK(full.status == 503);
    CHECK(!full.header("retry-after").empty());
    CHECK(f.post("/flows/steps", "{}").status == 503);
    CHECK(mortise::test::http_call(f.it->http_port(), "GET", "/health/ready").status == 503);
    CHECK(mortise::test::http_call(f.it->http_port(), "GET", "/health/live").status == 200);
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    CHECK(eventually([&] { return f.it->runs().backlog() == 0; }));
    CHECK(f.send("e3", "{}") == 202);
    CHECK(mortise::test::http_call(f.it->http_port(), "GET", "/health/ready").status == 200);
    CHECK(f.wait_runs(run_state::succeeded, 3));
}

TEST_CASE("a disk that is nearly full is said with 503, a time and the reason",
          "[engine][ingress]") {
    host_setup s;
    s.host = "min_free_disk = \"1000000GiB\"";
    s.poll = "1s";
    host_fixture f(s);
    f.start();
    for (const char* path : {"/hooks/target", "/flows/steps"}) {
        const auto full = f.post(path, R"({"events":[{"id":"e1","type":"probe.changed"}]})");
        INFO(path << ": " << full.body);
        CHECK(full.status == 503);
        CHECK(full.header("retry-after") == "30");
        CHECK(full.body.find("disk") != std::string::npos);
    }
    const auto ready = mortise::test::http_call(f.it->http_port(), "GET", "/health/ready");
    CHECK(ready.status == 503);
    CHECK(ready.body.find("disk") != std::string::npos);
    CHECK(mortise::test::http_call(f.it->http_port(), "GET", "/health/live").status == 200);
    CHECK(f.metric("mortise_intake_refused_total") == 2);
    CHECK(f.metric("mortise_disk_free_bytes") > 0);
    CHECK(f.runs().empty());
    // With a limit the disk satisfies the same journal takes work again.
    f.stop();
    f.setup.host = "min_free_disk = \"1KiB\"";
    f.start();
    CHECK(f.send("e1", "{}") == 202);
    CHECK(f.wait_runs(run_state::succeeded, 1));
}

TEST_CASE("a webhook with a wrong secret is refused, and no secret gets into the log",
          "[engine][ingress]") {
    const std::string secret = "s3cr3t-never-to-be-seen";
    host_setup s;
    s.quiet = false;
    s.host = "[host.log]\nfile = \"host.log\"\nlevel = \"debug\"\nformat = \"json\"";
    host_fixture f(s);
    f.dir.write("secret", secret + "\n");
    f.setup.connection = "secret = { file = \"" + (f.dir.path() / "secret").string() + "\" }";
    f.start();
    const auto body = R"({"events":[{"id":"e1","type":"probe.changed"}]})";
    CHECK(f.post("/hooks/target", body).status == 401);
    CHECK(f.post("/hooks/target", body, {{"x-probe-secret", "wrong"}}).status == 401);
    CHECK(f.runs().empty());
    CHECK(f.post("/hooks/target", body, {{"x-probe-secret", secret}}).status == 202);
    CHECK(f.wait_runs(run_state::succeeded, 1));
    const auto run = f.ended();
    f.stop();
    const auto log = mortise::test::read_file(f.dir.path() / "host.log");
    CHECK(log.find("webhook came with the secret") != std::string::npos);
    CHECK(log.find(secret) == std::string::npos);
    for (const auto& entry : std::filesystem::directory_iterator(f.dir.path() / "state")) {
        INFO(entry.path());
        if (entry.is_regular_file())
            CHECK(mortise::test::read_file(entry.path()).find(secret) == std::string::npos);
    }
}

TEST_CASE("the admin API wants its token", "[engine][ingress]") {
    host_fixture f;
    f.start();
    const auto port = f.it->admin_port();
    using mortise::test::http_call;
    CHECK(http_call(port, "GET", "/metrics").status == 401);
    CHECK(http_call(port, "GET", "/metrics", "", {{"authorization", "Bearer x"}}).status == 401);
    CHECK(f.admin("GET", "/metrics").status == 200);
    CHECK(f.admin("GET", "/nothing").status == 404);
    CHECK(f.admin("POST", "/api/v1/flows/steps/start", "not JSON").status == 400);
}

TEST_CASE("a flow can be started by hand", "[engine][ingress]") {
    host_fixture f;
    f.start();
    const auto r = f.admin("POST", "/api/v1/flows/steps/start",
                           R"({"data":{"plan":[{"do":"create","name":"a"}]}})");
    CHECK(r.status == 202);
    CHECK(f.ended().run.state == run_state::succeeded);
    CHECK(r.body.find(f.ended().run.id.str()) != std::string::npos);
    CHECK(f.target.count("create", "a") == 1);
    CHECK(f.admin("POST", "/api/v1/flows/nobody/start", "{}").status == 404);
    CHECK(f.admin("POST", "/api/v1/flows/steps/start", R"({"type":"unheard.of"})").status == 400);
}

TEST_CASE("a connection can be tested", "[engine][ingress]") {
    host_fixture f;
    f.start();
    const auto r = f.admin("POST", "/api/v1/connections/target/test");
    CHECK(r.status == 200);
    CHECK(r.body.find("Connected as probe") != std::string::npos);
    CHECK(f.admin("POST", "/api/v1/connections/nobody/test").status == 404);
    fault refused;
    refused.status = 401;
    f.target.next("me", refused);
    CHECK(f.admin("POST", "/api/v1/connections/target/test").status == 502);
    const auto direct = f.it->test_connection("target", std::chrono::seconds(5));
    REQUIRE(direct.has_value());
    CHECK(direct->find("Connected as probe") != std::string::npos);
}
