// SPDX-License-Identifier: Apache-2.0
// One SQLite connection with its prepared statements. The only place, with sqlite_db.cpp, that
// knows sqlite3; everything above it speaks SQL text and plain values. One thread at a time.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace mortise::host {

// A UUID as it is bound and read: 16 bytes when the text is a canonical UUID (less than half of its
// text), the text itself otherwise.
struct stored_id {
    explicit stored_id(std::string_view text);
    std::string_view bytes() const noexcept {
        return is_uuid ? std::string_view(uuid, sizeof(uuid)) : std::string_view(text);
    }
    bool is_uuid = false;
    char uuid[16] = {};
    std::string text;
};
std::string uuid_text(std::string_view bytes16);

// A SHA-256 in lower-case hex as it is bound and read: 32 bytes, or the text itself when it is
// none.
struct stored_digest {
    explicit stored_digest(std::string_view text);
    bool is_digest = false;
    char bytes[32] = {};
    std::string_view text; // of the caller
};

struct stored_payload;

// The rows of a running query; frees the statement for its next use when it goes. Columns count
// from 0. Texts are valid until the next call of next().
class sqlite_rows {
public:
    explicit sqlite_rows(sqlite3_stmt* statement) : statement_(statement) {}
    ~sqlite_rows();
    sqlite_rows(sqlite_rows&& other) noexcept
        : statement_(std::exchange(other.statement_, nullptr)) {}
    sqlite_rows& operator=(sqlite_rows&&) = delete;

    bool next(); // throws journal_failure
    bool is_null(int column) const;
    std::int64_t number(int column) const;
    std::uint32_t small(int column) const { return static_cast<std::uint32_t>(number(column)); }
    std::string_view view(int column) const;
    std::string text(int column) const { return std::string(view(column)); }
    std::string id(int column) const;     // the reverse of stored_id
    std::string digest(int column) const; // the reverse of stored_digest
    // The reverse of stored_payload; throws journal_failure when it is damaged.
    std::string payload(int column) const;

private:
    sqlite3_stmt* statement_;
};

class sqlite_db {
public:
    enum class mode { create, existing, read_only };
    // Throws journal_failure (category config) when it cannot be opened.
    sqlite_db(const std::string& path, mode m);
    ~sqlite_db();
    sqlite_db(const sqlite_db&) = delete;
    sqlite_db& operator=(const sqlite_db&) = delete;

    // Runs a statement to its end; returns the number of rows changed. Parameters are bound in
    // order. All of these throw journal_failure.
    template <class... Args>
    std::int64_t exec(std::string_view sql, const Args&... args) {
        sqlite3_stmt* s = prepared(sql);
        int index = 0;
        (bind(s, ++index, args, false), ...);
        return finish(s);
    }
    // Starts a query. Parameters are copied, so temporaries are fine. A text may run only once at a
    // time: do not start a query again while its rows are being read.
    template <class... Args>
    sqlite_rows query(std::string_view sql, const Args&... args) {
        sqlite3_stmt* s = prepared(sql);
        int index = 0;
        (bind(s, ++index, args, true), ...);
        return sqlite_rows(s);
    }
    void script(const char* sql); // several statements, not cached
    std::int64_t last_row() const;
    bool in_transaction() const;
    // Pages in the write-ahead log after this connection's last commit, checkpointed or not. After
    // watch_log() SQLite no longer checkpoints by itself.
    void watch_log();
    int log_pages() const { return log_pages_; }
    // Moves what it can from the log to the file without waiting for anybody; truncate: waits for
    // others within the busy timeout and gives the log's room back. Throws journal_failure.
    struct log_state {
        int pages = 0;
        int moved = 0;
    };
    log_state checkpoint(bool truncate = false);
    void busy_timeout(int ms);
    // Copies this database over the (empty) other one, this many pages a step; step is told pages
    // done and in all, and stops the copy by false, which is the answer then.
    bool copy_to(sqlite_db& target,
                 int pages_a_step,
                 const std::function<bool(std::uint64_t, std::uint64_t)>& step);
    // Rows that were read by going through a whole table instead of an index, up to now. What is
    // done for every event must not add to it.
    std::int64_t scanned_rows() const;
    void rollback() noexcept; // never throws; nothing happens outside a transaction

private:
    sqlite3_stmt* prepared(std::string_view sql);
    std::int64_t finish(sqlite3_stmt* s);
    void bind(sqlite3_stmt* s, int index, std::int64_t value, bool copy);
    void bind(sqlite3_stmt* s, int index, std::string_view value, bool copy);
    void bind(sqlite3_stmt* s, int index, const std::string& value, bool copy) {
        bind(s, index, std::string_view(value), copy);
    }
    void bind(sqlite3_stmt* s, int index, const char* value, bool copy) {
        bind(s, index, std::string_view(value), copy);
    }
    void bind(sqlite3_stmt* s, int index, const stored_id& value, bool copy);
    void bind(sqlite3_stmt* s, int index, const stored_payload& value, bool copy);
    void bind(sqlite3_stmt* s, int index, const stored_digest& value, bool copy);
    void bind(sqlite3_stmt* s, int index, std::nullptr_t, bool copy);
    template <class T>
    void bind(sqlite3_stmt* s, int index, const std::optional<T>& value, bool copy) {
        if (value) {
            bind(s, index, *value, copy);
        } else {
            bind(s, index, nullptr, copy);
        }
    }
    template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
    void bind(sqlite3_stmt* s, int index, T value, bool copy) {
        bind(s, index, static_cast<std::int64_t>(value), copy);
    }

    sqlite3* db_ = nullptr;
    int log_pages_ = 0;
    // Not of the whole text, which is long: what follows compares it anyway.
    struct sql_hash {
        std::size_t operator()(std::string_view sql) const noexcept;
    };
    std::unordered_map<std::string_view, sqlite3_stmt*, sql_hash>
        statements_; // keys: sqlite3_sql of the value
};

} // namespace mortise::host
