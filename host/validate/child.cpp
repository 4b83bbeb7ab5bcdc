// SPDX-License-Identifier: Apache-2.0
//
// The child answers into an anonymous file, not a pipe: what a plugin prints without end needs no
// reader, and the last lines are still there after a crash.
#include "validate/child.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ; // NOLINT: POSIX wants it declared here

namespace mortise::host {

namespace json = boost::json;
using std::chrono::steady_clock;

namespace {

constexpr std::string_view done_mark = "@done ";
constexpr std::string_view trying_mark = "@trying ";

struct descriptor {
    int fd = -1;
    explicit descriptor(int f) : fd(f) {}
    ~descriptor() {
        if (fd >= 0) ::close(fd);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
};

check_result failed(std::string message) {
    return {verdict::failed, {std::move(message)}, false};
}

check_result died(std::string message) {
    return {verdict::failed, {std::move(message)}, true};
}

std::string read_all(int fd, std::size_t limit) {
    const off_t end = ::lseek(fd, 0, SEEK_END);
    const auto size = static_cast<std::size_t>(std::max<off_t>(end, 0));
    std::string out(std::min(size, limit), '\0');
    std::size_t have = 0;
    while (have < out.size()) {
        // The end of a long text matters most.
        const auto from = static_cast<off_t>(size - out.size() + have);
        const ssize_t n = ::pread(fd, out.data() + have, out.size() - have, from);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        have += static_cast<std::size_t>(n);
    }
    out.resize(have);
    return out;
}

// One printable line.
std::string last_words(int fd) {
    std::string text = read_all(fd, 400);
    for (char& c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '\n')
            c = ' ';
        else if (u < 0x20 || u >= 0x7F)
            c = '?';
    }
    while (!text.empty() && text.back() == ' ')
        text.pop_back();
    return text;
}

struct spawn_settings {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    spawn_settings(int out, int err) {
        posix_spawn_file_actions_init(&actions);
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

// Waits, kills the child's process group at the end in any case, and reaps. True: it ended itself.
bool wait_for(pid_t child, std::chrono::milliseconds timeout, int& status) {
    const descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    const auto deadline = steady_clock::now() + timeout;
    bool ended = false;
    while (process.fd >= 0) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
        pollfd p{.fd = process.fd, .events = POLLIN, .revents = 0};
        const int ready =
            ::poll(&p, 1, static_cast<int>(std::clamp<long>(left.count(), 0, 60'000)));
        ended = ready > 0;
        if (ended || (ready < 0 && errno != EINTR) || steady_clock::now() >= deadline) break;
    }
    ::kill(-child, SIGKILL); // also what the plugin may have started
    if (!ended) ::kill(child, SIGKILL);
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return ended;
}

std::string how_it_ended(int status) {
    if (WIFEXITED(status)) return "exited with status " + std::to_string(WEXITSTATUS(status));
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return "was killed by " + (name != nullptr ? "SIG" + std::string(name)
                                               : "signal " + std::to_string(WTERMSIG(status)));
}

// " while it tried ..." or nothing.
std::string place_of(const std::string& answer) {
    const auto at = answer.rfind(trying_mark);
    if (at == std::string::npos) return {};
    const auto from = at + trying_mark.size();
    return " while trying: " + answer.substr(from, answer.find('\n', from) - from);
}

check_result parse_answer(std::string_view text) {
    boost::system::error_code ec;
    const json::value v = json::parse(text, ec);
    const auto* o = ec ? nullptr : v.if_object();
    const auto* outcome = o != nullptr ? o->if_contains("outcome") : nullptr;
    const auto* messages = o != nullptr ? o->if_contains("messages") : nullptr;
    if (outcome == nullptr || !outcome->is_string() || messages == nullptr || !messages->is_array())
        return failed("the child's answer cannot be read");
    check_result r;
    for (const auto v2 : {verdict::passed, verdict::failed, verdict::skipped})
        if (to_string(v2) == std::string_view(outcome->get_string())) r.outcome = v2;
    for (const auto& m : messages->get_array())
        if (m.is_string()) r.messages.emplace_back(m.get_string());
    return r;
}

} // namespace

check_result run_check_in_child(const check& c,
                                const std::filesystem::path& file,
                                std::uint64_t seed,
                                const child_options& options) {
    const descriptor out(static_cast<int>(::memfd_create("mortise-validate", MFD_CLOEXEC)));
    const descriptor err(static_cast<int>(::memfd_create("mortise-validate", MFD_CLOEXEC)));
    if (out.fd < 0 || err.fd < 0)
        return failed("no child process can be started: " + std::string(std::strerror(errno)));
    const spawn_settings settings(out.fd, err.fd);
    std::string arguments[] = {
        options.program.string(), "validate",   "--run-check", std::string(c.name), "--seed",
        std::to_string(seed),     file.string()};
    std::vector<char*> argv;
    for (auto& a : arguments)
        argv.push_back(a.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    if (const int e = ::posix_spawn(&child, argv[0], &settings.actions, &settings.attributes,
                                    argv.data(), environ))
        return failed(options.program.string() + " cannot be started: " + std::strerror(e));
    int status = 0;
    const bool ended = wait_for(child, options.timeout, status);
    const std::string answer = read_all(out.fd, 16 * 1024 * 1024);
    if (!ended) {
        return died("there was no end after " + std::to_string(options.timeout.count()) + " ms" +
                    place_of(answer));
    }
    const auto at = answer.rfind(done_mark);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && at != std::string::npos)
        return parse_answer(std::string_view(answer).substr(at + done_mark.size()));
    const std::string words = last_words(err.fd);
    return died("the process " + how_it_ended(status) + place_of(answer) +
                (words.empty() ? "" : "; it last wrote: " + words));
}

void answer_check(const check& c, const std::filesystem::path& file, std::uint64_t seed) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const rlimit little_output{16 * 1024 * 1024, 16 * 1024 * 1024};
    ::setrlimit(RLIMIT_FSIZE, &little_output);
    // What the plugin prints must not mix with the answer.
    const int answer = ::fcntl(1, F_DUPFD_CLOEXEC, 3);
    if (answer < 0 || ::dup2(2, 1) < 0) ::_exit(70);
    const auto say = [answer](std::string_view mark, std::string_view text) {
        const std::string line = std::string(mark) + std::string(text) + '\n';
        std::string_view rest = line;
        while (!rest.empty()) {
            const ssize_t n = ::write(answer, rest.data(), rest.size());
            if (n <= 0) ::_exit(70);
            rest.remove_prefix(static_cast<std::size_t>(n));
        }
    };
    const check_result r =
        run_check(c, file, seed, [&](std::string_view what) { say(trying_mark, what); });
    json::array messages;
    for (const auto& m : r.messages)
        messages.emplace_back(m);
    say(done_mark,
        json::serialize(json::object{{"outcome", to_string(r.outcome)}, {"messages", messages}}));
    ::_exit(0); // a plugin's static destructors are not what is being looked at
}

} // namespace mortise::host
