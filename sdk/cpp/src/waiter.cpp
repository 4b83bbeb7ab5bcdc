// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/detail/waiter.hpp>

#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace mortise::detail {
namespace {

struct slot {
    waiter* owner = nullptr;
    std::unique_ptr<leftover> rest;
    std::uint64_t generation = 1;
};

// Tokens are (generation << 24 | index): an index is used again, a token never (in 2^40 uses of a
// slot).
class table {
public:
    void* add(waiter* w) {
        const std::lock_guard lock(mutex_);
        if (free_.empty()) {
            if (slots_.size() >= max_slots) throw std::length_error("too many requests in flight");
            free_.reserve(slots_.size() + 1);
            slots_.emplace_back();
            free_.push_back(slots_.size() - 1);
        }
        const std::size_t index = free_.back();
        free_.pop_back();
        slots_[index].owner = w;
        return to_token(index, slots_[index].generation);
    }

    void abandon(void* token, std::unique_ptr<leftover> rest) noexcept {
        const std::lock_guard lock(mutex_);
        slot* s = find(token);
        if (!s) return;
        s->owner = nullptr;
        if (rest) {
            s->rest = std::move(rest);
        } else {
            release(token, *s);
        }
    }

    waiter* claim(void* token, std::unique_ptr<leftover>& rest) noexcept {
        const std::lock_guard lock(mutex_);
        slot* s = find(token);
        if (!s) return nullptr;
        waiter* const owner = s->owner;
        rest = std::move(s->rest);
        release(token, *s);
        return owner;
    }

private:
    static constexpr std::size_t index_bits = 24;
    static constexpr std::size_t max_slots = std::size_t(1) << index_bits;

    static void* to_token(std::size_t index, std::uint64_t generation) noexcept {
        return reinterpret_cast<void*>(
            static_cast<std::uintptr_t>(generation << index_bits | index));
    }
    static std::size_t index_of(void* token) noexcept {
        return reinterpret_cast<std::uintptr_t>(token) & (max_slots - 1);
    }
    slot* find(void* token) noexcept {
        const std::size_t index = index_of(token);
        if (!token || index >= slots_.size()) return nullptr;
        slot& s = slots_[index];
        if (to_token(index, s.generation) != token) return nullptr;
        return &s;
    }
    void release(void* token, slot& s) noexcept {
        s.owner = nullptr;
        ++s.generation;
        free_.push_back(index_of(token)); // room was reserved when the slot was made
    }

    std::mutex mutex_;
    std::vector<slot> slots_;
    std::vector<std::size_t> free_;
};

table& tokens() {
    // Never destroyed: a callback may come while the process is ending.
    static table& t = *new table;
    return t;
}

} // namespace

void* waiter::arm() {
    met_.store(false, std::memory_order_relaxed);
    token_ = tokens().add(this);
    return token_;
}

void waiter::abandon(std::unique_ptr<leftover> rest) noexcept {
    if (!token_) return;
    tokens().abandon(std::exchange(token_, nullptr), std::move(rest));
}

waiter* waiter::claim(void* token, mortise_handle content) noexcept {
    std::unique_ptr<leftover> rest;
    waiter* const owner = tokens().claim(token, rest);
    if (owner) {
        owner->token_ = nullptr;
    } else if (rest) {
        rest->late(content);
    }
    return owner;
}

} // namespace mortise::detail
