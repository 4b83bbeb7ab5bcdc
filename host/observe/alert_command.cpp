// SPDX-License-Identifier: Apache-2.0
#include "observe/alert_command.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace mortise::host {
namespace {

using steady = std::chrono::steady_clock;

struct descriptor {
    int fd = -1;
    descriptor() = default;
    explicit descriptor(int f) : fd(f) {}
    ~descriptor() { close(); }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    void close() {
        if (fd >= 0) ::close(std::exchange(fd, -1));
    }
};

error failed(category c, const char* code, std::string message) {
    return {c, code, std::move(message)};
}

int left_ms(steady::time_point until) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - steady::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
}

// False: the time is over. A program that does not read is none of our business.
bool feed(int to, const std::string& text, const std::function<int()>& left) {
    for (std::size_t at = 0; at < text.size();) {
        pollfd p{to, POLLOUT, 0};
        const int wait = left();
        if (wait == 0) return false;
        const int ready = ::poll(&p, 1, std::min(wait, 50));
        if (ready <= 0) continue;
        // A socket and no pipe: a reader that has gone must not kill the host by SIGPIPE.
        const auto n = ::send(to, text.data() + at, text.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EINTR && errno != EAGAIN) return true;
        if (n > 0) at += static_cast<std::size_t>(n);
    }
    return true;
}

// The whole group: what the program has started goes with it.
void kill_group(pid_t child) {
    ::kill(-child, SIGKILL);
    ::kill(child, SIGKILL);
}

} // namespace

result<void> run_alert_command(const std::vector<std::string>& command,
                               const std::string& input,
                               std::chrono::milliseconds timeout,
                               const std::atomic<bool>* stopping) {
    const auto until = steady::now() + timeout;
    const auto left = [&] { return stopping != nullptr && stopping->load() ? 0 : left_ms(until); };
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return failed(category::unavailable, "alert.command",
                      std::string("no socket for the program: ") + std::strerror(errno));
    descriptor ours(pair[0]), theirs(pair[1]);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, theirs.fd, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawnattr_t how;
    posix_spawnattr_init(&how);
    sigset_t none, usual;
    sigemptyset(&none);
    sigfillset(&usual);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &usual);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                       POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> arguments;
    for (const auto& a : command)
        arguments.push_back(const_cast<char*>(a.c_str())); // not written to, says POSIX
    arguments.push_back(nullptr);
    char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char locale[] = "LC_ALL=C.UTF-8";
    char* environment[] = {path, locale, nullptr};
    pid_t child = 0;
    const int rc =
        ::posix_spawn(&child, command.front().c_str(), &files, &how, arguments.data(), environment);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    theirs.close();
    if (rc != 0)
        return failed(category::config, "alert.command",
                      "the program " + command.front() +
                          " cannot be started: " + std::strerror(rc));
    bool in_time = feed(ours.fd, input, left);
    ours.close();
    int status = 0;
    while (in_time) {
        const auto ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child) break;
        if (ended < 0 && errno != EINTR)
            return failed(category::unavailable, "alert.command",
                          std::string("the program's end is not known: ") + std::strerror(errno));
        in_time = left() > 0;
        if (in_time) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (!in_time) {
        kill_group(child);
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
        if (left_ms(until) > 0)
            return failed(category::cancelled, "alert.stopping", "the host is stopping");
        return failed(category::timeout, "alert.timeout",
                      "the program " + command.front() + " did not end within " +
                          std::to_string(timeout.count()) + " ms and was killed");
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    return failed(category::unavailable, "alert.command",
                  "the program " + command.front() +
                      (WIFEXITED(status)
                           ? " ended with status " + std::to_string(WEXITSTATUS(status))
                           : " was ended by signal " + std::to_string(WTERMSIG(status))));
}

} // namespace mortise::host
