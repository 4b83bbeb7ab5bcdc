// SPDX-License-Identifier: Apache-2.0
#include "manual_event.hpp"
#include "support/catch.hpp"

#include <mortise/sdk/error.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

using namespace mortise;
using namespace mortise::test;

namespace {

task<int> three() {
    co_return 3;
}

task<int> add(int a, task<int> b) {
    const int value = co_await std::move(b);
    co_return a + value;
}

task<int> fails(std::string why) {
    throw std::runtime_error(why);
    co_return 0;
}

} // namespace

TEST_CASE("a task does nothing before it is awaited", "[sdk][task]") {
    bool ran = false;
    const auto work = [](bool& flag) -> task<void> {
        flag = true;
        co_return;
    };
    {
        task<void> t = work(ran);
        CHECK_FALSE(ran);
    }
    CHECK_FALSE(ran);
    runner r(work(ran));
    CHECK(ran);
    CHECK(r.done());
}

TEST_CASE("a task hands its value to the task that awaits it", "[sdk][task]") {
    int got = 0;
    const auto work = [](int& out) -> task<void> { out = co_await add(4, three()); };
    runner r(work(got));
    CHECK(r.done());
    CHECK(got == 7);
}

TEST_CASE("a task hands over values that can only be moved", "[sdk][task]") {
    const auto make = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
    int got = 0;
    const auto work = [&](int& out) -> task<void> {
        auto p = co_await make();
        out = *p;
    };
    runner r(work(got));
    CHECK(got == 5);
}

TEST_CASE("an exception travels through every awaiting task", "[sdk][task]") {
    std::string what;
    const auto work = [](std::string& out) -> task<void> {
        try {
            co_await add(1, fails("broken"));
        } catch (const std::runtime_error& e) {
            out = e.what();
        }
    };
    runner r(work(what));
    CHECK(r.done());
    CHECK(what == "broken");

    const auto unhandled = []() -> task<void> { co_await fails("outside"); };
    runner escaped(unhandled());
    REQUIRE(escaped.done());
    REQUIRE(escaped.failure());
    CHECK_THROWS_WITH(std::rethrow_exception(escaped.failure()), "outside");
}

TEST_CASE("a task goes on where it waited", "[sdk][task]") {
    manual_event ready;
    int got = 0;
    const auto inner = [](manual_event& e) -> task<int> {
        co_await e;
        co_return 11;
    };
    const auto work = [&](int& out) -> task<void> { out = co_await add(1, inner(ready)); };
    runner r(work(got));
    CHECK_FALSE(r.done());
    ready.set();
    CHECK(r.done());
    CHECK(got == 12);
}

TEST_CASE("destroying a waiting task frees every frame below it", "[sdk][task]") {
    int alive = 0;
    manual_event never;
    const auto leaf = [](manual_event& e, counted c) -> task<int> {
        const counted local(*c.alive);
        co_await e;
        co_return 1;
    };
    const auto middle = [&](counted c) -> task<int> {
        const std::string text(100, 'x');
        const int n = co_await leaf(never, counted(*c.alive));
        co_return n + static_cast<int>(text.size());
    };
    const auto top = [&](counted c) -> task<void> { co_await middle(std::move(c)); };
    runner r(top(counted(alive)));
    CHECK(alive > 0);
    r.drop();
    CHECK(alive == 0);
    CHECK_FALSE(r.done());
    never.forget_waiters();
}

TEST_CASE("a loop over results that are ready does not grow the stack", "[sdk][task]") {
    long sum = 0;
    const auto work = [](long& out) -> task<void> {
        for (int i = 0; i < 1'000'000; ++i)
            out += co_await three();
    };
    runner r(work(sum));
    CHECK(r.done());
    CHECK(sum == 3'000'000);
}

TEST_CASE("a task may go on on another thread than it began on", "[sdk][task]") {
    // A blocking operation begins on a worker; the answer of its first wait comes on the strand.
    struct hop {
        std::thread& carrier;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> h) const {
            carrier = std::thread([h] { h.resume(); });
        }
        void await_resume() const noexcept {}
    };
    for (int round = 0; round < 200; ++round) {
        std::thread carrier;
        std::atomic<int> got{0};
        const auto inner = [](std::thread& t) -> task<int> {
            hop h{t};
            co_await h;
            co_return 9;
        };
        const auto work = [&](std::atomic<int>& out) -> task<void> {
            const int value = co_await inner(carrier);
            out = value;
        };
        runner r(work(got));
        carrier.join();
        REQUIRE(got == 9);
        REQUIRE(r.done());
    }
}

TEST_CASE("a moved-from task is empty", "[sdk][task]") {
    task<int> a = three();
    task<int> b = std::move(a);
    CHECK_FALSE(a);
    CHECK(b);
    b = task<int>();
    CHECK_FALSE(b);
}
