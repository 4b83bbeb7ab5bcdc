// SPDX-License-Identifier: Apache-2.0
// The frame of the transaction (counters, run lookup) and what is not about events or runs:
// cursors, links, state.
#include "journal/sqlite_tx.hpp"

#include "journal/sqlite_records.hpp"

#include <mortise/state.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace mortise::host {
namespace {

error conflict(std::string code, std::string message) {
    error e(category::conflict, std::move(code), std::move(message));
    e.effect = effect::none;
    return e;
}

} // namespace

sqlite_tx::sqlite_tx(sqlite_db& db, const clock& time) : db_(db), time_(time), names_(db) {}

void sqlite_tx::begin() {
    ++serial_;
    open_ = true;
    fresh_.clear();
    if (loaded_) return;
    auto rows =
        db_.query("SELECT events,duplicates,poll_only,state_version,run0,run1,run2,run3,run4,"
                  "run5,run6,run7 FROM counter WHERE id=1");
    if (rows.next()) {
        stored_ = {rows.number(0), rows.number(1), rows.number(2), rows.number(3), {}};
        for (int i = 0; i < 8; ++i) {
            stored_.runs[static_cast<std::size_t>(i)] = rows.number(4 + i);
        }
    }
    now_ = stored_;
    waited_types_.clear();
    auto types = db_.query("SELECT type FROM waited_type");
    while (types.next()) {
        waited_types_.insert(types.number(0));
    }
    loaded_ = true;
}

void sqlite_tx::seal() {
    if (packed_raw_ != 0) {
        db_.exec("UPDATE care SET packed_raw=packed_raw+?1,packed_stored=packed_stored+?2 WHERE "
                 "id=1",
                 packed_raw_, packed_stored_);
        packed_raw_ = packed_stored_ = 0;
    }
    seal_chain();
    if (now_ == stored_) return;
    const auto& r = now_.runs;
    db_.exec("UPDATE counter SET events=?1,duplicates=?2,poll_only=?3,state_version=?4,run0=?5,"
             "run1=?6,run2=?7,run3=?8,run4=?9,run5=?10,run6=?11,run7=?12 WHERE id=1",
             now_.events, now_.duplicates, now_.poll_only, now_.state_version, r[0], r[1], r[2],
             r[3], r[4], r[5], r[6], r[7]);
    stored_ = now_;
}

void sqlite_tx::rolled_back() {
    if (std::exchange(open_, false)) lost_.insert(serial_);
    loaded_ = false;
    chain_loaded_ = chain_grew_ = false;
    packed_raw_ = packed_stored_ = 0;
    names_.forget();
    last_run_ = {};
    in_hand_.clear();
}

std::optional<sqlite_tx::run_row> sqlite_tx::find_run(const run_id& run) {
#define MORTISE_RUN_ROW                                                                            \
    "SELECT seq,instance,key,state,head,poked,waited,event,failed_step,parent,starts FROM run "
    const auto known = in_hand_.find(run);
    auto rows = known != in_hand_.end()
                    ? db_.query(MORTISE_RUN_ROW "WHERE seq=?1", known->second)
                    : db_.query(MORTISE_RUN_ROW "WHERE id=?1", stored_id(run.str()));
#undef MORTISE_RUN_ROW
    if (!rows.next()) return std::nullopt;
    run_row out;
    out.seq = rows.number(0);
    out.instance = rows.number(1);
    out.key = rows.text(2);
    out.state = static_cast<run_state>(rows.number(3));
    out.head = rows.number(4) != 0;
    out.poked = rows.number(5) != 0;
    out.waited = rows.number(6) != 0;
    out.event = rows.number(7);
    out.failed_step = rows.text(8);
    out.parent = rows.number(9);
    out.starts = rows.small(10);
    return out;
}

sqlite_tx::run_row sqlite_tx::known_run(const run_id& run) {
    auto found = find_run(run);
    if (found) return std::move(*found);
    error e(category::not_found, "journal.run-unknown",
            "the journal holds no run \"" + run.str() + "\"");
    e.effect = effect::none;
    throw journal_failure(std::move(e));
}

std::int64_t sqlite_tx::run_seq(const run_id& run) {
    if (const auto known = in_hand_.find(run); known != in_hand_.end()) return known->second;
    if (last_seq_ == 0 || run != last_run_ || run.empty()) {
        last_seq_ = known_run(run).seq;
        last_run_ = run;
    }
    return last_seq_;
}

void sqlite_tx::count(run_state from, run_state to) {
    --now_.runs[static_cast<std::size_t>(from)];
    ++now_.runs[static_cast<std::size_t>(to)];
}

stored_payload sqlite_tx::packed(std::string_view payload) {
    stored_payload out(payload);
    if (out.is_packed()) {
        packed_raw_ += static_cast<std::int64_t>(payload.size());
        packed_stored_ += static_cast<std::int64_t>(out.packed.size());
    }
    return out;
}

void sqlite_tx::set_cursor(const cursor_update& c) {
    db_.exec("INSERT INTO cursor(connection,trigger,cursor,updated_at) VALUES(?1,?2,?3,?4) "
             "ON CONFLICT DO UPDATE SET cursor=excluded.cursor,updated_at=excluded.updated_at",
             c.connection, c.trigger, c.cursor, now());
}

mortise::result<void> sqlite_tx::link_put(const link_record& link) {
    if (!link.b.empty()) {
        auto rows = db_.query("SELECT a FROM link WHERE relation=?1 AND b=?2 AND b<>''",
                              link.relation, link.b);
        if (rows.next() && rows.view(0) != link.a) {
            const std::string other = rows.text(0);
            error e =
                conflict("journal.link-conflict", "\"" + link.b + "\" is already linked to \"" +
                                                      other + "\" in relation \"" + link.relation +
                                                      "\"; remove that link first");
            e.details = boost::json::serialize(boost::json::value{{"a", other}});
            return e;
        }
    }
    db_.exec("INSERT INTO link(relation,a,b,data,updated_at) VALUES(?1,?2,?3,?4,?5) "
             "ON CONFLICT(relation,a) DO UPDATE SET b=excluded.b,data=excluded.data,"
             "updated_at=excluded.updated_at",
             link.relation, link.a, link.b, link.data, now());
    return {};
}

bool sqlite_tx::link_remove(std::string_view relation, std::string_view a) {
    return db_.exec("DELETE FROM link WHERE relation=?1 AND a=?2", relation, a) != 0;
}

std::vector<link_record>
sqlite_tx::link_find(std::string_view relation, std::string_view a, std::string_view b) {
    return find_links(db_, relation, a, b);
}

mortise::result<std::uint64_t> sqlite_tx::state_put(std::string_view scope,
                                                    std::string_view key,
                                                    std::string_view value,
                                                    std::uint64_t expected) {
    const state_value current = find_state(db_, scope, key);
    if (expected != MORTISE_STATE_ANY && expected != current.version) {
        error e = conflict("journal.state-conflict",
                           "the value of \"" + std::string(key) + "\" has version " +
                               std::to_string(current.version) + ", not " +
                               std::to_string(expected) + "; read it again and repeat");
        e.details = "{\"version\":" + std::to_string(current.version) + "}";
        return e;
    }
    if (value.empty()) {
        db_.exec("DELETE FROM state WHERE scope=?1 AND key=?2", scope, key);
        return std::uint64_t{0};
    }
    // Counted over all keys: a key that is deleted and made again never gets an old version back,
    // which would let a stale writer through.
    const std::int64_t version = ++now_.state_version;
    db_.exec("INSERT INTO state(scope,key,value,version) VALUES(?1,?2,?3,?4) "
             "ON CONFLICT DO UPDATE SET value=excluded.value,version=excluded.version",
             scope, key, value, version);
    return static_cast<std::uint64_t>(version);
}

state_value sqlite_tx::state_get(std::string_view scope, std::string_view key) {
    return find_state(db_, scope, key);
}

} // namespace mortise::host
