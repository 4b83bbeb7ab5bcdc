// SPDX-License-Identifier: Apache-2.0
// Content as bodies of HTTP: a content stream that is sent, and a body that comes as a content
// stream. Pausing and going on follow the window of the stream. Internal to host/plugin.
#pragma once

#include "content/content_store.hpp"
#include "http/client.hpp"

#include <memory>

namespace mortise::host {

// Sends what is left of a stream; whoever starts the request closes it when the exchange is over.
// The request must have this id. Null: the handle is not known.
std::shared_ptr<http_body_source>
body_from_content(content_store& store, http_client& client, request_id id, mortise_handle s);

// The body of a 2xx on its way into a stream. begin() at the head, take() with each piece, end()
// with the exchange; a reader that closes the stream abandons the exchange.
class streamed_response {
public:
    streamed_response(content_store& store, http_client& client, request_id id) noexcept
        : store_(store), client_(client), id_(id) {}
    mortise_handle begin(const http_response& head);
    http_piece take(std::string_view piece);
    void end(const result<http_response>& r);
    bool begun() const noexcept { return stream_ != 0; }

private:
    content_store& store_;
    http_client& client_;
    const request_id id_;
    mortise_handle stream_ = 0; // on the client's strand
};

} // namespace mortise::host
