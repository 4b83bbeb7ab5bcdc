// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

#include <boost/json.hpp>

using namespace mortise::test;
using host::run_state;
using host::step_state;
using ids = std::vector<std::string>;

namespace {

struct child_fixture : journal_fixture {
    child_fixture() {
        accept(intake_of("1", "parent", "p"));
        REQUIRE(claimed_ids() == ids{"parent"});
    }
    static host::intake child_of(const std::string& run,
                                 const std::string& parent = "parent",
                                 const std::string& key = "c",
                                 const std::string& step = "spawn") {
        auto in = intake_of(parent + "/" + step, run, key);
        in.event.source = "/runs";
        in.event.type = "mortise.child";
        in.runs[0].instance = "assets";
        in.runs[0].parent = host::run_id(parent);
        in.runs[0].parent_step = step;
        return in;
    }
    static host::step_record spawn_step(const std::string& key = "spawn") {
        auto s = step_of(key, step_state::started, host::step_kind::spawn);
        s.target = "spawn:assets";
        return s;
    }
    host::result<void> try_spawn(const host::intake& child, bool* ended = nullptr) {
        return try_write([&](host::journal_tx& tx) {
            const auto& seed = child.runs.at(0);
            const bool e = tx.put_spawn(seed.parent, spawn_step(seed.parent_step), child);
            if (ended != nullptr) *ended = e;
        });
    }
    bool spawn(const host::intake& child) {
        bool ended = false;
        const auto r = try_spawn(child, &ended);
        if (!r) FAIL(r.error().message);
        return ended;
    }
    bool end(const std::string& run,
             run_state state,
             const std::string& result = R"({"n":7})",
             const std::optional<host::error>& why = std::nullopt) {
        bool woke = false;
        write([&](host::journal_tx& tx) {
            woke = tx.finish(host::run_id(run), state, result, why, "");
        });
        return woke;
    }
    host::step_record step(const std::string& key = "spawn", const std::string& run = "parent") {
        const auto steps = this->run(run).steps;
        for (const auto& s : steps) {
            if (s.key == key) return s;
        }
        FAIL("no step " << key);
        return {};
    }
};

} // namespace

TEST_CASE("a child's success completes the step of its parent and wakes it", "[host][journal]") {
    child_fixture j;
    CHECK_FALSE(j.spawn(j.child_of("c1")));
    CHECK(j.step().state == step_state::waiting);
    CHECK(j.suspend("parent") == run_state::waiting);
    CHECK(j.claimed_ids() == ids{"c1"});
    const auto child = j.run("c1").run;
    CHECK(child.parent.str() == "parent");
    CHECK(child.parent_step == "spawn");
    CHECK(j.end("c1", run_state::succeeded));
    CHECK(j.step().state == step_state::done);
    CHECK(j.step().result == R"({"n":7})");
    CHECK(j.step().finished_at == j.time.now_unix_ms());
    CHECK(j.claimed_ids() == ids{"parent"});
    j.journal->read([](host::journal_reader& r) {
        REQUIRE(r.children(host::run_id("parent")).size() == 1);
        CHECK(r.children(host::run_id("parent"))[0].id.str() == "c1");
        CHECK(r.children(host::run_id("c1")).empty());
        CHECK(r.children(host::run_id("nobody")).empty());
        CHECK(r.children(host::run_id()).empty());
    });
}

TEST_CASE("a child that ends while its parent is at work lets it not fall asleep",
          "[host][journal]") {
    child_fixture j;
    j.spawn(j.child_of("c1"));
    REQUIRE(j.claimed_ids() == ids{"c1"});
    CHECK_FALSE(j.end("c1", run_state::succeeded)); // it is not waiting
    CHECK(j.suspend("parent") == run_state::ready);
    CHECK(j.claim()[0].steps[0].state == step_state::done);
}

TEST_CASE("a cancelled or discarded child fails the step and says why", "[host][journal]") {
    child_fixture j;
    j.spawn(j.child_of("c1"));
    j.suspend("parent");
    j.claim();
    const host::error why(host::category::input, "map.bad", "no \"title\"");
    SECTION("cancelled") {
        CHECK(j.end("c1", run_state::cancelled, "", why));
    }
    SECTION("discarded") {
        CHECK_FALSE(j.end("c1", run_state::failed, "", why));
        CHECK(j.state_of("parent") == run_state::waiting); // a person has yet to decide
        CHECK(j.step().state == step_state::waiting);
        j.write([](host::journal_tx& tx) {
            CHECK(tx.discard(host::run_id("c1"), "not needed", "kim").has_value());
        });
    }
    CHECK(j.step().state == step_state::failed);
    const auto e = j.step().failure.value();
    CHECK(e.code == "run.child-ended");
    CHECK(e.category == host::category::cancelled);
    CHECK(e.effect == host::effect::none);
    const auto details = boost::json::parse(e.details);
    CHECK(details.at("run") == "c1");
    CHECK(details.at("failure").at("message") == "no \"title\"");
    CHECK(j.claimed_ids() == ids{"parent"});
}

TEST_CASE("a child that is a dead letter and retried still answers its parent", "[host][journal]") {
    child_fixture j;
    j.spawn(j.child_of("c1"));
    j.suspend("parent");
    j.claim();
    CHECK_FALSE(j.end("c1", run_state::in_doubt, ""));
    CHECK(j.claimed_ids().empty());
    j.write(
        [](host::journal_tx& tx) { CHECK(tx.retry(host::run_id("c1"), true, {}).has_value()); });
    CHECK(j.claimed_ids() == ids{"c1"});
    CHECK(j.end("c1", run_state::succeeded));
    CHECK(j.step().state == step_state::done);
}

TEST_CASE("a repeated spawn takes the child there is", "[host][journal]") {
    child_fixture j;
    j.spawn(j.child_of("c1"));
    SECTION("at work") {
        CHECK_FALSE(j.spawn(j.child_of("c2")));
        CHECK(j.step().state == step_state::waiting);
    }
    SECTION("ended: the step is complete at once") {
        j.claim();
        j.end("c1", run_state::succeeded);
        CHECK(j.spawn(j.child_of("c2")));
        CHECK(j.step().result == R"({"n":7})");
    }
    SECTION("ended, and the parent had forgotten the step") {
        j.claim();
        j.end("c1", run_state::succeeded);
        j.finish("parent", run_state::in_doubt);
        j.write([](host::journal_tx& tx) {
            auto lost = child_fixture::spawn_step();
            lost.state = step_state::failed;
            tx.put_step(host::run_id("parent"), lost);
            CHECK(tx.retry(host::run_id("parent"), true, {}).has_value());
        });
        REQUIRE(j.run("parent").steps.empty());
        j.claim();
        CHECK(j.spawn(j.child_of("c2")));
        CHECK(j.step().state == step_state::done);
    }
    SECTION("a dead letter: it stays open") {
        j.claim();
        j.end("c1", run_state::failed);
        CHECK_FALSE(j.spawn(j.child_of("c2")));
        CHECK(j.step().state == step_state::waiting);
    }
    j.journal->read([](host::journal_reader& r) {
        CHECK(r.children(host::run_id("parent")).size() == 1);
        CHECK_FALSE(r.run(host::run_id("c2")).has_value());
    });
}

TEST_CASE("a child that would wait for its own parent is refused", "[host][journal]") {
    child_fixture j;
    const auto refused = [&](const host::intake& child) {
        const auto r = j.try_spawn(child);
        REQUIRE(r.has_error());
        INFO(r.error().message);
        CHECK(r.error().code == "run.child-order");
        CHECK(r.error().category == host::category::input);
        CHECK(r.error().effect == host::effect::none);
        CHECK(r.error().message.find('"' + child.runs[0].key + '"') != std::string::npos);
        j.journal->read([&](host::journal_reader& reader) {
            CHECK_FALSE(reader.run(child.runs[0].id).has_value());
            const auto parent = reader.run(child.runs[0].parent);
            REQUIRE(parent.has_value());
            for (const auto& s : parent->steps) {
                CHECK(s.key != child.runs[0].parent_step);
            }
        });
    };
    SECTION("same flow, same key") {
        auto child = j.child_of("c1", "parent", "p");
        child.runs[0].instance = "campaigns";
        refused(child);
        child.runs[0].instance = "assets"; // another flow: another order
        CHECK_FALSE(j.spawn(child));
    }
    SECTION("the key of its grandparent") {
        j.spawn(j.child_of("c1"));
        j.suspend("parent");
        REQUIRE(j.claimed_ids() == ids{"c1"});
        auto grandchild = j.child_of("g1", "c1", "p");
        grandchild.runs[0].instance = "campaigns";
        refused(grandchild);
        grandchild.runs[0].key = "other";
        CHECK_FALSE(j.spawn(grandchild));
    }
    SECTION("two parents whose children wait for the other one") {
        j.accept(j.intake_of("2", "second", "q"));
        REQUIRE(j.claimed_ids() == ids{"second"});
        auto first = j.child_of("c1", "parent", "q");
        first.runs[0].instance = "campaigns";
        CHECK_FALSE(j.spawn(first)); // waits until "second" has ended
        auto second = j.child_of("c2", "second", "p");
        second.runs[0].instance = "campaigns";
        refused(second);
    }
}

TEST_CASE("a waiting parent holds up its key but not its child", "[host][journal]") {
    child_fixture j;
    j.accept(j.intake_of("2", "younger", "p"));
    j.spawn(j.child_of("c1", "parent", "c"));
    j.spawn(j.child_of("c2", "parent", "c", "second"));
    j.suspend("parent");
    CHECK(j.claimed_ids() == ids{"c1"}); // c2 has the same key
    j.end("c1", run_state::succeeded);
    CHECK(j.claimed_ids() == ids{"parent", "c2"});
    j.end("c2", run_state::succeeded);
    j.finish("parent");
    CHECK(j.claimed_ids() == ids{"younger"});
}

TEST_CASE("a child outlives a parent that has ended without it", "[host][journal]") {
    child_fixture j;
    j.spawn(j.child_of("c1"));
    j.claim();
    j.finish("parent", GENERATE(run_state::succeeded, run_state::failed));
    const auto before = j.state_of("parent");
    CHECK_FALSE(j.end("c1", run_state::succeeded));
    CHECK(j.state_of("parent") == before);
    CHECK(j.step().state == step_state::done); // a retry of the parent finds it
}

TEST_CASE("a spawn that is not well formed is refused", "[host][journal]") {
    child_fixture j;
    const auto code = [&](const host::intake& child) {
        const auto r = j.try_write([&](host::journal_tx& tx) {
            tx.put_spawn(host::run_id("parent"), j.spawn_step(), child);
        });
        return r ? std::string("stored") : r.error().code;
    };
    auto child = j.child_of("c1");
    child.runs.push_back(child.runs[0]);
    CHECK(code(child) == "journal.child-seed");
    child.runs.clear();
    CHECK(code(child) == "journal.child-seed");
    child = j.child_of("c1", "somebody");
    CHECK(code(child) == "journal.child-seed");
    child = j.child_of("c1", "parent", "c", "another step");
    CHECK(code(child) == "journal.child-seed");
    // The event of somebody else.
    child = j.child_of("c1");
    child.event.source = "/connections/dam";
    child.event.id = "1";
    CHECK(code(child) == "run.child-taken");
    CHECK(j.run("parent").steps.empty());
    const auto r = j.try_write([&](host::journal_tx& tx) {
        tx.put_spawn(host::run_id("nobody"), j.spawn_step(), j.child_of("c1", "nobody"));
    });
    REQUIRE(r.has_error());
    CHECK(r.error().code == "journal.run-unknown");
}

TEST_CASE("a rolled back spawn leaves neither step nor child", "[host][journal]") {
    child_fixture j;
    const auto r = j.try_write([&](host::journal_tx& tx) {
        tx.put_spawn(host::run_id("parent"), j.spawn_step(), j.child_of("c1"));
        throw std::runtime_error("no");
    });
    CHECK(r.has_error());
    CHECK(j.run("parent").steps.empty());
    CHECK(j.stats().events == 1);
    CHECK_FALSE(j.spawn(j.child_of("c1")));
    CHECK(j.claimed_ids() == ids{"c1"});
}

TEST_CASE("parents and children outlive a restart", "[host][journal]") {
    child_fixture j;
    j.spawn(j.child_of("c1"));
    j.suspend("parent");
    j.claim();
    j.reopen();
    CHECK(j.end("c1", run_state::succeeded));
    CHECK(j.claimed_ids() == ids{"parent"});
}
