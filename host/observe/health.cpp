// SPDX-License-Identifier: Apache-2.0
#include "observe/health.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

boost::json::array list(const std::vector<health_reason>& reasons) {
    boost::json::array out;
    for (const auto& r : reasons)
        out.push_back(
            boost::json::object{{"code", r.code}, {"message", r.message}, {"since", r.since}});
    return out;
}

} // namespace

std::string_view to_string(host_life l) noexcept {
    return l == host_life::starting ? "starting" : l == host_life::ready ? "ready" : "draining";
}

health::health(const clock& time) : time_(time), life_since_(time.now_unix_ms()) {}

void health::add(source s) {
    const std::lock_guard lock(guard_);
    sources_.push_back(std::move(s));
}

void health::forget_sources() {
    const std::lock_guard lock(guard_);
    sources_.clear();
    found_.clear();
}

void health::set(host_life state) {
    const std::lock_guard lock(guard_);
    if (life_ == state) return;
    life_ = state;
    life_since_ = time_.now_unix_ms();
}

void health::look_locked() {
    found_.clear();
    for (const auto& s : sources_)
        s(found_);
    std::map<std::string, unix_ms> now;
    for (const auto& f : found_) {
        const auto key = f.code + '\n' + f.message;
        const auto known = since_.find(key);
        now.emplace(key, known != since_.end() ? known->second : time_.now_unix_ms());
    }
    since_ = std::move(now);
}

void health::look() {
    const std::lock_guard lock(guard_);
    look_locked();
}

health_report health::report() {
    const std::lock_guard lock(guard_);
    look_locked();
    health_report out;
    out.state = life_;
    if (life_ == host_life::starting)
        out.reasons.push_back({"starting", "the host is starting", life_since_});
    if (life_ == host_life::draining)
        out.reasons.push_back({"draining", "the host is stopping", life_since_});
    for (const auto& f : found_) {
        auto& to = f.keeps_from_ready ? out.reasons : out.informs;
        to.push_back({f.code, f.message, since_.at(f.code + '\n' + f.message)});
    }
    return out;
}

boost::json::object to_view(const health_report& r) {
    return {{"ready", r.ready()},
            {"state", to_string(r.state)},
            {"reasons", list(r.reasons)},
            {"informs", list(r.informs)}};
}

std::string to_json(const health_report& r) {
    return boost::json::serialize(to_view(r));
}

std::optional<inbound_response> answer_health(std::string_view path, health& h) {
    const bool live = path == "/health/live";
    if (!live && path != "/health/ready") return std::nullopt;
    const auto report = h.report();
    inbound_response r;
    r.status = live || report.ready() ? 200 : 503;
    r.headers.push_back({"cache-control", "no-store"});
    r.body = to_json(report);
    return r;
}

} // namespace mortise::host
