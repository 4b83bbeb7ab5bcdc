// SPDX-License-Identifier: Apache-2.0
// What a revoked or expired right takes away in iconik, and that all of it comes back.
#include "rights_world.hpp"

#include <csignal>

using mortise::host::run_state;
using mortise::test::eventually;
using mortise::test::rights_world;
using mortise::test::words;
using mortise::test::world;
namespace json = boost::json;

namespace {

std::string restricting(const std::string& more = {}) {
    return "restriction = { groups = [\"Editors\", \"Legal\"], "
           "collections = [\"Spring Launch 2026\"]" +
           more + " }\n";
}

struct studio : rights_world {
    explicit studio(const std::string& settings = restricting()) : rights_world(settings) {
        give_rights("editors", {"read", "write", "delete"});
    }
    bool in_use() {
        return in_collection("hero-film", "spring-launch") &&
               rights_of("editors") == words{"delete", "read", "write"};
    }
    bool out_of_use() {
        return !in_collection("hero-film", "spring-launch") && rights_of("editors").empty();
    }
    bool is(const std::string& status) {
        return asset_field("hero-film", "rights_status") == status && of_item("Status") == status;
    }
};

} // namespace

TEST_CASE("a revoked right takes the groups' rights and the collections, a renewed one gives them "
          "back",
          "[e2e][rights][restriction]") {
    studio w;
    w.start_host();
    w.ingest();
    const auto everyone = w.rights_of("everyone");
    REQUIRE(w.in_use());
    w.set_item("C-1001", {{"Status", "Revoked"}});
    REQUIRE(eventually([&] { return w.out_of_use() && w.is("Revoked"); }));
    w.rest();
    CHECK(w.rights_of("everyone") == everyone); // not named by the setting
    CHECK_FALSE(w.rights_of("integrations").empty());
    // Legal had no rights of its own: nothing to take.
    CHECK(w.rights_of("legal").empty());

    SECTION("lifted") {
        w.set_item("C-1001", {{"Status", "Cleared"}});
        CHECK(eventually([&] { return w.in_use(); }));
        w.rest();
        CHECK(w.rights_of("legal").empty());
        CHECK(w.rights_of("everyone") == everyone);
    }
    SECTION("what a person gives back meanwhile is taken again, and is there after the renewal") {
        w.give_rights("editors", {"read"});
        w.give_rights("legal", {"read", "write"});
        w.play_iconik("add-to-collection",
                      {{"asset", "hero-film"}, {"collection", "spring-launch"}});
        REQUIRE(eventually([&] { return w.out_of_use() && w.rights_of("legal").empty(); }));
        w.rest();
        w.set_item("C-1001", {{"Status", "Cleared"}});
        CHECK(eventually([&] { return w.in_use(); }));
        w.rest();
        CHECK(w.rights_of("legal") == words{"read", "write"});
    }
    SECTION("an outage while it is taken and given delays both") {
        w.fault_iconik(
            {{"path", "/API/acls/v1/groups/*/acl/assets/*"}, {"status", 503}, {"count", 2}});
        w.set_item("C-1001", {{"Status", "Cleared"}});
        CHECK(eventually([&] { return w.in_use(); }));
        w.rest();
        w.fault_iconik(
            {{"path", "/API/acls/v1/groups/*/acl/assets/*"}, {"status", 503}, {"count", 2}});
        w.set_item("C-1001", {{"Status", "Restricted"}});
        CHECK(eventually([&] { return w.out_of_use(); }));
    }
    w.rest();
    CHECK(w.runs(run_state::failed).empty());
}

TEST_CASE("the daily sweep ends a right whose last day is over, and looks at no other asset",
          "[e2e][rights][restriction]") {
    // The day passes between two starts: until the second, dates end nothing.
    studio w(restricting(", expiry_field = \"\""));
    w.start_host();
    w.ingest({{"expiry_date", {"2020-01-01"}}});
    w.set("logo", {{"campaign_id", {"C-1002"}},
                   {"rights_status", {"Cleared"}},
                   {"expiry_date", {"2099-01-01"}}});
    REQUIRE(eventually([&] { return w.of_item("Status", "C-1002") == "Cleared"; }));
    w.rest();
    w.tick("rights", "day-1");
    w.rest();
    CHECK(w.is("Cleared"));
    CHECK(w.in_use());
    w.stop_host();

    w.configure(rights_world::instance(restricting()));
    w.start_host();
    w.rest();
    REQUIRE(w.is("Cleared")); // nothing has happened that would tell
    w.tick("rights", "day-2");
    REQUIRE(eventually([&] { return w.is("Expired") && w.out_of_use(); }));
    w.rest();
    const auto swept = [&](const std::string& assets) {
        for (const auto& r : w.runs(run_state::succeeded))
            if (r.result.find("\"items\":2,\"assets\":" + assets) != std::string::npos) return true;
        return false;
    };
    CHECK(swept("[\"" + world::asset_id("hero-film") + "\"]"));
    CHECK(w.asset_field("logo", "rights_status") == "Cleared");
    const auto versions = w.versions_of(w.record());
    w.tick("rights", "day-3");
    w.rest();
    CHECK(w.versions_of(w.record()) == versions);

    SECTION("renewed, the status from before is back") {
        w.set("hero-film", {{"expiry_date", {"2098-01-01"}}});
        CHECK(eventually([&] { return w.is("Cleared") && w.in_use(); }));
        w.rest();
        w.tick("rights", "day-4");
        w.rest();
        CHECK(w.in_use());
    }
    CHECK(w.runs(run_state::failed).empty());
}

TEST_CASE("killed in the middle of restricting or lifting, it goes on and forgets nothing",
          "[e2e][rights][kill]") {
    studio w(restricting() + "limits = { writes = 100 }\n"); // one field changes again and again
    w.start_host();
    w.ingest();
    w.stop_host();
    std::size_t versions = w.versions_of(w.record());
    int killed = 0;
    bool survived = false;
    for (int n = 17; n < 70 && !survived; n += 13) {
        const bool revokes = killed % 2 == 0;
        INFO("commit " << n << (revokes ? ", revoked" : ", granted again"));
        w.set_item("C-1001", {{"Status", revokes ? "Revoked" : "Cleared"}});
        const auto whole = [&] {
            return w.is(revokes ? "Revoked" : "Cleared") &&
                   (revokes ? w.out_of_use() : w.in_use()) &&
                   w.versions_of(w.record()) > versions && w.settled();
        };
        w.start_child((n % 2 == 0 ? "before:" : "after:") + std::to_string(n));
        REQUIRE(eventually([&] { return w.child_ended() || whole(); }));
        survived = !w.child_ended();
        if (!survived) {
            REQUIRE(w.wait_child() == SIGKILL);
            ++killed;
            w.start_child({});
            const bool came = eventually(whole);
            INFO(w.asset_field("hero-film", "rights_status") << " / " << w.of_item("Status"));
            INFO("records " << w.versions_of(w.record()) << ", before " << versions);
            INFO("in use " << w.in_use() << ", out of use " << w.out_of_use());
            INFO(w.dead_letter());
            REQUIRE(came);
        }
        w.end_child();
        CHECK(w.versions_of(w.record()) == ++versions);
        CHECK(w.runs(run_state::failed).empty());
        CHECK(w.runs(run_state::in_doubt).empty());
    }
    CHECK(killed >= 3);
    CHECK(w.nodes_in("C-1001", "Rights").size() == 2);
}
