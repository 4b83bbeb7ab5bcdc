// SPDX-License-Identifier: Apache-2.0
//
// A connection to iconik in a fake host whose HTTP the test scripts.
#pragma once

#include "connector.hpp"

#include <mortise/testing/fake_host.hpp>

#include <string>
#include <vector>

namespace iconik_test {

namespace json = mortise::json;

inline const std::string base = "https://iconik.test";

inline json::object by_token() {
    return {{"base_url", base},
            {"app_id", "app-1"},
            {"auth_token", {{"$secret", "token"}}},
            {"webhook_secret", {{"$secret", "hook"}}},
            {"metadata_views", json::array{"view-1"}}};
}

inline json::object by_login() {
    return {{"base_url", base}, {"email", "ann@example.com"}, {"password", {{"$secret", "pw"}}}};
}

class connection {
public:
    explicit connection(json::object settings = by_token())
        : host(0), iconik(make(host, std::move(settings))) {}

    mortise::testing::expectation& on(std::string method, const std::string& path) {
        return host.http().expect(std::move(method), base + "/API/" + path);
    }
    std::size_t asked(std::string_view method, std::string_view path) {
        std::size_t n = 0;
        for (const auto& r : host.http().requests())
            n += r.method == method && r.url.find(path) != std::string::npos;
        return n;
    }
    mortise::error failure(std::string_view operation, const json::value& input) {
        const auto outcome = iconik.call(operation, input);
        return outcome.failure.value_or(mortise::error());
    }

    mortise::testing::fake_host host;
    mortise::testing::connector_harness iconik;

private:
    static mortise::testing::connector_harness make(mortise::testing::fake_host& h,
                                                    json::object settings) {
        h.set_secret("token", "secret-token-value");
        h.set_secret("pw", "secret-password");
        h.set_secret("hook", "hook-secret-value");
        return h.create_connector(mortise::connector<iconik::connector>(),
                                  json::value(std::move(settings)));
    }
};

} // namespace iconik_test
