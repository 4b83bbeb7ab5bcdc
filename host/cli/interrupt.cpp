// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.hpp"

#include <atomic>
#include <csignal>
#include <poll.h>
#include <unistd.h>

namespace mortise::host::cli {
namespace {

// Written by the handler; a pipe, so that a wait that is just about to begin
// sees it too.
int bell[2] = {-1, -1};
std::atomic<bool> rung{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void ring(int signal) {
    if (rung.exchange(true)) {
        ::signal(signal, SIG_DFL);
        ::raise(signal);
        return;
    }
    const char one = 1;
    [[maybe_unused]] const auto n = ::write(bell[1], &one, 1);
}

} // namespace

struct interruptible::kept {
    struct sigaction on_int {
    }, on_term{};
};

interruptible::interruptible() : kept_(std::make_unique<kept>()) {
    rung = false;
    if (::pipe(bell) != 0) bell[0] = bell[1] = -1;
    struct sigaction a {};
    a.sa_handler = &ring;
    sigemptyset(&a.sa_mask);
    ::sigaction(SIGINT, &a, &kept_->on_int);
    ::sigaction(SIGTERM, &a, &kept_->on_term);
}

interruptible::~interruptible() {
    ::sigaction(SIGINT, &kept_->on_int, nullptr);
    ::sigaction(SIGTERM, &kept_->on_term, nullptr);
    ::close(bell[0]);
    ::close(bell[1]);
}

bool interruptible::interrupted() const {
    return rung;
}

bool interruptible::wait(std::chrono::milliseconds time) const {
    if (rung) return false;
    pollfd waited{bell[0], POLLIN, 0};
    ::poll(&waited, 1, static_cast<int>(time.count()));
    return !rung;
}

} // namespace mortise::host::cli
