// SPDX-License-Identifier: Apache-2.0
//
// One life of a simulated host: the real engine, a connection, two flows and a poller on an
// io_context that is driven by hand. It ends by dying: what it knew and had not written is gone.
#pragma once

#include "base/metrics.hpp"
#include "content/content_store.hpp"
#include "engine/engine.hpp"
#include "http/client.hpp"
#include "intake/poller.hpp"
#include "plugin/watchdog.hpp"
#include "policy/connection_gate.hpp"
#include "sim_journal.hpp"
#include "sim_target.hpp"
#include "sim_timers.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <string>
#include <vector>

namespace mortise::host::testing {

struct sim_settings {
    engine_options engine;
    retry_policy retry;
    std::chrono::milliseconds call_timeout{10'000};
    std::chrono::milliseconds poll_every{3000};
    breaker_options breaker;
};

class sim_life {
public:
    sim_life(manual_clock& time, sim_journal& store, sim_target& target, sim_settings settings);
    ~sim_life();

    // Makes the instances and starts the engine; an error is the journal's.
    result<void> start();
    // A new connection and new flows take the places of the old ones, which end behind them.
    void reload(std::chrono::milliseconds grace);

    // As a sender would: done gets what became of it.
    void hook(const std::string& event_id, connector_instance::call_handler done);
    void request(const std::string& instance,
                 event_record event,
                 std::function<void(result<run_id>)> done,
                 std::function<void(run_outcome)> ended);

    bool run_one() { return io_.poll_one() > 0; }
    sim_timers& timers() { return timers_; }
    engine& runs() { return *engine_; }
    connection_gate& gate() { return *gate_; }
    bool stopped() const { return stopped_; }

    // The journal has died already. Lets go of everything, in as many steps as that takes; false
    // when something does not let go.
    bool fall(sim_journal& store);
    // In good order; then run everything until stopped() and closed().
    void stop(std::chrono::milliseconds grace);
    void close();
    bool closed() const { return closing_ && open_instances_ == 0; }

private:
    struct parts {
        std::shared_ptr<connector_instance> connection;
        std::shared_ptr<flow_instance> a, b;
        mortise_handle trigger = 0;
        std::shared_ptr<poller> polls;
    };
    parts make();
    void put_in_place(parts p);
    void retire(parts p, std::chrono::milliseconds grace);
    std::shared_ptr<flow_instance> make_flow(const std::string& name);
    bool drain(sim_journal& store, const std::function<bool()>& done);

    manual_clock& time_;
    sim_target& target_;
    const sim_settings settings_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        io_.get_executor()};
    sim_timers timers_;
    plugin_environment env_;
    std::unique_ptr<engine> engine_;
    std::shared_ptr<connection_gate> gate_;
    parts now_;
    int open_instances_ = 0;
    bool stopped_ = false;
    bool closing_ = false;
};

} // namespace mortise::host::testing
