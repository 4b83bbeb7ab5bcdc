// SPDX-License-Identifier: Apache-2.0
// Between the writer, which makes the write-ahead log grow, and housekeeping, which moves it into
// the file. The bulk is moved beside the writer; the little that the writer has added meanwhile it
// moves itself between two groups, as the log begins anew only when all of it has been moved. Past
// a hard limit the writer waits for the mover, so that the log stays bounded under any load.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace mortise::host {

class log_watch {
public:
    // Pages of the log from which it is moved.
    explicit log_watch(int begin_at) : begin_at_(begin_at), most_(4 * begin_at) {}

    // [writer thread] After each commit.
    void committed(int pages) {
        commits_.fetch_add(1, std::memory_order_relaxed);
        if (pages < pages_) asked_at_ = 0; // it has begun anew
        pages_.store(pages, std::memory_order_relaxed);
        // Readers may keep the log from being moved: ask again only when there is more to move.
        if (pages < begin_at_ || pages < asked_at_ + begin_at_ / 4) return;
        asked_at_ = pages;
        {
            const std::lock_guard lock(mutex_);
            is_large_ = true;
            if (is_moving_ || rest_) return;
            is_wanted_ = true;
        }
        changed_.notify_all();
    }
    // [writer thread] Between two groups: true when the writer should move the rest now.
    bool take_rest() {
        if (!rest_.load(std::memory_order_relaxed) && pages_ < most_) return false;
        std::unique_lock lock(mutex_);
        if (pages_ >= most_)
            changed_.wait(lock, [this] { return is_closing_ || (!is_moving_ && !is_wanted_); });
        return rest_.exchange(false);
    }

    // ---- the mover's ----

    struct task {
        bool is_closing = false;
        bool is_wanted = false;
        bool is_large = false; // the log's file may be larger than need be
    };
    // What there is to do; waits until something is or so much time has passed.
    template <class Duration>
    task wait_for(Duration time) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, time, [this] { return is_closing_ || is_wanted_; });
        return {is_closing_, is_wanted_, is_large_};
    }
    void begin() {
        const std::lock_guard lock(mutex_);
        is_wanted_ = false;
        is_moving_ = true;
    }
    void end(bool leaves_rest) {
        {
            const std::lock_guard lock(mutex_);
            is_moving_ = false;
            rest_ = leaves_rest;
        }
        changed_.notify_all();
    }
    void truncated() {
        const std::lock_guard lock(mutex_);
        is_large_ = false;
    }
    void close() {
        {
            const std::lock_guard lock(mutex_);
            is_closing_ = true;
        }
        changed_.notify_all();
    }
    int pages() const noexcept { return pages_.load(std::memory_order_relaxed); }
    std::uint64_t commits() const noexcept { return commits_.load(std::memory_order_relaxed); }

private:
    const int begin_at_;
    const int most_;
    int asked_at_ = 0; // writer thread
    std::atomic<int> pages_{0};
    std::atomic<std::uint64_t> commits_{0};
    std::atomic<bool> rest_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_wanted_ = false;
    bool is_moving_ = false;
    bool is_large_ = false;
    bool is_closing_ = false;
};

} // namespace mortise::host
