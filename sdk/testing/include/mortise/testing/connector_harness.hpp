// SPDX-License-Identifier: Apache-2.0
//
// A connector instance in a fake host: calls, webhooks, polls, and what it emitted. A light handle.
#pragma once

#include <mortise/sdk/event.hpp>
#include <mortise/sdk/json.hpp>
#include <mortise/testing/scripted_http.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::testing {

class core;
struct fake_instance;

struct call_options {
    std::uint32_t attempt = 1;
    std::string idempotency_key = "key-1";
    std::uint64_t deadline_ns = 0;
    mortise_handle content = 0;
};

// How a call ended.
struct call_outcome {
    bool done = false;
    std::optional<error> failure;
    json::value result;         // null when there was none
    mortise_handle content = 0; // for fake_host::take_content

    // The result, or the failure thrown.
    const json::value& value() const;
};

class pending_call {
public:
    pending_call(core& c, mortise_handle h) noexcept : core_(&c), handle_(h) {}
    bool done() const;
    call_outcome outcome() const;
    void cancel() const; // and runs
    mortise_handle handle() const noexcept { return handle_; }

private:
    core* core_;
    mortise_handle handle_;
};

class connector_harness {
public:
    connector_harness(core& c, fake_instance& i) noexcept : core_(&c), instance_(&i) {}

    // Begins a call and runs. A refusal is an outcome too.
    pending_call start(std::string_view operation,
                       const json::value& input = json::object(),
                       const call_options& options = {}) const;
    // The same with the input as raw text, for malformed ones.
    pending_call start_text(std::string_view operation,
                            std::string_view input,
                            const call_options& options = {}) const;
    // Throws std::logic_error when the call is still open once nothing is ready.
    call_outcome call(std::string_view operation,
                      const json::value& input = json::object(),
                      const call_options& options = {}) const;
    call_outcome test_connection() const;

    // Opens a trigger; webhook() and poll() open it with empty settings when it is not open yet.
    void open(std::string_view trigger,
              const json::value& config = json::object(),
              std::string_view cursor = {}) const;
    pending_call start_webhook(std::string_view trigger,
                               const header_list& headers,
                               std::string_view body,
                               std::string_view query = {}) const;
    call_outcome webhook(std::string_view trigger,
                         const header_list& headers,
                         std::string_view body,
                         std::string_view query = {}) const;
    // Without a cursor: the last durable one.
    pending_call start_poll(std::string_view trigger,
                            std::optional<std::string> cursor = std::nullopt) const;
    call_outcome poll(std::string_view trigger,
                      std::optional<std::string> cursor = std::nullopt) const;
    // One page of a backfill. Without a position: the last durable one, empty at first.
    pending_call start_backfill(std::string_view trigger,
                                std::optional<std::string> position = std::nullopt) const;
    // The same to its end; the result is {"done":bool}.
    call_outcome backfill(std::string_view trigger,
                          std::optional<std::string> position = std::nullopt) const;
    // Page after page from the beginning until the last; returns how many there were. Throws a
    // page's failure, and std::logic_error when a page has no {"done":bool}, leaves the position as
    // it is without being the last, or is the most-th and not the last.
    std::size_t backfill_all(std::string_view trigger, std::size_t most = 1000) const;
    void resume(std::string_view trigger) const; // and runs
    // True when the plugin said that it has closed, after running.
    bool close(std::string_view trigger) const;

    // All events made durable so far, the cursor of a trigger, and the position of its backfill.
    const std::vector<event>& events() const;
    std::optional<std::string> cursor(std::string_view trigger) const;
    std::optional<std::string> backfill_position(std::string_view trigger) const;

    // Ends the instance; open calls and contents are violations.
    void destroy() const;

private:
    pending_call start_from(std::string_view trigger, std::uint32_t kind, std::string mark) const;

    core* core_;
    fake_instance* instance_;
};

} // namespace mortise::testing
