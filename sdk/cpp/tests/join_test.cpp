// SPDX-License-Identifier: Apache-2.0
#include "manual_event.hpp"
#include "support/catch.hpp"

#include <mortise/sdk/join.hpp>

#include <string>

using namespace mortise;
using namespace mortise::test;

namespace {

task<int> after(manual_event& e, int value) {
    co_await e;
    co_return value;
}
task<int> fails_after(manual_event& e, std::string why) {
    co_await e;
    throw std::runtime_error(why);
}
task<int> now(int value) {
    co_return value;
}
task<void> nothing() {
    co_return;
}

} // namespace

TEST_CASE("all gives the results in the order of the tasks, whatever ends first", "[sdk][join]") {
    manual_event a, b;
    std::vector<int> got;
    const auto work = [&]() -> task<void> {
        std::vector<task<int>> list;
        list.push_back(after(a, 1));
        list.push_back(now(2));
        list.push_back(after(b, 3));
        got = co_await all(std::move(list));
    };
    runner r(work());
    CHECK_FALSE(r.done());
    b.set();
    CHECK_FALSE(r.done());
    a.set();
    CHECK(r.done());
    CHECK(got == std::vector<int>{1, 2, 3});
}

TEST_CASE("all of different types gives a tuple", "[sdk][join]") {
    manual_event a;
    int number = 0;
    const auto work = [&]() -> task<void> {
        auto both = co_await all(after(a, 4), nothing());
        number = std::get<0>(both);
    };
    runner r(work());
    a.set();
    CHECK(r.done());
    CHECK(number == 4);
}

TEST_CASE("all of nothing ends at once", "[sdk][join]") {
    bool ended = false;
    const auto work = [&]() -> task<void> {
        std::vector<task<void>> none;
        co_await all(std::move(none));
        ended = true;
    };
    runner r(work());
    CHECK(ended);
}

TEST_CASE("all throws the error that came first, after every task has ended", "[sdk][join]") {
    manual_event a, b, c;
    std::string what;
    bool last_ended = false;
    const auto late = [](manual_event& e, bool& ended) -> task<int> {
        co_await e;
        ended = true;
        co_return 0;
    };
    const auto work = [&]() -> task<void> {
        std::vector<task<int>> list;
        list.push_back(fails_after(a, "second in time"));
        list.push_back(fails_after(b, "first in time"));
        list.push_back(late(c, last_ended));
        try {
            co_await all(std::move(list));
        } catch (const std::exception& e) {
            what = e.what();
        }
    };
    runner r(work());
    b.set();
    a.set();
    CHECK_FALSE(r.done());
    c.set();
    CHECK(r.done());
    CHECK(last_ended);
    CHECK(what == "first in time");
}

TEST_CASE("first gives the winner and destroys the losers", "[sdk][join]") {
    manual_event a, b;
    int alive = 0;
    const auto loser = [](manual_event& e, counted c) -> task<int> {
        const counted local(*c.alive);
        co_await e;
        co_return 1;
    };
    std::size_t index = 9;
    int value = 0, alive_after = -1;
    const auto work = [&]() -> task<void> {
        std::vector<task<int>> list;
        list.push_back(loser(a, counted(alive)));
        list.push_back(after(b, 2));
        const auto won = co_await first(std::move(list));
        index = won.index;
        value = won.value;
        alive_after = alive;
    };
    runner r(work());
    CHECK(alive > 0);
    b.set();
    CHECK(r.done());
    CHECK(index == 1);
    CHECK(value == 2);
    CHECK(alive_after == 0);
    a.forget_waiters();
}

TEST_CASE("first does not start what comes after a task that is ready", "[sdk][join]") {
    bool started = false;
    const auto second = [&]() -> task<int> {
        started = true;
        co_return 2;
    };
    std::size_t index = 9;
    const auto work = [&]() -> task<void> {
        std::vector<task<int>> list;
        list.push_back(now(1));
        list.push_back(second());
        index = (co_await first(std::move(list))).index;
    };
    runner r(work());
    CHECK(r.done());
    CHECK(index == 0);
    CHECK_FALSE(started);
}

TEST_CASE("first throws when the winner failed, and without tasks", "[sdk][join]") {
    manual_event a, b;
    const auto work = [&]() -> task<void> {
        std::vector<task<int>> list;
        list.push_back(after(a, 1));
        list.push_back(fails_after(b, "lost"));
        co_await first(std::move(list));
    };
    runner r(work());
    b.set();
    REQUIRE(r.failure());
    CHECK_THROWS_WITH(std::rethrow_exception(r.failure()), "lost");
    a.forget_waiters();

    const auto none = []() -> task<void> {
        std::vector<task<int>> list;
        co_await first(std::move(list));
    };
    runner empty(none());
    REQUIRE(empty.failure());
    CHECK_THROWS_AS(std::rethrow_exception(empty.failure()), std::invalid_argument);
}

TEST_CASE("destroying what waits for several tasks frees them all", "[sdk][join]") {
    manual_event a;
    int alive = 0;
    const auto waits = [](manual_event& e, counted c) -> task<int> {
        const counted local(*c.alive);
        co_await e;
        co_return 1;
    };
    const auto work = [&]() -> task<void> {
        std::vector<task<int>> list;
        for (int i = 0; i < 5; ++i)
            list.push_back(waits(a, counted(alive)));
        co_await all(std::move(list));
    };
    runner r(work());
    CHECK(alive > 0);
    r.drop();
    CHECK(alive == 0);
    a.forget_waiters();
}
