// SPDX-License-Identifier: Apache-2.0
// The check of a journal: first the file by SQLite itself, then what the host relies on.
#include "journal/care.hpp"
#include "journal/journal.hpp"
#include "journal/payload.hpp"
#include "journal/schema.hpp"
#include "journal/sqlite_db.hpp"
#include "journal/writer.hpp"

#include <array>

namespace mortise::host {
namespace {

// Each query gives one row for each finding: where it is, as text or as an id, and a number.
struct rule {
    const char* code;
    const char* what; // "run", "event": put before where
    const char* message;
    const char* sql; // ?1: most rows
};

constexpr rule rules[] = {
    {"run-without-event", "run", "its event is missing",
     "SELECT r.id,r.event FROM run r WHERE NOT EXISTS(SELECT 1 FROM event e WHERE e.seq=r.event) "
     "LIMIT ?1"},
    {"run-state", "run", "its state is none that is known",
     "SELECT id,state FROM run WHERE state NOT BETWEEN 0 AND 7 LIMIT ?1"},
    {"run-name", "run", "its flow, version or configuration has no name",
     "SELECT id,seq FROM run WHERE instance NOT IN (SELECT id FROM name) OR flow NOT IN (SELECT id "
     "FROM name) OR flow_version NOT IN (SELECT id FROM name) OR config_revision NOT IN (SELECT id "
     "FROM name) LIMIT ?1"},
    {"key-without-head", "the runs of a key, first of them run",
     "none or several are marked as the one that may go on",
     "SELECT r.id,k.heads FROM (SELECT min(seq) AS oldest,sum(head) AS heads FROM run INDEXED BY "
     "run_key WHERE state<3 GROUP BY instance,key HAVING sum(head)<>1 LIMIT ?1) k JOIN run r ON "
     "r.seq=k.oldest"},
    {"head-of-finished", "run", "it is finished and still marked as first of its key",
     "SELECT id,state FROM run WHERE head<>0 AND state>=3 LIMIT ?1"},
    {"active-behind-another", "run", "it is active though it is not first of its key",
     "SELECT id,seq FROM run INDEXED BY run_active WHERE state=1 AND head=0 LIMIT ?1"},
    {"active-without-lease", "run", "it is active, but nobody holds a lease on it",
     "SELECT id,owner FROM run INDEXED BY run_active WHERE state=1 AND (owner IS NULL OR owner NOT "
     "IN (SELECT owner FROM lease)) LIMIT ?1"},
    {"step-without-run", "step row", "its run is missing",
     "SELECT CAST(s.seq AS TEXT),s.run FROM step s WHERE NOT EXISTS(SELECT 1 FROM run r WHERE "
     "r.seq=s.run) LIMIT ?1"},
    {"step-state", "step row", "its state or kind is none that is known",
     "SELECT CAST(seq AS TEXT),state FROM step WHERE state NOT BETWEEN 0 AND 4 OR kind<0 LIMIT ?1"},
    {"attempt-without-step", "attempt of run row", "its step is missing",
     "SELECT CAST(a.run AS TEXT),a.number FROM attempt a WHERE NOT EXISTS(SELECT 1 FROM step s "
     "WHERE s.run=a.run AND s.key=a.key) LIMIT ?1"},
    {"attempt-state", "attempt of run row",
     "its outcome or what it waits for is none that is known",
     "SELECT CAST(run AS TEXT),number FROM attempt WHERE outcome NOT BETWEEN 0 AND 7 OR wait NOT "
     "BETWEEN 0 AND 5 LIMIT ?1"},
    {"wait-without-step", "wait of run row", "its run has ended, or its step is missing",
     "SELECT CAST(w.run AS TEXT),w.step FROM wait w WHERE NOT EXISTS(SELECT 1 FROM run r WHERE "
     "r.seq=w.run AND (r.state<3 OR r.state IN (4,5))) OR NOT EXISTS(SELECT 1 FROM step s WHERE "
     "s.seq=w.step AND "
     "s.run=w.run) LIMIT ?1"},
    {"spawn-without-child", "step row", "it waits for a child run that is missing",
     "SELECT CAST(s.seq AS TEXT),s.run FROM step s CROSS JOIN run r ON r.seq=s.run WHERE s.kind=7 "
     "AND s.state=1 AND r.state<3 AND NOT EXISTS(SELECT 1 FROM run c INDEXED BY run_parent WHERE "
     "c.parent=s.run AND c.parent_step=s.key) LIMIT ?1"},
    {"note-without-run", "note row", "its run is missing",
     "SELECT CAST(n.seq AS TEXT),n.run FROM note n WHERE NOT EXISTS(SELECT 1 FROM run r WHERE "
     "r.seq=n.run) LIMIT ?1"},
    {"match-without-event", "match of event row", "the event is missing",
     "SELECT CAST(m.event AS TEXT),m.type FROM event_match m WHERE NOT EXISTS(SELECT 1 FROM event "
     "e WHERE e.seq=m.event) LIMIT ?1"},
    {"event-name", "event", "its source, type or way has no name",
     "SELECT ref,seq FROM event WHERE source NOT IN (SELECT id FROM name) OR type NOT IN (SELECT "
     "id FROM name) OR via NOT IN (SELECT id FROM name) LIMIT ?1"},
};

constexpr std::array<const char*, 8> state_columns{"run0", "run1", "run2", "run3",
                                                   "run4", "run5", "run6", "run7"};

class checker {
public:
    checker(sqlite_db& db, const integrity_options& options) : db_(db), options_(options) {}

    integrity_report run() {
        // SQLite's findings first: when the file is damaged the rest may only be its echo.
        pages();
        db_.script("BEGIN"); // one snapshot for what is compared
        for (const rule& r : rules)
            guarded(r.code, [&] { apply(r); });
        guarded("counters", [&] { counters(); });
        if (options_.full) guarded("payloads", [&] { payloads(); });
        db_.rollback();
        return std::move(report_);
    }

private:
    void add(std::string code, std::string where, std::string message) {
        report_.findings.push_back({std::move(code), std::move(where), std::move(message)});
    }
    // A page that cannot be read stops one check, not the others.
    template <class Fn>
    void guarded(const char* what, const Fn& check) {
        try {
            check();
        } catch (const journal_failure& f) {
            if (f.get().code != "journal.corrupted") throw;
            add("unreadable", what, f.get().message);
        }
    }

    void pages() {
        const std::string sql =
            std::string(options_.full ? "PRAGMA integrity_check(" : "PRAGMA quick_check(") +
            std::to_string(options_.most) + ")";
        guarded("file", [&] {
            auto rows = db_.query(sql);
            while (rows.next())
                if (rows.view(0) != "ok") add("file", "the database file", rows.text(0));
        });
    }

    void apply(const rule& r) {
        auto rows = db_.query(r.sql, options_.most);
        while (rows.next()) {
            add(r.code, std::string(r.what) + ' ' + rows.id(0),
                std::string(r.message) + " (" + std::to_string(rows.number(1)) + ')');
        }
    }

    std::int64_t number(std::string_view sql) {
        auto rows = db_.query(sql);
        return rows.next() ? rows.number(0) : 0;
    }
    void compare(const std::string& counter, std::int64_t counted, std::int64_t rows) {
        if (counted == rows) return;
        add("counter", "counter " + counter,
            "it says " + std::to_string(counted) + ", but there are " + std::to_string(rows));
    }

    void counters() {
        const auto events = number("SELECT count(*) FROM event");
        compare("events",
                number("SELECT (SELECT events FROM counter)-(SELECT removed_events FROM care)"),
                events);
        std::array<std::int64_t, 8> found{};
        {
            auto rows = db_.query("SELECT state,count(*) FROM run GROUP BY state");
            while (rows.next()) {
                const auto state = rows.number(0);
                if (state >= 0 && state < 8)
                    found[static_cast<std::size_t>(state)] = rows.number(1);
                report_.runs += static_cast<std::uint64_t>(rows.number(1));
            }
        }
        for (std::size_t i = 0; i < found.size(); ++i)
            compare(std::string(to_string(static_cast<run_state>(i))) + " runs",
                    number(std::string("SELECT ") + state_columns[i] + " FROM counter"), found[i]);
        report_.events = static_cast<std::uint64_t>(events);
        report_.steps = static_cast<std::uint64_t>(number("SELECT count(*) FROM step"));
    }

    void payloads() {
        constexpr std::array<std::array<const char*, 2>, 5> places{{
            {"edited data of run row",
             "SELECT seq,edited_data FROM run WHERE typeof(edited_data)='blob'"},
            {"event row", "SELECT seq,data FROM event WHERE typeof(data)='blob'"},
            {"input of step row", "SELECT seq,input FROM step WHERE typeof(input)='blob'"},
            {"result of step row", "SELECT seq,result FROM step WHERE typeof(result)='blob'"},
            {"result of run row", "SELECT seq,result FROM run WHERE typeof(result)='blob'"},
        }};
        for (const auto& [what, sql] : places) {
            auto rows = db_.query(sql);
            std::uint32_t found = 0;
            while (found < options_.most && rows.next()) {
                const auto r = unpack_payload(rows.view(1));
                if (r) continue;
                ++found;
                add("payload", std::string(what) + ' ' + std::to_string(rows.number(0)),
                    r.error().message);
            }
        }
    }

    sqlite_db& db_;
    const integrity_options& options_;
    integrity_report report_;
};

} // namespace

result<integrity_report> check_journal(const std::string& path, const integrity_options& options) {
    try {
        sqlite_db db(path, sqlite_db::mode::read_only);
        prepare_schema(db, path, true);
        db.script("PRAGMA query_only=1");
        return checker(db, options).run();
    } catch (...) {
        return current_failure();
    }
}

} // namespace mortise::host
