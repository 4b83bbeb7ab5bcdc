// SPDX-License-Identifier: Apache-2.0
//
// A connection in a fake host whose answers the test says beforehand.
#pragma once

#include "connector.hpp"

#include <mortise/testing/fake_host.hpp>

#include <initializer_list>
#include <string>

namespace xecm_test {

namespace json = mortise::json;
using mortise::testing::fake_host;

inline const std::string base = "https://ecm.test/otcs/cs";

inline json::object by_password() {
    json::object out;
    out["base_url"] = base;
    out["username"] = "integration";
    out["password"] = json::object{{"$secret", "pw"}};
    return out;
}

inline json::object by_client() {
    json::object out;
    out["base_url"] = base;
    out["otds_url"] = "https://otds.test/otdsws";
    out["client_id"] = "app";
    out["client_secret"] = json::object{{"$secret", "client"}};
    return out;
}

class connection {
public:
    explicit connection(json::object settings = by_password(), std::uint64_t order = 0)
        : host(order) {
        host.set_secret("pw", "the-password");
        host.set_secret("client", "the-client-secret");
        xecm.emplace(host.create_connector(mortise::connector<xecm_workspaces::connector>(),
                                           json::value(std::move(settings))));
    }

    mortise::testing::expectation& on(const char* method, const std::string& path) {
        return host.http().expect(method, base + "/api/" + path);
    }
    void log_in(const char* ticket) {
        json::object answer;
        answer["ticket"] = ticket;
        on("POST", "v1/auth").reply_json(200, json::value(std::move(answer)));
    }
    mortise::error failure(std::string_view operation, const json::value& input) {
        return xecm->call(operation, input).failure.value_or(mortise::error());
    }
    std::size_t count(std::string_view method, std::string_view path) const {
        std::size_t n = 0;
        for (const auto& r : host_requests()) {
            n += r.method == method && r.url == base + "/api/" + std::string(path);
        }
        return n;
    }
    const std::vector<mortise::testing::recorded_request>& host_requests() const {
        return const_cast<fake_host&>(host).http().requests();
    }

    fake_host host;
    std::optional<mortise::testing::connector_harness> xecm;
};

// An item as the server shows it, below results.data.properties.
inline json::value node(std::int64_t id, const char* name, int type = 0) {
    json::object properties;
    properties["id"] = id;
    properties["name"] = name;
    properties["type"] = type;
    properties["container"] = type == 0 || type == 848;
    return json::object{{"results", {{"data", {{"properties", std::move(properties)}}}}}};
}

inline json::value failure_text(const char* text) {
    return json::object{{"error", text}};
}

inline json::value id_input(std::int64_t id) {
    return json::object{{"id", id}};
}

} // namespace xecm_test
