// SPDX-License-Identifier: Apache-2.0
// Ids that repeat from run to run: the same seed gives the same sequence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace mortise::sandbox {

class id_source {
public:
    explicit id_source(std::uint64_t seed = 1) { reset(seed); }
    void reset(std::uint64_t seed);
    std::string uuid();                            // version 1 form, lower case
    std::string hex(std::size_t digits);           // random hexadecimal digits
    std::string token(std::size_t length);         // letters and digits
    std::uint64_t number(std::uint64_t first = 1); // first, first + 1, ...
    std::uint64_t random();

    // Always the same UUID for the same name: for seed objects that documentation refers to.
    static std::string named_uuid(std::string_view name);

private:
    std::mt19937_64 engine_;
    std::uint64_t time_ = 0;
    std::uint64_t number_ = 0;
};

} // namespace mortise::sandbox
