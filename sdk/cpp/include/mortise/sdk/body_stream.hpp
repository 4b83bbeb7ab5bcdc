// SPDX-License-Identifier: Apache-2.0
//
// Sending a large content, or a part of it, as the body of a request: in constant memory, with its
// length announced, and where a system wants a form, as the file of a form.
//
//     mortise::content_form form(c.idempotency_key());
//     form.add("type", "144").add("parent_id", parent);
//     form.file("file", input.name, input.media_type);
//     auto request = mortise::http_request::post(url).header("Content-Type", form.media_type());
//     auto made = co_await mortise::send_content(c, std::move(request), c.content(), form.piece());
#pragma once

#include <mortise/sdk/call.hpp>
#include <mortise/sdk/content.hpp>
#include <mortise/sdk/http.hpp>
#include <mortise/sdk/task.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mortise {

// Which bytes of a content are sent, and what goes around them.
class content_piece {
public:
    content_piece() = default;
    explicit content_piece(std::uint64_t bytes) : size(bytes) {}
    // Empty: all, of a content nothing was read of yet. Otherwise this many, from where its reader
    // stands; fewer are an error of the content.
    std::optional<std::uint64_t> size;
    std::string before;
    std::string after;
};

// multipart/form-data with fields and, last, one file whose bytes are a content.
class content_form {
public:
    // The boundary is made from the key, which nobody outside can guess: the bytes of the file are
    // not looked at.
    explicit content_form(std::string_view key);
    content_form& add(std::string_view name, std::string_view value);
    content_form&
    file(std::string_view name, std::string_view filename, std::string_view media_type);
    std::string media_type() const; // of the request
    content_piece piece() const;

private:
    std::string boundary_;
    std::string before_;
};

// [strand] Sends the request with this piece of the content as its body and gives the response,
// also one that comes before the body has been read. Content-Length is announced when the length of
// the piece is known. An error of the content is thrown as it is, and nothing is known then of what
// the system made of the bytes before it (effect unknown). Reads from `from`, which stays the
// caller's; for another try go back with from.seek().
task<http_response>
send_content(call_context& c, http_request request, content_stream& from, content_piece piece = {});

} // namespace mortise
