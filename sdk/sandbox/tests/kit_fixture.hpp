// SPDX-License-Identifier: Apache-2.0
// A small emulator to try the kit on: a counter, an echo and content.
#pragma once

#include "kit/emulator.hpp"

#include <boost/json/object.hpp>

namespace mortise::sandbox::test {

class counter final : public emulator {
public:
    explicit counter(emulator_options with) : emulator("counter", std::move(with)) {
        routes().route("POST", "/count/{name}", [this](const request& r) {
            ++counts_[r.param("name")];
            return reply::json(201, boost::json::object{{"count", counts_[r.param("name")]}});
        });
        routes().route("GET", "/count/{name}", [this](const request& r) {
            return reply::json(200, boost::json::object{{"count", counts_[r.param("name")]}});
        });
        routes().route("POST", "/size", [](const request& r) {
            return reply::text(200, std::to_string(r.content.size()) + " " + md5_hex(r.content));
        });
        routes().route("GET", "/content", [this](const request& r) {
            return reply::file(r, content_, "application/octet-stream", "a.bin", "\"e1\"");
        });
        routes().route("PUT", "/content", [this](const request& r) {
            content_ = r.content;
            return reply::empty(204);
        });
        routes().route("GET", "/throws",
                       [](const request&) -> reply { throw std::runtime_error("a bug"); });
        routes().route("POST", "/notify", [this](const request& r) {
            webhook hook;
            hook.url = this->options().webhook_target;
            hook.body = r.body();
            post_webhook(hook, [this](const webhook_result& result) {
                results_.push_back(result.status);
                last_error_ = result.error;
            });
            return reply::empty(202);
        });
        play("bump", "Adds to a counter: {\"name\", \"by\"}", [this](const boost::json::object& o) {
            if (!o.contains("name")) throw http_error(400, "name is missing");
            auto& n = counts_[std::string(o.at("name").as_string())];
            n += static_cast<int>(o.at("by").as_int64());
            return boost::json::value(n);
        });
    }

    int count(const std::string& counter_name) { return counts_[counter_name]; }
    const std::vector<unsigned>& results() const { return results_; }
    const std::string& last_error() const { return last_error_; }
    void later(milliseconds t, std::function<void()> fn) { schedule(t, std::move(fn)); }

protected:
    void seed() override {
        counts_.clear();
        results_.clear();
        content_ = {};
    }
    boost::json::value state() const override {
        boost::json::object out;
        for (const auto& [counter_name, n] : counts_)
            out[counter_name] = n;
        return out;
    }

private:
    std::map<std::string, int> counts_;
    std::vector<unsigned> results_;
    std::string last_error_;
    blob content_;
};

} // namespace mortise::sandbox::test
