// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace mortise::host {
namespace {

constexpr std::array<double, 11> call_bounds{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05,
                                             0.1,    0.5,    1,     5,     30};
constexpr std::array<double, 12> run_bounds{0.005, 0.025, 0.1, 0.5,  1,     5,
                                            30,    120,   600, 3600, 21600, 86400};

std::string number(double v) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", v);
    // The shortest form that reads back the same is nicer to look at for whole numbers.
    char brief[40];
    std::snprintf(brief, sizeof brief, "%g", v);
    return std::strtod(brief, nullptr) == v ? brief : text;
}

// In a help text a backslash and a line feed are escaped, in a label's value a quote as well.
std::string escaped(std::string_view text, bool quote) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\\' || (quote && c == '"'))
            out.append(1, '\\').append(1, c);
        else
            out += c;
    }
    return out;
}

std::string braces(const std::string& labels, std::string_view extra = {}) {
    if (labels.empty() && extra.empty()) return {};
    std::string out = "{" + labels;
    if (!labels.empty() && !extra.empty()) out += ',';
    return (out += extra) += '}';
}

} // namespace

const metric_bounds call_seconds(call_bounds);
const metric_bounds run_seconds(run_bounds);

std::string_view to_string(metric_kind k) noexcept {
    return k == metric_kind::counter ? "counter" : k == metric_kind::gauge ? "gauge" : "histogram";
}

std::string metric_label(std::string_view key, std::string_view value) {
    return std::string(key).append("=\"").append(escaped(value, true)).append("\"");
}

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
    std::size_t i = 0;
    while (i < bounds_.size() && v > bounds_[i])
        ++i;
    buckets_[i].fetch_add(1, std::memory_order_relaxed);
}

metric& metric_registry::get(metric_kind kind,
                             std::string_view name,
                             std::string_view help,
                             std::string_view labels,
                             metric_bounds bounds) {
    const std::lock_guard lock(guard_);
    auto it = families_.find(name);
    if (it == families_.end()) {
        it = families_
                 .emplace(std::string(name),
                          family{kind,
                                 std::string(help),
                                 bounds.first(std::min(bounds.size(), metric::most_bounds)),
                                 {}})
                 .first;
    }
    auto& members = it->second.members;
    if (const auto found = members.find(labels); found != members.end()) return *found->second;
    auto& m = storage_.emplace_back();
    m.kind_ = it->second.kind;
    m.bounds_ = it->second.bounds;
    m.labels_ = labels;
    members.emplace(std::string(labels), &m);
    return m;
}

std::shared_ptr<void> metric_registry::on_collect(std::function<void()> fn) {
    auto kept = std::make_shared<std::function<void()>>(std::move(fn));
    const std::lock_guard lock(collecting_);
    collectors_.push_back(kept);
    return kept;
}

std::string metric_registry::text() const {
    {
        const std::lock_guard lock(collecting_);
        std::erase_if(collectors_, [](const auto& weak) {
            const auto collect = weak.lock();
            if (collect) (*collect)();
            return !collect;
        });
    }
    const std::lock_guard lock(guard_);
    std::string out;
    for (const auto& [name, f] : families_) {
        out += "# HELP " + name + ' ' + escaped(f.help, false) + "\n# TYPE " + name + ' ';
        out.append(to_string(f.kind)) += '\n';
        for (const auto& [labels, m] : f.members) {
            if (f.kind != metric_kind::histogram) {
                out += name + braces(labels) + ' ' + number(m->value()) + '\n';
                continue;
            }
            std::uint64_t seen = 0;
            for (std::size_t i = 0; i <= f.bounds.size(); ++i) {
                seen += m->buckets_[i].load(std::memory_order_relaxed);
                const auto le = i < f.bounds.size() ? number(f.bounds[i]) : std::string("+Inf");
                out += name + "_bucket" + braces(labels, "le=\"" + le + '"') + ' ' +
                       std::to_string(seen) + '\n';
            }
            out += name + "_sum" + braces(labels) + ' ' + number(m->value()) + '\n';
            out += name + "_count" + braces(labels) + ' ' + std::to_string(seen) +
                   '\n'; // not a second figure that may differ
        }
    }
    return out;
}

} // namespace mortise::host
