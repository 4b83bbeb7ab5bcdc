// SPDX-License-Identifier: Apache-2.0
// Timers on virtual time: they fire when the simulation says so, and not before their time.
#pragma once

#include "base/clock.hpp"
#include "base/timers.hpp"
#include "sim_random.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace mortise::host::testing {

class sim_timers final : public timer_source {
public:
    sim_timers(boost::asio::io_context& io, const manual_clock& time) : io_(io), time_(time) {}
    ~sim_timers() override;

    timer start(std::chrono::milliseconds delay, std::function<void()> fn) override;

    // When the first one is due, in monotonic time.
    std::optional<std::uint64_t> next_due() const;
    // Lets one of those that are due run (posts it); false when none is.
    bool fire_one(sim_random& random);
    std::size_t pending() const { return queue_.size(); }

private:
    struct entry;
    using key = std::pair<std::uint64_t, std::uint64_t>; // due, order of start

    boost::asio::io_context& io_;
    const manual_clock& time_;
    std::uint64_t started_ = 0;
    std::map<key, std::shared_ptr<entry>> queue_;
};

} // namespace mortise::host::testing
