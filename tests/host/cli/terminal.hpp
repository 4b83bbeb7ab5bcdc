// SPDX-License-Identifier: Apache-2.0
// A program on a terminal of its own: what it draws, and keys typed at it.
#pragma once

#include "support/catch.hpp"
#include "support/eventually.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <pty.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace mortise::host::testing {

class terminal_program {
public:
    using variables = std::vector<std::pair<std::string, std::string>>;

    terminal_program(const std::vector<std::string>& command,
                     unsigned short columns = 100,
                     const variables& environment = {}) {
        winsize size{};
        size.ws_col = columns;
        size.ws_row = 24;
        std::vector<char*> words;
        for (const auto& w : command)
            words.push_back(const_cast<char*>(w.c_str()));
        words.push_back(nullptr);
        pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            ::setenv("TERM", "xterm", 1);
            ::unsetenv("NO_COLOR");
            for (const auto& [name, value] : environment)
                ::setenv(name.c_str(), value.c_str(), 1);
            ::execvp(words[0], words.data());
            ::_exit(127);
        }
    }
    ~terminal_program() {
        ::close(terminal_);
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    terminal_program(const terminal_program&) = delete;
    terminal_program& operator=(const terminal_program&) = delete;

    // Reads until the text is there, or the program has ended.
    bool says(const std::string& text) {
        return test::eventually([&] {
                   read_some();
                   return drawn_.find(text) != std::string::npos || ended_;
               }) &&
               drawn_.find(text) != std::string::npos;
    }
    void type(const std::string& keys) {
        REQUIRE(::write(terminal_, keys.data(), keys.size()) == ssize_t(keys.size()));
    }
    // The exit code; -1 when a signal ended it.
    int end() {
        REQUIRE(test::eventually([&] {
            read_some();
            return ended_;
        }));
        int status = 0;
        REQUIRE(::waitpid(pid_, &status, 0) == pid_);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    const std::string& drawn() const { return drawn_; }
    void forget() { drawn_.clear(); }

private:
    void read_some() {
        pollfd ready{terminal_, POLLIN, 0};
        while (!ended_ && ::poll(&ready, 1, 0) > 0) {
            char buffer[4096];
            const auto n = ::read(terminal_, buffer, sizeof buffer);
            if (n > 0) {
                drawn_.append(buffer, static_cast<std::size_t>(n));
            } else if (n == 0 || errno != EINTR) {
                ended_ = true; // EIO: the other side is closed
            }
        }
    }

    int terminal_ = -1;
    pid_t pid_ = -1;
    bool ended_ = false;
    std::string drawn_;
};

} // namespace mortise::host::testing
