// SPDX-License-Identifier: Apache-2.0
//
// The system at the other end, for tests of the whole host: a loopback HTTP server that records
// every effect and misbehaves as told. [any-thread]
//   POST /create {"name"}   a new object each time: a double shows
//   GET  /find?name=        {"found":bool,"result":{...}}
//   POST /fire              an effect each time, and nothing to look it up by
//   POST /<anything else>   an effect once per idempotency-key header
//   GET  /objects/<id>      an object that was put there by hold_object()
//   GET  /changes?since=    what publish() has added since the cursor
//   GET  /all/<n>           the same from the n-th, ten at a time
//   GET  /me                {"name":"probe"}
#pragma once

#include "support/scripted_server.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::test {

struct effect_seen {
    std::string path; // "create", "fire", "put", ...
    std::string name; // of the body
    std::string key;  // idempotency-key
    std::string body;
    std::string label; // x-probe-label
};

// What a request on a path meets instead of a plain answer, `times` times.
struct fault {
    enum class kind {
        status,       // refused with the status; no effect
        cut_before,   // connection closed; no effect
        cut_after,    // connection closed after the effect
        status_after, // answered with the status after the effect
        hold,         // effect, then the answer waits for release()
        hold_before,  // waits for release(), then goes on as usual
    };
    kind what = kind::status;
    int status = 503;
    std::string headers; // "retry-after: 1\r\n"
    int times = 1;
};

class recording_target {
public:
    recording_target();
    ~recording_target();

    unsigned short port() const noexcept { return server_.port(); }
    std::string base_url() const { return "http://" + server_.host_port(); }

    void next(const std::string& path, fault f); // for requests to /<path>..., after earlier ones
    void release();                              // lets held requests go on, now and later
    void hold_object(const std::string& id, const std::string& json);
    void publish(const std::string& event_json); // for /changes

    std::vector<effect_seen> effects(std::string_view path = {}) const;
    std::size_t count(std::string_view path, std::string_view name) const;
    std::size_t requests(std::string_view path) const; // that came, whatever became of them
    std::vector<std::chrono::steady_clock::time_point> times(std::string_view path) const;
    std::size_t holding() const;

private:
    void serve(scripted_server::peer& p);
    bool answer(scripted_server::peer& p, const std::string& request);
    std::string take_effect(const std::string& path, const std::string& request);
    std::string read(const std::string& path, const std::string& query) const;

    mutable std::mutex mutex_; // guards what follows, not server_
    std::condition_variable released_cv_;
    bool released_ = false;
    std::size_t holding_ = 0;
    std::multimap<std::string, fault> faults_;
    std::map<std::string, std::string> objects_;
    std::vector<std::string> changes_;
    std::vector<effect_seen> effects_;
    std::vector<std::pair<std::string, std::chrono::steady_clock::time_point>> requests_;
    scripted_server server_;
};

} // namespace mortise::test
