// SPDX-License-Identifier: Apache-2.0
// A blocking loopback connection for tests, with a deadline on every wait so that a test fails
// rather than hangs. Plain or TLS. One thread at a time, except shut_down().
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace mortise::test {

class net_stream {
public:
    static constexpr std::chrono::milliseconds patience{10'000};

    // Connects to 127.0.0.1; throws when nobody listens there.
    static net_stream connect(unsigned short port);
    // As connect, then a TLS handshake that trusts ca_file and expects "localhost"; throws when it
    // fails.
    static net_stream connect_tls(unsigned short port, const std::string& ca_file);
    // Takes over a connected socket.
    explicit net_stream(int fd);
    // The server's side of a handshake; false when it fails.
    bool accept_tls(const std::string& cert_file, const std::string& key_file);

    ~net_stream();
    net_stream(net_stream&&) noexcept;
    net_stream& operator=(net_stream&&) = delete;

    // False when the other side is gone.
    bool write(std::string_view bytes);
    // Everything up to and with `mark`; what was read before the end when the end comes first.
    std::string read_until(std::string_view mark);
    // Exactly n bytes, or what came before the end.
    std::string read_exactly(std::size_t n);
    // Up to the end of the connection. Throws when that takes longer than patience.
    std::string read_all();
    // One HTTP message: head and, by content-length, its body (head_only: none follows). Empty at
    // the end of the connection.
    std::string read_message(bool head_only = false);
    // True when the other side closes within patience, whatever it sends before.
    bool wait_closed();

    void finish_writing(); // half close
    void reset();          // close with RST
    void shut_down();      // [any-thread] ends waits of another thread

private:
    struct impl;
    bool fill();
    std::string take(std::size_t n);

    std::unique_ptr<impl> impl_;
    std::string kept_;
};

} // namespace mortise::test
