// SPDX-License-Identifier: Apache-2.0
//
// A connection in a fake host to the sandbox's Content Server, in process.
#pragma once

#include "content_server/content_server.hpp"
#include "scripted.hpp"
#include "support/catch.hpp"
#include "support/emulator_bridge.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace xecm_test {

namespace sandbox = mortise::sandbox;

class bridged {
public:
    explicit bridged(json::object more = {}, std::map<std::string, std::string> extra = {}) {
        sandbox::emulator_options options;
        options.clock = host.now();
        options.extra = std::move(extra);
        emulator = sandbox::make_content_server(std::move(options));
        emulator->clock().advance(std::chrono::hours(1)); // the seed lies in the past
        mortise::test_support::answer_by(*emulator, host, origin);
        host.set_secret("pw", "integration-pass");
        json::object settings = by_password();
        std::string address(origin);
        settings["base_url"] = address.append("/otcs/cs");
        for (auto& [key, value] : more)
            settings[key] = value;
        xecm.emplace(host.create_connector(mortise::connector<xecm_workspaces::connector>(),
                                           json::value(std::move(settings))));
    }

    json::value call(std::string_view operation, const json::value& input = json::object()) {
        return xecm->call(operation, input).value();
    }
    mortise::error failure(std::string_view operation, const json::value& input) {
        return xecm->call(operation, input).failure.value_or(mortise::error());
    }
    // What a person does, some time later; the search index has caught up then.
    json::value people(const std::string& action,
                       const json::object& input,
                       std::chrono::milliseconds later = std::chrono::seconds(10)) {
        wait(later);
        json::value out = emulator->act(action, input);
        wait(later);
        return out;
    }
    void wait(std::chrono::milliseconds d = std::chrono::seconds(10)) {
        emulator->clock().advance(d);
        host.advance(d);
    }
    void poll() { xecm->poll("changes").value(); }
    // "type subject" of what the host has not seen before, by id: a host drops the rest.
    std::vector<std::string> news() {
        std::vector<std::string> out;
        const auto& all = xecm->events();
        for (; read_ < all.size(); ++read_) {
            if (known_.insert(all[read_].id).second) {
                out.push_back(all[read_].type + ' ' + all[read_].subject);
            }
        }
        return out;
    }
    std::int64_t workspace(const char* bo_type, const char* bo_id) {
        const auto found =
            call("workspaces.find",
                 json::object{{"ext_system_id", "MRM"}, {"bo_type", bo_type}, {"bo_id", bo_id}});
        return found.at("workspace").at("id").as_int64();
    }
    std::int64_t media_folder(std::int64_t workspace_id) {
        const json::value input =
            json::object{{"parent_id", workspace_id}, {"path", json::array{"Media"}}};
        return call("nodes.path_ensure", input).at("id").as_int64();
    }
    std::int64_t reference(std::int64_t folder, const char* name, const char* asset) {
        json::object values{{"Asset ID", asset}, {"Approval Status", "approved"}};
        json::object categories;
        categories["Media Reference"] = std::move(values);
        const json::value input = json::object{{"parent_id", folder},
                                               {"name", name},
                                               {"url", "https://iconik.test/asset/1"},
                                               {"categories", std::move(categories)}};
        return call("nodes.create_url", input).at("id").as_int64();
    }
    void check_clean() {
        xecm->destroy();
        CHECK(host.violations().empty());
        CHECK(emulator->problems().empty());
    }

    static constexpr const char* origin = "https://ecm.test";
    fake_host host;
    std::unique_ptr<sandbox::emulator> emulator;
    std::optional<mortise::testing::connector_harness> xecm;

private:
    std::size_t read_ = 0;
    std::set<std::string> known_;
};

} // namespace xecm_test
