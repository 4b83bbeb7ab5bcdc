// SPDX-License-Identifier: Apache-2.0
// account-media-links on the sandbox.
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "world.hpp"

#include <boost/json.hpp>

using mortise::host::run_state;
using mortise::test::eventually;
using mortise::test::world;
namespace json = boost::json;

namespace {

world::options accounts(const std::string& settings = {}) {
    world::options o;
    o.flows = world::flow("accounts", "account-media-links",
                          "reference.asset_link = \"{iconik}/asset/{asset_id}\"\n" + settings);
    return o;
}

const char* quick = "wait = { first = \"50ms\", longest = \"200ms\" }\n";

json::object tags(const char* account, const char* kind) {
    return {{"account_id", json::array{account}}, {"media_kind", json::array{kind}}};
}

std::size_t links(world& w, const std::string& title, const std::string& account) {
    return w.references_named(title, account, "account");
}

void create_account(world& w, const char* id) {
    w.play_otcs("create-workspace",
                {{"ext_system_id", "MRM"}, {"bo_type", "account"}, {"bo_id", id}});
}

} // namespace

TEST_CASE("a demo tagged with an account is linked in the account's workspace", "[e2e][account]") {
    world w(accounts());
    w.start_host();
    const auto id = w.add_asset("Lumen Demo", "brand", tags("A-2001", "Demo"));
    REQUIRE(eventually([&] { return links(w, "Lumen Demo", "A-2001") == 1 && w.settled(); }));
    const auto node = w.references("A-2001", "account").front();
    CHECK(node.url.find(id) != std::string::npos);
    CHECK(w.attribute(node.id, "Asset ID") == id);
    CHECK(w.runs(run_state::failed).empty());

    SECTION("tagged with another account, the link moves") {
        create_account(w, "A-2002");
        w.play_iconik("set-metadata", {{"asset", id}, {"values", tags("A-2002", "Demo")}});
        CHECK(eventually([&] {
            return links(w, "Lumen Demo", "A-2002") == 1 && links(w, "Lumen Demo", "A-2001") == 0;
        }));
    }
    SECTION("with no account any more, the link goes") {
        w.play_iconik("set-metadata", {{"asset", id}, {"values", {{"account_id", json::array{}}}}});
        CHECK(eventually([&] { return links(w, "Lumen Demo", "A-2001") == 0; }));
    }
    SECTION("of another kind, the link goes") {
        w.play_iconik("set-metadata", {{"asset", id}, {"values", tags("A-2001", "Training")}});
        CHECK(eventually([&] { return links(w, "Lumen Demo", "A-2001") == 0; }));
    }
    SECTION("deleted, the link goes") {
        w.play_iconik("delete-asset", {{"asset", id}});
        CHECK(eventually([&] { return links(w, "Lumen Demo", "A-2001") == 0; }));
    }
}

TEST_CASE("testimonials and recordings are linked, other kinds are not", "[e2e][account]") {
    world w(accounts());
    w.start_host();
    w.add_asset("A training", "brand", tags("A-2001", "Training"));
    w.add_asset("A testimonial", "brand", tags("A-2001", "Testimonial"));
    w.add_asset("A recording", "brand", tags("A-2001", "Recording"));
    REQUIRE(eventually([&] {
        return links(w, "A testimonial", "A-2001") == 1 && links(w, "A recording", "A-2001") == 1;
    }));
    REQUIRE(eventually([&] { return w.settled(); }));
    CHECK(w.references("A-2001", "account").size() == 2);
}

TEST_CASE("only approved media is linked when that is asked for", "[e2e][account]") {
    world w(accounts("approved_statuses = [\"APPROVED\"]\n"));
    w.start_host();
    const auto id = w.add_asset("Lumen Demo", "brand", tags("A-2001", "Demo"));
    REQUIRE(eventually([&] { return !w.runs(run_state::succeeded).empty() && w.settled(); }));
    CHECK(links(w, "Lumen Demo", "A-2001") == 0);
    w.play_iconik("approve-asset", {{"asset", id}});
    CHECK(eventually([&] { return links(w, "Lumen Demo", "A-2001") == 1; }));
}

TEST_CASE("a new account workspace is filled with all there is, page by page", "[e2e][account]") {
    world w(accounts("without_workspace = \"leave\"\npage_size = 5\n" + std::string(quick)));
    w.start_host();
    for (int i = 1; i <= 12; ++i)
        w.add_asset("Demo " + std::to_string(i) + ".", "brand", tags("A-2002", "Demo"));
    w.add_asset("A training", "brand", tags("A-2002", "Training"));
    w.add_asset("Elsewhere", "brand", tags("A-2001", "Demo"));
    REQUIRE(eventually([&] { return links(w, "Elsewhere", "A-2001") == 1 && w.settled(); }));
    CHECK(w.runs(run_state::failed).empty());

    create_account(w, "A-2002");
    REQUIRE(eventually([&] { return w.references("A-2002", "account").size() == 12; }));
    REQUIRE(eventually([&] { return w.settled(); }));
    CHECK(w.references("A-2002", "account").size() == 12);
    CHECK(links(w, "Elsewhere", "A-2002") == 0);
    CHECK(w.runs(run_state::failed).empty());
    int pages = 0;
    for (const auto& r : w.runs())
        pages += r.key.starts_with("backfill:A-2002:");
    CHECK(pages == 3);
}

TEST_CASE("an asset that needs a person does not hold up the others of a new workspace",
          "[e2e][account]") {
    world w(accounts("without_workspace = \"leave\"\npage_size = 2\n"));
    w.start_host();
    for (int i = 1; i <= 4; ++i)
        w.add_asset("Demo " + std::to_string(i) + ".", "brand", tags("A-2002", "Demo"));
    REQUIRE(eventually([&] { return w.runs(run_state::succeeded).size() >= 4 && w.settled(); }));
    // The newest comes first in the search: every page lies behind the one that fails.
    w.fault_iconik({{"method", "GET"},
                    {"path", "/API/files/v1/assets/*/proxies"},
                    {"status", 403},
                    {"body", {{"errors", json::array{"No access"}}}},
                    {"count", 1}});
    create_account(w, "A-2002");
    CHECK(eventually([&] { return w.references("A-2002", "account").size() == 3; }));
    REQUIRE(eventually([&] { return w.runs(run_state::failed).size() == 1; }));
    w.retry_dead_letters();
    CHECK(eventually([&] { return w.references("A-2002", "account").size() == 4; }));
    CHECK(eventually([&] { return w.settled(); }));
}

TEST_CASE("the same tag told twice gives one link", "[e2e][account]") {
    world w(accounts());
    w.start_host();
    w.fault_iconik({{"kind", "webhook-duplicate"}, {"count", 0}});
    w.add_asset("Lumen Demo", "brand", tags("A-2001", "Demo"));
    REQUIRE(eventually([&] { return links(w, "Lumen Demo", "A-2001") == 1; }));
    REQUIRE(eventually([&] { return w.settled() && w.stats().duplicates > 0; }));
    CHECK(links(w, "Lumen Demo", "A-2001") == 1);
}

TEST_CASE("a workspace that answers 503 and recovers gets its link", "[e2e][account]") {
    world w(accounts());
    w.start_host();
    w.fault_otcs(
        {{"path", "/otcs/cs/api/v2/nodes"}, {"method", "POST"}, {"status", 503}, {"count", 2}});
    w.add_asset("Lumen Demo", "brand", tags("A-2001", "Demo"));
    REQUIRE(eventually([&] { return links(w, "Lumen Demo", "A-2001") == 1 && w.settled(); }));
    CHECK(links(w, "Lumen Demo", "A-2001") == 1);
    CHECK(w.runs(run_state::failed).empty());
}

TEST_CASE("a tag that is no account id, or an account without a workspace, is a dead letter",
          "[e2e][account]") {
    world w(accounts(quick));
    w.start_host();
    SECTION("malformed") {
        const auto id = w.add_asset("Lumen Demo", "brand", tags("Nordlicht GmbH?", "Demo"));
        REQUIRE(eventually([&] { return !w.dead_letter().empty(); }));
        CHECK(w.dead_letter().find("\"account_id\"") != std::string::npos);
        CHECK(w.dead_letter().find("Nordlicht GmbH?") != std::string::npos);
        CHECK(w.references("A-2001", "account").empty());
        // As the message says.
        w.play_iconik("set-metadata", {{"asset", id}, {"values", tags("A-2001", "Demo")}});
        CHECK(w.mended());
        CHECK(w.references("A-2001", "account").size() == 1);
    }
    SECTION("unknown: waits first") {
        w.add_asset("Lumen Demo", "brand", tags("A-9999", "Demo"));
        REQUIRE(eventually([&] { return !w.dead_letter().empty(); }));
        CHECK(w.dead_letter().find("\"account_id\"") != std::string::npos);
        CHECK(w.dead_letter().find("MRM/account/A-9999") != std::string::npos);
        CHECK(w.dead_letter().find("create the workspace") != std::string::npos);
        CHECK(w.references("A-2001", "account").empty());
        w.play_otcs("create-workspace", {{"ext_system_id", "MRM"},
                                         {"bo_type", "account"},
                                         {"bo_id", "A-9999"},
                                         {"name", "Neuland GmbH"}});
        CHECK(w.mended());
        CHECK(w.references("A-9999", "account").size() == 1);
    }
}
