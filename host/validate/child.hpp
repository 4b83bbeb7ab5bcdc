// SPDX-License-Identifier: Apache-2.0
//
// Runs a check in a child process and says how it ended: with a result, by a crash, or not at all.
#pragma once

#include "validate/check.hpp"

#include <chrono>
#include <filesystem>

namespace mortise::host {

struct child_options {
    std::filesystem::path program; // run as `<program> validate --run-check NAME --seed N FILE`
    std::chrono::milliseconds timeout{60'000};
};

// [any-thread] Blocks until the child has ended; it is killed when the time is over.
check_result run_check_in_child(const check& c,
                                const std::filesystem::path& file,
                                std::uint64_t seed,
                                const child_options& options);

// The child's half: writes its answer to standard output and ends the process without destructors.
[[noreturn]] void
answer_check(const check& c, const std::filesystem::path& file, std::uint64_t seed);

} // namespace mortise::host
