// SPDX-License-Identifier: Apache-2.0
//
// May a connection be called now? One gate for each connection by name: its circuit breaker and the
// pause by hand. It outlives reloads, so that neither is forgotten with a new setting. A step that
// may not call is held: it costs no attempt and waits until the gate says when, or is released.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "policy/breaker.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace mortise::host {

class metric;
class metric_registry;

struct connection_pause {
    unix_ms since = 0;
    std::string reason; // may be empty
};

// Of the last call or poll that failed; kept when later ones go well.
struct connection_failure {
    error what;
    unix_ms at = 0;
};

struct gate_status {
    breaker_state breaker = breaker_state::closed;
    std::uint32_t failures_in_a_row = 0;
    std::uint32_t sign_ins_refused = 0;    // in a row; the system answers, so no breaker opens
    std::chrono::milliseconds probe_in{0}; // while open
    std::optional<connection_pause> paused;
    std::optional<connection_failure> last_failure;

    // So often in a row that it is the credentials, and not one token that had just expired.
    bool is_locked_out() const noexcept { return sign_ins_refused >= 3; }
    bool is_well() const noexcept {
        return breaker == breaker_state::closed && !paused && !is_locked_out();
    }
};

// A breaker that opened, closed or probes, a pause that began or ended, credentials that are
// refused or taken again.
struct gate_change {
    std::string connection;
    gate_status now;
    std::string why;      // what the last call failed with, or the reason of a pause; may be empty
    bool is_gone = false; // not configured any more: nobody is to be told of it
};

class connection_gate {
public:
    // Both outlive it. released is called, without a lock, when what was held may go on; changed,
    // without a lock too, after each change [any-thread].
    connection_gate(std::string name,
                    const clock& time,
                    metric_registry& metrics,
                    std::function<void()> released,
                    std::function<void(const gate_change&)> changed = {});

    const std::string& name() const noexcept { return name_; }

    enum class verdict : std::uint8_t { go, wait, paused };
    struct admission {
        verdict what = verdict::go;
        std::chrono::milliseconds wait{0}; // when to ask again; for paused a long time
        breaker_pass pass;                 // with go: for report()
    };
    // All [any-thread].
    admission may_call();
    // Once for each admission that said go; null: the call went well.
    void report(const breaker_pass& pass, const error* failure);
    // Instead of report(): the call was not made after all. A probe is free again, and nothing is
    // known of the system.
    void give_back(const breaker_pass& pass);
    // True when nothing is held back: neither paused nor anything but closed.
    bool is_open() const;

    // The next release calls fn once. One for each owner; a second replaces the first.
    void on_release(const void* owner, std::function<void()> fn);
    void forget(const void* owner);

    void configure(const breaker_options& options);
    // Its connection is not configured any more. Runs that began with it still go through it, but
    // what becomes of it is no one's concern until it is configured again.
    void retire();
    // Lets go what is held: in memory, and through released in the journal.
    void release();
    // What a person wants; durable elsewhere (connection_gates).
    void pause(connection_pause why);
    void resume();

    gate_status status() const;

private:
    breaker::time_point now() const;
    void show();
    gate_status status_locked() const;
    void count_sign_in(const error* failure, breaker_sign sign);
    void tell(std::string why) const;

    const std::string name_;
    const clock& time_;
    const std::function<void()> released_;
    const std::function<void(const gate_change&)> changed_;
    metric& breaker_metric_;
    metric& paused_metric_;
    metric& openings_metric_;
    metric& held_metric_;
    mutable std::mutex guard_;
    breaker breaker_{breaker_options{}};
    std::optional<connection_pause> paused_;
    std::optional<connection_failure> last_failure_;
    std::uint32_t sign_ins_refused_ = 0;
    bool retired_ = false;
    std::uint32_t held_ = 0; // since it was last open: they come back one after another
    std::map<const void*, std::function<void()>> waiting_;
};

} // namespace mortise::host
