// SPDX-License-Identifier: Apache-2.0
//
// A connection to the sandbox's Content Server for the conformance suite.
#pragma once

#include "connector.hpp"
#include "content_server/content_server.hpp"
#include "support/emulator_target.hpp"

#include <mortise/testing/conformance.hpp>

#include <string>
#include <vector>

namespace xecm_test {

namespace json = mortise::json;
namespace sandbox = mortise::sandbox;
namespace conformance = mortise::testing::conformance;
using conformance::bench;
using mortise::test_support::emulator_target;

inline constexpr std::int64_t nothing_there = 99999999;

inline std::int64_t workspace(bench& b, const char* type, const char* id) {
    const json::value input =
        json::object{{"ext_system_id", "MRM"}, {"bo_type", type}, {"bo_id", id}};
    return b.call("workspaces.find", input).at("workspace").at("id").as_int64();
}

inline std::int64_t campaign(bench& b) {
    return workspace(b, "campaign", "C-1001");
}

inline std::int64_t folder(bench& b, const char* name = "Media") {
    const json::value input = json::object{{"parent_id", campaign(b)}, {"path", json::array{name}}};
    return b.call("nodes.path_ensure", input).at("id").as_int64();
}

// A document that is there from the beginning.
inline std::int64_t brief(bench& b) {
    const json::value input = json::object{{"parent_id", campaign(b)},
                                           {"path", json::array{"Briefs", "Creative Brief.txt"}}};
    return b.call("nodes.path_find", input).at("node").at("id").as_int64();
}

inline json::value of(std::int64_t id, json::object more = {}) {
    more["id"] = id;
    return more;
}

inline mortise::testing::header_list as_admin(emulator_target& t) {
    const json::value who = json::object{{"username", "Admin"}, {"password", "admin-pass"}};
    const json::value login = t.ask("POST", "/otcs/cs/api/v1/auth", {}, who);
    return {{"OTCSTicket", std::string(login.at("ticket").as_string())}};
}

// All items below the workspaces with what can be set on them.
inline json::value look_at(emulator_target& t) {
    const std::string api = "/otcs/cs/api/";
    const auto pass = as_admin(t);
    json::object out;
    out["state"] = t.ask("GET", "/__sandbox/state");
    for (const char* drafts_count : {"nodes", "processes"})
        out["state"].as_object().erase(drafts_count);
    for (const auto& w : out["state"].at("workspaces").as_array()) {
        const std::string id = mortise::serialize_json(w.at("id"));
        std::vector<std::string> items{id};
        for (std::size_t i = 0; i < items.size() && i < 40; ++i) {
            const std::string node = "v2/nodes/" + items[i];
            const json::value children = t.ask("GET", api + node + "/nodes?limit=200", pass);
            for (const auto& child : children.at("results").as_array()) {
                items.push_back(
                    mortise::serialize_json(child.at("data").at("properties").at("id")));
            }
            out[node] = json::array{t.ask("GET", api + node + "/categories", pass), children};
        }
        out["roles" + id] = t.ask("GET", api + "v2/businessworkspaces/" + id + "/roles", pass);
    }
    return mortise::test_support::without(
        json::value(std::move(out)),
        {"sessions", "indexed", "create_date", "modify_date", "external_modify_date",
         "external_create_date", "reserved_date", "guid", "links", "actions", "recycled"});
}

inline std::unique_ptr<conformance::target> make_system(mortise::testing::fake_host& host) {
    sandbox::emulator_options options;
    options.clock = host.now();
    auto t = std::make_unique<emulator_target>(sandbox::make_content_server(options),
                                               "https://ecm.test");
    t->emulator->clock().advance(std::chrono::hours(1)); // the seed lies in the past
    t->look_at = &look_at;
    t->expire = [](sandbox::emulator& e) { e.act("expire-sessions", {}); };
    return t;
}

inline json::value make_settings(mortise::testing::fake_host& host) {
    host.set_secret("pw", "integration-pass");
    return json::object{{"base_url", "https://ecm.test/otcs/cs"},
                        {"username", "integration"},
                        {"password", json::object{{"$secret", "pw"}}},
                        {"watch_workspace_types", json::array{"Campaign"}},
                        {"watch_workspace_categories", json::array{"Campaign"}}};
}

inline conformance::subject xecm_subject() {
    using mortise::testing::http_answer;
    using mortise::testing::recorded_request;
    conformance::subject s;
    s.connector = mortise::connector<xecm_workspaces::connector>();
    s.system = &make_system;
    s.settings = &make_settings;
    s.is_login = [](const recorded_request& r) { return r.url.ends_with("/api/v1/auth"); };
    // The draft of a workflow is a form that nobody sees, not a workflow.
    s.is_query = [](const recorded_request& r) {
        return r.url.ends_with("/api/v2/search") || r.url.ends_with("/draftprocesses");
    };
    s.refusal = [](std::uint32_t status, const std::string& words) {
        return http_answer::json(status, json::object{{"error", words}});
    };
    s.settle = std::chrono::seconds(10);
    s.code_prefix = "xecm";
    return s;
}

std::vector<conformance::row> node_rows();
std::vector<conformance::row> workspace_rows();
std::vector<conformance::row> governance_rows();

} // namespace xecm_test
