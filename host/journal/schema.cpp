// SPDX-License-Identifier: Apache-2.0
#include "journal/schema.hpp"

#include "journal/journal.hpp"
#include "journal/sqlite_db.hpp"

#include <array>

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

// care: what housekeeping remembers. packed_*: bytes of payloads before and after compression;
// removed_*: by retention; event_cursor, expired_cursor: how far retention has come in table event.
constexpr const char* version_2 = R"sql(
CREATE TABLE care(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  packed_raw INTEGER NOT NULL, packed_stored INTEGER NOT NULL,
  removed_runs INTEGER NOT NULL, removed_events INTEGER NOT NULL,
  event_cursor INTEGER NOT NULL, expired_cursor INTEGER NOT NULL);
INSERT INTO care VALUES(1, 0,0, 0,0, 0,0);
)sql";

// migrations[n] leads from version n to n + 1.
constexpr std::array<const char*, journal_schema_version> migrations{version_1, version_2};

std::int64_t pragma(sqlite_db& db, std::string_view sql) {
    auto rows = db.query(sql);
    return rows.next() ? rows.number(0) : 0;
}

[[noreturn]] void refuse(std::string code, std::string message) {
    throw journal_failure({category::config, std::move(code), std::move(message)});
}

void migrate(sqlite_db& db, std::int64_t from) {
    for (auto v = from; v < journal_schema_version; ++v) {
        db.script("BEGIN IMMEDIATE");
        try {
            db.script(migrations[static_cast<std::size_t>(v)]);
            const std::string mark = "PRAGMA application_id=" + std::to_string(application_id) +
                                     "; PRAGMA user_version=" + std::to_string(v + 1);
            db.script(mark.c_str());
            db.script("COMMIT");
        } catch (...) {
            db.rollback();
            throw;
        }
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
    migrate(db, version);
}

} // namespace mortise::host
