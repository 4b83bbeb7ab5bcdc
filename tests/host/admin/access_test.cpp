// SPDX-License-Identifier: Apache-2.0
// Roles, tokens, sessions and the audit of a real host.
#include "admin/admin_action.hpp"
#include "admin/session_cookie.hpp"
#include "base/digest.hpp"
#include "host_fixture.hpp"
#include "journal/ledger.hpp"
#include "support/net_stream.hpp"

#include <boost/json.hpp>

#include <sys/stat.h>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
namespace json = boost::json;

namespace {

const std::string watch_token = "mrt_of-the-configuration";

struct access_host : host_fixture {
    access_host() {
        setup.admin = "names = [\"mortise.example.com\"]\n" + watch();
        start();
    }
    static std::string watch(const std::string& more = {}) {
        return "[admin.tokens.watch]\nrole = \"viewer\"\nhash = \"sha256:" +
               sha256_hex(watch_token) + "\"\n" + more;
    }
    std::string make_token(const std::string& name, const std::string& role) {
        const auto r =
            admin("POST", "/api/v1/tokens", R"({"name":")" + name + R"(","role":")" + role + "\"}");
        REQUIRE(r.status == 201);
        return std::string(json::parse(r.body).at("token").as_string());
    }
    test::http_reply with(const std::string& token,
                          const std::string& method,
                          const std::string& path,
                          const std::string& body = {}) {
        return admin_as(method, path, body, {{"authorization", "Bearer " + token}});
    }
    std::vector<ledger_entry> by_hand() {
        std::vector<ledger_entry> out;
        it->store().read([&](journal_reader& r) {
            for (auto& e : r.ledger({}))
                if (!e.actor.empty()) out.push_back(std::move(e));
            CHECK(verify_ledger(r).ok);
        });
        return out;
    }
};

struct signed_in {
    std::string cookie, csrf;
};

signed_in sign_in(access_host& f, const std::string& token) {
    const auto r = f.admin_as("POST", "/api/v1/session", R"({"token":")" + token + "\"}", {});
    REQUIRE(r.status == 200);
    const auto cookie = r.header("set-cookie");
    return {cookie.substr(0, cookie.find(';')),
            std::string(json::parse(r.body).at("csrf").as_string())};
}

std::string code_of(const test::http_reply& r) {
    return std::string(json::parse(r.body).at("code").as_string());
}

} // namespace

TEST_CASE("a role may do what it is for, and is told which one it lacks", "[admin][access]") {
    access_host f;
    const auto op = f.make_token("ops", "operator");
    CHECK(f.with(watch_token, "GET", "/api/v1/runs").status == 200);
    CHECK(f.with(watch_token, "GET", "/metrics").status == 200);
    const auto refused =
        f.with(watch_token, "POST", "/api/v1/connections/target/pause", R"({"reason":"x"})");
    CHECK(refused.status == 403);
    CHECK(code_of(refused) == "admin.forbidden");
    CHECK(refused.body.find("operator") != std::string::npos);
    CHECK(f.with(op, "POST", "/api/v1/connections/target/pause", R"({"reason":"x"})").status ==
          200);
    CHECK(f.with(op, "GET", "/api/v1/tokens").status == 403);
    CHECK(f.with(op, "POST", "/api/v1/tokens", R"({"name":"a","role":"admin"})").status == 403);
    CHECK(f.with(op, "POST", "/api/v1/reload").status == 403);
    CHECK(f.with("mrt_nobody", "GET", "/api/v1/runs").status == 401);
    CHECK(f.admin_as("GET", "/api/v1/runs", {}, {}).status == 401);
    CHECK(f.admin_as("GET", "/api/v1/openapi.json", {}, {}).status == 401);
    CHECK(f.metric("mortise_admin_refused_total{status=\"403\"}") == 4);
}

TEST_CASE("tokens are made, listed without their secrets and removed", "[admin][access]") {
    access_host f;
    const auto token = f.make_token("night", "viewer");
    CHECK(f.with(token, "GET", "/api/v1/runs").status == 200);
    const auto listed = f.admin("GET", "/api/v1/tokens");
    const auto list = json::parse(listed.body).at("tokens").as_array();
    REQUIRE(list.size() == 2);
    CHECK(list[0].at("name") == "night");
    CHECK(list[0].at("source") == "journal");
    CHECK(list[0].at("last_used_at").as_int64() > 0);
    CHECK(list[1].at("name") == "watch");
    CHECK(list[1].at("source") == "configuration");
    CHECK(listed.body.find(token) == std::string::npos);
    CHECK(listed.body.find(sha256_hex(token)) == std::string::npos);

    CHECK(f.admin("POST", "/api/v1/tokens", R"({"name":"night","role":"viewer"})").status == 409);
    CHECK(f.admin("POST", "/api/v1/tokens", R"({"name":"watch","role":"viewer"})").status == 409);
    CHECK(f.admin("POST", "/api/v1/tokens", R"({"name":"a b","role":"viewer"})").status == 400);
    CHECK(f.admin("POST", "/api/v1/tokens", R"({"name":"x","role":"root"})").status == 400);
    CHECK(f.admin("POST", "/api/v1/tokens", R"({"name":"x","role":"viewer","expires_at":1})")
              .status == 400);
    CHECK(f.admin("DELETE", "/api/v1/tokens/watch").status == 409);
    CHECK(f.admin("DELETE", "/api/v1/tokens/nobody").status == 404);
    CHECK(f.admin("DELETE", "/api/v1/tokens/night").status == 204);
    CHECK(f.with(token, "GET", "/api/v1/runs").status == 401);
    f.restart();
    CHECK(f.with(token, "GET", "/api/v1/runs").status == 401);
}

TEST_CASE("a token that a reload takes out of the configuration is out at once",
          "[admin][access]") {
    access_host f;
    CHECK(f.with(watch_token, "GET", "/api/v1/runs").status == 200);
    const auto session = sign_in(f, watch_token);
    const auto looks = [&] {
        return f.admin_as("GET", "/api/v1/runs", {}, {{"cookie", session.cookie}}).status;
    };
    CHECK(looks() == 200);
    f.setup.admin.clear();
    f.write_config();
    REQUIRE(f.it->reload());
    CHECK(f.with(watch_token, "GET", "/api/v1/runs").status == 401);
    CHECK(looks() == 401); // what was signed in with it has ended, too
    f.setup.admin = access_host::watch("expires = \"2020-01-01\"\n");
    f.write_config();
    REQUIRE(f.it->reload());
    const auto expired = f.with(watch_token, "GET", "/api/v1/runs");
    CHECK(expired.status == 401);
    CHECK(expired.body.find("expired") != std::string::npos);
}

TEST_CASE("the local token is new at each start, the owner's alone, and gone at the end",
          "[admin][access]") {
    access_host f;
    const auto file = f.dir.path() / "state" / "admin-token";
    struct stat s {};
    REQUIRE(::stat(file.c_str(), &s) == 0);
    CHECK((s.st_mode & 0777) == 0600);
    const auto first = f.local_token();
    CHECK(first.starts_with("mrt_"));
    f.stop();
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK_FALSE(std::filesystem::exists(f.dir.path() / "state" / "admin-address"));
    f.start();
    CHECK(f.local_token() != first);
    CHECK(f.with(first, "GET", "/api/v1/runs").status == 401);
}

TEST_CASE("a session acts with its cookie, its CSRF value and from its own page",
          "[admin][access]") {
    access_host f;
    const auto op = f.make_token("ops", "operator");
    const auto raw = f.admin_as("POST", "/api/v1/session", R"({"token":")" + op + "\"}", {});
    const auto set = raw.header("set-cookie");
    CHECK(set.find("HttpOnly") != std::string::npos);
    CHECK(set.find("SameSite=Strict") != std::string::npos);
    CHECK(set.find("Path=/") != std::string::npos);
    CHECK(raw.header("cache-control") == "no-store");
    const auto s = sign_in(f, op);
    const std::string path = "/api/v1/connections/target/pause", body = R"({"reason":"x"})";
    using headers = test::header_list;

    CHECK(f.admin_as("GET", "/api/v1/runs", {}, {{"cookie", s.cookie}}).status == 200);
    const auto me = f.admin_as("GET", "/api/v1/session", {}, {{"cookie", s.cookie}});
    CHECK(json::parse(me.body).at("who") == "ops");
    CHECK(json::parse(me.body).at("role") == "operator");
    CHECK(std::string(json::parse(me.body).at("csrf").as_string()) == s.csrf);

    SECTION("without the CSRF value") {
        const auto r = f.admin_as("POST", path, body, {{"cookie", s.cookie}});
        CHECK(r.status == 403);
        CHECK(code_of(r) == "admin.csrf");
    }
    SECTION("with another session's") {
        const auto other = sign_in(f, op);
        CHECK(f.admin_as("POST", path, body, {{"cookie", s.cookie}, {"x-csrf-token", other.csrf}})
                  .status == 403);
    }
    SECTION("from a page of another site") {
        const auto r = f.admin_as(
            "POST", path, body,
            {{"cookie", s.cookie}, {"x-csrf-token", s.csrf}, {"origin", "http://evil.example"}});
        CHECK(r.status == 403);
        CHECK(code_of(r) == "admin.origin");
    }
    SECTION("from its own page") {
        CHECK(f.admin_as(
                   "POST", path, body,
                   {{"cookie", s.cookie}, {"x-csrf-token", s.csrf}, {"origin", "http://127.0.0.1"}})
                  .status == 200);
        REQUIRE(f.by_hand().size() == 2);
        CHECK(f.by_hand()[1].actor == "token:ops");
    }
    SECTION("signed out") {
        const headers with{{"cookie", s.cookie}, {"x-csrf-token", s.csrf}};
        CHECK(f.admin_as("DELETE", "/api/v1/session", {}, {{"cookie", s.cookie}}).status == 403);
        const auto out = f.admin_as("DELETE", "/api/v1/session", {}, with);
        CHECK(out.status == 204);
        CHECK(out.header("set-cookie").find("Max-Age=0") != std::string::npos);
        CHECK(f.admin_as("GET", "/api/v1/runs", {}, {{"cookie", s.cookie}}).status == 401);
    }
    SECTION("its token is removed") {
        CHECK(f.admin("DELETE", "/api/v1/tokens/ops").status == 204);
        CHECK(f.admin_as("GET", "/api/v1/session", {}, {{"cookie", s.cookie}}).status == 401);
    }
    SECTION("an invented cookie") {
        CHECK(f.admin_as("GET", "/api/v1/runs", {}, {{"cookie", "mortise_session=abc"}}).status ==
              401);
    }
}

TEST_CASE("a live feed ends with what it was opened with", "[admin][access]") {
    access_host f;
    const auto ops = f.make_token("ops", "viewer");
    const auto open = [&](const std::string& credentials) {
        auto stream = test::net_stream::connect(f.it->admin_port());
        REQUIRE(stream.write("GET /api/v1/live HTTP/1.0\r\nhost: localhost\r\n" + credentials +
                             "\r\n\r\n"));
        REQUIRE(stream.read_until("event: config").ends_with("event: config"));
        return stream;
    };
    auto other = open("authorization: Bearer " + watch_token);
    SECTION("a token that is removed") {
        auto feed = open("authorization: Bearer " + ops);
        CHECK(f.admin("DELETE", "/api/v1/tokens/ops").status == 204);
        CHECK(feed.wait_closed());
    }
    SECTION("a token that a reload takes away") {
        auto feed = open("authorization: Bearer " + ops);
        f.setup.admin.clear();
        f.write_config();
        REQUIRE(f.it->reload());
        CHECK(other.wait_closed());
        CHECK(f.with(ops, "GET", "/api/v1/session").status == 200);
        return;
    }
    SECTION("a session that signs out") {
        const auto s = sign_in(f, ops);
        auto feed = open("cookie: " + s.cookie);
        CHECK(f.admin_as("DELETE", "/api/v1/session", {},
                         {{"cookie", s.cookie}, {"x-csrf-token", s.csrf}})
                  .status == 204);
        CHECK(feed.wait_closed());
    }
    // Others go on.
    CHECK(f.admin("POST", "/api/v1/connections/target/pause", R"({"reason":"x"})").status == 200);
    CHECK(other.read_until("event: connection").ends_with("event: connection"));
}

TEST_CASE("a sign-in wants one token or code, from its own page, and not too often",
          "[admin][access]") {
    access_host f;
    const std::string path = "/api/v1/session";
    CHECK(f.admin_as("POST", path, "{}", {}).status == 400);
    CHECK(f.admin_as("POST", path, R"({"token":"a","code":"b"})", {}).status == 400);
    CHECK(f.admin_as("POST", path, R"({"token":")" + watch_token + "\"}",
                     {{"origin", "http://evil.example"}})
              .status == 403);
    for (int i = 0; i < 5; ++i)
        CHECK(f.admin_as("POST", path, R"({"token":"mrt_wrong"})", {}).status == 401);
    const auto r = f.admin_as("POST", path, R"({"token":")" + watch_token + "\"}", {});
    CHECK(r.status == 429);
    CHECK(r.header("retry-after") == "1");
    CHECK(f.metric("mortise_admin_sign_ins_total{outcome=\"refused\"}") == 5);
    CHECK(f.metric("mortise_admin_sign_ins_total{outcome=\"throttled\"}") == 1);
    CHECK(f.by_hand().empty());
}

TEST_CASE("who signs in rightly after a few slips has them forgotten", "[admin][access]") {
    access_host f;
    const auto slip = [&] {
        return f.admin_as("POST", "/api/v1/session", R"({"token":"mrt_wrong"})", {}).status;
    };
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 4; ++i)
            CHECK(slip() == 401);
        (void)sign_in(f, watch_token);
    }
}

TEST_CASE("a one-time code signs in with the role of who asked for it", "[admin][access]") {
    access_host f;
    const auto made = f.with(watch_token, "POST", "/api/v1/session/codes");
    REQUIRE(made.status == 201);
    const auto code = std::string(json::parse(made.body).at("code").as_string());
    CHECK(json::parse(made.body).at("url").as_string() == "http://127.0.0.1/#/login?code=" + code);
    const auto body = R"({"code":")" + code + "\"}";
    const auto first = f.admin_as("POST", "/api/v1/session", body, {});
    REQUIRE(first.status == 200);
    CHECK(json::parse(first.body).at("who") == "watch");
    CHECK(json::parse(first.body).at("role") == "viewer");
    const auto second = f.admin_as("POST", "/api/v1/session", body, {});
    CHECK(second.status == 401);
    CHECK(second.body.find("was used") != std::string::npos);
}

TEST_CASE("a request that names another host is refused before anything else", "[admin][access]") {
    access_host f;
    const auto ask = [&](const std::string& host, const std::string& path) {
        return test::http_call(f.it->admin_port(), "GET", path, {},
                               {{"host", host}, {"authorization", "Bearer " + f.local_token()}});
    };
    for (const char* path : {"/api/v1/runs", "/", "/metrics", "/api/v1/session"}) {
        const auto r = ask("evil.example:8081", path);
        CHECK(r.status == 421);
        CHECK(r.header("content-type") == "application/problem+json");
    }
    const auto odd = ask("evil\xff.example", "/");
    CHECK(odd.status == 421);
    boost::system::error_code ec;
    CHECK(json::parse(odd.body, ec).is_object());
    CHECK(ask("mortise.example.com", "/api/v1/runs").status == 200);
    CHECK(ask("localhost:8081", "/api/v1/runs").status == 200);
    CHECK(f.metric("mortise_admin_refused_total{status=\"421\"}") == 5);
}

TEST_CASE("each action by hand is one entry of the ledger, refused ones too", "[admin][audit]") {
    access_host f;
    const auto op = f.make_token("ops", "operator");
    const std::string reason = R"({"reason":"maintenance"})";
    CHECK(f.with(op, "POST", "/api/v1/connections/target/pause", reason).status == 200);
    CHECK(f.with(op, "POST", "/api/v1/connections/nobody/pause", reason).status == 404);
    CHECK(f.with(op, "POST", "/api/v1/connections/target/pause", "{}").status == 400);
    CHECK(f.with(op, "POST", "/api/v1/bulk", "not JSON").status == 400);
    CHECK(f.with(op, "PUT", "/api/v1/links", R"({"relation":"r","a":"1","b":"2"})").status == 204);
    CHECK(f.with(op, "DELETE", "/api/v1/links?relation=r&a=9").status == 404);
    // None of these: not allowed, not there, or nothing changes.
    CHECK(f.with(watch_token, "POST", "/api/v1/connections/target/resume").status == 403);
    CHECK(f.with("mrt_x", "POST", "/api/v1/connections/target/resume").status == 401);
    CHECK(f.with(op, "POST", "/api/v1/nothing").status == 404);
    CHECK(f.with(op, "DELETE", "/api/v1/runs").status == 405);
    CHECK(f.with(op, "GET", "/api/v1/connections").status == 200);
    const auto who =
        f.admin_as("POST", "/api/v1/connections/target/resume", {},
                   {{"authorization", "Bearer " + f.local_token()}, {"x-mortise-who", "kim"}});
    CHECK(who.status == 200);

    const auto entries = f.by_hand();
    REQUIRE(entries.size() == 8);
    const auto is = [&](std::size_t n, std::string_view actor, std::string_view operation,
                        std::string_view object, std::string_view outcome) {
        const auto& e = entries[n];
        INFO(n << ' ' << to_ndjson(e));
        CHECK(e.actor == actor);
        CHECK(e.operation == operation);
        CHECK(e.object == object);
        CHECK(e.outcome == outcome);
    };
    is(0, "local:admin", "admin:createToken", "ops", "done");
    is(1, "token:ops", "admin:pauseConnection", "target", "done");
    is(2, "token:ops", "admin:pauseConnection", "nobody", "refused");
    is(3, "token:ops", "admin:pauseConnection", "target", "refused");
    is(4, "token:ops", "admin:startBulkJob", "", "refused");
    is(5, "token:ops", "admin:putLink", "r 1", "done");
    is(6, "token:ops", "admin:removeLink", "r 9", "refused");
    is(7, "account:kim", "admin:resumeConnection", "target", "done");
    CHECK(entries[1].request == sha256_hex(reason));
    CHECK(entries[1].connection == "target");
    CHECK(entries[7].request == sha256_hex(""));
    const auto found = [&](const std::string& query) {
        return json::parse(f.admin("GET", "/api/v1/ledger?" + query).body)
            .at("entries")
            .as_array()
            .size();
    };
    CHECK(found("actor=kim") == 1);
    CHECK(found("actor=account:kim") == 1);
    CHECK(found("actor=token:kim") == 0);
    CHECK(found("actor=ops") == 6);
    CHECK(found("actor=op") == 0);
    CHECK(found("q=ki") == 1);
    CHECK(found("q=account:k") == 1);
    CHECK(found("q=im") == 0);
}

TEST_CASE("what is done to a run by hand names the run", "[admin][audit]") {
    access_host f;
    f.target.next("put", {fault::kind::status, 400, "", 1});
    REQUIRE(f.send("e1", plan({R"({"do":"put","body":{"name":"a"}})"})) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    const auto id = f.runs().front().id;
    CHECK(f.admin("POST", "/api/v1/runs/" + id.str() + "/retry").status == 200);
    CHECK(f.admin("POST", "/api/v1/flows/steps/start", R"({"type":"probe.changed"})").status ==
          202);
    const auto entries = f.by_hand();
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].run == id);
    CHECK(entries[0].object == id.str());
    CHECK(entries[1].instance == "steps");
    CHECK(f.admin("GET", "/api/v1/runs/" + id.str()).status == 200);
}

TEST_CASE("text that no ledger could hold is refused", "[admin][audit]") {
    access_host f;
    const std::string reason = R"({"reason":"x"})";
    for (const char* name : {"%ff", "a%00b", "a%0ab", "%c3"}) {
        INFO(name);
        CHECK(
            f.admin("POST", "/api/v1/connections/" + std::string(name) + "/pause", reason).status ==
            400);
    }
    CHECK(f.admin("DELETE", "/api/v1/links?relation=r&a=%ff").status == 400);
    CHECK(f.admin("GET", "/api/v1/runs?q=%00").status == 400);
    CHECK(f.by_hand().empty());
    CHECK(f.admin("POST", "/api/v1/connections/%c3%bc/pause", reason).status == 404);
    REQUIRE(f.by_hand().size() == 1);
    CHECK(f.by_hand()[0].object == "ü");
    CHECK(f.admin("GET", "/api/v1/ledger").status == 200);
}

TEST_CASE("an entry of a person that was tampered with is found", "[admin][audit]") {
    access_host f;
    (void)f.make_token("ops", "operator");
    (void)f.make_token("more", "viewer");
    f.it->store().read([](journal_reader& r) {
        auto entries = r.ledger({});
        REQUIRE(entries.size() == 2);
        entries[1].actor = "somebody";
        CHECK(chained_hash(entries[0].hash, entries[1]) != entries[1].hash);
        entries[1].actor.clear();
        CHECK(chained_hash(entries[0].hash, entries[1]) != entries[1].hash);
    });
}

TEST_CASE("a body that is too large is refused and changes nothing", "[admin][access]") {
    access_host f;
    // Announced only: the answer must not wait for it.
    auto stream = test::net_stream::connect(f.it->admin_port());
    REQUIRE(stream.write("POST /api/v1/connections/target/pause HTTP/1.1\r\nhost: localhost\r\n"
                         "authorization: Bearer " +
                         f.local_token() + "\r\ncontent-length: 9000000\r\n\r\n"));
    const auto answer = stream.read_message(false);
    CHECK(answer.starts_with("HTTP/1.1 413"));
    CHECK(answer.find("application/problem+json") != std::string::npos);
    CHECK(f.by_hand().empty());
}

TEST_CASE("a token and an account of one name are told apart in the ledger", "[admin][audit]") {
    access_host f;
    const auto token = f.make_token("kim", "operator");
    const auto local = "Bearer " + f.local_token();
    const std::string pause = "/api/v1/connections/target/pause";
    const std::string reason = R"({"reason":"x"})";
    CHECK(f.with(token, "POST", pause, reason).status == 200);
    CHECK(f.admin_as("POST", pause, reason, {{"authorization", local}, {"x-mortise-who", "kim"}})
              .status == 200);
    // One that calls itself by a kind, and a name that tells nothing.
    CHECK(f.admin_as("POST", pause, reason,
                     {{"authorization", local}, {"x-mortise-who", "token:kim"}})
              .status == 200);
    CHECK(f.admin_as("POST", pause, reason, {{"authorization", local}, {"x-mortise-who", ""}})
              .status == 200);
    // Through a session it is the token still, and by a one-time code who asked for that.
    const auto session = sign_in(f, token);
    CHECK(f.admin_as("POST", pause, reason,
                     {{"cookie", session.cookie}, {"x-csrf-token", session.csrf}})
              .status == 200);
    const auto made = f.admin_as("POST", "/api/v1/session/codes", {},
                                 {{"authorization", local}, {"x-mortise-who", "kim"}});
    REQUIRE(made.status == 201);
    const auto by_code = f.admin_as(
        "POST", "/api/v1/session",
        R"({"code":")" + std::string(json::parse(made.body).at("code").as_string()) + "\"}", {});
    REQUIRE(by_code.status == 200);
    CHECK(json::parse(by_code.body).at("who") == "kim");
    const auto cookie = by_code.header("set-cookie");
    CHECK(f.admin_as(
               "POST", pause, reason,
               {{"cookie", cookie.substr(0, cookie.find(';'))},
                {"x-csrf-token", std::string(json::parse(by_code.body).at("csrf").as_string())}})
              .status == 200);
    std::vector<std::string> actors;
    for (const auto& e : f.by_hand())
        if (e.operation == "admin:pauseConnection") actors.push_back(e.actor);
    CHECK(actors == std::vector<std::string>{"token:kim", "account:kim", "account:token:kim",
                                             "local:admin", "token:kim", "account:kim"});
    CHECK(actor_name("token:kim") == "kim");
    CHECK(actor_name("account:token:kim") == "token:kim");
    CHECK(actor_name("kim") == "kim");
    CHECK(actor_name("uid 7: x") == "uid 7: x");
    CHECK(actor_name("") == "");
}

TEST_CASE("nobody makes the host read a body before it is known who he is", "[admin][access]") {
    access_host f;
    const auto op = f.make_token("ops", "operator");
    const auto ask = [&](const std::string& line, const std::string& fields) {
        auto stream = test::net_stream::connect(f.it->admin_port());
        REQUIRE(stream.write(line + " HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n" +
                             fields + "\r\n"));
        return stream.read_message(true);
    };
    const std::string pause = "POST /api/v1/connections/target/pause";
    const std::string long_body = "content-length: 8000000\r\n";
    const auto with = [](const std::string& token) {
        return "authorization: Bearer " + token + "\r\n";
    };
    const auto refused = [&](const std::string& line, const std::string& fields,
                             const char* status) {
        const auto head = ask(line, fields + long_body);
        INFO(line << '\n' << fields << head);
        CHECK(head.starts_with(std::string("HTTP/1.1 ") + status));
        CHECK(head.find("connection: close\r\n") != std::string::npos);
        if (std::string_view(status) != "413 ")
            CHECK(head.find("cache-control: no-store\r\n") != std::string::npos);
    };
    refused(pause, {}, "401 ");
    refused(pause, with("mrt_wrong"), "401 ");
    refused(pause, "cookie: mortise_session=abc\r\n", "401 ");
    refused(pause, with(watch_token), "403 ");
    refused("POST /api/v1/nothing", with(op), "404 ");
    refused("POST /api/v1/runs", with(op), "405 ");
    // What is open to everybody takes as much as a sign-in needs.
    refused("POST /api/v1/session", {}, "413 ");
    refused("GET /health/live", {}, "413 ");
    refused("GET /", {}, "413 ");
    CHECK(f.by_hand().size() == 1); // the token that was made
    CHECK(f.metric("mortise_admin_refused_total{status=\"401\"}") == 3);
    const auto signed_in = sign_in(f, op);
    refused(pause, "cookie: " + signed_in.cookie + "\r\n", "403 ");

    // Who may is asked for the body, and served.
    auto stream = test::net_stream::connect(f.it->admin_port());
    REQUIRE(stream.write(pause + " HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n" +
                         with(op) + "content-length: 14\r\n\r\n"));
    CHECK(stream.read_message(true) == "HTTP/1.1 100 Continue\r\n\r\n");
    REQUIRE(stream.write(R"({"reason":"x"})"));
    CHECK(stream.read_message().starts_with("HTTP/1.1 200 "));
    CHECK(f.by_hand().size() == 2);
}

TEST_CASE("a Host that is not the listener's is refused by the head", "[admin][access]") {
    access_host f;
    auto stream = test::net_stream::connect(f.it->admin_port());
    REQUIRE(stream.write("POST /api/v1/reload HTTP/1.1\r\nhost: evil.example\r\nauthorization: "
                         "Bearer " +
                         f.local_token() + "\r\ncontent-length: 100\r\n\r\n"));
    CHECK(stream.read_message().starts_with("HTTP/1.1 421 "));
}
