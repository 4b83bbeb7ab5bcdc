// SPDX-License-Identifier: Apache-2.0
#include "content/relay_stream.hpp"

#include <algorithm>

namespace mortise::host::detail {
namespace {

error not_the_size(std::string message) {
    error e{category::remote_protocol, "transfer.size", std::move(message)};
    return e;
}

} // namespace

relay_stream::relay_stream(std::string media_type,
                           std::uint64_t length,
                           relay_hooks hooks,
                           background_digest::runner elsewhere)
    : hooks_(std::move(hooks)),
      digest_(content_digest::of(hooks_.also_digest), std::move(elsewhere)) {
    info_.media_type = std::move(media_type);
    info_.length = length;
    if (length == 0) finish_digest(); // nobody reads nothing
}

void relay_stream::finish_digest() {
    info_.finished = true;
    info_.sha256 = digest_.sha256();
    info_.also = digest_.also();
}

std::optional<error> relay_stream::not_as_declared() const {
    const auto& came = hooks_.declared_algorithm == "sha256" ? info_.sha256 : info_.also;
    if (hooks_.declared.size() != came.size() || hooks_.declared == came) return std::nullopt;
    error e{category::remote_protocol, "transfer.checksum",
            "it declares " + hooks_.declared_algorithm + ' ' + hooks_.declared +
                ", what it gave has " + came};
    e.retry = retry_advice::no;
    return e;
}

// Says it to who watches, and to the reader.
error relay_stream::refuse(error why) {
    if (!std::exchange(told_, true) && hooks_.ended) hooks_.ended(why);
    return why;
}

// With the last announced byte read: may there be more?
bool relay_stream::unsure(const source& from) const {
    return !sure_ && info_.position == info_.length && from.stream->info().length == UINT64_MAX;
}

std::shared_ptr<relay_stream> relay_stream::self() {
    return std::static_pointer_cast<relay_stream>(shared_from_this());
}

// One read at a time, so position, digest and what follows from them belong to the reader; the
// lock is for who feeds, fails or closes meanwhile.
std::optional<error> relay_stream::passed(const char* bytes, std::uint64_t n) {
    const auto begin = info_.position;
    const auto end = begin + n;
    if (end > info_.length) {
        return refuse(not_the_size("the source gives more than the " +
                                   std::to_string(info_.length) + " bytes it announced"));
    }
    if (end > hashed_) {
        const auto known = std::max(hashed_, begin) - begin;
        digest_.update({bytes + known, static_cast<std::size_t>(n - known)});
        hashed_ = end;
    }
    {
        const std::lock_guard lock(guard_);
        info_.position = end;
    }
    if (hooks_.moved) hooks_.moved(end);
    return std::nullopt;
}

std::optional<error> relay_stream::ended() {
    std::optional<content_info> all;
    {
        const std::lock_guard lock(guard_);
        if (info_.length != UINT64_MAX && info_.position < info_.length) {
            return refuse(not_the_size("the source announced " + std::to_string(info_.length) +
                                       " bytes and ended after " + std::to_string(info_.position)));
        }
        if (!info_.finished) {
            info_.length = info_.position;
            finish_digest();
            // It stays wrong, however often the reader goes back.
            if (auto wrong = not_as_declared()) return refuse(*(failure_ = std::move(wrong)));
        }
        if (!std::exchange(told_, true)) all = info_;
    }
    if (all && hooks_.ended) hooks_.ended(*all);
    return std::nullopt;
}

// True: somebody is asked to go on.
bool relay_stream::broke_off() {
    std::shared_ptr<const source> old;
    {
        const std::lock_guard lock(guard_);
        old = std::exchange(from_, nullptr);
        if (closed_ || failure_ || !hooks_.reopen) return false;
    }
    if (old) old->let_go();
    return true;
}

void relay_stream::complete(result<std::uint64_t> n) {
    io_handler done;
    {
        const std::lock_guard lock(guard_);
        done = std::exchange(reader_, nullptr);
    }
    if (done) done(std::move(n));
}

result<void> relay_stream::read(char* to, std::uint64_t cap, io_handler done) {
    {
        const std::lock_guard lock(guard_);
        if (reader_) return stream_error("read-in-flight", "one read at a time per content stream");
        read_to_ = to;
        read_cap_ = cap;
        reader_ = std::move(done);
    }
    read_on();
    return {};
}

void relay_stream::read_on() {
    std::shared_ptr<const source> from;
    std::optional<error> failed;
    {
        const std::lock_guard lock(guard_);
        if (!reader_) return;
        from = from_;
        failed = failure_;
    }
    if (failed) return complete(*failed);
    if (!from) return; // feed() comes back here
    if (!last_.empty()) {
        const auto n = std::min<std::uint64_t>(read_cap_, last_.size());
        std::copy_n(last_.begin(), n, read_to_);
        last_.erase(0, n);
        return complete(n);
    }
    auto ok = from->stream->read(read_to_, read_cap_, [me = self(), from](result<std::uint64_t> n) {
        {
            const std::lock_guard lock(me->guard_);
            // Closed, or told to go back, meanwhile.
            if (me->from_ != from) return;
        }
        me->came(me->read_to_, std::move(n));
    });
    if (!ok) came(nullptr, ok.error());
}

void relay_stream::came(const char* bytes, result<std::uint64_t> n) {
    if (!n) {
        if (!broke_off()) return complete(n.error());
        hooks_.reopen(info().position, n.error());
        return;
    }
    if (auto wrong = *n > 0 ? passed(bytes, *n) : ended()) return complete(std::move(*wrong));
    std::shared_ptr<const source> from;
    {
        const std::lock_guard lock(guard_);
        from = from_;
    }
    if (*n > 0 && from && unsure(*from)) return make_sure(from, *n);
    if (info().position == info().length) {
        if (auto wrong = ended()) return complete(std::move(*wrong));
    }
    complete(std::move(n));
}

// The bytes are in the reader's buffer already and stay there.
void relay_stream::make_sure(const std::shared_ptr<const source>& from, std::uint64_t n) {
    auto ok =
        from->stream->read(&beyond_, 1, [me = self(), from, n](const result<std::uint64_t>& more) {
            {
                const std::lock_guard lock(me->guard_);
                if (me->from_ != from) return;
            }
            me->sure_ = true;
            if (more && *more > 0)
                return me->complete(me->refuse(not_the_size("the source gives more than the " +
                                                            std::to_string(me->info_.length) +
                                                            " bytes it announced")));
            // Broken off behind the last byte: all is here.
            if (auto wrong = me->ended()) return me->complete(std::move(*wrong));
            me->complete(n);
        });
    if (!ok) complete(ok.error());
}

result<std::optional<std::uint64_t>> relay_stream::last_part(
    const std::shared_ptr<const source>& from, char* to, std::uint64_t cap, waker wake) {
    if (!sure_) {
        const auto more = from->stream->try_read(&beyond_, 1, std::move(wake));
        if (more && !more->has_value()) return std::optional<std::uint64_t>();
        sure_ = true;
        if (more && **more > 0)
            return refuse(not_the_size("the source gives more than the " +
                                       std::to_string(info_.length) + " bytes it announced"));
        if (auto wrong = ended()) return std::move(*wrong);
    }
    const auto n = std::min<std::uint64_t>(cap, last_.size());
    std::copy_n(last_.begin(), n, to);
    last_.erase(0, n);
    return std::optional<std::uint64_t>(n);
}

result<std::optional<std::uint64_t>>
relay_stream::try_read(char* to, std::uint64_t cap, waker wake) {
    std::shared_ptr<const source> from;
    {
        const std::lock_guard lock(guard_);
        if (reader_) return stream_error("read-in-flight", "one read at a time per content stream");
        if (failure_) return *failure_;
        from = from_;
        if (!from) {
            wake_ = std::move(wake);
            return std::optional<std::uint64_t>();
        }
    }
    if (!last_.empty()) return last_part(from, to, cap, std::move(wake));
    auto got = from->stream->try_read(to, cap, wake);
    if (got && !got->has_value()) return got;
    if (got) {
        if (auto wrong = **got > 0 ? passed(to, **got) : ended()) return std::move(*wrong);
        if (**got > 0 && unsure(*from)) {
            last_.assign(to, **got);
            return last_part(from, to, cap, std::move(wake));
        }
        if (info().position == info().length) {
            if (auto wrong = ended()) return std::move(*wrong);
        }
        return got;
    }
    const auto why = got.error();
    if (!broke_off()) return why;
    {
        const std::lock_guard lock(guard_);
        wake_ = std::move(wake);
    }
    hooks_.reopen(info().position, why);
    return std::optional<std::uint64_t>();
}

bool relay_stream::feed(std::shared_ptr<content_end> from, std::function<void()> let_go) {
    auto fresh = std::make_shared<const source>(source{std::move(from), std::move(let_go)});
    const auto announced = fresh->stream->info().length;
    std::optional<error> wrong;
    {
        const std::lock_guard lock(guard_);
        if (announced != UINT64_MAX && info_.length != UINT64_MAX &&
            announced + info_.position != info_.length) {
            wrong = not_the_size("the source announced " + std::to_string(info_.length) +
                                 " bytes, and what it gives has " +
                                 std::to_string(announced + info_.position));
        }
    }
    if (wrong) {
        static_cast<void>(finish(refuse(std::move(*wrong))));
        return false;
    }
    waker wake;
    {
        const std::lock_guard lock(guard_);
        if (closed_ || failure_ || from_) return false;
        from_ = std::move(fresh);
        wake = std::exchange(wake_, nullptr);
    }
    if (wake) wake();
    read_on();
    return true;
}

result<void> relay_stream::write(std::string_view, io_handler) {
    return stream_error("finished", "this content is read from elsewhere; nothing can be added");
}

result<bool> relay_stream::try_write(std::string_view, waker) {
    return stream_error("finished", "this content is read from elsewhere; nothing can be added");
}

// Who feeds it has given up.
result<void> relay_stream::finish(std::optional<error> abort) {
    waker wake;
    std::shared_ptr<const source> old;
    {
        const std::lock_guard lock(guard_);
        if (!abort || failure_)
            return stream_error("finished", "this content ends where its source ends");
        failure_ = std::move(abort);
        wake = std::exchange(wake_, nullptr);
        old = std::exchange(from_, nullptr);
    }
    if (old) old->let_go(); // first: it must not write to the reader's buffer any more
    if (wake) wake();
    read_on();
    return {};
}

bool relay_stream::go_back(std::uint64_t offset) {
    std::shared_ptr<const source> old;
    {
        const std::lock_guard lock(guard_);
        if (offset >= info_.position) return true;
        if (!hooks_.reopen || !hooks_.can_go_back || closed_ || failure_) return false;
        old = std::exchange(from_, nullptr);
        info_.position = offset;
        last_.clear();
    }
    if (old) old->let_go();
    hooks_.reopen(offset, std::nullopt);
    return true;
}

content_info relay_stream::info() const {
    const std::lock_guard lock(guard_);
    return info_;
}

void relay_stream::on_close(waker gone) {
    const std::lock_guard lock(guard_);
    gone_ = std::move(gone);
}

void relay_stream::close() {
    io_handler reader;
    std::shared_ptr<const source> from;
    waker gone;
    {
        const std::lock_guard lock(guard_);
        closed_ = true;
        reader = std::exchange(reader_, nullptr);
        from = std::exchange(from_, nullptr);
        wake_ = nullptr;
        gone = std::exchange(gone_, nullptr);
    }
    if (from) from->let_go();
    if (reader) reader(reader_gone());
    if (gone) gone();
}

} // namespace mortise::host::detail
