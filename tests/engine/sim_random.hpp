// SPDX-License-Identifier: Apache-2.0
// The only source of chance in a simulation: one row of numbers per seed, the same everywhere.
#pragma once

#include <cstdint>

namespace mortise::host::testing {

class sim_random {
public:
    explicit sim_random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() { // splitmix64
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }
    // 0 .. n-1; n is small, so the modulo's bias does not matter.
    std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : next() % n; }
    std::uint64_t between(std::uint64_t low, std::uint64_t high) {
        return low + below(high - low + 1);
    }
    bool per_mille(std::uint64_t p) { return below(1000) < p; }
    bool one_in(std::uint64_t n) { return n != 0 && below(n) == 0; }

private:
    std::uint64_t state_;
};

} // namespace mortise::host::testing
