// SPDX-License-Identifier: Apache-2.0
// libcurl's multi interface turned by Asio: curl says which sockets and which time it waits for,
// this waits for them. Everything happens on one strand. Internal to host/http.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>

namespace mortise::host {

class curl_driver : public std::enable_shared_from_this<curl_driver> {
public:
    using strand = boost::asio::strand<boost::asio::any_io_executor>;
    // Called on the strand, outside of curl, after the handle was removed from the multi handle.
    using finished = std::function<void(CURL*, CURLcode)>;

    explicit curl_driver(strand s);
    ~curl_driver();
    curl_driver(const curl_driver&) = delete;
    curl_driver& operator=(const curl_driver&) = delete;

    void set_finished(finished f) { finished_ = std::move(f); }
    // [strand] Options every easy handle needs to be driven here.
    void adopt(CURL* easy);
    // [strand] Starts; finished follows unless remove() comes first or this fails.
    CURLMcode add(CURL* easy);
    void remove(CURL* easy);
    // [strand] After something was changed about a running handle, such as a pause.
    void proceed() { settle(); }
    // [strand] Closes every connection; no callback afterwards. All handles must be removed.
    void close();

private:
    struct watched;
    static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*);
    static int on_timer(CURLM*, long timeout_ms, void* self);
    static curl_socket_t on_open(void* self, curlsocktype, curl_sockaddr* address);
    static int on_close(void* self, curl_socket_t fd);

    void watch(curl_socket_t fd, int what);
    void arm(const std::shared_ptr<watched>& w);
    void ready(const std::shared_ptr<watched>& w, int mask);
    void arm_timer();
    void timer_fired();
    void settle();

    strand strand_;
    CURLM* multi_;
    boost::asio::steady_timer timer_;
    std::unordered_map<curl_socket_t, std::shared_ptr<watched>> sockets_;
    finished finished_;
    std::chrono::steady_clock::time_point due_{};   // what curl wants; max = nothing
    std::chrono::steady_clock::time_point armed_{}; // what the timer waits for; max = nothing
    bool due_now_ = false;
    bool settling_ = false;
    bool resettle_posted_ = false;
};

} // namespace mortise::host
