// SPDX-License-Identifier: Apache-2.0
#include "facts.hpp"
#include "moment.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace iconik;

namespace {

const std::string t0 = "2026-03-01T10:00:00.000000+00:00";
const std::string t1 = "2026-03-01T11:00:00.000001+00:00";
const std::string t2 = "2026-03-01T12:00:00.000002+00:00";
const std::int64_t start = *micros_of("2026-03-01T00:00:00Z");
const std::int64_t later = *micros_of("2026-04-01T00:00:00Z");

asset_facts an_asset() {
    asset_facts a;
    a.id = "a";
    a.title = "Film";
    a.status = "ACTIVE";
    a.date_created = t0;
    a.date_modified = t0;
    a.versions = {{"v1", t0, 1}};
    return a;
}

std::vector<std::string> ids_of(const std::vector<mortise::event>& events) {
    std::vector<std::string> out;
    for (const auto& e : events)
        out.push_back(e.id);
    return out;
}

struct history {
    asset_record record;
    std::map<std::string, membership> members;
    std::int64_t since = start;

    std::vector<mortise::event> see(const asset_facts& now, const hint& h = {}) {
        asset_outcome o = derive(now, record, members, since, h);
        // As the state would give it back.
        record = read_asset_record(to_value(o.record));
        for (const auto& [place, m] : o.memberships)
            members[place] = read_membership(to_value(m));
        return o.events;
    }
    std::vector<std::string> ids(const asset_facts& now, const hint& h = {}) {
        return ids_of(see(now, h));
    }
};

hint claiming(claim what) {
    hint h;
    h.what = what;
    return h;
}

using ids = std::vector<std::string>;

} // namespace

TEST_CASE("iconik: all spellings of a moment become one", "[plugins][iconik]") {
    const std::string one = "2025-03-28T09:15:01.406403Z";
    CHECK(canonical_date("2025-03-28T09:15:01.406403+00:00") == one);
    CHECK(canonical_date("2025-03-28T09:15:01.406403") == one);
    CHECK(canonical_date("2025-03-28T11:15:01.406403+02:00") == one);
    CHECK(canonical_date("2025-03-28T09:15:01") == "2025-03-28T09:15:01.000000Z");
    CHECK(canonical_date("2025-03-28T09:15:01.4Z") == "2025-03-28T09:15:01.400000Z");
    CHECK(canonical_date("yesterday") == "yesterday");
    CHECK_FALSE(micros_of("2025-13-28T09:15:01Z"));
    CHECK_FALSE(micros_of("2025-03-28T09:15:01.Z"));
    CHECK_FALSE(micros_of(""));
    CHECK(search_date(*micros_of(one)) == "2025-03-28T09:15:01.406403+00:00");
    CHECK(canonical_date("1969-12-31T23:59:59.999999Z") == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("iconik: a new asset is one event, and nothing the second time", "[plugins][iconik]") {
    history h;
    auto a = an_asset();
    a.date_modified = "2026-03-01T10:00:00.000005+00:00"; // iconik's own afterthought
    CHECK(h.ids(a) == ids{"created:a"});
    CHECK(h.ids(a).empty());
}

TEST_CASE("iconik: what lies before the beginning is history", "[plugins][iconik]") {
    history h;
    h.since = later;
    auto a = an_asset();
    a.approval = approval_fact{"v1", "APPROVED", t1};
    a.collections = {"c"};
    a.metadata = {{"view", t1}};
    CHECK(h.see(a).empty());
    SECTION("a change afterwards is an event") {
        a.date_modified = "2026-05-01T00:00:00Z";
        CHECK(h.ids(a) == ids{"updated:a:2026-05-01T00:00:00.000000Z"});
    }
    SECTION("a webhook that names it makes it one") {
        CHECK(h.ids(a, claiming(claim::approval)) ==
              ids{"approved:a:v1:2026-03-01T11:00:00.000001Z"});
        CHECK(h.ids(a, claiming(claim::metadata)) == ids{"metadata:a:2026-03-01T11:00:00.000001Z"});
        hint in = claiming(claim::contents);
        in.collection_id = "c";
        CHECK(h.ids(a, in) == ids{"asset-added:c:a:1"});
    }
}

TEST_CASE("iconik: approval runs through its states, each an event of its own",
          "[plugins][iconik]") {
    history h;
    auto a = an_asset();
    h.see(a);
    a.approval = approval_fact{"v1", "REQUESTED", t1};
    CHECK(h.ids(a) == ids{"approval:REQUESTED:a:v1:2026-03-01T11:00:00.000001Z"});
    a.approval = approval_fact{"v1", "APPROVED", t2};
    const auto approved = h.see(a);
    REQUIRE(ids_of(approved) == ids{"approved:a:v1:2026-03-01T12:00:00.000002Z"});
    CHECK(approved[0].type == "iconik.asset.approved");
    CHECK(approved[0].subject == "a");
    CHECK(approved[0].data.at("approval_status") == "APPROVED");
    CHECK(approved[0].data.at("version_id") == "v1");
    CHECK(approved[0].data.at("changed_at") == "2026-03-01T12:00:00.000002Z");
    CHECK(h.see(a).empty());
    a.approval.reset();
    const auto removed = h.see(a);
    REQUIRE(ids_of(removed) == ids{"approval-removed:a:v1:2026-03-01T12:00:00.000002Z"});
    CHECK(removed[0].type == "iconik.asset.approval-changed");
    CHECK(removed[0].data.at("approval_status") == "N/A");
    CHECK(h.see(a).empty());
}

TEST_CASE("iconik: a new version takes the approval with it", "[plugins][iconik]") {
    history h;
    auto a = an_asset();
    a.approval = approval_fact{"v1", "APPROVED", t0};
    h.see(a);
    a.versions.insert(a.versions.begin(), version_fact{"v2", t1, 2});
    a.approval.reset();
    CHECK(h.ids(a) == ids{"version:a:v2", "approval-removed:a:v1:2026-03-01T10:00:00.000000Z"});
    CHECK(current_version(a.versions) == "v2");
    std::reverse(a.versions.begin(), a.versions.end());
    CHECK(current_version(a.versions) == "v2");
    CHECK(current_version({}).empty());
}

TEST_CASE("iconik: views that show the same values tell of them once", "[plugins][iconik]") {
    history h;
    auto a = an_asset();
    h.see(a);
    a.metadata = {{"marketing", t1}, {"rights", t1}};
    CHECK(h.ids(a) == ids{"metadata:a:2026-03-01T11:00:00.000001Z"});
    a.metadata["rights"] = t2;
    CHECK(h.ids(a) == ids{"metadata:a:2026-03-01T12:00:00.000002Z"});
}

TEST_CASE("iconik: each stay in a collection is told apart by its number", "[plugins][iconik]") {
    history h;
    auto a = an_asset();
    h.see(a);
    a.collections = {"c"};
    const auto added = h.see(a);
    REQUIRE(ids_of(added) == ids{"asset-added:c:a:1"});
    CHECK(added[0].data.at("collection_id") == "c");
    CHECK(h.see(a).empty());
    a.collections.clear();
    CHECK(h.ids(a) == ids{"asset-removed:c:a:1"});
    a.collections = {"c"};
    CHECK(h.ids(a) == ids{"asset-added:c:a:2"});
}

TEST_CASE("iconik: webhook and poll name a change alike, whoever is first", "[plugins][iconik]") {
    auto a = an_asset();
    history hook;
    history poll;
    hook.see(a);
    poll.see(a);
    a.date_modified = t1;
    a.approval = approval_fact{"v1", "NOT_APPROVED", t2};
    const auto by_hook = hook.ids(a, claiming(claim::approval));
    // The poll may see other spellings of the dates.
    a.date_modified = "2026-03-01T11:00:00.000001";
    a.approval->date = "2026-03-01T13:00:00.000002+01:00";
    CHECK(poll.ids(a) == by_hook);
    CHECK(by_hook.size() == 2);
}

TEST_CASE("iconik: deletion is told once, by its date, also when the asset is purged later",
          "[plugins][iconik]") {
    history h;
    auto a = an_asset();
    h.see(a);
    a.status = "DELETED";
    a.date_deleted = t2;
    CHECK(h.ids(a) == ids{"deleted:a:2026-03-01T12:00:00.000002Z"});
    CHECK(h.see(a).empty());
    asset_facts gone;
    gone.id = "a";
    gone.gone = true;
    CHECK(h.see(gone).empty());
    CHECK(h.ids(gone, claiming(claim::deleted)) == ids{"deleted:a:2026-03-01T12:00:00.000002Z"});

    history other;
    other.see(an_asset());
    CHECK(other.ids(gone) == ids{"deleted:a:purged"});
    history unknown;
    CHECK(unknown.see(gone).empty());
    CHECK(unknown.see(gone).empty());
}

TEST_CASE("iconik: a restored asset can be deleted again", "[plugins][iconik]") {
    history h;
    auto a = an_asset();
    a.status = "DELETED";
    a.date_deleted = t1;
    h.see(a);
    a.status = "ACTIVE";
    a.date_deleted.clear();
    a.date_modified = t1;
    h.see(a);
    a.status = "DELETED";
    a.date_deleted = t2;
    CHECK(h.ids(a) == ids{"deleted:a:2026-03-01T12:00:00.000002Z"});
}

TEST_CASE("iconik: a collection tells of its metadata", "[plugins][iconik]") {
    collection_facts c;
    c.id = "c";
    c.metadata = {{"view", t1}};
    collection_record before;
    auto first = derive(c, before, start, hint());
    CHECK(ids_of(first.events) == ids{"collection-metadata:c:2026-03-01T11:00:00.000001Z"});
    CHECK(first.events.at(0).subject == "c");
    auto again = derive(c, read_collection_record(to_value(first.record)), start, hint());
    CHECK(again.events.empty());
    CHECK(derive(c, before, later, hint()).events.empty());
    CHECK(derive(c, before, later, claiming(claim::metadata)).events.size() == 1);
}

TEST_CASE("iconik: a change in the second of the creation is told once the asset is known",
          "[plugins][iconik]") {
    history h;
    asset_facts a = an_asset();
    CHECK(h.ids(a) == ids{"created:a"});
    a.date_modified = "2026-03-01T10:00:00.400000+00:00"; // renamed at once
    CHECK(h.ids(a) == ids{"updated:a:2026-03-01T10:00:00.400000Z"});
    CHECK(h.ids(a).empty());
    // Seen for the first time with that date it is the creation alone.
    history fresh;
    CHECK(fresh.ids(a) == ids{"created:a"});
}
