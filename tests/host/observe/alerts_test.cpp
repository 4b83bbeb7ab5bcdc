// SPDX-License-Identifier: Apache-2.0
// When something is told, and what happens when it cannot be.
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "config/secrets.hpp"
#include "observe/alerts.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>

#include <future>
#include <signal.h>
#include <thread>

using namespace mortise;
using namespace mortise::host;
using namespace std::chrono_literals;
using mortise::test::eventually;

namespace {

alert_event of(const std::string& subject, unix_ms at, bool recovered = false) {
    alert_event e;
    e.subject = subject;
    e.at = at;
    e.recovered = recovered;
    return e;
}

struct alert_fixture {
    ~alert_fixture() {
        told->stop();
        commands.join();
        std::promise<void> stopped;
        client->stop([&] { stopped.set_value(); });
        stopped.get_future().wait();
        work.reset();
        thread.join();
    }
    void configure(alert_config c, std::shared_ptr<const secret_store> secrets = nullptr) {
        REQUIRE(told->configure({{"ops", std::move(c)}}, std::move(secrets)).has_value());
    }
    void dead(const std::string& flow, const std::string& code = "x.broken") {
        run_record r;
        r.id = run_id("0190b0a0-0000-7000-8000-000000000001");
        r.instance = flow;
        r.flow = flow;
        r.state = run_state::failed;
        r.failure = error{category::input, code, "it is broken"};
        told->run_changed(r);
    }
    double count(const std::string& name) {
        const auto text = metrics.text();
        const auto line = "\nmortise_alerts_" + name + "_total{alert=\"ops\"} ";
        const auto at = text.find(line);
        return at == std::string::npos ? -1 : std::atof(text.c_str() + at + line.size());
    }

    manual_clock time;
    system_clock real;
    metric_registry metrics;
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        io.get_executor()};
    std::thread thread{[this] { io.run(); }};
    asio_timers timers{io};
    boost::asio::thread_pool commands{1};
    std::unique_ptr<http_client> client = std::make_unique<http_client>(io.get_executor(), real);
    std::shared_ptr<alerts> told =
        std::make_shared<alerts>(alert_parts{timers, commands, metrics, time, *client}, "host-1");
};

struct webhook {
    webhook()
        : server(mortise::test::answering([this](const std::string& request) {
              const std::lock_guard lock(guard);
              requests.push_back(request);
              const auto s = statuses.empty() ? 200 : statuses.front();
              if (!statuses.empty()) statuses.erase(statuses.begin());
              return mortise::test::http_answer(s, "");
          })) {}
    std::vector<std::string> seen() {
        const std::lock_guard lock(guard);
        return requests;
    }
    boost::json::object message(std::size_t i) {
        const auto r = seen().at(i);
        return boost::json::parse(r.substr(r.find("\r\n\r\n") + 4)).as_object();
    }
    std::mutex guard;
    std::vector<std::string> requests;
    std::vector<int> statuses;
    mortise::test::scripted_server server;
};

alert_config to(const webhook& w, std::set<alert_cause> on = {alert_cause::dead_letter}) {
    alert_config c;
    c.on = std::move(on);
    c.webhook = "http://" + w.server.host_port() + "/in";
    return c;
}

gate_change change(breaker_state s, const std::string& why = {}) {
    gate_change c;
    c.connection = "dam";
    c.now.breaker = s;
    c.why = why;
    return c;
}

} // namespace

// ---- when ----

TEST_CASE("a cause is told once, and again only after a while", "[observe][alerts]") {
    alert_rules rules(1h);
    auto first = rules.see(of("a", 1000));
    REQUIRE(first);
    CHECK(first->occurrences == 1);
    CHECK(first->since == 1000);
    CHECK_FALSE(rules.see(of("a", 2000)));
    CHECK_FALSE(rules.see(of("a", 3'600'999)));
    CHECK(rules.see(of("b", 2000)));
    const auto again = rules.see(of("a", 3'601'000));
    REQUIRE(again);
    CHECK(again->occurrences == 3);
    CHECK(again->since == 1000);
}

TEST_CASE("a recovery is told when there was something to recover from", "[observe][alerts]") {
    alert_rules rules(1h);
    CHECK_FALSE(rules.see(of("a", 1, true)));
    REQUIRE(rules.see(of("a", 2)));
    const auto over = rules.see(of("a", 3, true));
    REQUIRE(over);
    CHECK(over->event.recovered);
    CHECK(over->since == 2);
    CHECK_FALSE(rules.see(of("a", 4, true)));
    CHECK(rules.see(of("a", 5))); // a new matter, told at once
}

TEST_CASE("with repeat_after 0 everything is told", "[observe][alerts]") {
    alert_rules rules(0ms);
    for (int i = 1; i < 5; ++i)
        CHECK(rules.see(of("a", i)));
}

TEST_CASE("causes without end do not fill the memory", "[observe][alerts]") {
    alert_rules rules(1h);
    for (std::size_t i = 0; i < alert_rules::most_matters + 100; ++i)
        CHECK(rules.see(of(std::to_string(i), static_cast<unix_ms>(i + 1))));
    CHECK(rules.matters() == alert_rules::most_matters);
}

// ---- webhooks ----

TEST_CASE("a dead letter is posted to the webhook", "[observe][alerts]") {
    webhook hook;
    alert_fixture f;
    ::setenv("MORTISE_TEST_ALERT", "Bearer alert-secret-1", 1);
    auto secrets = std::make_shared<secret_store>();
    secrets->add("alerts.ops.secret_headers.authorization",
                 {secret_reference::source::env, "MORTISE_TEST_ALERT"});
    auto c = to(hook);
    c.headers.plain["x-team"] = "dam";
    c.headers.secret["authorization"] = "alerts.ops.secret_headers.authorization";
    f.configure(c, secrets);
    f.dead("copy");
    REQUIRE(eventually([&] { return f.count("sent") == 1; }));
    const auto request = hook.seen().at(0);
    CHECK(request.starts_with("POST /in HTTP/1.1\r\n"));
    CHECK(request.find("x-team: dam\r\n") != std::string::npos);
    CHECK(request.find("authorization: Bearer alert-secret-1\r\n") != std::string::npos);
    const auto m = hook.message(0);
    CHECK(m.at("alert") == "ops");
    CHECK(m.at("cause") == "dead-letter");
    CHECK(m.at("state") == "firing");
    CHECK(m.at("host") == "host-1");
    CHECK(m.at("occurrences") == 1);
    CHECK(m.at("about").at("flow") == "copy");
    CHECK(m.at("about").at("run") == "0190b0a0-0000-7000-8000-000000000001");
    CHECK(m.at("message").as_string().find("it is broken") != boost::json::string::npos);
}

TEST_CASE("what nobody asked for is not told", "[observe][alerts]") {
    webhook hook;
    alert_fixture f;
    f.configure(to(hook, {alert_cause::ledger_broken}));
    f.dead("copy");
    f.told->gate_changed(change(breaker_state::open));
    f.told->ledger_broken("entry 7 was changed");
    REQUIRE(eventually([&] { return f.count("sent") == 1; }));
    CHECK(hook.seen().size() == 1);
    CHECK(hook.message(0).at("cause") == "ledger-broken");
}

TEST_CASE("a breaker that opens is told, and that the connection answers again",
          "[observe][alerts]") {
    webhook hook;
    alert_fixture f;
    f.configure(to(hook, {alert_cause::breaker_open}));
    f.told->gate_changed(change(breaker_state::open, "it is down"));
    f.told->gate_changed(change(breaker_state::half_open));
    f.told->gate_changed(change(breaker_state::open, "it is down"));
    f.told->gate_changed(change(breaker_state::closed));
    REQUIRE(eventually([&] { return f.count("sent") == 2; }));
    CHECK(hook.message(0).at("state") == "firing");
    CHECK(hook.message(0).at("subject") == "dam");
    CHECK(hook.message(1).at("state") == "recovered");
    CHECK(f.count("suppressed") == 1);
    // A pause and its end is nobody's failure.
    f.told->gate_changed(change(breaker_state::closed));
    f.dead("copy");
    CHECK(hook.seen().size() == 2);
}

TEST_CASE("a connection that fails for long is told, one that recovers soon is not",
          "[observe][alerts]") {
    webhook hook;
    alert_fixture f;
    auto c = to(hook, {alert_cause::connection_failing});
    c.failing_after = 5min;
    f.configure(c);
    f.told->gate_changed(change(breaker_state::open, "it is down"));
    f.time.advance(4min);
    f.told->look();
    f.told->gate_changed(change(breaker_state::closed));
    f.time.advance(10min);
    f.told->look();
    f.told->gate_changed(change(breaker_state::open, "down again"));
    f.time.advance(5min);
    f.told->look();
    f.told->look();
    REQUIRE(eventually([&] { return f.count("sent") == 1; }));
    CHECK(hook.seen().size() == 1);
    CHECK(hook.message(0).at("message").as_string().find("down again") !=
          boost::json::string::npos);
    f.told->gate_changed(change(breaker_state::closed));
    REQUIRE(eventually([&] { return f.count("sent") == 2; }));
    CHECK(hook.message(1).at("state") == "recovered");
}

TEST_CASE(
    "a connection that refuses our credentials for long is told, though its breaker is closed",
    "[observe][alerts]") {
    webhook hook;
    alert_fixture f;
    auto c = to(hook, {alert_cause::connection_failing, alert_cause::breaker_open});
    c.failing_after = 5min;
    f.configure(c);
    auto locked_out = change(breaker_state::closed, "wrong password");
    locked_out.now.sign_ins_refused = 3;
    f.told->gate_changed(locked_out);
    f.time.advance(5min);
    f.told->look();
    REQUIRE(eventually([&] { return f.count("sent") == 1; }));
    CHECK(hook.message(0).at("cause") == "connection-failing");
    CHECK(hook.message(0).at("message").as_string().find("wrong password") !=
          boost::json::string::npos);
    f.told->gate_changed(change(breaker_state::closed));
    REQUIRE(eventually([&] { return f.count("sent") == 2; }));
    CHECK(hook.message(1).at("state") == "recovered");
}

TEST_CASE("nothing more is told of a connection that is not configured any more",
          "[observe][alerts]") {
    webhook hook;
    alert_fixture f;
    auto c = to(hook, {alert_cause::connection_failing, alert_cause::breaker_open});
    c.failing_after = 5min;
    c.repeat_after = 1h;
    f.configure(c);
    f.told->gate_changed(change(breaker_state::open, "it is down"));
    f.time.advance(5min);
    f.told->look();
    REQUIRE(eventually([&] { return f.count("sent") == 2; }));
    auto gone = change(breaker_state::closed);
    gone.is_gone = true;
    f.told->gate_changed(gone);
    f.time.advance(2h);
    f.told->look();
    f.told->gate_changed(change(breaker_state::closed)); // no recovery from what is forgotten
    CHECK(f.count("suppressed") == 0);
    // Configured again, it is a new matter.
    f.told->gate_changed(change(breaker_state::open, "down again"));
    REQUIRE(eventually([&] { return f.count("sent") == 3; }));
    CHECK(hook.message(2).at("state") == "firing");
    CHECK(hook.message(2).at("occurrences") == 1);
    CHECK(hook.seen().size() == 3);
}

TEST_CASE("a webhook that refuses the message is not asked again", "[observe][alerts]") {
    webhook hook;
    hook.statuses = {GENERATE(400, 302)};
    alert_fixture f;
    f.configure(to(hook));
    f.dead("a");
    REQUIRE(eventually([&] { return f.count("failed") == 1; }));
    f.dead("b");
    REQUIRE(eventually([&] { return f.count("sent") == 1; }));
    CHECK(hook.seen().size() == 2);
}

TEST_CASE("an alert goes nowhere but to the webhook that is configured", "[observe][alerts]") {
    webhook other;
    std::atomic<int> asked{0};
    const auto elsewhere = "location: http://" + other.server.host_port() + "/in\r\n";
    mortise::test::scripted_server moved(mortise::test::answering([&](const std::string&) {
        ++asked;
        return mortise::test::http_answer(307, "", elsewhere);
    }));
    alert_fixture f;
    alert_config c;
    c.on = {alert_cause::dead_letter};
    c.webhook = "http://" + moved.host_port() + "/in";
    f.configure(c);
    f.dead("copy");
    REQUIRE(eventually([&] { return f.count("failed") == 1; }));
    CHECK(asked == 1);
    CHECK(other.seen().empty());
}

TEST_CASE("an unchanged alert uses the secrets of the new configuration", "[observe][alerts]") {
    const mortise::test::temp_dir dir;
    dir.write("one", "Bearer one");
    dir.write("two", "Bearer two");
    const auto kept_in = [&](const char* file) {
        auto s = std::make_shared<secret_store>();
        s->add("alerts.ops.secret_headers.authorization",
               {secret_reference::source::file, (dir.path() / file).string()});
        return s;
    };
    webhook hook;
    alert_fixture f;
    auto c = to(hook);
    c.headers.secret["authorization"] = "alerts.ops.secret_headers.authorization";
    f.configure(c, kept_in("one"));
    f.dead("a");
    REQUIRE(eventually([&] { return f.count("sent") == 1; }));
    f.configure(c, kept_in("two"));
    f.dead("b");
    REQUIRE(eventually([&] { return f.count("sent") == 2; }));
    CHECK(hook.seen().at(0).find("Bearer one") != std::string::npos);
    CHECK(hook.seen().at(1).find("Bearer two") != std::string::npos);
}

TEST_CASE("a webhook that is down is tried again and holds up nobody", "[observe][alerts]") {
    webhook hook;
    hook.statuses = {503};
    alert_fixture f;
    f.configure(to(hook));
    f.dead("a");
    REQUIRE(eventually([&] { return hook.seen().size() == 1; }));
    CHECK(f.count("sent") == 0);
    CHECK(eventually([&] { return f.count("sent") == 1; }));
    CHECK(hook.seen().size() == 2);
    CHECK(hook.message(0) == hook.message(1));
}

TEST_CASE("what waits is told before the host ends, and what cannot be is counted as lost",
          "[observe][alerts]") {
    webhook hook;
    alert_fixture f;
    f.configure(to(hook));
    const auto drained = [&](std::chrono::milliseconds grace) {
        std::promise<void> done;
        f.told->drain(grace, [&] { done.set_value(); });
        return done.get_future().wait_for(30s) == std::future_status::ready;
    };
    SECTION("all of it, without the pause before another attempt") {
        hook.statuses = {503};
        f.dead("copy");
        REQUIRE(eventually([&] { return hook.seen().size() == 1; }));
        f.dead("move");
        REQUIRE(drained(25s));
        CHECK(f.count("sent") == 2);
        CHECK(f.count("failed") == 0);
        f.dead("too-late");
        CHECK(hook.seen().size() == 3);
    }
    SECTION("for the grace only") {
        hook.statuses = std::vector<int>(1000, 503);
        f.dead("copy");
        f.dead("move");
        REQUIRE(drained(50ms));
        CHECK(f.count("sent") == 0);
        CHECK(f.count("failed") == 2);
    }
    SECTION("at once when there is nothing") {
        REQUIRE(drained(25s));
        REQUIRE(drained(25s));
        CHECK(f.count("failed") == 0);
    }
}

TEST_CASE("ten thousand dead letters of one cause are one message", "[observe][alerts]") {
    webhook hook;
    alert_fixture f;
    f.configure(to(hook));
    for (int i = 0; i < 10'000; ++i)
        f.dead("copy");
    REQUIRE(eventually([&] { return f.count("sent") == 1; }));
    CHECK(f.count("suppressed") == 9'999);
    f.time.advance(1h);
    f.dead("copy");
    REQUIRE(eventually([&] { return f.count("sent") == 2; }));
    CHECK(hook.message(1).at("occurrences") == 10'000);
}

TEST_CASE("ten thousand causes while nobody takes them stay bounded", "[observe][alerts]") {
    alert_fixture f;
    alert_config c;
    c.on = {alert_cause::dead_letter};
    c.webhook = "http://127.0.0.1:1/"; // nobody listens there
    f.configure(c);
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 10'000; ++i)
        f.dead("flow-" + std::to_string(i));
    CHECK(std::chrono::steady_clock::now() - began < 20s);
    CHECK(f.count("dropped") >= 10'000 - alerts::most_waiting - 1);
    CHECK(f.count("sent") == 0);
}

TEST_CASE("a new configuration keeps what an unchanged alert knows", "[observe][alerts]") {
    webhook hook;
    alert_fixture f;
    f.configure(to(hook));
    f.dead("copy");
    REQUIRE(eventually([&] { return f.count("sent") == 1; }));
    f.configure(to(hook));
    f.dead("copy");
    CHECK(f.count("suppressed") == 1);
    REQUIRE(f.told->configure({}, nullptr).has_value());
    f.dead("other");
    CHECK(f.count("sent") == 1);
}

TEST_CASE("secrets do not get into a message", "[observe][alerts]") {
    redact_in_log("s3cr3t-in-a-message");
    alert_message m;
    m.event.message = "refused: s3cr3t-in-a-message";
    m.event.about["code"] = "s3cr3t-in-a-message";
    CHECK(to_json(m, "ops", "h").find("s3cr3t") == std::string::npos);
}

TEST_CASE("an alert can run a program", "[observe][alerts]") {
    const mortise::test::temp_dir dir;
    const auto out = (dir.path() / "out").string();
    alert_fixture f;
    alert_config c;
    c.on = {alert_cause::dead_letter};
    c.command = {"/bin/sh", "-c", "cat > \"$1\"", "sh", out};
    f.configure(c);
    f.dead("copy");
    REQUIRE(eventually([&] { return f.count("sent") == 1; }));
    const auto m = boost::json::parse(mortise::test::read_file(out));
    CHECK(m.at("cause") == "dead-letter");
}
