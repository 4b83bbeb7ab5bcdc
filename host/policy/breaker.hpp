// SPDX-License-Identifier: Apache-2.0
//
// A circuit breaker: while a system answers nothing but failures, it is left alone and asked by one
// probe at a time. Sans-I/O: calls' outcomes and the time in, decisions out. Times are of any clock
// that does not go back.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace mortise::host {

struct breaker_options {
    bool enabled = true;
    std::uint32_t failures = 10; // in a row that open it
    // It also opens when, of at least min_calls within the window, this share has failed.
    double failure_ratio = 0.5;
    std::uint32_t min_calls = 20;
    std::chrono::milliseconds window{30'000};
    std::chrono::milliseconds open_for{5'000}; // doubled with every probe that fails
    std::chrono::milliseconds max_open_for{std::chrono::minutes(2)};
    double jitter = 0.2; // share of that time that is random
    // A probe that has not come back after this is given up for lost, and another may go.
    std::chrono::milliseconds probe_lease{std::chrono::minutes(3)};
};

enum class breaker_state : std::uint8_t { closed, open, half_open };
std::string_view to_string(breaker_state s) noexcept;

// What an outcome says about the system, not about the call.
enum class breaker_sign : std::uint8_t {
    alive,   // it answered, if only to refuse
    failing, // unavailable, timed out, or otherwise not able to answer
    nothing, // cancelled, rate limited, a fault of our own
};
breaker_sign sign_of(const error& e) noexcept;

// Handed out with the admission of a call and given back with its outcome.
struct breaker_pass {
    std::uint32_t era = 0;   // of the breaker's state; outcomes of an older one say nothing new
    std::uint64_t probe = 0; // not 0: the call is this probe
};

class breaker {
public:
    using time_point = std::chrono::milliseconds; // since any beginning

    explicit breaker(breaker_options options) : options_(options) {}

    struct admission {
        bool go = false;
        breaker_pass pass;
        time_point ask_again{0}; // without go
    };
    // May a call leave now?
    admission ask(time_point now);
    // Exactly one for each admission that said go. random is any 64 bits.
    void report(const breaker_pass& pass, breaker_sign sign, time_point now, std::uint64_t random);

    breaker_state state() const noexcept { return state_; }
    time_point open_until() const noexcept { return until_; } // while open
    std::uint32_t failures_in_a_row() const noexcept { return in_a_row_; }
    // Options of a new configuration; the state stays, except that switching it off closes it.
    void configure(const breaker_options& options);

private:
    void open(time_point now, std::uint64_t random);
    void close();
    bool too_many() const;

    breaker_options options_;
    breaker_state state_ = breaker_state::closed;
    std::uint32_t era_ = 0;
    std::uint32_t in_a_row_ = 0;
    std::uint32_t openings_ = 0; // without a success in between
    time_point until_{0};
    std::uint64_t probe_ = 0; // on its way; 0: none
    std::uint64_t probes_ = 0;
    time_point probe_lost_at_{0};
    // Outcomes of the window in two halves, the older of which is dropped as a whole.
    struct half {
        std::uint32_t calls = 0, failed = 0;
    };
    void roll(time_point now);
    half current_, before_;
    time_point half_began_{0};
};

} // namespace mortise::host
