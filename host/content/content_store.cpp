// SPDX-License-Identifier: Apache-2.0
#include "content/content_store.hpp"

#include "base/handles.hpp"
#include "content/relay_stream.hpp"
#include "content/transfer_board.hpp"
#include "content/window_stream.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace mortise::host {

using detail::content_end;
using detail::stream_error;

namespace {

error unknown_handle() {
    return stream_error("unknown-handle", "the content handle is not known or was closed");
}

} // namespace

struct content_store::impl {
    std::uint64_t window = 0;
    std::function<void(std::function<void()>)> elsewhere;
    mutable std::mutex guard;
    std::unordered_map<mortise_handle, std::shared_ptr<content_end>> streams;
    transfer_board transfers;

    mortise_handle add(std::shared_ptr<content_end> s) {
        const auto handle = next_handle();
        const std::lock_guard lock(guard);
        streams.emplace(handle, std::move(s));
        return handle;
    }
    std::shared_ptr<content_end> find(mortise_handle s) const {
        const std::lock_guard lock(guard);
        const auto it = streams.find(s);
        return it == streams.end() ? nullptr : it->second;
    }
    std::shared_ptr<content_end> take(mortise_handle s) {
        const std::lock_guard lock(guard);
        const auto it = streams.find(s);
        if (it == streams.end()) return nullptr;
        auto out = std::move(it->second);
        streams.erase(it);
        return out;
    }
};

// Asked for again until the offset is reached. The loop and the flag keep reads that are answered
// at once off the stack.
void detail::content_end::drop_until(std::uint64_t offset, io_handler done) {
    struct dropping {
        std::shared_ptr<content_end> stream;
        std::uint64_t offset;
        io_handler done;
        std::vector<char> scratch = std::vector<char>(64 * 1024);
        std::mutex guard;
        bool inside = false, again = false;

        void go(const std::shared_ptr<dropping>& self) {
            {
                const std::lock_guard lock(guard);
                again = true;
                if (inside) return;
                inside = true;
            }
            for (;;) {
                {
                    const std::lock_guard lock(guard);
                    if (!std::exchange(again, false)) {
                        inside = false;
                        return;
                    }
                }
                const auto at = stream->info().position;
                if (at >= offset) return done(offset);
                const auto n = std::min<std::uint64_t>(scratch.size(), offset - at);
                auto ok = stream->read(scratch.data(), n, [self](result<std::uint64_t> got) {
                    if (!got) return self->done(got.error());
                    if (*got == 0)
                        return self->done(
                            stream_error("seek.past-end", "the content ends before offset " +
                                                              std::to_string(self->offset)));
                    self->go(self);
                });
                if (!ok) return done(ok.error());
            }
        }
    };
    auto work = std::make_shared<dropping>();
    work->stream = shared_from_this();
    work->offset = offset;
    work->done = std::move(done);
    work->go(work);
}

content_store::content_store(std::uint64_t window_bytes,
                             std::function<void(std::function<void()>)> elsewhere)
    : impl_(std::make_shared<impl>()) {
    impl_->elsewhere = std::move(elsewhere);
    impl_->window = std::max<std::uint64_t>(window_bytes, 4096);
}

content_store::~content_store() = default;

mortise_handle content_store::create(std::string media_type, std::uint64_t length) {
    return impl_->add(
        std::make_shared<detail::window_stream>(impl_->window, std::move(media_type), length));
}

mortise_handle
content_store::relay(std::string media_type, std::uint64_t length, relay_hooks hooks) {
    return impl_->add(std::make_shared<detail::relay_stream>(std::move(media_type), length,
                                                             std::move(hooks), impl_->elsewhere));
}

void content_store::feed(mortise_handle relay, mortise_handle from) {
    const auto source = impl_->find(from);
    if (!source) return;
    if (auto* fresh = dynamic_cast<detail::window_stream*>(source.get())) fresh->leave_hashing();
    // It stays known by its handle: the writer goes on by it.
    auto let_go = [weak = std::weak_ptr<impl>(impl_), from] {
        const auto store = weak.lock();
        if (const auto s = store ? store->take(from) : nullptr) s->close();
    };
    const auto to = std::dynamic_pointer_cast<detail::relay_stream>(impl_->find(relay));
    if (!to || !to->feed(source, let_go)) let_go();
}

result<void> content_store::read(mortise_handle h, void* buf, std::uint64_t cap, io_handler done) {
    if (buf == nullptr || cap == 0) return stream_error("empty-buffer", "a read needs a buffer");
    const auto s = impl_->find(h);
    if (!s) return unknown_handle();
    return s->read(static_cast<char*>(buf), cap, std::move(done));
}

result<void> content_store::write(mortise_handle h, std::string_view chunk, io_handler done) {
    const auto s = impl_->find(h);
    if (!s) return unknown_handle();
    return s->write(chunk, std::move(done));
}

result<void> content_store::finish(mortise_handle h, std::optional<error> abort) {
    const auto s = impl_->find(h);
    if (!s) return unknown_handle();
    return s->finish(std::move(abort));
}

result<void> content_store::seek(mortise_handle h, std::uint64_t offset, io_handler done) {
    const auto s = impl_->find(h);
    if (!s) return unknown_handle();
    if (!s->go_back(offset)) {
        done(stream_error("seek.unsupported", "this content cannot be read again from offset " +
                                                  std::to_string(offset) + "; it stands at " +
                                                  std::to_string(s->info().position)));
        return {};
    }
    s->drop_until(offset, std::move(done));
    return {};
}

result<std::optional<std::uint64_t>>
content_store::try_read(mortise_handle h, char* to, std::uint64_t cap, waker wake) {
    const auto s = impl_->find(h);
    if (!s) return unknown_handle();
    return s->try_read(to, cap, std::move(wake));
}

result<bool> content_store::try_write(mortise_handle h, std::string_view chunk, waker wake) {
    const auto s = impl_->find(h);
    if (!s) return detail::reader_gone();
    return s->try_write(chunk, std::move(wake));
}

void content_store::on_close(mortise_handle h, waker gone) {
    if (const auto s = impl_->find(h)) s->on_close(std::move(gone));
}

std::optional<content_info> content_store::info(mortise_handle h) const {
    const auto s = impl_->find(h);
    if (!s) return std::nullopt;
    return s->info();
}

void content_store::close(mortise_handle h) {
    if (const auto s = impl_->take(h)) s->close();
}

std::size_t content_store::open_streams() const {
    const std::lock_guard lock(impl_->guard);
    return impl_->streams.size();
}

transfer_board& content_store::transfers() {
    return impl_->transfers;
}

} // namespace mortise::host
