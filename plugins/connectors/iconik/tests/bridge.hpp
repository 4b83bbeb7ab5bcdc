// SPDX-License-Identifier: Apache-2.0
//
// A connection in a fake host whose requests are answered by the sandbox's iconik, in process: each
// request goes to the emulator's handle(), its answer comes back, no sockets between.
#pragma once

#include "connector.hpp"
#include "iconik/iconik.hpp"
#include "kit/emulator.hpp"

#include <mortise/testing/fake_host.hpp>

#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace iconik_test {

namespace json = mortise::json;
namespace sandbox = mortise::sandbox;
namespace seed = mortise::sandbox::iconik_seed;

class bridged {
public:
    explicit bridged(json::object more = {}, std::uint64_t order = 0)
        : host(order), emulator(start(host)), iconik(connect(std::move(more))) {}

    // What the host has not seen before, by id: a host drops the rest.
    std::vector<mortise::event> news() {
        std::vector<mortise::event> out;
        const auto& all = iconik.events();
        for (; read_ < all.size(); ++read_) {
            if (known_.insert(all[read_].id).second) out.push_back(all[read_]);
        }
        return out;
    }
    // "type id" of the news.
    std::vector<std::string> news_lines() {
        std::vector<std::string> out;
        for (const auto& e : news())
            out.push_back(e.type + " " + e.id);
        return out;
    }
    void poll() { iconik.poll("changes").value(); }
    // Both clocks; the index catches up.
    void wait(std::chrono::milliseconds d = std::chrono::seconds(5)) {
        emulator->clock().advance(d);
        host.advance(d);
    }
    json::value people(const std::string& action, const json::object& input) {
        wait(std::chrono::milliseconds(10));
        return emulator->act(action, input);
    }
    json::value call(std::string_view operation, const json::value& input = json::object()) {
        return iconik.call(operation, input).value();
    }
    mortise::error failure(std::string_view operation, const json::value& input) {
        return iconik.call(operation, input).failure.value_or(mortise::error());
    }
    void hook(const char* type, const char* realm, const char* operation, json::object data) {
        const json::value body = json::object{{"system_domain_id", "d"},
                                              {"event_type", type},
                                              {"object_id", "not-to-be-used"},
                                              {"user_id", seed::id("user/editor")},
                                              {"realm", realm},
                                              {"operation", operation},
                                              {"data", std::move(data)},
                                              {"request_id", "r"}};
        const auto text = mortise::serialize_json(body);
        const auto reply = iconik.webhook("changes", {{"x-mortise-secret", "hook"}}, text).value();
        if (reply.at("status") != 202) throw std::runtime_error("the webhook was not taken");
    }

    // A fault of the emulator, once, after letting some requests pass.
    void fault(sandbox::fault_kind kind,
               const char* method,
               const char* path,
               unsigned status = 503,
               std::uint64_t skip = 0) {
        sandbox::fault f;
        f.kind = kind;
        f.method = method;
        f.path = path;
        f.status = status;
        f.skip = skip;
        emulator->faults().add(f);
    }
    std::size_t requests(const char* method, const std::string& part) const {
        std::size_t many = 0;
        for (const auto& r : host.http().requests())
            many += r.method == method && r.url.find(part) != std::string::npos;
        return many;
    }
    // The next request of that method takes effect, its answer gets lost.
    void lose_next_answer(const char* method) { lost_method_ = method; }

    mutable mortise::testing::fake_host host;
    std::unique_ptr<sandbox::emulator> emulator;
    mortise::testing::connector_harness iconik;

private:
    static constexpr const char* base = "https://iconik.test";

    static std::unique_ptr<sandbox::emulator> start(mortise::testing::fake_host& h) {
        sandbox::emulator_options options;
        options.clock = h.now() - std::chrono::hours(48);
        auto made = sandbox::make_iconik(options);
        // The seed lies in the past.
        made->clock().advance(std::chrono::hours(48));
        return made;
    }

    mortise::testing::http_answer answer_of(const mortise::testing::recorded_request& r) {
        // Links to the storage name the emulator's own address.
        std::string target = r.url;
        for (const std::string& address : {std::string(base), emulator->base_url()}) {
            if (target.starts_with(address)) target = target.substr(address.size());
        }
        auto answer =
            emulator->handle(sandbox::make_request(r.method, std::move(target), r.headers, r.body));
        mortise::testing::http_answer out;
        out.status = answer.status;
        for (auto& [name, value] : answer.headers) {
            std::string lower = name;
            for (char& c : lower)
                c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
            out.headers.emplace_back(std::move(lower), value);
        }
        out.body = answer.content.text();
        if (r.method == lost_method_ || answer.delivery != sandbox::delivery::normal) {
            lost_method_.clear();
            mortise::error cut(mortise::category::unavailable, "http.cut",
                               "the connection was lost");
            cut.effect = mortise::effect::unknown;
            out.failure = cut;
        }
        return out;
    }

    mortise::testing::connector_harness connect(json::object more) {
        host.http().serve(
            [this](const mortise::testing::recorded_request& r) { return answer_of(r); });
        host.set_secret("token", seed::integration_token);
        host.set_secret("hook", "hook");
        json::object settings{{"base_url", base},
                              {"app_id", seed::app_id},
                              {"auth_token", {{"$secret", "token"}}},
                              {"webhook_secret", {{"$secret", "hook"}}},
                              {"metadata_views", json::array{"Marketing", "Rights"}}};
        for (auto& [key, value] : more) {
            settings[key] = value;
            if (value.is_null()) settings.erase(key);
        }
        return host.create_connector(mortise::connector<iconik::connector>(),
                                     json::value(std::move(settings)));
    }

    std::string lost_method_;
    std::size_t read_ = 0;
    std::set<std::string> known_;
};

} // namespace iconik_test
