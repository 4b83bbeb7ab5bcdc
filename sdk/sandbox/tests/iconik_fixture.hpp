// SPDX-License-Identifier: Apache-2.0
// A running iconik emulator with a clock that stands still, and a client for each person.
#pragma once

#include "iconik/iconik.hpp"
#include "kit/server.hpp"
#include "kit/test_client.hpp"
#include "support/catch.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace mortise::sandbox::test {

namespace json = boost::json;

struct iconik_stage {
    running server;
    http_client client;

    explicit iconik_stage(emulator_options o = {})
        : server(start(make_iconik([&] {
              o.clock = parse_iso("2026-03-28T09:15:01.406403+00:00");
              return o;
          }()))),
          client(as(iconik_seed::integration_token)) {}

    http_client as(const char* token) const {
        return http_client(server.base_url(),
                           {{"App-ID", iconik_seed::app_id}, {"Auth-Token", token}});
    }
    void advance(int seconds) {
        REQUIRE(client.post("/__sandbox/clock/advance", {{"seconds", seconds}}).status == 200);
    }
    json::value play(const char* action, const json::object& input) {
        const http_answer a = client.post("/__sandbox/play/" + std::string(action), input);
        INFO(a.body);
        REQUIRE(a.status == 200);
        return a.json();
    }
};

inline std::string asset_path(const std::string& story) {
    return "/API/assets/v1/assets/" + iconik_seed::id("asset/" + story) + "/";
}
inline std::string text(const json::value& v) {
    return std::string(v.as_string());
}

} // namespace mortise::sandbox::test
