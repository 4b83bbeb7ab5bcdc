// SPDX-License-Identifier: Apache-2.0
//
// The trigger against the sandbox's Content Server.
#include "bridged.hpp"

using namespace xecm_test;

namespace {

json::object watching() {
    json::object out;
    out["watch_workspace_types"] = json::array{"Campaign"};
    out["watch_workspace_categories"] = json::array{"Campaign"};
    out["watch_node_categories"] = json::array{"Media Reference"};
    return out;
}

using lines = std::vector<std::string>;

std::string line(const char* type, std::int64_t id) {
    return type + (' ' + std::to_string(id));
}

json::object status(const char* bo_id, const char* value) {
    return {
        {"bo_id", bo_id}, {"category", "Campaign"}, {"values", json::object{{"Status", value}}}};
}

} // namespace

TEST_CASE("xecm: what was there before watching began is no news", "[plugins][xecm][sandbox]") {
    bridged b(watching());
    b.poll();
    b.wait();
    b.poll();
    b.poll();
    CHECK(b.news().empty());
    b.check_clean();
}

TEST_CASE("xecm: a changed attribute of a watched workspace is one event",
          "[plugins][xecm][sandbox]") {
    bridged b(watching());
    const std::int64_t w = b.workspace("campaign", "C-1002");
    b.poll();
    b.people("set-category", status("C-1002", "Active"));
    b.poll();
    CHECK(b.news() == lines{line("xecm.workspace.changed", w)});
    const auto& e = b.xecm->events().back();
    CHECK(e.data.at("categories").at("Campaign").at("Status") == "Active");
    CHECK(e.data.at("business_objects").at(0).at("bo_id") == "C-1002");
    CHECK(e.data.at("type_name") == "Campaign");
    // Workspace lists have local times without a zone, which name no instant.
    CHECK_FALSE(e.time.has_value());
    b.poll();
    b.poll();
    CHECK(b.news().empty());
    b.check_clean();
}

TEST_CASE("xecm: two changes within one second are two events", "[plugins][xecm][sandbox]") {
    bridged b(watching());
    const std::int64_t w = b.workspace("campaign", "C-1002");
    b.poll();
    b.people("set-category", status("C-1002", "Active"), std::chrono::milliseconds(0));
    b.poll();
    b.people("set-category", status("C-1002", "On hold"), std::chrono::milliseconds(0));
    b.poll();
    CHECK(b.news() == lines{line("xecm.workspace.changed", w), line("xecm.workspace.changed", w)});
    CHECK(b.xecm->events().back().data.at("categories").at("Campaign").at("Status") == "On hold");
}

TEST_CASE("xecm: a renamed workspace is an event, one of another type is not",
          "[plugins][xecm][sandbox]") {
    bridged b(watching());
    const std::int64_t w = b.workspace("campaign", "C-1001");
    b.poll();
    b.people("rename", {{"bo_id", "A-2001"}, {"name", "Nordlicht"}});
    b.poll();
    CHECK(b.news().empty());
    b.people("rename", {{"bo_id", "C-1001"}, {"name", "Spring"}});
    b.poll();
    CHECK(b.news() == lines{line("xecm.workspace.changed", w)});
    b.check_clean();
}

TEST_CASE("xecm: attributes that are not watched are no news after the first look",
          "[plugins][xecm][sandbox]") {
    bridged b(watching());
    b.poll();
    b.people("set-category", status("C-1002", "Active"));
    b.poll();
    b.news();
    b.people("set-category", {{"bo_id", "C-1002"},
                              {"category", "Rights"},
                              {"values", json::object{{"Usage Rights", "web"}}}});
    b.poll();
    CHECK(b.news().empty());
}

TEST_CASE("xecm: a new workspace is created, not changed", "[plugins][xecm][sandbox]") {
    bridged b(watching());
    b.poll();
    const auto made = b.people("create-workspace", {{"bo_type", "campaign"}, {"bo_id", "C-1003"}});
    b.poll();
    b.poll();
    CHECK(b.news() == lines{line("xecm.workspace.created", made.at("id").as_int64())});
    b.check_clean();
}

TEST_CASE("xecm: a poll repeated from the same position makes the same events",
          "[plugins][xecm][sandbox]") {
    bridged b(watching());
    b.poll();
    const auto cursor = b.xecm->cursor("changes");
    b.people("set-category", status("C-1002", "Active"));
    b.poll();
    CHECK(b.news().size() == 1);
    const auto before = b.xecm->events().back();
    // The host was stopped before the position was stored, and the state is lost as well.
    bridged fresh(watching());
    fresh.poll();
    fresh.people("set-category", status("C-1002", "Active"));
    fresh.xecm->poll("changes", cursor).value();
    CHECK(fresh.xecm->events().back().id == before.id);
    b.xecm->poll("changes", cursor).value();
    CHECK(b.news().empty());
}

TEST_CASE("xecm: a position that cannot be read begins anew and says so",
          "[plugins][xecm][sandbox]") {
    bridged b(watching());
    b.xecm->poll("changes", std::string("{broken")).value();
    CHECK(b.news().empty());
    bool said = false;
    for (const auto& l : b.host.log()) {
        said = said || l.message.find("cannot be read") != std::string::npos;
    }
    CHECK(said);
    b.people("set-category", status("C-1002", "Active"));
    b.poll();
    CHECK(b.news().size() == 1);
}

TEST_CASE("xecm: a reference that appears, changes and is deleted is told each time once",
          "[plugins][xecm][sandbox]") {
    bridged b(watching());
    const std::int64_t w = b.workspace("campaign", "C-1001");
    const std::int64_t folder = b.media_folder(w);
    b.wait();
    b.poll();
    const std::int64_t id = b.reference(folder, "Hero Film", "a-1");
    b.wait();
    b.poll();
    CHECK(b.news() == lines{line("xecm.node.changed", id)});
    CHECK(b.xecm->events().back().data.at("workspace_id") == w);
    CHECK(b.xecm->events().back().time.has_value());
    b.poll();
    b.poll();
    CHECK(b.news().empty());

    b.people("set-category", {{"node", id},
                              {"category", "Media Reference"},
                              {"values", json::object{{"Approval Status", "rejected"}}}});
    b.poll();
    CHECK(b.news() == lines{line("xecm.node.changed", id)});
    const auto& data = b.xecm->events().back().data;
    CHECK(data.at("categories").at("Media Reference").at("Approval Status") == "rejected");
    CHECK(data.at("workspace_id") == w);

    b.people("delete", {{"node", id}});
    b.poll();
    CHECK(b.news() == lines{line("xecm.node.deleted", id)});
    CHECK(b.xecm->events().back().data.at("name") == "Hero Film");
    CHECK(b.xecm->events().back().data.at("workspace_id") == w);
    b.poll();
    CHECK(b.news().empty());
    b.check_clean();
}

TEST_CASE("xecm: references from before watching are known and their changes told",
          "[plugins][xecm][sandbox]") {
    bridged b(watching());
    const std::int64_t folder = b.media_folder(b.workspace("campaign", "C-1001"));
    const std::int64_t first = b.reference(folder, "One", "a-1");
    const std::int64_t second = b.reference(folder, "Two", "a-2");
    b.wait();
    b.poll();
    CHECK(b.news().empty());
    b.people("rename", {{"node", first}, {"name", "One renamed"}});
    b.people("delete", {{"node", second}});
    b.poll();
    CHECK(b.news() == lines{line("xecm.node.changed", first), line("xecm.node.deleted", second)});
    b.check_clean();
}

TEST_CASE("xecm: items without a watched category are no news", "[plugins][xecm][sandbox]") {
    bridged b(watching());
    const std::int64_t folder = b.media_folder(b.workspace("campaign", "C-1001"));
    b.wait();
    b.poll();
    b.people("upload-document", {{"node", folder}, {"name", "x.txt"}, {"content", "x"}});
    b.poll();
    CHECK(b.news().empty());
}

TEST_CASE("xecm: many references are found and looked at page by page",
          "[plugins][xecm][sandbox]") {
    const char* quirk = GENERATE("last", "first", "empty");
    bridged b(watching(), {{"out_of_range_page", quirk}});
    const std::int64_t folder = b.media_folder(b.workspace("campaign", "C-1001"));
    b.wait();
    b.poll();
    for (int i = 0; i < 205; ++i) {
        b.reference(folder, ("Film " + std::to_string(i)).c_str(), "a");
    }
    b.wait();
    b.poll();
    CHECK(b.news().size() == 205);
    b.poll();
    b.poll();
    CHECK(b.news().empty());
}

TEST_CASE("xecm: a category that cannot be watched is told as a setting",
          "[plugins][xecm][sandbox]") {
    auto settings = watching();
    settings["watch_node_categories"] = json::array{"Media"};
    bridged b(settings);
    const auto e = b.xecm->poll("changes").failure.value_or(mortise::error());
    CHECK(e.category == mortise::category::config);
    CHECK(e.message.find("There is no category \"Media\"") != std::string::npos);
}

TEST_CASE("xecm: a poll that fails half-way loses nothing", "[plugins][xecm][sandbox]") {
    bridged b(watching());
    const std::int64_t w = b.workspace("campaign", "C-1002");
    b.poll();
    b.people("set-category", status("C-1002", "Active"));
    mortise::sandbox::fault broken;
    broken.path = "/otcs/cs/api/v2/businessworkspaces/{id}";
    broken.status = 503;
    b.emulator->faults().add(broken);
    const auto e = b.xecm->poll("changes").failure.value_or(mortise::error());
    CHECK(e.category == mortise::category::unavailable);
    b.poll();
    CHECK(b.news() == lines{line("xecm.workspace.changed", w)});
    b.check_clean();
}

TEST_CASE("xecm: a change later in the second of the last looks is found all the same",
          "[plugins][xecm][sandbox]") {
    bridged b;
    b.poll();
    b.wait();
    const auto set = [&](const char* status) {
        b.emulator->act(
            "set-category",
            {{"bo_id", "C-1001"}, {"category", "Campaign"}, {"values", {{"Status", status}}}});
    };
    set("Planned");
    b.poll();
    CHECK(b.news().size() == 1);
    b.poll();
    b.poll();
    // The server's clock still shows the same second.
    set("Completed");
    b.poll();
    CHECK(b.news().size() == 1);
    b.check_clean();
}
