// SPDX-License-Identifier: Apache-2.0
//
// Workspaces renamed, related and staffed; members.
#include "bridged.hpp"

using namespace xecm_test;
using mortise::category;

namespace {

const json::value& role_named(const json::value& roles, std::string_view name) {
    for (const auto& one : roles.at("roles").as_array()) {
        if (one.at("name") == json::value(name)) return one;
    }
    FAIL("there is no role " << name);
    return roles;
}

std::set<std::string> names(const json::value& members) {
    std::set<std::string> out;
    for (const auto& one : members.as_array())
        out.insert(std::string(one.at("name").as_string()));
    return out;
}

} // namespace

TEST_CASE("xecm: a workspace is renamed and gets a business object more",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t w = b.workspace("campaign", "C-1002");
    const json::value input =
        json::object{{"id", w},
                     {"name", "Herbst-Größen"},
                     {"business_object",
                      {{"ext_system_id", "MRM"}, {"bo_type", "campaign"}, {"bo_id", "C-1003"}}}};
    const json::value changed = b.call("workspaces.update", input);
    CHECK(changed.at("name") == "Herbst-Größen");
    CHECK(changed.at("business_objects").as_array().size() == 2);
    CHECK(b.workspace("campaign", "C-1003") == w);
    CHECK(b.call("workspaces.update", input) == changed);
    CHECK(b.failure("workspaces.update", id_input(w)).category == category::input);
    b.check_clean();
}

TEST_CASE("xecm: a relation of workspaces is set once and taken away once",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t account = b.workspace("account", "A-2001");
    const std::int64_t vendor = b.workspace("vendor", "V-4001");
    const json::value relation = json::object{{"id", account}, {"related_id", vendor}};
    CHECK(b.call("workspaces.relate", relation).at("changed") == true);
    CHECK(b.call("workspaces.relate", relation).at("changed") == false);
    const auto children =
        b.call("workspaces.related", json::object{{"id", account}, {"relation", "child"}});
    CHECK(children.at("workspaces").as_array().size() == 3);
    const auto parents = b.call("workspaces.related", json::object{{"id", vendor}});
    REQUIRE(parents.at("workspaces").as_array().size() == 1);
    CHECK(parents.at("workspaces").at(0).at("relation") == "parent");
    CHECK(b.call("workspaces.unrelate", relation).at("changed") == true);
    CHECK(b.call("workspaces.unrelate", relation).at("changed") == false);
    const json::value self = json::object{{"id", account}, {"related_id", account}};
    CHECK(b.failure("workspaces.relate", self).category == category::input);
    b.check_clean();
}

TEST_CASE("xecm: members of a role are added, removed and replaced by names",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t w = b.workspace("campaign", "C-1001");
    const auto members = [&] {
        return names(role_named(b.call("workspaces.roles", id_input(w)), "Team").at("members"));
    };
    const auto before = role_named(b.call("workspaces.roles", id_input(w)), "Manager");
    CHECK(before.at("leader") == true);
    CHECK(names(before.at("members")) == std::set<std::string>{"clara.brandt"});
    json::object input{{"id", w},
                       {"role", "team"},
                       {"members", json::array{"lena.roth@mortise.example", "Legal Reviewers"}}};
    CHECK(b.call("workspaces.role_members_set", input).at("added").as_array().size() == 2);
    CHECK(b.call("workspaces.role_members_set", input).at("changed") == false);
    CHECK(members().contains("Legal Reviewers"));
    CHECK(members().contains("lena.roth"));
    input["mode"] = "remove";
    CHECK(b.call("workspaces.role_members_set", input).at("changed") == true);
    CHECK_FALSE(members().contains("lena.roth"));
    input["mode"] = "replace";
    input["members"] = json::array{"integration", "clara.brandt"};
    CHECK(b.call("workspaces.role_members_set", input).at("changed") == true);
    CHECK(members() == std::set<std::string>{"integration", "clara.brandt"});
    b.check_clean();
}

TEST_CASE("xecm: an unknown role or member changes nothing", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t w = b.workspace("campaign", "C-1001");
    json::object input{{"id", w}, {"role", "Teem"}, {"members", json::array{"lena.roth"}}};
    const auto role = b.failure("workspaces.role_members_set", input);
    CHECK(role.message.find("did you mean \"Team\"?") != std::string::npos);
    input["role"] = "Team";
    input["members"] = json::array{"lena.roth", "nobody.known"};
    const auto member = b.failure("workspaces.role_members_set", input);
    CHECK(member.category == category::input);
    CHECK(member.message.find("nobody.known") != std::string::npos);
    const auto team = role_named(b.call("workspaces.roles", id_input(w)), "Team");
    CHECK_FALSE(names(team.at("members")).contains("lena.roth"));
    b.check_clean();
}

TEST_CASE("xecm: members and those of a group are read", "[plugins][xecm][sandbox]") {
    bridged b;
    CHECK(b.call("members.get", id_input(1012)).at("name") == "lena.roth");
    CHECK(b.failure("members.get", id_input(77)).category == category::not_found);
    const auto group = b.call("members.of_group", json::object{{"group", "Legal Reviewers"}});
    CHECK(names(group.at("members")) == std::set<std::string>{"lena.roth"});
    CHECK(b.failure("members.of_group", json::object{{"group", "Nobody"}}).category ==
          category::input);
    b.check_clean();
}
