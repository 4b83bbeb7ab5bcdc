// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"
#include "journal/sqlite_db.hpp"

#include <unistd.h>

using namespace mortise::test;

namespace {

std::string refusal(const host::journal_options& options) {
    const auto r = host::open_sqlite_journal(options);
    if (r) return "opened";
    CHECK(r.error().category == host::category::config);
    INFO(r.error().message);
    CHECK(r.error().message.find(options.path) != std::string::npos);
    return r.error().code;
}

void run_sql(const std::string& path, const char* sql) {
    host::sqlite_db db(path, host::sqlite_db::mode::create);
    db.script(sql);
}

} // namespace

TEST_CASE("a database of another program is refused and left as it is", "[host][journal]") {
    journal_fixture j;
    j.options.path = (j.folder.path() / "other.db").string();
    run_sql(j.options.path, "CREATE TABLE theirs(x)");
    const auto before = read_file(j.options.path);
    CHECK(refusal(j.options) == "journal.foreign");
    CHECK(read_file(j.options.path) == before);
    run_sql(j.options.path, "PRAGMA application_id=77; PRAGMA user_version=1");
    CHECK(refusal(j.options) == "journal.foreign");
    j.options.read_only = true;
    CHECK(refusal(j.options) == "journal.foreign");
}

TEST_CASE("a file that is no database is refused and left as it is", "[host][journal]") {
    journal_fixture j;
    const std::string text(5000, 'x');
    j.options.path = j.folder.write("notes.txt", text).string();
    CHECK(refusal(j.options) == "journal.corrupted");
    CHECK(read_file(j.options.path) == text);
}

TEST_CASE("a damaged journal is refused", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1"));
    j.journal.reset();
    auto bytes = read_file(j.options.path);
    REQUIRE(bytes.size() > 8192);
    // The first page after the header of 100 bytes holds the list of tables.
    std::fill(bytes.begin() + 100, bytes.begin() + 4096, '\xA5');
    j.folder.write("journal.db", bytes);
    CHECK(refusal(j.options) == "journal.corrupted");
}

TEST_CASE("a journal of a newer version is refused with advice", "[host][journal]") {
    journal_fixture j;
    j.journal.reset();
    run_sql(j.options.path, "PRAGMA user_version=99");
    CHECK(refusal(j.options) == "journal.too-new");
    const auto r = host::open_sqlite_journal(j.options);
    CHECK(r.error().message.find("99") != std::string::npos);
    CHECK(r.error().message.find("newer") != std::string::npos);
}

TEST_CASE("a folder that is not there is refused", "[host][journal]") {
    journal_fixture j;
    j.options.path = (j.folder.path() / "no" / "journal.db").string();
    CHECK(refusal(j.options) == "journal.cannot-open");
    j.options.read_only = true;
    CHECK(refusal(j.options) == "journal.cannot-open");
}

TEST_CASE("a journal without a path or a clock is refused", "[host][journal]") {
    journal_fixture j;
    auto options = j.options;
    options.time = nullptr;
    auto r = host::open_sqlite_journal(options);
    REQUIRE(r.has_error());
    CHECK(r.error().code == "journal.cannot-open");
    options = j.options;
    options.path.clear();
    r = host::open_sqlite_journal(options);
    REQUIRE(r.has_error());
    CHECK(r.error().category == host::category::config);
}

TEST_CASE("a second host on the same journal is refused until the first has gone",
          "[host][journal]") {
    journal_fixture j;
    CHECK(refusal(j.options) == "journal.locked");
    const auto r = host::open_sqlite_journal(j.options);
    CHECK(r.error().message.find(std::to_string(::getpid())) != std::string::npos);
    j.journal.reset();
    CHECK(refusal(j.options) == "opened");
}

TEST_CASE("a reader beside the host sees its commits and cannot write", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "r1"));
    auto options = j.options;
    options.read_only = true;
    auto beside = host::open_sqlite_journal(options);
    REQUIRE(beside.has_value());
    const auto events = [&] {
        std::uint64_t n = 0;
        (*beside)->read([&](host::journal_reader& r) { n = r.stats().events; });
        return n;
    };
    CHECK(events() == 1);
    j.accept(j.intake_of("2"));
    CHECK(events() == 2);
    std::string code;
    bool ran = false;
    (*beside)->write([&](host::journal_tx&) { ran = true; },
                     [&](const host::result<void>& r) { code = r ? "ok" : r.error().code; });
    CHECK(code == "journal.read-only");
    CHECK_FALSE(ran);
    CHECK((*beside)->flush().has_value());

    // Also when the host has stopped, and opened only then.
    j.journal.reset();
    CHECK(events() == 2);
    beside = host::open_sqlite_journal(options);
    REQUIRE(beside.has_value());
    CHECK(events() == 2);
}

TEST_CASE("reading a journal that was never written says what to do", "[host][journal]") {
    journal_fixture j;
    j.options.path = j.folder.write("empty.db", "").string();
    j.options.read_only = true;
    CHECK(refusal(j.options) == "journal.too-old");
}

TEST_CASE("a journal keeps everything over closing and opening", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "r1"));
    j.claim();
    j.finish("r1", host::run_state::failed);
    const auto before = j.stats();
    j.reopen();
    const auto after = j.stats();
    CHECK(after.events == before.events);
    CHECK(after.runs[static_cast<int>(host::run_state::failed)] == 1);
    CHECK(j.accept(j.intake_of("1")).duplicate);
    CHECK(after.file_bytes > 0);
}

TEST_CASE("an exception in a query reaches the caller and the next query runs", "[host][journal]") {
    journal_fixture j;
    CHECK_THROWS_AS(j.journal->read([](host::journal_reader&) { throw std::runtime_error("x"); }),
                    std::runtime_error);
    CHECK(j.stats().events == 0);
}
