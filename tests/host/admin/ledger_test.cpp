// SPDX-License-Identifier: Apache-2.0
// The ledger through the admin listener: search, check, export.
#include "answer_check.hpp"
#include "journal/ledger.hpp"
#include "support/net_stream.hpp"

#include <sqlite3.h>

#include <future>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
namespace json = boost::json;

namespace {

void write_some(host_fixture& f) {
    f.start();
    for (const char* name : {"a", "b", "c"})
        REQUIRE(f.send(name,
                       plan({R"({"do":"put","body":{"name":")" + std::string(name) + R"("}})"}),
                       "probe.changed", name) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 3));
}

std::vector<std::int64_t> numbers(host_fixture& f, const std::string& query) {
    std::vector<std::int64_t> out;
    const auto page = good_list(f, "/api/v1/ledger?" + query, "entries", "ledger_entry");
    for (const auto& e : page.at("entries").as_array())
        out.push_back(e.at("seq").to_number<std::int64_t>());
    return out;
}
using seqs = std::vector<std::int64_t>;

} // namespace

TEST_CASE("the ledger is searched, both ways and page by page", "[admin][ledger]") {
    host_fixture f;
    write_some(f);
    CHECK(numbers(f, "operation=put") == seqs{1, 2, 3});
    CHECK(numbers(f, "operation=put&order=desc") == seqs{3, 2, 1});
    CHECK(numbers(f, "operation=nothing").empty());
    CHECK(numbers(f, "connection=target&operation=put&q=pu") == seqs{1, 2, 3});
    CHECK(numbers(f, "q=zz").empty());
    CHECK(numbers(f, "run=" + f.runs().front().id.str()).size() == 1);
    for (const std::string order : {"asc", "desc"}) {
        seqs seen;
        std::string cursor;
        for (int pages = 0; pages < 5; ++pages) {
            const auto page =
                good_list(f, "/api/v1/ledger?operation=put&limit=2&order=" + order + cursor,
                          "entries", "ledger_entry");
            for (const auto& e : page.at("entries").as_array())
                seen.push_back(e.at("seq").to_number<std::int64_t>());
            if (page.at("next").is_null()) break;
            cursor = "&cursor=" + std::string(page.at("next").as_string());
        }
        CHECK(seen == (order == "asc" ? seqs{1, 2, 3} : seqs{3, 2, 1}));
    }
    CHECK_THAT(refusal_of(f, "/api/v1/ledger?cursor=x", 400), Catch::Contains("cursor"));
    CHECK_THAT(refusal_of(f, "/api/v1/ledger?order=up", 400), Catch::Contains("order"));
}

TEST_CASE("what a person did is found by who did it", "[admin][ledger]") {
    host_fixture f;
    write_some(f);
    REQUIRE(f.admin("POST", "/api/v1/connections/target/pause", R"({"reason":"x"})").status == 200);
    const auto all = good_list(f, "/api/v1/ledger?order=desc&limit=1", "entries", "ledger_entry");
    const auto& newest = all.at("entries").at(0);
    REQUIRE(newest.as_object().contains("actor"));
    const auto who = std::string(newest.at("actor").as_string());
    const auto seq = newest.at("seq").to_number<std::int64_t>();
    CHECK(numbers(f, "actor=" + who) == seqs{seq});
    CHECK(numbers(f, "actor=nobody").empty());
    CHECK(numbers(f, "q=" + who.substr(0, 3) + "&from=" + std::to_string(seq)) == seqs{seq});
}

TEST_CASE("the ledger is checked and a change in the file is named", "[admin][ledger]") {
    host_fixture f;
    write_some(f);
    auto report = good_answer(f, "/api/v1/ledger/verification", "ledger_verification");
    CHECK(report.at("ok") == true);
    CHECK(report.at("first_bad_seq") == 0);
    const auto head = std::string(report.at("last_hash").as_string());
    CHECK(good_answer(f, "/api/v1/ledger/verification?head=" + head, "ledger_verification")
              .at("ok") == true);
    CHECK(good_answer(f, "/api/v1/ledger/verification?head=" + std::string(64, '0'),
                      "ledger_verification")
              .at("ok") == false);
    f.stop();
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open((f.dir.path() / "state" / "journal.db").c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db, "UPDATE ledger SET object='forged' WHERE seq=2", nullptr, nullptr,
                         nullptr) == SQLITE_OK);
    sqlite3_close(db);
    f.start();
    report = good_answer(f, "/api/v1/ledger/verification", "ledger_verification");
    CHECK(report.at("ok") == false);
    CHECK(report.at("first_bad_seq") == 2);
    CHECK_FALSE(report.at("what").as_string().empty());
}

TEST_CASE("the ledger is exported as it is hashed, and begins with what is asked for",
          "[admin][ledger][export]") {
    host_fixture f;
    write_some(f);
    // More than one page of the export.
    constexpr int many = 1300;
    std::promise<result<void>> done;
    f.it->store().write(
        [](journal_tx& tx) {
            for (int i = 0; i < many; ++i) {
                ledger_entry e;
                e.connection = "target";
                e.operation = "bulk, \"quoted\"";
                e.object = "object-" + std::to_string(i);
                e.outcome = "done";
                tx.append_ledger(e);
            }
        },
        [&](const result<void>& r) { done.set_value(r); });
    REQUIRE(done.get_future().get().has_value());
    const auto get = [&](const std::string& query) { return exported(f, query); };
    std::vector<ledger_entry> kept;
    f.it->store().read(
        [&](journal_reader& r) { kept = r.ledger({.from_seq = 0, .limit = 10'000}); });
    const auto [head, lines] = get("");
    CHECK_THAT(head, Catch::Contains("application/x-ndjson") && Catch::Contains("attachment"));
    std::string expected;
    for (const auto& e : kept)
        expected += to_ndjson(e) + "\n";
    CHECK(kept.size() == many + 3);
    CHECK(lines == expected);
    const auto [csv_head, csv] = get("?format=csv&from=1302");
    CHECK_THAT(csv_head, Catch::Contains("text/csv"));
    CHECK(csv == csv_header() + "\r\n" + to_csv(kept[1301]) + "\r\n" + to_csv(kept[1302]) + "\r\n");
    const auto [none_head, none] = get("?object=nothing");
    CHECK(none.empty());
    CHECK_THAT(refusal_of(f, "/api/v1/ledger/export?format=xml", 400), Catch::Contains("format"));
}

TEST_CASE("an export whose reader leaves or takes nothing is given up, and the host goes on",
          "[admin][ledger][export]") {
    host_fixture f;
    f.start();
    std::promise<result<void>> done;
    f.it->store().write(
        [](journal_tx& tx) {
            for (int i = 0; i < 12'000; ++i) {
                ledger_entry e;
                e.connection = "target";
                e.operation = "bulk";
                e.object = std::string(1000, 'o');
                e.outcome = "done";
                tx.append_ledger(e);
            }
        },
        [&](const result<void>& r) { done.set_value(r); });
    REQUIRE(done.get_future().get().has_value());
    auto token = test::read_file(f.dir.path() / "state" / "admin-token");
    token.erase(token.find_last_not_of('\n') + 1);
    const auto ask = [&](test::net_stream& c) {
        c.write("GET /api/v1/ledger/export HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                token + "\r\n\r\n");
        CHECK_THAT(c.read_message(true), Catch::Contains("200 OK"));
    };
    auto left = test::net_stream::connect(f.it->admin_port());
    ask(left);
    CHECK(left.read_exactly(100'000).size() == 100'000);
    left.reset();
    // More of these than there are workers: none of them is kept busy.
    std::vector<test::net_stream> idle;
    for (int i = 0; i < 8; ++i) {
        idle.push_back(test::net_stream::connect(f.it->admin_port()));
        ask(idle.back());
    }
    CHECK(good_answer(f, "/api/v1/ledger/verification", "ledger_verification").at("entries") ==
          12'000);
    const auto began = std::chrono::steady_clock::now();
    f.stop(); // cuts what is not taken
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
    for (auto& c : idle)
        CHECK(c.wait_closed());
}

TEST_CASE("secrets do not leave through an export", "[admin][ledger][export][secrets]") {
    ::setenv("PROBE_SECRET_X", "export-secret-5150", 1);
    host_fixture f;
    f.setup.connection = "secret = { env = \"PROBE_SECRET_X\" }\n";
    f.start();
    std::promise<result<void>> done;
    f.it->store().write(
        [](journal_tx& tx) {
            ledger_entry e;
            e.connection = "target";
            e.operation = "put";
            e.object = "about export-secret-5150";
            e.outcome = "done";
            tx.append_ledger(e);
        },
        [&](const result<void>& r) { done.set_value(r); });
    REQUIRE(done.get_future().get().has_value());
    for (const char* query : {"", "?format=csv"}) {
        const auto [head, lines] = exported(f, query);
        CHECK_THAT(lines, Catch::Contains("about ***") && !Catch::Contains("5150"));
    }
    ::unsetenv("PROBE_SECRET_X");
}

TEST_CASE("a backfill begun by hand names its connection and trigger", "[admin][ledger][audit]") {
    host_fixture f;
    f.start();
    REQUIRE(f.admin("POST", "/api/v1/backfills", R"({"connection":"target","trigger":"changes"})")
                .status == 202);
    const auto list =
        good_list(f, "/api/v1/ledger?operation=admin:startBackfill", "entries", "ledger_entry");
    REQUIRE(list.at("entries").as_array().size() == 1);
    CHECK(list.at("entries").at(0).at("connection") == "target");
    CHECK(list.at("entries").at(0).at("object") == "target/changes");
}
