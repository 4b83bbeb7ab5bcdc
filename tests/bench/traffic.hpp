// SPDX-License-Identifier: Apache-2.0
// Both ends around a host that is measured: callers that send requests over loopback and a target
// that takes what the host sends. One thread each, epoll, no allocation per request worth a word.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace mortise::bench {

// Answers every request with 201 and counts them.
class sink {
public:
    sink();
    ~sink();
    sink(const sink&) = delete;
    sink& operator=(const sink&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::uint64_t taken() const noexcept { return taken_.load(); }
    double cpu_seconds() const; // of its thread

private:
    void serve();

    int listener_ = -1;
    int stop_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<std::uint64_t> taken_{0};
    std::thread thread_;
};

struct traffic {
    std::uint16_t port = 0;
    std::string path;
    std::string body;   // @@@@@@@@@@@@ becomes a running number of twelve digits
    std::string header; // further lines, each with its line end; @@@@@@@@@@@@ as in the body
    unsigned callers = 1;
    std::chrono::milliseconds lasts{std::chrono::hours(1)};
    std::uint64_t requests = UINT64_MAX; // at most
    double rate = 0; // requests a second over all callers; 0: each sends as soon as it is answered
};

struct traffic_result {
    std::uint64_t good = 0; // answered with 2xx
    std::uint64_t bad = 0;
    double seconds = 0;
    double cpu_seconds = 0; // of the calling thread
    // Sorted, milliseconds; from when the request was due, so that waiting for a caller counts.
    std::vector<float> waited;
    double at(double share) const;
};

// Runs in the calling thread. Throws std::system_error when it cannot connect.
traffic_result drive(const traffic& t);

double process_cpu_seconds();
double thread_cpu_seconds();
std::uint64_t resident_bytes();

} // namespace mortise::bench
