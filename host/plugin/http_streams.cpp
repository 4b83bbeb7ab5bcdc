// SPDX-License-Identifier: Apache-2.0
#include "plugin/http_streams.hpp"

#include <charconv>

namespace mortise::host {

std::shared_ptr<http_body_source>
body_from_content(content_store& store, http_client& client, request_id id, mortise_handle s) {
    const auto info = store.info(s);
    if (!info) return nullptr;
    auto failure = std::make_shared<error>();
    auto body = std::make_shared<http_body_source>();
    body->size = info->length == UINT64_MAX ? http_body_source::unknown
                                            : info->length - std::min(info->position, info->length);
    body->read = [&store, &client, id, s, failure](char* to, std::size_t n) -> std::size_t {
        const auto got = store.try_read(s, to, n, [&client, id] { client.resume(id); });
        if (!got) {
            *failure = got.error();
            return http_body_source::broken;
        }
        return got->has_value() ? static_cast<std::size_t>(**got) : http_body_source::later;
    };
    body->why = [failure] { return *failure; };
    return body;
}

mortise_handle streamed_response::begin(const http_response& head) {
    std::uint64_t length = UINT64_MAX;
    const auto* announced = find_header(head.headers, "content-length");
    if (announced != nullptr && !find_header(head.headers, "transfer-encoding")) {
        const auto* end = announced->data() + announced->size();
        if (std::from_chars(announced->data(), end, length).ptr != end) length = UINT64_MAX;
    }
    const auto* type = find_header(head.headers, "content-type");
    stream_ = store_.create(type != nullptr ? *type : std::string(), length);
    store_.on_close(stream_, [&client = client_, id = id_] { client.cancel(id); });
    return stream_;
}

http_piece streamed_response::take(std::string_view piece) {
    const auto taken =
        store_.try_write(stream_, piece, [&client = client_, id = id_] { client.resume(id); });
    if (!taken) return http_piece::give_up;
    return *taken ? http_piece::taken : http_piece::later;
}

void streamed_response::end(const result<http_response>& r) {
    if (r) {
        static_cast<void>(store_.finish(stream_, std::nullopt)); // closed by its reader: no matter
        return;
    }
    auto why = r.error();
    if (why.category == category::cancelled) {
        // Nobody who reads it has asked for this: the connection was closed below.
        why.category = category::unavailable;
        why.code = "http.response.cut";
    }
    why.effect = effect::none; // of reading on
    static_cast<void>(store_.finish(stream_, std::move(why.context("in the middle of the body"))));
}

} // namespace mortise::host
