// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.hpp"
#include "policy/connection_gate.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <vector>

using namespace mortise;
using namespace mortise::host;
using namespace std::chrono_literals;
using verdict = connection_gate::verdict;

namespace {

struct gate_fixture {
    gate_fixture() {
        options.failures = 2;
        options.open_for = 10s;
        options.jitter = 0;
        gate.configure(options);
    }
    void call(const error* failure) {
        const auto a = gate.may_call();
        REQUIRE(a.what == verdict::go);
        gate.report(a.pass, failure);
    }
    void break_it() {
        call(&down);
        call(&down);
        REQUIRE(gate.status().breaker == breaker_state::open);
    }
    double metric_of(const char* name) {
        return metrics.get(metric_kind::gauge, name, "", "connection=\"crm\"").value();
    }

    const error down{category::unavailable, "x.down", "it is down"};
    breaker_options options;
    manual_clock time;
    metric_registry metrics;
    int released = 0;
    connection_gate gate{"crm", time, metrics, [this] { ++released; }};
};

} // namespace

TEST_CASE("a broken connection holds its calls, the first of them as the probe", "[engine][gate]") {
    gate_fixture f;
    f.break_it();
    CHECK_FALSE(f.gate.is_open());
    CHECK(f.gate.status().probe_in == 10s);
    CHECK(f.metric_of("mortise_connection_breaker_state") == 2);
    auto last = 0ms;
    for (int i = 0; i < 5; ++i) {
        const auto a = f.gate.may_call();
        REQUIRE(a.what == verdict::wait);
        CHECK(a.wait >= 10s);
        CHECK(a.wait > last);
        last = a.wait;
    }
    f.time.advance(10s);
    const auto probe = f.gate.may_call();
    REQUIRE(probe.what == verdict::go);
    CHECK(f.gate.may_call().what == verdict::wait);
    CHECK(f.metric_of("mortise_connection_breaker_state") == 1);
    CHECK(f.released == 0);
    SECTION("the probe's success releases the others") {
        int told = 0;
        f.gate.on_release(&told, [&] { ++told; });
        f.gate.report(probe.pass, nullptr);
        CHECK(f.released == 1);
        CHECK(told == 1);
        CHECK(f.gate.is_open());
        CHECK(f.gate.may_call().what == verdict::go);
        CHECK(f.metric_of("mortise_connection_breaker_state") == 0);
    }
    SECTION("a refusal that shows it alive does as well") {
        const error refused{category::input, "x.refused", "no"};
        f.gate.report(probe.pass, &refused);
        CHECK(f.released == 1);
    }
    SECTION("its failure does not") {
        f.gate.report(probe.pass, &f.down);
        CHECK(f.released == 0);
        CHECK(f.gate.status().probe_in == 20s);
    }
}

TEST_CASE("a clock that is set back does not keep a breaker open", "[engine][gate]") {
    gate_fixture f;
    f.break_it();
    f.time.advance(10s);
    f.time.set_unix(0);
    CHECK(f.gate.may_call().what == verdict::go);
}

TEST_CASE("a paused connection holds everything until it is resumed", "[engine][gate]") {
    gate_fixture f;
    f.gate.pause({17, "migration"});
    REQUIRE(f.gate.status().paused);
    CHECK(f.gate.status().paused->reason == "migration");
    CHECK(f.metric_of("mortise_connection_paused") == 1);
    f.time.advance(100h);
    CHECK(f.gate.may_call().what == verdict::paused);
    int told = 0, forgotten = 0;
    f.gate.on_release(&told, [&] { told += 100; });
    f.gate.on_release(&told, [&] { ++told; });
    f.gate.on_release(&forgotten, [&] { ++forgotten; });
    f.gate.forget(&forgotten);
    f.gate.resume();
    CHECK(f.released == 1);
    CHECK(told == 1);
    CHECK(forgotten == 0);
    CHECK(f.gate.is_open());
    CHECK(f.metric_of("mortise_connection_paused") == 0);
    f.gate.resume();
    CHECK(f.released == 1);
    CHECK(told == 1);
}

TEST_CASE("a pause outlasts what the breaker hears meanwhile", "[engine][gate]") {
    gate_fixture f;
    const auto a = f.gate.may_call();
    const auto b = f.gate.may_call();
    f.gate.pause({});
    f.gate.report(a.pass, &f.down);
    f.gate.report(b.pass, &f.down);
    CHECK(f.gate.status().breaker == breaker_state::open);
    CHECK(f.gate.may_call().what == verdict::paused);
    f.gate.resume();
    CHECK(f.gate.may_call().what == verdict::wait);
}

TEST_CASE("switching the breaker off releases what it held", "[engine][gate]") {
    gate_fixture f;
    f.break_it();
    f.options.enabled = false;
    f.gate.configure(f.options);
    CHECK(f.released == 1);
    CHECK(f.gate.may_call().what == verdict::go);
}

TEST_CASE("whoever watches is told of every change, once, without a lock held", "[engine][gate]") {
    manual_clock time;
    metric_registry metrics;
    std::vector<std::string> told;
    connection_gate* self = nullptr;
    connection_gate gate{"crm", time, metrics, [] {},
                         [&](const gate_change& c) {
                             static_cast<void>(self->status()); // would wait for a held lock
                             told.push_back(std::string(to_string(c.now.breaker)) +
                                            (c.now.paused ? " paused" : "") + ':' + c.why);
                         }};
    self = &gate;
    breaker_options options;
    options.failures = 1;
    options.open_for = 10s;
    options.jitter = 0;
    gate.configure(options);
    CHECK(told.empty());
    const error down{category::unavailable, "x.down", "it is down"};
    gate.report(gate.may_call().pass, &down);
    CHECK(gate.may_call().what == verdict::wait);
    time.advance(10s);
    const auto probe = gate.may_call();
    gate.report(probe.pass, nullptr);
    gate.report(gate.may_call().pass, nullptr);
    gate.pause({1, "migration"});
    gate.resume();
    gate.resume();
    CHECK(told == std::vector<std::string>{"open:it is down", "half_open:", "closed:",
                                           "closed paused:migration", "closed:"});
}

TEST_CASE("a gate remembers the last failure, and keeps it when calls go well again",
          "[engine][gate]") {
    gate_fixture f;
    CHECK_FALSE(f.gate.status().last_failure);
    f.call(nullptr);
    CHECK_FALSE(f.gate.status().last_failure);
    f.call(&f.down);
    const auto at = f.time.now_unix_ms();
    f.time.advance(5s);
    f.call(nullptr);
    const auto last = f.gate.status().last_failure;
    REQUIRE(last);
    CHECK(last->what.code == "x.down");
    CHECK(last->at == at);
}

TEST_CASE("refused credentials are told of without holding calls, until the system lets us in",
          "[engine][gate]") {
    gate_fixture f;
    std::vector<gate_change> told;
    connection_gate gate{
        "erp", f.time, f.metrics, {}, [&](const gate_change& c) { told.push_back(c); }};
    gate.configure(f.options);
    const error refused{category::auth, "x.auth", "wrong password"};
    const error missing{category::not_found, "x.none", "there is no such object"};
    const auto call = [&](const error* failure) {
        const auto a = gate.may_call();
        REQUIRE(a.what == verdict::go);
        gate.report(a.pass, failure);
    };
    for (int round = 0; round < 2; ++round) { // one that comes and goes is none
        call(&refused);
        call(&refused);
        call(round == 0 ? nullptr : &missing); // either was let in
    }
    CHECK(told.empty());
    for (int i = 0; i < 4; ++i)
        call(&refused);
    REQUIRE(told.size() == 1);
    CHECK(told[0].now.is_locked_out());
    CHECK_FALSE(told[0].now.is_well());
    CHECK(told[0].now.breaker == breaker_state::closed);
    CHECK(told[0].why == "wrong password");
    CHECK(gate.status().sign_ins_refused == 4);
    call(&f.down);                        // says nothing about credentials,
    gate.give_back(gate.may_call().pass); // and a call that was not made even less
    CHECK(gate.status().sign_ins_refused == 4);
    gate.retire(); // taken out of the configuration, and put back with the same password
    gate.configure(f.options);
    REQUIRE(told.size() == 3);
    CHECK(told[1].is_gone);
    CHECK(told[2].now.is_locked_out());
    told.erase(told.begin() + 1, told.end());
    call(nullptr);
    REQUIRE(told.size() == 2);
    CHECK(told[1].now.is_well());
    CHECK(gate.status().sign_ins_refused == 0);
}

TEST_CASE("a probe that was not made after all neither closes the breaker nor keeps others waiting",
          "[engine][gate]") {
    gate_fixture f;
    f.break_it();
    f.time.advance(10s);
    const auto probe = f.gate.may_call();
    REQUIRE(probe.what == verdict::go);
    f.gate.give_back(probe.pass);
    CHECK(f.gate.status().breaker != breaker_state::closed);
    CHECK(f.released == 0);
    f.call(nullptr); // the next one is the probe
    CHECK(f.gate.status().breaker == breaker_state::closed);
}

TEST_CASE("a gate whose connection is not configured any more is nobody's concern",
          "[engine][gate]") {
    gate_fixture f;
    std::vector<gate_change> told;
    connection_gate gate{
        "erp", f.time, f.metrics, {}, [&](const gate_change& c) { told.push_back(c); }};
    const auto shown = [&](const char* name) {
        return f.metrics.get(metric_kind::gauge, name, "", "connection=\"erp\"").value();
    };
    gate.configure(f.options);
    for (int i = 0; i < 2; ++i) {
        const auto a = gate.may_call();
        gate.report(a.pass, &f.down);
    }
    gate.pause({0, "by hand"});
    REQUIRE(shown("mortise_connection_paused") == 1);
    REQUIRE(shown("mortise_connection_breaker_state") == 2);
    told.clear();
    gate.retire();
    gate.retire();
    REQUIRE(told.size() == 1);
    CHECK(told[0].is_gone);
    CHECK(told[0].connection == "erp");
    CHECK(shown("mortise_connection_paused") == 0);
    CHECK(shown("mortise_connection_breaker_state") == 0);
    gate.pause({0, "another reason"});
    CHECK(told.size() == 1);
    CHECK(shown("mortise_connection_paused") == 0);
    // Who began with it is held all the same.
    CHECK(gate.may_call().what == verdict::paused);
    gate.configure(f.options);
    REQUIRE(told.size() == 2);
    CHECK_FALSE(told[1].is_gone);
    CHECK(told[1].now.paused.has_value());
    CHECK(shown("mortise_connection_paused") == 1);
    gate.configure(f.options);
    CHECK(told.size() == 2);
}
