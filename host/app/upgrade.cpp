// SPDX-License-Identifier: Apache-2.0
#include "app/upgrade.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace mortise::host {
namespace {

constexpr const char* former_variable = "MORTISE_FORMER_PROGRAM"; // a descriptor
constexpr const char* arguments_variable = "MORTISE_FORMER_ARGUMENTS";
constexpr char between_arguments = '\x1f';
constexpr const char* failure_variable = "MORTISE_UPGRADE_FAILED"; // a reason
constexpr std::size_t most_said = 8 * 1024;

error refuse(std::string message) {
    error e{category::conflict, "upgrade.refused", std::move(message)};
    e.effect = effect::none;
    return e;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& t : texts)
        out.push_back(t.data());
    out.push_back(nullptr);
    return out;
}

std::vector<std::string> own_arguments() {
    std::ifstream in("/proc/self/cmdline", std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(in), {}};
    std::vector<std::string> out;
    for (std::size_t at = 0; at < all.size();) {
        const auto end = std::min(all.find('\0', at), all.size());
        out.push_back(all.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

// What it said, when it ended with 0 in time.
result<std::string> said_by(std::vector<std::string> command, std::chrono::milliseconds limit) {
    int out[2];
    if (::pipe2(out, O_CLOEXEC) != 0) return refuse("no pipe can be made");
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out[1], 1);
    posix_spawn_file_actions_adddup2(&files, out[1], 2);
    posix_spawnattr_t how;
    posix_spawnattr_init(&how);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
    auto argv = pointers(command);
    pid_t child = -1;
    const int rc = ::posix_spawn(&child, command[0].c_str(), &files, &how, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    ::close(out[1]);
    if (rc != 0) {
        ::close(out[0]);
        return refuse(command[0] + " cannot be started: " + std::strerror(rc));
    }
    std::string text;
    const auto until = std::chrono::steady_clock::now() + limit;
    bool late = false;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd p{out[0], POLLIN, 0};
        late = left.count() <= 0 || ::poll(&p, 1, static_cast<int>(left.count())) == 0;
        if (late) break;
        char buffer[4096];
        const auto n = ::read(out[0], buffer, sizeof(buffer));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        if (text.size() < most_said) text.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(out[0]);
    if (late) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    while (text.ends_with('\n'))
        text.pop_back();
    if (late) return refuse(command[0] + ' ' + command.back() + " did not end in time");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
    return refuse(command[0] + ' ' + command.back() +
                  (WIFEXITED(status) ? " ended with " + std::to_string(WEXITSTATUS(status))
                                     : " died of signal " + std::to_string(WTERMSIG(status))) +
                  (text.empty() ? std::string() : ": " + text));
}

// The first descriptor that leave_sockets() surely leaves alone.
int places_for(const passed_sockets& sockets) {
    return 3 + 2 + static_cast<int>(sockets.connections.size());
}

// Everything but what is passed closes with the exec, also what a library opened without care.
void close_rest_on_exec(int from) {
    ::syscall(SYS_close_range, static_cast<unsigned>(from), ~0u, 1u << 2 /* CLOEXEC */);
}

} // namespace

result<std::string> try_program(const std::filesystem::path& program,
                                const std::filesystem::path& config,
                                const std::vector<std::filesystem::path>& plugin_folders,
                                std::chrono::milliseconds limit) {
    auto version = said_by({program.string(), "version"}, limit);
    if (!version) return version.error();
    std::vector<std::string> check{program.string(), "-c", config.string()};
    for (const auto& p : plugin_folders)
        check.insert(check.end(), {"--plugins", p.string()});
    check.emplace_back("check");
    if (const auto good = said_by(std::move(check), limit); !good) return good.error();
    return version;
}

std::filesystem::path own_program() {
    std::error_code ec;
    auto path = std::filesystem::read_symlink("/proc/self/exe", ec).string();
    constexpr std::string_view gone = " (deleted)";
    if (path.ends_with(gone)) path.resize(path.size() - gone.size());
    return path;
}

error become_program(const std::filesystem::path& program, const passed_sockets& sockets) {
    auto arguments = own_arguments();
    if (arguments.empty()) return refuse("/proc/self/cmdline cannot be read");
    auto argv = pointers(arguments);
    // Behind the sockets, and open in the new program.
    const int opened = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const int former = ::fcntl(opened, F_DUPFD_CLOEXEC, places_for(sockets));
    close_rest_on_exec(leave_sockets(sockets));
    if (former >= 0) {
        ::fcntl(former, F_SETFD, 0);
        ::setenv(former_variable, std::to_string(former).c_str(), 1);
        std::string joined;
        for (const auto& a : arguments)
            joined += (joined.empty() ? std::string() : std::string(1, between_arguments)) + a;
        ::setenv(arguments_variable, joined.c_str(), 1);
    }
    ::unsetenv(failure_variable);
    ::execve(program.c_str(), argv.data(), environ);
    const int why = errno;
    ::unsetenv(former_variable);
    if (former >= 0) ::close(former);
    if (opened >= 0) ::close(opened);
    return refuse(program.string() + " cannot be started: " + std::strerror(why));
}

former_program::former_program() {
    if (const char* fd = std::getenv(former_variable)) {
        fd_ = std::atoi(fd);
        if (::fcntl(fd_, F_SETFD, FD_CLOEXEC) != 0) fd_ = -1;
    }
    if (const char* joined = std::getenv(arguments_variable)) {
        std::istringstream in(joined);
        for (std::string a; std::getline(in, a, between_arguments);)
            arguments_.push_back(a);
    }
    if (const char* why = std::getenv(failure_variable)) failure_ = why;
    for (const char* name : {former_variable, arguments_variable, failure_variable})
        ::unsetenv(name);
}

former_program::~former_program() {
    forget();
}

void former_program::forget() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

void former_program::go_back(const passed_sockets& sockets, const std::string& why) {
    if (fd_ < 0 || arguments_.empty()) return;
    auto argv = pointers(arguments_);
    // Not where the sockets are about to be put.
    const int program = ::fcntl(fd_, F_DUPFD_CLOEXEC, places_for(sockets));
    close_rest_on_exec(leave_sockets(sockets));
    ::setenv(failure_variable, why.c_str(), 1);
    ::fexecve(program, argv.data(), environ);
}

} // namespace mortise::host
