// SPDX-License-Identifier: Apache-2.0
// A program started by a test; killed with it when it still runs.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace mortise::test {

class child_process {
public:
    // Throws when the program cannot be started. Its output goes to the file.
    child_process(const std::vector<std::string>& command, const std::string& output_file);
    ~child_process();
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;

    bool running();
    pid_t pid() const noexcept { return pid_; }
    void signal(int number);
    // What waitpid() reports, or nothing when it still runs after the limit.
    std::optional<int> wait(std::chrono::milliseconds limit = std::chrono::seconds(20));

private:
    pid_t pid_ = -1;
    std::optional<int> status_;
};

} // namespace mortise::test
