// SPDX-License-Identifier: Apache-2.0
#include "kit/session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <algorithm>
#include <array>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace mortise::sandbox {

namespace {

constexpr std::size_t memory_limit = 1024 * 1024; // larger bodies go to a temporary file
constexpr std::size_t piece_size = 256 * 1024;

using parser = http::request_parser<http::buffer_body>;

// Collects a body, in memory first.
class body_sink {
public:
    void append(std::string_view bytes) {
        if (!file_ && memory_.size() + bytes.size() > memory_limit) {
            file_ = std::make_shared<temp_file>();
            file_->append(memory_);
            memory_.clear();
        }
        if (file_)
            file_->append(bytes);
        else
            memory_.append(bytes);
    }
    blob finish() { return file_ ? blob(std::move(file_)) : blob(std::move(memory_)); }

private:
    std::string memory_;
    std::shared_ptr<temp_file> file_;
};

request to_request(const parser& p, blob content) {
    const auto& message = p.get();
    header_list headers;
    for (const auto& field : message)
        headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    request r = make_request(std::string(message.method_string()), std::string(message.target()),
                             std::move(headers));
    r.content = std::move(content);
    return r;
}

std::string head_of(const request& r, const reply& a, bool keep_alive) {
    std::string out = "HTTP/1.1 " + std::to_string(a.status) + " ";
    out += reason_phrase(a.status);
    out += "\r\n";
    for (const auto& [name, value] : a.headers) {
        out += name + ": ";
        // A header value of an emulator must never end the header.
        for (const char c : value)
            out += c == '\r' || c == '\n' ? ' ' : c;
        out += "\r\n";
    }
    const bool no_body = a.status == 204 || a.status == 304 || a.status < 200;
    if (!no_body) {
        const std::uint64_t length = r.method == "HEAD" ? a.declared_length : a.content.size();
        out += "Content-Length: " + std::to_string(length) + "\r\n";
    }
    out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return out;
}

void reset_connection(tcp::socket& socket) {
    error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

asio::awaitable<void> wait_for_client_to_leave(tcp::socket& socket) {
    std::array<char, 1024> waste;
    error_code ec;
    while (!ec)
        co_await socket.async_read_some(asio::buffer(waste),
                                        asio::redirect_error(asio::use_awaitable, ec));
}

// Writes head and at most limit bytes of content; false when the connection failed.
asio::awaitable<bool> write_reply(tcp::socket& socket,
                                  const std::string& head,
                                  const blob& content,
                                  std::uint64_t limit) {
    error_code ec;
    std::string piece =
        content.read(0, static_cast<std::size_t>(std::min<std::uint64_t>(limit, piece_size)));
    std::uint64_t done = piece.size();
    const std::array<asio::const_buffer, 2> first{asio::buffer(head), asio::buffer(piece)};
    co_await asio::async_write(socket, first, asio::redirect_error(asio::use_awaitable, ec));
    while (!ec && done < limit) {
        piece = content.read(
            done, static_cast<std::size_t>(std::min<std::uint64_t>(limit - done, piece_size)));
        if (piece.empty()) break;
        done += piece.size();
        co_await asio::async_write(socket, asio::buffer(piece),
                                   asio::redirect_error(asio::use_awaitable, ec));
    }
    co_return !ec;
}

// Reads one body; false when the connection failed.
asio::awaitable<bool>
read_body(tcp::socket& socket, beast::flat_buffer& buffer, parser& p, body_sink& sink) {
    error_code ec;
    std::string piece(piece_size, '\0');
    while (!p.is_done()) {
        p.get().body().data = piece.data();
        p.get().body().size = piece.size();
        p.get().body().more = true;
        co_await http::async_read(socket, buffer, p, asio::redirect_error(asio::use_awaitable, ec));
        if (ec == http::error::need_buffer) ec = {};
        if (ec) co_return false;
        sink.append(std::string_view(piece).substr(0, piece.size() - p.get().body().size));
    }
    co_return true;
}

} // namespace

asio::awaitable<void> serve_connection(tcp::socket socket, emulator& e) {
    beast::flat_buffer buffer;
    error_code ec;
    socket.set_option(tcp::no_delay(true), ec);
    for (;;) {
        parser p;
        p.header_limit(64 * 1024);
        p.body_limit(boost::none);
        co_await http::async_read_header(socket, buffer, p,
                                         asio::redirect_error(asio::use_awaitable, ec));
        if (ec) {
            if (ec.category() == http::make_error_code(http::error::bad_method).category() &&
                ec != http::error::end_of_stream) {
                const std::string refusal =
                    "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                co_await asio::async_write(socket, asio::buffer(refusal),
                                           asio::redirect_error(asio::use_awaitable, ec));
            }
            co_return;
        }
        if (beast::iequals(p.get()[http::field::expect], "100-continue")) {
            const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            co_await asio::async_write(socket, asio::buffer(go_on),
                                       asio::redirect_error(asio::use_awaitable, ec));
            if (ec) co_return;
        }
        body_sink sink;
        const bool complete = co_await read_body(socket, buffer, p, sink);
        if (!complete) co_return;

        const bool keep_alive = p.keep_alive();
        request r = to_request(p, sink.finish());
        const request head_only = make_request(r.method, "/");
        reply a = e.handle(std::move(r));

        if (a.delay.count() > 0) {
            asio::steady_timer timer(socket.get_executor(), a.delay);
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        }
        if (a.delivery == delivery::withhold) {
            co_await wait_for_client_to_leave(socket);
            co_return;
        }
        if (a.delivery == delivery::cut_before_reply) {
            reset_connection(socket);
            co_return;
        }
        const std::string head = head_of(head_only, a, keep_alive);
        const bool cut = a.delivery == delivery::cut_mid_body;
        const std::uint64_t limit = cut ? a.content.size() / 2 : a.content.size();
        const bool written = co_await write_reply(socket, head, a.content, limit);
        if (!written || cut || !keep_alive) {
            socket.shutdown(tcp::socket::shutdown_both, ec);
            co_return;
        }
    }
}

} // namespace mortise::sandbox
