// SPDX-License-Identifier: Apache-2.0
//
// What happens in the host right now, as server-sent events (WHATWG HTML, 9.2) for all who look on.
// Everything is gathered once a second whatever the number of readers; without a reader it costs
// nothing. A reader that does not keep up is cut off, and its EventSource comes again by itself.
#pragma once

#include "admin/admin.hpp"
#include "admin/traffic_meter.hpp"
#include "http/listener.hpp"

#include <boost/json/object.hpp>

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace mortise::host {

class answer_stream;

class live_feed final : public run_observer, public std::enable_shared_from_this<live_feed> {
public:
    static constexpr std::size_t most_streams = 32;
    static constexpr std::size_t most_runs = 50; // a second

    // The io_context outlives it.
    explicit live_feed(boost::asio::io_context& io);
    ~live_feed() override;

    // [any-thread] parts must outlive the last stream. An answer that goes on until the reader
    // leaves or the listener stops; 503 when there are too many.
    inbound_response open(const admin_parts& parts);
    // [any-thread] Its view is sent with the next round.
    void connection_changed(const std::string& name);
    using run_observer::run_changed;
    void run_changed(const run_record& run) noexcept override;
    std::size_t streams() const; // [any-thread]
    // [any-thread] Gathers now instead of with the next second; for tests.
    void round();

private:
    struct ticker;
    void start();
    void tick();
    void send_traffic();
    void send_runs();
    void send_slow(); // what must be asked of the journal and the control thread
    void send(std::string_view event, boost::json::object data);
    bool send_if_new(std::string_view event, boost::json::object data, std::string& last);
    void send_text(const std::string& text);
    void leave_those_gone();

    const std::unique_ptr<ticker> ticker_;
    std::atomic<bool> watched_{false};
    mutable std::mutex guard_; // of all below
    const admin_parts* parts_ = nullptr;
    std::list<std::shared_ptr<answer_stream>> streams_;
    std::list<run_record> runs_; // changed since the last round, the newest at the end
    std::uint64_t dropped_ = 0;
    std::set<std::string> connections_;
    std::map<std::string, edge_traffic> edges_; // as last sent
    host_traffic sums_;
    std::string counts_, health_, config_; // as last sent
    std::uint64_t next_id_ = 1;
    unsigned rounds_ = 0;
    bool running_ = false;
    bool asking_ = false;
};

} // namespace mortise::host
