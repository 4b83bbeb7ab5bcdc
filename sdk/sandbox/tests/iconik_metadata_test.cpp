// SPDX-License-Identifier: Apache-2.0
#include "iconik_fixture.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::test;

namespace {

struct metadata_stage : iconik_stage {
    std::string asset;
    std::string path;
    metadata_stage() {
        asset = text(client.post("/API/assets/v1/assets/", {{"title", "Bare"}}).json().at("id"));
        path = "/API/metadata/v1/assets/" + asset + "/views/" + iconik_seed::id("view/marketing") +
               "/";
    }
    http_answer put(const char* field, const json::array& values, const char* mode = "overwrite") {
        json::array list;
        for (const json::value& v : values)
            list.push_back(json::object{{"value", v}});
        return client.put(
            path, {{"metadata_values", {{field, {{"mode", mode}, {"field_values", list}}}}}});
    }
};

} // namespace

TEST_CASE("an object without values answers 404 until one is set", "[sandbox][iconik]") {
    metadata_stage s;
    CHECK(s.client.get(s.path).status == 404);
    const http_answer set = s.put("campaign_id", {"C-1001"});
    REQUIRE(set.status == 200);
    CHECK(set.json().at("object_id") == s.asset.c_str());
    const json::value got = s.client.get(s.path).json();
    CHECK(got.at("metadata_values").at("campaign_id").at("field_values").at(0).at("value") ==
          "C-1001");
}

TEST_CASE("values are merged by field and by mode", "[sandbox][iconik]") {
    metadata_stage s;
    const auto values = [&](const char* field) {
        json::array out;
        const json::value got = s.client.get(s.path).json();
        const json::value& list = got.at("metadata_values").at(field).at("field_values");
        for (const auto& v : list.as_array())
            out.push_back(v.at("value"));
        return json::serialize(out);
    };
    s.put("campaign_id", {"C-1001"});
    s.put("usage_rights", {"Restricted"});
    s.put("campaign_id", {"C-1002", "C-1001"}, "append");
    CHECK(values("campaign_id") == R"(["C-1001","C-1002"])");
    CHECK(values("usage_rights") == R"(["Restricted"])");
    s.put("campaign_id", {"C-1001"}, "delete");
    CHECK(values("campaign_id") == R"(["C-1002"])");
    s.put("campaign_id", {});
    CHECK(values("campaign_id") == "[]");
}

TEST_CASE("wrong values are refused by field and change nothing", "[sandbox][iconik]") {
    metadata_stage s;
    const auto refused = [&](const http_answer& a, const char* field) {
        INFO(a.body);
        CHECK(a.status == 400);
        CHECK(a.json().at("errors").as_object().contains(field));
    };
    refused(s.put("usage_rights", {"Free for all"}), "usage_rights");
    refused(s.put("account_id", {"A", "B"}), "account_id");
    refused(s.put("expiry_date", {"tomorrow"}), "expiry_date");
    refused(s.put("budget", {"much"}), "budget");
    refused(s.put("talent_release", {"perhaps"}), "talent_release");
    refused(s.put("unknown_field", {"x"}), "unknown_field");
    refused(s.put("keywords", {"x"}, "replace"), "mode");
    CHECK(s.client.put(s.path, json::object{}).status == 400);
    CHECK(s.client.get(s.path).status == 404);
}

TEST_CASE("values belong to a version", "[sandbox][iconik]") {
    metadata_stage s;
    s.put("workspace_status", {"old"});
    const json::value made =
        s.client.post("/API/assets/v1/assets/" + s.asset + "/versions/", json::object{}).json();
    const std::string old = text(made.at("versions").at(1).at("id"));
    s.put("workspace_status", {"new"});
    const json::value before = s.client
                                   .get("/API/metadata/v1/assets/" + s.asset + "/versions/" + old +
                                        "/views/" + iconik_seed::id("view/marketing") + "/")
                                   .json();
    CHECK(
        before.at("metadata_values").at("workspace_status").at("field_values").at(0).at("value") ==
        "old");
}

TEST_CASE("values of many objects are set by a job", "[sandbox][iconik]") {
    metadata_stage s;
    const std::string view =
        "/API/metadata/v1/assets/views/" + iconik_seed::id("view/marketing") + "/";
    const json::object body{
        {"object_ids", {s.asset}},
        {"metadata_values", {{"project_id", {{"field_values", {{{"value", "P-3001"}}}}}}}}};
    const http_answer accepted = s.client.put(view, body);
    REQUIRE(accepted.status == 202);
    const std::string job = "/API/jobs/v1/jobs/" + text(accepted.json().at("job_id")) + "/";
    CHECK(s.client.get(job).json().at("status") == "READY");
    s.advance(1);
    CHECK(s.client.get(job).json().at("status") == "FINISHED");
    CHECK(s.client.get(s.path).status == 200);
}

TEST_CASE("fields and views are defined and checked", "[sandbox][iconik]") {
    iconik_stage s;
    const json::object field{{"name", "season"}, {"label", "Season"}, {"field_type", "string"}};
    CHECK(s.client.post("/API/metadata/v1/fields/", field).status == 201);
    CHECK(s.client.post("/API/metadata/v1/fields/", field).status == 409);
    const json::object odd{{"name", "odd"}, {"label", "Odd"}, {"field_type", "colour"}};
    CHECK(s.client.post("/API/metadata/v1/fields/", odd).status == 400);
    const json::object view{{"name", "Seasons"}, {"view_fields", {{{"name", "season"}}}}};
    const json::value made = s.client.post("/API/metadata/v1/views/", view).json();
    const json::value got =
        s.client.get("/API/metadata/v1/views/" + text(made.at("id")) + "/").json();
    CHECK(got.at("view_fields").at(0).at("field_type") == "string");
    const json::object bad{{"name", "Bad"}, {"view_fields", {{{"name", "nothing"}}}}};
    CHECK(s.client.post("/API/metadata/v1/views/", bad).status == 400);
    CHECK(s.client.get("/API/metadata/v1/fields/nothing/").status == 404);
}
