// SPDX-License-Identifier: Apache-2.0
#include "sync_memory.hpp"

#include <mortise/sdk/sync.hpp>

#include <algorithm>

namespace mortise {

namespace {

constexpr int most_rounds = 5;

json::value words_json(const sync_words& words) {
    if (!words) return nullptr;
    json::array out;
    for (const auto& text : *words)
        out.emplace_back(json::string(text));
    return out;
}

std::string_view name_of(sync_side side) {
    return side == sync_side::a ? "a" : "b";
}

json::object conflict_json(const sync_conflict& c) {
    return {{"field", c.field},
            {"base", c.base},
            {"a", c.a},
            {"b", c.b},
            {"winner", json::string(name_of(c.winner))},
            {"reason", c.reason}};
}

// Names the problem's own place in front of what is wrong.
sync_problem problem_of(const sync_field& f, sync_side side, const error& e) {
    return {f.name(), "side " + std::string(name_of(side)) + ", field \"" +
                          (side == sync_side::a ? f.a : f.b) + "\": " + e.message};
}

// One sync: what people said, what the sides show, and what we decided.
struct work {
    struct field {
        sync_words said_a, said_b;   // the last that somebody else than this sync put there
        sync_words shown_a, shown_b; // what is there now
        sync_words value;
        bool left_alone = false; // unreadable
    };
    sync_view a, b;
    std::vector<field> fields;
    sync_memory memory;
    std::size_t kept_conflicts = 0; // of the report's
};

sync_words read_or_leave(const sync_rules& rules,
                         std::size_t i,
                         sync_side side,
                         const sync_view& view,
                         work::field& f,
                         sync_report& report) {
    try {
        return rules.read(i, side, view);
    } catch (const error& e) {
        report.problems.push_back(problem_of(rules.fields()[i], side, e));
        f.left_alone = true;
    }
    return std::nullopt;
}

std::optional<time_point> time_of(const sync_view& view, const std::string& field) {
    const auto own = view.field_changed_at.find(field);
    return own != view.field_changed_at.end() ? std::optional(own->second) : view.changed_at;
}

void add_conflict(std::vector<sync_conflict>& to, sync_conflict c) {
    const auto same = std::find_if(to.begin(), to.end(), [&](const sync_conflict& known) {
        return known.field == c.field && known.a == c.a && known.b == c.b;
    });
    if (same == to.end()) to.push_back(std::move(c));
}

// Decides every field; what has to be written where.
struct writes {
    json::object to_a, to_b;
    std::vector<std::size_t> on_a, on_b;
};

writes decide(const sync_rules& rules, work& w, sync_report& report) {
    writes out;
    for (std::size_t i = 0; i < w.fields.size(); ++i) {
        work::field& f = w.fields[i];
        if (f.left_alone) continue;
        const sync_field& rule = rules.fields()[i];
        const sync_memory::field& known = w.memory.of(rule);
        const sync_input in{
            f.said_a,   f.said_b, known.base, time_of(w.a, rule.a), time_of(w.b, rule.b),
            known.marks};
        const sync_merged merged = merge_field(rule, in);
        f.value = merged.value;
        if (merged.conflict) {
            sync_conflict c{rule.name(),          words_json(known.base), words_json(f.said_a),
                            words_json(f.said_b), merged.winner,          merged.reason};
            add_conflict(report.conflicts, std::move(c));
        }
        if (!f.value) continue;
        // Nothing there and nothing to be said: no need to write an empty value.
        const auto differs = [&](const sync_words& shown) {
            return shown ? shown != f.value : !f.value->empty();
        };
        if (differs(f.shown_a)) {
            out.to_a[rule.a] = rules.write(i, sync_side::a, *f.value);
            out.on_a.push_back(i);
        }
        if (differs(f.shown_b)) {
            out.to_b[rule.b] = rules.write(i, sync_side::b, *f.value);
            out.on_b.push_back(i);
        }
    }
    return out;
}

// What the write replaced is compared with what we thought was there. True: somebody was quicker.
bool note_replaced(const sync_rules& rules,
                   work& w,
                   sync_side side,
                   const std::vector<std::size_t>& fields,
                   const json::value& replaced) {
    bool news = false;
    for (const std::size_t i : fields) {
        work::field& f = w.fields[i];
        sync_words& said = side == sync_side::a ? f.said_a : f.said_b;
        sync_words& shown = side == sync_side::a ? f.shown_a : f.shown_b;
        const sync_words expected = shown;
        shown = f.value;
        const auto* values = replaced.if_object();
        if (!values) continue;
        sync_view before;
        before.values = *values;
        try {
            const sync_words there = rules.read(i, side, before);
            if (!there || there == expected || there == f.value) continue;
            if (!expected && there->empty()) continue;
            said = there;
            news = true;
        } catch (const error&) {
            continue; // unreadable and replaced by now: the next event of it tells
        }
    }
    return news;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

void note_names(std::vector<std::string>& to, const json::object& written) {
    for (const auto& entry : written) {
        const std::string name(entry.key());
        if (!contains(to, name)) to.push_back(name);
    }
}

// Before the losing value is overwritten: kept with the link, and said in the log.
void keep_conflicts(const flow_run& run,
                    const sync_ends& ends,
                    work& w,
                    const sync_report& report) {
    for (; w.kept_conflicts < report.conflicts.size(); ++w.kept_conflicts) {
        json::object fields = conflict_json(report.conflicts[w.kept_conflicts]);
        w.memory.add_conflict(fields, run.now());
        fields["link_a"] = ends.a;
        fields["link_b"] = ends.b;
        run.warn("sync conflict", fields);
    }
}

} // namespace

void sync_report::check() const {
    if (problems.empty()) return;
    std::string text = "these fields could not be synchronised and were left as they are: ";
    for (std::size_t i = 0; i < problems.size(); ++i)
        text += (i == 0 ? "" : "; ") + problems[i].text;
    error e(category::input, "sync.value.unreadable",
            text + ". Correct them, then retry this run; all other fields are in step.");
    e.effect = effect::none;
    throw e;
}

json::object sync_report::to_json() const {
    json::object out{{"a", a}, {"b", b}};
    const auto names = [](const std::vector<std::string>& list) {
        json::array array;
        for (const auto& name : list)
            array.emplace_back(json::string(name));
        return array;
    };
    out["wrote_a"] = names(wrote_a);
    out["wrote_b"] = names(wrote_b);
    json::array of_conflicts;
    for (const auto& c : conflicts)
        of_conflicts.emplace_back(conflict_json(c));
    out["conflicts"] = std::move(of_conflicts);
    json::array of_problems;
    for (const auto& p : problems)
        of_problems.emplace_back(json::object{{"field", p.field}, {"text", p.text}});
    out["problems"] = std::move(of_problems);
    return out;
}

two_way_sync::two_way_sync(std::string relation, std::vector<sync_field> fields, sync_limits limits)
    : relation_(std::move(relation)), rules_(std::move(fields)), limits_(limits) {}

task<sync_report> two_way_sync::run(flow_run run, sync_ends ends, sides how) const {
    sync_report report;
    sync_report* out = &report;
    turn_work work = [this, run, ends, how = std::move(how), out] {
        return in_turn(run, ends, how, out);
    };
    std::string name = relation_ + ' ' + ends.a;
    co_await take_turn(run, std::move(name), limits_.turn, std::move(work));
    co_return report;
}

task<json::value>
two_way_sync::in_turn(flow_run run, sync_ends ends, sides how, sync_report* out) const {
    sync_report& report = *out;
    work w;
    task<sync_view> reading_a = how.read_a(run);
    w.a = co_await std::move(reading_a);
    task<sync_view> reading_b = how.read_b(run);
    w.b = co_await std::move(reading_b);
    const std::vector<link> links = co_await run.link_find("known", relation_, ends.a);
    const json::value remembered = links.empty() ? json::value() : links.front().data;
    w.memory = sync_memory::read(rules_.fields(), remembered);
    report.a = w.a.values;
    report.b = w.b.values;
    for (std::size_t i = 0; i < rules_.fields().size(); ++i) {
        work::field& f = w.fields.emplace_back();
        f.said_a = f.shown_a = read_or_leave(rules_, i, sync_side::a, w.a, f, report);
        f.said_b = f.shown_b = read_or_leave(rules_, i, sync_side::b, w.b, f, report);
    }

    for (int round = 1;; ++round) {
        const flow_run step = run.scope("round-" + std::to_string(round));
        const writes todo = decide(rules_, w, report);
        if (todo.on_a.empty() && todo.on_b.empty()) break;
        if (round > most_rounds) {
            throw error(category::conflict, "sync.busy",
                        ends.a + " and " + ends.b + " were changed while they were written, " +
                            std::to_string(most_rounds) +
                            " times in a row: retry this run when they rest");
        }
        // First what we are about to do, then the doing: cut off in between, it is not taken for
        // somebody's change afterwards.
        keep_conflicts(run, ends, w, report);
        sync_memory intent = w.memory;
        for (const std::size_t i : todo.on_a)
            intent.mark(rules_.fields()[i],
                        {sync_side::a, *w.fields[i].value, w.fields[i].shown_b});
        for (const std::size_t i : todo.on_b)
            intent.mark(rules_.fields()[i],
                        {sync_side::b, *w.fields[i].value, w.fields[i].shown_a});
        std::vector<std::size_t> touched = todo.on_a;
        touched.insert(touched.end(), todo.on_b.begin(), todo.on_b.end());
        std::sort(touched.begin(), touched.end());
        touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
        for (const std::size_t i : touched) {
            const auto& f = w.fields[i];
            const std::size_t n = intent.count_write(rules_.fields()[i], run.now(), limits_.window);
            if (n > limits_.writes) {
                throw flapping(rules_.fields()[i], ends, limits_.writes, limits_.window,
                               serialize_json(words_json(f.said_a)),
                               serialize_json(words_json(f.said_b)));
            }
        }
        w.memory.take_writes(intent);
        link intended{ends.a, ends.b, intent.to_json()};
        co_await step.link_put("intent", relation_, std::move(intended));
        if (!todo.on_a.empty()) {
            task<json::value> writing = how.write_a(step, todo.to_a);
            const json::value replaced = co_await std::move(writing);
            note_names(report.wrote_a, todo.to_a);
            // Settled at once: what follows could fail, and the change would be forgotten.
            if (note_replaced(rules_, w, sync_side::a, todo.on_a, replaced)) continue;
        }
        if (!todo.on_b.empty()) {
            task<json::value> writing = how.write_b(step, todo.to_b);
            const json::value replaced = co_await std::move(writing);
            note_names(report.wrote_b, todo.to_b);
            if (note_replaced(rules_, w, sync_side::b, todo.on_b, replaced)) continue;
        }
        break;
    }

    for (std::size_t i = 0; i < w.fields.size(); ++i) {
        const work::field& f = w.fields[i];
        if (f.left_alone) continue;
        const sync_field& rule = rules_.fields()[i];
        w.memory.settle(rule, f.value);
        if (f.shown_a) report.a[rule.a] = rules_.write(i, sync_side::a, *f.shown_a);
        if (f.shown_b) report.b[rule.b] = rules_.write(i, sync_side::b, *f.shown_b);
    }
    keep_conflicts(run, ends, w, report);
    const json::value kept = w.memory.to_json();
    // An echo finds everything as it was: it leaves no trace.
    if (kept != remembered) {
        link settled{ends.a, ends.b, kept};
        co_await run.link_put("settled", relation_, std::move(settled));
    }
    co_return nullptr;
}

} // namespace mortise
