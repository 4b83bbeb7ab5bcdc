// SPDX-License-Identifier: Apache-2.0
//
// A flow instance in a fake host: scripted operations, a journal in memory, replay. Meeting another
// step than the journal holds under a key ends the run with "nondeterministic-flow", as the host
// does.
#pragma once

#include <mortise/sdk/event.hpp>
#include <mortise/sdk/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::testing {

class core;
struct fake_instance;

struct step_record {
    std::string key;
    std::string kind;    // "call", "sleep", "wait", "record", "spawn", "link_put", ...
    std::string request; // what was asked, as JSON text: the same on replay
    std::optional<std::string> result;
    std::optional<error> failure;
    bool done = false;
    std::size_t order = 0;     // of its end, among the run's steps
    std::int64_t ended_ms = 0; // when it ended, by the host's clock
};

struct run_outcome {
    bool finished = false;
    std::optional<error> failure;
    json::value result;
};

// A dead letter waits for retry_child() or discard_child().
enum class child_state { running, succeeded, dead_letter, cancelled, discarded };

// A run started by a run under test. What it does is the test's to say.
struct child_run {
    std::string id; // of its event: the same however often the step is begun
    std::string step;
    std::string flow; // empty: the flow of its parent
    std::string event_type;
    std::string key;
    json::value data;
    child_state state = child_state::running;
};

class test_run {
public:
    test_run(core& c, std::size_t index) noexcept : core_(&c), index_(index) {}
    run_outcome outcome() const;
    bool finished() const { return outcome().finished; }
    // The result, or the failure thrown; std::logic_error when it has not finished.
    json::value result() const;
    const std::vector<step_record>& steps() const; // the journal, in the order of first meeting
    // Drops the run from memory (when it is there), forgets its end, starts it again from the
    // journal and runs. Finished steps answer without a new effect.
    void replay() const;
    void drop() const; // only drops
    void cancel() const;
    // How many steps reached their effect (a scripted operation, a link, ...) and were not
    // replayed.
    std::size_t effects() const;

private:
    core* core_;
    std::size_t index_;
};

class flow_harness {
public:
    using operation = std::function<json::value(const json::value& input)>;

    flow_harness(core& c, fake_instance& i) noexcept : core_(&c), instance_(&i) {}

    // What an operation of a role answers; it may throw mortise::error. The latest said counts.
    void on(std::string role, std::string operation_id, operation handler) const;
    void answer(std::string role, std::string operation_id, json::value result) const;
    void fail(std::string role, std::string operation_id, error e) const;
    using child_handler = std::function<json::value(const child_run&)>;
    // What a child of the flow ("" for the flow under test, "*" for any) ends with. An error thrown
    // makes it a dead letter, and its parent waits. Without a word a child runs until the test ends
    // it.
    void on_child(std::string flow, child_handler handler) const;
    void answer_child(std::string flow, json::value result) const;
    // Of all runs of this flow, in the order of their beginning.
    std::vector<child_run> children() const;
    // The end of the n-th child, and runs. Throw std::logic_error when it has ended otherwise.
    void end_child(std::size_t n, json::value result) const;
    void cancel_child(std::size_t n) const;
    void discard_child(std::size_t n) const; // a dead letter
    void retry_child(std::size_t n) const;   // a dead letter: asks its handler again
    // Starts a run and runs.
    test_run start(const event& first) const;
    // An event that runs may wait for, now or later; and runs.
    void send(const event& e) const;
    void destroy() const;

private:
    core* core_;
    fake_instance* instance_;
};

} // namespace mortise::testing
