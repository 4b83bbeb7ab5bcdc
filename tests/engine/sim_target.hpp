// SPDX-License-Identifier: Apache-2.0
//
// The system at the other end and the connector to it, as a table of C functions in the test's own
// process. What it does with a call is chance: it may do it or not, answer or not, late or at once,
// and lie about neither.
//   get     reads                   find    looks for what create has made
//   put     once per idempotency key        create  makes something new each time
//   fire    does it each time, and cannot be asked whether it did
#pragma once

#include "base/clock.hpp"
#include "plugin/descriptors.hpp"
#include "sim_random.hpp"
#include "sim_trace.hpp"
#include "support/history.hpp"

#include <mortise/call.h>
#include <mortise/trigger.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host::testing {

// Per mille of calls that end this way; the rest ends well.
struct target_faults {
    std::uint64_t transient = 0;   // refused for now, nothing done, and it says so
    std::uint64_t cut_before = 0;  // nothing done, nobody knows
    std::uint64_t cut_after = 0;   // done, nobody knows
    std::uint64_t rate_limit = 0;  // nothing done, come back later
    std::uint64_t refused = 0;     // nothing done, and never will be
    std::uint64_t broken = 0;      // category internal, effect unknown, done or not
    std::uint64_t refused_now = 0; // invoke() itself says no
    std::uint64_t hang = 0;        // no answer until it is cancelled
    std::uint64_t mute = 0;        // no answer then either, until much later
    std::uint64_t slow = 0;        // an answer after seconds
    std::uint64_t delivery = 0;    // a poll or webhook fails before or after its events
};

class sim_target {
public:
    sim_target(const manual_clock& time, sim_random& random, sim_trace& trace);
    ~sim_target();

    const connector_descriptor& descriptor() const { return descriptor_; }

    target_faults faults;
    // What a poll finds, oldest first; and what a webhook's body (an event's id) stands for.
    struct announced {
        std::string id, type, subject, data;
    };
    std::vector<announced> published;
    std::function<std::optional<announced>(std::string_view id)> hooked;

    // When something happens there next, in monotonic time.
    std::optional<std::uint64_t> next_due() const;
    bool act_one(); // what is due; false: nothing is
    // The host has died: what was asked for happens or not, and nobody hears of it.
    void lose_host();
    void find_host() { deaf_ = false; } // a new life has begun

    const std::vector<test::seen_attempt>& attempts() const { return attempts_; }
    bool happened(const std::string& name) const;
    std::size_t open_calls() const { return calls_.size(); }

private:
    struct connection; // the connector's instance
    struct call;
    struct functions;
    friend struct functions;
    enum class fate {
        well,
        transient,
        cut_before,
        cut_after,
        rate_limit,
        refused,
        broken,
        hang,
        mute
    };

    fate draw_fate();
    mortise_status invoke(connection& on, const mortise_call& c, mortise_error_sink err);
    void cancel(mortise_handle id);
    void apply(call& c);
    std::string result_of(const call& c) const;
    void answer(mortise_handle id);
    void schedule(mortise_handle id, std::uint64_t at_ns, bool effect);
    mortise_status deliver(connection& on, mortise_handle trigger, const mortise_delivery& d);
    void note(std::initializer_list<std::string_view> words);

    const manual_clock& time_;
    sim_random& random_;
    sim_trace& trace_;
    connector_descriptor descriptor_;
    std::set<std::unique_ptr<connection>> connections_;
    std::map<mortise_handle, call> calls_;
    struct due {
        mortise_handle call;
        bool effect; // else the answer
    };
    std::multimap<std::uint64_t, due> agenda_;
    bool deaf_ = false;
    std::vector<test::seen_attempt> attempts_;
    std::set<std::string> put_keys_;
    std::map<std::string, std::size_t> created_; // name -> how many
    std::set<std::string> happened_;
};

} // namespace mortise::host::testing
