// SPDX-License-Identifier: Apache-2.0
#include "traffic.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <fstream>
#include <map>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string_view>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace mortise::bench {
namespace {

using steady = std::chrono::steady_clock;
constexpr std::string_view mark = "@@@@@@@@@@@@";

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

double seconds_of(clockid_t clock) {
    timespec t{};
    ::clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(port);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

void no_delay(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void watch(int epoll, int fd, std::uint64_t tag) {
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.u64 = tag;
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) != 0) fail("epoll_ctl");
}

// Length of the first complete message in text, or 0. Knows Content-Length, which both sides send.
std::size_t message_length(std::string_view text) {
    const auto head = text.find("\r\n\r\n");
    if (head == std::string_view::npos) return 0;
    std::size_t body = 0;
    constexpr std::string_view name = "\r\ncontent-length:";
    for (std::size_t at = 0; at + name.size() <= head; ++at) {
        if (::strncasecmp(text.data() + at, name.data(), name.size()) != 0) continue;
        body = std::strtoull(text.data() + at + name.size(), nullptr, 10);
        break;
    }
    const auto whole = head + 4 + body;
    return text.size() >= whole ? whole : 0;
}

void send_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (n <= 0) return; // the other side is gone: seen by whoever reads
        text.remove_prefix(static_cast<std::size_t>(n));
    }
}

std::vector<std::size_t> marks_in(std::string_view text) {
    std::vector<std::size_t> out;
    for (auto p = text.find(mark); p != std::string_view::npos; p = text.find(mark, p + 12))
        out.push_back(p);
    return out;
}

struct caller {
    int fd = -1;
    std::string input;
    steady::time_point due;
    bool busy = false;
};

} // namespace

double process_cpu_seconds() {
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

double thread_cpu_seconds() {
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

std::uint64_t resident_bytes() {
    std::ifstream in("/proc/self/statm");
    std::uint64_t all = 0, resident = 0;
    in >> all >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

sink::sink() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    stop_ = ::eventfd(0, EFD_CLOEXEC);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (listener_ < 0 || stop_ < 0 ||
        ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 1024) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        fail("sink");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

sink::~sink() {
    const std::uint64_t one = 1;
    if (::write(stop_, &one, sizeof one) == sizeof one) thread_.join();
    ::close(listener_);
    ::close(stop_);
}

double sink::cpu_seconds() const {
    clockid_t clock{};
    auto handle = const_cast<std::thread&>(thread_).native_handle();
    return ::pthread_getcpuclockid(handle, &clock) == 0 ? seconds_of(clock) : 0;
}

void sink::serve() {
    constexpr std::string_view answer = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    watch(epoll, listener_, static_cast<std::uint64_t>(listener_));
    watch(epoll, stop_, static_cast<std::uint64_t>(stop_));
    std::map<int, std::string> inputs;
    std::vector<char> buffer(1 << 16);
    for (bool running = true; running;) {
        epoll_event events[64];
        const int n = ::epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < n; ++i) {
            const int fd = static_cast<int>(events[i].data.u64);
            if (fd == stop_) {
                running = false;
            } else if (fd == listener_) {
                const int made = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
                if (made < 0) continue;
                no_delay(made);
                inputs[made].clear();
                watch(epoll, made, static_cast<std::uint64_t>(made));
            } else {
                const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
                if (got <= 0) {
                    ::close(fd);
                    inputs.erase(fd);
                    continue;
                }
                auto& input = inputs[fd];
                input.append(buffer.data(), static_cast<std::size_t>(got));
                while (const auto used = message_length(input)) {
                    taken_.fetch_add(1);
                    send_all(fd, answer);
                    input.erase(0, used);
                }
            }
        }
    }
    for (const auto& [fd, input] : inputs)
        ::close(fd);
    ::close(epoll);
}

double traffic_result::at(double share) const {
    if (waited.empty()) return 0;
    const auto i = static_cast<std::size_t>(share * static_cast<double>(waited.size()));
    return static_cast<double>(waited[std::min(i, waited.size() - 1)]);
}

traffic_result drive(const traffic& t) {
    // Numbers differ from run to run, so a target may drop what it knows without harm.
    static std::uint64_t number =
        static_cast<std::uint64_t>(std::time(nullptr) % 1'000'000) * 1'000'000u;
    std::string request = "POST " + t.path +
                          " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(t.port) +
                          "\r\nContent-Type: application/json\r\n" + t.header +
                          "Content-Length: " + std::to_string(t.body.size()) + "\r\n\r\n" + t.body;
    const auto marks = marks_in(request);
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    const auto address = loopback(t.port);
    std::vector<caller> callers(t.callers);
    std::vector<std::size_t> idle;
    for (std::size_t i = 0; i < callers.size(); ++i) {
        auto& c = callers[i];
        c.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(c.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            fail("connect");
        no_delay(c.fd);
        watch(epoll, c.fd, i);
        idle.push_back(i);
    }
    traffic_result out;
    const double cpu = thread_cpu_seconds();
    const auto began = steady::now();
    const auto end = began + t.lasts;
    const auto step = std::chrono::nanoseconds(t.rate > 0 ? static_cast<std::int64_t>(1e9 / t.rate)
                                                          : std::int64_t{0});
    auto next_due = began;
    std::size_t busy = 0;
    std::uint64_t sent = 0;
    const auto send = [&](std::size_t i, steady::time_point due) {
        char digits[16];
        std::snprintf(digits, sizeof digits, "%012llu", static_cast<unsigned long long>(++number));
        for (const auto m : marks)
            std::memcpy(request.data() + m, digits, 12);
        callers[i].due = due;
        callers[i].busy = true;
        ++busy;
        ++sent;
        send_all(callers[i].fd, request);
    };
    std::vector<char> buffer(1 << 16);
    while (true) {
        auto now = steady::now();
        const bool over = now >= end || sent >= t.requests;
        while (!idle.empty() && !over && sent < t.requests && (t.rate <= 0 || next_due <= now)) {
            const auto i = idle.back();
            idle.pop_back();
            send(i, t.rate > 0 ? next_due : now);
            next_due += step;
        }
        if (over && (busy == 0 || now >= end + std::chrono::seconds(10))) break;
        int wait = 100;
        if (t.rate > 0 && !idle.empty() && now < end) {
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(next_due - now).count();
            wait = static_cast<int>(std::clamp<std::int64_t>(left, 0, 100)); // spins below 1 ms
        }
        epoll_event events[128];
        const int n = ::epoll_wait(epoll, events, 128, wait);
        for (int k = 0; k < n; ++k) {
            const auto i = static_cast<std::size_t>(events[k].data.u64);
            auto& c = callers[i];
            const auto got = ::recv(c.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (got < 0 && errno == EAGAIN) continue;
            if (got <= 0) fail("the host closed a connection");
            c.input.append(buffer.data(), static_cast<std::size_t>(got));
            const auto used = message_length(c.input);
            if (used == 0 || !c.busy) continue;
            const bool good = c.input.size() > 9 && c.input[9] == '2';
            ++(good ? out.good : out.bad);
            out.waited.push_back(
                std::chrono::duration<float, std::milli>(steady::now() - c.due).count());
            c.input.erase(0, used);
            c.busy = false;
            --busy;
            idle.push_back(i);
        }
    }
    out.bad += busy;
    out.seconds = std::chrono::duration<double>(steady::now() - began).count();
    out.cpu_seconds = thread_cpu_seconds() - cpu;
    for (const auto& c : callers)
        ::close(c.fd);
    ::close(epoll);
    std::sort(out.waited.begin(), out.waited.end());
    return out;
}

} // namespace mortise::bench
