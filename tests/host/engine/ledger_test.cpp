// SPDX-License-Identifier: Apache-2.0
// What the ledger says after a run, and what a caller gets who asks twice.
#include "base/digest.hpp"
#include "host_fixture.hpp"
#include "journal/ledger.hpp"

#include <future>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

std::vector<ledger_entry> entries(host_fixture& f) {
    std::vector<ledger_entry> out;
    f.it->store().read([&](journal_reader& r) { out = r.ledger({}); });
    return out;
}

} // namespace

TEST_CASE("every write is in the ledger once, reads are not", "[engine][ledger]") {
    host_fixture f;
    f.target.hold_object("one", R"({"id":"one"})");
    f.start();
    f.send("e1", plan({R"({"do":"get","id":"one"})", R"({"do":"create","name":"a"})",
                       R"({"do":"put","body":{"name":"p"}})", R"({"do":"fire","name":"x"})"}));
    const auto run = f.ended();
    REQUIRE(run.run.state == run_state::succeeded);
    const auto all = entries(f);
    REQUIRE(all.size() == 3);
    CHECK(all[0].operation == "create");
    CHECK(all[1].operation == "put");
    CHECK(all[2].operation == "fire");
    for (const auto& e : all) {
        CHECK(e.run == run.run.id);
        CHECK(e.connection == "target");
        CHECK(e.outcome == "done");
        CHECK(e.request.size() == 64);
        CHECK(e.after.size() == 64);
    }
    f.it->store().read([&](journal_reader& r) { CHECK(verify_ledger(r).ok); });
}

TEST_CASE("a create whose answer was lost is entered as found, not twice", "[engine][ledger]") {
    host_fixture f;
    f.start();
    fault lost;
    lost.what = fault::kind::cut_after;
    f.target.next("create", lost);
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    REQUIRE(f.ended().run.state == run_state::succeeded);
    const auto all = entries(f);
    REQUIRE(all.size() == 1);
    CHECK(all[0].outcome == "found");
    CHECK(all[0].before == all[0].after);
}

TEST_CASE("an effect nobody knows of is entered as unknown", "[engine][ledger]") {
    host_fixture f;
    f.start();
    fault lost;
    lost.what = fault::kind::cut_after;
    f.target.next("fire", lost);
    f.send("e1", plan({R"({"do":"fire","name":"a"})"}));
    REQUIRE(f.ended().run.state == run_state::in_doubt);
    const auto all = entries(f);
    REQUIRE(all.size() == 1);
    CHECK(all[0].outcome == "unknown");
}

TEST_CASE("a write that was refused has no entry", "[engine][ledger]") {
    host_fixture f;
    f.start();
    fault refused;
    refused.status = 400;
    f.target.next("put", refused);
    f.send("e1", plan({R"({"do":"put","body":{"name":"p"}})"}));
    REQUIRE(f.ended().run.state == run_state::failed);
    CHECK(entries(f).empty());
}
