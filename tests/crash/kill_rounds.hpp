// SPDX-License-Identifier: Apache-2.0
// Lives of the real program that end by SIGKILL at random moments, under random work, with a target
// that fails at times: one history.
#pragma once

#include "crashing_host.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mortise::test {

struct kill_report {
    std::vector<std::string> broken; // promises, in words
    std::size_t kills = 0, events = 0, runs = 0, effects = 0, in_doubt = 0;
};

// Kills the program so many times, lets it come to an end and compares. Everything random comes
// from the seed, but for the moments at which the system lets the program run.
kill_report kill_rounds(std::uint64_t seed, std::size_t rounds);

} // namespace mortise::test
