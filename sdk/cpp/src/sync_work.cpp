// SPDX-License-Identifier: Apache-2.0
#include "sync_work.hpp"

#include <algorithm>

namespace mortise {

namespace {

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

// Names the problem's own place in front of what is wrong.
sync_problem problem_of(const sync_field& f, sync_side side, const error& e) {
    return {f.name(), "side " + std::string(name_of(side)) + ", field \"" +
                          (side == sync_side::a ? f.a : f.b) + "\": " + e.message};
}

std::optional<time_point> time_of(const sync_view& view, const std::string& field) {
    const auto own = view.field_changed_at.find(field);
    return own != view.field_changed_at.end() ? std::optional(own->second) : view.changed_at;
}

void note_names(std::vector<std::string>& to, const json::object& written) {
    for (const auto& entry : written) {
        const std::string name(entry.key());
        if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
    }
}

} // namespace

json::object to_json(const sync_conflict& c) {
    return {{"field", c.field},
            {"base", c.base},
            {"a", c.a},
            {"b", c.b},
            {"winner", json::string(name_of(c.winner))},
            {"reason", c.reason}};
}

std::vector<std::size_t> sync_writes::touched() const {
    std::vector<std::size_t> out = on_a;
    out.insert(out.end(), on_b.begin(), on_b.end());
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

sync_work::sync_work(const sync_rules& rules,
                     sync_view a,
                     sync_view b,
                     const json::value& remembered)
    : rules_(rules), a_(std::move(a)), b_(std::move(b)),
      memory_(sync_memory::read(rules.fields(), remembered)) {
    report_.a = a_.values;
    report_.b = b_.values;
    for (std::size_t i = 0; i < rules_.fields().size(); ++i) {
        field& f = fields_.emplace_back();
        f.said_a = f.shown_a = read_or_leave(i, sync_side::a, f);
        f.said_b = f.shown_b = read_or_leave(i, sync_side::b, f);
        const sync_memory::field& known = memory_.of(rules_.fields()[i]);
        f.base = known.base;
        if (f.left_alone || !known.pending) continue;
        const sync_resumed now =
            resume_pending(rules_.fields()[i], *known.pending, f.shown_a, f.shown_b);
        if (now.overtaken) {
            // What was decided then is void; that it was said stays on record.
            f.said_a = known.pending->said_a;
            f.said_b = known.pending->said_b;
            add_conflict(i, sync_side::a, "overtaken");
        }
        f.base = now.base;
        f.said_a = now.a;
        f.said_b = now.b;
    }
}

sync_words sync_work::read_or_leave(std::size_t i, sync_side side, field& f) {
    try {
        return rules_.read(i, side, side == sync_side::a ? a_ : b_);
    } catch (const error& e) {
        report_.problems.push_back(problem_of(rules_.fields()[i], side, e));
        f.left_alone = true;
    }
    return std::nullopt;
}

void sync_work::add_conflict(std::size_t i, sync_side winner, std::string reason) {
    const field& f = fields_[i];
    sync_conflict c{rules_.fields()[i].name(),
                    words_json(f.base),
                    words_json(f.said_a),
                    words_json(f.said_b),
                    winner,
                    std::move(reason)};
    for (const auto& known : report_.conflicts) {
        if (known.field == c.field && known.a == c.a && known.b == c.b) return;
    }
    report_.conflicts.push_back(std::move(c));
}

sync_writes sync_work::decide() {
    sync_writes out;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        field& f = fields_[i];
        if (f.left_alone) continue;
        const sync_field& rule = rules_.fields()[i];
        const sync_input in{f.said_a, f.said_b, f.base, time_of(a_, rule.a), time_of(b_, rule.b)};
        const sync_merged merged = merge_field(rule, in);
        f.value = merged.value;
        if (merged.conflict) add_conflict(i, merged.winner, merged.reason);
        if (!f.value) continue;
        // Nothing there and nothing to be said: no need to write an empty value.
        const auto differs = [&](const sync_words& shown) {
            return shown ? shown != f.value : !f.value->empty();
        };
        if (differs(f.shown_a)) {
            out.to_a[rule.a] = rules_.write(i, sync_side::a, *f.value);
            out.on_a.push_back(i);
        }
        if (differs(f.shown_b)) {
            out.to_b[rule.b] = rules_.write(i, sync_side::b, *f.value);
            out.on_b.push_back(i);
        }
    }
    return out;
}

void sync_work::intend(const sync_writes& todo,
                       const sync_ends& ends,
                       const sync_limits& limits,
                       time_point now) {
    for (const std::size_t i : todo.touched()) {
        const field& f = fields_[i];
        const sync_field& rule = rules_.fields()[i];
        const auto on = [i](const std::vector<std::size_t>& list) {
            return std::find(list.begin(), list.end(), i) != list.end();
        };
        memory_.of(rule).pending = sync_pending{f.base,    f.said_a, f.said_b,      f.shown_a,
                                                f.shown_b, *f.value, on(todo.on_a), on(todo.on_b)};
        if (memory_.count_write(rule, now, limits.window) > limits.writes) {
            throw flapping(rule, ends, limits.writes, limits.window,
                           serialize_json(words_json(f.said_a)),
                           serialize_json(words_json(f.said_b)));
        }
    }
    keep_conflicts(now);
}

bool sync_work::written(sync_side side, const sync_writes& todo, const json::value& replaced) {
    const bool is_a = side == sync_side::a;
    note_names(is_a ? report_.wrote_a : report_.wrote_b, is_a ? todo.to_a : todo.to_b);
    bool news = false;
    sync_view before;
    if (const auto* values = replaced.if_object()) before.values = *values;
    for (const std::size_t i : is_a ? todo.on_a : todo.on_b) {
        field& f = fields_[i];
        sync_words& said = is_a ? f.said_a : f.said_b;
        sync_words& shown = is_a ? f.shown_a : f.shown_b;
        const sync_words expected = shown;
        shown = f.value;
        sync_pending& pending = *memory_.of(rules_.fields()[i]).pending;
        (is_a ? pending.shown_a : pending.shown_b) = f.value;
        (is_a ? pending.writes_a : pending.writes_b) = false;
        sync_words there;
        try {
            there = rules_.read(i, side, before);
        } catch (const error&) {
            continue; // unreadable, and replaced by now
        }
        if (!there || there == expected || there == f.value) continue;
        if (!expected && there->empty()) continue;
        if (said != expected) {
            // What was edited was not what people had put there, but a value of ours.
            f.base = expected;
            (is_a ? f.said_b : f.said_a) = f.value;
        }
        said = there;
        news = true;
    }
    return news;
}

void sync_work::failed(sync_side side, const sync_writes& todo, enum effect e) {
    if (e != effect::none) return; // it may have been written: that is what pending says
    const bool is_a = side == sync_side::a;
    for (const std::size_t i : is_a ? todo.on_a : todo.on_b) {
        sync_pending& pending = *memory_.of(rules_.fields()[i]).pending;
        (is_a ? pending.writes_a : pending.writes_b) = false;
    }
}

void sync_work::settle(time_point now) {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const field& f = fields_[i];
        if (f.left_alone) continue;
        const sync_field& rule = rules_.fields()[i];
        memory_.settle(rule, f.value);
        if (f.shown_a) report_.a[rule.a] = rules_.write(i, sync_side::a, *f.shown_a);
        if (f.shown_b) report_.b[rule.b] = rules_.write(i, sync_side::b, *f.shown_b);
    }
    keep_conflicts(now);
}

void sync_work::keep_conflicts(time_point now) {
    for (; kept_ < report_.conflicts.size(); ++kept_)
        memory_.add_conflict(to_json(report_.conflicts[kept_]), now);
}

std::vector<sync_conflict> sync_work::new_conflicts() {
    const auto from = report_.conflicts.begin() + static_cast<std::ptrdiff_t>(told_);
    std::vector<sync_conflict> out(from, report_.conflicts.end());
    told_ = report_.conflicts.size();
    return out;
}

} // namespace mortise
