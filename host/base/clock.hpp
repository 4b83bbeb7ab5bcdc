// SPDX-License-Identifier: Apache-2.0
// The host's time seam: everything that decides by time takes a clock, so tests and simulations can
// hold it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace mortise::host {

// Milliseconds since 1970-01-01T00:00:00Z; the form the journal stores.
using unix_ms = std::int64_t;

class clock {
public:
    virtual ~clock() = default;
    virtual unix_ms now_unix_ms() const = 0;       // [any-thread]
    virtual std::uint64_t now_mono_ns() const = 0; // [any-thread] never goes back
};

class system_clock final : public clock {
public:
    unix_ms now_unix_ms() const override;
    std::uint64_t now_mono_ns() const override;
};

// A clock that moves only when told to. [any-thread]
class manual_clock final : public clock {
public:
    explicit manual_clock(unix_ms start = 1'700'000'000'000) : unix_(start) {}
    unix_ms now_unix_ms() const override { return unix_.load(); }
    std::uint64_t now_mono_ns() const override { return mono_.load(); }
    void advance(std::chrono::milliseconds by);
    void set_unix(unix_ms t) { unix_.store(t); } // may go back, as a real wall clock can

private:
    std::atomic<unix_ms> unix_;
    std::atomic<std::uint64_t> mono_{1'000'000'000};
};

} // namespace mortise::host
