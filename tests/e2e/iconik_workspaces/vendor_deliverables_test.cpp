// SPDX-License-Identifier: Apache-2.0
// vendor-deliverables on the sandbox, with the host in process.
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "world.hpp"

#include <boost/json.hpp>

using mortise::host::run_state;
using mortise::test::eventually;
using mortise::test::seen_node;
using mortise::test::world;
namespace json = boost::json;

namespace {

constexpr const char* cut = "radio-spot";
constexpr const char* title = "Radio Spot 30s";
constexpr const char* vendor = "V-4001";

world::options deliverables(const std::string& settings = {}) {
    world::options o;
    o.flows =
        world::flow("deliverables", "vendor-deliverables",
                    "asset_link = \"{iconik}/asset/{asset_id}?version={version_id}\"\n" + settings);
    o.otcs["watch_node_categories"] = "[\"Vendor Deliverable\"]";
    o.webhook_types.emplace_back("segments"); // comments, our own too
    return o;
}

struct agency {
    explicit agency(const std::string& settings = {}) : w(deliverables(settings)) {}

    void name_vendor(const std::string& id) {
        w.play_iconik("set-metadata",
                      {{"asset", cut}, {"values", {{"vendor_id", json::array{json::value(id)}}}}});
    }
    std::vector<seen_node> items(const std::string& of = vendor) {
        std::vector<seen_node> out;
        for (const auto& n : w.nodes_in(of, "Deliverables", "vendor"))
            if (n.name.find(title) != std::string::npos) out.push_back(n);
        return out;
    }
    // The vendor delivers the cut; its item.
    std::int64_t deliver() {
        w.advance_otcs(std::chrono::seconds(2)); // dates there have seconds, and polls are quick
        name_vendor(vendor);
        REQUIRE(eventually(
            [&] { return items().size() == 1 && says(items()[0].id, "Approval", "Pending"); }));
        REQUIRE(eventually([&] { return w.settled(); }));
        return items().front().id;
    }
    bool says(std::int64_t item, const std::string& attribute, const std::string& text) {
        return w.attribute(item, attribute) == text;
    }
    void person_sets(std::int64_t item, const json::object& values) {
        // Dates have seconds there; people do not write twice in one.
        w.advance_otcs(std::chrono::seconds(2));
        w.play_otcs("set-category",
                    {{"node", item}, {"category", "Vendor Deliverable"}, {"values", values}});
    }
    std::size_t times_said(const std::string& part) {
        std::size_t n = 0;
        for (const auto& text : w.comments_on(cut))
            n += text.find(part) != std::string::npos;
        return n;
    }
    // A column of the set "Versions" (attribute 12 of category 4500), row by row.
    std::vector<std::string> rows(std::int64_t item, int column) {
        const auto answer = w.get_otcs("/v2/nodes/" + std::to_string(item) + "/categories/4500");
        const auto& values = answer.at_pointer("/results/data/categories").as_object();
        std::vector<std::string> out;
        for (int row = 1;; ++row) {
            const auto* v =
                values.if_contains("4500_12_" + std::to_string(row) + '_' + std::to_string(column));
            if (v == nullptr) return out;
            if (v->is_string())
                out.emplace_back(v->as_string());
            else
                out.push_back(json::serialize(*v));
        }
    }

    world w;
};

} // namespace

TEST_CASE("a vendor's media is tracked in the vendor's workspace, and what is decided comes back",
          "[e2e][vendor]") {
    agency a;
    a.w.start_host();
    const auto item = a.deliver();
    CHECK(a.items().front().url.find(world::asset_id(cut)) != std::string::npos);
    CHECK(a.w.attribute(item, "Version") == "1");
    CHECK(a.w.attribute(item, "Vendor ID") == vendor);

    SECTION("feedback, approval and invoice of the workspace reach the asset, once") {
        a.person_sets(item, {{"Feedback", "voice too low"},
                             {"Approval", "Rejected"},
                             {"Invoice State", "Received"}});
        CHECK(eventually([&] { return a.w.approval_of(cut) == "NOT_APPROVED"; }));
        CHECK(
            eventually([&] { return a.w.asset_field(cut, "vendor_feedback") == "voice too low"; }));
        CHECK(eventually([&] { return a.w.asset_field(cut, "invoice_status") == "Received"; }));
        CHECK(eventually([&] { return a.times_said("voice too low") == 1; }));
        REQUIRE(eventually([&] { return a.w.settled(); }));
        a.person_sets(item, {{"Invoice State", "Paid"}});
        CHECK(eventually([&] { return a.w.asset_field(cut, "invoice_status") == "Paid"; }));
        REQUIRE(eventually([&] { return a.w.settled(); }));
        CHECK(a.times_said("voice too low") == 1);
        CHECK(a.w.approval_of(cut) == "NOT_APPROVED");
    }
    SECTION("a comment in iconik is on the item, once") {
        a.w.play_iconik("add-comment", {{"asset", cut}, {"text", "louder, please"}});
        const auto notes = [&] {
            std::size_t n = 0;
            const auto list = a.w.get_otcs(
                "/v1/pulse/statuses/public_timeline?count=100&object_id=" + std::to_string(item));
            for (const auto& s : list.at("data").as_array())
                n += s.at("text").as_string().find("louder, please") != std::string::npos;
            return n;
        };
        CHECK(eventually([&] { return notes() == 1; }));
        REQUIRE(eventually([&] { return a.w.settled(); }));
        CHECK(notes() == 1);
        CHECK(a.times_said("louder, please") == 1);
    }
    SECTION("an approval in iconik reaches the workspace") {
        a.w.play_iconik("approve-asset", {{"asset", cut}});
        CHECK(eventually([&] { return a.says(item, "Approval", "Approved"); }));
    }
    SECTION("versions in quick succession are all there, in order") {
        a.person_sets(item, {{"Feedback", "voice too low"}});
        REQUIRE(eventually([&] { return a.times_said("voice too low") == 1; }));
        REQUIRE(eventually([&] { return a.w.settled(); }));
        for (int i = 0; i < 3; ++i)
            a.w.play_iconik("add-version", {{"asset", cut}});
        CHECK(eventually([&] { return a.says(item, "Version", "4"); }));
        REQUIRE(eventually([&] { return a.w.settled(); }));
        CHECK(a.rows(item, 13) == std::vector<std::string>{"1", "2", "3", "4"});
        CHECK(a.rows(item, 17).front() == "voice too low");
        CHECK(a.w.attribute(item, "Feedback").empty());
        CHECK(a.w.asset_field(cut, "vendor_feedback").empty());
        CHECK(a.items().size() == 1);
        CHECK(a.items().front().url.find("version=") != std::string::npos);
    }
    SECTION("the same news again change nothing") {
        a.name_vendor(vendor);
        REQUIRE(eventually([&] { return a.w.settled(); }));
        CHECK(a.items().size() == 1);
    }
    SECTION("another vendor takes it along") {
        a.w.play_otcs("create-workspace", {{"bo_type", "vendor"}, {"bo_id", "V-4002"}});
        a.name_vendor("V-4002");
        CHECK(eventually([&] { return a.items("V-4002").size() == 1; }));
        CHECK(a.items().empty());
        CHECK(eventually([&] { return a.says(item, "Vendor ID", "V-4002"); }));
    }
    SECTION("a deleted asset is withdrawn") {
        a.w.play_iconik("delete-asset", {{"asset", cut}});
        CHECK(eventually([&] { return a.says(item, "Status", "Withdrawn"); }));
    }
    REQUIRE(eventually([&] { return a.w.settled(); }));
    CHECK(a.w.dead_letter().empty());
}

TEST_CASE("a fault in the middle delays a deliverable and doubles nothing", "[e2e][vendor]") {
    agency a;
    a.w.start_host();
    a.w.fault_otcs(
        {{"path", "/otcs/cs/api/v2/nodes"}, {"method", "POST"}, {"status", 503}, {"count", 3}});
    a.deliver();
    CHECK(a.w.dead_letter().empty());
    CHECK(a.items().size() == 1);
}

TEST_CASE("a wrong vendor becomes a dead letter that names the field and the fix",
          "[e2e][vendor]") {
    agency a("wait_for_workspace = { longest = \"0s\" }");
    a.w.start_host();
    SECTION("without a workspace") {
        a.name_vendor("V-9999");
    }
    SECTION("malformed") {
        a.name_vendor("Studio Halbinsel?");
    }
    REQUIRE(eventually([&] { return !a.w.dead_letter().empty(); }));
    CHECK(a.w.dead_letter().find("metadata field \"vendor_id\"") != std::string::npos);
    CHECK(a.w.dead_letter().find("retry") != std::string::npos);
    CHECK(a.items().empty());
    // As the message says.
    a.name_vendor(vendor);
    CHECK(a.w.mended());
    CHECK(a.items().size() == 1);
}
