// SPDX-License-Identifier: Apache-2.0
#include "sync_memory.hpp"

#include <algorithm>

namespace mortise {

namespace {

constexpr std::size_t most_marks = 4;
constexpr std::size_t most_conflicts = 20;

json::value words_json(const sync_words& words) {
    if (!words) return nullptr;
    json::array out;
    for (const auto& text : *words)
        out.emplace_back(json::string(text));
    return out;
}

sync_words words_of(const json::value* v) {
    const auto* list = v ? v->if_array() : nullptr;
    if (!list) return std::nullopt;
    sync_value out;
    for (const auto& item : *list) {
        if (item.is_string()) out.emplace_back(item.get_string());
    }
    return out;
}

sync_memory::field field_of(const json::value& from) {
    sync_memory::field out;
    out.base = words_of(find_json(from, "base"));
    const auto* marks = find_json(from, "marks");
    if (marks && marks->is_array()) {
        for (const auto& m : marks->get_array()) {
            const auto value = words_of(find_json(m, "value"));
            const auto side = optional_string(m, "side", category::internal);
            if (!value || !side) continue;
            out.marks.push_back({*side == "a" ? sync_side::a : sync_side::b, *value,
                                 words_of(find_json(m, "other"))});
        }
    }
    const auto* writes = find_json(from, "writes");
    if (writes && writes->is_array()) {
        for (const auto& t : writes->get_array())
            if (t.is_int64()) out.writes.push_back(t.get_int64());
    }
    return out;
}

} // namespace

sync_memory sync_memory::read(const std::vector<sync_field>& fields, const json::value& data) {
    sync_memory out;
    // Not by find_json: the names hold dots where the systems' do.
    const auto* top = data.if_object();
    const auto* kept = top ? top->if_contains("fields") : nullptr;
    const auto* by_name = kept ? kept->if_object() : nullptr;
    for (const auto& f : fields) {
        const auto* one = by_name ? by_name->if_contains(f.name()) : nullptr;
        out.fields_[f.name()] = one ? field_of(*one) : field();
    }
    const auto* conflicts = top ? top->if_contains("conflicts") : nullptr;
    if (conflicts && conflicts->is_array()) out.conflicts_ = conflicts->get_array();
    return out;
}

json::value sync_memory::to_json() const {
    json::object by_name;
    for (const auto& [name, f] : fields_) {
        json::object& one = by_name[name].emplace_object();
        one["base"] = words_json(f.base);
        if (!f.marks.empty()) {
            json::array& marks = one["marks"].emplace_array();
            for (const auto& m : f.marks) {
                json::object mark;
                mark["side"] = m.side == sync_side::a ? "a" : "b";
                mark["value"] = words_json(m.value);
                mark["other"] = words_json(m.other);
                marks.emplace_back(std::move(mark));
            }
        }
        if (!f.writes.empty()) one["writes"] = json::array(f.writes.begin(), f.writes.end());
    }
    json::object out;
    out["fields"] = std::move(by_name);
    if (!conflicts_.empty()) out["conflicts"] = conflicts_;
    return out;
}

void sync_memory::mark(const sync_field& f, sync_mark m) {
    auto& marks = fields_[f.name()].marks;
    marks.push_back(std::move(m));
    if (marks.size() > most_marks) marks.erase(marks.begin());
}

std::size_t
sync_memory::count_write(const sync_field& f, time_point now, std::chrono::milliseconds window) {
    using std::chrono::duration_cast;
    const std::int64_t ms =
        duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    auto& writes = fields_[f.name()].writes;
    std::erase_if(writes, [&](std::int64_t t) { return t <= ms - window.count(); });
    writes.push_back(ms);
    return writes.size();
}

void sync_memory::take_writes(const sync_memory& from) {
    for (auto& [name, f] : fields_) {
        const auto other = from.fields_.find(name);
        if (other != from.fields_.end()) f.writes = other->second.writes;
    }
}

void sync_memory::settle(const sync_field& f, const sync_words& value) {
    field& kept = fields_[f.name()];
    if (!value) return;
    kept.base = value;
    kept.marks.clear();
}

void sync_memory::add_conflict(json::object conflict, time_point now) {
    conflict["at"] = format_time(now);
    conflicts_.emplace_back(std::move(conflict));
    while (conflicts_.size() > most_conflicts)
        conflicts_.erase(conflicts_.begin());
}

error flapping(const sync_field& f,
               const sync_ends& ends,
               std::size_t writes,
               std::chrono::milliseconds window,
               const std::string& a,
               const std::string& b) {
    error e(category::conflict, "sync.flapping",
            "field \"" + f.name() + "\" of " + ends.a + " and " + ends.b + " was written " +
                std::to_string(writes) + " times within " + format_duration(window) +
                " and differs again (a: " + a + ", b: " + b +
                "): something else writes it back. Stop that, or give the field a direction, then "
                "retry this run.");
    e.retry = retry_advice::no;
    e.effect = effect::none;
    return e;
}

} // namespace mortise
