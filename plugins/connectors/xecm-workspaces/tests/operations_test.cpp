// SPDX-License-Identifier: Apache-2.0
//
// Every operation against the sandbox's Content Server.
#include "bridged.hpp"

using namespace xecm_test;
using mortise::category;

namespace {

json::value find_input(const char* bo_id) {
    return json::object{{"ext_system_id", "MRM"}, {"bo_type", "campaign"}, {"bo_id", bo_id}};
}

const json::value& values_of(const json::value& categories, std::string_view name) {
    for (const auto& one : categories.as_array()) {
        if (one.at("name") == json::value(name)) return one.at("values");
    }
    FAIL("the category " << name << " is not there");
    return categories;
}

} // namespace

TEST_CASE("xecm: the connection test names user, version and types", "[plugins][xecm][sandbox]") {
    bridged b;
    const auto report = b.xecm->test_connection().value();
    CHECK(report.at("summary") ==
          "Connected as integration; Content Server 25.4; 5 workspace types");
    b.check_clean();
}

TEST_CASE("xecm: the connection test tells what is wrong with the settings",
          "[plugins][xecm][sandbox]") {
    json::object more;
    std::string wanted;
    SECTION("a workspace type") {
        more["watch_workspace_types"] = json::array{"Campain"};
        wanted = "did you mean \"Campaign\"?";
    }
    SECTION("a category") {
        more["watch_node_categories"] = json::array{"Media Refrence"};
        wanted = "did you mean \"Media Reference\"?";
    }
    SECTION("a path that is not Content Server's") {
        more["base_url"] = "https://ecm.test/otcs/other";
        wanted = "base_url";
    }
    bridged b(more);
    const auto e = b.xecm->test_connection().failure.value_or(mortise::error());
    CHECK(e.category == category::config);
    CHECK(e.message.find(wanted) != std::string::npos);
}

TEST_CASE("xecm: a workspace is found by its business object", "[plugins][xecm][sandbox]") {
    bridged b;
    const auto found = b.call("workspaces.find", find_input("C-1001"));
    REQUIRE(found.at("found") == true);
    const auto& w = found.at("workspace");
    CHECK(w.at("name") == "Spring Launch 2026 (C-1001)");
    CHECK(w.at("type_name") == "Campaign");
    CHECK(w.at("business_objects").at(0).at("bo_id") == "C-1001");
    CHECK(b.call("workspaces.find", find_input("C-9999")).at("found") == false);
    CHECK(b.call("workspaces.find", find_input("c-1001")).at("found") == false);
    const json::value by_name =
        json::object{{"workspace_type", "campaign"}, {"name", "Spring Launch 2026 (C-1001)"}};
    CHECK(b.call("workspaces.find", by_name).at("workspace") == w);
    b.check_clean();
}

TEST_CASE("xecm: an unknown workspace type is refused with the nearest",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const auto e = b.failure("workspaces.search", json::object{{"workspace_type", "Acount"}});
    CHECK(e.category == category::input);
    CHECK(e.message.find("did you mean \"Account\"?") != std::string::npos);
}

TEST_CASE("xecm: a workspace shows its attributes by names", "[plugins][xecm][sandbox]") {
    bridged b;
    const json::value input =
        json::object{{"id", b.workspace("campaign", "C-1001")}, {"categories", true}};
    const auto w = b.call("workspaces.get", input);
    const auto& values = values_of(w.at("categories"), "Campaign");
    CHECK(values.at("Status") == "Active");
    CHECK(values.at("Regions") == json::value(json::array{"DE", "AT", "CH"}));
    const auto e = b.failure("workspaces.get", id_input(5000));
    CHECK(e.http_status != 200);
    b.check_clean();
}

TEST_CASE("xecm: workspaces are searched by type and name", "[plugins][xecm][sandbox]") {
    bridged b;
    const auto names = [&](json::object input) {
        std::set<std::string> out;
        const auto found = b.call("workspaces.search", json::value(std::move(input)));
        for (const auto& w : found.at("workspaces").as_array()) {
            out.insert(std::string(w.at("name").as_string()));
        }
        return out;
    };
    CHECK(names({{"workspace_type", "Campaign"}}).size() == 2);
    CHECK(names({}).size() == 5);
    CHECK(names({{"limit", 1}}).size() == 1);
    CHECK(names({{"name", "Launch"}}) == std::set<std::string>{"Spring Launch 2026 (C-1001)"});
    CHECK(names({{"name", "Launch"}, {"match", "startswith"}}).empty());
}

TEST_CASE("xecm: a workspace is created from its type once, with attributes",
          "[plugins][xecm][sandbox]") {
    bridged b;
    json::object input = find_input("C-1003").as_object();
    input["workspace_type"] = "Campaign";
    input["categories"] =
        json::object{{"Campaign", json::object{{"Status", "Planned"}, {"Campaign ID", "C-1003"}}}};
    CHECK(b.call("workspaces.find", json::value(input)).at("found") == false);
    const auto made = b.call("workspaces.create", json::value(input));
    CHECK(made.at("name") == "Summer Social (C-1003)");
    CHECK(b.call("workspaces.find", json::value(input)).at("result") == made);
    const auto listed = b.call("categories.list", id_input(made.at("id").as_int64()));
    CHECK(values_of(listed.at("categories"), "Campaign").at("Campaign ID") == "C-1003");
    const auto e = b.failure("workspaces.create", json::value(input));
    CHECK(e.effect == mortise::effect::none);
    CHECK(e.category == category::conflict);
    b.check_clean();
}

TEST_CASE("xecm: folders are made where they are missing", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t w = b.workspace("campaign", "C-1001");
    const json::value input =
        json::object{{"parent_id", w}, {"path", json::array{"Media", "Approved", "2026"}}};
    const auto first = b.call("nodes.path_ensure", input);
    CHECK(first.at("created") == json::value(json::array{"Approved", "2026"}));
    const auto second = b.call("nodes.path_ensure", input);
    CHECK(second.at("created").as_array().empty());
    CHECK(second.at("id") == first.at("id"));
    const auto owner = b.call("workspaces.of_node", id_input(first.at("id").as_int64()));
    CHECK(owner.at("found") == true);
    CHECK(owner.at("workspace").at("id") == w);
    CHECK(b.call("workspaces.of_node", id_input(5000)).at("found") == false);
    CHECK(b.failure("workspaces.of_node", id_input(99999999)).category == category::not_found);
    b.check_clean();
}

TEST_CASE("xecm: what stands in the way of a folder is a conflict", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t folder = b.media_folder(b.workspace("campaign", "C-1001"));
    b.reference(folder, "Film", "a-1");
    const json::value input = json::object{{"parent_id", folder}, {"path", json::array{"Film"}}};
    const auto e = b.failure("nodes.path_ensure", input);
    CHECK(e.category == category::conflict);
    CHECK(e.message.find("is not a folder") != std::string::npos);
}

TEST_CASE("xecm: a reference is created with its category, changed and deleted",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t folder = b.media_folder(b.workspace("campaign", "C-1001"));
    const std::int64_t id = b.reference(folder, "Hero Film", "a-1");
    auto listed = b.call("categories.list", id_input(id));
    const auto& values = values_of(listed.at("categories"), "Media Reference");
    CHECK(values.at("Asset ID") == "a-1");
    CHECK(values.at("Version") == json::value());

    const json::value again = json::object{
        {"parent_id", folder}, {"name", "Hero Film"}, {"url", "https://iconik.test/asset/1"}};
    CHECK(b.call("nodes.find_child", again).at("result").at("id") == id);
    CHECK(b.failure("nodes.create_url", again).category == category::conflict);

    const json::value change = json::object{{"id", std::to_string(id)},
                                            {"name", "Hero Film v2"},
                                            {"url", "https://iconik.test/asset/2"}};
    CHECK(b.call("nodes.update", change).at("name") == "Hero Film v2");
    const auto node_now = b.call("nodes.get", json::object{{"id", id}, {"categories", true}});
    CHECK(node_now.at("url") == "https://iconik.test/asset/2");
    CHECK(node_now.at("parent_id") == folder);

    CHECK(b.call("nodes.delete", id_input(id)).at("deleted") == true);
    CHECK(b.call("nodes.delete", id_input(id)).at("deleted") == false);
    CHECK(b.failure("nodes.get", id_input(id)).category == category::not_found);
    b.check_clean();
}

TEST_CASE("xecm: setting a category adds it, changes it and leaves it when nothing differs",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t folder = b.media_folder(b.workspace("campaign", "C-1001"));
    json::object values{{"Usage Rights", "web"},
                        {"Territories", json::array{"DE", "AT"}},
                        {"Release Form", true},
                        {"Expiry Date", "2027-01-31"}};
    json::object input{{"id", folder}, {"category", "rights"}, {"values", values}};
    const auto added = b.call("categories.set", json::value(input));
    CHECK(added.at("added") == true);
    const auto same = b.call("categories.set", json::value(input));
    CHECK(same.at("added") == false);
    CHECK(same.at("changed") == false);
    input["values"] = json::object{{"Territories", json::array{"DE"}}, {"Usage Rights", nullptr}};
    CHECK(b.call("categories.set", json::value(input)).at("changed") == true);
    const auto listed = b.call("categories.list", id_input(folder));
    const auto& now = values_of(listed.at("categories"), "Rights");
    CHECK(now.at("Territories") == json::value(json::array{"DE"}));
    CHECK(now.at("Usage Rights") == json::value());
    CHECK(now.at("Release Form") == true);
    b.check_clean();
}

TEST_CASE("xecm: rows of a set are written by names", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t folder = b.media_folder(b.workspace("campaign", "C-1001"));
    const auto decision = [](const char* who, const char* what) {
        return json::object{{"Reviewer", who}, {"Decision", what}};
    };
    const auto set = [&](json::array rows) {
        json::object values;
        values["Decisions"] = std::move(rows);
        return b.call("categories.set", json::object{{"id", folder},
                                                     {"category", "Approval Record"},
                                                     {"values", std::move(values)}});
    };
    set({decision("Lena", "Approved"), decision("Ben", "Rejected")});
    set({decision("Lena", "Withdrawn")});
    const auto listed = b.call("categories.list", id_input(folder));
    const auto& rows = values_of(listed.at("categories"), "Approval Record").at("Decisions");
    REQUIRE(rows.as_array().size() == 1);
    CHECK(rows.at(0).at("Decision") == "Withdrawn");
    b.check_clean();
}

TEST_CASE("xecm: unknown categories, attributes and values are refused",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t folder = b.media_folder(b.workspace("campaign", "C-1001"));
    const auto set = [&](const char* category_name, json::object values) {
        return b.failure("categories.set", json::object{{"id", folder},
                                                        {"category", category_name},
                                                        {"values", std::move(values)}});
    };
    const auto no_category = set("Right", {{"Status", "Cleared"}});
    CHECK(no_category.category == category::input);
    CHECK(no_category.message.find("did you mean \"Rights\"?") != std::string::npos);
    const auto no_attribute = set("Rights", {{"Expiry", "2027-01-31"}});
    CHECK(no_attribute.category == category::input);
    CHECK(no_attribute.message.find("has no attribute \"Expiry\"") != std::string::npos);
    const auto bad_value = set("Rights", {{"Status", "Nonsense"}});
    CHECK(bad_value.category == category::input);
    CHECK(bad_value.effect == mortise::effect::none);
}

TEST_CASE("xecm: a document is uploaded and its versions listed", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t folder = b.media_folder(b.workspace("campaign", "C-1001"));
    const json::value input = json::object{{"parent_id", folder},
                                           {"name", "note.txt"},
                                           {"text", "Sch\xC3\xB6n"},
                                           {"media_type", "text/plain"}};
    const auto made = b.call("nodes.upload", input);
    CHECK(made.at("mime_type") == "text/plain");
    const std::int64_t id = made.at("id").as_int64();
    const auto versions = b.call("versions.list", id_input(id));
    REQUIRE(versions.at("versions").as_array().size() == 1);
    CHECK(versions.at("versions").at(0).at("version_number") == 1);
    CHECK(versions.at("versions").at(0).at("file_size") == 6);
    CHECK(b.call("nodes.find_child", input).at("result").at("id") == id);
    b.check_clean();
}

TEST_CASE("xecm: children are listed by type and exact name over all pages",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t folder = b.media_folder(b.workspace("campaign", "C-1001"));
    for (int i = 0; i < 105; ++i) {
        const json::value input =
            json::object{{"parent_id", folder}, {"path", json::array{"F" + std::to_string(i)}}};
        b.call("nodes.path_ensure", input);
    }
    b.reference(folder, "F", "a-1");
    const auto count = [&](json::object more) {
        more["id"] = folder;
        return b.call("nodes.children", json::value(std::move(more))).at("nodes").as_array().size();
    };
    CHECK(count({}) == 106);
    CHECK(count({{"types", json::array{140}}}) == 1);
    CHECK(count({{"name", "F7"}}) == 1);
    CHECK(count({{"name", "F"}}) == 1);
    CHECK(count({{"limit", 10}}) == 10);
}

TEST_CASE("xecm: members are found exactly", "[plugins][xecm][sandbox]") {
    bridged b;
    const auto clara = b.call("members.find", json::object{{"login", "clara.brandt"}});
    REQUIRE(clara.at("found") == true);
    CHECK(clara.at("member").at("last_name") == "Brandt");
    const json::value mail = json::object{{"email", "Clara.Brandt@mortise.example"}};
    CHECK(b.call("members.find", mail).at("member") == clara.at("member"));
    CHECK(b.call("members.find", json::object{{"email", "brandt@mortise.example"}}).at("found") ==
          false);
    const json::value group = json::object{{"login", "Legal Reviewers"}, {"type", "group"}};
    CHECK(b.call("members.find", group).at("member").at("type") == "group");
    b.check_clean();
}

TEST_CASE("xecm: items are searched below a place", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t w = b.workspace("campaign", "C-1001");
    const std::int64_t id = b.reference(b.media_folder(w), "Hero Film", "a-1");
    b.wait();
    json::object input{{"where", "OTName:Hero*"}, {"types", json::array{140}}, {"location_id", w}};
    const auto found = b.call("search.nodes", json::value(input));
    REQUIRE(found.at("nodes").as_array().size() == 1);
    CHECK(found.at("nodes").at(0).at("id") == id);
    input["location_id"] = b.workspace("campaign", "C-1002");
    CHECK(b.call("search.nodes", json::value(input)).at("nodes").as_array().empty());
    const auto e = b.failure("search.nodes", json::object{{"where", "((("}});
    CHECK(e.category == category::input);
    b.check_clean();
}

TEST_CASE("xecm: access to an item is set, changed and taken away", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t folder = b.media_folder(b.workspace("campaign", "C-1001"));
    const auto who = b.call("members.find", json::object{{"login", "guest"}}).at("member").at("id");
    const auto set = [&](json::array rights) {
        return b.call("permissions.set", json::object{{"id", folder},
                                                      {"type", "custom"},
                                                      {"right_id", who},
                                                      {"permissions", std::move(rights)}});
    };
    const auto rights = [&]() -> json::value {
        const auto now = b.call("permissions.get", id_input(folder));
        for (const auto& one : now.at("permissions").as_array()) {
            if (one.at("type") == "custom" && one.at("right_id") == who) {
                return one.at("permissions");
            }
        }
        return nullptr;
    };
    set({"see", "see_contents"});
    CHECK(rights() == json::value(json::array{"see", "see_contents"}));
    set({"see"});
    set({"see"});
    CHECK(rights() == json::value(json::array{"see"}));
    set({});
    CHECK(rights().is_null());
    CHECK(set({}).at("changed") == false);
    b.check_clean();
}

TEST_CASE("xecm: calls go on over the end of all sessions", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t w = b.workspace("campaign", "C-1001");
    b.people("expire-sessions", {});
    CHECK(b.call("workspaces.get", id_input(w)).at("id") == w);
    b.check_clean();
}

TEST_CASE("xecm: a connection in use outlives the session's time-out", "[plugins][xecm][sandbox]") {
    bridged b({}, {{"session_timeout_ms", "60000"}});
    const std::int64_t w = b.workspace("campaign", "C-1001");
    for (int i = 0; i < 5; ++i) {
        b.wait(std::chrono::seconds(40));
        b.call("workspaces.get", id_input(w));
    }
    std::size_t logins = 0;
    for (const auto& r : b.emulator->requests())
        logins += r.target.ends_with("/api/v1/auth");
    CHECK(logins == 1);
    b.check_clean();
}
