// SPDX-License-Identifier: Apache-2.0
#include "admin/figures.hpp"

#include <fstream>
#include <iterator>
#include <unistd.h>

namespace mortise::host {

boost::json::object counts_view(const journal_stats& s) {
    boost::json::object runs;
    for (std::size_t i = 0; i < std::size(s.runs); ++i)
        runs[to_string(static_cast<run_state>(i))] = s.runs[i];
    return {{"events", s.events},
            {"runs", std::move(runs)},
            {"backlog", s.backlog},
            {"held", s.held},
            {"dead_letters", s.dead_letters},
            {"ledger_entries", s.ledger_entries}};
}

std::uint64_t resident_bytes() {
    std::ifstream in("/proc/self/statm"); // proc(5): pages in all, then pages resident
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    if (!(in >> all >> resident)) return 0;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace mortise::host
