// SPDX-License-Identifier: Apache-2.0
// Digests of a stream, computed beside the moving of its bytes: hashing costs as much as receiving
// and sending together. A bounded copy waits for another thread; who brings bytes and finds no
// room, or asks for the result, does what waits himself, so nothing depends on that thread.
#pragma once

#include "content/content_digest.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mortise::host {

class background_digest {
public:
    // elsewhere runs a task on another thread soon; may be empty.
    using runner = std::function<void(std::function<void()>)>;
    background_digest(std::optional<content_digest> also, runner elsewhere);

    // One thread at a time; the calls' order is that of the bytes.
    void update(std::string_view bytes);
    // Of what came so far.
    std::string sha256();
    std::string also(); // empty when there is none

private:
    struct state;
    std::shared_ptr<state> state_; // a task may come to run late
    runner elsewhere_;
};

} // namespace mortise::host
