// SPDX-License-Identifier: Apache-2.0
// Who may be here: throttle, sessions, tokens and names, with a clock that the test holds.
#include "../journal/fixture.hpp"
#include "admin/access.hpp"
#include "admin/host_names.hpp"
#include "admin/random_text.hpp"
#include "admin/session_cookie.hpp"
#include "base/digest.hpp"
#include "base/metrics.hpp"
#include "support/result_text.hpp"

#include <boost/json.hpp>

#include <set>

using namespace mortise::test;
using namespace mortise::host;
using namespace std::chrono_literals;

namespace {

struct access_fixture : journal_fixture {
    metric_registry metrics;
    std::optional<admin_access> access;
    std::string local = random_text("mrt_");

    explicit access_fixture(std::string address = "127.0.0.1") {
        access.emplace(access_options{false, std::move(address), local}, *journal, time, metrics);
        REQUIRE(access->tokens().load());
    }
    ~access_fixture() { (void)journal->flush(); }

    std::string make(const std::string& name, role as, unix_ms expires_at = 0) {
        std::promise<result<access_tokens::created>> made;
        access->tokens().create(name, as, expires_at,
                                [&](auto r) { made.set_value(std::move(r)); });
        auto r = made.get_future().get();
        REQUIRE(r);
        return r->token;
    }
    result<std::string> remove(const std::string& name) {
        std::promise<result<std::string>> gone;
        access->tokens().remove(name, [&](auto r) { gone.set_value(std::move(r)); });
        return gone.get_future().get();
    }
    admin_access::verdict ask(const std::string& token,
                              const std::string& remote = "127.0.0.1:4711",
                              const std::string& who = {}) {
        inbound_request r;
        r.method = "GET";
        r.path = "/api/v1/runs";
        r.remote = remote;
        r.headers = {{"host", "127.0.0.1"}, {"authorization", "Bearer " + token}};
        if (!who.empty()) r.headers.push_back({"x-mortise-who", who});
        return access->identify(r);
    }
};

std::string code_of(const inbound_response& r) {
    return std::string(boost::json::parse(r.body).at("code").as_string());
}

login_throttle::time at(std::chrono::nanoseconds t) {
    return 1000s + t;
}

} // namespace

TEST_CASE("a few failures of an address are free, each further one doubles the wait",
          "[admin][access]") {
    login_throttle t;
    const std::string peer = "192.0.2.1:4711";
    for (std::uint32_t i = 1; i < login_throttle::free_failures; ++i) {
        t.failed(peer, at(0s));
        CHECK(t.wait(peer, at(0s)) == 0ms);
    }
    t.failed(peer, at(0s));
    CHECK(t.wait(peer, at(0s)) == 1s);
    CHECK(t.wait("192.0.2.1:80", at(0s)) == 1s); // another port, the same peer
    CHECK(t.wait("192.0.2.2:4711", at(0s)) == 0ms);
    CHECK(t.wait(peer, at(999ms)) == 1ms);
    CHECK(t.wait(peer, at(1s)) == 0ms);
    t.failed(peer, at(1s));
    CHECK(t.wait(peer, at(1s)) == 2s);
    for (int i = 0; i < 40; ++i)
        t.failed(peer, at(3s));
    CHECK(t.wait(peer, at(3s)) == login_throttle::longest_wait);
}

TEST_CASE("a success and a quiet quarter of an hour forget failures", "[admin][access]") {
    login_throttle t;
    for (int i = 0; i < 8; ++i)
        t.failed("192.0.2.1:1", at(0s));
    CHECK(t.wait("192.0.2.1:1", at(0s)) > 0ms);
    SECTION("a success") {
        t.succeeded("192.0.2.1:2");
        CHECK(t.wait("192.0.2.1:1", at(0s)) == 0ms);
    }
    SECTION("time") {
        t.failed("192.0.2.1:1", at(login_throttle::forgotten_after));
        CHECK(t.wait("192.0.2.1:1", at(login_throttle::forgotten_after)) == 0ms);
    }
}

TEST_CASE("the addresses remembered are bounded", "[admin][access]") {
    login_throttle t;
    for (int i = 0; i < 3 * static_cast<int>(login_throttle::most_addresses); ++i)
        t.failed("10." + std::to_string(i / 65536) + '.' + std::to_string(i / 256 % 256) + '.' +
                     std::to_string(i % 256) + ":1",
                 at(std::chrono::milliseconds(i)));
    CHECK(t.addresses() == login_throttle::most_addresses);
}

TEST_CASE("an IPv6 peer is throttled with its whole network", "[admin][access]") {
    CHECK(throttled_address("[2001:db8:1:2:3:4:5:6]:80") == "2001:db8:1:2::");
    CHECK(throttled_address("[2001:db8:1:2:ffff::1]:90") == "2001:db8:1:2::");
    CHECK(throttled_address("[::ffff:192.0.2.1]:90") == "192.0.2.1");
    CHECK(throttled_address("192.0.2.1:90") == "192.0.2.1");
}

TEST_CASE("a name that a stranger could point here is not this host", "[admin][access]") {
    const std::vector<std::string> names{"mortise.example.com"};
    for (const char* good :
         {"127.0.0.1", "127.0.0.1:8081", "localhost", "LocalHost:1", "[::1]", "[::1]:8081",
          "10.1.2.3:8081", "mortise.example.com", "Mortise.Example.com.:443"})
        CHECK(names_this_host(good, names));
    for (const char* bad : {"", "evil.example", "evil.example:8081", "localhost.evil.example",
                            "mortise.example.com.evil.example", "127.0.0.1.evil.example", "[::1",
                            "[::1]x", "a:b:c", "127.1", "0x7f.1", "[evil.example]"}) {
        INFO(bad);
        CHECK_FALSE(names_this_host(bad, names));
    }
}

TEST_CASE("only pages of this listener are its own", "[admin][access]") {
    CHECK(is_own_origin("http://127.0.0.1:8081", "127.0.0.1:8081", false));
    CHECK(is_own_origin("https://mortise.example.com", "mortise.example.com", true));
    CHECK_FALSE(is_own_origin("http://mortise.example.com", "mortise.example.com", true));
    CHECK_FALSE(is_own_origin("http://127.0.0.1:8082", "127.0.0.1:8081", false));
    CHECK_FALSE(is_own_origin("http://evil.example", "127.0.0.1:8081", false));
    CHECK_FALSE(is_own_origin("null", "127.0.0.1:8081", false));
    CHECK_FALSE(is_own_origin("", "127.0.0.1:8081", false));
}

TEST_CASE("the session is found among other cookies", "[admin][access]") {
    CHECK(session_cookie({{"cookie", "a=b; mortise_session=xyz; c=d"}}) == "xyz");
    CHECK(session_cookie({{"cookie", "a=b"}, {"cookie", "mortise_session=xyz"}}) == "xyz");
    CHECK(session_cookie({{"cookie", "xmortise_session=xyz; mortise_session"}}) == "");
    CHECK(session_cookie({}) == "");
    const auto plain = set_session_cookie("abc", false);
    CHECK(plain == "mortise_session=abc; Path=/; HttpOnly; SameSite=Strict");
    CHECK(set_session_cookie("abc", true) == plain + "; Secure");
    CHECK(clear_session_cookie(false).find("Max-Age=0") != std::string::npos);
}

TEST_CASE("a session ends after its time, and earlier when nobody uses it", "[admin][access]") {
    manual_clock time;
    admin_sessions s(time);
    const auto a = s.open("kim", role::operator_, "hash");
    CHECK(a.session.csrf != a.id);
    CHECK(a.session.expires_at ==
          time.now_unix_ms() + std::chrono::milliseconds(admin_sessions::lifetime).count());
    SECTION("used") {
        for (int hours = 0; hours < 11; ++hours) {
            time.advance(1h);
            REQUIRE(s.find(a.id));
        }
        CHECK(s.find(a.id)->who == "kim");
        time.advance(1h);
        CHECK_FALSE(s.find(a.id));
    }
    SECTION("left alone") {
        time.advance(admin_sessions::idle_lifetime - 1ms);
        CHECK(s.is_open(a.id)); // a look does not prolong it
        time.advance(1ms);
        CHECK_FALSE(s.is_open(a.id));
        CHECK_FALSE(s.find(a.id));
    }
    SECTION("used at the last moment") {
        time.advance(admin_sessions::idle_lifetime - 1ms);
        REQUIRE(s.find(a.id));
        time.advance(admin_sessions::idle_lifetime);
        CHECK_FALSE(s.find(a.id));
    }
    SECTION("signed out") {
        s.close(a.id);
        CHECK_FALSE(s.find(a.id));
    }
    SECTION("with its token") {
        const auto other = s.open("lee", role::viewer, "other");
        s.close_all_of("hash");
        CHECK_FALSE(s.find(a.id));
        CHECK(s.find(other.id));
    }
    SECTION("a wall clock that is set back does not prolong it") {
        time.set_unix(time.now_unix_ms() - 86'400'000);
        time.advance(admin_sessions::lifetime);
        CHECK_FALSE(s.find(a.id));
    }
}

TEST_CASE("sessions and codes are bounded, the oldest goes", "[admin][access]") {
    manual_clock time;
    admin_sessions s(time);
    const auto first = s.open("kim", role::viewer, "hash");
    for (std::size_t i = 0; i < admin_sessions::most_sessions; ++i) {
        time.advance(1ms);
        (void)s.open("kim", role::viewer, "hash");
    }
    CHECK(s.size() == admin_sessions::most_sessions);
    CHECK_FALSE(s.find(first.id));
}

TEST_CASE("a code signs in once and for two minutes", "[admin][access]") {
    manual_clock time;
    admin_sessions s(time);
    const auto code = s.make_code("kim", role::operator_, "hash");
    SECTION("once") {
        const auto t = s.take_code(code.text);
        REQUIRE(t);
        CHECK(t->who == "kim");
        CHECK(t->as == role::operator_);
        CHECK_FALSE(s.take_code(code.text));
    }
    SECTION("too late") {
        time.advance(admin_sessions::code_lifetime);
        CHECK_FALSE(s.take_code(code.text));
    }
    SECTION("not with its token gone") {
        s.close_all_of("hash");
        CHECK_FALSE(s.take_code(code.text));
    }
    CHECK_FALSE(s.take_code(code.text + "x"));
    CHECK_FALSE(s.take_code(""));
}

TEST_CASE("tokens are long, of letters that need no escape, and none comes twice",
          "[admin][access]") {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto t = random_text("mrt_");
        REQUIRE(t.size() == 47);
        REQUIRE(t.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                    "-_") == std::string::npos);
        REQUIRE(seen.insert(t).second);
    }
}

TEST_CASE("a named token has its role until it expires or is removed", "[admin][access]") {
    access_fixture f;
    const auto end = f.time.now_unix_ms() + 60'000;
    const auto token = f.make("night-shift", role::operator_, end);
    const auto good = f.ask(token, "127.0.0.1:1", "somebody else");
    REQUIRE(good.caller);
    CHECK(good.caller->as == role::operator_);
    CHECK(good.caller->who == "token:night-shift"); // nobody but the local token says who
    CHECK(f.access->tokens().list().at(0).last_used_at == f.time.now_unix_ms());

    SECTION("expired") {
        f.time.advance(60s);
        const auto late = f.ask(token);
        REQUIRE_FALSE(late.caller);
        CHECK(late.refusal.status == 401);
        CHECK(late.refusal.body.find("expired") != std::string::npos);
    }
    SECTION("removed") {
        REQUIRE(f.remove("night-shift"));
        CHECK(f.ask(token).refusal.status == 401);
        CHECK(f.access->tokens().list().empty());
        const auto again = f.remove("night-shift");
        REQUIRE_FALSE(again);
        CHECK(again.error().category == category::not_found);
    }
    SECTION("over a restart, with only its hash kept") {
        REQUIRE(f.journal->flush());
        f.access.reset();
        f.reopen();
        f.access.emplace(access_options{false, "127.0.0.1", f.local}, *f.journal, f.time,
                         f.metrics);
        REQUIRE(f.access->tokens().load());
        CHECK(f.ask(token).caller->who == "token:night-shift");
        const auto file = read_file(f.options.path) + read_file(f.options.path + "-wal");
        CHECK(file.find(token) == std::string::npos);
        CHECK(file.find(sha256_hex(token)) != std::string::npos);
    }
    SECTION("a second one of that name is refused") {
        std::promise<result<access_tokens::created>> made;
        f.access->tokens().create("night-shift", role::viewer, 0,
                                  [&](auto r) { made.set_value(std::move(r)); });
        const auto r = made.get_future().get();
        REQUIRE_FALSE(r);
        CHECK(r.error().code == "token.taken");
        CHECK(f.ask(token).caller->as == role::operator_);
    }
}

TEST_CASE("tokens of the configuration come and go with it", "[admin][access]") {
    access_fixture f;
    const std::string text = "mrt_configured";
    f.access->tokens().configure({{"watch", role::viewer, sha256_hex(text)}});
    CHECK(f.ask(text).caller->as == role::viewer);
    const auto kept = f.remove("watch");
    REQUIRE_FALSE(kept);
    CHECK(kept.error().code == "token.configured");
    f.access->tokens().configure({{"watch", role::admin, sha256_hex(text)}});
    CHECK(f.ask(text).caller->as == role::admin);
    f.access->tokens().configure({});
    CHECK(f.ask(text).refusal.status == 401);
}

TEST_CASE("the local token counts from this machine only, and says who", "[admin][access]") {
    access_fixture f("10.0.0.5");
    const auto here = f.ask(f.local, "127.0.0.1:4711", "kim");
    REQUIRE(here.caller);
    CHECK(here.caller->as == role::admin);
    CHECK(here.caller->who == "account:kim");
    CHECK(f.ask(f.local, "[::1]:4711").caller->who == "local:admin");
    CHECK(f.ask(f.local, "10.0.0.5:4711").caller);
    CHECK(f.ask(f.local, "127.0.0.1:1", "Zoë").caller->who == "account:Zoë");
    CHECK(f.ask(f.local, "127.0.0.1:1", "\xff").refusal.status == 400);
    CHECK(f.ask(f.local, "127.0.0.1:1", std::string(201, 'x')).refusal.status == 400);
    const auto away = f.ask(f.local, "10.0.0.6:4711", "kim");
    REQUIRE_FALSE(away.caller);
    CHECK(away.refusal.status == 401);
}

TEST_CASE("who guesses tokens is made to wait, and nobody with a right one", "[admin][access]") {
    access_fixture f;
    for (std::uint32_t i = 0; i < login_throttle::free_failures; ++i)
        CHECK(f.ask("mrt_wrong").refusal.status == 401);
    const auto throttled = f.ask("mrt_wrong");
    CHECK(throttled.refusal.status == 429);
    CHECK(code_of(throttled.refusal) == "admin.throttled");
    const auto* after = find_header(throttled.refusal.headers, "retry-after");
    REQUIRE(after != nullptr);
    CHECK(*after == "1");
    CHECK(f.ask(f.local).caller);
    CHECK(f.ask("mrt_wrong", "192.0.2.9:1").refusal.status == 401);
    f.time.advance(1s);
    CHECK(f.ask("mrt_wrong").refusal.status == 401);
    CHECK(f.ask("mrt_wrong").refusal.status == 429);
}

TEST_CASE("credentials of another kind are refused", "[admin][access]") {
    access_fixture f;
    inbound_request r;
    r.method = "GET";
    r.path = "/api/v1/runs";
    r.remote = "127.0.0.1:1";
    CHECK(f.access->identify(r).refusal.status == 401);
    for (const auto& wrong :
         std::vector<std::string>{"Basic " + f.local, f.local, std::string("Bearer "),
                                  std::string("Bearer"), "Bearer  " + f.local}) {
        r.headers = {{"authorization", wrong}};
        INFO(wrong);
        const auto v = f.access->identify(r);
        CHECK_FALSE(v.caller);
        CHECK(v.refusal.status == 401);
        CHECK(find_header(v.refusal.headers, "www-authenticate") != nullptr);
    }
    r.headers = {{"authorization", "bearer " + f.local}};
    CHECK(f.access->identify(r).caller);
}
