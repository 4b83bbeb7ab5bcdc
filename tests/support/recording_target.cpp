// SPDX-License-Identifier: Apache-2.0
#include "support/recording_target.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdlib>

namespace mortise::test {
namespace {

std::string header_of(const std::string& request, const std::string& name) {
    const auto end = request.find("\r\n\r\n");
    for (auto at = request.find("\r\n"); at < end; at = request.find("\r\n", at + 2)) {
        const auto colon = request.find(':', at);
        if (colon > end) break;
        std::string found = request.substr(at + 2, colon - at - 2);
        std::transform(found.begin(), found.end(), found.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (found != name) continue;
        const auto line_end = request.find("\r\n", colon);
        auto value = request.substr(colon + 1, line_end - colon - 1);
        value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
        return value;
    }
    return {};
}

std::string name_in(const std::string& body) {
    boost::system::error_code ec;
    const auto value = boost::json::parse(body, ec);
    if (ec || !value.is_object()) return {};
    const auto* name = value.get_object().if_contains("name");
    return name != nullptr && name->is_string() ? std::string(name->get_string()) : std::string();
}

std::string parameter(const std::string& query, const std::string& name) {
    const auto at = query.find(name + '=');
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 1;
    return query.substr(begin, query.find('&', begin) - begin);
}

std::string created(const std::string& name, std::size_t n) {
    return boost::json::serialize(boost::json::value{{"name", name}, {"n", n}});
}

} // namespace

recording_target::recording_target() : server_([this](scripted_server::peer& p) { serve(p); }) {}

recording_target::~recording_target() {
    release();
}

void recording_target::serve(scripted_server::peer& p) {
    for (;;) {
        const auto request = p.stream.read_message();
        if (request.empty() || !answer(p, request)) return;
    }
}

bool recording_target::answer(scripted_server::peer& p, const std::string& request) {
    const auto method = request.substr(0, request.find(' '));
    const auto at = method.size() + 2; // past " /"
    auto target = request.substr(at, request.find(' ', at) - at);
    const auto mark = std::min(target.find('?'), target.size());
    const auto query = target.substr(std::min(mark + 1, target.size()));
    const auto path = target.substr(0, mark);
    fault f;
    bool faulty = false;
    {
        std::unique_lock lock(mutex_);
        requests_.emplace_back(path, std::chrono::steady_clock::now());
        if (const auto it = faults_.find(path); it != faults_.end()) {
            faulty = true;
            f = it->second;
            if (--it->second.times == 0) faults_.erase(it);
        }
        if (faulty && f.what == fault::kind::hold_before) {
            ++holding_;
            released_cv_.wait(lock, [this] { return released_; });
            --holding_;
        }
    }
    if (faulty && f.what == fault::kind::cut_before) return false;
    if (faulty && f.what == fault::kind::status)
        return p.stream.write(http_answer(f.status, "{}", f.headers));
    const auto reply = method == "GET" ? read(path, query) : take_effect(path, request);
    if (faulty && f.what == fault::kind::cut_after) return false;
    if (faulty && f.what == fault::kind::status_after)
        return p.stream.write(http_answer(f.status, "{}", f.headers));
    if (faulty && f.what == fault::kind::hold) {
        std::unique_lock lock(mutex_);
        ++holding_;
        released_cv_.wait(lock, [this] { return released_; });
        --holding_;
    }
    return p.stream.write(reply);
}

std::string recording_target::take_effect(const std::string& path, const std::string& request) {
    effect_seen e;
    e.path = path;
    e.body = request.substr(request.find("\r\n\r\n") + 4);
    e.name = name_in(e.body);
    e.key = header_of(request, "idempotency-key");
    e.label = header_of(request, "x-probe-label");
    const std::lock_guard lock(mutex_);
    const bool by_key = path != "create" && path != "fire";
    const bool known = by_key && std::any_of(effects_.begin(), effects_.end(), [&](const auto& s) {
                           return s.path == path && s.key == e.key && !e.key.empty();
                       });
    const auto reply = created(e.name, effects_.size());
    if (!known) effects_.push_back(std::move(e));
    return http_answer(201, reply, "content-type: application/json\r\n");
}

std::string recording_target::read(const std::string& path, const std::string& query) const {
    const auto json = [](const boost::json::value& v) {
        return http_answer(200, boost::json::serialize(v), "content-type: application/json\r\n");
    };
    const std::lock_guard lock(mutex_);
    if (path == "me") return json({{"name", "probe"}});
    if (path == "find") {
        const auto name = parameter(query, "name");
        for (std::size_t n = 0; n < effects_.size(); ++n) {
            if (effects_[n].path == "create" && effects_[n].name == name)
                return json({{"found", true}, {"result", boost::json::parse(created(name, n))}});
        }
        return json({{"found", false}});
    }
    if (path == "changes") {
        const auto since = std::strtoull(parameter(query, "since").c_str(), nullptr, 10);
        boost::json::array events;
        for (auto n = since; n < changes_.size(); ++n)
            events.push_back(boost::json::parse(changes_[n]));
        return json({{"events", std::move(events)}, {"cursor", std::to_string(changes_.size())}});
    }
    if (path.starts_with("all/")) {
        constexpr std::size_t page = 10;
        const auto after = std::strtoull(path.c_str() + 4, nullptr, 10);
        const auto end = std::min<std::size_t>(after + page, changes_.size());
        boost::json::array events;
        for (auto n = after; n < end; ++n)
            events.push_back(boost::json::parse(changes_[n]));
        return json({{"events", std::move(events)},
                     {"next", std::to_string(end)},
                     {"last", end == changes_.size()}});
    }
    if (path.starts_with("objects/")) {
        const auto it = objects_.find(path.substr(8));
        if (it != objects_.end()) return http_answer(200, it->second);
    }
    return http_answer(404, "{}");
}

void recording_target::next(const std::string& path, fault f) {
    const std::lock_guard lock(mutex_);
    faults_.emplace(path, std::move(f));
}

void recording_target::release() {
    {
        const std::lock_guard lock(mutex_);
        released_ = true;
    }
    released_cv_.notify_all();
}

void recording_target::hold_object(const std::string& id, const std::string& json) {
    const std::lock_guard lock(mutex_);
    objects_[id] = json;
}

void recording_target::publish(const std::string& event_json) {
    const std::lock_guard lock(mutex_);
    changes_.push_back(event_json);
}

std::vector<effect_seen> recording_target::effects(std::string_view path) const {
    const std::lock_guard lock(mutex_);
    std::vector<effect_seen> out;
    for (const auto& e : effects_) {
        if (path.empty() || e.path == path) out.push_back(e);
    }
    return out;
}

std::size_t recording_target::count(std::string_view path, std::string_view name) const {
    const auto seen = effects(path);
    return static_cast<std::size_t>(std::count_if(
        seen.begin(), seen.end(), [&](const effect_seen& e) { return e.name == name; }));
}

std::size_t recording_target::requests(std::string_view path) const {
    return times(path).size();
}

std::vector<std::chrono::steady_clock::time_point>
recording_target::times(std::string_view path) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::chrono::steady_clock::time_point> out;
    for (const auto& [to, when] : requests_) {
        if (to == path) out.push_back(when);
    }
    return out;
}

std::size_t recording_target::holding() const {
    const std::lock_guard lock(mutex_);
    return holding_;
}

} // namespace mortise::test
