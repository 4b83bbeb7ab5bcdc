// SPDX-License-Identifier: Apache-2.0
#include "content/background_digest.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <vector>

namespace mortise::host {
namespace {

constexpr std::size_t most_waiting = 256 * 1024;
constexpr std::size_t too_small = 8 * 1024; // to be worth another thread

} // namespace

struct background_digest::state {
    std::mutex work; // of the digests; taken before `guard`
    content_digest sha256;
    std::optional<content_digest> also;

    std::mutex guard; // of what follows
    std::deque<std::string> waiting;
    std::vector<std::string> spare; // buffers used before
    std::size_t bytes = 0;
    bool asked = false; // somebody will come

    void add(std::string_view piece) {
        sha256.update(piece);
        if (also) also->update(piece);
    }
    // With `work` held: everything that waits, in its order.
    void catch_up() {
        for (;;) {
            std::string next;
            {
                const std::lock_guard lock(guard);
                if (waiting.empty()) {
                    asked = false;
                    return;
                }
                next = std::move(waiting.front());
                waiting.pop_front();
            }
            add(next);
            const std::lock_guard lock(guard);
            bytes -= next.size();
            spare.push_back(std::move(next));
        }
    }
};

background_digest::background_digest(std::optional<content_digest> also, runner elsewhere)
    : state_(std::make_shared<state>()), elsewhere_(std::move(elsewhere)) {
    state_->also = std::move(also);
}

void background_digest::update(std::string_view piece) {
    auto& s = *state_;
    bool ask = false, kept = false;
    if (elsewhere_ && piece.size() >= too_small) {
        const std::lock_guard lock(s.guard);
        kept = s.bytes + piece.size() <= most_waiting;
        if (kept) {
            std::string buffer;
            if (!s.spare.empty()) {
                buffer = std::move(s.spare.back());
                s.spare.pop_back();
            }
            buffer.assign(piece);
            s.bytes += piece.size();
            s.waiting.push_back(std::move(buffer));
            ask = !std::exchange(s.asked, true);
        }
    }
    if (!kept) {
        const std::lock_guard lock(s.work);
        s.catch_up();
        s.add(piece);
    } else if (ask) {
        elsewhere_([shared = state_] {
            const std::lock_guard lock(shared->work);
            shared->catch_up();
        });
    }
}

std::string background_digest::sha256() {
    const std::lock_guard lock(state_->work);
    state_->catch_up();
    return state_->sha256.hex();
}

std::string background_digest::also() {
    const std::lock_guard lock(state_->work);
    state_->catch_up();
    return state_->also ? state_->also->hex() : std::string();
}

} // namespace mortise::host
