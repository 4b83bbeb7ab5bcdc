// SPDX-License-Identifier: Apache-2.0
// sqlite_reader: what people ask about dead letters, notes, children and the ledger.
#include "journal/fingerprint.hpp"
#include "journal/sqlite_reader.hpp"
#include "journal/sqlite_records.hpp"

#include <limits>

namespace mortise::host {

std::vector<run_record> sqlite_reader::children(const run_id& id) {
    run_filter filter;
    filter.parent = id;
    filter.oldest_first = true;
    filter.limit = std::numeric_limits<std::uint32_t>::max();
    return id.empty() ? std::vector<run_record>() : runs(filter);
}

std::vector<run_note> sqlite_reader::notes(const run_id& id) {
    std::vector<run_note> out;
    auto rows = db_.query("SELECT at,who,action,detail FROM note WHERE run=(SELECT seq FROM run "
                          "WHERE id=?1) ORDER BY seq",
                          stored_id(id.str()));
    while (rows.next()) {
        out.push_back({rows.number(0), rows.text(1), rows.text(2), rows.payload(3)});
    }
    return out;
}

std::vector<dead_letter_group> sqlite_reader::dead_letters(std::string_view instance,
                                                           std::uint32_t limit) {
    std::vector<dead_letter_group> out;
    std::optional<std::int64_t> only;
    if (!instance.empty()) {
        only = names_.find(instance);
        if (!only) return out;
    }
    std::vector<std::int64_t> oldest;
    {
        auto rows = db_.query(
            "SELECT fingerprint,instance,min(seq),sum(state=4),sum(state=5),min(updated_at),"
            "max(updated_at) FROM run INDEXED BY run_dead WHERE state>3 AND state<6 AND (?1 IS "
            "NULL "
            "OR instance=?1) GROUP BY fingerprint,instance ORDER BY count(*) DESC,max(updated_at) "
            "DESC,min(seq) LIMIT ?2",
            only, limit);
        while (rows.next()) {
            dead_letter_group g;
            g.fingerprint = fingerprint_text(static_cast<std::uint64_t>(rows.number(0)));
            g.instance = names_.text(rows.number(1));
            oldest.push_back(rows.number(2));
            g.failed = static_cast<std::uint64_t>(rows.number(3));
            g.in_doubt = static_cast<std::uint64_t>(rows.number(4));
            g.first = rows.number(5);
            g.last = rows.number(6);
            out.push_back(std::move(g));
        }
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto rows = db_.query("SELECT " MORTISE_RUN_COLUMNS " FROM run r CROSS JOIN event e ON "
                              "e.seq=r.event WHERE r.seq=?1",
                              oldest[i]);
        if (!rows.next()) continue;
        run_record run = run_of(rows, names_);
        out[i].flow = std::move(run.flow);
        out[i].step = std::move(run.failed_step);
        out[i].oldest = std::move(run.id);
        if (!run.failure) continue;
        out[i].code = std::move(run.failure->code);
        out[i].message = std::move(run.failure->message);
    }
    return out;
}

std::vector<ledger_entry> sqlite_reader::ledger(const ledger_filter& filter) {
    std::vector<ledger_entry> out;
    names_.forget(); // read anew: a name that was tampered with must show
    std::optional<std::int64_t> connection, operation;
    if (!filter.connection.empty()) {
        connection = names_.find(filter.connection);
        if (!connection) return out;
    }
    if (!filter.operation.empty()) {
        operation = names_.find(filter.operation);
        if (!operation) return out;
    }
    // Numbers below 1 can be there only by tampering; who asks for all must see them.
    const auto from = filter.from_seq == 0 ? std::numeric_limits<std::int64_t>::min()
                                           : static_cast<std::int64_t>(filter.from_seq);
    const auto before = filter.before_seq == 0 ? std::numeric_limits<std::int64_t>::max()
                                               : static_cast<std::int64_t>(filter.before_seq);
    const std::string first = filter.begins;
    const std::string end = past_prefix(filter.begins);
    std::string where;
    if (!filter.begins.empty()) {
        const auto begins = [&end](const std::string& column) {
            const auto lower = column + ">=?10";
            return end.empty() ? lower : '(' + lower + " AND " + column + "<?11)";
        };
        const auto names = " IN (SELECT id FROM name WHERE " + begins("text") + ')';
        // Of an actor its name may begin so, without the kind.
        const auto actors = " IN (SELECT id FROM name WHERE " + begins("text") + " OR " +
                            begins("substr(text,instr(text,':')+1)") + ')';
        where = " AND (" + begins("object") + " OR operation" + names + " OR actor" + actors + ')';
    }
    if (!filter.actor.empty()) {
        std::string kinds;
        bool known = names_.find(filter.actor).has_value();
        for (const std::string kind : {"token:", "account:", "local:", "signal:", "system:"}) {
            kinds += ",'" + kind + "'||?12";
            known = known || names_.find(kind + filter.actor);
        }
        if (!known) return out;
        where += " AND actor IN (SELECT id FROM name WHERE text IN (?12" + kinds + "))";
    }
    auto rows = db_.query(
        "SELECT seq,at,run,instance,step,attempt,connection,operation,object,outcome,"
        "request_digest,before_digest,after_digest,hash,actor FROM ledger WHERE seq>=?1 AND "
        "(?2='' OR object=?2) AND (?3='' OR run=?3) AND (?4 IS NULL OR connection=?4) AND (?5=0 OR "
        "at>=?5) AND (?6=0 OR at<?6) AND (?8 IS NULL OR operation=?8) AND seq<?9 AND ?10 IS ?10 "
        "AND ?11 IS ?11 AND ?12 IS ?12" +
            where + " ORDER BY seq" + (filter.newest_first ? " DESC" : "") + " LIMIT ?7",
        from, filter.object, stored_id(filter.run.str()), connection, filter.since, filter.until,
        filter.limit, operation, before, first, end, filter.actor);
    while (rows.next()) {
        ledger_entry e;
        e.seq = static_cast<std::uint64_t>(rows.number(0));
        e.at = rows.number(1);
        e.run = run_id(rows.id(2));
        e.instance = names_.text(rows.number(3));
        e.step = rows.text(4);
        e.attempt = rows.small(5);
        e.connection = names_.text(rows.number(6));
        e.operation = names_.text(rows.number(7));
        e.object = rows.text(8);
        e.outcome = names_.text(rows.number(9));
        e.request = rows.digest(10);
        e.before = rows.digest(11);
        e.after = rows.digest(12);
        e.hash = rows.digest(13);
        if (!rows.is_null(14)) e.actor = names_.text(rows.number(14));
        out.push_back(std::move(e));
    }
    return out;
}

mortise::host::ledger_head sqlite_reader::ledger_head() {
    mortise::host::ledger_head out;
    auto rows = db_.query("SELECT seq,hash,anchor_seq,anchor_hash FROM ledger_head WHERE id=1");
    if (!rows.next()) return out;
    out.present = true;
    out.seq = static_cast<std::uint64_t>(rows.number(0));
    out.hash = rows.digest(1);
    out.anchor_seq = static_cast<std::uint64_t>(rows.number(2));
    out.anchor_hash = rows.digest(3);
    return out;
}

std::optional<std::string> sqlite_reader::revision(std::string_view instance,
                                                   std::string_view revision) {
    const auto instance_number = names_.find(instance);
    const auto revision_number = names_.find(revision);
    if (!instance_number || !revision_number) return std::nullopt;
    auto rows = db_.query("SELECT settings FROM revision WHERE instance=?1 AND revision=?2",
                          *instance_number, *revision_number);
    if (!rows.next()) return std::nullopt;
    return rows.text(0);
}

} // namespace mortise::host
