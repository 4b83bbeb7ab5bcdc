// SPDX-License-Identifier: Apache-2.0
// Counters, gauges and histograms of the host and its plugins, in the Prometheus text form.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace mortise::host {

enum class metric_kind : std::uint8_t { counter, gauge, histogram };

class metric {
public:
    void add(double by) noexcept;
    void set(double to) noexcept { value_.store(to, std::memory_order_relaxed); }
    void observe(double v) noexcept; // histogram
    double value() const noexcept { return value_.load(std::memory_order_relaxed); }
    metric_kind kind() const noexcept { return kind_; }

private:
    friend class metric_registry;
    metric_kind kind_ = metric_kind::counter;
    std::atomic<double> value_{0}; // for a histogram: the sum
    std::atomic<std::uint64_t> count_{0};
    std::atomic<std::uint64_t> buckets_[12] = {};
    std::string labels_; // already rendered: instance="x"
};

class metric_registry {
public:
    // [any-thread] The metric with this name and labels ('key="value",...' already escaped); made
    // at the first call. It lives as long as the registry.
    metric& get(metric_kind kind,
                std::string_view name,
                std::string_view help,
                std::string_view labels = {});
    // [any-thread] Prometheus text exposition format, version 0.0.4.
    std::string text() const;

private:
    struct family {
        metric_kind kind;
        std::string help;
        std::map<std::string, metric*, std::less<>> members;
    };
    mutable std::mutex guard_;
    std::map<std::string, family, std::less<>> families_;
    std::deque<metric> storage_;
};

} // namespace mortise::host
