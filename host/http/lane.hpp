// SPDX-License-Identifier: Apache-2.0
// The inside of a lane and of a request on its way. Internal to host/http; everything but the
// options and the counters belongs to the client's strand.
#pragma once

#include "http/client.hpp"
#include "http/lane_limiter.hpp"
#include "http/transfer.hpp"
#include "http/url.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <deque>

namespace mortise::host {

struct http_exchange {
    enum class phase { queued, running, done };

    request_id id = request_id::none;
    std::shared_ptr<http_lane> lane;
    http_request request;
    http_client::completion on_done;
    url_origin origin;
    phase state = phase::queued;
    std::unique_ptr<transfer> wire; // while running
    int hops = 0;
    std::chrono::steady_clock::time_point queued_at{}, sent_at{};
    std::unique_ptr<boost::asio::steady_timer> progress; // of a streamed one
    bool left_lane = false;                              // goes on at its reader's pace
};

class http_lane {
public:
    http_lane(http_lane_options o, egress_list allowed)
        : options(std::move(o)), egress(std::move(allowed)),
          limiter({options.requests_per_second, options.burst, options.max_concurrent,
                   options.max_pause}) {}

    const http_lane_options options;
    const egress_list egress;
    lane_limiter limiter;
    std::deque<std::shared_ptr<http_exchange>> queue; // may hold entries cancelled meanwhile
    std::vector<std::unique_ptr<transfer>> idle;
    std::atomic<std::size_t> queued{0};
    std::atomic<std::size_t> in_flight{0};
    std::atomic<std::uint64_t> paused_until_ns{0};
};

// Parses the URL, checks parts and egress list.
result<url_origin> check_request(const http_lane& lane, const http_request& request);
// Errors: category config, naming the option.
result<egress_list> check_lane_options(const http_lane_options& options);

} // namespace mortise::host
