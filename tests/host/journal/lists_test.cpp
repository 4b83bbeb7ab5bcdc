// SPDX-License-Identifier: Apache-2.0
// Lists of runs and events as people look for them.
#include "fixture.hpp"

using namespace mortise;
using namespace mortise::test;

namespace {

std::string id_of(int n) {
    return "0190163d-8694-739b-aea5-9660000000" + std::string(n < 10 ? "0" : "") +
           std::to_string(n);
}

struct lists_fixture : journal_fixture {
    // One run, its event's subject "s-<key>".
    void add(int n,
             const std::string& key,
             host::run_state state,
             const std::string& type = "dam.asset.approved") {
        auto in = intake_of("e" + std::to_string(n), id_of(n), key);
        in.event.type = type;
        in.event.subject = "s-" + key;
        accept(in);
        time.advance(std::chrono::seconds(1));
        if (state == host::run_state::ready) return;
        claim(100);
        if (state == host::run_state::waiting)
            suspend(id_of(n), time.now_unix_ms() + 1'000'000);
        else if (state != host::run_state::active)
            finish(id_of(n), state);
    }
    std::vector<std::string> found(const host::run_filter& filter) {
        std::vector<std::string> out;
        journal->read([&](host::journal_reader& r) {
            for (const auto& one : r.runs(filter))
                out.push_back(one.id.str());
        });
        return out;
    }
    std::vector<std::string> ids(std::initializer_list<int> numbers) {
        std::vector<std::string> out;
        for (const int n : numbers)
            out.push_back(id_of(n));
        return out;
    }
};

} // namespace

TEST_CASE("runs in any of several states are found, newest first", "[journal][lists]") {
    lists_fixture f;
    using host::run_state;
    f.add(1, "a", run_state::succeeded);
    f.add(2, "b", run_state::failed);
    f.add(3, "c", run_state::in_doubt);
    f.add(4, "d", run_state::waiting);
    f.add(5, "e", run_state::cancelled);
    f.add(6, "f", run_state::ready);
    CHECK(f.found({.states = {run_state::failed, run_state::in_doubt}}) == f.ids({3, 2}));
    CHECK(f.found({.states = {run_state::waiting, run_state::ready}}) == f.ids({6, 4}));
    CHECK(f.found({.states = {run_state::succeeded, run_state::waiting}}) == f.ids({4, 1}));
    CHECK(f.found({.state = run_state::failed, .states = {run_state::cancelled}}) == f.ids({5, 2}));
    CHECK(f.found({.states = {run_state::active}}).empty());
    CHECK(f.found({.states = {run_state::failed, run_state::in_doubt}, .oldest_first = true}) ==
          f.ids({2, 3}));
    CHECK(f.found({}).size() == 6);
}

TEST_CASE("the same is found where a state is so frequent that its index does not help",
          "[journal][lists]") {
    lists_fixture f;
    f.write([](host::journal_tx& tx) {
        for (int n = 0; n < 1200; ++n) {
            auto in = journal_fixture::intake_of(
                "m" + std::to_string(n), "many-" + std::to_string(n), "m" + std::to_string(n));
            tx.accept(in);
        }
    });
    f.add(1, "a", host::run_state::ready);
    const auto ready = f.found({.state = host::run_state::ready, .limit = 2});
    CHECK(ready == std::vector<std::string>{id_of(1), "many-1199"});
    const auto oldest =
        f.found({.state = host::run_state::ready, .limit = 2, .oldest_first = true});
    CHECK(oldest == std::vector<std::string>{"many-0", "many-1"});
    CHECK(f.found({.states = {host::run_state::ready, host::run_state::waiting}, .limit = 5000})
              .size() == 1201);
}

TEST_CASE("runs are found by what their id, key or subject begins with", "[journal][lists]") {
    lists_fixture f;
    using host::run_state;
    f.add(1, "NL-1", run_state::succeeded);
    f.add(2, "NL-12", run_state::succeeded);
    f.add(3, "nl-1", run_state::succeeded);
    f.add(4, "100%_\xff\xff", run_state::succeeded);
    CHECK(f.found({.begins = "NL-1"}) == f.ids({2, 1}));
    CHECK(f.found({.begins = "NL-12"}) == f.ids({2}));
    CHECK(f.found({.begins = "s-nl"}) == f.ids({3}));
    CHECK(f.found({.begins = id_of(3)}) == f.ids({3}));
    CHECK(f.found({.begins = id_of(3).substr(0, 14)}).size() == 4);
    CHECK(f.found({.begins = id_of(3) + "0"}).empty());
    // Nothing in it is a pattern.
    CHECK(f.found({.begins = "100%"}) == f.ids({4}));
    CHECK(f.found({.begins = "1%"}).empty());
    CHECK(f.found({.begins = "100%_\xff"}) == f.ids({4}));
    CHECK(f.found({.begins = "\xff"}).empty());
    CHECK(f.found({.begins = "'"}).empty());
}

TEST_CASE("runs are found by their event's type and their time", "[journal][lists]") {
    lists_fixture f;
    using host::run_state;
    const auto start = f.time.now_unix_ms();
    f.add(1, "a", run_state::succeeded, "dam.asset.approved");
    f.add(2, "b", run_state::failed, "dam.asset.deleted");
    f.add(3, "c", run_state::succeeded, "dam.asset.deleted");
    CHECK(f.found({.event_type = "dam.asset.deleted"}) == f.ids({3, 2}));
    CHECK(f.found({.states = {run_state::failed}, .event_type = "dam.asset.deleted"}) ==
          f.ids({2}));
    CHECK(f.found({.event_type = "dam.nothing"}).empty());
    CHECK(f.found({.since = start + 1000}) == f.ids({3, 2}));
    CHECK(f.found({.until = start + 1000}) == f.ids({1}));
    CHECK(f.found({.since = start + 1000, .until = start + 2000}) == f.ids({2}));
    CHECK(f.found({.before = id_of(3), .event_type = "dam.asset.deleted"}) == f.ids({2}));
}

TEST_CASE("what is under way is counted by flow instance", "[journal][lists]") {
    lists_fixture f;
    using host::run_state;
    const auto counts = [&] {
        std::map<std::string, host::instance_counts> out;
        f.journal->read([&](host::journal_reader& r) { out = r.instances(); });
        return out;
    };
    CHECK(counts().empty());
    f.add(1, "a", run_state::succeeded);
    CHECK(counts().empty());
    f.add(2, "b", run_state::failed);
    f.add(3, "c", run_state::in_doubt);
    f.add(4, "d", run_state::waiting);
    f.add(5, "e", run_state::active);
    f.add(6, "f", run_state::ready);
    f.add(7, "g", run_state::discarded);
    const auto now = counts();
    REQUIRE(now.size() == 1);
    CHECK(now.at("campaigns").active == 2);
    CHECK(now.at("campaigns").waiting == 1);
    CHECK(now.at("campaigns").dead_letters == 2);
}

TEST_CASE("events are found by type, source and subject, and lead to their runs",
          "[journal][lists]") {
    lists_fixture f;
    f.add(1, "a", host::run_state::succeeded);
    f.add(2, "ab", host::run_state::succeeded, "dam.asset.deleted");
    auto silent = lists_fixture::intake_of("quiet");
    silent.event.source = "/manual";
    const auto quiet = f.accept(silent);
    const auto found = [&](const host::event_filter& filter) {
        std::vector<std::string> out;
        f.journal->read([&](host::journal_reader& r) {
            for (const auto& e : r.events(filter))
                out.push_back(e.id);
        });
        return out;
    };
    using texts = std::vector<std::string>;
    host::event_filter by;
    CHECK(found(by) == texts{"quiet", "e2", "e1"});
    by.source = "/connections/dam";
    CHECK(found(by) == texts{"e2", "e1"});
    by.type = "dam.asset.deleted";
    CHECK(found(by) == texts{"e2"});
    by.source = "/manual";
    CHECK(found(by).empty());
    by = {};
    by.subject = "s-a";
    CHECK(found(by) == texts{"e2", "e1"});
    by.subject = "s-ab";
    CHECK(found(by) == texts{"e2"});
    by = {};
    by.before = quiet.ref.str();
    by.limit = 1;
    CHECK(found(by) == texts{"e2"});
    by = {};
    by.source = "/nothing";
    CHECK(found(by).empty());
    f.journal->read([&](host::journal_reader& r) {
        const auto one = r.run(host::run_id(id_of(2)));
        REQUIRE(one);
        const auto event = r.event(one->event.ref);
        REQUIRE(event);
        CHECK(event->id == "e2");
        const auto runs = r.runs_of(one->event.ref);
        REQUIRE(runs.size() == 1);
        CHECK(runs.front().id.str() == id_of(2));
        CHECK(r.runs_of(quiet.ref).empty());
        CHECK_FALSE(r.event(host::event_ref("0190163d-8694-739b-aea5-966c26f8ad91")));
        CHECK(r.runs_of(host::event_ref("0190163d-8694-739b-aea5-966c26f8ad91")).empty());
    });
}

TEST_CASE("links are found by either side", "[journal][lists]") {
    lists_fixture f;
    f.write([](host::journal_tx& tx) {
        (void)tx.link_put({"asset-folder", "a1", "f1", "{}", 0});
        (void)tx.link_put({"asset-folder", "a2", "f2", "{}", 0});
        (void)tx.link_put({"other", "a1", "x", "{}", 0});
    });
    f.journal->read([&](host::journal_reader& r) {
        REQUIRE(r.links_with("asset-folder", "a1").size() == 1);
        CHECK(r.links_with("asset-folder", "a1").front().b == "f1");
        REQUIRE(r.links_with("asset-folder", "f2").size() == 1);
        CHECK(r.links_with("asset-folder", "f2").front().a == "a2");
        CHECK(r.links_with("asset-folder", "a*").empty());
        CHECK(r.links_with("nothing", "a1").empty());
    });
}

TEST_CASE("a list goes on where it was although retention has removed that row",
          "[journal][lists]") {
    using host::run_state;
    lists_fixture f;
    f.journal.reset();
    f.options.background = false;
    f.options.retention.standard.keep_runs = std::chrono::hours(1);
    f.options.retention.keep_event_ids = std::chrono::hours(1);
    f.open();
    f.add(1, "a", run_state::waiting);
    f.add(2, "b", run_state::succeeded);
    f.add(3, "c", run_state::succeeded);
    f.add(4, "d", run_state::waiting);
    const auto cursor = f.run(id_of(3)).event.ref.str();
    CHECK(f.found({.before = id_of(3)}) == f.ids({2, 1}));
    f.time.advance(std::chrono::hours(2));
    const auto gone = f.journal->trim();
    REQUIRE(gone.has_value());
    REQUIRE(gone->runs == 2);
    REQUIRE(gone->removed_events == 2);
    CHECK(f.found({.before = id_of(3)}) == f.ids({1}));
    CHECK(f.found({.after = id_of(2), .oldest_first = true}) == f.ids({4}));
    CHECK(f.found({.before = id_of(1)}).empty());
    CHECK(f.found({.after = id_of(4), .oldest_first = true}).empty());
    // Made before all there is, or after.
    CHECK(f.found({.before = id_of(0)}).empty());
    CHECK(f.found({.after = id_of(9), .oldest_first = true}).empty());
    host::event_filter by;
    by.before = cursor;
    f.journal->read([&](host::journal_reader& r) {
        const auto events = r.events(by);
        REQUIRE(events.size() == 1);
        CHECK(events.front().id == "e1");
    });
}
