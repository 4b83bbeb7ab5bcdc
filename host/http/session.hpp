// SPDX-License-Identifier: Apache-2.0
// One connection of the listener: reads requests one after another, hands each to the handler and
// writes the answer before it looks at the next. Internal to host/http. Everything happens on the
// socket's strand unless stated.
#pragma once

#include "http/listener.hpp"
#include "http/request_parser.hpp"
#include "http/response_text.hpp"
#include "http/tls_identity.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <optional>

namespace mortise::host {

// What a session needs of its listener; shared, so that it outlives the listener object.
struct session_host {
    virtual ~session_host() = default;
    virtual void session_ended(const void* session) = 0; // [any-thread]
    virtual void handed_over(int connection) = 0;        // [any-thread] takes the descriptor
    listener_options options;
    http_listener::handler on_request;
    http_listener::gate on_head;
};

class http_session : public std::enable_shared_from_this<http_session> {
public:
    // identity: null for plain HTTP.
    http_session(std::shared_ptr<session_host> host,
                 boost::asio::ip::tcp::socket socket,
                 std::shared_ptr<const tls_identity> identity);
    ~http_session();

    // [any-thread] Serves, or answers 503 and closes.
    void start(bool reject);
    // [any-thread] Closes after the answer in work; when idle, after at most `last_chance` without
    // a request, or hands its socket to the host at once where that is possible.
    void drain(std::chrono::milliseconds last_chance, bool hand_over);
    // [any-thread] Closes now.
    void abort();
    // [any-thread] The answer to request number `sequence`; late and second ones are ignored.
    void answer(std::uint64_t sequence, inbound_response response);

private:
    enum class phase { handshaking, reading, answering, writing, streaming, lingering, closed };
    using steady = std::chrono::steady_clock;

    void begin(bool reject);
    void read();
    void on_read(boost::system::error_code ec, std::size_t n);
    void advance();
    bool is_admitted();
    void dispatch_request();
    void send_continue();
    void respond(inbound_response response, bool keep_alive);
    void on_written(boost::system::error_code ec);
    void next_request();
    void begin_stream();
    void pump_stream();
    void stream_written(bool last);
    void linger();
    void linger_raw();
    void wind_up();
    void leave();
    void close();
    void set_deadline(std::chrono::milliseconds from_now);
    void arm_timer();
    void on_deadline();
    template <class Buffers, class Done>
    void write(const Buffers& buffers, Done done);

    std::shared_ptr<session_host> host_;
    boost::asio::ip::tcp::socket socket_;
    std::shared_ptr<const tls_identity> identity_;
    std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
    boost::asio::steady_timer timer_;
    request_parser parser_;
    std::array<char, 8192> input_;
    inbound_response response_; // being written
    std::string head_;
    // While streaming: what keeps the session, as nothing else may be under way; the chunk being
    // written, between its size and its end.
    std::shared_ptr<http_session> self_;
    std::string chunk_;
    bool writing_chunk_ = false;
    std::size_t held_ = 0; // bytes of input_ that came while an answer was under way
    answer_frame frame_;
    std::string remote_;
    phase phase_ = phase::reading;
    request_parser::state deadline_for_ = request_parser::state::done;
    steady::time_point deadline_{};
    steady::time_point armed_{};
    std::uint64_t sequence_ = 0;
    std::size_t lingered_ = 0;
    bool reading_ = false;
    bool served_one_ = false;
    bool asked_ = false; // the gate, about the request being read
    bool raw_ = false;   // TLS is over; what still comes is thrown away
    bool draining_ = false;
    bool hands_over_ = false;
    std::chrono::milliseconds last_chance_{0};
    bool leaving_ = false; // its read is being called off, to hand the socket over
};

template <class Buffers, class Done>
void http_session::write(const Buffers& buffers, Done done) {
    if (tls_)
        boost::asio::async_write(*tls_, buffers, std::move(done));
    else
        boost::asio::async_write(socket_, buffers, std::move(done));
}

} // namespace mortise::host
