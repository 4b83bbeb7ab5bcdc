// SPDX-License-Identifier: Apache-2.0
#include "journal/sqlite_names.hpp"

#include "journal/sqlite_db.hpp"

namespace mortise::host {
namespace {
// Sources come from outside; a flood of new ones must not fill the memory.
constexpr std::size_t most_cached = 20'000;
} // namespace

std::int64_t sqlite_names::number(std::string_view text) {
    if (const auto known = find(text)) return *known;
    db_.exec("INSERT INTO name(text) VALUES(?1)", text);
    const auto made = db_.last_row();
    remember(made, text);
    return made;
}

std::optional<std::int64_t> sqlite_names::find(std::string_view text) {
    if (const auto it = numbers_.find(text); it != numbers_.end()) return it->second;
    auto rows = db_.query("SELECT id FROM name WHERE text=?1", text);
    if (!rows.next()) return std::nullopt;
    const auto number = rows.number(0);
    remember(number, text);
    return number;
}

const std::string& sqlite_names::text(std::int64_t number) {
    if (const auto it = texts_.find(number); it != texts_.end()) return it->second;
    std::string found;
    if (auto rows = db_.query("SELECT text FROM name WHERE id=?1", number); rows.next()) {
        found = rows.text(0);
    }
    remember(number, found);
    return texts_.find(number)->second;
}

void sqlite_names::forget() {
    numbers_.clear();
    texts_.clear();
}

void sqlite_names::remember(std::int64_t number, std::string_view text) {
    if (texts_.size() >= most_cached) forget();
    std::string copy(text);
    numbers_.insert_or_assign(copy, number);
    texts_.insert_or_assign(number, std::move(copy));
}

} // namespace mortise::host
