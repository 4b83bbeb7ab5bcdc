// SPDX-License-Identifier: Apache-2.0
#include "base/timers.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>

namespace mortise::host {
namespace {

class asio_timer final : public pending_timer, public std::enable_shared_from_this<asio_timer> {
public:
    asio_timer(boost::asio::io_context& io, std::function<void()> fn)
        : timer_(io), fn_(std::move(fn)) {}

    void arm(std::chrono::milliseconds delay) {
        const std::lock_guard lock(guard_);
        timer_.expires_after(std::max(delay, std::chrono::milliseconds(0)));
        timer_.async_wait([self = shared_from_this()](boost::system::error_code) {
            if (self->over_.exchange(true)) return;
            const auto fn = std::move(self->fn_);
            fn();
        });
    }
    bool cancel() override {
        if (over_.exchange(true)) return false;
        fn_ = nullptr; // ours alone now
        const std::lock_guard lock(guard_);
        timer_.cancel();
        return true;
    }

private:
    std::mutex guard_; // of timer_
    boost::asio::steady_timer timer_;
    std::atomic<bool> over_{false};
    std::function<void()> fn_; // whoever sets over_ owns it
};

} // namespace

timer asio_timers::start(std::chrono::milliseconds delay, std::function<void()> fn) {
    auto made = std::make_shared<asio_timer>(io_, std::move(fn));
    made->arm(delay);
    return timer(std::move(made));
}

} // namespace mortise::host
