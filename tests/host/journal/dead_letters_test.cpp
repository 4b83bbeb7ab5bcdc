// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"
#include "journal/fingerprint.hpp"
#include "journal/sqlite_db.hpp"

#include <boost/json.hpp>

using namespace mortise::test;
using host::run_state;
using host::step_state;
using ids = std::vector<std::string>;

namespace {

const std::vector<std::string> reads{"dam:assets.get"};

struct dead_fixture : journal_fixture {
    // A run that has read something and failed to write it.
    void dead(const std::string& run,
              const std::string& message = "HTTP 503",
              run_state state = run_state::failed,
              const std::string& instance = "campaigns") {
        auto in = intake_of("e-" + run, run, "key-" + run);
        in.runs[0].instance = instance;
        accept(in);
        claim();
        host::error why(host::category::unavailable, "crm.down", message);
        why.effect = host::effect::none;
        write([&](host::journal_tx& tx) {
            tx.put_step(host::run_id(run), step_of("get", step_state::done));
            auto s = step_of("put",
                             state == run_state::failed ? step_state::failed : step_state::started);
            s.target = "crm:contacts.upsert";
            if (state == run_state::failed) s.failure = why;
            tx.put_step(host::run_id(run), s);
            tx.finish(host::run_id(run), state, "", why, "put");
        });
    }
    std::vector<host::dead_letter_group> groups(const std::string& instance = {},
                                                std::uint32_t limit = 50) {
        std::vector<host::dead_letter_group> out;
        journal->read([&](host::journal_reader& r) { out = r.dead_letters(instance, limit); });
        return out;
    }
    ids found(const host::run_filter& filter) {
        ids out;
        journal->read([&](host::journal_reader& r) {
            for (const auto& run : r.runs(filter)) {
                out.push_back(run.id.str());
            }
        });
        return out;
    }
    std::vector<host::run_note> notes(const std::string& run) {
        std::vector<host::run_note> out;
        journal->read([&](host::journal_reader& r) { out = r.notes(host::run_id(run)); });
        return out;
    }
    std::string edit_event(const std::string& run, const std::string& data) {
        return code([&](host::journal_tx& tx) {
            return tx.edit_event(host::run_id(run), data, reads, "kim");
        });
    }
    std::string edit_step(const std::string& run, const std::string& step, const std::string& in) {
        return code(
            [&](host::journal_tx& tx) { return tx.edit_step(host::run_id(run), step, in, "kim"); });
    }
    std::string code(const std::function<host::result<void>(host::journal_tx&)>& what) {
        std::string out = "ok";
        write([&](host::journal_tx& tx) {
            const auto r = what(tx);
            if (!r) out = r.error().code;
            if (!r) CHECK(r.error().effect == host::effect::none);
        });
        return out;
    }
};

} // namespace

TEST_CASE("what differs from run to run does not count for the cause", "[host][journal]") {
    using host::same_for_all;
    CHECK(same_for_all("HTTP 503") == same_for_all("HTTP 502"));
    CHECK(same_for_all("no asset \"a-1\"") == same_for_all("no asset \"b\""));
    CHECK(same_for_all("no asset 'a-1' here") == same_for_all("no asset 'b c' here"));
    CHECK(same_for_all("run 018bcfe5-680a-72d4-876c-e38f36df815c is gone") ==
          same_for_all("run 7 is gone"));
    CHECK(same_for_all("don't touch the user's asset") == "don't touch the user's asset");
    CHECK(same_for_all("an \"open quote") == "an \"open quote");
    CHECK(same_for_all("größe fehlt") == "größe fehlt");
    CHECK(same_for_all("connection refused") != same_for_all("connection reset"));
    CHECK(same_for_all("").empty());
}

TEST_CASE("the cause is made of flow, target, category, code and message", "[host][journal]") {
    using host::fingerprint;
    const host::error e(host::category::unavailable, "crm.down", "HTTP 503");
    const auto cause = fingerprint("f", "crm:upsert", e);
    CHECK(cause == fingerprint("f", "crm:upsert", e));
    CHECK(cause != fingerprint("g", "crm:upsert", e));
    CHECK(cause != fingerprint("f", "crm:delete", e));
    auto other = e;
    other.code = "crm.busy";
    CHECK(cause != fingerprint("f", "crm:upsert", other));
    other = e;
    other.category = host::category::timeout;
    CHECK(cause != fingerprint("f", "crm:upsert", other));
    other = e;
    other.message = "HTTP 503 from another one";
    CHECK(cause != fingerprint("f", "crm:upsert", other));
    // The parts do not run into each other.
    CHECK(fingerprint("ab", "c", e) != fingerprint("a", "bc", e));

    CHECK(host::fingerprint_text(cause).size() == 16);
    CHECK(host::fingerprint_from(host::fingerprint_text(cause)) == cause);
    CHECK(host::fingerprint_from("") == 0);
    CHECK(host::fingerprint_from("12") == 0);
    CHECK(host::fingerprint_from("zzzzzzzzzzzzzzzz") == 0);
    CHECK(host::fingerprint_from("00000000000000001") == 0);
}

TEST_CASE("dead letters are grouped by cause, the most frequent first", "[host][journal]") {
    dead_fixture j;
    const auto began = j.time.now_unix_ms();
    j.dead("r1", "HTTP 400");
    j.time.advance(std::chrono::seconds(1));
    j.dead("r2", "no \"title\"");
    j.time.advance(std::chrono::seconds(1));
    j.dead("r3", "HTTP 503", run_state::in_doubt);
    j.dead("r4", "HTTP 500", run_state::failed, "other");
    const auto groups = j.groups();
    REQUIRE(groups.size() == 3);
    const auto& g = groups[0];
    CHECK(g.failed == 1);
    CHECK(g.in_doubt == 1);
    CHECK(g.instance == "campaigns");
    CHECK(g.flow == "campaign-assets");
    CHECK(g.step == "put");
    CHECK(g.code == "crm.down");
    CHECK(g.message == "HTTP 400"); // the oldest one's
    CHECK(g.oldest.str() == "r1");
    CHECK(g.first == began);
    CHECK(g.last == began + 2000);
    CHECK(g.fingerprint == j.run("r1").run.fingerprint);
    CHECK(g.fingerprint == j.run("r3").run.fingerprint);
    CHECK(j.groups("other").size() == 1);
    CHECK(j.groups("nobody").empty());
    CHECK(j.groups({}, 1).size() == 1);
    CHECK(j.stats().dead_letters == 4);

    host::run_filter filter;
    filter.fingerprint = g.fingerprint;
    filter.instance = "campaigns";
    CHECK(j.found(filter) == ids{"r3", "r1"});
    filter.oldest_first = true;
    CHECK(j.found(filter) == ids{"r1", "r3"});
    filter.after = "r1";
    CHECK(j.found(filter) == ids{"r3"});
    filter.state = run_state::failed;
    CHECK(j.found(filter).empty());
    filter = {};
    filter.fingerprint = "no fingerprint";
    CHECK(j.found(filter).empty());
    filter = {};
    filter.key = "key-r2";
    CHECK(j.found(filter) == ids{"r2"});
    filter.before = "r2";
    CHECK(j.found(filter).empty());
}

TEST_CASE("a retried or discarded run is in no group any more", "[host][journal]") {
    dead_fixture j;
    j.dead("r1");
    j.dead("r2");
    CHECK(j.groups().at(0).failed == 2);
    CHECK(j.code([](host::journal_tx& tx) {
        return tx.retry(host::run_id("r1"), false, {}, "kim");
    }) == "ok");
    CHECK(j.groups().at(0).failed == 1);
    CHECK(j.run("r1").run.fingerprint.empty());
    CHECK(j.code([](host::journal_tx& tx) {
        return tx.discard(host::run_id("r2"), "a \"test\"", "kim");
    }) == "ok");
    CHECK(j.groups().empty());
    CHECK(boost::json::parse(j.run("r2").run.result).at("reason") == "a \"test\"");

    REQUIRE(j.notes("r1").size() == 1);
    CHECK(j.notes("r1")[0].action == "retry");
    CHECK(j.notes("r1")[0].who == "kim");
    REQUIRE(j.notes("r2").size() == 1);
    CHECK(j.notes("r2")[0].action == "discard");
    CHECK(boost::json::parse(j.notes("r2")[0].detail).at("reason") == "a \"test\"");
}

TEST_CASE("a note says how a doubtful step was decided", "[host][journal]") {
    dead_fixture j;
    j.dead("r1", "no answer", run_state::in_doubt);
    const bool redo = GENERATE(true, false);
    CHECK(j.code([&](host::journal_tx& tx) {
        return tx.retry(host::run_id("r1"), redo, R"({"id":5})");
    }) == "ok");
    const auto notes = j.notes("r1");
    REQUIRE(notes.size() == 1);
    CHECK(notes[0].who.empty());
    const auto detail = boost::json::parse(notes[0].detail);
    if (redo) {
        CHECK(detail.at("redo") == true);
    } else {
        CHECK(detail.at("result").at("id") == 5);
        CHECK(j.run("r1").steps.at(1).result == R"({"id":5})");
    }
}

TEST_CASE("a dead letter that has only read begins again with edited data", "[host][journal]") {
    dead_fixture j;
    j.accept(j.intake_of("1", "r1"));
    j.claim();
    j.write([](host::journal_tx& tx) {
        tx.put_step(host::run_id("r1"), step_of("get", step_state::done));
        tx.put_step(host::run_id("r1"), step_of("id", step_state::done, host::step_kind::record));
        tx.finish(host::run_id("r1"), run_state::failed, "",
                  host::error(host::category::input, "map.bad", "no title"), "");
    });
    CHECK(j.edit_event("r1", R"({"n":2})") == "ok");
    auto c = j.claim();
    REQUIRE(c.size() == 1);
    CHECK(c[0].steps.empty());
    CHECK(c[0].event.data == R"({"n":2})");
    CHECK(c[0].run.edited_data == R"({"n":2})");
    CHECK(c[0].run.fingerprint.empty());
    REQUIRE(j.notes("r1").size() == 1);
    CHECK(j.notes("r1")[0].action == "edit-event");
    const auto first = boost::json::parse(j.notes("r1")[0].detail);
    CHECK(first.at("before").at("n") == 1);
    CHECK(first.at("after").at("n") == 2);

    // Once more: what was edited before is what counts.
    j.finish("r1", run_state::failed);
    CHECK(j.edit_event("r1", R"({"n":3})") == "ok");
    CHECK(boost::json::parse(j.notes("r1")[1].detail).at("before").at("n") == 2);
    j.reopen();
    CHECK(j.run("r1").event.data == R"({"n":3})");
    // The event itself is history and stays.
    j.journal->read([](host::journal_reader& r) {
        CHECK(r.events({.type = {}, .before = {}, .limit = 1})[0].data == R"({"n":1})");
    });
}

TEST_CASE("edited data may be large", "[host][journal]") {
    dead_fixture j;
    j.accept(j.intake_of("1", "r1"));
    j.claim();
    j.finish("r1", run_state::failed);
    const std::string large = "{\"text\":\"" + std::string(300'000, 'x') + "\"}";
    CHECK(j.edit_event("r1", large) == "ok");
    CHECK(j.claim()[0].event.data == large);
    CHECK(boost::json::parse(j.notes("r1")[0].detail).at("after").at("text").as_string().size() ==
          300'000);
}

TEST_CASE("after an edit of the data waits may have the same events again", "[host][journal]") {
    dead_fixture j;
    j.accept(j.intake_of("1", "r1"));
    j.claim();
    j.accept(j.intake_of("2"));
    const auto wait = [](host::journal_tx& tx) {
        return tx.put_wait(host::run_id("r1"),
                           step_of("w", step_state::waiting, host::step_kind::wait_event),
                           "dam.asset.approved", "asset-2");
    };
    j.write([&](host::journal_tx& tx) {
        CHECK(wait(tx));
        CHECK_FALSE(tx.put_wait(host::run_id("r1"),
                                step_of("x", step_state::waiting, host::step_kind::wait_event),
                                "dam.asset.approved", "asset-2"));
    });
    j.finish("r1", run_state::failed);
    CHECK(j.edit_event("r1", "{}") == "ok");
    j.write([&](host::journal_tx& tx) { CHECK(wait(tx)); });
}

TEST_CASE("what a discarded run was waiting for is waited for no more", "[host][journal]") {
    dead_fixture j;
    j.accept(j.intake_of("1", "r1"));
    j.claim();
    j.write([](host::journal_tx& tx) {
        CHECK_FALSE(tx.put_wait(host::run_id("r1"),
                                step_of("w", step_state::waiting, host::step_kind::wait_event),
                                "dam.asset.approved", "never"));
    });
    j.finish("r1", run_state::failed);
    const auto waits = [&] {
        host::sqlite_db db(j.options.path, host::sqlite_db::mode::read_only);
        auto rows = db.query("SELECT count(*) FROM wait");
        return rows.next() ? rows.number(0) : -1;
    };
    j.write([](host::journal_tx& tx) {
        CHECK(tx.discard(host::run_id("r1"), "over", "jo").has_value());
    });
    CHECK(waits() == 0);
}

TEST_CASE("data is not edited once something was written with it", "[host][journal]") {
    dead_fixture j;
    const auto kind =
        GENERATE(host::step_kind::call, host::step_kind::transfer, host::step_kind::spawn);
    j.accept(j.intake_of("1", "r1"));
    j.claim();
    j.write([&](host::journal_tx& tx) {
        auto s = step_of("put", GENERATE(step_state::started, step_state::done), kind);
        s.target = "crm:contacts.upsert";
        tx.put_step(host::run_id("r1"), s);
        tx.finish(host::run_id("r1"), run_state::failed, "", std::nullopt, "");
    });
    CHECK(j.edit_event("r1", "{}") == "journal.edit-after-write");
    CHECK(j.state_of("r1") == run_state::failed);
    CHECK(j.run("r1").steps.size() == 1);
    CHECK(j.notes("r1").empty());
}

TEST_CASE("a failed call goes on with an edited input", "[host][journal]") {
    dead_fixture j;
    const auto state = GENERATE(run_state::failed, run_state::in_doubt);
    j.dead("r1", "HTTP 400", state);
    CHECK(j.edit_step("r1", "put", R"({"id":2})") == "ok");
    auto c = j.claim();
    REQUIRE(c.size() == 1);
    REQUIRE(c[0].steps.size() == 2);
    CHECK(c[0].steps[0].state == step_state::done);
    CHECK_FALSE(c[0].steps[0].edited);
    CHECK(c[0].steps[1].state == step_state::retrying);
    CHECK(c[0].steps[1].attempts == 0);
    CHECK(c[0].steps[1].edited);
    CHECK(c[0].steps[1].input == R"({"id":2})");
    REQUIRE(j.notes("r1").size() == 1);
    const auto detail = boost::json::parse(j.notes("r1")[0].detail);
    CHECK(j.notes("r1")[0].action == "edit-step");
    CHECK(detail.at("step") == "put");
    CHECK(detail.at("before").at("id") == 1);
    CHECK(detail.at("after").at("id") == 2);

    SECTION("what the flow passes does not come back") {
        j.write([](host::journal_tx& tx) {
            tx.put_step(host::run_id("r1"), step_of("put", step_state::started));
        });
        CHECK(j.run("r1").steps[1].input == R"({"id":2})");
        CHECK(j.run("r1").steps[1].edited);
        CHECK(j.run("r1").steps[1].state == step_state::started);
    }
    SECTION("nor when it fails and is retried") {
        host::error none(host::category::input, "x", "still wrong");
        none.effect = host::effect::none;
        j.write([&](host::journal_tx& tx) {
            auto s = step_of("put", step_state::failed);
            s.failure = none;
            tx.put_step(host::run_id("r1"), s);
            tx.finish(host::run_id("r1"), run_state::failed, "", none, "put");
            CHECK(tx.retry(host::run_id("r1"), false, {}).has_value());
        });
        c = j.claim();
        REQUIRE(c[0].steps.size() == 2);
        CHECK(c[0].steps[1].input == R"({"id":2})");
        CHECK(c[0].steps[1].state == step_state::retrying);
    }
    SECTION("nor when it is in doubt and repeated") {
        j.write([&](host::journal_tx& tx) {
            tx.put_step(host::run_id("r1"), step_of("put", step_state::started));
            tx.finish(host::run_id("r1"), run_state::in_doubt, "", std::nullopt, "put");
            CHECK(tx.retry(host::run_id("r1"), true, {}).has_value());
        });
        c = j.claim();
        REQUIRE(c[0].steps.size() == 2);
        CHECK(c[0].steps[1].input == R"({"id":2})");
    }
}

TEST_CASE("edits that make no sense are refused with their reason", "[host][journal]") {
    dead_fixture j;
    j.dead("r1");
    CHECK(j.edit_event("nobody", "{}") == "journal.run-unknown");
    CHECK(j.edit_event("r1", "{broken") == "journal.edit-not-json");
    CHECK(j.edit_event("r1", "") == "journal.edit-not-json");
    CHECK(j.edit_step("nobody", "put", "{}") == "journal.run-unknown");
    CHECK(j.edit_step("r1", "put", "{broken") == "journal.edit-not-json");
    CHECK(j.edit_step("r1", "nothing", "{}") == "journal.step-unknown");
    CHECK(j.edit_step("r1", "get", "{}") == "journal.step-state"); // it is done
    j.write([](host::journal_tx& tx) {
        tx.put_step(host::run_id("r1"),
                    step_of("nap", step_state::waiting, host::step_kind::sleep));
    });
    CHECK(j.edit_step("r1", "nap", "{}") == "journal.step-state");
    CHECK(j.state_of("r1") == run_state::failed);
    CHECK(j.notes("r1").empty());
    j.accept(j.intake_of("2", "r2"));
    CHECK(j.edit_event("r2", "{}") == "journal.run-state");
    CHECK(j.edit_step("r2", "put", "{}") == "journal.run-state");
}

TEST_CASE("an edited run takes its place before younger ones of its key", "[host][journal]") {
    dead_fixture j;
    j.accept(j.intake_of("1", "r1"));
    j.accept(j.intake_of("2", "r2"));
    j.claim();
    j.finish("r1", run_state::failed);
    CHECK(j.edit_event("r1", "{}") == "ok");
    CHECK(j.claimed_ids() == ids{"r1"});
}

TEST_CASE("a run is moved to another version and configuration", "[host][journal]") {
    dead_fixture j;
    j.dead("r1");
    j.write([](host::journal_tx& tx) { tx.repin(host::run_id("r1"), "2.0.0", "rev-9", "kim"); });
    CHECK(j.run("r1").run.flow_version == "2.0.0");
    CHECK(j.run("r1").run.config_revision == "rev-9");
    REQUIRE(j.notes("r1").size() == 1);
    CHECK(j.notes("r1")[0].action == "repin");
    const auto detail = boost::json::parse(j.notes("r1")[0].detail);
    CHECK(detail.at("from").at(0) == "1.2.0");
    CHECK(detail.at("to").at(1) == "rev-9");
    CHECK(j.state_of("r1") == run_state::failed);
    const auto r = j.try_write(
        [](host::journal_tx& tx) { tx.repin(host::run_id("nobody"), "2", "3", "kim"); });
    REQUIRE(r.has_error());
    CHECK(r.error().category == host::category::not_found);
    j.accept(j.intake_of("2", "r2"));
    j.claim();
    j.finish("r2");
    const auto ended =
        j.try_write([](host::journal_tx& tx) { tx.repin(host::run_id("r2"), "2", "3", "kim"); });
    REQUIRE(ended.has_error());
    CHECK(ended.error().category == host::category::conflict);
}

TEST_CASE("the settings of a revision are kept as they were first", "[host][journal]") {
    dead_fixture j;
    j.write([](host::journal_tx& tx) {
        tx.put_revision("campaigns", "rev-1", "campaign-assets", "1.2.0", R"({"a":1})");
        tx.put_revision("campaigns", "rev-1", "campaign-assets", "1.2.0", R"({"a":2})");
        tx.put_revision("other", "rev-1", "campaign-assets", "1.2.0", R"({"a":3})");
    });
    j.reopen();
    j.journal->read([](host::journal_reader& r) {
        CHECK(r.revision("campaigns", "rev-1") == R"({"a":1})");
        CHECK(r.revision("other", "rev-1") == R"({"a":3})");
        CHECK_FALSE(r.revision("campaigns", "rev-2").has_value());
        CHECK_FALSE(r.revision("nobody", "rev-1").has_value());
    });
}

// ---- held runs ----

TEST_CASE("held runs wait for their connection and become due when it is back", "[host][journal]") {
    dead_fixture j;
    for (const auto* run : {"r1", "r2", "r3"}) {
        j.accept(j.intake_of(run, run, run));
    }
    REQUIRE(j.claim().size() == 3);
    j.write([](host::journal_tx& tx) {
        CHECK(tx.suspend(host::run_id("r1"), 0, "crm") == run_state::waiting);
        CHECK(tx.suspend(host::run_id("r2"), tx.now() + 60'000, "crm") == run_state::waiting);
        CHECK(tx.suspend(host::run_id("r3"), 0, "dam") == run_state::waiting);
    });
    CHECK(j.stats().held == 3);
    CHECK(j.run("r1").run.held == "crm");
    CHECK(j.claimed_ids().empty());
    std::uint64_t released = 0;
    j.write([&](host::journal_tx& tx) { released = tx.release_held("nobody"); });
    CHECK(released == 0);
    j.write([&](host::journal_tx& tx) { released = tx.release_held("crm"); });
    CHECK(released == 2);
    j.journal->read([&](host::journal_reader& r) { CHECK(r.next_wake() == j.time.now_unix_ms()); });
    CHECK(j.claimed_ids() == ids{"r1", "r2"});
    CHECK(j.run("r1").run.held.empty());
    CHECK(j.stats().held == 1);
    j.write([&](host::journal_tx& tx) { released = tx.release_held("crm"); });
    CHECK(released == 0);
}

TEST_CASE("a held run is held no more when its time or an event has woken it", "[host][journal]") {
    dead_fixture j;
    j.accept(j.intake_of("1", "r1"));
    j.claim();
    SECTION("time") {
        j.write([](host::journal_tx& tx) { tx.suspend(host::run_id("r1"), tx.now() + 5, "crm"); });
        j.time.advance(std::chrono::milliseconds(5));
        CHECK(j.claimed_ids() == ids{"r1"});
    }
    SECTION("an event") {
        j.write([](host::journal_tx& tx) {
            tx.put_wait(host::run_id("r1"),
                        step_of("w", step_state::waiting, host::step_kind::wait_event),
                        "dam.asset.approved", "");
            tx.suspend(host::run_id("r1"), 0, "crm");
        });
        CHECK(j.accept(j.intake_of("2")).woken.size() == 1);
    }
    SECTION("cancellation") {
        j.write([](host::journal_tx& tx) {
            tx.suspend(host::run_id("r1"), 0, "crm");
            CHECK(tx.cancel(host::run_id("r1"), "kim", "enough").has_value());
        });
    }
    CHECK(j.run("r1").run.held.empty());
    CHECK(j.stats().held == 0);
}

TEST_CASE("a run that need not sleep is not held", "[host][journal]") {
    dead_fixture j;
    j.accept(j.intake_of("1", "r1"));
    j.claim();
    j.write([](host::journal_tx& tx) {
        tx.put_wait(host::run_id("r1"),
                    step_of("w", step_state::waiting, host::step_kind::wait_event),
                    "dam.asset.approved", "");
    });
    j.accept(j.intake_of("2"));
    j.write([](host::journal_tx& tx) {
        CHECK(tx.suspend(host::run_id("r1"), 0, "crm") == run_state::ready);
    });
    CHECK(j.run("r1").run.held.empty());
}

// ---- repeated requests ----

TEST_CASE("a repeated event is told what became of the first", "[host][journal]") {
    dead_fixture j;
    auto in = j.intake_of("1", "r1", "a");
    in.runs.push_back(j.seed_of("r2", "b"));
    const auto first = j.accept(in);
    CHECK_FALSE(first.duplicate);
    CHECK(first.runs.empty());
    j.accept(j.intake_of("2", "r3", "c"));
    j.accept(j.intake_of("3"));
    j.accept(j.intake_of("4", "r4", "d"));
    j.claim();
    j.write([](host::journal_tx& tx) {
        tx.finish(host::run_id("r1"), run_state::succeeded, R"({"ok":1})", std::nullopt, "");
        tx.finish(host::run_id("r2"), run_state::failed, "",
                  host::error(host::category::input, "map.bad", "no title"), "");
    });
    auto again = j.accept(in);
    CHECK(again.duplicate);
    CHECK(again.same_data);
    CHECK(again.ref == first.ref);
    REQUIRE(again.runs.size() == 2);
    CHECK(again.runs[0].id.str() == "r1");
    CHECK(again.runs[0].state == run_state::succeeded);
    CHECK(again.runs[0].result == R"({"ok":1})");
    CHECK(again.runs[1].failure->code == "map.bad");
    in.event.data = R"({"n":2})";
    CHECK_FALSE(j.accept(in).same_data);

    CHECK(j.accept(j.intake_of("2")).runs.at(0).id.str() == "r3");
    CHECK(j.accept(j.intake_of("3")).runs.empty()); // it had none
    CHECK(j.accept(j.intake_of("4")).runs.at(0).id.str() == "r4");
}

TEST_CASE("the runs of an event are found among many", "[host][journal]") {
    dead_fixture j;
    const int count = GENERATE(1, 2, 3, 64, 65);
    j.write([&](host::journal_tx& tx) {
        for (int i = 0; i < count; ++i) {
            const auto n = std::to_string(i);
            // Some have none, some have three.
            auto in = j.intake_of(n);
            for (int k = 0; k < i % 4; ++k) {
                in.runs.push_back(j.seed_of("r" + n + "-" + std::to_string(k), n));
            }
            tx.accept(in);
        }
    });
    j.write([&](host::journal_tx& tx) {
        for (int i = 0; i < count; ++i) {
            const auto runs = tx.accept(j.intake_of(std::to_string(i))).runs;
            REQUIRE(runs.size() == static_cast<std::size_t>(i % 4));
            for (std::size_t k = 0; k < runs.size(); ++k) {
                CHECK(runs[k].id.str() == "r" + std::to_string(i) + "-" + std::to_string(k));
            }
        }
    });
}
