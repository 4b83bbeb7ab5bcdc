// SPDX-License-Identifier: Apache-2.0
#include "journal/schema.hpp"

#include "journal/fingerprint.hpp"
#include "journal/journal.hpp"
#include "journal/record_json.hpp"
#include "journal/sqlite_db.hpp"

#include <array>
#include <utility>
#include <vector>

namespace mortise::host {
namespace {

constexpr std::int64_t application_id = 0x4D525453; // "MRTS"

// States are those of run_state: 0 ready, 1 active, 2 waiting; 3 and above final. "state<3" is
// written out in partial indexes and in the queries that use them, as SQLite matches them by text.
//
// head: 1 for the one unfinished run of its (instance, key) that may go on. So that claiming reads
// run_ready from its beginning, however many runs wait behind others.
// poked: a wait of an active run was completed; suspend() must not put it to sleep.
// name: texts of which there are few and that are on every row.
// event_match: events of types some flow waits for, by the keys they can be found under. Types that
// nobody waits for (most) have no row here.
constexpr const char* version_1 = R"sql(
CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE counter(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  events INTEGER NOT NULL, duplicates INTEGER NOT NULL, poll_only INTEGER NOT NULL,
  state_version INTEGER NOT NULL,
  run0 INTEGER NOT NULL, run1 INTEGER NOT NULL, run2 INTEGER NOT NULL, run3 INTEGER NOT NULL,
  run4 INTEGER NOT NULL, run5 INTEGER NOT NULL, run6 INTEGER NOT NULL, run7 INTEGER NOT NULL);
INSERT INTO counter VALUES(1, 0,0,0, 0, 0,0,0,0, 0,0,0,0);

CREATE TABLE event(
  seq INTEGER PRIMARY KEY, ref BLOB NOT NULL, source INTEGER NOT NULL, id TEXT NOT NULL,
  type INTEGER NOT NULL, subject TEXT NOT NULL, partition_key TEXT NOT NULL,
  trace_parent TEXT NOT NULL, time INTEGER NOT NULL, accepted_at INTEGER NOT NULL,
  via INTEGER NOT NULL, data TEXT NOT NULL);
CREATE UNIQUE INDEX event_ref ON event(ref);
CREATE UNIQUE INDEX event_once ON event(source, id);
CREATE INDEX event_type ON event(type);

CREATE TABLE cursor(
  connection TEXT NOT NULL, trigger TEXT NOT NULL, cursor TEXT NOT NULL,
  updated_at INTEGER NOT NULL, PRIMARY KEY(connection, trigger)) WITHOUT ROWID;

CREATE TABLE run(
  seq INTEGER PRIMARY KEY, id BLOB NOT NULL, instance INTEGER NOT NULL, key TEXT NOT NULL,
  flow INTEGER NOT NULL, flow_version INTEGER NOT NULL, config_revision INTEGER NOT NULL,
  event INTEGER NOT NULL, state INTEGER NOT NULL, head INTEGER NOT NULL,
  poked INTEGER NOT NULL DEFAULT 0, waited INTEGER NOT NULL DEFAULT 0, owner INTEGER,
  starts INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  wake_at INTEGER NOT NULL DEFAULT 0, result TEXT NOT NULL DEFAULT '', failure TEXT,
  failed_step TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX run_id ON run(id);
CREATE INDEX run_instance ON run(instance);
CREATE INDEX run_key ON run(instance, key) WHERE state<3;
CREATE INDEX run_ready ON run(head) WHERE state=0 AND head=1;
CREATE INDEX run_active ON run(owner) WHERE state=1;
CREATE INDEX run_wake ON run(wake_at) WHERE state=2 AND wake_at>0;
CREATE INDEX run_dead ON run(state) WHERE state>3;
CREATE TABLE lease(owner INTEGER PRIMARY KEY, until INTEGER NOT NULL);

CREATE TABLE step(
  seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, key TEXT NOT NULL, kind INTEGER NOT NULL,
  target TEXT NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL,
  started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL, wake_at INTEGER NOT NULL,
  input TEXT NOT NULL, result TEXT NOT NULL, failure TEXT);
CREATE UNIQUE INDEX step_key ON step(run, key);

CREATE TABLE wait(
  run INTEGER NOT NULL, step INTEGER NOT NULL, type INTEGER NOT NULL, key TEXT NOT NULL,
  PRIMARY KEY(run, step)) WITHOUT ROWID;
CREATE INDEX wait_match ON wait(type, key);
CREATE TABLE waited_type(type INTEGER PRIMARY KEY);
CREATE TABLE event_match(
  type INTEGER NOT NULL, key TEXT NOT NULL, event INTEGER NOT NULL,
  PRIMARY KEY(type, key, event)) WITHOUT ROWID;
CREATE TABLE consumed(
  run INTEGER NOT NULL, event INTEGER NOT NULL, PRIMARY KEY(run, event)) WITHOUT ROWID;

CREATE TABLE link(
  relation TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, data TEXT NOT NULL,
  updated_at INTEGER NOT NULL, PRIMARY KEY(relation, a)) WITHOUT ROWID;
CREATE UNIQUE INDEX link_b ON link(relation, b) WHERE b<>'';

CREATE TABLE state(
  scope TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY(scope, key)) WITHOUT ROWID;
)sql";

// Child runs, dead letters by cause, what people did, the ledger. What most runs have nothing of is
// NULL and in partial indexes, so that it costs them nothing.
//
// run.parent: seq of the run whose step parent_step waits for this one's end.
// run.held: connection it waits for. run.fingerprint: of dead letters, see fingerprint.hpp.
// run.event never falls from one seq to the next, as an event's runs are stored with it. So they
// are found without an index of their own.
// ledger_head: the newest entry once more, so that a cut end is noticed; entries up to anchor_seq
// were dropped by retention.
// care: what housekeeping remembers. packed_*: bytes of payloads before and after compression;
// removed_*: by retention; event_cursor, expired_cursor: how far retention has come in table event.
constexpr const char* version_2 = R"sql(
ALTER TABLE run ADD COLUMN parent INTEGER;
ALTER TABLE run ADD COLUMN parent_step TEXT;
ALTER TABLE run ADD COLUMN cancel_reason TEXT;
ALTER TABLE run ADD COLUMN held INTEGER;
ALTER TABLE run ADD COLUMN fingerprint INTEGER;
ALTER TABLE run ADD COLUMN edited_data TEXT;
CREATE INDEX run_parent ON run(parent) WHERE parent IS NOT NULL;
CREATE INDEX run_held ON run(held) WHERE held IS NOT NULL;
CREATE INDEX run_cause ON run(fingerprint) WHERE fingerprint IS NOT NULL;
ALTER TABLE step ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;

CREATE TABLE note(
  seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL,
  action TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX note_run ON note(run);
CREATE TABLE revision(
  instance INTEGER NOT NULL, revision INTEGER NOT NULL, flow INTEGER NOT NULL,
  flow_version INTEGER NOT NULL, settings TEXT NOT NULL, made_at INTEGER NOT NULL,
  PRIMARY KEY(instance, revision)) WITHOUT ROWID;

CREATE TABLE ledger(
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, run BLOB NOT NULL, instance INTEGER NOT NULL,
  step TEXT NOT NULL, attempt INTEGER NOT NULL, connection INTEGER NOT NULL,
  operation INTEGER NOT NULL, object TEXT NOT NULL, outcome INTEGER NOT NULL,
  request_digest BLOB NOT NULL, before_digest BLOB NOT NULL, after_digest BLOB NOT NULL,
  hash BLOB NOT NULL);
CREATE TABLE ledger_head(
  id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash BLOB NOT NULL,
  anchor_seq INTEGER NOT NULL, anchor_hash BLOB NOT NULL);
INSERT INTO ledger_head VALUES(1, 0,'', 0,'');

CREATE TABLE care(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  packed_raw INTEGER NOT NULL, packed_stored INTEGER NOT NULL,
  removed_runs INTEGER NOT NULL, removed_events INTEGER NOT NULL,
  event_cursor INTEGER NOT NULL, expired_cursor INTEGER NOT NULL);
INSERT INTO care VALUES(1, 0,0, 0,0, 0,0);
)sql";

// ledger.actor: who did it by hand; NULL where a run did it, as in all entries of version 2.
constexpr const char* version_3 = R"sql(
ALTER TABLE ledger ADD COLUMN actor INTEGER;
)sql";

// attempt: of steps that more than one attempt was made of, see step_tries.hpp. By the step's key,
// as its row may be made anew.
constexpr const char* version_4 = R"sql(
CREATE TABLE attempt(
  run INTEGER NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL, attempt INTEGER NOT NULL,
  began INTEGER NOT NULL, ended INTEGER NOT NULL, limited INTEGER NOT NULL,
  outcome INTEGER NOT NULL, wait INTEGER NOT NULL, wait_until INTEGER NOT NULL, failure TEXT,
  PRIMARY KEY(run, key, number)) WITHOUT ROWID;
)sql";

// What SQL alone cannot do for version 2: the causes of the dead letters there are.
void fill_fingerprints(sqlite_db& db) {
    std::vector<std::pair<std::int64_t, std::uint64_t>> causes;
    {
        auto rows =
            db.query("SELECT r.seq,n.text,s.target,r.failure FROM run r INDEXED BY run_dead "
                     "CROSS JOIN name n ON n.id=r.flow LEFT JOIN step s ON s.run=r.seq AND "
                     "s.key=r.failed_step WHERE r.state>3 AND r.state<6");
        while (rows.next()) {
            const error e = rows.is_null(3) ? error() : error_from_json(rows.view(3));
            causes.emplace_back(rows.number(0), fingerprint(rows.view(1), rows.view(2), e));
        }
    }
    for (const auto& [seq, cause] : causes) {
        db.exec("UPDATE run SET fingerprint=?2 WHERE seq=?1", seq, cause);
    }
}

struct migration {
    const char* sql;
    void (*then)(sqlite_db&) = nullptr;
};

// migrations[n] leads from version n to n + 1.
constexpr std::array<migration, journal_schema_version> migrations{
    migration{version_1}, migration{version_2, fill_fingerprints}, migration{version_3},
    migration{version_4}};

std::int64_t pragma(sqlite_db& db, std::string_view sql) {
    auto rows = db.query(sql);
    return rows.next() ? rows.number(0) : 0;
}

[[noreturn]] void refuse(std::string code, std::string message) {
    throw journal_failure({category::config, std::move(code), std::move(message)});
}

// As a whole: a file is never left between two versions, and a new one is synced to the disk once,
// not once for each version there ever was.
void migrate(sqlite_db& db, const std::string& path, std::int64_t from) {
    auto v = from;
    db.script("BEGIN IMMEDIATE");
    try {
        for (; v < journal_schema_version; ++v) {
            const migration& m = migrations[static_cast<std::size_t>(v)];
            db.script(m.sql);
            if (m.then != nullptr) m.then(db);
        }
        const std::string mark = "PRAGMA application_id=" + std::to_string(application_id) +
                                 "; PRAGMA user_version=" + std::to_string(journal_schema_version);
        db.script(mark.c_str());
        db.script("COMMIT");
    } catch (const journal_failure& f) {
        db.rollback();
        error e = f.get();
        if (e.code == "journal.engine") e.code = "journal.migration";
        const bool in_a_step = v < journal_schema_version;
        e.context(path + ": cannot be brought from schema " + std::to_string(in_a_step ? v : from) +
                  " to " + std::to_string(in_a_step ? v + 1 : journal_schema_version) +
                  " and was left as it is; mend the cause, or go on with the program version "
                  "that wrote it");
        throw journal_failure(std::move(e));
    } catch (...) {
        db.rollback();
        throw;
    }
}

} // namespace

void prepare_schema(sqlite_db& db, const std::string& path, bool read_only) {
    std::int64_t owner = 0;
    std::int64_t version = 0;
    std::int64_t tables = 0;
    try {
        owner = pragma(db, "PRAGMA application_id");
        version = pragma(db, "PRAGMA user_version");
        tables = pragma(db, "SELECT count(*) FROM sqlite_schema");
    } catch (const journal_failure& f) {
        if (f.get().code != "journal.corrupted") throw;
        refuse("journal.corrupted",
               path +
                   ": this is not a readable SQLite file; it is damaged or something else. Move it "
                   "away and restore a backup, or name another file in [journal] path");
    }
    const bool is_empty = owner == 0 && version == 0 && tables == 0;
    if (owner != application_id && !is_empty) {
        refuse("journal.foreign", path + ": this SQLite database belongs to another program; name "
                                         "another file in [journal] path");
    }
    if (version > journal_schema_version) {
        refuse("journal.too-new",
               path + ": written by a newer Mortise (schema " + std::to_string(version) +
                   ", this program knows " + std::to_string(journal_schema_version) +
                   "); start the newer version, or restore a backup from before the upgrade");
    }
    if (version == journal_schema_version) return;
    if (read_only) {
        refuse("journal.too-old",
               path + (is_empty ? ": holds no journal yet" : ": was written by an older Mortise") +
                   std::string("; start the host once, it prepares the file"));
    }
    migrate(db, path, version);
}

} // namespace mortise::host
