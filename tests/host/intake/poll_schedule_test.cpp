// SPDX-License-Identifier: Apache-2.0
#include "intake/poll_schedule.hpp"
#include "support/catch.hpp"

using mortise::host::poll_schedule;
using std::chrono::milliseconds;

TEST_CASE("polls come at the interval, some a little early", "[engine][poll]") {
    poll_schedule s(milliseconds(1000), 0.1);
    CHECK(s.after_success(0) == milliseconds(1000));
    CHECK(s.after_success(~std::uint64_t{0}) == milliseconds(900));
}

TEST_CASE("failures back off and a success forgets them", "[engine][poll]") {
    poll_schedule s(milliseconds(1000), 0, milliseconds(5000));
    CHECK(s.after_failure(0) == milliseconds(1000));
    CHECK(s.after_failure(0) == milliseconds(2000));
    CHECK(s.after_failure(0) == milliseconds(4000));
    CHECK(s.after_failure(0) == milliseconds(5000));
    for (int i = 0; i < 100; ++i)
        CHECK(s.after_failure(0) == milliseconds(5000));
    CHECK(s.after_success(0) == milliseconds(1000));
    CHECK(s.failures() == 0);
    CHECK(s.after_failure(0) == milliseconds(1000));
}

TEST_CASE("a system that asks for time gets it", "[engine][poll]") {
    poll_schedule s(milliseconds(1000), 0, milliseconds(5000));
    CHECK(s.after_failure(0, milliseconds(60'000)) == milliseconds(60'000));
    CHECK(s.after_failure(0, milliseconds(10)) == milliseconds(2000));
}

TEST_CASE("an interval longer than the longest back-off is not shortened", "[engine][poll]") {
    poll_schedule s(milliseconds(10'000), 0, milliseconds(5000));
    CHECK(s.after_failure(0) == milliseconds(10'000));
    CHECK(s.after_failure(0) == milliseconds(10'000));
    // Nor may a careless zero make the host spin.
    poll_schedule none(milliseconds(0), 0);
    CHECK(none.after_success(0) >= milliseconds(10));
}
