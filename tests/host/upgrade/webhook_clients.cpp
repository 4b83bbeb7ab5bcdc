// SPDX-License-Identifier: Apache-2.0
#include "webhook_clients.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mortise::host::testing {
namespace {

class connection {
public:
    ~connection() { close(); }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }

    // Empty: answered with 2xx. Else what happened.
    std::string post(unsigned short port, const std::string& body, bool keep) {
        // As a well-behaved client: a connection that was closed meanwhile is not used again.
        if (fd_ >= 0 && has_ended()) close();
        if (fd_ < 0 && !open(port)) return std::string("connect: ") + std::strerror(errno);
        const auto text = "POST /hooks/target HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                          "Content-Type: application/json\r\nContent-Length: " +
                          std::to_string(body.size()) + (keep ? "" : "\r\nConnection: close") +
                          "\r\n\r\n" + body;
        if (::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(text.size()))
            return failed("send");
        std::string answer;
        std::size_t head = 0, length = 0;
        while (head == 0 || answer.size() < head + length) {
            char buffer[4096];
            const auto n = ::recv(fd_, buffer, sizeof(buffer), 0);
            if (n == 0) return failed("closed without an answer");
            if (n < 0) return failed("receive");
            answer.append(buffer, static_cast<std::size_t>(n));
            if (head != 0) continue;
            if (const auto end = answer.find("\r\n\r\n"); end != std::string::npos) {
                head = end + 4;
                std::string lower = answer.substr(0, head);
                std::transform(lower.begin(), lower.end(), lower.begin(),
                               [](unsigned char c) { return std::tolower(c); });
                if (const auto at = lower.find("content-length: "); at != std::string::npos)
                    length = std::strtoul(lower.c_str() + at + 16, nullptr, 10);
                closes_ = lower.find("connection: close") != std::string::npos;
            }
        }
        if (closes_ || !keep) close();
        return answer.compare(0, 10, "HTTP/1.1 2") == 0 ? std::string()
                                                        : answer.substr(0, answer.find("\r\n"));
    }

private:
    bool open(unsigned short port) {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        timeval limit{20, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0) return true;
        const int why = errno;
        close();
        errno = why;
        return false;
    }
    bool has_ended() const {
        pollfd p{fd_, POLLIN, 0};
        return ::poll(&p, 1, 0) > 0; // nothing is owed to us: an end or a reset
    }
    std::string failed(const char* what) {
        const std::string text = std::string(what) + ": " + std::strerror(errno);
        close();
        return text;
    }

    int fd_ = -1;
    bool closes_ = false;
};

std::string name_of(int client, int n) {
    return "c" + std::to_string(client) + "n" + std::to_string(n);
}

} // namespace

webhook_clients::webhook_clients(client_load load) : load_(load) {
    for (int c = 0; c < load_.kept + load_.fresh; ++c)
        threads_.emplace_back([this, c] { run(c, c < load_.kept); });
}

webhook_clients::~webhook_clients() {
    finish();
}

void webhook_clients::run(int client, bool keep) {
    using clock = std::chrono::steady_clock;
    const auto pause = std::chrono::microseconds(1'000'000 / load_.per_second);
    connection to;
    const auto began = clock::now();
    for (int n = 0; n < load_.each; ++n) {
        // A late one catches up: the rate is kept over the whole.
        std::this_thread::sleep_until(began + n * pause);
        const auto name = name_of(client, n);
        const auto problem =
            to.post(load_.port,
                    R"({"events":[{"id":")" + name +
                        R"(","type":"probe.changed","data":{"plan":[{"do":"create","name":")" +
                        name + R"("}]}}]})",
                    keep);
        ++sent_;
        if (problem.empty()) continue;
        const std::lock_guard lock(guard_);
        lost_.push_back(name + (keep ? " (kept): " : " (fresh): ") + problem);
    }
    const std::lock_guard lock(guard_);
    seconds_ = std::max(seconds_, std::chrono::duration<double>(clock::now() - began).count());
}

void webhook_clients::finish() {
    for (auto& t : threads_)
        t.join();
    threads_.clear();
}

std::vector<std::string> webhook_clients::names() const {
    std::vector<std::string> out;
    for (int c = 0; c < load_.kept + load_.fresh; ++c)
        for (int n = 0; n < load_.each; ++n)
            out.push_back(name_of(c, n));
    return out;
}

const std::vector<std::string>& webhook_clients::lost() const {
    return lost_;
}

double webhook_clients::rate() const {
    return seconds_ > 0 ? sent_ / seconds_ : 0;
}

} // namespace mortise::host::testing
