// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.hpp"

#include <array>
#include <cstdio>

namespace mortise::host {
namespace {

// Upper bounds in seconds; good enough from an in-process call to a slow upload.
constexpr std::array<double, 11> bounds{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05,
                                        0.1,    0.5,    1,     5,     30};

std::string number(double v) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", v);
    // The shortest form that reads back the same is nicer to look at for whole numbers.
    char brief[40];
    std::snprintf(brief, sizeof brief, "%g", v);
    return std::strtod(brief, nullptr) == v ? brief : text;
}

const char* kind_name(metric_kind k) {
    return k == metric_kind::counter ? "counter" : k == metric_kind::gauge ? "gauge" : "histogram";
}

std::string braces(const std::string& labels, std::string_view extra = {}) {
    if (labels.empty() && extra.empty()) return {};
    std::string out = "{" + labels;
    if (!labels.empty() && !extra.empty()) out += ',';
    return (out += extra) += '}';
}

} // namespace

void metric::add(double by) noexcept {
    double old = value_.load(std::memory_order_relaxed);
    while (!value_.compare_exchange_weak(old, old + by, std::memory_order_relaxed)) {}
}

void metric::observe(double v) noexcept {
    if (kind_ != metric_kind::histogram) {
        set(v);
        return;
    }
    add(v);
    count_.fetch_add(1, std::memory_order_relaxed);
    std::size_t i = 0;
    while (i < bounds.size() && v > bounds[i])
        ++i;
    buckets_[i].fetch_add(1, std::memory_order_relaxed);
}

metric& metric_registry::get(metric_kind kind,
                             std::string_view name,
                             std::string_view help,
                             std::string_view labels) {
    const std::lock_guard lock(guard_);
    auto it = families_.find(name);
    if (it == families_.end()) {
        it = families_.emplace(std::string(name), family{kind, std::string(help), {}}).first;
    }
    auto& members = it->second.members;
    if (const auto found = members.find(labels); found != members.end()) return *found->second;
    auto& m = storage_.emplace_back();
    m.kind_ = it->second.kind;
    m.labels_ = labels;
    members.emplace(std::string(labels), &m);
    return m;
}

std::string metric_registry::text() const {
    const std::lock_guard lock(guard_);
    std::string out;
    for (const auto& [name, f] : families_) {
        out +=
            "# HELP " + name + ' ' + f.help + "\n# TYPE " + name + ' ' + kind_name(f.kind) + '\n';
        for (const auto& [labels, m] : f.members) {
            if (f.kind != metric_kind::histogram) {
                out += name + braces(labels) + ' ' + number(m->value()) + '\n';
                continue;
            }
            std::uint64_t seen = 0;
            for (std::size_t i = 0; i <= bounds.size(); ++i) {
                seen += m->buckets_[i].load(std::memory_order_relaxed);
                const auto le = i < bounds.size() ? number(bounds[i]) : std::string("+Inf");
                out += name + "_bucket" + braces(labels, "le=\"" + le + '"') + ' ' +
                       std::to_string(seen) + '\n';
            }
            out += name + "_sum" + braces(labels) + ' ' + number(m->value()) + '\n';
            out += name + "_count" + braces(labels) + ' ' +
                   std::to_string(m->count_.load(std::memory_order_relaxed)) + '\n';
        }
    }
    return out;
}

} // namespace mortise::host
