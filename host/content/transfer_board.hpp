// SPDX-License-Identifier: Apache-2.0
// Which transfers are under way and how far they are, for people who watch. All [any-thread].
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct transfer_state {
    std::string key; // the step's idempotency key: "<run id>/<step>"
    std::uint64_t moved = 0;
    std::optional<std::uint64_t> total; // nothing: the source has not said
};

class transfer_board {
public:
    class entry {
    public:
        entry(std::string key, std::optional<std::uint64_t> total)
            : key_(std::move(key)), total_(total) {}
        void reached(std::uint64_t position) noexcept {
            moved_.store(position, std::memory_order_relaxed);
        }

    private:
        friend class transfer_board;
        std::string key_;
        std::optional<std::uint64_t> total_;
        std::atomic<std::uint64_t> moved_{0};
    };

    // On the board as long as the entry lives.
    std::shared_ptr<entry> begin(std::string key, std::optional<std::uint64_t> total);
    // Those whose key begins so.
    std::vector<transfer_state> under_way(std::string_view key_begins) const;

private:
    mutable std::mutex guard_;
    std::vector<std::weak_ptr<entry>> entries_;
};

} // namespace mortise::host
