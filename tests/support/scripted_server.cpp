// SPDX-License-Identifier: Apache-2.0
#include "support/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace mortise::test {

scripted_server::scripted_server(script s) : scripted_server(std::move(s), {}, {}) {}

scripted_server::scripted_server(script s, std::string cert_file, std::string key_file)
    : script_(std::move(s)), cert_file_(std::move(cert_file)), key_file_(std::move(key_file)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
        ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
        throw std::runtime_error("cannot listen on the loopback interface");
    port_ = ntohs(at.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

scripted_server::~scripted_server() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (auto& p : peers_)
            p.stream.shut_down();
    }
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (auto& t : threads_)
        t.join();
    ::close(listener_);
}

void scripted_server::accept_all() {
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const std::lock_guard lock(mutex_);
        if (fd < 0 || stopping_) {
            if (fd >= 0) ::close(fd);
            return;
        }
        peers_.push_back(peer{net_stream(fd), accepted_++});
        threads_.emplace_back([this, p = &peers_.back()] { serve(*p); });
    }
}

void scripted_server::serve(peer& p) {
    try {
        if (cert_file_.empty() || p.stream.accept_tls(cert_file_, key_file_)) script_(p);
    } catch (const std::exception&) {
        // A peer that never says what the script waits for; the test's own checks report it.
    }
    const std::lock_guard lock(mutex_);
    for (auto i = peers_.begin(); i != peers_.end(); ++i) {
        if (&*i != &p) continue;
        peers_.erase(i);
        return;
    }
}

std::string scripted_server::url(std::string_view path) const {
    return (cert_file_.empty() ? "http://127.0.0.1:" : "https://localhost:") +
           std::to_string(port_) + std::string(path);
}

int scripted_server::connections() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
}

void scripted_server::note(std::string request) {
    const std::lock_guard lock(mutex_);
    noted_.push_back(std::move(request));
}

std::vector<std::string> scripted_server::noted() const {
    const std::lock_guard lock(mutex_);
    return noted_;
}

scripted_server::script answering(std::function<std::string(const std::string&)> answer) {
    return [answer = std::move(answer)](scripted_server::peer& p) {
        for (;;) {
            const auto request = p.stream.read_message();
            if (request.empty() || !p.stream.write(answer(request))) return;
        }
    };
}

std::string http_answer(int status, std::string_view body, std::string_view headers) {
    std::string out = "HTTP/1.1 " + std::to_string(status) + " X\r\ncontent-length: ";
    out += std::to_string(body.size()) + "\r\n";
    out.append(headers).append("\r\n").append(body);
    return out;
}

} // namespace mortise::test
