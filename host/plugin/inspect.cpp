// SPDX-License-Identifier: Apache-2.0
//
// The parent's half of the inspection. The child answers into an anonymous file: a pipe would have
// to be drained, and a plugin that writes without end would have to be stopped here as well.
#include "plugin/inspect.hpp"

#include "plugin/inspect_parts.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char** environ; // NOLINT: POSIX wants it declared here

namespace mortise::host {

namespace json = boost::json;
namespace fs = std::filesystem;
using std::chrono::steady_clock;

descriptor::~descriptor() {
    if (fd >= 0) ::close(fd);
}

descriptor answer_file() {
    return descriptor(static_cast<int>(::memfd_create("mortise-inspect", MFD_CLOEXEC)));
}

plugin_refusal
probe_failed(const fs::path& file, const inspect_options& options, std::string_view what, int e) {
    const std::string why = std::string(what) + ": " + std::generic_category().message(e);
    return {.file = file,
            .plugin_id = {},
            .reason_code = "probe-failed",
            .found = why,
            .wanted = "a child process that looks at the plugin",
            .message = "it could not be looked at in a child process: " + why,
            .hint = "Check that " + options.program.string() + " can be started"};
}

std::string read_from(int fd, off_t offset, std::size_t limit) {
    std::string out(limit, '\0');
    std::size_t have = 0;
    while (have < limit) {
        const ssize_t n =
            ::pread(fd, out.data() + have, limit - have, offset + static_cast<off_t>(have));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        have += static_cast<std::size_t>(n);
    }
    out.resize(have);
    return out;
}

namespace {

// The last lines a dying child wrote usually name the cause.
std::string last_words(int fd) {
    constexpr off_t most = 400;
    const off_t end = ::lseek(fd, 0, SEEK_END);
    std::string text =
        read_from(fd, std::max<off_t>(0, end - most), static_cast<std::size_t>(most));
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    for (char& c : text) {
        if (c == '\n') c = ' ';
        const auto u = static_cast<unsigned char>(c);
        if (u < 0x20 || u >= 0x7F) c = '?';
    }
    return text;
}

struct ended {
    bool timed_out = false;
    int status = 0; // of waitpid
};

// Waits for the child, kills its process group when the time is over, and always reaps it.
int wait_for(pid_t child, std::chrono::milliseconds timeout, ended& out) {
    const descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    int failure = process.fd < 0 ? errno : 0;
    const auto deadline = steady_clock::now() + timeout;
    while (failure == 0) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
        pollfd p{.fd = process.fd, .events = POLLIN, .revents = 0};
        const int ready =
            ::poll(&p, 1, static_cast<int>(std::clamp<long>(left.count(), 0, 60'000)));
        if (ready > 0) break;
        if (ready < 0 && errno != EINTR) failure = errno;
        if (steady_clock::now() >= deadline) {
            out.timed_out = true;
            break;
        }
    }
    // Also what the plugin may have started besides itself.
    ::kill(-child, SIGKILL);
    if (failure != 0 || out.timed_out) ::kill(child, SIGKILL);
    while (::waitpid(child, &out.status, 0) < 0) {
        if (errno != EINTR) return errno;
    }
    return failure;
}

struct spawn_settings {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    spawn_settings(int in, int out, int err) {
        posix_spawn_file_actions_init(&actions);
        if (in >= 0)
            posix_spawn_file_actions_adddup2(&actions, in, 0);
        else
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, out, 1);
        posix_spawn_file_actions_adddup2(&actions, err, 2);
        posix_spawnattr_init(&attributes);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                  POSIX_SPAWN_SETPGROUP);
    }
    ~spawn_settings() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    spawn_settings(const spawn_settings&) = delete;
    spawn_settings& operator=(const spawn_settings&) = delete;
};

std::string how_it_ended(int status) {
    if (WIFEXITED(status)) return "exited with status " + std::to_string(WEXITSTATUS(status));
    const int sig = WTERMSIG(status);
    const char* name = ::sigabbrev_np(sig);
    return "was killed by " +
           (name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(sig));
}

// What the child announced last, in words that follow "while".
std::string phase_of(const std::string& answer) {
    constexpr std::pair<std::string_view, std::string_view> phases[] = {
        {"@deinit\n", "its deinit() ran"},
        {"@init\n", "its init() ran"},
        {"@describe\n", "it described itself"},
        {"@load\n", "its constructors ran"}};
    for (const auto& [mark, words] : phases)
        if (answer.find(mark) != std::string::npos) return std::string(words);
    return "it was being started";
}

std::string member(const json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string(v->as_string()) : std::string();
}

} // namespace

plugin_refusal refusal_from(const fs::path& file, const json::object& o) {
    return {.file = file,
            .plugin_id = member(o, "plugin_id"),
            .reason_code = member(o, "reason_code"),
            .found = member(o, "found"),
            .wanted = member(o, "wanted"),
            .message = member(o, "message"),
            .hint = member(o, "hint")};
}

json::object to_json(const plugin_refusal& r) {
    return {{"plugin_id", r.plugin_id}, {"reason_code", r.reason_code}, {"found", r.found},
            {"wanted", r.wanted},       {"message", r.message},         {"hint", r.hint}};
}

plugin_result<std::string> conclude(const fs::path& file,
                                    const inspect_options& options,
                                    pid_t child,
                                    const descriptor& out,
                                    const descriptor& err) {
    ended end;
    if (const int e = wait_for(child, options.timeout, end))
        return probe_failed(file, options, "waiting for the child", e);

    constexpr std::size_t largest_answer = 16 * 1024 * 1024;
    const std::string answer = read_from(out.fd, 0, largest_answer);
    if (end.timed_out) {
        const std::string limit = std::to_string(options.timeout.count()) + " ms";
        return plugin_refusal{.file = file,
                              .plugin_id = {},
                              .reason_code = "probe-timeout",
                              .found = "no end after " + limit,
                              .wanted = "loading within " + limit,
                              .message =
                                  "it was not done after " + limit + " while " + phase_of(answer),
                              .hint = "Constructors and init() must be quick: no I/O, no waiting"};
    }
    constexpr std::string_view done = "@done\n";
    const auto at = answer.rfind(done);
    if (WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0 && at != std::string::npos) {
        std::string text = answer.substr(at + done.size());
        boost::system::error_code ec;
        const auto value = json::parse(text, ec);
        if (!ec && value.is_object()) {
            const auto* refused = value.as_object().if_contains("refused");
            if (refused == nullptr)
                return plugin_result<std::string>(boost::system::in_place_value, std::move(text));
            if (refused->is_object()) return refusal_from(file, refused->as_object());
        }
    }
    const std::string how = how_it_ended(end.status);
    const std::string words = last_words(err.fd);
    return plugin_refusal{.file = file,
                          .plugin_id = {},
                          .reason_code = "died-while-loading",
                          .found = how,
                          .wanted = "a library that can be loaded",
                          .message = "the process that looked at it " + how + " while " +
                                     phase_of(answer) +
                                     (words.empty() ? "" : "; it last wrote: " + words),
                          .hint = "It was kept out of the host. Get a working build of the plugin"};
}

plugin_result<std::string>
ask_child(const fs::path& file, const inspect_options& options, std::string what, int in) {
    const descriptor out = answer_file();
    const descriptor err = answer_file();
    if (out.fd < 0 || err.fd < 0) return probe_failed(file, options, "memfd_create", errno);

    const spawn_settings settings(in, out.fd, err.fd);
    std::string arguments[] = {options.program.string(), "inspect", "--raw", std::move(what)};
    char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(),
                    arguments[3].data(), nullptr};
    pid_t child = 0;
    if (const int e =
            ::posix_spawn(&child, argv[0], &settings.actions, &settings.attributes, argv, environ))
        return probe_failed(file, options, argv[0], e);
    return conclude(file, options, child, out, err);
}

plugin_result<std::string> inspect_in_child(const fs::path& file, const inspect_options& options) {
    return ask_child(file, options, file.string(), -1);
}

} // namespace mortise::host
