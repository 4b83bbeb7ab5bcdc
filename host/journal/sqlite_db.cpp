// SPDX-License-Identifier: Apache-2.0
#include "journal/sqlite_db.hpp"

#include "journal/journal.hpp"
#include "journal/payload.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace mortise::host {
namespace {

// How long a connection waits for another one's lock. The host lock keeps other writers out, so
// only checkpoints and recovery can be met.
constexpr int busy_timeout_ms = 5000;

[[noreturn]] void fail(sqlite3* db, int rc) {
    const std::string path = db != nullptr && sqlite3_db_filename(db, "main") != nullptr
                                 ? sqlite3_db_filename(db, "main")
                                 : "the journal";
    const std::string why = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    error e;
    e.effect = effect::none;
    e.category = category::unavailable;
    switch (rc & 0xFF) {
    case SQLITE_FULL:
        e.code = "journal.disk-full";
        e.message = path + ": the disk is full; free some space, nothing of this write was kept";
        break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        e.code = "journal.io";
        e.message = path + ": cannot read or write (" + why + ", code " + std::to_string(rc) +
                    "); check the disk and the file's permissions";
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        e.code = "journal.busy";
        e.message = path + ": another program keeps it locked; close tools that write to it";
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        e.category = category::internal;
        e.code = "journal.corrupted";
        e.message = path + ": the file is damaged (" + why +
                    "); stop the host, keep a copy, and restore the last backup";
        break;
    case SQLITE_CONSTRAINT:
        e.category = category::conflict;
        e.code = "journal.constraint";
        e.message = path + ": refused by a rule of the journal (" + why + ")";
        break;
    default:
        e.category = category::internal;
        e.code = "journal.engine";
        e.message = path + ": " + why + " (SQLite code " + std::to_string(rc) + ")";
    }
    throw journal_failure(std::move(e));
}

void check(sqlite3* db, int rc) {
    if (rc != SQLITE_OK) fail(db, rc);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1; // upper case is kept as text, so that an id comes back as it went in
}

// Once a process, before SQLite's first use. Its memory statistics take a process-wide lock at
// every allocation, about a tenth of the writer's time; nothing here reads them. Refused, without
// harm, when something else in the process has used SQLite before.
void configure_engine() {
    static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(once);
}

constexpr char hex[] = "0123456789abcdef";

constexpr bool is_dash_place(std::size_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}

} // namespace

stored_id::stored_id(std::string_view id_text) {
    std::size_t n = 0;
    is_uuid = id_text.size() == 36;
    for (std::size_t i = 0; is_uuid && i < 36;) {
        if (is_dash_place(i)) {
            is_uuid = id_text[i] == '-';
            ++i;
            continue;
        }
        const int high = hex_digit(id_text[i]);
        const int low = hex_digit(id_text[i + 1]);
        is_uuid = high >= 0 && low >= 0;
        if (is_uuid) uuid[n++] = static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (!is_uuid) text = id_text;
}

stored_digest::stored_digest(std::string_view hex_text) : text(hex_text) {
    is_digest = text.size() == 64;
    for (std::size_t i = 0; is_digest && i < 32; ++i) {
        const int high = hex_digit(text[2 * i]);
        const int low = hex_digit(text[2 * i + 1]);
        is_digest = high >= 0 && low >= 0;
        if (is_digest) bytes[i] = static_cast<char>(high * 16 + low);
    }
}

std::string uuid_text(std::string_view bytes16) {
    std::string out;
    out.reserve(36);
    for (const char c : bytes16) {
        if (is_dash_place(out.size())) out.push_back('-');
        const auto b = static_cast<unsigned char>(c);
        out.push_back(hex[b >> 4]);
        out.push_back(hex[b & 15]);
    }
    return out;
}

sqlite_rows::~sqlite_rows() {
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

bool sqlite_rows::next() {
    const int rc = sqlite3_step(statement_);
    if (rc == SQLITE_ROW) return true;
    if (rc == SQLITE_DONE) return false;
    fail(sqlite3_db_handle(statement_), rc);
}

bool sqlite_rows::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t sqlite_rows::number(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string_view sqlite_rows::view(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    if (data == nullptr) return {};
    return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::string sqlite_rows::id(int column) const {
    const bool is_uuid = sqlite3_column_type(statement_, column) == SQLITE_BLOB;
    const std::string_view bytes = view(column);
    return is_uuid && bytes.size() == 16 ? uuid_text(bytes) : std::string(bytes);
}

std::string sqlite_rows::payload(int column) const {
    if (sqlite3_column_type(statement_, column) != SQLITE_BLOB) return text(column);
    auto unpacked = unpack_payload(view(column));
    if (!unpacked) throw journal_failure(unpacked.error());
    return std::move(*unpacked);
}

std::string sqlite_rows::digest(int column) const {
    const std::string_view bytes = view(column);
    const bool is_digest = sqlite3_column_type(statement_, column) == SQLITE_BLOB;
    if (!is_digest || bytes.size() != 32) return std::string(bytes);
    std::string out;
    out.reserve(64);
    for (const char c : bytes) {
        const auto b = static_cast<unsigned char>(c);
        out.push_back(hex[b >> 4]);
        out.push_back(hex[b & 15]);
    }
    return out;
}

sqlite_db::sqlite_db(const std::string& path, mode m) {
    configure_engine();
    const int access = m == mode::read_only  ? SQLITE_OPEN_READONLY
                       : m == mode::existing ? SQLITE_OPEN_READWRITE
                                             : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int rc = sqlite3_open_v2(path.c_str(), &db_,
                                   access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    if (rc != SQLITE_OK) {
        const std::string why = db_ != nullptr ? sqlite3_errmsg(db_) : sqlite3_errstr(rc);
        sqlite3_close(db_);
        throw journal_failure({category::config, "journal.cannot-open",
                               path + ": cannot open the journal (" + why +
                                   "); its folder must exist and be writable by this user"});
    }
    sqlite3_busy_timeout(db_, busy_timeout_ms);
}

sqlite_db::~sqlite_db() {
    for (const auto& [sql, statement] : statements_) {
        sqlite3_finalize(statement);
    }
    sqlite3_close(db_);
}

std::size_t sqlite_db::sql_hash::operator()(std::string_view sql) const noexcept {
    std::size_t out = sql.size();
    for (std::size_t i = 0; i < sql.size(); i += sql.size() / 16 + 1) {
        out = out * 31 + static_cast<unsigned char>(sql[i]);
    }
    return out;
}

sqlite3_stmt* sqlite_db::prepared(std::string_view sql) {
    const auto known = statements_.find(sql);
    if (known != statements_.end()) {
        if (sqlite3_stmt_busy(known->second) != 0) {
            throw std::logic_error("a journal query was started again while its rows are read: " +
                                   std::string(sql));
        }
        return known->second;
    }
    sqlite3_stmt* s = nullptr;
    check(db_, sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                  SQLITE_PREPARE_PERSISTENT, &s, nullptr));
    statements_.emplace(sqlite3_sql(s), s);
    return s;
}

std::int64_t sqlite_db::finish(sqlite3_stmt* s) {
    sqlite_rows rows(s);
    while (rows.next()) {}
    return sqlite3_changes64(db_);
}

void sqlite_db::bind(sqlite3_stmt* s, int index, std::int64_t value, bool) {
    check(db_, sqlite3_bind_int64(s, index, value));
}

void sqlite_db::bind(sqlite3_stmt* s, int index, std::string_view value, bool copy) {
    // A null pointer would bind NULL; an empty text is an empty text here.
    const char* data = value.data() != nullptr ? value.data() : "";
    check(db_, sqlite3_bind_text64(s, index, data, value.size(),
                                   copy ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8));
}

void sqlite_db::bind(sqlite3_stmt* s, int index, const stored_id& value, bool copy) {
    if (!value.is_uuid) return bind(s, index, std::string_view(value.text), copy);
    check(db_, sqlite3_bind_blob64(s, index, value.uuid, sizeof(value.uuid),
                                   copy ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

void sqlite_db::bind(sqlite3_stmt* s, int index, const stored_payload& value, bool copy) {
    if (!value.is_packed()) return bind(s, index, value.text, copy);
    check(db_, sqlite3_bind_blob64(s, index, value.packed.data(), value.packed.size(),
                                   copy ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

void sqlite_db::bind(sqlite3_stmt* s, int index, const stored_digest& value, bool copy) {
    if (!value.is_digest) return bind(s, index, value.text, copy);
    check(db_, sqlite3_bind_blob64(s, index, value.bytes, sizeof(value.bytes),
                                   copy ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

void sqlite_db::bind(sqlite3_stmt* s, int index, std::nullptr_t, bool) {
    check(db_, sqlite3_bind_null(s, index));
}

void sqlite_db::script(const char* sql) {
    check(db_, sqlite3_exec(db_, sql, nullptr, nullptr, nullptr));
}

std::int64_t sqlite_db::last_row() const {
    return sqlite3_last_insert_rowid(db_);
}

bool sqlite_db::in_transaction() const {
    return sqlite3_get_autocommit(db_) == 0;
}

std::int64_t sqlite_db::scanned_rows() const {
    std::int64_t rows = 0;
    for (const auto& [sql, statement] : statements_) {
        rows += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
    }
    return rows;
}

void sqlite_db::watch_log() {
    sqlite3_wal_hook(
        db_,
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<sqlite_db*>(self)->log_pages_ = pages;
            return SQLITE_OK;
        },
        this);
}

sqlite_db::log_state sqlite_db::checkpoint(bool truncate) {
    log_state out;
    const int how = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    const int rc = sqlite3_wal_checkpoint_v2(db_, nullptr, how, &out.pages, &out.moved);
    // Somebody reads, writes or checkpoints: another time.
    if (rc != SQLITE_OK && (rc & 0xFF) != SQLITE_BUSY && (rc & 0xFF) != SQLITE_LOCKED)
        fail(db_, rc);
    return out;
}

bool sqlite_db::copy_to(sqlite_db& target,
                        int pages_a_step,
                        const std::function<bool(std::uint64_t, std::uint64_t)>& step) {
    struct finisher {
        void operator()(sqlite3_backup* b) const { sqlite3_backup_finish(b); }
    };
    const std::unique_ptr<sqlite3_backup, finisher> copy(
        sqlite3_backup_init(target.db_, "main", db_, "main"));
    if (!copy) fail(target.db_, sqlite3_errcode(target.db_));
    for (;;) {
        const int rc = sqlite3_backup_step(copy.get(), std::max(pages_a_step, 1));
        if (rc != SQLITE_OK && rc != SQLITE_DONE) fail(target.db_, rc);
        const auto total = static_cast<std::uint64_t>(sqlite3_backup_pagecount(copy.get()));
        const auto left = static_cast<std::uint64_t>(sqlite3_backup_remaining(copy.get()));
        if (!step(total - left, total)) return false;
        if (rc == SQLITE_DONE) return true;
    }
}

void sqlite_db::busy_timeout(int ms) {
    sqlite3_busy_timeout(db_, ms);
}

void sqlite_db::rollback() noexcept {
    // Some errors (disk full, I/O) have already rolled back by themselves.
    if (in_transaction()) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

} // namespace mortise::host
