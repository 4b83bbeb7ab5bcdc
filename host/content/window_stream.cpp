// SPDX-License-Identifier: Apache-2.0
#include "content/window_stream.hpp"

#include <algorithm>
#include <cstring>

namespace mortise::host::detail {

window_stream::window_stream(std::uint64_t window, std::string media_type, std::uint64_t length)
    : window_(window), digest_(std::in_place) {
    info_.media_type = std::move(media_type);
    info_.length = length;
}

// Runs change under the lock, moves what can be moved, then calls the handlers that became due.
template <class Change>
result<void> window_stream::with(Change change) {
    due_list due;
    {
        const std::lock_guard lock(guard_);
        if (result<void> changed = change(); !changed) return changed;
        std::size_t before = 0;
        do { // a read makes room for the waiting write, which may feed the next read
            before = due.size();
            pump(due);
        } while (due.size() != before);
        wake_ends(due);
    }
    for (auto& call : due)
        call();
    return {};
}

void window_stream::put(std::string_view bytes) {
    if (bytes.empty()) return;
    if (held_ + bytes.size() > ring_.size()) {
        std::vector<char> larger(
            std::max<std::size_t>(held_ + bytes.size(), std::min(ring_.size() * 2, window_)));
        const auto first = std::min(held_, ring_.size() - head_);
        std::copy_n(ring_.begin() + static_cast<std::ptrdiff_t>(head_), first, larger.begin());
        std::copy_n(ring_.begin(), held_ - first,
                    larger.begin() + static_cast<std::ptrdiff_t>(first));
        ring_ = std::move(larger);
        head_ = 0;
    }
    const auto tail = (head_ + held_) % ring_.size();
    const auto first = std::min(bytes.size(), ring_.size() - tail);
    std::memcpy(ring_.data() + tail, bytes.data(), first);
    std::memcpy(ring_.data(), bytes.data() + first, bytes.size() - first);
    held_ += bytes.size();
}

std::uint64_t window_stream::take(char* to, std::uint64_t cap) {
    const auto n = std::min<std::uint64_t>(cap, held_);
    if (n == 0) return 0;
    const auto first = std::min<std::size_t>(n, ring_.size() - head_);
    std::memcpy(to, ring_.data() + head_, first);
    std::memcpy(to + first, ring_.data(), n - first);
    head_ = (head_ + n) % ring_.size();
    held_ -= n;
    info_.position += n;
    if (digest_) digest_->update({to, n});
    return n;
}

void window_stream::pump(due_list& due) {
    if (writer_) {
        const auto room = window_ > held_ ? window_ - held_ : 0;
        const auto n = std::min<std::uint64_t>(room, write_rest_.size());
        if (n > 0) put(write_rest_.substr(0, n));
        write_rest_.remove_prefix(n);
        if (write_rest_.empty()) {
            due.push_back([done = std::exchange(writer_, nullptr), n = write_size_] { done(n); });
        }
    }
    if (reader_ && (held_ > 0 || info_.finished || failure_)) {
        if (const auto n = take(read_to_, read_cap_); n > 0) {
            due.push_back([done = std::exchange(reader_, nullptr), n] { done(n); });
        } else if (failure_) {
            due.push_back([done = std::exchange(reader_, nullptr), e = *failure_] { done(e); });
        } else {
            due.push_back([done = std::exchange(reader_, nullptr)] { done(std::uint64_t{0}); });
        }
    }
}

// Ends that cannot wait try again when it is worth it: half a window, or the end.
void window_stream::wake_ends(due_list& due) {
    if (wake_reader_ && (held_ > 0 || info_.finished || failure_))
        due.push_back(std::exchange(wake_reader_, nullptr));
    if (wake_writer_ && (held_ <= window_ / 2 || closed_))
        due.push_back(std::exchange(wake_writer_, nullptr));
}

result<void> window_stream::may_write() const {
    if (closed_) return reader_gone();
    if (info_.finished || failure_)
        return stream_error("finished", "this content was finished; nothing can be added");
    if (writer_) return stream_error("write-in-flight", "one write at a time per content stream");
    return {};
}

result<void> window_stream::read(char* to, std::uint64_t cap, io_handler done) {
    return with([&]() -> result<void> {
        if (reader_) return stream_error("read-in-flight", "one read at a time per content stream");
        read_to_ = to;
        read_cap_ = cap;
        reader_ = std::move(done);
        return {};
    });
}

result<void> window_stream::write(std::string_view chunk, io_handler done) {
    return with([&]() -> result<void> {
        if (auto ok = may_write(); !ok) return ok;
        written_ += chunk.size();
        write_rest_ = chunk;
        write_size_ = chunk.size();
        writer_ = std::move(done);
        return {};
    });
}

result<std::optional<std::uint64_t>>
window_stream::try_read(char* to, std::uint64_t cap, waker wake) {
    std::optional<std::uint64_t> got;
    auto ok = with([&]() -> result<void> {
        if (reader_) return stream_error("read-in-flight", "one read at a time per content stream");
        if (held_ > 0) {
            got = take(to, cap);
        } else if (failure_) {
            return *failure_;
        } else if (info_.finished) {
            got = 0;
        } else {
            wake_reader_ = std::move(wake);
        }
        return {};
    });
    if (!ok) return ok.error();
    return got;
}

result<bool> window_stream::try_write(std::string_view chunk, waker wake) {
    bool taken = false;
    auto ok = with([&]() -> result<void> {
        if (auto may = may_write(); !may) return may;
        taken = held_ == 0 || held_ + chunk.size() <= window_;
        if (taken) {
            written_ += chunk.size();
            put(chunk);
        } else {
            wake_writer_ = std::move(wake);
        }
        return {};
    });
    if (!ok) return ok.error();
    return taken;
}

result<void> window_stream::finish(std::optional<error> abort) {
    return with([&]() -> result<void> {
        if (info_.finished || failure_)
            return stream_error("finished", "this content was finished already");
        if (writer_)
            return stream_error("write-in-flight", "finish() before the last write was taken");
        if (abort) {
            failure_ = std::move(abort);
        } else if (info_.length != UINT64_MAX && info_.length != written_) {
            failure_ =
                stream_error("length-mismatch", "announced " + std::to_string(info_.length) +
                                                    " bytes, wrote " + std::to_string(written_));
        } else {
            info_.finished = true;
            info_.length = written_;
        }
        return {};
    });
}

bool window_stream::go_back(std::uint64_t offset) {
    const std::lock_guard lock(guard_);
    return offset >= info_.position;
}

content_info window_stream::info() const {
    const std::lock_guard lock(guard_);
    auto out = info_;
    if (out.finished && digest_) {
        // What was read is in the digest, what was not is still here.
        auto all = digest_->copy();
        const auto first = std::min(held_, ring_.size() - head_);
        all.update({ring_.data() + head_, first});
        all.update({ring_.data(), held_ - first});
        out.sha256 = to_hex(all.finish());
    }
    return out;
}

void window_stream::leave_hashing() {
    const std::lock_guard lock(guard_);
    digest_.reset();
}

void window_stream::on_close(waker gone) {
    const std::lock_guard lock(guard_);
    gone_ = std::move(gone);
}

void window_stream::close() {
    io_handler writer, reader;
    waker wake, gone;
    {
        const std::lock_guard lock(guard_);
        closed_ = true;
        writer = std::exchange(writer_, nullptr);
        reader = std::exchange(reader_, nullptr);
        wake = std::exchange(wake_writer_, nullptr);
        wake_reader_ = nullptr;
        gone = std::exchange(gone_, nullptr);
        if (info_.finished || failure_) gone = nullptr;
    }
    if (writer) writer(reader_gone());
    if (reader) reader(reader_gone());
    if (wake) wake();
    if (gone) gone();
}

} // namespace mortise::host::detail
