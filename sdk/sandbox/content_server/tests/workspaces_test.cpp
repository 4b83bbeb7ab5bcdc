// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::content_server_test;

namespace {

const std::string workspaces = "/api/v2/businessworkspaces";

json::object summer() {
    return {{"template_id", 6011},
            {"wksp_type_id", 11},
            {"ext_system_id", "MRM"},
            {"bo_type", "campaign"},
            {"bo_id", "C-1003"}};
}

std::string of(std::int64_t id) {
    return workspaces + "/" + std::to_string(id);
}

} // namespace

TEST_CASE("a workspace is found by its business object", "[sandbox][content_server]") {
    client c;
    const auto a = c.get("/api/v2/externalsystems/MRM/botypes/campaign/boids/C-1001");
    REQUIRE(a.status == 200);
    CHECK(a.string("/results/0/data/properties/name") == "Spring Launch 2026 (C-1001)");
    CHECK(a.number("/paging/total_count") == 1);
    const auto none = c.get("/api/v2/externalsystems/MRM/botypes/campaign/boids/C-9999");
    CHECK(none.status == 404);
    CHECK_FALSE(none.error().empty());
}

TEST_CASE("a workspace is created from its template", "[sandbox][content_server]") {
    client c;
    json::object fields = summer();
    fields["roles"] =
        json::parse(R"({"categories":{"4200":{"4200_2":"C-1003","4200_3":"Active"}}})");
    fields["bo_roles_users"] = json::parse(R"([{"role":"Manager","users":["clara.brandt"]}])");
    fields["bo_relations"] = json::parse(
        R"([{"relation_type":"Parent","business_objects":[{"ext_system_id":"MRM","bo_type":"account","bo_id":"A-2001"}]}])");
    const auto made = c.body("POST", workspaces, fields);
    INFO(made.text);
    REQUIRE(made.status == 200);
    const auto id = made.number("/results/id");
    CHECK(c.get(node(id) + "/nodes").size("/results") == 3);
    const auto a = c.get(of(id) + "?fields=properties&fields=business_properties&fields=categories"
                                  "&fields=workspace_references");
    CHECK(a.string("/results/data/properties/name") == "Summer Social (C-1003)"); // generated
    CHECK(a.string("/results/data/business_properties/business_object_id") == "C-1003");
    CHECK(a.string("/results/data/categories/4200_3") == "Active");
    CHECK(a.size("/results/data/workspace_references") == 1);
    const auto team = c.get(of(id) + "/members");
    CHECK(team.string("/results/0/data/properties/name") == "Manager");
    CHECK(team.string("/results/0/data/properties/members/0/name") == "clara.brandt");
    const auto related = c.get(of(id) + "/relateditems?where_rel_types={'parent'}");
    CHECK(related.string("/results/0/data/properties/rel_type") == "BO_Parent");
    SECTION("one workspace for each business object") {
        fields["name"] = "Another";
        const auto twice = c.body("POST", workspaces, fields);
        CHECK(twice.status == 400);
        CHECK_THAT(twice.error(), Catch::Contains("already exists"));
    }
}

TEST_CASE("bad workspaces are refused and leave nothing", "[sandbox][content_server]") {
    client c;
    const auto refused = [&](const char* key, json::value v) {
        json::object fields = summer();
        fields[key] = std::move(v);
        const auto a = c.body("POST", workspaces, fields);
        INFO(key << ": " << a.text);
        CHECK(a.status == 400);
        CHECK_FALSE(a.error().empty());
    };
    refused("template_id", 4711);
    refused("bo_type", "spaceship");
    refused("bo_type", nullptr);
    refused("roles", json::parse(R"({"categories":{"4200":{"4200_3":"Unheard of"}}})"));
    refused("bo_roles_users", json::parse(R"([{"role":"Team","users":["nobody"]}])"));
    refused("bo_relations", json::parse(R"([{"relation_type":"Parent","business_objects":[
        {"ext_system_id":"MRM","bo_type":"account","bo_id":"A-2002"}]}])"));
    CHECK(c.get("/api/v2/externalsystems/MRM/botypes/campaign/boids/C-1003").status == 404);
    CHECK(c.get(node(5001) + "/nodes").number("/collection/paging/total_count") == 2);
}

TEST_CASE("the bulk call creates, updates and reports each item", "[sandbox][content_server]") {
    client c;
    json::object update = {{"ext_system_id", "MRM"},
                           {"bo_type", "campaign"},
                           {"bo_id", "C-1001"},
                           {"name", "Spring Launch (C-1001)"}};
    json::object wrong = {{"ext_system_id", "MRM"}, {"bo_type", "none"}, {"bo_id", "1"}};
    const auto a = c.body("PUT", workspaces, {{"bws_infos", json::array{summer(), update, wrong}}});
    REQUIRE(a.status == 200);
    CHECK(a.at("/0/id").is_number());
    CHECK(a.number("/1/id") == c.workspace("campaign", "C-1001"));
    CHECK(a.at("/2").as_object().contains("error_message"));
    CHECK(c.get(node(a.number("/1/id"))).string("/results/data/properties/name") ==
          "Spring Launch (C-1001)");
    // Once more: the same workspaces.
    const auto b = c.body("PUT", workspaces, {{"bws_infos", json::array{summer()}}});
    CHECK(b.number("/0/id") == a.number("/0/id"));
    CHECK(c.form("PUT", workspaces, {{"x", "y"}}).status == 400);
}

TEST_CASE("workspace lists filter and page with paging at top level", "[sandbox][content_server]") {
    client c;
    const auto total = [&](const std::string& query) {
        const auto a = c.get(workspaces + "?expanded_view=true&" + query);
        INFO(a.text);
        REQUIRE(a.status == 200);
        return a.number("/paging/total_count");
    };
    CHECK(total("") == 5);
    CHECK(total("where_workspace_type_id=11") == 2);
    CHECK(total("where_workspace_type_name=Camp") == 2); // by prefix
    CHECK(total("where_name=contains_spring") == 1);
    CHECK(total("where_name=startswith_autumn") == 1);
    CHECK(total("where_name=autumn") == 0);
    CHECK(total("where_ext_system_id=MRM&where_bo_type=account&where_bo_id=A-2001") == 1);
    CHECK(total("where_workspace_type_ids={11,12}") == 3);
    CHECK(total("where_column_query=name%20LIKE%20'Spring*'") == 1);
    CHECK(total("where_column_query=name%20LIKE%20'*2*'%20AND%20NOT%20wnf_wksp_type_id%20=%2011") ==
          1);
    CHECK(c.get(workspaces + "?expanded_view=true&where_column_query=name%20LIKE").status == 400);
    CHECK(c.get(workspaces + "?expanded_view=true&where_column_query=bogus=1").status == 400);
    const auto page = c.get(workspaces + "?expanded_view=true&limit=2&page=2");
    CHECK(page.size("/results") == 2);
    CHECK_FALSE(page.body.as_object().contains("collection"));
    const auto few = c.get(workspaces + "?expanded_view=true&limit=1&fields=properties{id,name}");
    CHECK(few.at("/results/0/data/properties").as_object().size() > 2); // ignored without action
    const auto cut = c.get(
        workspaces + "?expanded_view=true&limit=1&fields=properties{id,name}&action=properties-");
    CHECK(cut.at("/results/0/data/properties").as_object().size() == 2);
    CHECK(c.get(workspaces + "/?expanded_view=true").status == 200); // trailing slash
}

TEST_CASE("the collapsed view has recently accessed workspaces only", "[sandbox][content_server]") {
    client c;
    CHECK(c.get(workspaces).number("/paging/total_count") == 0);
    c.get(of(c.workspace("campaign", "C-1002")));
    CHECK(c.get(workspaces + "?expanded_view=False").number("/paging/total_count") == 1);
}

TEST_CASE("business objects are linked and unlinked", "[sandbox][content_server]") {
    client c;
    // Early: the type is known, the object not yet.
    json::object early = summer();
    early.erase("bo_id");
    early["name"] = "Early bird";
    const auto id = c.body("POST", workspaces, early).number("/results/id");
    CHECK(c.get(of(id) + "?fields=business_properties")
              .at("/results/data/business_properties/isEarly")
              .as_bool());
    const pairs link = {{"ext_system_id", "MRM"}, {"bo_type", "campaign"}, {"bo_id", "C-1003"}};
    const std::string references = of(id) + "/workspacereferences";
    CHECK(c.form("PUT", references, link).status == 200);
    CHECK(c.workspace("campaign", "C-1003") == id);
    CHECK(c.form("PUT", references,
                 {{"ext_system_id", "MRM"}, {"bo_type", "campaign"}, {"bo_id", "C-1001"}})
              .status == 400); // taken
    SECTION("data in the form") {
        CHECK(c.form("DELETE", references, link).status == 200);
    }
    SECTION("data in the query") {
        CHECK(c.del(references + "?ext_system_id=MRM&bo_type=campaign&bo_id=C-1003").status == 200);
    }
    CHECK(c.form("DELETE", references, link).status == 400);
}

TEST_CASE("relations are stored in both directions", "[sandbox][content_server]") {
    client c;
    const auto account = c.workspace("account", "A-2001");
    const auto campaign = c.workspace("campaign", "C-1002");
    const std::string related = of(account) + "/relateditems";
    const auto before = c.get(related).number("/paging/total_count");
    CHECK(c.form("POST", related, {{"rel_bw_id", std::to_string(campaign)}, {"rel_type", "child"}})
              .status == 200);
    CHECK(c.get(related).number("/paging/total_count") == before + 1);
    CHECK(c.get(of(campaign) + "/relateditems").number("/results/0/data/properties/id") == account);
    CHECK(c.del(related + "/" + std::to_string(campaign) + "?rel_type=child").status == 200);
    CHECK(c.del(related + "/" + std::to_string(campaign) + "?rel_type=child").status == 400);
    CHECK(c.form("POST", related, {{"rel_bw_id", std::to_string(account)}}).status == 400);
    CHECK(c.get(of(5000) + "/relateditems").status == 400); // a folder
    CHECK(c.get(of(99999)).status == 404);
}

TEST_CASE("roles and their members give rights in the workspace", "[sandbox][content_server]") {
    client c;
    const auto id = c.workspace("campaign", "C-1001");
    const auto media = c.folder(id, "Media");
    const auto role = c.body("POST", of(id) + "/roles",
                             {{"name", "Guests"}, {"permissions", {"see", "add_items"}}});
    REQUIRE(role.status == 200);
    const std::string members = of(id) + "/roles/" +
                                std::to_string(role.number("/results/data/properties/id")) +
                                "/members";
    const json::value folder = {{"type", 0}, {"parent_id", media}, {"name", "By guest"}};
    c.log_in("guest", "guest-pass");
    CHECK(c.body("POST", "/api/v2/nodes", folder).status == 400);
    CHECK(c.form("POST", members, {{"id", "1015"}}).status == 400);
    c.log_in("clara.brandt", "clara-pass");
    CHECK(c.form("POST", members, {{"id", "1015"}}).string("/results/data/properties/name") ==
          "guest");
    CHECK(c.form("POST", members, {{"id", "1015"}}).status == 400);
    c.log_in("guest", "guest-pass");
    CHECK(c.body("POST", "/api/v2/nodes", folder).status == 200);
    c.log_in("clara.brandt", "clara-pass");
    CHECK(c.get(members).number("/collection/paging/total_count") == 1);
    CHECK(c.del(members + "/1015").status == 200);
    CHECK(c.del(members + "/1015").status == 404);
}

TEST_CASE("the workspace of any node inside it is known", "[sandbox][content_server]") {
    client c;
    const auto id = c.workspace("project", "P-3001");
    const auto a =
        c.get("/api/v1/nodes/" + std::to_string(c.folder(id, "Media")) + "/businessworkspace");
    CHECK(a.number("/id") == id);
    CHECK(a.number("/workspace_type_id") == 13);
    CHECK(c.get("/api/v1/nodes/5000/businessworkspace").status == 404);
}

TEST_CASE("workspace types, object types and systems can be listed", "[sandbox][content_server]") {
    client c;
    const auto types = c.get("/api/v2/businessworkspacetypes");
    CHECK(types.size("/results") == 5);
    CHECK(types.number("/results/0/data/properties/templates/0/id") == 6011);
    CHECK(types.at("/results/0/data/wksp_info/in_use").as_bool());
    CHECK(
        c.get("/api/v2/businessworkspacetypes?ext_system_id=MRM&bo_type=vendor").size("/results") ==
        1);
    CHECK(c.get("/api/v2/businessworkspacetypes?ext_system_id=MRM").status == 400);
    CHECK(c.raw_json("POST", "/api/v2/businessworkspacetypes", {{"wksp_type_name", "X"}}).status ==
          403);
    CHECK(c.get("/api/v2/businessobjecttypes").size("/results") == 5);
    CHECK(c.get("/api/v2/externalsystems?where_name={MRM}").size("/results") == 1);
    CHECK(c.get("/api/v2/externalsystems/SAP/config").status == 404);
    const auto rows =
        c.get("/api/v2/businessobjects?ext_system_id=MRM&bo_type=campaign&where_name=S*");
    CHECK(rows.size("/results/result_rows") == 2);
    const auto form = c.get("/api/v2/forms/businessworkspaces/create?template_id=6011");
    CHECK(form.size("/forms") == 2);
    CHECK(c.get("/api/v2/forms/businessworkspaces/create").status == 400);
}
