// SPDX-License-Identifier: Apache-2.0
#include "../src/pattern.hpp"
#include "support/catch.hpp"

#include <memory>
#include <regex>
#include <string>
#include <thread>
#include <vector>

using mortise::detail::pattern;

TEST_CASE("a pattern is compiled once however many fields carry it", "[sdk][schema]") {
    const auto one = pattern::of("^[a-z]{1,40}$");
    CHECK(pattern::of("^[a-z]{1,40}$") == one);
    const auto other = pattern::of("^[a-z]{1,41}$");
    CHECK(other != one);
    CHECK(one->found_in("abc"));
    CHECK_FALSE(one->found_in("Abc"));
    CHECK_FALSE(one->found_in(std::string(41, 'a')));
    CHECK(other->found_in(std::string(41, 'a')));
}

TEST_CASE("a pattern that nobody has any more is let go, and made again", "[sdk][schema]") {
    std::weak_ptr<const pattern> gone = pattern::of("^gone$");
    CHECK(gone.expired());
    CHECK(pattern::of("^gone$")->found_in("gone"));
}

TEST_CASE("what is no regular expression is refused each time and keeps nothing from the next",
          "[sdk][schema]") {
    for (int i = 0; i < 2; ++i)
        CHECK_THROWS_AS(pattern::of("("), std::regex_error);
    CHECK(pattern::of("^\\($")->found_in("("));
}

TEST_CASE("threads that want the same pattern get the same one", "[sdk][schema]") {
    const auto held = pattern::of("^[0-9a-f]{8}$");
    std::vector<std::shared_ptr<const pattern>> got(8);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : got)
            threads.emplace_back([&mine] { mine = pattern::of("^[0-9a-f]{8}$"); });
    }
    for (const auto& mine : got)
        CHECK(mine == held);
}
