// SPDX-License-Identifier: Apache-2.0
#include "journal/care.hpp"
#include "journal/schema.hpp"
#include "journal/sqlite_reader.hpp"
#include "journal/writer.hpp"

#include <filesystem>
#include <sys/stat.h>

namespace mortise::host {
namespace {

std::int64_t number_of(sqlite_db& db, std::string_view sql) {
    auto rows = db.query(sql);
    return rows.next() ? rows.number(0) : 0;
}

std::uint64_t count_of(sqlite_db& db, std::string_view sql) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number_of(db, sql), 0));
}

void read_files(const std::string& path, journal_figures& out) {
    struct stat file {};
    if (::stat(path.c_str(), &file) == 0) {
        out.file_bytes = static_cast<std::uint64_t>(file.st_size);
        out.last_checkpoint =
            static_cast<unix_ms>(file.st_mtim.tv_sec) * 1000 + file.st_mtim.tv_nsec / 1'000'000;
    }
    std::error_code none;
    const auto log = std::filesystem::file_size(path + "-wal", none);
    if (!none) out.log_bytes = log;
}

// The oldest come first in their indexes or in the table itself.
void read_oldest(sqlite_db& db, journal_figures& out) {
    out.oldest_run = number_of(db, "SELECT created_at FROM run ORDER BY seq LIMIT 1");
    out.oldest_event = number_of(db, "SELECT accepted_at FROM event ORDER BY seq LIMIT 1");
    out.oldest_unfinished_run =
        number_of(db, "SELECT min(created_at) FROM run INDEXED BY run_key WHERE state<3");
    out.oldest_dead_letter = number_of(
        db, "SELECT min(created_at) FROM run INDEXED BY run_dead WHERE state>3 AND state IN(4,5)");
}

void read_tables(sqlite_db& db, journal_figures& out) {
    std::vector<std::string> names;
    {
        auto rows = db.query("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name");
        while (rows.next())
            if (!rows.view(0).starts_with("sqlite_")) names.push_back(rows.text(0));
    }
    for (const auto& name : names) {
        table_figures t;
        t.name = name;
        t.rows = count_of(db, "SELECT count(*) FROM \"" + name + '"');
        try {
            auto rows = db.query("SELECT sum(d.pgsize) FROM sqlite_schema s CROSS JOIN dbstat d ON "
                                 "d.name=s.name WHERE s.tbl_name=?1 AND d.aggregate=TRUE",
                                 name);
            if (rows.next()) t.bytes = static_cast<std::uint64_t>(rows.number(0));
        } catch (const journal_failure&) {
            // Built without dbstat.
        }
        out.tables.push_back(std::move(t));
    }
    out.payload_bytes =
        count_of(db, "SELECT (SELECT ifnull(sum(length(CAST(data AS BLOB))),0) FROM event)+"
                     "(SELECT ifnull(sum(length(CAST(input AS BLOB))+length(CAST(result AS BLOB))),"
                     "0) FROM step)+(SELECT ifnull(sum(length(CAST(result AS BLOB))),0) FROM run)");
}

} // namespace

double journal_figures::packed_ratio() const {
    return packed_raw == 0 ? 1.0
                           : static_cast<double>(packed_stored) / static_cast<double>(packed_raw);
}

result<journal_figures> journal_figures_of(const std::string& path, bool all) {
    try {
        sqlite_db db(path, sqlite_db::mode::read_only);
        prepare_schema(db, path, true);
        journal_figures out;
        out.schema_version = static_cast<int>(number_of(db, "PRAGMA user_version"));
        read_files(path, out);
        out.free_bytes = count_of(db, "PRAGMA freelist_count") * count_of(db, "PRAGMA page_size");
        sqlite_reader reader(path);
        reader.run_query([&](journal_reader& r) { out.counters = r.stats(); });
        out.dead_letters = out.counters.runs[static_cast<int>(run_state::failed)] +
                           out.counters.runs[static_cast<int>(run_state::in_doubt)];
        read_oldest(db, out);
        {
            auto rows = db.query("SELECT removed_runs,removed_events,packed_raw,packed_stored FROM "
                                 "care WHERE id=1");
            if (rows.next()) {
                out.removed_runs = static_cast<std::uint64_t>(rows.number(0));
                out.removed_events = static_cast<std::uint64_t>(rows.number(1));
                out.packed_raw = static_cast<std::uint64_t>(rows.number(2));
                out.packed_stored = static_cast<std::uint64_t>(rows.number(3));
            }
        }
        if (all) read_tables(db, out);
        return out;
    } catch (...) {
        return current_failure();
    }
}

} // namespace mortise::host
