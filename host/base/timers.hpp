// SPDX-License-Identifier: Apache-2.0
// The host's seam for waiting: the real one waits on Asio, a simulation's on virtual time.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace boost::asio {
class io_context;
}

namespace mortise::host {

class pending_timer {
public:
    virtual ~pending_timer() = default;
    virtual bool cancel() = 0; // see timer::cancel
};

// A started timer; letting go of it cancels it. One thread at a time, or under the owner's lock.
class timer {
public:
    timer() = default;
    explicit timer(std::shared_ptr<pending_timer> it) : it_(std::move(it)) {}
    timer(timer&& other) noexcept = default;
    timer& operator=(timer&& other) noexcept {
        if (this != &other) {
            cancel();
            it_ = std::move(other.it_);
        }
        return *this;
    }
    ~timer() { cancel(); }

    // True: it had not begun to run and never will. False: it runs, has run, or was none.
    bool cancel() {
        const auto it = std::exchange(it_, nullptr);
        return it && it->cancel();
    }

private:
    std::shared_ptr<pending_timer> it_;
};

class timer_source {
public:
    virtual ~timer_source() = default;
    // [any-thread] Runs fn once, on one of the io_context's threads, after delay (soon, never from
    // inside, when it is not positive).
    [[nodiscard]] virtual timer start(std::chrono::milliseconds delay,
                                      std::function<void()> fn) = 0;
};

class asio_timers final : public timer_source {
public:
    explicit asio_timers(boost::asio::io_context& io) : io_(io) {}
    timer start(std::chrono::milliseconds delay, std::function<void()> fn) override;

private:
    boost::asio::io_context& io_;
};

} // namespace mortise::host
