// SPDX-License-Identifier: Apache-2.0
#include "core.hpp"

#include <algorithm>
#include <cstring>

namespace mortise::testing {
namespace {

constexpr std::size_t window = 256 * 1024;

fake_content* find(void* ctx, mortise_handle s) {
    core& c = *instance_of(ctx).owner;
    if (!c.alive(ctx, MORTISE_SVC_CONTENT)) return nullptr;
    const auto at = c.contents.find(s);
    if (at == c.contents.end()) {
        c.violation("an unknown or closed content handle was used");
        return nullptr;
    }
    return &at->second;
}

// Moves what can be moved now; what waits is kept for the other side.
void pump(core& c, mortise_handle s);

void do_read(
    core& c, mortise_handle s, void* buf, std::uint64_t cap, mortise_io_fn done, void* user) {
    const auto at = c.contents.find(s);
    if (at == c.contents.end()) { // closed meanwhile: the callback is still owed
        done(user, MORTISE_E_STATE, 0, nullptr);
        return;
    }
    fake_content& f = at->second;
    if (f.bytes.empty() && !f.finished && !f.aborted) {
        f.waiting_read = [&c, s, buf, cap, done, user] { do_read(c, s, buf, cap, done, user); };
        return;
    }
    f.busy_read = false;
    if (f.bytes.empty() && f.aborted) {
        const c_error e(*f.aborted);
        done(user, MORTISE_E_FAILED, 0, e.get());
        return;
    }
    const std::size_t n =
        std::min({static_cast<std::size_t>(cap), c.transfer_limit, f.bytes.size()});
    std::memcpy(buf, f.bytes.data(), n);
    f.bytes.erase(0, n);
    f.position += n;
    pump(c, s);
    done(user, MORTISE_OK, n, nullptr);
}

mortise_status read(void* ctx,
                    mortise_handle s,
                    void* buf,
                    std::uint64_t cap,
                    mortise_io_fn done,
                    void* user) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    fake_content* f = find(ctx, s);
    if (!f) return MORTISE_E_STATE;
    if (f->busy_read) {
        c.violation("a second read began on a content stream before the first had ended");
        return MORTISE_E_STATE;
    }
    if (cap == 0) return MORTISE_E_ARGUMENT;
    f->busy_read = true;
    c.post([&c, s, buf, cap, done, user] { do_read(c, s, buf, cap, done, user); });
    return MORTISE_OK;
}

mortise_handle
create(void* ctx, mortise_handle, mortise_str media_type, std::uint64_t length) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_CONTENT)) return 0;
    const mortise_handle h = c.next_handle();
    fake_content& f = c.contents[h];
    f.media_type = view(media_type);
    f.length = length;
    f.plugin_owns = true;
    f.owner = &instance_of(ctx);
    return h;
}

void do_write(core& c, mortise_handle s, mortise_bytes chunk, mortise_io_fn done, void* user) {
    const auto at = c.contents.find(s);
    if (at == c.contents.end()) {
        done(user, MORTISE_E_STATE, 0, nullptr);
        return;
    }
    fake_content& f = at->second;
    if (f.given_up) {
        f.busy_write = false;
        const c_error gone(
            error(category::cancelled, "content.closed", "the reader of this content gave it up"));
        done(user, MORTISE_E_FAILED, 0, gone.get());
        return;
    }
    if (f.bytes.size() >= window) {
        f.waiting_write = [&c, s, chunk, done, user] { do_write(c, s, chunk, done, user); };
        return;
    }
    f.busy_write = false;
    const std::size_t n = std::min<std::size_t>(view(chunk).size(), c.transfer_limit);
    f.bytes.append(view(chunk).substr(0, n));
    pump(c, s);
    done(user, MORTISE_OK, n, nullptr);
}

void do_seek(core& c, mortise_handle s, std::uint64_t offset, mortise_io_fn done, void* user) {
    const auto fail = [&](const char* code, const char* message) {
        const c_error e(error(category::input, code, message));
        done(user, MORTISE_E_FAILED, 0, e.get());
    };
    const auto at = c.contents.find(s);
    if (at == c.contents.end()) {
        done(user, MORTISE_E_STATE, 0, nullptr);
        return;
    }
    fake_content& f = at->second;
    if (offset < f.position && f.source) {
        f.position = 0;
        f.bytes = *f.source;
    }
    if (offset < f.position) {
        f.busy_read = false;
        return fail("content.seek.unsupported", "this content cannot be read again");
    }
    const auto n = std::min<std::uint64_t>(offset - f.position, f.bytes.size());
    f.bytes.erase(0, static_cast<std::size_t>(n));
    f.position += n;
    pump(c, s);
    if (f.position < offset && !f.finished && !f.aborted) {
        f.waiting_read = [&c, s, offset, done, user] { do_seek(c, s, offset, done, user); };
        return;
    }
    f.busy_read = false;
    if (f.position < offset && f.aborted) {
        const c_error e(*f.aborted);
        done(user, MORTISE_E_FAILED, 0, e.get());
    } else if (f.position < offset) {
        fail("content.seek.past-end", "the content ends before that offset");
    } else {
        done(user, MORTISE_OK, offset, nullptr);
    }
}

mortise_status
seek(void* ctx, mortise_handle s, std::uint64_t offset, mortise_io_fn done, void* user) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    fake_content* f = find(ctx, s);
    if (!f) return MORTISE_E_STATE;
    if (f->busy_read) {
        c.violation("seek began on a content stream before a read had ended");
        return MORTISE_E_STATE;
    }
    f->busy_read = true;
    c.post([&c, s, offset, done, user] { do_seek(c, s, offset, done, user); });
    return MORTISE_OK;
}

mortise_status
write(void* ctx, mortise_handle s, mortise_bytes chunk, mortise_io_fn done, void* user) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    fake_content* f = find(ctx, s);
    if (!f) return MORTISE_E_STATE;
    if (f->finished || f->busy_write) {
        c.violation(f->finished ? "content was written to after finish()"
                                : "a second write began on a content stream before the first "
                                  "had ended");
        return MORTISE_E_STATE;
    }
    f->busy_write = true;
    c.post([&c, s, chunk, done, user] { do_write(c, s, chunk, done, user); });
    return MORTISE_OK;
}

mortise_status finish(void* ctx, mortise_handle s, const mortise_error* abort_or_null) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    fake_content* f = find(ctx, s);
    if (!f || f->finished) return MORTISE_E_STATE;
    f->finished = true;
    if (abort_or_null) f->aborted = from_c(*abort_or_null);
    pump(c, s);
    return MORTISE_OK;
}

mortise_status info(void* ctx, mortise_handle s, mortise_content_info_fn out, void* user) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    fake_content* f = find(ctx, s);
    if (!f) return MORTISE_E_STATE;
    mortise_content_info i{};
    i.struct_size = sizeof(i);
    i.finished = f->finished ? 1 : 0;
    i.media_type = c_str_of(f->media_type);
    i.length = f->length;
    out(user, &i);
    return MORTISE_OK;
}

void close(void* ctx, mortise_handle s) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_CONTENT)) return;
    const auto at = c.contents.find(s);
    if (at == c.contents.end()) return;
    // Callbacks that are owed come, with an error.
    if (at->second.waiting_read) c.post(std::move(at->second.waiting_read));
    if (at->second.waiting_write) c.post(std::move(at->second.waiting_write));
    c.contents.erase(at);
}

void pump(core& c, mortise_handle s) {
    const auto at = c.contents.find(s);
    if (at == c.contents.end()) return;
    fake_content& f = at->second;
    if (f.drain) {
        f.drained += f.bytes;
        f.bytes.clear();
        if (f.finished)
            c.post([done = std::exchange(f.drain, nullptr), body = std::move(f.drained),
                    aborted = f.aborted]() mutable { done(std::move(body), std::move(aborted)); });
    }
    const bool readable = !f.bytes.empty() || f.finished || f.aborted;
    if (f.waiting_read && readable) c.post(std::exchange(f.waiting_read, nullptr));
    if (f.waiting_write && f.bytes.size() < window) {
        c.post(std::exchange(f.waiting_write, nullptr));
    }
}

} // namespace

void fill_content(fake_instance& i) {
    i.tables.content = {
        sizeof(mortise_svc_content), 0, &i, &read, &create, &write, &finish, &info, &close, &seek};
}

void core::give_to_plugin(mortise_handle content, fake_instance& i) {
    const auto at = contents.find(content);
    if (at == contents.end()) return;
    at->second.plugin_owns = true;
    at->second.owner = &i;
}

void core::drain(mortise_handle content,
                 std::function<void(std::string body, std::optional<error> aborted)> done) {
    contents[content].drain = std::move(done);
    pump(*this, content);
}

void core::give_up(mortise_handle content) {
    const auto at = contents.find(content);
    if (at == contents.end()) return;
    at->second.drain = nullptr;
    at->second.given_up = true;
    if (at->second.waiting_write) post(std::exchange(at->second.waiting_write, nullptr));
}

bool core::take_from_plugin(mortise_handle content, const char* what) {
    const auto at = contents.find(content);
    if (at == contents.end() || !at->second.plugin_owns) {
        violation(std::string(what) + " names a content handle that the plugin does not own");
        return false;
    }
    at->second.plugin_owns = false;
    return true;
}

} // namespace mortise::testing
