// SPDX-License-Identifier: Apache-2.0
//
// A connection to the sandbox's iconik for the conformance suite, logged in as a user, so that the
// login can end.
#pragma once

#include "connector.hpp"
#include "iconik/iconik.hpp"
#include "support/emulator_target.hpp"

#include <mortise/testing/conformance.hpp>

#include <string>
#include <vector>

namespace iconik_test {

namespace json = mortise::json;
namespace sandbox = mortise::sandbox;
namespace seed = mortise::sandbox::iconik_seed;
namespace conformance = mortise::testing::conformance;
using mortise::test_support::emulator_target;

inline const std::string hero = seed::id("asset/hero-film");
inline const std::string logo = seed::id("asset/logo");
inline const std::string launch = seed::id("collection/spring-launch");
inline constexpr const char* nobody = "00000000-0000-4000-8000-000000000000";

inline mortise::testing::header_list as_admin() {
    return {{"App-ID", seed::app_id}, {"Auth-Token", seed::admin_token}};
}

// What is there, by all that the rows write to.
inline json::value look_at(emulator_target& t) {
    json::object out;
    out["state"] = t.ask("GET", "/__sandbox/state");
    const std::string assets = "/API/assets/v1/assets/";
    for (const auto& id : {hero, logo}) {
        json::object& one = out[id].emplace_object();
        for (const char* part : {"/", "/segments/", "/relations/", "/shares/"})
            one[part] = t.ask("GET", assets + id + part, as_admin());
        one["acl"] = t.ask("GET", "/API/acls/v1/acl/assets/" + id + "/", as_admin());
        one["values"] = t.ask(
            "GET", "/API/metadata/v1/assets/" + id + "/views/" + seed::id("view/marketing") + "/",
            as_admin());
    }
    out["contents"] =
        t.ask("GET", "/API/assets/v1/collections/" + launch + "/contents/", as_admin());
    out["actions"] = t.ask("GET", "/API/assets/v1/custom_actions/", as_admin());
    out["hooks"] = t.ask("GET", "/API/notifications/v1/webhooks/", as_admin());
    // Proxies made twice are the same proxies: a job of that kind may be asked for once more when
    // its answer was lost.
    json::array jobs;
    for (const auto& job : out["state"].at("jobs").as_array()) {
        if (!iconik::text_at(job, "title").starts_with("Transcode ")) jobs.push_back(job);
    }
    out["state"].as_object()["jobs"] = std::move(jobs);
    out["state"].as_object().erase("stored_objects"); // counts proxies, too
    // What every request or moment makes anew.
    return mortise::test_support::without(json::value(std::move(out)), {"id",
                                                                        "date_created",
                                                                        "date_modified",
                                                                        "date",
                                                                        "change_date",
                                                                        "versions",
                                                                        "path",
                                                                        "url",
                                                                        "last_archive_restore_date",
                                                                        "file_ids",
                                                                        "job_id",
                                                                        "version_id",
                                                                        "object_id",
                                                                        "hash",
                                                                        "updated_at",
                                                                        "date_imported",
                                                                        "expires",
                                                                        "date_deleted",
                                                                        "deleted_at",
                                                                        "created_at",
                                                                        "started_at",
                                                                        "first_url",
                                                                        "last_url",
                                                                        "next_url",
                                                                        "prev_url"});
}

inline std::unique_ptr<conformance::target> make_system(mortise::testing::fake_host& host) {
    sandbox::emulator_options options;
    options.clock = host.now() - std::chrono::hours(48);
    auto t =
        std::make_unique<emulator_target>(sandbox::make_iconik(options), "https://iconik.test");
    t->emulator->clock().advance(std::chrono::hours(48)); // the seed lies in the past
    t->look_at = &look_at;
    t->expire = [](sandbox::emulator& e) { e.act("expire-tokens", {{"user", "integration"}}); };
    return t;
}

inline json::value make_settings(mortise::testing::fake_host& host) {
    host.set_secret("pw", seed::password);
    host.set_secret("hook", "the-text-of-the-hook");
    return json::object{{"base_url", "https://iconik.test"},
                        {"email", "integration@nordlicht.example"},
                        {"password", json::object{{"$secret", "pw"}}},
                        {"webhook_secret", json::object{{"$secret", "hook"}}},
                        {"metadata_views", json::array{"Marketing"}},
                        {"page_size", 5}};
}

inline conformance::subject iconik_subject() {
    using mortise::testing::http_answer;
    using mortise::testing::recorded_request;
    conformance::subject s;
    s.connector = mortise::connector<iconik::connector>();
    s.system = &make_system;
    s.settings = &make_settings;
    s.is_login = [](const recorded_request& r) {
        return r.url.find("/auth/simple/login") != std::string::npos;
    };
    s.is_query = [](const recorded_request& r) {
        return r.url.find("/search/v1/search") != std::string::npos;
    };
    // The storages behind iconik refuse in XML. This is read as either.
    s.refusal = [](std::uint32_t status, const std::string& words) {
        json::array errors;
        errors.emplace_back("<Code>Refused</Code><Message>" + words + "</Message>");
        return http_answer::json(status, json::object{{"errors", std::move(errors)}});
    };
    s.settle = std::chrono::seconds(12);
    return s;
}

// The rows, in the order of the groups of operations.
std::vector<conformance::row> asset_rows();
std::vector<conformance::row> place_rows();
std::vector<conformance::row> review_rows();
std::vector<conformance::row> account_rows();

} // namespace iconik_test
