// SPDX-License-Identifier: Apache-2.0
//
// What a trigger's handlers receive: a webhook or a poll, and how they hand over events.
#pragma once

#include <mortise/sdk/call.hpp>
#include <mortise/sdk/event.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise {

namespace detail {
class open_trigger;
}

struct webhook {
    std::string method;
    std::string path;
    std::string query;                                       // as received, without '?'
    std::map<std::string, std::string, std::less<>> headers; // lower-case names
    std::string remote;
    std::string media_type;
    std::string body;

    std::string_view header(std::string_view lower_case_name) const noexcept;
    // The body within the JSON profile; INPUT (answered 400) when it is not.
    json::value json() const;
};

class webhook_reply {
public:
    webhook_reply() = default;
    explicit webhook_reply(int status_code, std::string text = {})
        : status(status_code), body(std::move(text)) {}
    int status = 202;
    std::map<std::string, std::string> headers;
    std::string body;
};

// A call with a trigger behind it. In a stream there is no delivery: handle() is 0 and the task is
// destroyed when the trigger closes.
class delivery_context : public call_context {
public:
    delivery_context(instance& owner,
                     mortise_handle delivery,
                     detail::open_trigger& trigger) noexcept
        : call_context(owner, delivery), trigger_(trigger) {}

    // The trigger's own configuration, of the type given to trigger_builder::config<T>().
    template <class T>
    const T& config() const {
        return *static_cast<const T*>(config_pointer());
    }

    // Ends when the events (and the cursor) are durable. When the host's backlog is full it waits
    // for room and tries again. The content of the events passes to the host.
    task<void> emit(std::vector<event> events, std::optional<std::string> cursor = std::nullopt);
    task<void> emit(event one, std::optional<std::string> cursor = std::nullopt);
    // No events, only the new cursor.
    task<void> move_cursor(std::string cursor);

private:
    const void* config_pointer() const noexcept;
    detail::open_trigger& trigger_;
};

// Compares secrets in a time that does not depend on where they differ. Empty is never equal.
bool constant_time_equal(std::string_view a, std::string_view b) noexcept;

} // namespace mortise
