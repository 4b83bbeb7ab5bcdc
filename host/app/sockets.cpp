// SPDX-License-Identifier: Apache-2.0
#include "app/sockets.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace mortise::host {
namespace {

constexpr int first_passed = 3; // SD_LISTEN_FDS_START
constexpr int most_passed = 8192;

int number_in(const char* name) {
    const char* text = std::getenv(name);
    if (text == nullptr) return -1;
    const std::string_view view(text);
    int out = -1;
    const auto [end, ec] = std::from_chars(view.data(), view.data() + view.size(), out);
    return ec == std::errc() && end == view.data() + view.size() ? out : -1;
}

error refuse(std::string message) {
    error e{category::config, "host.sockets", std::move(message)};
    e.effect = effect::none;
    return e;
}

std::vector<std::string> names_of(const char* text) {
    std::vector<std::string> out;
    if (text == nullptr) return out;
    std::string_view rest(text);
    for (;;) {
        const auto colon = rest.find(':');
        out.emplace_back(rest.substr(0, colon));
        if (colon == std::string_view::npos) return out;
        rest.remove_prefix(colon + 1);
    }
}

} // namespace

result<passed_sockets> take_passed_sockets() {
    passed_sockets out;
    const int count = number_in("LISTEN_FDS");
    const bool mine = number_in("LISTEN_PID") == static_cast<int>(::getpid());
    const auto names = names_of(std::getenv("LISTEN_FDNAMES"));
    for (const char* name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"})
        ::unsetenv(name);
    if (!mine || count <= 0) return out;
    if (count > most_passed)
        return refuse("LISTEN_FDS=" + std::to_string(count) + " are more sockets than can be used");
    for (int i = 0; i < count; ++i) {
        const int fd = first_passed + i;
        if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
            return refuse("LISTEN_FDS=" + std::to_string(count) + ", but descriptor " +
                          std::to_string(fd) + " is not open");
        const auto at = static_cast<std::size_t>(i);
        const std::string name = at < names.size() ? names[at] : i == 0 ? "http" : "admin";
        int* place = name == "http" ? &out.http : name == "admin" ? &out.admin : nullptr;
        if (name == "connection") {
            out.connections.push_back(fd);
        } else if (place == nullptr) {
            return refuse("a socket named \"" + name +
                          "\" was handed over; write FileDescriptorName=http or "
                          "FileDescriptorName=admin into the socket unit");
        } else if (*place >= 0) {
            return refuse("two sockets named \"" + name +
                          "\" were handed over; leave one ListenStream= for each name");
        } else {
            *place = fd;
        }
    }
    return out;
}

passed_sockets duplicate(const passed_sockets& sockets) {
    const auto again = [](int fd) { return fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 3); };
    passed_sockets out;
    out.http = again(sockets.http);
    out.admin = again(sockets.admin);
    for (const int fd : sockets.connections)
        if (const int copy = again(fd); copy >= 0) out.connections.push_back(copy);
    return out;
}

std::string address_of(int socket) {
    sockaddr_storage bound{};
    socklen_t size = sizeof(bound);
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return {};
    char text[INET6_ADDRSTRLEN] = "";
    if (bound.ss_family == AF_INET)
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(bound).sin_addr, text,
                    sizeof(text));
    else if (bound.ss_family == AF_INET6)
        ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(bound).sin6_addr, text,
                    sizeof(text));
    return text;
}

void close_all(passed_sockets& sockets) {
    for (const int fd : {sockets.http, sockets.admin})
        if (fd >= 0) ::close(fd);
    for (const int fd : sockets.connections)
        ::close(fd);
    sockets = {};
}

int leave_sockets(const passed_sockets& sockets) {
    std::vector<std::pair<int, const char*>> all;
    if (sockets.http >= 0) all.emplace_back(sockets.http, "http");
    if (sockets.admin >= 0) all.emplace_back(sockets.admin, "admin");
    for (const int fd : sockets.connections)
        if (all.size() < most_passed) all.emplace_back(fd, "connection");
    // Out of the way first: the places may be taken by others of them.
    const int above = first_passed + static_cast<int>(all.size());
    for (auto& [fd, name] : all)
        fd = ::fcntl(fd, F_DUPFD_CLOEXEC, above);
    std::string names;
    int next = first_passed;
    for (const auto& [fd, name] : all) {
        if (fd < 0 || ::dup2(fd, next) < 0) continue; // dup2 leaves it open over an exec
        ++next;
        names += (names.empty() ? "" : ":") + std::string(name);
    }
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", std::to_string(next - first_passed).c_str(), 1);
    ::setenv("LISTEN_FDNAMES", names.c_str(), 1);
    return next;
}

} // namespace mortise::host
