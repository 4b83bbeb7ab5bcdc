// SPDX-License-Identifier: Apache-2.0
#include "support/net_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace mortise::test {
namespace {

using steady = std::chrono::steady_clock;

struct ssl_deleter {
    void operator()(SSL* s) const noexcept { SSL_free(s); }
    void operator()(SSL_CTX* c) const noexcept { SSL_CTX_free(c); }
};

std::size_t content_length(std::string head) {
    std::transform(head.begin(), head.end(), head.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto at = head.find("\r\ncontent-length:");
    return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 17, nullptr, 10);
}

} // namespace

struct net_stream::impl {
    explicit impl(int f) : fd(f) {
        std::signal(SIGPIPE, SIG_IGN); // TLS has no way to say it per write
        timeval t{static_cast<time_t>(patience.count() / 1000), 0};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
        ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
    }
    ~impl() {
        ssl.reset();
        if (fd >= 0) ::close(fd);
    }
    std::atomic<int> fd; // shut_down() comes from another thread
    std::unique_ptr<SSL_CTX, ssl_deleter> context;
    std::unique_ptr<SSL, ssl_deleter> ssl;
};

net_stream::net_stream(int fd) : impl_(std::make_unique<impl>(fd)) {}
net_stream::~net_stream() = default;
net_stream::net_stream(net_stream&&) noexcept = default;

net_stream net_stream::connect(unsigned short port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error("socket");
    net_stream s(fd);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        throw std::runtime_error("cannot connect to the loopback port");
    return s;
}

net_stream net_stream::connect_tls(unsigned short port, const std::string& ca_file) {
    auto s = connect(port);
    auto& i = *s.impl_;
    i.context.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_load_verify_locations(i.context.get(), ca_file.c_str(), nullptr);
    SSL_CTX_set_verify(i.context.get(), SSL_VERIFY_PEER, nullptr);
    i.ssl.reset(SSL_new(i.context.get()));
    SSL_set1_host(i.ssl.get(), "localhost");
    SSL_set_fd(i.ssl.get(), i.fd);
    if (SSL_connect(i.ssl.get()) != 1) throw std::runtime_error("the TLS handshake failed");
    return s;
}

bool net_stream::accept_tls(const std::string& cert_file, const std::string& key_file) {
    auto& i = *impl_;
    i.context.reset(SSL_CTX_new(TLS_server_method()));
    if (SSL_CTX_use_certificate_chain_file(i.context.get(), cert_file.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(i.context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1)
        return false;
    i.ssl.reset(SSL_new(i.context.get()));
    SSL_set_fd(i.ssl.get(), i.fd);
    const bool done = SSL_accept(i.ssl.get()) == 1;
    ERR_clear_error();
    return done;
}

bool net_stream::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = impl_->ssl
                           ? SSL_write(impl_->ssl.get(), bytes.data(),
                                       static_cast<int>(std::min<std::size_t>(bytes.size(), 16384)))
                           : ::send(impl_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

bool net_stream::fill() {
    char buffer[16384];
    if (impl_->ssl) {
        const int n = SSL_read(impl_->ssl.get(), buffer, sizeof buffer);
        ERR_clear_error();
        if (n > 0) kept_.append(buffer, static_cast<std::size_t>(n));
        return n > 0;
    }
    const auto n = ::recv(impl_->fd, buffer, sizeof buffer, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        throw std::runtime_error("the other side sent nothing for too long");
    if (n > 0) kept_.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
}

std::string net_stream::take(std::size_t n) {
    std::string out = kept_.substr(0, n);
    kept_.erase(0, n);
    return out;
}

std::string net_stream::read_until(std::string_view mark) {
    for (;;) {
        const auto at = kept_.find(mark);
        if (at != std::string::npos) return take(at + mark.size());
        if (!fill()) return take(kept_.size());
    }
}

std::string net_stream::read_exactly(std::size_t n) {
    while (kept_.size() < n)
        if (!fill()) break;
    return take(n);
}

std::string net_stream::read_all() {
    const auto until = steady::now() + patience;
    while (fill())
        if (steady::now() > until) throw std::runtime_error("the connection does not end");
    return take(kept_.size());
}

std::string net_stream::read_message(bool head_only) {
    auto head = read_until("\r\n\r\n");
    if (head_only || !head.ends_with("\r\n\r\n")) return head;
    const auto n = content_length(head);
    return std::move(head) + read_exactly(n);
}

bool net_stream::wait_closed() {
    try {
        read_all();
        return true;
    } catch (const std::runtime_error&) {
        return false;
    }
}

void net_stream::finish_writing() {
    ::shutdown(impl_->fd, SHUT_WR);
}

void net_stream::reset() {
    const linger hard{1, 0};
    ::setsockopt(impl_->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    impl_->ssl.reset();
    ::close(impl_->fd.exchange(-1));
}

void net_stream::shut_down() {
    ::shutdown(impl_->fd, SHUT_RDWR);
}

} // namespace mortise::test
