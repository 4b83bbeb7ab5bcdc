// SPDX-License-Identifier: Apache-2.0
//
// Walking all workspaces of the sandbox's Content Server.
#include "bridged.hpp"

#include <algorithm>
#include <set>

using namespace xecm_test;

namespace {

json::object campaigns() {
    json::object out;
    out["watch_workspace_types"] = json::array{"Campaign"};
    out["watch_workspace_categories"] = json::array{"Campaign"};
    return out;
}

std::set<std::string> created(const std::vector<std::string>& lines) {
    std::set<std::string> out;
    const std::string type = "xecm.workspace.created ";
    for (const auto& l : lines)
        if (l.starts_with(type)) out.insert(l.substr(type.size()));
    return out;
}

std::set<std::string> listed(bridged& b, const char* type) {
    std::set<std::string> out;
    const auto answer =
        b.call("workspaces.search", json::object{{"workspace_type", type}, {"limit", 1000}});
    for (const auto& w : answer.at("workspaces").as_array())
        out.insert(std::to_string(w.at("id").as_int64()));
    return out;
}

// More than a page holds.
void add_campaigns(bridged& b, int n) {
    for (int i = 0; i < n; ++i) {
        b.emulator->act("create-workspace", {{"bo_type", "campaign"},
                                             {"bo_id", "W-" + std::to_string(100 + i)},
                                             {"name", "Walk " + std::to_string(100 + i)}});
    }
    b.wait();
}

} // namespace

TEST_CASE("xecm: a backfill brings every workspace of the watched types, page after page",
          "[plugins][xecm][sandbox]") {
    bridged b(campaigns());
    add_campaigns(b, 60);
    b.poll();
    REQUIRE(b.news().empty());
    const auto cursor = b.xecm->cursor("changes");
    CHECK(b.xecm->backfill_all("changes") >= 3);
    const auto all = listed(b, "Campaign");
    CHECK(all.size() > 60);
    CHECK(created(b.news()) == all);
    CHECK(b.xecm->cursor("changes") == cursor);
    CHECK(b.xecm->events().back().data.at("type_name") == "Campaign");
    SECTION("a second one brings nothing that is new") {
        b.xecm->backfill_all("changes");
        CHECK(b.news().empty());
    }
    SECTION("and watching goes on as if nothing had been") {
        b.poll();
        b.poll();
        CHECK(b.news().empty());
    }
    b.check_clean();
}

TEST_CASE("xecm: without types a backfill brings the workspaces of all",
          "[plugins][xecm][sandbox]") {
    bridged b;
    b.xecm->backfill_all("changes");
    const auto found = created(b.news());
    for (const auto& id : listed(b, "Campaign"))
        CHECK(found.contains(id));
    CHECK(found.size() > listed(b, "Campaign").size());
    b.check_clean();
}

TEST_CASE("xecm: a backfill misses nobody when workspaces before its place go away",
          "[plugins][xecm][sandbox]") {
    bridged b(campaigns());
    add_campaigns(b, 60);
    b.xecm->open("changes");
    REQUIRE(b.xecm->backfill("changes", "").value().at("done") == false);
    const auto seen = created(b.news());
    REQUIRE(seen.size() >= 20);
    auto left = listed(b, "Campaign");
    int gone = 0;
    for (const auto& id : seen) {
        if (++gone > 7) break;
        b.people("delete", {{"node", std::stoll(id)}});
        left.erase(id);
    }
    b.wait();
    REQUIRE(listed(b, "Campaign") == left);
    bool done = false;
    for (int pages = 0; !done; ++pages) {
        REQUIRE(pages < 10);
        done = b.xecm->backfill("changes").value().at("done") == true;
    }
    auto all = created(b.news());
    all.insert(seen.begin(), seen.end());
    for (const auto& id : left)
        CHECK(all.contains(id));
    b.check_clean();
}

TEST_CASE("xecm: a backfill's position of another make is refused", "[plugins][xecm][sandbox]") {
    bridged b(campaigns());
    b.xecm->open("changes");
    const auto newer = b.xecm->backfill("changes", R"({"v":2})");
    REQUIRE(newer.failure);
    CHECK(newer.failure->category == mortise::category::config);
    CHECK(b.xecm->backfill("changes", "garbage").failure);
    // Watched types became fewer meanwhile: there is nothing left to walk.
    CHECK(b.xecm->backfill("changes", R"({"v":1,"type":7,"page":3,"last":1})").value().at("done") ==
          true);
    CHECK(b.xecm->events().empty());
}

TEST_CASE("xecm: a backfill walks items and documents with the ids of the poll",
          "[plugins][xecm][sandbox]") {
    json::object more;
    more["watch_workspace_types"] = json::array{"Vendor"};
    more["watch_node_categories"] = json::array{"Media Reference"};
    more["watch_documents_in"] = json::array{"Vendor"};
    bridged b(more);
    b.poll();
    const std::int64_t w = b.workspace("vendor", "V-4001");
    std::set<std::string> items;
    const std::int64_t folder = b.media_folder(w);
    for (int i = 0; i < 30; ++i) {
        const std::string name = "Spot " + std::to_string(i);
        items.insert("xecm.node.changed " +
                     std::to_string(b.reference(folder, name.c_str(), "a-1")));
    }
    const json::value document = b.people(
        "upload-document",
        {{"bo_id", "V-4001"}, {"folder", "Invoices"}, {"name", "Invoice.pdf"}, {"content", "1"}});
    b.people("upload-document",
             {{"bo_id", "V-4001"}, {"folder", "Invoices"}, {"name", "Invoice.pdf"}});
    const std::string id = std::to_string(document.at("id").as_int64());
    items.insert("xecm.document.added " + id);
    items.insert("xecm.document.version-added " + id);
    b.xecm->open("changes");
    CHECK(b.xecm->backfill_all("changes") >= 4);
    const auto walked = b.news();
    const std::set<std::string> all(walked.begin(), walked.end());
    for (const auto& one : items)
        CHECK(all.contains(one));
    CHECK(all.contains("xecm.workspace.created " + std::to_string(w)));
    // The poll finds the same facts, and so the same ids.
    b.poll();
    CHECK(b.news().empty());
    b.check_clean();
}
