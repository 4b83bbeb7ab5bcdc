// SPDX-License-Identifier: Apache-2.0
// Counters, gauges and histograms of the host and its plugins, in the Prometheus text form.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

enum class metric_kind : std::uint8_t { counter, gauge, histogram };
std::string_view to_string(metric_kind k) noexcept;

// Upper bounds of a histogram, rising; at most metric::most_bounds of them, and they live for ever.
using metric_bounds = std::span<const double>;
// From a call inside the process to a slow upload, in seconds; what a histogram has by default.
extern const metric_bounds call_seconds;
// From a quick run to one that waits for people, in seconds.
extern const metric_bounds run_seconds;

class metric {
public:
    static constexpr std::size_t most_bounds = 15;

    void add(double by) noexcept;
    void set(double to) noexcept { value_.store(to, std::memory_order_relaxed); }
    void observe(double v) noexcept; // histogram
    double value() const noexcept { return value_.load(std::memory_order_relaxed); }
    metric_kind kind() const noexcept { return kind_; }

private:
    friend class metric_registry;
    metric_kind kind_ = metric_kind::counter;
    std::atomic<double> value_{0}; // for a histogram: the sum
    metric_bounds bounds_;
    std::array<std::atomic<std::uint64_t>, most_bounds + 1> buckets_{};
    std::string labels_; // already rendered: instance="x"
};

// key="value", with the value escaped as the text form wants it.
std::string metric_label(std::string_view key, std::string_view value);

class metric_registry {
public:
    // [any-thread] The metric with this name and labels (metric_label(), joined by commas); made at
    // the first call. It lives as long as the registry. bounds: of a histogram, those of the first
    // call.
    metric& get(metric_kind kind,
                std::string_view name,
                std::string_view help,
                std::string_view labels = {},
                metric_bounds bounds = call_seconds);
    // [any-thread] fn is run before each text() while the returned object lives, to set what is
    // only known by looking. One at a time; it must be quick and may call get().
    [[nodiscard]] std::shared_ptr<void> on_collect(std::function<void()> fn);
    // [any-thread] Prometheus text exposition format, version 0.0.4.
    std::string text() const;

private:
    struct family {
        metric_kind kind;
        std::string help;
        metric_bounds bounds;
        std::map<std::string, metric*, std::less<>> members;
    };
    mutable std::mutex guard_;
    std::map<std::string, family, std::less<>> families_;
    std::deque<metric> storage_;
    mutable std::mutex collecting_; // of what follows; taken before guard_
    mutable std::vector<std::weak_ptr<std::function<void()>>> collectors_;
};

} // namespace mortise::host
