// SPDX-License-Identifier: Apache-2.0
//
// The services of the ABI as one instance sees them: plain function tables whose ctx is the
// instance. Private to host/plugin.
#pragma once

#include "mapping/mapping_service.hpp"
#include "plugin/instance.hpp"

#include <mortise/config.h>
#include <mortise/content.h>
#include <mortise/http.h>
#include <mortise/log.h>
#include <mortise/metric.h>
#include <mortise/secret.h>
#include <mortise/state.h>
#include <mortise/time.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace mortise::host {

class metric;
enum class request_id : std::uint64_t;

struct plugin_instance::services {
    explicit services(plugin_instance& owner);

    plugin_instance& self;
    boost::asio::strand<boost::asio::io_context::executor_type> strand;
    mortise_host host{};

    mortise_svc_log log{};
    mortise_svc_config config{};
    mortise_svc_secret secret{};
    mortise_svc_http http{};
    mortise_svc_state state{};
    mortise_svc_time time{};
    mortise_svc_metric metric{};
    mortise_svc_content content{};
    mapping_service mappings;

    // What is owed to the plugin.
    std::mutex guard;
    bool closing = false;
    std::size_t owed = 0;
    std::function<void()> when_settled; // runs on the strand when owed reaches 0
    std::unordered_map<mortise_handle, std::shared_ptr<boost::asio::steady_timer>> timers;
    std::unordered_map<mortise_handle, request_id> requests;
    std::vector<class metric*> metrics;
    bool metrics_frozen = false;

    // True when a callback may be promised now.
    bool owe();
    // Delivers a promised callback on the strand.
    void pay(std::function<void()> plugin_code, std::string_view what);
    void settle();

    void fill_tables();
    void fill_http();    // http_service.cpp
    void fill_content(); // content_service.cpp
};

// Puts an error into a plugin's sink.
void put_error(mortise_error_sink sink, const error& e);
mortise_status refuse(mortise_error_sink sink, mortise_status status, error e);

} // namespace mortise::host
