// SPDX-License-Identifier: Apache-2.0
//
// How fast one remote address may guess: a few failures are free, each further one doubles the time
// until the next try is looked at. Sans-I/O; one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mortise::host {

class login_throttle {
public:
    using time = std::chrono::nanoseconds; // of a clock that never goes back

    static constexpr std::uint32_t free_failures = 5;
    static constexpr std::chrono::seconds first_wait{1};
    static constexpr std::chrono::seconds longest_wait{300};
    static constexpr std::chrono::seconds forgotten_after{900}; // without a failure
    static constexpr std::size_t most_addresses = 4096;         // the one longest quiet goes

    // How long tries of this address ("192.0.2.1:4711", "[2001:db8::1]:4711") are refused from now
    // on; 0: they are looked at.
    std::chrono::milliseconds wait(std::string_view remote, time now) const;
    void failed(std::string_view remote, time now);
    void succeeded(std::string_view remote);
    std::size_t addresses() const noexcept { return seen_.size(); }

private:
    struct record {
        std::uint32_t failures = 0;
        time last{};
        time until{};
    };
    void make_room(time now);
    std::unordered_map<std::string, record> seen_;
};

// The address without its port; of IPv6 the first 64 bits, as one peer has all of the rest.
std::string throttled_address(std::string_view remote);

} // namespace mortise::host
