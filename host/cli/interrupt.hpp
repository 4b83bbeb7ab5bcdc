// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C while a command waits: the first one ends the waiting, a second one
// the program.
#pragma once

#include <chrono>
#include <memory>

namespace mortise::host::cli {

// As long as one lives, SIGINT and SIGTERM are noted instead of ending the
// program. [main]
class interruptible {
public:
    interruptible();
    ~interruptible();
    interruptible(const interruptible&) = delete;
    interruptible& operator=(const interruptible&) = delete;

    bool interrupted() const;
    // True when the time has passed, false when it was cut short by a signal.
    bool wait(std::chrono::milliseconds time) const;

private:
    struct kept;
    std::unique_ptr<kept> kept_;
};

} // namespace mortise::host::cli
