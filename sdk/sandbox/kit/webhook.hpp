// SPDX-License-Identifier: Apache-2.0
// Outgoing webhooks of an emulator. Asynchronous: the result arrives on the emulator's thread.
#pragma once

#include "kit/message.hpp"

#include <functional>
#include <string>

namespace mortise::sandbox {

struct webhook {
    std::string url; // http://host[:port]/path
    header_list headers;
    std::string body;
    std::string content_type = "application/json";
    std::string method = "POST";
    std::chrono::milliseconds timeout{10'000};
};

struct webhook_result {
    unsigned status = 0; // 0: no answer
    std::string body;    // first 64 KiB
    std::string error;   // why there was no answer: "connecting to ...: refused"
    bool ok() const noexcept { return status >= 200 && status < 300; }
};

using webhook_done = std::function<void(const webhook_result&)>;

// What an emulator needs from the world; the server is the real one.
class transport {
public:
    virtual ~transport() = default;
    // done is called later, exactly once unless the transport ends first.
    virtual void send(webhook hook, webhook_done done) = 0;
    // Asks for sandbox_clock::run_due to be called at the right time.
    virtual void clock_changed() = 0;
};

} // namespace mortise::sandbox
