// SPDX-License-Identifier: Apache-2.0
//
// A run as its flow sees it. Every step has a key, unique in the run; after a crash or a long wait
// the flow starts again and finished steps answer from the journal. In a loop give each round keys
// of its own: run.scope("asset:" + id).call("get", ...) has the key "asset:<id>/get".
#pragma once

#include <mortise/run.h>
#include <mortise/sdk/content.hpp>
#include <mortise/sdk/error.hpp>
#include <mortise/sdk/event.hpp>
#include <mortise/sdk/json.hpp>
#include <mortise/sdk/schema.hpp>
#include <mortise/sdk/task.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mortise {

namespace detail {
class run_core;
}

struct step_reply {
    json::value value;
    content_stream content;
};

class event_wait {
public:
    event_wait(std::string event_type,
               std::string event_key = {},
               std::chrono::milliseconds longest = std::chrono::milliseconds(0))
        : type(std::move(event_type)), key(std::move(event_key)), timeout(longest) {}
    std::string type;
    std::string key;                      // subject or partition key; empty = any
    std::chrono::milliseconds timeout{0}; // 0 = for ever; past it the step throws TIMEOUT

    // Reminders: remind(1) after remind_after, remind(2) remind_every later, and so on, for as long
    // as the event has not come. 0 for remind_after: the first comes after remind_every; 0 for
    // remind_every: there is one. A reminder that has begun runs to its end before the event is
    // returned; one that throws ends the wait with its error. Its steps need keys of their own:
    //
    //     mortise::event_wait decision("rights.decided", asset_id, std::chrono::days(30));
    //     decision.remind_after = std::chrono::days(3);
    //     decision.remind_every = std::chrono::days(1);
    //     decision.remind = [this, &run](int n) { return write_to_owner(run, n); };
    //     auto decided = co_await run.wait_event("decision", std::move(decision));
    //
    // A reminder that is late (the host was down) comes at once, and those it stands for are left
    // out. The times are the steps "<step>/remind-1", "<step>/remind-2", ...
    std::chrono::milliseconds remind_after{0};
    std::chrono::milliseconds remind_every{0};
    std::function<task<void>(int n)> remind;
};

// A run to be started by another (flow_run::spawn).
struct child {
    std::string flow; // name of the configured flow instance; empty: the one of this run
    std::string event_type =
        "mortise.child";               // the flow must start on it; see flow_builder::on_child
    std::string key;                   // order key; empty: the child waits for no other run
    json::value data = json::object(); // of the event the child starts on
};

// One end of a transfer: an operation of the connection bound to a role.
class transfer_end {
public:
    transfer_end(std::string of_role, std::string operation_id, json::value with = json::object())
        : role(std::move(of_role)), operation(std::move(operation_id)), input(std::move(with)) {}
    std::string role;
    std::string operation;
    json::value input;
};

struct transfer_report {
    json::value target; // what the two operations answered
    json::value source;
    std::optional<std::uint64_t> size;
    std::string sha256;   // empty when a look-up found the transfer done
    std::string verified; // "checksum", "size" or "none": by what the target was compared
};

struct link {
    std::string a;
    std::string b;
    json::value data;
};

struct state_value {
    json::value value; // null when the key does not exist
    std::uint64_t version = 0;
};

// [strand] of the run. A light value: copy it into helpers; valid until run() returns.
class flow_run {
public:
    explicit flow_run(detail::run_core& core, std::string prefix = {})
        : core_(&core), prefix_(std::move(prefix)) {}

    // The same run with keys under prefix + name + "/".
    flow_run scope(std::string_view name) const;

    // Calls an operation of the connection bound to the role. Throws the final error, after
    // retries.
    task<json::value> call(std::string_view step,
                           std::string_view role,
                           std::string_view operation,
                           json::value input = json::object()) const;
    template <class Out, class In>
    task<Out> call_as(std::string_view step,
                      std::string_view role,
                      std::string_view operation,
                      const In& input) const {
        return read_as<Out>(call(step, role, operation, to_json(input)));
    }
    // The final error as a value, for flows that go on without.
    task<result<json::value>> try_call(std::string_view step,
                                       std::string_view role,
                                       std::string_view operation,
                                       json::value input = json::object()) const;
    // With content in and out.
    task<step_reply> call_with_content(std::string_view step,
                                       std::string_view role,
                                       std::string_view operation,
                                       json::value input,
                                       content_stream content = {}) const;

    // Moves content from an operation that reads and answers with content to one that takes
    // content, as one step: never more than a window of it in memory, hashed on the way, size and
    // checksums compared. A source whose input has "offset" goes on where it broke off. The step is
    // repeated by the effect class of the target's operation. "name", "media_type" and "size" of
    // the source's answer go into the target's input where it takes them and they are not given.
    // Throws the final error, its message beginning with "source: " or "target: "; REMOTE_PROTOCOL
    // "transfer.size" or "transfer.checksum" when what is there is not what was announced; CONFIG
    // when the host is older than plugin ABI 1.2.
    task<transfer_report>
    transfer(std::string_view step, transfer_end source, transfer_end target) const;

    task<void> sleep_until(std::string_view step, time_point t) const;
    task<void> sleep_for(std::string_view step, std::chrono::milliseconds d) const;
    task<event> wait_event(std::string_view step, event_wait wait) const;
    // Starts a run of a flow instance and waits for its result, as one step: however often this run
    // is started again, there is one child. A child that fails is a dead letter, and this run waits
    // until a person has retried or discarded it. Throws CANCELLED ("run.child-ended") when the
    // child was cancelled or discarded, CONFIG when there is no such flow, it does not start on the
    // type, or the host is older than plugin ABI 1.1. Cancelling this run cancels its children.
    task<json::value> spawn(std::string_view step, child c) const;
    template <class Out>
    task<Out> spawn_as(std::string_view step, child c) const {
        return read_as<Out>(spawn(step, std::move(c)));
    }
    // Keeps a value that was computed from something not deterministic; replay gives the first one.
    task<json::value> record(std::string_view step, json::value value) const;

    task<void> link_put(std::string_view step, std::string_view relation, link l) const;
    // By a (exact, or a prefix ending in '*'), or by b.
    task<std::vector<link>>
    link_find(std::string_view step, std::string_view relation, std::string_view a) const;
    task<std::vector<link>>
    link_find_b(std::string_view step, std::string_view relation, std::string_view b) const;
    task<void>
    link_remove(std::string_view step, std::string_view relation, std::string_view a) const;

    task<state_value> state_get(std::string_view step, std::string_view key) const;
    // Throws CONFLICT when the version is another (MORTISE_STATE_ANY, MORTISE_STATE_ABSENT: see
    // mortise/state.h). Without a value the key is removed.
    task<void> state_put(std::string_view step,
                         std::string_view key,
                         std::optional<json::value> value,
                         std::uint64_t expected_version) const;

    // The same on replay.
    time_point now() const;
    std::uint64_t random() const;                  // the next number of the run's sequence
    std::string uuid(std::string_view name) const; // one per name (and scope)

    void log(std::uint32_t level, std::string_view message, const json::object& fields = {}) const;
    void info(std::string_view message, const json::object& fields = {}) const;
    void warn(std::string_view message, const json::object& fields = {}) const;
    // After a request to stop: steps in flight throw CANCELLED.
    bool cancelled() const noexcept;

private:
    template <class Out>
    static task<Out> read_as(task<json::value> from) {
        const json::value value = co_await std::move(from);
        co_return from_json<Out>(value, category::remote_protocol);
    }
    std::string key(std::string_view step) const { return prefix_ + std::string(step); }

    detail::run_core* core_;
    std::string prefix_;
};

} // namespace mortise
