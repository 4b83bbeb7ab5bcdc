// SPDX-License-Identifier: Apache-2.0
#include "support/file_server.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace mortise::test {
namespace {

constexpr std::uint64_t period = 65'521; // a prime: no window or chunk is a multiple of it
constexpr std::uint64_t most = 256 * 1024;

const std::string& table() {
    static const std::string bytes = [] {
        std::string out(period + most, '\0');
        std::uint32_t x = 12345;
        for (std::size_t i = 0; i < period; ++i) {
            x = x * 1664525u + 1013904223u;
            out[i] = static_cast<char>(x >> 24);
        }
        for (std::size_t i = period; i < out.size(); ++i)
            out[i] = out[i - period];
        return out;
    }();
    return bytes;
}

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

// The head; what was read behind it goes to kept.
std::string read_head(int fd, std::string& kept) {
    std::array<char, 16384> buffer{};
    for (;;) {
        const auto end = kept.find("\r\n\r\n");
        if (end != std::string::npos) {
            std::string head = kept.substr(0, end + 2);
            kept.erase(0, end + 4);
            return head;
        }
        const auto n = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (n <= 0) return {};
        kept.append(buffer.data(), static_cast<std::size_t>(n));
    }
}

std::string header(const std::string& head, std::string name) {
    std::string lower = head;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    const auto at = lower.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string answer(int status, const std::string& body) {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\n" +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Takes a body of known or chunked length piece by piece.
class body_reader {
public:
    body_reader(int fd, const std::string& head, std::string kept)
        : fd_(fd), kept_(std::move(kept)), chunked_(!header(head, "transfer-encoding").empty()) {
        const auto length = header(head, "content-length");
        if (!chunked_) left_ = length.empty() ? 0 : std::stoull(length);
    }
    // Empty at the end; nothing when the connection ended before.
    std::optional<std::string_view> next() {
        if (chunked_ && left_ == 0 && !next_chunk()) return std::nullopt;
        if (left_ == 0) return std::string_view();
        if (at_ == kept_.size()) {
            kept_.resize(most);
            const auto n = ::recv(fd_, kept_.data(), kept_.size(), 0);
            if (n <= 0) return std::nullopt;
            kept_.resize(static_cast<std::size_t>(n));
            at_ = 0;
        }
        const auto n = std::min<std::uint64_t>(left_, kept_.size() - at_);
        const std::string_view out(kept_.data() + at_, n);
        at_ += n;
        left_ -= n;
        return out;
    }

private:
    std::optional<char> one() {
        if (at_ == kept_.size()) {
            kept_.resize(most);
            const auto n = ::recv(fd_, kept_.data(), kept_.size(), 0);
            if (n <= 0) return std::nullopt;
            kept_.resize(static_cast<std::size_t>(n));
            at_ = 0;
        }
        return kept_[at_++];
    }
    bool next_chunk() {
        std::string line;
        while (!line.ends_with("\r\n") || line == "\r\n") {
            if (line == "\r\n") line.clear(); // behind the chunk before
            const auto c = one();
            if (!c) return false;
            line += *c;
        }
        left_ = std::stoull(line, nullptr, 16);
        if (left_ == 0) {
            one();
            one();
            chunked_ = false;
        }
        return true;
    }
    int fd_;
    std::string kept_;
    std::size_t at_ = 0;
    bool chunked_;
    std::uint64_t left_ = 0;
};

} // namespace

std::string_view file_server::pattern(std::uint64_t offset, std::uint64_t size) {
    return std::string_view(table()).substr(offset % period, std::min(size, most));
}

std::string file_server::sha256_of(std::uint64_t size) {
    EVP_MD_CTX* ctx = EVP_MD_CTX_new();
    EVP_DigestInit_ex(ctx, EVP_sha256(), nullptr);
    for (std::uint64_t at = 0; at < size; at += most) {
        const auto piece = pattern(at, std::min(most, size - at));
        EVP_DigestUpdate(ctx, piece.data(), piece.size());
    }
    std::array<unsigned char, 32> out{};
    EVP_DigestFinal_ex(ctx, out.data(), nullptr);
    EVP_MD_CTX_free(ctx);
    std::string hex;
    for (const auto b : out) {
        hex += "0123456789abcdef"[b >> 4];
        hex += "0123456789abcdef"[b & 15];
    }
    return hex;
}

file_server::file_server() {
    table();
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("cannot listen on loopback");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

file_server::~file_server() {
    release();
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const int fd : open_)
            ::shutdown(fd, SHUT_RDWR);
    }
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (auto& t : threads_)
        t.join();
}

void file_server::set(file_faults f) {
    const std::lock_guard lock(mutex_);
    faults_ = std::move(f);
    released_ = false;
}

void file_server::release() {
    released_ = true;
}

upload_seen file_server::upload(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto it = uploads_.find(name);
    return it == uploads_.end() ? upload_seen{} : it->second;
}

std::vector<std::uint64_t> file_server::downloads() const {
    const std::lock_guard lock(mutex_);
    return downloads_;
}

void file_server::accept_all() {
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            ::close(fd);
            return;
        }
        open_.push_back(fd);
        threads_.emplace_back([this, fd] {
            serve(fd);
            const std::lock_guard gone(mutex_);
            std::erase(open_, fd);
            ::close(fd);
        });
    }
}

void file_server::serve(int fd) {
    for (;;) {
        std::string kept;
        const auto head = read_head(fd, kept);
        if (head.empty()) return;
        const bool good = head.starts_with("GET /files/") ? download(fd, head)
                          : head.starts_with("PUT /")     ? upload_from(fd, head, std::move(kept))
                          : head.starts_with("GET /changes")
                              ? send_all(fd, answer(200, R"({"events":[],"cursor":""})"))
                              : send_all(fd, answer(404, "{}"));
        if (!good) return;
    }
}

bool file_server::download(int fd, const std::string& head) {
    const std::uint64_t size = std::stoull(head.substr(11));
    const auto range = header(head, "range"); // bytes=<from>-
    const std::uint64_t from = range.empty() ? 0 : std::stoull(range.substr(6));
    file_faults f;
    std::optional<std::uint64_t> cut;
    {
        const std::lock_guard lock(mutex_);
        f = faults_;
        if (downloads_.size() < f.cut_downloads.size()) cut = f.cut_downloads[downloads_.size()];
        downloads_.push_back(from);
    }
    const auto announced =
        static_cast<std::uint64_t>(static_cast<std::int64_t>(size - from) + f.announce_more);
    std::string reply = range.empty() ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 206 Partial\r\n";
    reply += "Content-Type: video/mp4\r\nX-Size: " +
             std::to_string(static_cast<std::int64_t>(size) + f.announce_more) + "\r\n";
    if (!f.checksum.empty()) reply += "X-Checksum: " + f.checksum + "\r\n";
    reply += f.chunked ? std::string("Connection: close\r\n\r\n")
                       : "Content-Length: " + std::to_string(announced) + "\r\n\r\n";
    if (!send_all(fd, reply)) return false;
    const auto end = cut ? std::min(size, from + *cut) : size;
    for (auto at = from; at < end;) {
        const auto piece = pattern(at, std::min(most, end - at));
        if (!send_all(fd, piece)) return false;
        at += piece.size();
        sent_ += piece.size();
    }
    return end == size && f.announce_more == 0 && !f.chunked;
}

bool file_server::upload_from(int fd, const std::string& head, std::string kept) {
    const auto begin = head.find('/') + 1;
    const auto end = head.find_first_of(" ?", begin);
    const auto path = head.substr(begin, end - begin);
    const auto name = path.substr(path.find('/') + 1);
    const auto query = head.find("?at=");
    std::uint64_t at = query < head.find("\r\n") ? std::stoull(head.substr(query + 4)) : 0;
    file_faults f;
    bool refused = false;
    {
        const std::lock_guard lock(mutex_);
        auto& seen = uploads_[name];
        ++seen.requests;
        refused = faults_.refuse_uploads > 0;
        if (refused) --faults_.refuse_uploads;
        f = faults_;
        if (!refused) {
            faults_.cut_upload.reset();
            seen.size = at;
        }
    }
    if (refused) {
        // The rest is read until the other side has seen the answer: a reset would overtake it.
        send_all(fd, answer(503, "{}"));
        ::shutdown(fd, SHUT_WR);
        std::array<char, 16384> rest{};
        while (::recv(fd, rest.data(), rest.size(), 0) > 0) {}
        return false;
    }
    body_reader body(fd, head, std::move(kept));
    bool good = true;
    std::uint64_t came = 0;
    for (;;) {
        if (f.hold_upload && at >= *f.hold_upload)
            while (!released_)
                std::this_thread::sleep_for(std::chrono::milliseconds(2));
        if (f.cut_upload && came >= *f.cut_upload) return false;
        const auto piece = body.next();
        if (!piece) return false;
        if (piece->empty()) break;
        good = good && *piece == pattern(at, piece->size());
        at += piece->size();
        came += piece->size();
        const std::lock_guard lock(mutex_);
        auto& seen = uploads_[name];
        seen.size = at;
        seen.good = seen.good && good;
    }
    std::string checksum;
    if (!f.upload_checksum.empty())
        checksum = R"(,"checksum":{"algorithm":")" +
                   f.upload_checksum.substr(0, f.upload_checksum.find(':')) + R"(","value":")" +
                   f.upload_checksum.substr(f.upload_checksum.find(':') + 1) + "\"}";
    return send_all(fd, answer(200, R"({"id":")" + name + R"(","size":)" +
                                        std::to_string(f.lie_about_size ? at - 1 : at) + checksum +
                                        '}'));
}

} // namespace mortise::test
