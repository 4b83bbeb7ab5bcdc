// SPDX-License-Identifier: Apache-2.0
// What the store asks of a stream, whatever is behind it. Internal to host/content.
#pragma once

#include "content/content_store.hpp"

namespace mortise::host::detail {

class content_end : public std::enable_shared_from_this<content_end> {
public:
    using io_handler = content_store::io_handler;
    using waker = content_store::waker;
    virtual ~content_end() = default;
    virtual result<void> read(char* to, std::uint64_t cap, io_handler done) = 0;
    virtual result<void> write(std::string_view chunk, io_handler done) = 0;
    virtual result<void> finish(std::optional<error> abort) = 0;
    // Only where the reader stands before it or can go back; see drop_until().
    virtual bool go_back(std::uint64_t offset) = 0;
    virtual content_info info() const = 0;
    virtual void close() = 0;
    virtual result<std::optional<std::uint64_t>>
    try_read(char* to, std::uint64_t cap, waker wake) = 0;
    virtual result<bool> try_write(std::string_view chunk, waker wake) = 0;
    virtual void on_close(waker gone) = 0;

    // Reads and drops what lies before the offset, then done.
    void drop_until(std::uint64_t offset, io_handler done);
};

inline error stream_error(std::string_view reason, std::string message) {
    error e{category::input, "content." + std::string(reason), std::move(message)};
    e.effect = effect::none;
    return e;
}

inline error reader_gone() {
    error e{category::cancelled, "content.closed", "the reader of this content gave it up"};
    e.effect = effect::none;
    return e;
}

} // namespace mortise::host::detail
