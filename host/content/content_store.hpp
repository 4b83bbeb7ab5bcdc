// SPDX-License-Identifier: Apache-2.0
//
// Content streams: large bytes on their way from a writer to a reader, never more than the window
// of them in memory. The store knows streams by handle, so that a handle used after its end is an
// error and not a corruption. A relay is a stream without a buffer of its own that reads from one
// stream after the other: the bytes of a transfer, whose source may break off and go on.
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

class transfer_board;

struct content_info {
    bool finished = false;
    std::string media_type;
    std::uint64_t length = UINT64_MAX; // announced, or counted once finished
    std::uint64_t position = 0;        // of the next byte the reader gets
    std::string sha256;                // lower-case hex, once finished
    std::string also;                  // of a relay: the other digest, as sha256
};

// What a relay asks of who feeds it. Called on any thread, without a lock.
struct relay_hooks {
    // The stream it reads from broke off (why says how), or the reader goes back: the answer is
    // feed() with a stream that begins at the offset, or finish() with an error; later, or from
    // inside.
    std::function<void(std::uint64_t offset, const std::optional<error>& why)> reopen;
    bool can_go_back = false; // reopen() can also give what was read before
    // The reader has moved on; for who watches the progress.
    std::function<void(std::uint64_t position)> moved;
    // Once: all of it went to the reader, or it is not what was announced.
    std::function<void(const result<content_info>&)> ended;
    std::string also_digest; // "md5", ... beside SHA-256; none when it is not known
    // The digest the source declares, of algorithm (also_digest or "sha256"); empty: none. When it
    // is another one the reader gets REMOTE_PROTOCOL "transfer.checksum" in place of the last
    // bytes.
    std::string declared, declared_algorithm;
};

namespace detail {
class content_end;
}

class content_store {
public:
    // How many bytes were moved; 0 is the end. Called from inside read/write or from the other
    // side's call, on that thread: post elsewhere.
    using io_handler = std::function<void(result<std::uint64_t>)>;

    // elsewhere runs a task on another thread soon, for the hashing of relays; may be empty.
    explicit content_store(std::uint64_t window_bytes = 256 * 1024,
                           std::function<void(std::function<void()>)> elsewhere = {});
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
    // The reader goes on at this offset; done gets it. See mortise_svc_content.seek.
    result<void> seek(mortise_handle s, std::uint64_t offset, io_handler done);
    std::optional<content_info> info(mortise_handle s) const;
    // The reader gives up: a waiting writer gets a cancelled error, later writes too.
    void close(mortise_handle s);
    std::size_t open_streams() const;

    // For ends that cannot wait, such as the callbacks of an HTTP library. Nothing when there is
    // nothing to read yet, 0 at the end; wake is called once when it is worth to try again.
    using waker = std::function<void()>;
    result<std::optional<std::uint64_t>>
    try_read(mortise_handle s, char* to, std::uint64_t cap, waker wake);
    // The whole chunk, or false when there is no room.
    result<bool> try_write(mortise_handle s, std::string_view chunk, waker wake);
    // gone is called once when the reader gives the stream up before its end.
    void on_close(mortise_handle s, waker gone);

    // A relay, which waits for its first feed(). length as announced by the source: bytes beyond
    // it, or an end before it, are REMOTE_PROTOCOL "transfer.size".
    mortise_handle relay(std::string media_type, std::uint64_t length, relay_hooks hooks);
    // from belongs to the relay then. Closed when the relay is gone or does not wait for it.
    void feed(mortise_handle relay, mortise_handle from);
    // Which of them are under way.
    transfer_board& transfers();

private:
    struct impl;
    std::shared_ptr<impl> impl_; // relays read from the streams of their store
};

} // namespace mortise::host
