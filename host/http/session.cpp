// SPDX-License-Identifier: Apache-2.0
#include "http/session.hpp"

#include "base/log.hpp"
#include "http/answer_stream.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <fcntl.h>

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace mortise::host {
namespace {

// How long and how much a refused peer may still send before the connection is cut: closing with
// unread bytes would reset it, and the peer would not see the answer.
constexpr auto linger_time = std::chrono::milliseconds(2000);
constexpr std::size_t linger_bytes = 256u << 10;
constexpr std::string_view continue_text = "HTTP/1.1 100 Continue\r\n\r\n";

std::string address_of(const tcp::socket& socket) {
    boost::system::error_code ec;
    const auto peer = socket.remote_endpoint(ec);
    if (ec) return {};
    const auto text = peer.address().to_string();
    const auto port = std::to_string(peer.port());
    return peer.address().is_v6() ? "[" + text + "]:" + port : text + ":" + port;
}

} // namespace

// Lives as long as a copy of the responder; the session may be gone before.
struct responder::state {
    state(std::weak_ptr<http_session> s, std::uint64_t n) : session(std::move(s)), sequence(n) {}
    ~state() {
        if (answered.exchange(true)) return;
        if (const auto s = session.lock())
            s->answer(sequence, problem(500, "Internal server error", "the request got no answer"));
    }
    std::weak_ptr<http_session> session;
    std::uint64_t sequence;
    std::atomic<bool> answered{false};
};

struct responder::filtered {
    filtered(filter f, responder r) : see(std::move(f)), next(std::move(r)) {}
    filter see;
    responder next;
    std::atomic<bool> answered{false};
};

responder responder::through(filter f) const {
    responder out;
    out.filtered_ = std::make_shared<filtered>(std::move(f), *this);
    return out;
}

void responder::operator()(inbound_response response) const {
    if (filtered_) {
        if (!filtered_->answered.exchange(true))
            filtered_->see(std::move(response), filtered_->next);
        return;
    }
    if (!state_ || state_->answered.exchange(true)) return;
    if (const auto s = state_->session.lock()) s->answer(state_->sequence, std::move(response));
}

const std::string* inbound_request::header(std::string_view lower_name) const {
    return find_header(headers, lower_name);
}

http_session::http_session(std::shared_ptr<session_host> host,
                           tcp::socket socket,
                           std::shared_ptr<const tls_identity> identity)
    : host_(std::move(host)), socket_(std::move(socket)), identity_(std::move(identity)),
      timer_(socket_.get_executor()), parser_({host_->options.max_body, host_->options.max_header}),
      armed_(steady::time_point::max()) {}

http_session::~http_session() {
    host_->session_ended(this);
}

void http_session::start(bool reject) {
    asio::dispatch(socket_.get_executor(),
                   [self = shared_from_this(), reject] { self->begin(reject); });
}

void http_session::drain(std::chrono::milliseconds last_chance, bool hand_over) {
    asio::dispatch(socket_.get_executor(), [self = shared_from_this(), last_chance, hand_over] {
        self->draining_ = true;
        self->last_chance_ = last_chance;
        self->hands_over_ = hand_over && !self->tls_;
        if (self->phase_ == phase::streaming) self->response_.stream->stop();
        if (self->phase_ == phase::reading && self->parser_.now() == request_parser::state::idle)
            self->wind_up();
    });
}

// Idle, and the peer was not told that the connection closes: its next request may be under way.
void http_session::wind_up() {
    if (hands_over_) return leave();
    deadline_for_ = request_parser::state::idle;
    set_deadline(last_chance_);
    read();
}

void http_session::abort() {
    asio::dispatch(socket_.get_executor(), [self = shared_from_this()] { self->close(); });
}

void http_session::answer(std::uint64_t sequence, inbound_response response) {
    asio::dispatch(socket_.get_executor(),
                   [self = shared_from_this(), sequence, r = std::move(response)]() mutable {
                       if (self->phase_ != phase::answering || self->sequence_ != sequence) return;
                       self->respond(std::move(r), self->parser_.keep_alive());
                   });
}

void http_session::begin(bool reject) {
    boost::system::error_code ec;
    socket_.set_option(tcp::no_delay(true), ec);
    remote_ = address_of(socket_);
    if (reject) {
        auto r = problem(503, "Service unavailable", "too many connections; try again");
        r.headers.push_back({"retry-after", "1"});
        return respond(std::move(r), false);
    }
    if (!identity_) return advance();
    phase_ = phase::handshaking;
    set_deadline(host_->options.header_timeout);
    tls_.emplace(socket_, identity_->context());
    tls_->async_handshake(asio::ssl::stream_base::server,
                          [self = shared_from_this()](boost::system::error_code failed) {
                              if (self->phase_ != phase::handshaking) return;
                              if (failed) return self->close();
                              self->phase_ = phase::reading;
                              self->advance();
                          });
}

void http_session::read() {
    if (reading_ || phase_ == phase::closed) return;
    reading_ = true;
    auto done = [self = shared_from_this()](boost::system::error_code ec, std::size_t n) {
        self->on_read(ec, n);
    };
    if (tls_ && !raw_)
        tls_->async_read_some(asio::buffer(input_), std::move(done));
    else
        socket_.async_read_some(asio::buffer(input_), std::move(done));
}

void http_session::on_read(boost::system::error_code ec, std::size_t n) {
    reading_ = false;
    if (phase_ == phase::closed) return;
    const bool leaves = std::exchange(leaving_, false);
    if (leaves && ec == asio::error::operation_aborted && phase_ == phase::reading) return leave();
    if (phase_ == phase::lingering) {
        lingered_ += n;
        if (ec || lingered_ > linger_bytes) return close();
        return read();
    }
    if (phase_ == phase::streaming && ec) return close(); // nobody reads any more
    if (phase_ != phase::reading) {                       // an answer is being written
        held_ = ec ? 0 : n;
        return;
    }
    if (ec) return close();
    parser_.feed({input_.data(), n});
    advance();
}

void http_session::advance() {
    using state = request_parser::state;
    const auto now = parser_.now();
    phase_ = phase::reading;
    if (now == state::done) return dispatch_request();
    if (now == state::refused) {
        frame_ = {false, parser_.is_head(), parser_.is_http_1_0()};
        return respond(parser_.refusal(), false);
    }
    if (now == state::idle && draining_ && served_one_) return wind_up();
    // Deadlines run from the beginning of each part; more bytes do not extend them.
    if (now != deadline_for_) {
        deadline_for_ = now;
        const auto& o = host_->options;
        if (now == state::body)
            set_deadline(o.body_timeout);
        else if (now == state::header || !served_one_)
            set_deadline(o.header_timeout);
        else
            set_deadline(o.idle_timeout);
    }
    if (now == state::body && !is_admitted()) return;
    if (parser_.wants_continue()) return send_continue();
    read();
}

// Asks the gate, once for each request whose body is still to come; false when that was answered.
bool http_session::is_admitted() {
    if (asked_ || !host_->on_head) return true;
    asked_ = true;
    auto head = parser_.head();
    head.remote = remote_;
    admission verdict;
    try {
        verdict = host_->on_head(head);
    } catch (const std::exception& e) {
        log(log_level::error, "an HTTP gate threw", {{"reason", e.what()}});
        verdict.refusal = problem(500, "Internal server error", "the request could not be handled");
    }
    if (!verdict.refusal && !parser_.limit_body(verdict.max_body))
        verdict.refusal = parser_.refusal();
    if (!verdict.refusal) return true;
    frame_ = {false, parser_.is_head(), parser_.is_http_1_0()};
    respond(std::move(*verdict.refusal), false);
    return false;
}

void http_session::send_continue() {
    write(asio::buffer(continue_text),
          [self = shared_from_this()](boost::system::error_code ec, std::size_t) {
              if (self->phase_ != phase::reading) return;
              if (ec) return self->close();
              self->read();
          });
}

void http_session::dispatch_request() {
    auto request = parser_.take();
    request.remote = remote_;
    served_one_ = true;
    asked_ = false;
    phase_ = phase::answering;
    deadline_for_ = request_parser::state::done;
    set_deadline(host_->options.answer_timeout);
    frame_ = {true, parser_.is_head(), parser_.is_http_1_0()};
    responder reply(std::make_shared<responder::state>(weak_from_this(), ++sequence_));
    try {
        host_->on_request(std::move(request), reply);
    } catch (const std::exception& e) {
        log(log_level::error, "an HTTP handler threw", {{"reason", e.what()}});
        reply(problem(500, "Internal server error", "the request could not be handled"));
    }
}

void http_session::respond(inbound_response response, bool keep_alive) {
    phase_ = phase::writing;
    set_deadline(host_->options.body_timeout);
    frame_.keep_alive = keep_alive && !draining_ && !(response.stream && frame_.old_version);
    response_ = std::move(response);
    std::string complaint;
    head_ = response_head(response_, frame_, complaint);
    if (!complaint.empty())
        log(log_level::error, "an HTTP answer was not valid", {{"reason", complaint}});
    const bool bare = without_body(response_, frame_);
    if (response_.stream && !bare) return begin_stream();
    response_.stream.reset();
    const std::array<asio::const_buffer, 2> buffers{
        asio::buffer(head_), bare ? asio::const_buffer() : asio::buffer(response_.body)};
    write(buffers, [self = shared_from_this()](boost::system::error_code ec, std::size_t) {
        self->on_written(ec);
    });
}

void http_session::on_written(boost::system::error_code ec) {
    if (phase_ != phase::writing) return;
    response_.body.clear();
    if (ec) return close();
    if (!frame_.keep_alive) return linger();
    next_request();
}

void http_session::next_request() {
    parser_.feed({input_.data(), std::exchange(held_, 0)});
    advance();
}

void http_session::linger() {
    phase_ = phase::lingering;
    set_deadline(linger_time);
    if (tls_ && !reading_) {
        // The peer may be sending still, which ends this with an error; it is to see the answer.
        tls_->async_shutdown([self = shared_from_this()](boost::system::error_code) {
            if (self->phase_ == phase::lingering) self->linger_raw();
        });
        return;
    }
    linger_raw();
}

void http_session::linger_raw() {
    boost::system::error_code ec;
    raw_ = true;
    socket_.shutdown(tcp::socket::shutdown_send, ec);
    if (ec) return close();
    read();
}

// Whatever was sent lies in the kernel still and meets whoever reads next.
void http_session::leave() {
    boost::system::error_code ec;
    if (reading_) {
        leaving_ = true;
        socket_.cancel(ec);
        return;
    }
    const int fd = ::fcntl(socket_.native_handle(), F_DUPFD_CLOEXEC, 3);
    if (fd >= 0) host_->handed_over(fd);
    close();
}

void http_session::close() {
    if (phase_ == phase::closed) return;
    phase_ = phase::closed;
    boost::system::error_code ec;
    socket_.close(ec);
    deadline_ = steady::time_point::max();
    timer_.cancel();
    response_.stream.reset();
    self_.reset();
}

void http_session::set_deadline(std::chrono::milliseconds from_now) {
    deadline_ = steady::now() + from_now;
    arm_timer();
}

// As in the client: the timer moves only when it would fire too late.
void http_session::arm_timer() {
    if (deadline_ >= armed_) return;
    armed_ = deadline_;
    timer_.expires_at(deadline_);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
        if (ec) return;
        self->armed_ = steady::time_point::max();
        if (self->phase_ == phase::closed) return;
        if (steady::now() < self->deadline_) return self->arm_timer();
        self->on_deadline();
    });
}

void http_session::on_deadline() {
    using state = request_parser::state;
    if (phase_ == phase::reading && parser_.now() != state::idle) {
        const bool in_body = parser_.now() == state::body;
        frame_ = {};
        return respond(
            problem(408, "Request timeout",
                    in_body ? "the body did not come in time" : "the header did not come in time"),
            false);
    }
    if (phase_ == phase::answering)
        return respond(problem(504, "Gateway timeout", "the request was not answered in time"),
                       false);
    // Came at the last moment: its read is about to be told.
    boost::system::error_code ec;
    if (phase_ == phase::reading && !tls_ && socket_.available(ec) > 0 && !ec)
        return set_deadline(std::chrono::milliseconds(100));
    close();
}

} // namespace mortise::host
