// SPDX-License-Identifier: Apache-2.0
#include "policy/breaker.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <random>

using namespace mortise;
using namespace mortise::host;
using namespace std::chrono_literals;
using sign = breaker_sign;

namespace {

breaker_options plain() {
    breaker_options o;
    o.failures = 3;
    o.min_calls = 10;
    o.open_for = 1s;
    o.max_open_for = 8s;
    o.jitter = 0;
    o.probe_lease = 30s;
    return o;
}

void call(breaker& b, sign outcome, std::chrono::milliseconds now) {
    const auto a = b.ask(now);
    REQUIRE(a.go);
    b.report(a.pass, outcome, now, 0);
}

// Fails until it is open.
void fail_until_open(breaker& b, std::chrono::milliseconds now) {
    for (int i = 0; i < 100 && b.state() == breaker_state::closed; ++i)
        call(b, sign::failing, now);
    REQUIRE(b.state() == breaker_state::open);
}

} // namespace

TEST_CASE("a breaker opens after so many failures in a row", "[engine][breaker]") {
    breaker b(plain());
    call(b, sign::failing, 0s);
    call(b, sign::failing, 0s);
    CHECK(b.state() == breaker_state::closed);
    call(b, sign::failing, 0s);
    CHECK(b.state() == breaker_state::open);
    const auto a = b.ask(500ms);
    CHECK_FALSE(a.go);
    CHECK(a.ask_again == 1s);
}

TEST_CASE("an answer in between lets a breaker count anew", "[engine][breaker]") {
    auto o = plain();
    o.min_calls = 1000;
    breaker b(o);
    for (int i = 0; i < 4; ++i) {
        call(b, sign::failing, 0s);
        call(b, sign::failing, 0s);
        call(b, sign::alive, 0s);
        call(b, sign::alive, 0s);
        call(b, sign::alive, 0s);
    }
    CHECK(b.state() == breaker_state::closed);
}

TEST_CASE("a breaker opens when too large a share of the window's calls has failed",
          "[engine][breaker]") {
    breaker b(plain());
    for (int i = 0; i < 5; ++i) {
        call(b, sign::alive, 1s);
        if (b.state() == breaker_state::closed) call(b, sign::failing, 1s);
    }
    CHECK(b.state() == breaker_state::open);
}

TEST_CASE("failures that lie behind the window are forgotten", "[engine][breaker]") {
    breaker b(plain());
    for (int i = 0; i < 4; ++i) {
        call(b, sign::alive, 0s);
        call(b, sign::failing, 0s);
    }
    call(b, sign::alive, 60s);
    call(b, sign::failing, 60s);
    call(b, sign::alive, 60s);
    CHECK(b.state() == breaker_state::closed);
}

TEST_CASE("what says nothing of the system leaves a breaker as it is", "[engine][breaker]") {
    breaker b(plain());
    for (int i = 0; i < 50; ++i)
        call(b, sign::nothing, 0s);
    CHECK(b.state() == breaker_state::closed);
    call(b, sign::failing, 0s);
    call(b, sign::failing, 0s);
    call(b, sign::nothing, 0s);
    call(b, sign::failing, 0s);
    CHECK(b.state() == breaker_state::open);
}

TEST_CASE("an open breaker lets exactly one probe through at a time", "[engine][breaker]") {
    breaker b(plain());
    fail_until_open(b, 0s);
    CHECK_FALSE(b.ask(999ms).go);
    const auto probe = b.ask(1s);
    REQUIRE(probe.go);
    CHECK(b.state() == breaker_state::half_open);
    const auto second = b.ask(1s);
    CHECK_FALSE(second.go);
    CHECK(second.ask_again == 31s);

    SECTION("its answer closes it") {
        b.report(probe.pass, sign::alive, 2s, 0);
        CHECK(b.state() == breaker_state::closed);
        CHECK(b.ask(2s).go);
        CHECK(b.ask(2s).go);
    }
    SECTION("its failure opens it for twice as long, up to the limit") {
        b.report(probe.pass, sign::failing, 2s, 0);
        CHECK(b.state() == breaker_state::open);
        CHECK(b.open_until() == 4s);
        auto now = 4s;
        for (const auto expected : {4s, 8s, 8s, 8s}) {
            const auto next = b.ask(now);
            REQUIRE(next.go);
            b.report(next.pass, sign::failing, now, 0);
            CHECK(b.open_until() - now == expected);
            now = std::chrono::duration_cast<std::chrono::seconds>(b.open_until());
        }
    }
    SECTION("a probe that says nothing makes room for another") {
        b.report(probe.pass, sign::nothing, 2s, 0);
        CHECK(b.state() == breaker_state::half_open);
        CHECK(b.ask(2s).go);
        CHECK_FALSE(b.ask(2s).go);
    }
    SECTION("a probe that never comes back does not block it for ever") {
        CHECK_FALSE(b.ask(30s).go);
        const auto other = b.ask(31s);
        REQUIRE(other.go);
        b.report(probe.pass, sign::failing, 32s, 0);
        CHECK(b.state() == breaker_state::half_open);
        b.report(other.pass, sign::alive, 33s, 0);
        CHECK(b.state() == breaker_state::closed);
    }
}

TEST_CASE("calls that left before it opened say nothing to a breaker afterwards",
          "[engine][breaker]") {
    breaker b(plain());
    const auto early = b.ask(0s);
    const auto other = b.ask(0s);
    fail_until_open(b, 0s);
    b.report(early.pass, sign::alive, 1s, 0);
    CHECK(b.state() == breaker_state::open);
    const auto probe = b.ask(1s);
    REQUIRE(probe.go);
    b.report(other.pass, sign::failing, 1s, 0);
    CHECK(b.state() == breaker_state::half_open);
    b.report(probe.pass, sign::alive, 1s, 0);
    CHECK(b.state() == breaker_state::closed);
}

TEST_CASE("a breaker that is off lets everything through", "[engine][breaker]") {
    auto o = plain();
    o.enabled = false;
    breaker b(o);
    for (int i = 0; i < 100; ++i)
        call(b, sign::failing, 0s);
    CHECK(b.state() == breaker_state::closed);
    SECTION("and switching it off closes an open one") {
        o.enabled = true;
        b.configure(o);
        fail_until_open(b, 0s);
        o.enabled = false;
        b.configure(o);
        CHECK(b.ask(0s).go);
        o.enabled = true;
        b.configure(o);
        CHECK(b.state() == breaker_state::closed);
    }
}

TEST_CASE("only a system that cannot answer counts as failing", "[engine][breaker]") {
    const auto of = [](category c, retry_advice advice = retry_advice::by_category) {
        error e{c, "x", "x"};
        e.retry = advice;
        return sign_of(e);
    };
    CHECK(of(category::unavailable) == sign::failing);
    CHECK(of(category::timeout) == sign::failing);
    CHECK(of(category::remote_protocol, retry_advice::yes) == sign::failing);
    for (const auto c : {category::input, category::auth, category::denied, category::not_found,
                         category::conflict, category::remote_protocol})
        CHECK(of(c) == sign::alive);
    for (const auto c : {category::rate_limit, category::cancelled, category::internal,
                         category::config, category::limit})
        CHECK(of(c) == sign::nothing);
    CHECK(of(category::rate_limit, retry_advice::yes) == sign::nothing);
}

TEST_CASE("whatever happens, a breaker keeps its promises", "[engine][breaker][property]") {
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        INFO("seed " << seed);
        std::mt19937_64 random(seed);
        auto o = plain();
        o.jitter = 0.5;
        o.failures = static_cast<std::uint32_t>(1 + random() % 6);
        o.open_for = std::chrono::milliseconds(1 + random() % 5000);
        o.max_open_for = std::chrono::milliseconds(1 + random() % 20000);
        const auto longest = std::max(o.open_for, o.max_open_for);
        breaker b(o);
        auto now = 0ms;
        std::vector<breaker_pass> out; // admitted and not yet reported
        std::uint64_t probe = 0;       // on its way
        auto probe_left = 0ms;
        for (int i = 0; i < 300; ++i) {
            now += std::chrono::milliseconds(random() % 800);
            if (random() % 2 == 0) {
                const auto before = b.state();
                const auto a = b.ask(now);
                if (a.go && a.pass.probe != 0) {
                    REQUIRE(before != breaker_state::closed);
                    if (probe != 0) REQUIRE(now >= probe_left + o.probe_lease);
                    probe = a.pass.probe;
                    probe_left = now;
                }
                if (a.go)
                    out.push_back(a.pass);
                else
                    REQUIRE(a.ask_again > now);
                if (before == breaker_state::open && !a.go) REQUIRE(a.ask_again <= now + longest);
                if (before == breaker_state::closed) REQUIRE(a.go);
            } else if (!out.empty()) {
                const auto k = random() % out.size();
                const auto pass = out[k];
                out.erase(out.begin() + static_cast<std::ptrdiff_t>(k));
                const auto before = b.state();
                const auto s = static_cast<sign>(random() % 3);
                b.report(pass, s, now, random());
                if (pass.probe == probe || b.state() != breaker_state::half_open) probe = 0;
                // Nobody but a probe opens or closes what is not closed.
                if (before != breaker_state::closed && b.state() != before)
                    REQUIRE(pass.probe != 0);
                if (before == breaker_state::closed && b.state() == breaker_state::open)
                    REQUIRE(s == sign::failing);
            }
        }
        // It always comes back: once probes are answered, it closes.
        for (int i = 0; i < 5 && b.state() != breaker_state::closed; ++i) {
            now += longest + o.probe_lease;
            const auto a = b.ask(now);
            REQUIRE(a.go);
            b.report(a.pass, sign::alive, now, random());
        }
        REQUIRE(b.state() == breaker_state::closed);
    }
}
