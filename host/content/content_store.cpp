// SPDX-License-Identifier: Apache-2.0
#include "content/content_store.hpp"

#include "base/digest.hpp"
#include "base/handles.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace mortise::host {
namespace {

error stream_error(std::string_view reason, std::string message) {
    return {category::input, "content." + std::string(reason), std::move(message)};
}

error reader_gone() {
    error e{category::cancelled, "content.closed", "the reader of this content gave it up"};
    e.effect = effect::none;
    return e;
}

} // namespace

struct content_store::stream {
    std::mutex guard;
    content_info info;
    std::string buffer; // bytes [head, size) wait for the reader
    std::size_t head = 0;
    std::uint64_t written = 0;
    sha256_stream digest;
    std::optional<error> failure;
    bool closed = false;

    // The one read and the one write that may wait.
    char* read_to = nullptr;
    std::uint64_t read_cap = 0;
    io_handler reader;
    std::string_view write_rest;
    std::uint64_t write_size = 0;
    io_handler writer;

    std::size_t available() const { return buffer.size() - head; }

    // Moves what can be moved; handlers that became due are collected and called without the lock.
    void pump(std::uint64_t window, std::vector<std::function<void()>>& due) {
        if (writer) {
            const auto room = window > available() ? window - available() : 0;
            const auto n = std::min<std::uint64_t>(room, write_rest.size());
            if (head > 0 && (head == buffer.size() || head > window)) {
                buffer.erase(0, head);
                head = 0;
            }
            buffer.append(write_rest.substr(0, n));
            write_rest.remove_prefix(n);
            if (write_rest.empty()) {
                due.push_back([done = std::exchange(writer, nullptr), n = write_size] { done(n); });
            }
        }
        if (reader && (available() > 0 || info.finished || failure)) {
            const auto n = std::min<std::uint64_t>(read_cap, available());
            if (n > 0) {
                std::memcpy(read_to, buffer.data() + head, n);
                head += n;
                due.push_back([done = std::exchange(reader, nullptr), n] { done(n); });
            } else if (failure) {
                due.push_back([done = std::exchange(reader, nullptr), e = *failure] { done(e); });
            } else {
                due.push_back([done = std::exchange(reader, nullptr)] { done(std::uint64_t{0}); });
            }
        }
    }
};

struct content_store::impl {
    std::uint64_t window;
    mutable std::mutex guard;
    std::unordered_map<mortise_handle, std::shared_ptr<stream>> streams;

    std::shared_ptr<stream> find(mortise_handle s) const {
        const std::lock_guard lock(guard);
        const auto it = streams.find(s);
        return it == streams.end() ? nullptr : it->second;
    }

    // Runs change under the stream's lock, pumps until nothing moves, then calls the handlers.
    template <class Change>
    result<void> with(mortise_handle handle, Change change) {
        const auto s = find(handle);
        if (!s)
            return stream_error("unknown-handle", "the content handle is not known or was closed");
        std::vector<std::function<void()>> due;
        {
            const std::lock_guard lock(s->guard);
            if (result<void> changed = change(*s); !changed) return changed;
            std::size_t before = 0;
            do { // a read makes room for the waiting write, which may feed the next read
                before = due.size();
                s->pump(window, due);
            } while (due.size() != before);
        }
        for (auto& call : due)
            call();
        return {};
    }
};

content_store::content_store(std::uint64_t window_bytes) : impl_(std::make_unique<impl>()) {
    impl_->window = std::max<std::uint64_t>(window_bytes, 4096);
}

content_store::~content_store() = default;

mortise_handle content_store::create(std::string media_type, std::uint64_t length) {
    auto s = std::make_shared<stream>();
    s->info.media_type = std::move(media_type);
    s->info.length = length;
    const auto handle = next_handle();
    const std::lock_guard lock(impl_->guard);
    impl_->streams.emplace(handle, std::move(s));
    return handle;
}

result<void> content_store::read(mortise_handle h, void* buf, std::uint64_t cap, io_handler done) {
    if (buf == nullptr || cap == 0) return stream_error("empty-buffer", "a read needs a buffer");
    return impl_->with(h, [&](stream& s) -> result<void> {
        if (s.reader)
            return stream_error("read-in-flight", "one read at a time per content stream");
        s.read_to = static_cast<char*>(buf);
        s.read_cap = cap;
        s.reader = std::move(done);
        return {};
    });
}

result<void> content_store::write(mortise_handle h, std::string_view chunk, io_handler done) {
    return impl_->with(h, [&](stream& s) -> result<void> {
        if (s.closed) return reader_gone();
        if (s.info.finished || s.failure) {
            return stream_error("finished", "this content was finished; nothing can be added");
        }
        if (s.writer)
            return stream_error("write-in-flight", "one write at a time per content stream");
        s.digest.update(chunk);
        s.written += chunk.size();
        s.write_rest = chunk;
        s.write_size = chunk.size();
        s.writer = std::move(done);
        return {};
    });
}

result<void> content_store::finish(mortise_handle h, std::optional<error> abort) {
    return impl_->with(h, [&](stream& s) -> result<void> {
        if (s.info.finished || s.failure) {
            return stream_error("finished", "this content was finished already");
        }
        if (s.writer)
            return stream_error("write-in-flight", "finish() before the last write was taken");
        if (abort) {
            s.failure = std::move(abort);
        } else if (s.info.length != UINT64_MAX && s.info.length != s.written) {
            s.failure =
                stream_error("length-mismatch", "announced " + std::to_string(s.info.length) +
                                                    " bytes, wrote " + std::to_string(s.written));
        } else {
            s.info.finished = true;
            s.info.length = s.written;
            s.info.sha256 = to_hex(s.digest.finish());
        }
        return {};
    });
}

std::optional<content_info> content_store::info(mortise_handle h) const {
    const auto s = impl_->find(h);
    if (!s) return std::nullopt;
    const std::lock_guard lock(s->guard);
    return s->info;
}

void content_store::close(mortise_handle h) {
    std::shared_ptr<stream> s;
    {
        const std::lock_guard lock(impl_->guard);
        const auto it = impl_->streams.find(h);
        if (it == impl_->streams.end()) return;
        s = std::move(it->second);
        impl_->streams.erase(it);
    }
    io_handler writer, reader;
    {
        const std::lock_guard lock(s->guard);
        s->closed = true;
        writer = std::exchange(s->writer, nullptr);
        reader = std::exchange(s->reader, nullptr);
    }
    if (writer) writer(reader_gone());
    if (reader) reader(reader_gone());
}

std::size_t content_store::open_streams() const {
    const std::lock_guard lock(impl_->guard);
    return impl_->streams.size();
}

} // namespace mortise::host
