// SPDX-License-Identifier: Apache-2.0
//
// The content of documents, coming out.
#include "content_server/documents.hpp"
#include "content_server/text.hpp"

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;

namespace {

// "bytes 100-199/200" begins at 100; nothing for what is no range.
std::optional<std::uint64_t> begin_of(std::string_view content_range) {
    const std::size_t digits = content_range.find_first_of("0123456789");
    const std::size_t dash = content_range.find('-');
    if (digits == std::string_view::npos || dash == std::string_view::npos || dash <= digits)
        return std::nullopt;
    const json::value text(content_range.substr(digits, dash - digits));
    const auto number = to_integer(text);
    if (!number || *number < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

} // namespace

task<std::string> documents::version_text(context& c, std::int64_t id, std::int64_t version) {
    const subject about("version", "the content of item " + std::to_string(id));
    client& server = all_.server();
    const std::string below = "versions/" + std::to_string(version) + "/content";
    mortise::http_request request("GET", server.at_node(id, below).str());
    auto response = co_await server.send(c, std::move(request));
    if (!response.ok()) throw error_of(response, about, access::read);
    co_return std::move(response.body);
}

task<node_content> documents::download(context& c, node_download in) {
    const std::int64_t id = id_of(in.id, "id");
    version_get which;
    which.id = id;
    which.version = in.version;
    // The version first: its number keeps a later one from slipping in between two requests.
    const version_info version = co_await get_version(c, std::move(which));
    const subject about("document", "the content of item " + std::to_string(id) + ", version " +
                                        std::to_string(version.version));
    if (in.offset > version.size) {
        throw error(category::input, "xecm.document.bad-offset",
                    "The offset " + std::to_string(in.offset) + " lies behind the end of " +
                        about.what + ", which has " + std::to_string(version.size) + " bytes.");
    }
    client& server = all_.server();
    const std::string below = "versions/" + std::to_string(version.version) + "/content";
    mortise::http_request request("GET", server.at_node(id, below).str());
    request.stream_response = true;
    // Nobody promises ranges; a server that does not know them sends everything.
    const bool range = in.offset > 0 && in.offset < version.size;
    if (range) request.header("Range", "bytes=" + std::to_string(in.offset) + '-');
    auto response = co_await server.send(c, std::move(request));
    if (!response.ok()) {
        error e = error_of(response, about, access::read);
        throw e;
    }
    if (response.header("content-type").starts_with("text/html") &&
        version.media_type != "text/html") {
        error e(category::remote_protocol, "xecm.document.not-content",
                "Content Server answered an HTML page instead of " + about.what + '.');
        e.effect = mortise::effect::none;
        throw e;
    }
    std::uint64_t skip = in.offset;
    if (response.status == 206) {
        const auto begin = begin_of(response.header("content-range"));
        if (!begin || *begin > in.offset) {
            error e(category::remote_protocol, "xecm.document.bad-range",
                    "Content Server answered another part than the one asked for of " + about.what +
                        '.');
            e.effect = mortise::effect::none;
            throw e;
        }
        skip = in.offset - *begin;
    }
    while (skip > 0) {
        const std::string part = co_await response.content.read(
            static_cast<std::size_t>(std::min<std::uint64_t>(skip, 64u * 1024)));
        if (part.empty()) {
            error e(category::unavailable, "xecm.document.cut",
                    "Content Server ended early with " + about.what + '.');
            e.retry = mortise::retry_advice::yes;
            e.effect = mortise::effect::none;
            throw e;
        }
        skip -= part.size();
    }
    c.answer_content(std::move(response.content));
    node_content out;
    out.id = id;
    out.version = version.version;
    out.name = version.name;
    out.media_type = version.media_type;
    out.size = version.size;
    out.offset = in.offset;
    co_return out;
}

} // namespace content_server
