// SPDX-License-Identifier: Apache-2.0
#include "app/host_routes.hpp"

#include "admin/replies.hpp"
#include "admin/routes.hpp"
#include "app/host_impl.hpp"
#include "app/upgrade.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;

constexpr std::string_view reload_schema = R"({"type":"object","additionalProperties":false,
"required":["revision","changed","restart_needed","warnings","stranded"],
"properties":{
"revision":{"type":"string"},
"changed":{"type":"object","additionalProperties":false,"required":["connections","flows"],
"properties":{
"connections":{"type":"object","additionalProperties":false,
"required":["added","changed","removed"],"properties":{
"added":{"type":"array","items":{"type":"string"}},
"changed":{"type":"array","items":{"type":"string"}},
"removed":{"type":"array","items":{"type":"string"}}}},
"flows":{"type":"object","additionalProperties":false,
"required":["added","changed","removed"],"properties":{
"added":{"type":"array","items":{"type":"string"}},
"changed":{"type":"array","items":{"type":"string"}},
"removed":{"type":"array","items":{"type":"string"}}}}}},
"restart_needed":{"type":"array","items":{"type":"string"}},
"warnings":{"type":"array","items":{"type":"object"}},
"stranded":{"type":"array","description":"Unfinished runs whose flow is not configured or not enabled now; they become dead letters when they want to go on.",
"items":{"type":"object","additionalProperties":false,"required":["flow","under_way","waiting","runs"],"properties":{
"flow":{"type":"string"},"under_way":{"type":"integer"},"waiting":{"type":"integer"},
"runs":{"type":"array","description":"The newest of them, at most 20.","items":{"type":"string"}}}}}}})";

constexpr std::string_view upgrade_schema = R"({"type":"object","additionalProperties":false,
"required":["program"],"properties":{"program":{"type":"string"}}})";

} // namespace

void add_host_routes(route_table& to, const host_calls& calls) {
    to.add({.method = "POST",
            .pattern = "/api/v1/reload",
            .id = "reloadConfiguration",
            .summary = "Reads the configuration again; applied as a whole or refused as a whole, "
                       "with every problem.",
            .tag = "host",
            .least = role::admin,
            .answer = reload_schema},
           [go = calls.reload](const admin_call& call) {
               go([reply = call.reply](const result<json::object>& changed) {
                   reply(changed ? json_reply(200, *changed) : refusal(changed.error()));
               });
           });
    to.add({.method = "POST",
            .pattern = "/api/v1/upgrade",
            .id = "upgradeHost",
            .summary = "Goes on as the program file that lies on disk now, with the same sockets; "
                       "refused when that program does not run or refuses the configuration.",
            .tag = "host",
            .least = role::admin,
            .answer = upgrade_schema,
            .status = 202},
           [go = calls.upgrade](const admin_call& call) {
               go([reply = call.reply](const result<std::string>& version) {
                   reply(version ? json_reply(202, json::object{{"program", *version}})
                                 : refusal(version.error()));
               });
           });
}

host_calls host::impl::calls() {
    host_calls out;
    out.reload = [this](auto done) {
        boost::asio::post(control, [this, done] {
            const auto report = reload_now();
            if (report)
                done(to_view(*report));
            else
                done(report.error());
        });
    };
    out.upgrade = [this](auto done) {
        if (!options.upgrade) {
            error e{category::conflict, "upgrade.refused",
                    "this host was not started by `mortise run`, so nothing can take its place"};
            e.effect = effect::none;
            done(std::move(e));
            return;
        }
        boost::asio::post(workers, [this, done] {
            const auto tried = try_program(options.program, options.config, options.plugin_folders);
            done(tried);
            if (tried) options.upgrade();
        });
    };
    return out;
}

} // namespace mortise::host
