// SPDX-License-Identifier: Apache-2.0
// A receiver of OTLP over HTTP that keeps what it was sent and answers as told, and the checks of
// the JSON that proto3's mapping and OTLP's deviations from it ask for.
#pragma once

#include "support/catch.hpp"
#include "support/scripted_server.hpp"

#include <boost/json.hpp>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

namespace mortise::host::testing {

inline std::string body_of(const std::string& request) {
    const auto at = request.find("\r\n\r\n");
    return at == std::string::npos ? std::string() : request.substr(at + 4);
}

inline bool is_hex(const boost::json::value& v, std::size_t digits) {
    const auto* s = v.if_string();
    return s != nullptr && s->size() == digits &&
           s->find_first_not_of("0123456789abcdef") == boost::json::string::npos &&
           s->find_first_not_of('0') != boost::json::string::npos;
}

struct received_span {
    boost::json::object json;
    std::string text(const char* name) const {
        const auto* v = json.if_contains(name);
        return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
    }
    std::string attribute(const std::string& key) const {
        for (const auto& a : json.at("attributes").as_array()) {
            if (std::string_view(a.at("key").as_string()) != key) continue;
            const auto& v = a.at("value").as_object().begin()->value();
            return v.is_string() ? std::string(v.get_string()) : boost::json::serialize(v);
        }
        return {};
    }
};

class otlp_receiver {
public:
    otlp_receiver()
        : server(mortise::test::answering([this](const std::string& request) {
              const std::lock_guard lock(guard);
              requests.push_back(request);
              const auto status = next_status.empty() ? 200 : next_status.front();
              if (!next_status.empty()) next_status.erase(next_status.begin());
              return mortise::test::http_answer(status, status == 200 ? answer : "no");
          })) {}
    std::string endpoint() const { return "http://" + server.host_port(); }
    std::vector<std::string> seen() {
        const std::lock_guard lock(guard);
        return requests;
    }
    // The spans of what was taken, each held against the mapping.
    std::vector<received_span> spans() {
        std::vector<received_span> out;
        for (const auto& request : seen()) {
            const auto message = boost::json::parse(body_of(request));
            for (const auto& r : message.at("resourceSpans").as_array()) {
                const auto service = r.at("resource").at("attributes").at(0);
                CHECK(service.at("key") == "service.name");
                CHECK(service.at("value").at("stringValue").is_string());
                for (const auto& s : r.at("scopeSpans").as_array()) {
                    CHECK(s.at("scope").at("name") == "mortise");
                    for (const auto& one : s.at("spans").as_array()) {
                        check(one.as_object());
                        out.push_back({one.as_object()});
                    }
                }
            }
        }
        return out;
    }

    std::mutex guard;
    std::vector<std::string> requests;
    std::vector<int> next_status; // then 200
    std::string answer = "{}";
    mortise::test::scripted_server server;

private:
    static void check_value(const boost::json::value& v) {
        REQUIRE(v.as_object().size() == 1);
        const auto& one = *v.as_object().begin();
        if (one.key() == "intValue") {
            CHECK(one.value().is_string()); // int64 is a string
        } else if (one.key() == "stringValue") {
            CHECK(one.value().is_string());
        } else {
            CHECK(one.key() == "boolValue");
            CHECK(one.value().is_bool());
        }
    }
    static void check(const boost::json::object& s) {
        INFO(boost::json::serialize(s));
        CHECK(is_hex(s.at("traceId"), 32));
        CHECK(is_hex(s.at("spanId"), 16));
        if (s.contains("parentSpanId")) CHECK(is_hex(s.at("parentSpanId"), 16));
        CHECK_FALSE(s.at("name").as_string().empty());
        REQUIRE(s.at("kind").is_int64());
        CHECK(s.at("kind").get_int64() >= 1);
        CHECK(s.at("kind").get_int64() <= 5);
        REQUIRE(s.at("startTimeUnixNano").is_string());
        const auto from = std::strtoll(s.at("startTimeUnixNano").get_string().c_str(), nullptr, 10);
        const auto to = std::strtoll(s.at("endTimeUnixNano").get_string().c_str(), nullptr, 10);
        CHECK(from > 1'000'000'000'000'000'000);
        CHECK(to >= from);
        for (const auto& a : s.at("attributes").as_array()) {
            CHECK(a.at("key").is_string());
            check_value(a.at("value"));
        }
        if (!s.contains("status")) return;
        CHECK(s.at("status").at("code") == 2);
        REQUIRE(s.at("events").as_array().size() == 1);
        const auto& e = s.at("events").at(0);
        CHECK(e.at("name") == "exception");
        CHECK(e.at("timeUnixNano").is_string());
        CHECK(e.at("attributes").at(0).at("key") == "exception.type");
    }
};

} // namespace mortise::host::testing
