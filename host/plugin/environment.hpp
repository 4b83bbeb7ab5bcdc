// SPDX-License-Identifier: Apache-2.0
//
// What every plugin instance gets from the host around it, and the one thing instances ask of the
// layer above: to take in events.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
class thread_pool;
} // namespace boost::asio

namespace mortise::host {

class content_store;
class http_client;
class journal;
class journal_tx;
class metric_registry;
class timer_source;
class watchdog;
struct event_record;

struct emitted {
    std::string connection;
    std::string trigger;
    std::vector<event_record> events;
    std::optional<std::string> cursor;
    // Runs in the same transaction behind the events, with how many were new and how many known;
    // may be empty. The rules of journal::operation.
    std::function<void(journal_tx&, std::uint64_t fresh, std::uint64_t known)> also;
};

// Implemented by the engine. [any-thread]
class event_intake {
public:
    virtual ~event_intake() = default;
    // False while the backlog is full; the engine calls connector_instance::resume_triggers()
    // afterwards.
    virtual bool has_room() const = 0;
    // done is called once, on any thread, when everything is durable or why it is not.
    virtual void take(emitted batch, std::function<void(const result<void>&)> done) = 0;
};

// All of it outlives every instance.
struct plugin_environment {
    boost::asio::io_context& io;
    boost::asio::thread_pool& workers;
    const clock& time;
    timer_source& timers;
    http_client& http;
    journal& store;
    content_store& contents;
    metric_registry& metrics;
    watchdog& dog;
    event_intake* intake = nullptr;             // set before the first trigger is opened
    std::uint64_t max_payload_bytes = 4u << 20; // of a result or an event's data
};

} // namespace mortise::host
