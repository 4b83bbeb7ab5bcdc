// SPDX-License-Identifier: Apache-2.0
//
// A sandbox emulator as the system of the conformance suite, in process: requests go to handle(),
// webhooks are kept for the trigger rows. Link mortise::testing and the emulator.
#pragma once

#include "kit/emulator.hpp"

#include <mortise/testing/conformance.hpp>

#include <algorithm>
#include <cctype>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mortise::test_support {

class emulator_target : public testing::conformance::target, private sandbox::transport {
public:
    // origin: "https://iconik.test", also that of the absolute URLs in answers.
    emulator_target(std::unique_ptr<sandbox::emulator> made, std::string origin)
        : emulator(std::move(made)), origin_(std::move(origin)) {
        emulator->attach(this, origin_);
    }
    ~emulator_target() override { emulator->attach(nullptr, {}); }

    testing::http_answer answer(const testing::recorded_request& r) override {
        const std::string at = r.url.starts_with(origin_) ? r.url.substr(origin_.size()) : r.url;
        auto a = emulator->handle(sandbox::make_request(r.method, at, r.headers, r.body));
        testing::header_list headers;
        for (auto& [name, value] : a.headers) {
            std::string lower = name;
            std::transform(lower.begin(), lower.end(), lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            headers.emplace_back(std::move(lower), value);
        }
        return {a.status, std::move(headers), a.content.text()};
    }
    void advance(std::chrono::milliseconds d) override { emulator->clock().advance(d); }
    json::value look() override { return look_at ? look_at(*this) : json::value(); }
    void expire_logins() override {
        if (expire) expire(*emulator);
    }
    std::vector<std::string> problems() override { return emulator->problems(); }

    // The webhooks since the last time.
    std::vector<testing::conformance::hook> take_hooks() { return std::exchange(hooks_, {}); }
    // Asks the emulator beside the connection, as a person's browser does.
    json::value ask(const std::string& method,
                    const std::string& path,
                    testing::header_list headers = {},
                    const json::value& body = nullptr) {
        headers.emplace_back("Content-Type", "application/json");
        const std::string text = body.is_null() ? std::string() : serialize_json(body);
        const auto a = emulator->handle(sandbox::make_request(method, path, headers, text));
        const std::string answer = a.content.text();
        return answer.empty() ? json::value() : parse_json(answer);
    }

    std::unique_ptr<sandbox::emulator> emulator;
    std::function<json::value(emulator_target&)> look_at;
    std::function<void(sandbox::emulator&)> expire;

private:
    void send(sandbox::webhook hook, sandbox::webhook_done done) override {
        testing::header_list headers;
        for (const auto& [name, value] : hook.headers) {
            std::string lower = name;
            std::transform(lower.begin(), lower.end(), lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            headers.emplace_back(std::move(lower), value);
        }
        hooks_.push_back({std::move(headers), hook.body});
        if (done) done({202, {}, {}});
    }
    void clock_changed() override {}

    std::string origin_;
    std::vector<testing::conformance::hook> hooks_;
};

// All ids and times out of what an emulator tells of itself: two histories that ended in the same
// state are to look the same.
inline json::value without(json::value v, const std::vector<std::string>& members) {
    if (auto* o = v.if_object()) {
        for (const auto& m : members)
            o->erase(m);
        for (auto& m : *o)
            m.value() = without(std::move(m.value()), members);
    } else if (auto* a = v.if_array()) {
        for (auto& e : *a)
            e = without(std::move(e), members);
    }
    return v;
}

} // namespace mortise::test_support
