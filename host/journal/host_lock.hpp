// SPDX-License-Identifier: Apache-2.0
// Keeps a second host off the same journal, from opening to closing, also when the first one hangs.
#pragma once

#include <string>

namespace mortise::host {

// An flock on "<path>.lock"; it goes with the process, so nothing has to be cleaned up after a
// crash.
class host_lock {
public:
    // Throws journal_failure (category config) when another process holds it or the file cannot be
    // made.
    explicit host_lock(const std::string& journal_path);
    ~host_lock();
    host_lock(const host_lock&) = delete;
    host_lock& operator=(const host_lock&) = delete;

private:
    int fd_ = -1;
};

} // namespace mortise::host
