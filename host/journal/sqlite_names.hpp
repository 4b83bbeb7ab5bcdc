// SPDX-License-Identifier: Apache-2.0
// Small numbers for texts that stand on every row (types, sources, instances), cached both ways.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mortise::host {

class sqlite_db;

class sqlite_names {
public:
    explicit sqlite_names(sqlite_db& db) : db_(db) {}

    std::int64_t number(std::string_view text);              // makes it when new
    std::optional<std::int64_t> find(std::string_view text); // never writes
    const std::string& text(std::int64_t number);            // valid until the next call
    // After a rollback: numbers made in it may be given to other texts.
    void forget();

private:
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const noexcept {
            return std::hash<std::string_view>()(s);
        }
    };
    void remember(std::int64_t number, std::string_view text);

    sqlite_db& db_;
    std::unordered_map<std::string, std::int64_t, hash, std::equal_to<>> numbers_;
    std::unordered_map<std::int64_t, std::string> texts_;
};

} // namespace mortise::host
