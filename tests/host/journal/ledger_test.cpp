// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"
#include "fixture.hpp"
#include "journal/ledger.hpp"
#include "journal/sqlite_db.hpp"

#include <boost/json.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace mortise::test;

namespace {

struct ledger_fixture : journal_fixture {
    static host::ledger_entry entry_of(int n) {
        host::ledger_entry e;
        e.run = host::run_id(host::uuid_from(std::to_string(n)));
        e.instance = "campaigns";
        e.step = "step \"" + std::to_string(n) + "\", übrig";
        e.attempt = static_cast<std::uint32_t>(n);
        e.connection = n % 2 == 0 ? "crm" : "dam";
        e.operation = "contacts.upsert";
        e.object = "contact-" + std::to_string(n);
        e.outcome = n % 3 == 0 ? "found" : "done";
        e.request = host::sha256_hex("request" + std::to_string(n));
        e.after = host::sha256_hex("after" + std::to_string(n));
        if (n % 3 == 0) e.before = host::sha256_hex("before");
        return e;
    }
    void append(int from, int to) {
        write([&](host::journal_tx& tx) {
            for (int n = from; n <= to; ++n) {
                tx.append_ledger(entry_of(n));
            }
        });
    }
    std::vector<host::ledger_entry> entries(const host::ledger_filter& filter = {}) {
        std::vector<host::ledger_entry> out;
        journal->read([&](host::journal_reader& r) { out = r.ledger(filter); });
        return out;
    }
    host::ledger_head head() {
        host::ledger_head out;
        journal->read([&](host::journal_reader& r) { out = r.ledger_head(); });
        return out;
    }
    host::ledger_report verify(const std::string& expected = {}) {
        host::ledger_report out;
        journal->read([&](host::journal_reader& r) { out = host::verify_ledger(r, expected); });
        INFO(out.what);
        CHECK(out.ok == out.what.empty());
        return out;
    }
    // As somebody would who has the file.
    void tamper(const std::string& sql) {
        journal.reset();
        {
            host::sqlite_db db(options.path, host::sqlite_db::mode::create);
            db.script(sql.c_str());
        }
        open();
    }
};

bool says(const host::ledger_report& r, const std::string& what) {
    INFO(r.what);
    CHECK(r.what.find(what) != std::string::npos);
    return r.what.find(what) != std::string::npos;
}

} // namespace

TEST_CASE("the ledger keeps every entry as it was given, in a chain", "[host][journal][ledger]") {
    ledger_fixture j;
    CHECK(j.verify().ok);
    CHECK(j.head().present);
    CHECK(j.head().seq == 0);
    j.append(1, 3);
    j.time.advance(std::chrono::seconds(1));
    j.append(4, 5);
    j.reopen();
    j.append(6, 6);
    const auto all = j.entries();
    REQUIRE(all.size() == 6);
    std::string previous;
    for (int n = 1; n <= 6; ++n) {
        const auto& e = all[static_cast<std::size_t>(n - 1)];
        const auto given = j.entry_of(n);
        CHECK(e.seq == static_cast<std::uint64_t>(n));
        CHECK(e.run == given.run);
        CHECK(e.instance == given.instance);
        CHECK(e.step == given.step);
        CHECK(e.attempt == given.attempt);
        CHECK(e.connection == given.connection);
        CHECK(e.operation == given.operation);
        CHECK(e.object == given.object);
        CHECK(e.outcome == given.outcome);
        CHECK(e.request == given.request);
        CHECK(e.before == given.before);
        CHECK(e.after == given.after);
        CHECK(e.hash == host::chained_hash(previous, e));
        previous = e.hash;
    }
    CHECK(all[3].at == all[2].at + 1000);
    CHECK(j.head().seq == 6);
    CHECK(j.head().hash == previous);
    CHECK(j.stats().ledger_entries == 6);
    const auto report = j.verify();
    CHECK(report.ok);
    CHECK(report.entries == 6);
    CHECK(report.last_seq == 6);
    CHECK(report.last_hash == previous);
}

TEST_CASE("odd values come back as they were", "[host][journal][ledger]") {
    ledger_fixture j;
    auto e = j.entry_of(1);
    e.run = host::run_id("not a uuid");
    e.request = "not a digest";
    e.before = std::string(64, 'G');
    e.after = std::string(64, 'A'); // upper case is kept
    e.object = std::string("line\nfeed\ttab\x01") + "\"\\,;";
    j.write([&](host::journal_tx& tx) { tx.append_ledger(e); });
    const auto all = j.entries();
    REQUIRE(all.size() == 1);
    CHECK(all[0].run == e.run);
    CHECK(all[0].request == e.request);
    CHECK(all[0].before == e.before);
    CHECK(all[0].after == e.after);
    CHECK(all[0].object == e.object);
    CHECK(j.verify().ok);
}

TEST_CASE("a write that is rolled back leaves no gap in the ledger", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 2);
    const auto r = j.try_write([&](host::journal_tx& tx) {
        tx.append_ledger(j.entry_of(3));
        throw std::runtime_error("no");
    });
    CHECK(r.has_error());
    CHECK(j.entries().size() == 2);
    j.append(4, 5);
    CHECK(j.entries().back().seq == 4);
    CHECK(j.verify().ok);

    SECTION("nor when it shares its transaction with others") {
        std::promise<void> go;
        auto gate = go.get_future().share();
        j.journal->write([gate](host::journal_tx&) { gate.wait(); }, {});
        for (int n = 6; n <= 9; ++n) {
            j.journal->write(
                [&j, n](host::journal_tx& tx) {
                    tx.append_ledger(j.entry_of(n));
                    if (n == 7) throw std::runtime_error("no");
                },
                {});
        }
        go.set_value();
        REQUIRE(j.journal->flush().has_value());
        CHECK(j.entries().size() == 7);
        CHECK(j.verify().ok);
    }
}

TEST_CASE("the ledger is searched", "[host][journal][ledger]") {
    ledger_fixture j;
    const auto began = j.time.now_unix_ms();
    for (int n = 1; n <= 6; ++n) {
        j.append(n, n);
        j.time.advance(std::chrono::seconds(1));
    }
    const auto seqs = [&](const host::ledger_filter& filter) {
        std::vector<std::uint64_t> out;
        for (const auto& e : j.entries(filter)) {
            out.push_back(e.seq);
        }
        return out;
    };
    using list = std::vector<std::uint64_t>;
    CHECK(seqs({.from_seq = 5}) == list{5, 6});
    CHECK(seqs({.from_seq = 7}).empty());
    CHECK(seqs({.from_seq = 2, .limit = 2}) == list{2, 3});
    CHECK(seqs({.object = "contact-3"}) == list{3});
    CHECK(seqs({.object = "nobody"}).empty());
    CHECK(seqs({.run = j.entry_of(2).run}) == list{2});
    CHECK(seqs({.connection = "crm"}) == list{2, 4, 6});
    CHECK(seqs({.connection = "nobody"}).empty());
    CHECK(seqs({.since = began + 4000}) == list{5, 6});
    CHECK(seqs({.until = began + 2000}) == list{1, 2});
    CHECK(seqs({.connection = "dam", .since = began + 1000, .until = began + 3000}) == list{3});
}

TEST_CASE("a change of any column is found and located", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 6);
    const auto at = GENERATE(1, 3, 6);
    const auto* change = GENERATE(
        "at=at+1", "run=(SELECT run FROM ledger WHERE seq=2)", "run='x'", "instance=99999",
        "instance=(SELECT id FROM name WHERE text='dam')", "step=step||'x'", "attempt=77",
        "connection=(SELECT id FROM name WHERE text='done')", "operation=99999", "object='mine'",
        "object=''", "outcome=(SELECT id FROM name WHERE text='crm')", "request_digest=x'00'",
        "request_digest=''", "before_digest='y'", "after_digest=after_digest||x'00'");
    INFO(change);
    j.tamper(std::string("UPDATE ledger SET ") + change + " WHERE seq=" + std::to_string(at));
    const auto r = j.verify();
    CHECK_FALSE(r.ok);
    CHECK(r.first_bad_seq == static_cast<std::uint64_t>(at));
    CHECK(says(r, "entry " + std::to_string(at) + " was changed"));
}

TEST_CASE("a changed name is found where it is first used", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 6);
    CHECK(j.verify().ok);
    j.tamper("UPDATE name SET text='sap' WHERE text='crm'");
    CHECK(j.verify().first_bad_seq == 2);
    // Also by a journal that has read the names before.
    j.tamper("UPDATE name SET text='crm' WHERE text='sap'");
    CHECK(j.verify().ok);
    {
        host::sqlite_db db(j.options.path, host::sqlite_db::mode::create);
        db.script("UPDATE name SET text='sap' WHERE text='crm'");
    }
    CHECK(j.verify().first_bad_seq == 2);
}

TEST_CASE("a changed hash is told from a changed content", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 6);
    j.tamper("UPDATE ledger SET hash=x'" + host::sha256_hex("x") + "' WHERE seq=3");
    const auto r = j.verify();
    CHECK(r.first_bad_seq == 3);
    CHECK(says(r, "the hash of entry 3 was changed"));
}

TEST_CASE("removed entries are found and located", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 6);
    SECTION("the first") {
        j.tamper("DELETE FROM ledger WHERE seq=1");
        const auto r = j.verify();
        CHECK(r.first_bad_seq == 1);
        CHECK(says(r, "entry 1 was removed"));
    }
    SECTION("several in the middle") {
        j.tamper("DELETE FROM ledger WHERE seq IN (3,4)");
        const auto r = j.verify();
        CHECK(r.first_bad_seq == 3);
        CHECK(says(r, "entry 3 to 4 were removed"));
    }
    SECTION("one, with the others moved up") {
        j.tamper("DELETE FROM ledger WHERE seq=3; UPDATE ledger SET seq=seq-1 WHERE seq>3");
        CHECK(j.verify().first_bad_seq == 3);
    }
    SECTION("the end") {
        j.tamper("DELETE FROM ledger WHERE seq>4");
        const auto r = j.verify();
        CHECK(r.first_bad_seq == 5);
        CHECK(says(r, "the end was cut off: entry 5 to 6 are missing"));
        j.append(7, 8); // what is written afterwards does not hide it
        const auto later = j.verify();
        CHECK(later.first_bad_seq == 5);
        CHECK(says(later, "entry 5 to 6 were removed"));
    }
    SECTION("all") {
        j.tamper("DELETE FROM ledger");
        CHECK(j.verify().first_bad_seq == 1);
    }
}

TEST_CASE("swapped entries are found and named", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 6);
    const auto pair = GENERATE(std::pair(2, 3), std::pair(2, 5), std::pair(5, 6), std::pair(1, 6));
    const auto a = std::to_string(pair.first);
    const auto b = std::to_string(pair.second);
    SECTION("as they are") {
        j.tamper("UPDATE ledger SET seq=1000 WHERE seq=" + a + "; UPDATE ledger SET seq=" + a +
                 " WHERE seq=" + b + "; UPDATE ledger SET seq=" + b + " WHERE seq=1000");
    }
    SECTION("without their hashes") {
        j.tamper("UPDATE ledger SET seq=1000 WHERE seq=" + a + "; UPDATE ledger SET seq=" + a +
                 " WHERE seq=" + b + "; UPDATE ledger SET seq=" + b +
                 " WHERE seq=1000; CREATE TEMP TABLE h AS SELECT seq,hash FROM ledger; UPDATE "
                 "ledger SET hash=(SELECT hash FROM h WHERE h.seq=" +
                 a + ") WHERE seq=" + b +
                 "; UPDATE ledger SET hash=(SELECT hash FROM h "
                 "WHERE h.seq=" +
                 b + ") WHERE seq=" + a);
    }
    const auto r = j.verify();
    CHECK(r.first_bad_seq == static_cast<std::uint64_t>(pair.first));
    CHECK(says(r, "entry " + a + " and entry " + b + " were swapped"));
}

TEST_CASE("added entries are found and located", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 6);
    const std::string columns = "at,run,instance,step,attempt,connection,operation,object,outcome,"
                                "request_digest,before_digest,after_digest,hash";
    const auto copy = [&](const std::string& seq, const std::string& from) {
        return "INSERT INTO ledger(seq," + columns + ") SELECT " + seq + "," + columns +
               " FROM ledger WHERE seq=" + from + ";";
    };
    SECTION("at the end") {
        j.tamper(copy("7", "6"));
        CHECK(j.verify().first_bad_seq == 7);
    }
    SECTION("at the end, with a hash that fits") {
        auto e = j.entries().back();
        const auto previous = e.hash;
        e.seq = 7;
        j.tamper(copy("7", "6") + "UPDATE ledger SET hash=x'" + host::chained_hash(previous, e) +
                 "' WHERE seq=7");
        const auto r = j.verify();
        CHECK(r.first_bad_seq == 7);
        CHECK(says(r, "entry 7 was added at the end"));
    }
    SECTION("before the first") {
        j.tamper(copy("0", "6"));
        CHECK_FALSE(j.verify().ok);
        j.tamper("UPDATE ledger SET seq=-5 WHERE seq=0");
        CHECK_FALSE(j.verify().ok);
    }
    SECTION("in the middle, with the others moved down") {
        const bool fits = GENERATE(true, false);
        auto e = j.entries()[5];
        e.seq = 3;
        const auto hash = host::chained_hash(j.entries()[1].hash, e);
        j.tamper(
            "UPDATE ledger SET seq=-seq WHERE seq>2; UPDATE ledger SET seq=1-seq WHERE seq<0;" +
            copy("3", "7"));
        if (fits) j.tamper("UPDATE ledger SET hash=x'" + hash + "' WHERE seq=3");
        const auto r = j.verify();
        CHECK(r.first_bad_seq == 3);
        CHECK(says(r, "entry 3 was added"));
    }
}

TEST_CASE("a changed record of the newest entry is found", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 6);
    SECTION("its number, higher") {
        j.tamper("UPDATE ledger_head SET seq=9");
        CHECK(j.verify().first_bad_seq == 7);
    }
    SECTION("its number, lower") {
        j.tamper("UPDATE ledger_head SET seq=4");
        CHECK(j.verify().first_bad_seq == 5);
    }
    SECTION("its hash") {
        j.tamper("UPDATE ledger_head SET hash='x'");
        const auto r = j.verify();
        CHECK(r.first_bad_seq == 6);
        CHECK(says(r, "the record of the newest entry was changed"));
    }
    SECTION("removed, which later entries do not hide") {
        j.tamper("DELETE FROM ledger_head");
        CHECK(says(j.verify(), "was removed"));
        j.append(7, 7);
        CHECK(j.entries().back().seq == 7);
        CHECK(says(j.verify(), "was removed"));
    }
    SECTION("its anchor") {
        j.tamper("UPDATE ledger_head SET anchor_seq=2");
        CHECK_FALSE(j.verify().ok);
    }
}

TEST_CASE("a ledger written anew as a whole is found by a hash noted down before",
          "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 4);
    const auto noted = j.head();
    j.append(5, 6);
    const auto with_seq = std::to_string(noted.seq) + ":" + noted.hash;
    CHECK(j.verify(noted.hash).ok);
    CHECK(j.verify(with_seq).ok);
    CHECK(j.verify(j.head().hash).ok);
    CHECK_FALSE(j.verify("5:" + noted.hash).ok);
    CHECK_FALSE(j.verify("99:" + noted.hash).ok);
    CHECK_FALSE(j.verify("nonsense").ok);

    // Who can write the file can also count.
    auto all = j.entries();
    all[1].object = "somebody else's";
    std::string sql = "UPDATE ledger SET object='somebody else''s' WHERE seq=2;";
    std::string previous;
    for (auto& e : all) {
        e.hash = host::chained_hash(previous, e);
        sql += "UPDATE ledger SET hash=x'" + e.hash + "' WHERE seq=" + std::to_string(e.seq) + ";";
        previous = e.hash;
    }
    j.tamper(sql + "UPDATE ledger_head SET hash=x'" + previous + "'");
    CHECK(j.verify().ok);
    CHECK_FALSE(j.verify(noted.hash).ok);
    const auto r = j.verify(with_seq);
    CHECK(r.first_bad_seq == 4);
    CHECK(says(r, "noted down"));
}

TEST_CASE("a ledger whose beginning was dropped goes on from its anchor",
          "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 6);
    const auto anchor = j.entries()[1];
    j.tamper("DELETE FROM ledger WHERE seq<=2; UPDATE ledger_head SET anchor_seq=2,anchor_hash=x'" +
             anchor.hash + "'");
    const auto r = j.verify();
    CHECK(r.ok);
    CHECK(r.entries == 4);
    CHECK(j.stats().ledger_entries == 4);
    j.append(7, 7);
    CHECK(j.verify().ok);
    CHECK(j.verify(anchor.hash).ok);
}

TEST_CASE("a long ledger is checked over its pages", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 2500);
    CHECK(j.verify().entries == 2500);
    j.tamper("UPDATE ledger SET attempt=attempt+1 WHERE seq=2001");
    CHECK(j.verify().first_bad_seq == 2001);
    j.tamper("UPDATE ledger SET attempt=attempt-1 WHERE seq=2001; DELETE FROM ledger WHERE "
             "seq=1001");
    CHECK(j.verify().first_bad_seq == 1001);
}

TEST_CASE("CSV follows RFC 4180", "[host][journal][ledger]") {
    ledger_fixture j;
    auto e = j.entry_of(1);
    e.seq = 12;
    e.at = 1'700'000'000'000;
    e.run = host::run_id("r");
    e.step = "a \"quoted\", step";
    e.object = "two\r\nlines";
    e.request = e.before = e.after = {};
    e.hash = "abc";
    CHECK(host::to_csv(e) == "12,2023-11-14T22:13:20.000Z,r,campaigns,\"a \"\"quoted\"\", step\",1,"
                             "dam,contacts.upsert,\"two\r\nlines\",done,,,,abc,");
    e.actor = "kim, of the night";
    CHECK(host::to_csv(e).ends_with("abc,\"kim, of the night\""));
    const auto header = host::csv_header();
    CHECK(header == "seq,at,run,instance,step,attempt,connection,operation,object,outcome,request,"
                    "before,after,hash,actor");
    CHECK(std::count(header.begin(), header.end(), ',') == 14);
}

TEST_CASE("a line of NDJSON holds the whole entry", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(3, 3);
    const auto e = j.entries().at(0);
    const auto o = boost::json::parse(host::to_ndjson(e)).as_object();
    CHECK(o.size() == 14);
    CHECK(o.at("seq") == 1);
    CHECK(o.at("at") == "2023-11-14T22:13:20.000Z");
    CHECK(o.at("run").as_string() == e.run.str());
    CHECK(o.at("step") == "step \"3\", übrig");
    CHECK(o.at("outcome") == "found");
    CHECK(o.at("hash").as_string() == e.hash);
}

TEST_CASE("what people did stands in the same chain, with their name", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 2);
    const auto without = host::to_ndjson(j.entries().at(1));
    CHECK(without.find("actor") == std::string::npos);
    j.write([](host::journal_tx& tx) {
        host::ledger_entry e;
        e.actor = "kim \"k\"";
        e.operation = "admin:pauseConnection";
        e.connection = e.object = "dam";
        e.outcome = "refused";
        tx.append_ledger(e);
    });
    j.append(3, 3);
    REQUIRE(j.verify().ok);
    const auto by_person = j.entries({.actor = "kim \"k\""});
    REQUIRE(by_person.size() == 1);
    const auto& e = by_person.front();
    CHECK(e.seq == 3);
    CHECK(e.actor == "kim \"k\"");
    CHECK(e.run.empty());
    CHECK(e.instance.empty());
    const auto o = boost::json::parse(host::to_ndjson(e)).as_object();
    CHECK(o.size() == 15);
    CHECK(o.at("actor") == "kim \"k\"");
    CHECK(j.entries({.actor = "somebody else"}).empty());
    CHECK(j.entries({.begins = "kim"}).size() == 1);

    SECTION("another name is found") {
        j.tamper("UPDATE ledger SET actor=(SELECT id FROM name WHERE text='dam') WHERE seq=3");
        CHECK(j.verify().first_bad_seq == 3);
    }
    SECTION("a removed name is found") {
        j.tamper("UPDATE ledger SET actor=NULL WHERE seq=3");
        CHECK(j.verify().first_bad_seq == 3);
    }
    SECTION("a name for what a run did is found") {
        j.tamper("UPDATE ledger SET actor=(SELECT id FROM name WHERE text='dam') WHERE seq=2");
        CHECK(j.verify().first_bad_seq == 2);
    }
}

// The script of docs/ledger.md, as a reader of the documentation would run it.
TEST_CASE("an export is checked by the documented script", "[host][journal][ledger]") {
    ledger_fixture j;
    j.append(1, 4);
    j.write([&](host::journal_tx& tx) {
        auto e = j.entry_of(5);
        e.actor = "kim";
        tx.append_ledger(e);
    });
    const auto docs = read_file(std::filesystem::path(MORTISE_SOURCE_DIR) / "docs/ledger.md");
    const auto fence = docs.find("```python");
    REQUIRE(fence != std::string::npos);
    const auto begin = docs.find('\n', fence) + 1;
    const auto end = docs.find("```", begin);
    REQUIRE(end != std::string::npos);
    const auto script = j.folder.write("verify.py", docs.substr(begin, end - begin));

    std::vector<std::string> lines;
    for (const auto& e : j.entries()) {
        lines.push_back(host::to_ndjson(e));
    }
    const auto run = [&](const std::vector<std::string>& exported) {
        std::string text;
        for (const auto& line : exported) {
            text += line + "\n";
        }
        const auto file = j.folder.write("ledger.ndjson", text);
        const std::string command =
            "python3 '" + script.string() + "' '" + file.string() + "' 2>&1";
        std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
        REQUIRE(pipe != nullptr);
        std::string out;
        char buffer[256];
        while (std::fgets(buffer, sizeof(buffer), pipe.get()) != nullptr) {
            out += buffer;
        }
        return std::pair(out, ::pclose(pipe.release()) == 0);
    };
    const auto good = run(lines);
    CHECK(good.first == "ok: 5 entries, head 5:" + j.head().hash + "\n");
    CHECK(good.second);
    SECTION("changed") {
        const auto at = lines[2].find("contact-3");
        REQUIRE(at != std::string::npos);
        lines[2][at] = 'C';
        const auto bad = run(lines);
        CHECK(bad.first == "entry 3 does not fit\n");
        CHECK_FALSE(bad.second);
    }
    SECTION("one left out") {
        lines.erase(lines.begin() + 1);
        CHECK(run(lines).first == "entry 3 does not fit\n");
    }
    SECTION("swapped") {
        std::swap(lines[3], lines[4]);
        CHECK(run(lines).first == "entry 5 does not fit\n");
    }
}
