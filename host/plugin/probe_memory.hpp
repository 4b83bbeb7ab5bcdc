// SPDX-License-Identifier: Apache-2.0
// Which plugin files were already looked at in a child process and passed. Kept as a small JSON
// file in the state folder; losing it costs time only. [main]
#pragma once

#include "plugin/library.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace mortise::host {

class probe_memory {
public:
    // An empty path remembers for the life of this object only. A file that cannot be read or
    // understood counts as empty and is logged.
    explicit probe_memory(std::filesystem::path file);

    bool passed(const plugin_file& f) const;
    // The hash of a file that passed, when nothing about it has changed since: not even its inode
    // or the time of its last status change, which only the system sets.
    std::optional<std::string> known_hash(const plugin_file& f) const;
    void remember(const plugin_file& f);
    // Writes the file when something changed; entries whose plugin is gone are dropped.
    void save();

private:
    struct facts {
        std::uint64_t size = 0;
        std::int64_t mtime_ns = 0;
        std::int64_t ctime_ns = 0;
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::string sha256;
    };
    void load();

    std::filesystem::path file_;
    std::map<std::string, facts> passed_;
    bool changed_ = false;
};

} // namespace mortise::host
