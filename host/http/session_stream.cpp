// SPDX-License-Identifier: Apache-2.0
// The part of a session that sends an answer while it is made.
#include "http/answer_stream.hpp"
#include "http/session.hpp"

#include <boost/asio/post.hpp>

#include <cstdio>

namespace asio = boost::asio;

namespace mortise::host {

void http_session::begin_stream() {
    phase_ = phase::streaming;
    self_ = shared_from_this();
    response_.stream->attach([weak = weak_from_this(), executor = socket_.get_executor()] {
        asio::post(executor, [weak] {
            if (const auto self = weak.lock()) self->pump_stream();
        });
    });
    if (draining_) response_.stream->stop();
    writing_chunk_ = true;
    write(asio::buffer(head_), [self = self_](boost::system::error_code ec, std::size_t) {
        self->writing_chunk_ = false;
        if (self->phase_ != phase::streaming) return;
        if (ec) return self->close();
        self->pump_stream();
    });
    read(); // so that a reader who leaves is noticed while there is nothing to send
}

void http_session::pump_stream() {
    if (phase_ != phase::streaming || writing_chunk_) return;
    const auto what = response_.stream->take(chunk_);
    if (what == answer_outlet::next::broken) return close();
    if (what == answer_outlet::next::nothing) {
        deadline_ = steady::time_point::max();
        return;
    }
    const bool last = what == answer_outlet::next::last;
    if (chunk_.empty() && frame_.old_version) return stream_written(last);
    char size[32] = {};
    int digits = 0;
    std::string_view end;
    if (!frame_.old_version) {
        if (!chunk_.empty()) digits = std::snprintf(size, sizeof size, "%zx\r\n", chunk_.size());
        end = !last ? "\r\n" : chunk_.empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
    }
    head_.assign(size, static_cast<std::size_t>(digits));
    const std::array<asio::const_buffer, 3> buffers{asio::buffer(head_), asio::buffer(chunk_),
                                                    asio::buffer(end)};
    set_deadline(host_->options.body_timeout);
    writing_chunk_ = true;
    write(buffers, [self = shared_from_this(), last](boost::system::error_code ec, std::size_t) {
        self->writing_chunk_ = false;
        if (self->phase_ != phase::streaming) return;
        if (ec) return self->close();
        self->stream_written(last);
    });
}

void http_session::stream_written(bool last) {
    if (!last) {
        response_.stream->written();
        return pump_stream();
    }
    const auto self = std::move(self_);
    phase_ = phase::writing;
    response_.stream.reset();
    chunk_ = {};
    if (!frame_.keep_alive) return linger();
    next_request();
}

} // namespace mortise::host
