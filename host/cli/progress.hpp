// SPDX-License-Identifier: Apache-2.0
//
// How far long work has come, on standard error: a bar that is redrawn on a
// terminal, a line now and then elsewhere
// when it takes longer than a second, nothing with --quiet or --json.
#pragma once

#include "cli/common.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace mortise::host::cli {

// Rate, share and remaining time from counts. Pure.
class progress_meter {
public:
    // unit: "runs", "events"; "bytes" are shown as KiB, MiB, ...
    progress_meter(std::string label, std::string unit);
    // total: nothing when it cannot be known.
    void at(std::chrono::milliseconds since_start,
            std::uint64_t done,
            std::optional<std::uint64_t> total);
    std::string line() const;                 // "retry: 12 of 30 runs, 40 %, 9.8/s, 2 s left"
    std::string bar(std::size_t width) const; // the same with a bar, in so many columns

private:
    std::string figures() const;
    std::string amount(std::uint64_t n) const;
    std::string label_, unit_;
    std::chrono::milliseconds at_{0};
    std::uint64_t done_ = 0;
    std::optional<std::uint64_t> total_, first_;
};

class progress {
public:
    progress(const common& c, std::string label, std::string unit);
    ~progress(); // end()
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    void at(std::uint64_t done, std::optional<std::uint64_t> total = {});
    // The bar goes; a last line stays where lines are printed.
    void end();

private:
    progress_meter meter_;
    bool shown_, bar_;
    bool drawn_ = false, behind_ = false;
    std::chrono::steady_clock::time_point start_, last_;
};

} // namespace mortise::host::cli
