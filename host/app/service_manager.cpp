// SPDX-License-Identifier: Apache-2.0
#include "app/service_manager.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace mortise::host {
namespace {

std::chrono::microseconds watchdog_time() {
    const char* time = std::getenv("WATCHDOG_USEC");
    if (time == nullptr) return std::chrono::microseconds(0);
    if (const char* pid = std::getenv("WATCHDOG_PID");
        pid != nullptr && std::strtol(pid, nullptr, 10) != static_cast<long>(::getpid()))
        return std::chrono::microseconds(0);
    return std::chrono::microseconds(std::strtoll(time, nullptr, 10));
}

} // namespace

bool notify_manager(std::string_view lines) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    if (path == nullptr || (path[0] != '/' && path[0] != '@')) return false;
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    const auto length = std::strlen(path);
    if (length >= sizeof(to.sun_path)) return false;
    std::memcpy(to.sun_path, path, length);
    if (path[0] == '@') to.sun_path[0] = '\0'; // the abstract namespace
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    const auto sent = ::sendto(fd, lines.data(), lines.size(), MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&to), size);
    ::close(fd);
    return sent == static_cast<ssize_t>(lines.size());
}

bool notify_reloading(std::string_view status) {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto us = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
    return notify_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us) +
                          "\nSTATUS=" + std::string(status));
}

watchdog_feed::watchdog_feed(std::function<bool()> is_well) : is_well_(std::move(is_well)) {
    const auto limit = watchdog_time();
    if (limit.count() > 0) thread_ = std::thread([this, limit] { run(limit / 2); });
}

watchdog_feed::~watchdog_feed() {
    {
        const std::lock_guard lock(guard_);
        ends_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void watchdog_feed::trust_for(std::chrono::milliseconds time) {
    const std::lock_guard lock(guard_);
    trusted_until_ = std::chrono::steady_clock::now() + time;
}

void watchdog_feed::run(std::chrono::microseconds every) {
    std::unique_lock lock(guard_);
    while (!ends_) {
        const bool trusted = trusted_until_ != std::chrono::steady_clock::time_point();
        bool well = std::chrono::steady_clock::now() < trusted_until_;
        if (!trusted) {
            lock.unlock();
            well = is_well_();
            lock.lock();
        }
        if (well) notify_manager("WATCHDOG=1");
        wake_.wait_for(lock, every, [this] { return ends_; });
    }
}

} // namespace mortise::host
