// SPDX-License-Identifier: Apache-2.0
#include "content/transfer_board.hpp"

namespace mortise::host {

std::shared_ptr<transfer_board::entry> transfer_board::begin(std::string key,
                                                             std::optional<std::uint64_t> total) {
    auto one = std::make_shared<entry>(std::move(key), total);
    const std::lock_guard lock(guard_);
    std::erase_if(entries_, [](const auto& e) { return e.expired(); });
    entries_.push_back(one);
    return one;
}

std::vector<transfer_state> transfer_board::under_way(std::string_view key_begins) const {
    std::vector<transfer_state> out;
    const std::lock_guard lock(guard_);
    for (const auto& weak : entries_) {
        const auto e = weak.lock();
        if (!e || !std::string_view(e->key_).starts_with(key_begins)) continue;
        out.push_back({e->key_, e->moved_.load(std::memory_order_relaxed), e->total_});
    }
    return out;
}

} // namespace mortise::host
