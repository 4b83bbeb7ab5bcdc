// SPDX-License-Identifier: Apache-2.0
// An answer whose length is not known when it begins: exports and live feeds. Who makes it holds
// an answer_stream and writes; the listener sends what is written in chunks, as fast as the reader
// takes it. What waits for the reader is bounded, so a slow one costs that much memory and no more.
//
//     auto out = std::make_shared<answer_stream>();
//     inbound_response r;
//     r.stream = out->outlet();
//     reply(std::move(r));
//     out->write("first\n");
//     out->end();
//
// A reader that takes nothing for listener_options::body_timeout while something waits is cut off.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mortise::host {

class answer_outlet;
struct answer_queue;

struct stream_limits {
    std::size_t most = 256u << 10; // bytes that may wait for the reader
    // Ends when the listener stops. Others may go on for the time of its drain.
    bool endless = false;
};

// The maker's end. [any-thread]
class answer_stream {
public:
    enum class taken {
        all,
        full, // nothing was taken; on_change() tells when there is room
        over, // the reader is gone, the listener stops or the stream has ended
    };

    explicit answer_stream(stream_limits limits = {});
    ~answer_stream(); // as cut(), unless it has ended
    answer_stream(const answer_stream&) = delete;
    answer_stream& operator=(const answer_stream&) = delete;

    // For inbound_response::stream; for one answer.
    std::shared_ptr<answer_outlet> outlet();

    // All of it or nothing. One piece is taken whatever its size when nothing waits.
    taken write(std::string_view bytes);
    void end(); // after what waits
    // The answer cannot be finished: what waits is dropped and the connection closed in the middle,
    // so that the reader does not take it for the whole.
    void cut();
    bool is_over() const;
    std::size_t waiting() const;
    // Called each time there is room again after a `full`, and once, at last, when the reader is
    // gone or the listener stops; never after end() or cut(). From any thread, one call at a time,
    // at once when it is over already. Must be quick. Kept until the stream is over, with what it
    // holds.
    void on_change(std::function<void()> fn);

private:
    std::shared_ptr<answer_queue> queue_;
};

// The listener's end. When it goes, the stream is over.
class answer_outlet {
public:
    enum class next { nothing, piece, last, broken };

    explicit answer_outlet(std::shared_ptr<answer_queue> queue);
    ~answer_outlet();
    answer_outlet(const answer_outlet&) = delete;
    answer_outlet& operator=(const answer_outlet&) = delete;

    // wake: called from any thread when there may be something to take.
    void attach(std::function<void()> wake);
    // Moves what waits to `out`, which also counts as waiting until written().
    next take(std::string& out);
    void written();
    void stop(); // the listener stops: ends an endless stream

private:
    std::shared_ptr<answer_queue> queue_;
};

} // namespace mortise::host
