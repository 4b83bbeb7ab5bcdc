// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

using namespace mortise::test;
using host::run_state;

TEST_CASE("an accepted event comes back with everything it brought", "[host][journal]") {
    journal_fixture j;
    auto in = j.intake_of("1", host::uuid_v7(1), "key");
    in.event.trace_parent = "00-abc-def-01";
    in.event.time = 1234;
    const auto got = j.accept(in);
    CHECK_FALSE(got.duplicate);
    CHECK(got.ref.str().size() == 36);

    const auto c = j.claim();
    REQUIRE(c.size() == 1);
    CHECK(c[0].event.ref == got.ref);
    CHECK(c[0].event.id == "1");
    CHECK(c[0].event.source == "/connections/dam");
    CHECK(c[0].event.type == "dam.asset.approved");
    CHECK(c[0].event.subject == "asset-1");
    CHECK(c[0].event.partition_key == "asset-1");
    CHECK(c[0].event.trace_parent == "00-abc-def-01");
    CHECK(c[0].event.time == 1234);
    CHECK(c[0].event.accepted_at == j.time.now_unix_ms());
    CHECK(c[0].event.via == "webhook");
    CHECK(c[0].event.data == R"({"n":1})");
    CHECK(c[0].run.id == in.runs[0].id);
    CHECK(c[0].run.instance == "campaigns");
    CHECK(c[0].run.key == "key");
    CHECK(c[0].run.flow == "campaign-assets");
    CHECK(c[0].run.flow_version == "1.2.0");
    CHECK(c[0].run.config_revision == "rev-1");
    CHECK(c[0].run.state == run_state::active);
    CHECK(c[0].run.starts == 1);
    CHECK(c[0].run.event_type == "dam.asset.approved");
    CHECK(c[0].run.event_subject == "asset-1");
}

TEST_CASE("the partition key falls back to the subject, then to the id", "[host][journal]") {
    journal_fixture j;
    auto in = j.intake_of("1");
    in.event.subject.clear();
    j.accept(in);
    auto own = j.intake_of("2");
    own.event.partition_key = "mine";
    j.accept(own);
    std::vector<host::event_record> events;
    j.journal->read([&](host::journal_reader& r) { events = r.events({}); });
    REQUIRE(events.size() == 2);
    CHECK(events[0].partition_key == "mine");
    CHECK(events[1].partition_key == "1");
}

TEST_CASE("the same source and id is one event and makes no second run", "[host][journal]") {
    journal_fixture j;
    const auto first = j.accept(j.intake_of("1", "run-1"));
    auto again = j.intake_of("1", "run-2");
    again.event.via = "poll";
    const auto second = j.accept(again);
    CHECK(second.duplicate);
    CHECK(second.first_via == "webhook");
    CHECK(second.ref == first.ref);
    auto elsewhere = j.intake_of("1", "run-3", "k3");
    elsewhere.event.source = "/connections/other";
    CHECK_FALSE(j.accept(elsewhere).duplicate);

    const auto stats = j.stats();
    CHECK(stats.events == 2);
    CHECK(stats.duplicates == 1);
    CHECK(stats.poll_only_events == 0);
    CHECK(j.claimed_ids() == std::vector<std::string>{"run-1", "run-3"});
}

TEST_CASE("an event that only a poll has found is counted", "[host][journal]") {
    journal_fixture j;
    auto in = j.intake_of("1");
    in.event.via = "poll";
    j.accept(in);
    j.accept(in);
    j.accept(j.intake_of("2"));
    CHECK(j.stats().poll_only_events == 1);
    j.reopen();
    CHECK(j.stats().poll_only_events == 1);
    CHECK(j.stats().duplicates == 1);
}

TEST_CASE("events and the cursor behind them become durable together or not at all",
          "[host][journal]") {
    journal_fixture j;
    const auto cursor = [&] {
        std::string out;
        j.journal->read([&](host::journal_reader& r) { out = r.cursor("dam", "changes"); });
        return out;
    };
    CHECK(cursor().empty());
    j.write([&](host::journal_tx& tx) {
        tx.accept(j.intake_of("1"));
        tx.set_cursor({"dam", "changes", "page-1"});
    });
    CHECK(cursor() == "page-1");
    const auto r = j.try_write([&](host::journal_tx& tx) {
        tx.set_cursor({"dam", "changes", "page-2"});
        tx.accept(j.intake_of("2"));
        throw std::runtime_error("no");
    });
    REQUIRE(r.has_error());
    CHECK(cursor() == "page-1");
    CHECK(j.stats().events == 1);
    CHECK_FALSE(j.accept(j.intake_of("2")).duplicate);
}

TEST_CASE("a run without an id, or with a known one, is refused", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "run-1"));
    auto nameless = j.intake_of("2", "x");
    nameless.runs[0].id = {};
    const auto a = j.try_write([&](host::journal_tx& tx) { tx.accept(nameless); });
    REQUIRE(a.has_error());
    CHECK(a.error().code == "journal.run-without-id");
    const auto b = j.try_write([&](host::journal_tx& tx) { tx.accept(j.intake_of("3", "run-1")); });
    REQUIRE(b.has_error());
    CHECK(b.error().code == "journal.constraint");
    CHECK(j.stats().events == 1);
}

TEST_CASE("events are listed newest first, by type, page by page", "[host][journal]") {
    journal_fixture j;
    for (int i = 0; i < 5; ++i) {
        auto in = j.intake_of(std::to_string(i));
        if (i == 2) in.event.type = "other";
        j.accept(in);
    }
    j.journal->read([](host::journal_reader& r) {
        auto page = r.events({.type = {}, .before = {}, .limit = 2});
        REQUIRE(page.size() == 2);
        CHECK(page[0].id == "4");
        page = r.events({.type = {}, .before = page[1].ref.str(), .limit = 2});
        REQUIRE(page.size() == 2);
        CHECK(page[0].id == "2");
        CHECK(r.events({.type = "other", .before = {}, .limit = 9}).size() == 1);
        CHECK(r.events({.type = "unheard", .before = {}, .limit = 9}).empty());
        CHECK(r.events({.type = {}, .before = "no-such-ref", .limit = 9}).empty());
    });
}
