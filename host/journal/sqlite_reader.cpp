// SPDX-License-Identifier: Apache-2.0
#include "journal/sqlite_reader.hpp"

#include "journal/sqlite_records.hpp"

#include <filesystem>

namespace mortise::host {

sqlite_reader::sqlite_reader(const std::string& path)
    : path_(path), db_(path, sqlite_db::mode::read_only), names_(db_) {
    db_.script("PRAGMA query_only=1; PRAGMA cache_size=-2000; PRAGMA temp_store=MEMORY");
}

void sqlite_reader::run_query(const journal::query& q) {
    db_.script("BEGIN");
    try {
        q(*this);
    } catch (...) {
        db_.rollback();
        throw;
    }
    db_.rollback(); // nothing was written; ends the snapshot without an error path
}

std::string sqlite_reader::cursor(std::string_view connection, std::string_view trigger) {
    auto rows = db_.query("SELECT cursor FROM cursor WHERE connection=?1 AND trigger=?2",
                          connection, trigger);
    return rows.next() ? rows.text(0) : std::string();
}

state_value sqlite_reader::state_get(std::string_view scope, std::string_view key) {
    return find_state(db_, scope, key);
}

std::vector<state_value> sqlite_reader::state_list(std::string_view scope,
                                                   std::string_view prefix,
                                                   std::string_view after,
                                                   std::uint32_t limit) {
    std::vector<state_value> out;
    auto rows =
        db_.query("SELECT key,value,version FROM state WHERE scope=?1 AND key>=?2 AND key>?3 "
                  "ORDER BY key LIMIT ?4",
                  scope, prefix, after, limit);
    while (rows.next() && rows.view(0).starts_with(prefix)) {
        out.push_back({rows.text(0), rows.text(1), static_cast<std::uint64_t>(rows.number(2))});
    }
    return out;
}

std::vector<link_record> sqlite_reader::links(std::string_view relation, std::uint32_t limit) {
    std::vector<link_record> out;
    auto rows = relation.empty()
                    ? db_.query("SELECT relation,a,b,data,updated_at FROM link ORDER BY relation,a "
                                "LIMIT ?1",
                                limit)
                    : db_.query("SELECT relation,a,b,data,updated_at FROM link WHERE relation=?2 "
                                "ORDER BY a LIMIT ?1",
                                limit, relation);
    while (rows.next()) {
        out.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.number(4)});
    }
    return out;
}

std::vector<link_record> sqlite_reader::links_with(std::string_view relation,
                                                   std::string_view side) {
    auto out = find_links(db_, relation, side, {});
    if (side.ends_with('*')) out.clear(); // that would be a prefix
    for (auto& l : find_links(db_, relation, {}, side))
        out.push_back(std::move(l));
    return out;
}

std::optional<claimed_run> sqlite_reader::run(const run_id& id) {
    claimed_run out;
    std::int64_t seq = 0;
    {
        auto rows =
            db_.query("SELECT " MORTISE_RUN_COLUMNS "," MORTISE_EVENT_COLUMNS ",r.seq FROM run r "
                      "CROSS JOIN event e ON e.seq=r.event WHERE r.id=?1",
                      stored_id(id.str()));
        if (!rows.next()) return std::nullopt;
        out = claimed_of(rows, names_);
        seq = rows.number(run_column_count + 11);
    }
    out.steps = steps_of(db_, seq);
    add_tries(db_, seq, out.steps);
    return out;
}

journal_stats sqlite_reader::stats() {
    journal_stats out;
    auto rows =
        db_.query("SELECT events,duplicates,poll_only,run0,run1,run2,run3,run4,run5,run6,run7 "
                  "FROM counter WHERE id=1");
    if (rows.next()) {
        const auto count = [&rows](int column) {
            return static_cast<std::uint64_t>(rows.number(column));
        };
        out.events = count(0);
        out.duplicates = count(1);
        out.poll_only_events = count(2);
        for (int i = 0; i < 8; ++i) {
            out.runs[i] = count(3 + i);
        }
    }
    out.backlog = out.runs[0] + out.runs[1];
    out.dead_letters = out.runs[4] + out.runs[5];
    if (auto held =
            db_.query("SELECT count(*) FROM run INDEXED BY run_held WHERE held IS NOT NULL");
        held.next()) {
        out.held = static_cast<std::uint64_t>(held.number(0));
    }
    const auto head = ledger_head();
    out.ledger_entries = head.seq - head.anchor_seq;
    if (auto version = db_.query("PRAGMA user_version"); version.next()) {
        out.schema_version = version.small(0);
    }
    for (const char* part : {"", "-wal"}) {
        std::error_code ec;
        const auto size = std::filesystem::file_size(path_ + part, ec);
        if (!ec) out.file_bytes += size;
    }
    return out;
}

unix_ms sqlite_reader::next_wake() {
    auto rows = db_.query("SELECT wake_at FROM run INDEXED BY run_wake WHERE state=2 AND wake_at>0 "
                          "ORDER BY wake_at LIMIT 1");
    return rows.next() ? rows.number(0) : 0;
}

} // namespace mortise::host
