// SPDX-License-Identifier: Apache-2.0
//
// Deliverables of vendors in a fake host: one asset, one item, a person on either side.
#include "flow.hpp"
#include "support/catch.hpp"

#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;

namespace {

struct bench {
    explicit bench(const json::value& settings = json::object())
        : flow(host.create_flow(mortise::flow<vendor_deliverables::flow>(), settings)) {
        flow.on("dam", "assets.get", [this](const json::value&) { return asset(); });
        flow.on("dam", "versions.list", [this](const json::value&) -> json::value {
            return {{"versions", versions()}};
        });
        flow.answer("dam", "collections.of_asset", {{"collections", json::array{}}});
        flow.on("dam", "metadata.get", [this](const json::value&) -> json::value {
            return {{"values", fields}};
        });
        flow.on("dam", "metadata.set", [this](const json::value& in) -> json::value {
            for (const auto& [name, v] : in.at("values").as_object())
                fields[name] = v;
            return {{"changed", true}};
        });
        flow.on("dam", "comments.add", [this](const json::value& in) -> json::value {
            CHECK(in.at("external_id").as_string().starts_with("mortise:"));
            comments.emplace_back(in.at("text").as_string());
            return {{"id", "c"}};
        });
        flow.on("dam", "approvals.request", [this](const json::value&) -> json::value {
            approval = "REQUESTED";
            return {{"changed", true}};
        });
        flow.on("dam", "approvals.vote", [this](const json::value& in) -> json::value {
            CHECK(approval != "N/A"); // iconik refuses a vote without a request
            approval = in.at("status").as_string().c_str();
            votes.emplace_back(approval);
            return {{"changed", true}};
        });
        flow.on("dam", "approvals.withdraw", [this](const json::value&) -> json::value {
            approval = "N/A";
            return {{"changed", true}};
        });
        flow.on("dam", "comments.list", [this](const json::value&) -> json::value {
            return {{"comments", listed}};
        });
        flow.on("workspaces", "workspaces.find", [this](const json::value& in) -> json::value {
            const auto at = vendors.find(in.at("bo_id").as_string().c_str());
            if (at == vendors.end()) return {{"found", false}};
            return {{"found", true}, {"workspace", {{"id", at->second}}}};
        });
        flow.on("workspaces", "workspaces.get", [](const json::value& in) -> json::value {
            return {{"id", in.at("id")}, {"name", "Vendor"}};
        });
        flow.on("workspaces", "nodes.path_ensure", [](const json::value& in) -> json::value {
            return {{"id", in.at("parent_id").as_int64() + 1}};
        });
        flow.on("workspaces", "nodes.create_url", [this](const json::value& in) -> json::value {
            ++made;
            there = true;
            keep_item(in);
            values = json::object();
            return {{"id", 900}};
        });
        flow.on("workspaces", "nodes.update", [this](const json::value& in) -> json::value {
            if (!there) throw error(category::not_found, "test.gone", "no such item");
            keep_item(in);
            return {{"id", 900}};
        });
        flow.on("workspaces", "categories.list", [this](const json::value&) -> json::value {
            return {
                {"categories", {{{"id", 1}, {"name", "Vendor Deliverable"}, {"values", values}}}}};
        });
        flow.on("workspaces", "categories.set", [this](const json::value& in) -> json::value {
            for (const auto& [name, v] : in.at("values").as_object())
                values[name] = v;
            return {{"changed", true}};
        });
        flow.on("workspaces", "comments.add", [this](const json::value& in) -> json::value {
            notes.emplace_back(in.at("text").as_string());
            return {{"id", 1}};
        });
    }

    void keep_item(const json::value& in) {
        folder = in.at("parent_id").as_int64();
        url = in.at("url").as_string().c_str();
    }
    json::array versions() const {
        json::array out;
        for (int v = version; v >= 1; --v)
            out.push_back(json::object{{"id", "v-" + std::to_string(v)},
                                       {"version_number", v},
                                       {"created_at", "2026-05-0" + std::to_string(v)}});
        return out;
    }
    json::value asset() const {
        if (gone) throw error(category::not_found, "iconik.asset.not-found", "no such asset");
        return {{"id", "a-1"},
                {"title", "Vendor cut"},
                {"status", "ACTIVE"},
                {"versions", versions()},
                {"version_id", "v-" + std::to_string(version)},
                {"approval", {{"status", approval}}}};
    }
    test_run tell(const char* type, json::object data = {}) {
        const bool ours = std::string_view(type).starts_with("xecm.");
        data["asset_id"] = "a-1";
        return flow.start({type, "e-" + std::to_string(++events), ours ? "900" : "a-1", data});
    }
    json::value tracked(const char* type = "iconik.asset.metadata-changed") {
        const auto run = tell(type);
        host.advance(std::chrono::minutes(1));
        return run.result();
    }
    std::string field(const char* name) const {
        const auto* v = fields.if_contains(name);
        return v == nullptr || v->as_array().empty() ? "" : v->as_array()[0].as_string().c_str();
    }
    void finish() {
        flow.destroy();
        CHECK(host.violations() == std::vector<std::string>{});
    }

    fake_host host;
    flow_harness flow;
    int events = 0, version = 1, made = 0;
    bool gone = false, there = false;
    std::int64_t folder = 0;
    std::string approval = "N/A", url;
    json::object fields{{"vendor_id", {"V-4001"}}};
    json::object values;
    json::array listed;
    std::map<std::string, std::int64_t> vendors{{"V-4001", 400}, {"V-4002", 500}};
    std::vector<std::string> comments, votes, notes;
};

bool holds(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a vendor's asset becomes an item that names its exact version",
          "[vendor-deliverables]") {
    bench b;
    const auto done = b.tracked();
    CHECK(done.at("deliverable") == true);
    CHECK(b.made == 1);
    CHECK(b.folder == 401);
    CHECK(holds(b.url, "a-1?version=v-1"));
    CHECK(b.values.at("Version") == 1);
    CHECK(b.values.at("Approval") == "Pending");

    SECTION("and the same news again change nothing") {
        const auto before = b.values;
        const auto run = b.tell("iconik.asset.updated");
        b.host.advance(std::chrono::minutes(1));
        REQUIRE(run.finished());
        CHECK(b.made == 1);
        b.tracked("xecm.node.changed");
        CHECK(b.values.at("Version") == before.at("Version"));
        CHECK(b.values.at("Approval") == before.at("Approval"));
        CHECK(b.votes.empty());
    }
    SECTION("feedback, approval and invoice decided there come back") {
        b.values["Feedback"] = "logo too small";
        b.values["Approval"] = "Rejected";
        b.values["Invoice State"] = "Received";
        b.tracked("xecm.node.changed");
        CHECK(b.field("vendor_feedback") == "logo too small");
        CHECK(b.field("invoice_status") == "Received");
        CHECK(b.votes == std::vector<std::string>{"NOT_APPROVED"});
        REQUIRE(b.comments.size() == 1);
        CHECK(holds(b.comments[0], "Feedback on version 1: logo too small"));
        b.tracked("iconik.asset.approval-changed"); // our own vote comes back
        CHECK(b.votes.size() == 1);
        b.tracked("iconik.comment.added"); // as our comment does
        CHECK(b.comments.size() == 1);
        CHECK(b.values.at("Approval") == "Rejected");
        b.values["Feedback"] = "logo still too small";
        b.tracked("xecm.node.changed");
        CHECK(b.comments.size() == 2);
    }
    SECTION("an approval in iconik goes there") {
        b.approval = "APPROVED";
        b.tracked("iconik.asset.approved");
        CHECK(b.values.at("Approval") == "Approved");
        CHECK(b.votes.empty());
    }
    SECTION("decided on both sides: the workspace's word stays") {
        b.approval = "APPROVED";
        b.values["Approval"] = "Rejected";
        const auto run = b.tracked("xecm.node.changed");
        CHECK(b.approval == "NOT_APPROVED");
        CHECK(b.values.at("Approval") == "Rejected");
        CHECK_FALSE(run.at_pointer("/sync/conflicts").as_array().empty());
    }
    SECTION("an approval that iconik has not is an error that names it") {
        b.values["Approval"] = "Mixed";
        const auto run = b.tell("xecm.node.changed");
        b.host.advance(std::chrono::minutes(1));
        REQUIRE(run.outcome().failure);
        CHECK(holds(run.outcome().failure->message, "MIXED"));
        CHECK(holds(run.outcome().failure->message, "retry this run"));
    }
    b.finish();
}

TEST_CASE("versions that come in quick succession are all there, in order",
          "[vendor-deliverables]") {
    bench b;
    b.tracked();
    b.values["Feedback"] = "logo too small";
    b.values["Approval"] = "Rejected";
    b.tracked("xecm.node.changed");
    b.version = 4; // two events late, one lost
    b.approval = "REQUESTED";
    b.tracked("iconik.asset.version-created");
    b.tracked("iconik.asset.version-created");
    const auto& rows = b.values.at("Versions").as_array();
    REQUIRE(rows.size() == 4);
    for (std::size_t i = 0; i < rows.size(); ++i)
        CHECK(rows[i].at("Version") == static_cast<int>(i) + 1);
    CHECK(rows[0].at("Approval") == "Rejected");
    CHECK(rows[0].at("Feedback") == "logo too small");
    CHECK(b.values.at("Version") == 4);
    CHECK(holds(b.url, "version=v-4"));
    // The new version's request stands; what was said of the old one is not said of it.
    CHECK(b.approval == "REQUESTED");
    CHECK(b.values.at("Approval") == "In Review");
    CHECK(b.values.at("Feedback").is_null());
    CHECK(b.field("vendor_feedback").empty());
    CHECK(b.made == 1);
    b.finish();
}

TEST_CASE("another vendor takes the deliverable along", "[vendor-deliverables]") {
    bench b;
    b.tracked();
    b.fields["vendor_id"] = json::array{"V-4002"};
    b.tracked();
    CHECK(b.folder == 501);
    CHECK(b.made == 1);
    CHECK(b.values.at("Vendor ID") == "V-4002");
    REQUIRE(b.notes.size() == 1);
    CHECK(holds(b.notes[0], "Moved from vendor V-4001"));
    b.finish();
}

TEST_CASE("without a vendor, or without the asset, the deliverable is withdrawn",
          "[vendor-deliverables]") {
    bench b;
    b.tracked();
    SECTION("vendor taken out") {
        b.fields["vendor_id"] = json::array{};
    }
    SECTION("asset deleted") {
        b.gone = true;
    }
    b.tracked("iconik.asset.deleted");
    CHECK(b.values.at("Status") == "Withdrawn");
    b.finish();
}

TEST_CASE("an item that a person takes away comes back with the next version only",
          "[vendor-deliverables]") {
    bench b;
    b.tracked();
    b.there = false;
    CHECK(b.tracked("xecm.node.deleted").at("removed") == true);
    CHECK(b.made == 1);
    b.version = 2;
    b.tracked("iconik.asset.version-created");
    CHECK(b.made == 2);
    CHECK(b.values.at("Version") == 2);
    b.finish();
}

TEST_CASE("comments in iconik are written on the item, those from there are not",
          "[vendor-deliverables]") {
    bench b;
    b.tracked();
    b.listed = {{{"id", "c-1"}, {"text", "please fix"}, {"version_id", "v-1"}},
                {{"id", "c-2"}, {"text", "ours"}, {"external_id", "mortise:feedback/1"}}};
    b.tell("iconik.comment.added", {{"comment_id", "c-1"}});
    b.tell("iconik.comment.added", {{"comment_id", "c-2"}});
    b.host.advance(std::chrono::minutes(1));
    CHECK(b.notes == std::vector<std::string>{"iconik, version 1: please fix"});
    b.finish();
}

TEST_CASE("a wrong vendor ends as an error that names the field and the fix",
          "[vendor-deliverables]") {
    bench b(json::value{{"wait_for_workspace", {{"longest", "0s"}}}});
    SECTION("no workspace") {
        b.fields["vendor_id"] = json::array{"V-9"};
    }
    SECTION("several vendors") {
        b.fields["vendor_id"] = json::array{"V-4001", "V-4002"};
    }
    SECTION("malformed") {
        b.fields["vendor_id"] = json::array{"Studio Halbinsel!"};
    }
    const auto run = b.tell("iconik.asset.metadata-changed");
    REQUIRE(run.outcome().failure);
    CHECK(holds(run.outcome().failure->message, "metadata field \"vendor_id\""));
    CHECK(holds(run.outcome().failure->message, "retry this run"));
    CHECK(b.made == 0);
    b.finish();
}

TEST_CASE("assets of nobody are left alone", "[vendor-deliverables]") {
    bench b;
    b.fields.clear();
    CHECK(b.tracked().at("deliverable") == false);
    CHECK(b.tracked("xecm.node.changed").at("deliverable") == false);
    CHECK(b.made == 0);
    b.finish();
}
