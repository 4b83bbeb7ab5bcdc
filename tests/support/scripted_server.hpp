// SPDX-License-Identifier: Apache-2.0
// A loopback server that does exactly what a test says, byte by byte: wrong, late, cut or reset
// answers included. Each connection runs the script on a thread of its own.
#pragma once

#include "support/net_stream.hpp"

#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mortise::test {

class scripted_server {
public:
    struct peer {
        net_stream stream;
        int index = 0; // 0 for the first connection
    };
    // Returning closes the connection.
    using script = std::function<void(peer&)>;

    explicit scripted_server(script s);
    // With TLS; connections whose handshake fails do not run the script.
    scripted_server(script s, std::string cert_file, std::string key_file);
    // Ends what still runs.
    ~scripted_server();
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;

    unsigned short port() const noexcept { return port_; }
    std::string host_port() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string url(std::string_view path) const;
    int connections() const; // accepted so far

    // Collects requests, for a script to call: the text of each is kept in order.
    void note(std::string request);
    std::vector<std::string> noted() const;

private:
    void accept_all();
    void serve(peer& p);

    script script_;
    std::string cert_file_;
    std::string key_file_;
    int listener_ = -1;
    unsigned short port_ = 0;
    mutable std::mutex mutex_; // guards what follows
    std::list<peer> peers_;
    std::vector<std::thread> threads_;
    std::vector<std::string> noted_;
    int accepted_ = 0;
    bool stopping_ = false;
    std::thread acceptor_;
};

// Answers every request on a connection with what `answer` returns for its text, until the peer
// closes.
scripted_server::script answering(std::function<std::string(const std::string&)> answer);
// "HTTP/1.1 <status> X" with content-length and further header lines ("name: value\r\n").
std::string http_answer(int status, std::string_view body, std::string_view headers = {});

} // namespace mortise::test
