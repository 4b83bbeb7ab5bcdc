// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/body_stream.hpp>
#include <mortise/sdk/instance.hpp>
#include <mortise/sdk/join.hpp>

#include <algorithm>

namespace mortise {
namespace {

constexpr std::size_t chunk_size = 128 * 1024;

std::uint64_t fnv1a(std::string_view text, std::uint64_t h) noexcept {
    for (const char c : text)
        h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    return h;
}

std::string hex(std::uint64_t n) {
    std::string out(16, '0');
    for (std::size_t i = 0; i < 16; ++i)
        out[i] = "0123456789abcdef"[n >> (60 - 4 * i) & 15u];
    return out;
}

// As browsers write names in forms.
std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"')
            out += "%22";
        else if (c == '\r')
            out += "%0D";
        else if (c == '\n')
            out += "%0A";
        else
            out += c;
    }
    return out + '"';
}

error ended_early(std::uint64_t wanted, std::uint64_t got) {
    return {category::remote_protocol, "sdk.content.short",
            "The content ended after " + std::to_string(got) + " of the " + std::to_string(wanted) +
                " bytes to send."};
}

// False: nobody takes it any more. That is no failure of the piece, and the exchange says why.
task<bool> put(content_stream& body, std::string chunk) {
    if (chunk.empty()) co_return true;
    try {
        co_await body.write(std::move(chunk));
    } catch (const error&) {
        co_return false;
    }
    co_return true;
}

task<void> write_piece(content_stream& from, content_stream& body, content_piece piece) {
    std::uint64_t sent = 0;
    bool taken = co_await put(body, std::move(piece.before));
    while (taken && (!piece.size || sent < *piece.size)) {
        const auto most = piece.size ? std::min<std::uint64_t>(chunk_size, *piece.size - sent)
                                     : std::uint64_t{chunk_size};
        std::string chunk = co_await from.read(static_cast<std::size_t>(most));
        if (chunk.empty()) {
            if (piece.size) throw ended_early(*piece.size, sent);
            break;
        }
        sent += chunk.size();
        taken = co_await put(body, std::move(chunk));
    }
    if (taken) taken = co_await put(body, std::move(piece.after));
    if (!taken) co_return;
    try {
        body.finish();
    } catch (const error&) {} // its reader has gone meanwhile
}

struct sending {
    std::optional<error> broken;     // the content
    std::optional<error> unanswered; // the request
    http_response response;
    bool over = false;
};

task<void> feed(content_stream& from, content_stream& body, content_piece piece, sending& state) {
    try {
        co_await write_piece(from, body, std::move(piece));
    } catch (const error& e) {
        if (!state.over) state.broken = e; // otherwise it is no matter any more
    }
    if (state.broken) {
        try {
            body.abort(*state.broken);
        } catch (const error&) {} // its reader has gone meanwhile
    }
    body.release(); // the host's since the request was begun
}

task<void> exchange(http_client http, http_request request, sending& state) {
    try {
        state.response = co_await http.send(std::move(request));
    } catch (const error& e) {
        state.unanswered = e;
    }
    state.over = true;
}

} // namespace

content_form::content_form(std::string_view key)
    : boundary_("mortise-" + hex(fnv1a(key, 14695981039346656037ull)) +
                hex(fnv1a(key, 0x9E3779B97F4A7C15ull))) {}

content_form& content_form::add(std::string_view name, std::string_view value) {
    before_ += "--" + boundary_ + "\r\nContent-Disposition: form-data; name=" + in_quotes(name) +
               "\r\n\r\n";
    before_.append(value).append("\r\n");
    return *this;
}

content_form&
content_form::file(std::string_view name, std::string_view filename, std::string_view media_type) {
    before_ += "--" + boundary_ + "\r\nContent-Disposition: form-data; name=" + in_quotes(name) +
               "; filename=" + in_quotes(filename) + "\r\nContent-Type: ";
    before_.append(media_type.empty() ? "application/octet-stream" : media_type).append("\r\n\r\n");
    return *this;
}

std::string content_form::media_type() const {
    return "multipart/form-data; boundary=" + boundary_;
}

content_piece content_form::piece() const {
    content_piece out;
    out.before = before_;
    out.after = "\r\n--" + boundary_ + "--\r\n";
    return out;
}

task<http_response>
send_content(call_context& c, http_request request, content_stream& from, content_piece piece) {
    if (!piece.size) piece.size = from.info().length;
    std::optional<std::uint64_t> length;
    if (piece.size) length = *piece.size + piece.before.size() + piece.after.size();
    content_stream body = c.owner().content().create("application/octet-stream", length, &c);
    // The same stream twice: the host gets the reading side, we go on writing.
    const mortise_handle handle = body.handle();
    request.content = body.share();
    sending state;
    if (handle == 0)
        throw error(category::internal, "sdk.content.refused", "The host made no content stream.");
    task<void> sent = exchange(c.http(), std::move(request), state);
    task<void> fed = feed(from, body, std::move(piece), state);
    co_await all(std::move(sent), std::move(fed));
    if (state.broken) {
        // The request may have been seen, so what it did is not known.
        state.broken->effect = state.unanswered ? state.unanswered->effect : effect::unknown;
        throw *state.broken;
    }
    if (state.unanswered) throw *state.unanswered;
    co_return std::move(state.response);
}

} // namespace mortise
