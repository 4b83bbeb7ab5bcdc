// SPDX-License-Identifier: Apache-2.0
// An emulator on a loopback port with a thread of its own.
//   sandbox::running r = sandbox::start(make_iconik());
//   r.base_url()  ->  "http://127.0.0.1:40123"
#pragma once

#include "kit/emulator.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace mortise::sandbox {

class running {
public:
    running(running&&) noexcept;
    running& operator=(running&&) noexcept;
    ~running(); // stops, joins

    const std::string& base_url() const noexcept;
    std::uint16_t port() const noexcept;
    const std::string& name() const noexcept;
    // Runs fn on the emulator's thread and waits for it; an exception comes back. [any-thread but
    // the emulator's]
    void on_emulator(const std::function<void(emulator&)>& fn);
    template <class T>
    void with(const std::function<void(T&)>& fn) {
        on_emulator([&fn](emulator& e) { fn(dynamic_cast<T&>(e)); });
    }
    void stop(); // idempotent

private:
    friend running start(std::unique_ptr<emulator> e, std::uint16_t port);
    struct impl;
    explicit running(std::unique_ptr<impl> i) noexcept;
    std::unique_ptr<impl> impl_;
};

// Listens on 127.0.0.1:port (0: a free one). Throws boost::system::system_error when the port is
// taken.
running start(std::unique_ptr<emulator> e, std::uint16_t port = 0);

} // namespace mortise::sandbox
