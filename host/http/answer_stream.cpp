// SPDX-License-Identifier: Apache-2.0
#include "http/answer_stream.hpp"

#include <mutex>
#include <utility>

namespace mortise::host {

struct answer_queue {
    explicit answer_queue(stream_limits l) : limits(l) {}

    bool is_over() const { return gone || ended || broken; }
    // What the maker and the listener are told is told without the lock.
    std::function<void()> wake_up() { return std::exchange(woken, true) ? nullptr : wake; }

    const stream_limits limits;
    std::mutex mutex;
    std::string waiting;
    std::size_t in_flight = 0;
    bool was_full = false;
    bool ended = false;
    bool broken = false;
    bool gone = false;
    bool woken = false; // the listener has not looked since
    std::function<void()> wake;
    std::function<void()> changed;
    std::mutex telling; // one call of `changed` at a time
};

namespace {

void call(const std::function<void()>& fn) {
    if (fn) fn();
}

void tell(answer_queue& q, const std::function<void()>& fn) {
    if (!fn) return;
    const std::lock_guard one(q.telling);
    fn();
}

// Ends the stream from the listener's side.
void leave(answer_queue& q, bool& mark) {
    std::function<void()> changed;
    {
        const std::lock_guard lock(q.mutex);
        if (q.is_over()) {
            mark = true;
            return;
        }
        mark = true;
        changed = std::move(q.changed);
        q.changed = nullptr;
    }
    tell(q, changed);
}

} // namespace

answer_stream::answer_stream(stream_limits limits)
    : queue_(std::make_shared<answer_queue>(limits)) {}

answer_stream::~answer_stream() {
    cut();
}

std::shared_ptr<answer_outlet> answer_stream::outlet() {
    return std::make_shared<answer_outlet>(queue_);
}

answer_stream::taken answer_stream::write(std::string_view bytes) {
    if (bytes.empty()) return is_over() ? taken::over : taken::all;
    std::function<void()> wake;
    {
        const std::lock_guard lock(queue_->mutex);
        if (queue_->is_over()) return taken::over;
        const auto waiting = queue_->waiting.size() + queue_->in_flight;
        if (waiting > 0 && waiting + bytes.size() > queue_->limits.most) {
            queue_->was_full = true;
            return taken::full;
        }
        queue_->waiting.append(bytes);
        wake = queue_->wake_up();
    }
    call(wake);
    return taken::all;
}

void answer_stream::end() {
    std::function<void()> wake;
    std::function<void()> dropped;
    {
        const std::lock_guard lock(queue_->mutex);
        if (queue_->is_over()) return;
        queue_->ended = true;
        dropped = std::exchange(queue_->changed, nullptr);
        wake = queue_->wake_up();
    }
    call(wake);
}

void answer_stream::cut() {
    std::function<void()> wake;
    std::function<void()> dropped;
    {
        const std::lock_guard lock(queue_->mutex);
        if (queue_->is_over()) return;
        queue_->broken = true;
        queue_->waiting.clear();
        dropped = std::exchange(queue_->changed, nullptr);
        wake = queue_->wake_up();
    }
    call(wake);
}

bool answer_stream::is_over() const {
    const std::lock_guard lock(queue_->mutex);
    return queue_->is_over();
}

std::size_t answer_stream::waiting() const {
    const std::lock_guard lock(queue_->mutex);
    return queue_->waiting.size() + queue_->in_flight;
}

void answer_stream::on_change(std::function<void()> fn) {
    {
        const std::lock_guard lock(queue_->mutex);
        if (!queue_->is_over()) {
            std::swap(queue_->changed, fn);
            return;
        }
        if (!queue_->gone) return;
    }
    tell(*queue_, fn);
}

answer_outlet::answer_outlet(std::shared_ptr<answer_queue> queue) : queue_(std::move(queue)) {}

answer_outlet::~answer_outlet() {
    leave(*queue_, queue_->gone);
    // It holds the listener's executor, which the maker's end may outlive.
    std::function<void()> dropped;
    const std::lock_guard lock(queue_->mutex);
    std::swap(dropped, queue_->wake);
}

void answer_outlet::attach(std::function<void()> wake) {
    const std::lock_guard lock(queue_->mutex);
    queue_->wake = std::move(wake);
    queue_->woken = true; // it looks by itself first
}

answer_outlet::next answer_outlet::take(std::string& out) {
    const std::lock_guard lock(queue_->mutex);
    queue_->woken = false;
    if (queue_->broken) return next::broken;
    out.clear();
    std::swap(out, queue_->waiting);
    queue_->in_flight = out.size();
    if (queue_->ended) return next::last;
    return out.empty() ? next::nothing : next::piece;
}

void answer_outlet::written() {
    std::function<void()> changed;
    {
        const std::lock_guard lock(queue_->mutex);
        queue_->in_flight = 0;
        if (queue_->is_over() || !queue_->was_full) return;
        if (queue_->waiting.size() > queue_->limits.most / 2) return;
        queue_->was_full = false;
        changed = queue_->changed;
    }
    tell(*queue_, changed);
}

void answer_outlet::stop() {
    if (!queue_->limits.endless) return;
    leave(*queue_, queue_->ended);
    std::function<void()> wake;
    {
        const std::lock_guard lock(queue_->mutex);
        wake = queue_->wake_up();
    }
    call(wake);
}

} // namespace mortise::host
