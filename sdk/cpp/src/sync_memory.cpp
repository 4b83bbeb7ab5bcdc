// SPDX-License-Identifier: Apache-2.0
#include "sync_memory.hpp"

#include <algorithm>

namespace mortise {

namespace {

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
    if (const auto* pending = find_json(from, "pending"); pending && pending->is_object()) {
        const auto said = [&](const char* key) { return words_of(find_json(*pending, key)); };
        const auto flag = [&](const char* key) {
            return optional_bool(*pending, key, category::internal).value_or(false);
        };
        out.pending =
            sync_pending{said("base"),     said("said_a"),  said("said_b"),
                         said("shown_a"),  said("shown_b"), said("value").value_or(sync_value()),
                         flag("writes_a"), flag("writes_b")};
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
        if (f.pending) {
            const sync_pending& p = *f.pending;
            one["pending"] =
                json::object{{"base", words_json(p.base)},       {"said_a", words_json(p.said_a)},
                             {"said_b", words_json(p.said_b)},   {"shown_a", words_json(p.shown_a)},
                             {"shown_b", words_json(p.shown_b)}, {"value", words_json(p.value)},
                             {"writes_a", p.writes_a},           {"writes_b", p.writes_b}};
        }
        if (!f.writes.empty()) one["writes"] = json::array(f.writes.begin(), f.writes.end());
    }
    json::object out;
    out["fields"] = std::move(by_name);
    if (!conflicts_.empty()) out["conflicts"] = conflicts_;
    return out;
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

void sync_memory::settle(const sync_field& f, const sync_words& value) {
    field& kept = fields_[f.name()];
    kept.pending.reset();
    if (value) kept.base = value;
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
