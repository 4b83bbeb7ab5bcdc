// SPDX-License-Identifier: Apache-2.0
// sqlite_reader: lists of runs and events by what people look for. Rows are found in two steps:
// first their numbers, from as little of each row as the search needs, then the few that are shown.
#include "journal/fingerprint.hpp"
#include "journal/sqlite_reader.hpp"
#include "journal/sqlite_records.hpp"

#include <algorithm>

namespace mortise::host {
namespace {

// Texts that begin with `prefix`: from `first` on and before `end`, or to the last when there is no
// end.
struct text_range {
    explicit text_range(std::string_view prefix) : first(prefix), end(past_prefix(prefix)) {}
    std::string first;
    std::string end;
    // from, to: the parameters that `first` and `end` are bound to.
    static std::string has(const std::string& column, const char* from, const char* to) {
        return '(' + column + ">=" + from + " AND (" + to + "='' OR " + column + '<' + to + "))";
    }
};

// Ids are UUIDs, stored as 16 bytes: those whose text begins so lie between two of them.
struct id_range {
    explicit id_range(std::string_view prefix) {
        std::string digits;
        for (std::size_t i = 0; i < prefix.size(); ++i) {
            const char c = prefix[i];
            const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
            if (dash ? c != '-' : std::string_view("0123456789abcdef").find(c) == std::string::npos)
                return;
            if (!dash) digits += c;
        }
        if (prefix.size() > 36) return;
        lowest = text(digits, '0');
        highest = text(digits, 'f');
    }
    static std::string text(std::string digits, char fill) {
        digits.resize(32, fill);
        for (const std::size_t at : {8, 13, 18, 23})
            digits.insert(at, 1, '-');
        return digits;
    }
    std::string lowest;
    std::string highest;
};

std::vector<run_state> states_of(const run_filter& filter) {
    auto states = filter.states;
    if (filter.state) states.push_back(*filter.state);
    return states;
}

// One bit for each.
std::int64_t mask_of(const std::vector<run_state>& states) {
    std::int64_t mask = 0;
    for (const auto s : states)
        mask |= std::int64_t{1} << static_cast<int>(s);
    return mask;
}

// Are runs in these states so frequent that going through all in order soon finds enough?
bool are_frequent(sqlite_db& db, std::int64_t states) {
    auto rows = db.query("SELECT run0,run1,run2,run3,run4,run5,run6,run7 FROM counter WHERE id=1");
    if (!rows.next()) return false;
    std::int64_t all = 0;
    std::int64_t wanted = 0;
    for (int i = 0; i < 8; ++i) {
        all += rows.number(i);
        if ((states >> i & 1) != 0) wanted += rows.number(i);
    }
    return wanted * 4 > all && wanted > 1000;
}

// Where a list goes on. Retention may have removed the row since the page before: ids carry the
// time they were made at, so the list goes on with the neighbour instead of ending there.
std::string
place_of(const std::string& table, const std::string& id, const char* given, bool before) {
    const auto named = "(SELECT seq FROM " + table + " WHERE " + id + '=' + given + ')';
    const auto neighbour = before ? "(SELECT seq+1 FROM " + table + " WHERE " + id + '<' + given +
                                        " ORDER BY " + id + " DESC LIMIT 1)"
                                  : "(SELECT seq-1 FROM " + table + " WHERE " + id + '>' + given +
                                        " ORDER BY " + id + " LIMIT 1)";
    // Only a UUID carries a time; what is none never was an id.
    return "ifnull(" + named + ",CASE WHEN typeof(" + given + ")='blob' THEN " + neighbour +
           " END)";
}

} // namespace

std::vector<run_record> sqlite_reader::runs(const run_filter& filter) {
    std::vector<run_record> out;
    std::optional<std::int64_t> instance, type;
    if (!filter.instance.empty()) {
        instance = names_.find(filter.instance);
        if (!instance) return out;
    }
    if (!filter.event_type.empty()) {
        type = names_.find(filter.event_type);
        if (!type) return out;
    }
    const auto cause = static_cast<std::int64_t>(fingerprint_from(filter.fingerprint));
    if (!filter.fingerprint.empty() && cause == 0) return out;
    // Unfinished runs, dead letters and children are few beside the history: their partial indexes
    // are the way to them. The rest is found by going through the runs in order.
    std::string index;
    std::string where;
    std::optional<std::int64_t> state;
    std::int64_t mask = 0;
    if (const auto states = states_of(filter); !states.empty()) {
        const auto [least, most] = std::minmax_element(states.begin(), states.end());
        mask = mask_of(states);
        if (*least == *most) state = static_cast<std::int64_t>(*least);
        where += state ? " AND r.state=?1" : " AND (?16>>r.state&1)=1";
        const bool unfinished = *most < run_state::succeeded;
        const bool stopped = *least > run_state::succeeded;
        if ((unfinished || stopped) && !are_frequent(db_, mask)) {
            index = unfinished ? " INDEXED BY run_key" : " INDEXED BY run_dead";
            where += unfinished ? " AND r.state<3" : " AND r.state>3";
        }
    }
    if (instance) {
        if (index.empty()) index = " INDEXED BY run_instance";
        where += " AND r.instance=?2";
    }
    if (!filter.before.empty()) where += " AND r.seq<" + place_of("run", "id", "?3", true);
    if (!filter.after.empty()) where += " AND r.seq>" + place_of("run", "id", "?5", false);
    // Not a text of its own for each combination: statements are kept.
    where += " AND (?6='' OR r.key=?6) AND (?9=0 OR r.created_at>=?9) AND (?10=0 OR "
             "r.created_at<?10)";
    const text_range begins(filter.begins);
    const id_range ids(filter.begins);
    const bool needs_event = type || !filter.begins.empty();
    if (needs_event) {
        where += " AND (?11 IS NULL OR e.type=?11) AND (?12='' OR " +
                 text_range::has("r.key", "?12", "?13") + " OR r.id BETWEEN ?14 AND ?15 OR " +
                 text_range::has("e.subject", "?12", "?13") + ')';
    }
    if (!filter.fingerprint.empty()) {
        index = " INDEXED BY run_cause";
        where += " AND r.fingerprint=?7";
    }
    if (!filter.parent.empty()) {
        index = " INDEXED BY run_parent";
        where += " AND r.parent=(SELECT seq FROM run WHERE id=?8)";
    }
    const std::string order = filter.oldest_first ? "" : " DESC";
    std::string used; // so that every parameter is known to the statement
    for (int i = 2; i <= 16; ++i)
        used += " AND ?" + std::to_string(i) + " IS ?" + std::to_string(i);
    const std::string sql =
        "SELECT " MORTISE_RUN_COLUMNS " FROM (SELECT r.seq AS found FROM run r" + index +
        (needs_event ? " CROSS JOIN event e ON e.seq=r.event" : "") + " WHERE ?1 IS ?1" + used +
        where + " ORDER BY r.seq" + order +
        " LIMIT ?4) CROSS JOIN run r ON r.seq=found CROSS JOIN event e ON e.seq=r.event ORDER BY "
        "r.seq" +
        order;
    auto rows = db_.query(
        sql, state, instance, stored_id(filter.before), filter.limit, stored_id(filter.after),
        filter.key, cause, stored_id(filter.parent.str()), filter.since, filter.until, type,
        begins.first, begins.end, stored_id(ids.lowest), stored_id(ids.highest), mask);
    while (rows.next()) {
        out.push_back(run_of(rows, names_));
    }
    return out;
}

std::map<std::string, instance_counts> sqlite_reader::instances() {
    std::map<std::string, instance_counts> out;
    const auto count = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
    auto rows = db_.query("SELECT instance,sum(state<2),sum(state=2) FROM run INDEXED BY run_key "
                          "WHERE state<3 GROUP BY instance");
    while (rows.next()) {
        auto& one = out[names_.text(rows.number(0))];
        one.active = count(rows.number(1));
        one.waiting = count(rows.number(2));
    }
    auto dead = db_.query("SELECT instance,count(*) FROM run INDEXED BY run_dead WHERE state>3 AND "
                          "state<6 GROUP BY instance");
    while (dead.next())
        out[names_.text(dead.number(0))].dead_letters = count(dead.number(1));
    return out;
}

std::vector<event_record> sqlite_reader::events(const event_filter& filter) {
    std::vector<event_record> out;
    std::optional<std::int64_t> type, source;
    if (!filter.type.empty()) {
        type = names_.find(filter.type);
        if (!type) return out;
    }
    if (!filter.source.empty()) {
        source = names_.find(filter.source);
        if (!source) return out;
    }
    const text_range subject(filter.subject);
    std::string index;
    std::string where;
    if (type) {
        index = " INDEXED BY event_type";
        where += " AND e.type=?1";
    }
    if (source) {
        if (!type) index = " INDEXED BY event_once";
        where += " AND e.source=?4";
    }
    if (!filter.before.empty()) where += " AND e.seq<" + place_of("event", "ref", "?2", true);
    if (!filter.subject.empty()) where += " AND " + text_range::has("e.subject", "?5", "?6");
    const std::string sql =
        "SELECT " MORTISE_EVENT_COLUMNS " FROM (SELECT e.seq AS found FROM event e" + index +
        " WHERE ?1 IS ?1 AND ?2 IS ?2 AND ?4 IS ?4 AND ?5 IS ?5 AND ?6 IS ?6" + where +
        " ORDER BY e.seq DESC LIMIT ?3) CROSS JOIN event e ON e.seq=found ORDER BY e.seq DESC";
    auto rows = db_.query(sql, type, stored_id(filter.before), filter.limit, source, subject.first,
                          subject.end);
    while (rows.next()) {
        out.push_back(event_of(rows, names_));
    }
    return out;
}

std::optional<event_record> sqlite_reader::event(const event_ref& ref) {
    auto rows = db_.query("SELECT " MORTISE_EVENT_COLUMNS " FROM event e WHERE ref=?1",
                          stored_id(ref.str()));
    if (!rows.next()) return std::nullopt;
    return event_of(rows, names_);
}

std::vector<run_record> sqlite_reader::runs_of(const event_ref& ref) {
    std::int64_t seq = 0;
    {
        auto rows = db_.query("SELECT seq FROM event WHERE ref=?1", stored_id(ref.str()));
        if (!rows.next()) return {};
        seq = rows.number(0);
    }
    return runs_of_event(db_, names_, seq);
}

} // namespace mortise::host
