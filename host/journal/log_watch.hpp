// SPDX-License-Identifier: Apache-2.0
// Between the writer, which makes the write-ahead log grow, and housekeeping, which moves it into
// the file. The bulk is moved beside the writer; what the writer has added meanwhile it moves
// itself between two groups, so that the log begins anew and stays bounded under any load.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace mortise::host {

class log_watch {
public:
    explicit log_watch(int begin_at) : begin_at_(begin_at) {}

    // [writer thread] After each commit.
    void committed(int pages) {
        commits_.fetch_add(1, std::memory_order_relaxed);
        if (pages < last_pages_) asked_at_ = 0; // it has begun anew
        last_pages_ = pages;
        // Readers may keep the log from being moved: ask again only when there is more to move.
        if (pages < begin_at_ || pages < asked_at_ + begin_at_ / 4) return;
        asked_at_ = pages;
        {
            const std::lock_guard lock(mutex_);
            is_wanted_ = true;
            is_large_ = true;
        }
        changed_.notify_one();
    }
    // [writer thread] True once, when the writer should move the rest.
    bool take_rest() noexcept {
        return rest_.load(std::memory_order_relaxed) && rest_.exchange(false);
    }

    // The rest is housekeeping's.
    void leave_rest() noexcept { rest_ = true; }
    std::uint64_t commits() const noexcept { return commits_.load(std::memory_order_relaxed); }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_wanted_ = false; // under mutex_: the log should be moved
    bool is_large_ = false;  // under mutex_: the log's file may be larger than need be
    bool is_closing_ = false;

private:
    const int begin_at_; // pages
    int last_pages_ = 0; // writer thread
    int asked_at_ = 0;   // writer thread
    std::atomic<bool> rest_{false};
    std::atomic<std::uint64_t> commits_{0};
};

} // namespace mortise::host
