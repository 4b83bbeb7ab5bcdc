// SPDX-License-Identifier: Apache-2.0
//
// Large bytes as streams. A content_stream owns a handle and gives it up when it is destroyed;
// passing it on (an HTTP body, a call's content, an event) passes the ownership.
#pragma once

#include <mortise/content.h>
#include <mortise/sdk/error.hpp>
#include <mortise/sdk/task.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mortise {

struct content_info {
    std::string media_type;
    std::optional<std::uint64_t> length; // empty when not known
    std::string sha256;                  // lower-case hex, empty until finished
    bool finished = false;
};

class content_stream {
public:
    content_stream() noexcept = default;
    content_stream(const mortise_svc_content* service, mortise_handle handle) noexcept
        : service_(service), handle_(handle) {}
    content_stream(content_stream&& other) noexcept
        : service_(other.service_), handle_(std::exchange(other.handle_, 0)) {}
    content_stream& operator=(content_stream&& other) noexcept;
    ~content_stream() { close(); }

    explicit operator bool() const noexcept { return handle_ != 0; }
    mortise_handle handle() const noexcept { return handle_; }
    // Hands the handle to whoever takes it over.
    mortise_handle release() noexcept { return std::exchange(handle_, 0); }
    void close() noexcept;

    content_info info() const;
    // The same stream once more, for a writer that passes the reading side on and goes on writing.
    // Exactly one of the two may close it: release() the other.
    content_stream share() const noexcept { return {service_, handle_}; }

    // Up to max bytes; empty at the end. One read at a time.
    task<std::string> read(std::size_t max = 64 * 1024);
    // The rest, refused with LIMIT when it is longer than max.
    task<std::string> read_all(std::size_t max);
    // Goes on reading at this offset, from the content's beginning. Throws INPUT
    // "content.seek.unsupported" where one cannot go back to it, "content.seek.past-end" beyond the
    // end. Needs a host of plugin ABI 1.2, CONFIG "sdk.seek.unsupported" without.
    task<void> seek(std::uint64_t offset);
    // Waits until the chunk was taken. One write at a time.
    task<void> write(std::string chunk);
    void finish();
    // The reader gets this error instead of an end.
    void abort(const error& e);

private:
    const mortise_svc_content& service() const;

    const mortise_svc_content* service_ = nullptr;
    mortise_handle handle_ = 0;
};

} // namespace mortise
