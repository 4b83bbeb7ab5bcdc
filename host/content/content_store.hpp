// SPDX-License-Identifier: Apache-2.0
//
// Content streams: large bytes on their way from a writer to a reader, never more than the window
// of them in memory. The store knows streams by handle, so that a handle used after its end is an
// error and not a corruption.
#pragma once

#include "base/result.hpp"

#include <mortise/core.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mortise::host {

struct content_info {
    bool finished = false;
    std::string media_type;
    std::uint64_t length = UINT64_MAX; // announced, or counted once finished
    std::string sha256;                // lower-case hex, once finished
};

class content_store {
public:
    // How many bytes were moved; 0 is the end. Called from inside read/write or from the other
    // side's call, on that thread: post elsewhere.
    using io_handler = std::function<void(result<std::uint64_t>)>;

    explicit content_store(std::uint64_t window_bytes = 256 * 1024);
    ~content_store();
    content_store(const content_store&) = delete;
    content_store& operator=(const content_store&) = delete;

    // All [any-thread]. Errors: state as category input, code "content.<reason>".
    mortise_handle create(std::string media_type, std::uint64_t length);
    // buf must live until the handler is called. One read in flight per stream.
    result<void> read(mortise_handle s, void* buf, std::uint64_t cap, io_handler done);
    // chunk must live until the handler is called: it waits for room in the window.
    result<void> write(mortise_handle s, std::string_view chunk, io_handler done);
    // The end, or with a failure what the reader gets after the bytes written so far.
    result<void> finish(mortise_handle s, std::optional<error> abort);
    std::optional<content_info> info(mortise_handle s) const;
    // The reader gives up: a waiting writer gets a cancelled error, later writes too.
    void close(mortise_handle s);
    std::size_t open_streams() const;

private:
    struct stream;
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace mortise::host
