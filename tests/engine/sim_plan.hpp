// SPDX-License-Identifier: Apache-2.0
// Random work: events whose plans take every kind of step, and what must have happened when they
// are done.
#pragma once

#include "sim_random.hpp"
#include "support/history.hpp"

#include <string>
#include <vector>

namespace mortise::host::testing {

// An event that a plan waits for.
struct sim_answer {
    std::string key;
    bool certain = true; // false: the plan lives without it
};

struct sim_work {
    std::string id;
    std::string data; // {"plan":[...]}
    std::vector<test::wanted_effect> wanted;
    std::vector<sim_answer> answers;
    bool fails = false;
};

struct sim_mix { // what steps are made of, per mille of steps
    std::uint64_t fire = 100, waits = 120, sleeps = 150, races = 120, local = 150, fails = 10,
                  children = 0;
    std::uint64_t longest = 5; // steps of a plan
    std::uint64_t longest_sleep_ms = 60'000, longest_wait_ms = 30'000;
};

sim_work make_work(const std::string& id, const sim_mix& mix, sim_random& random);

} // namespace mortise::host::testing
