// SPDX-License-Identifier: Apache-2.0
// mortise.content/1 as one instance sees it.
#include "base/log.hpp"
#include "content/content_store.hpp"
#include "plugin/services.hpp"

#include <mortise/sdk/abi.hpp>

namespace mortise::host {

#define MORTISE_SERVICES(ctx) (*static_cast<plugin_instance::services*>(ctx))

void plugin_instance::services::fill_content() {
    content.struct_size = sizeof(content);
    content.ctx = this;
    // Reads, writes and seeks end the same way: a count or an error, on the strand.
    static constexpr auto deliver_io = [](plugin_instance::services& s, mortise_io_fn done,
                                          void* user) {
        return [keep = s.self.shared_from_this(), done, user,
                subject = log_scope::current()](result<std::uint64_t> moved) {
            const log_scope scope(subject);
            keep->services_->pay(
                [moved = std::move(moved), done, user] {
                    if (moved) {
                        done(user, MORTISE_OK, *moved, nullptr);
                    } else {
                        const auto why = moved.error();
                        const auto e = to_c(why); // views into it
                        done(user, MORTISE_E_FAILED, 0, &e);
                    }
                },
                "content moved");
        };
    };
    content.read = [](void* ctx, mortise_handle stream, void* buf, std::uint64_t cap,
                      mortise_io_fn done, void* user) -> mortise_status {
        auto& s = MORTISE_SERVICES(ctx);
        if (done == nullptr) return MORTISE_E_ARGUMENT;
        if (!s.owe()) return MORTISE_E_STATE;
        if (!s.self.env_.contents.read(stream, buf, cap, deliver_io(s, done, user))) {
            s.settle();
            return MORTISE_E_STATE;
        }
        return MORTISE_OK;
    };
    content.create = [](void* ctx, mortise_handle, mortise_str media_type,
                        std::uint64_t length) -> mortise_handle {
        return MORTISE_SERVICES(ctx).self.env_.contents.create(std::string(view(media_type)),
                                                               length);
    };
    content.write = [](void* ctx, mortise_handle stream, mortise_bytes chunk, mortise_io_fn done,
                       void* user) -> mortise_status {
        auto& s = MORTISE_SERVICES(ctx);
        if (done == nullptr || chunk.len == 0) return MORTISE_E_ARGUMENT;
        if (!s.owe()) return MORTISE_E_STATE;
        if (!s.self.env_.contents.write(stream, view(chunk), deliver_io(s, done, user))) {
            s.settle();
            return MORTISE_E_STATE;
        }
        return MORTISE_OK;
    };
    content.finish = [](void* ctx, mortise_handle stream,
                        const mortise_error* abort) -> mortise_status {
        std::optional<error> reason;
        if (abort != nullptr) reason = from_c(*abort);
        return MORTISE_SERVICES(ctx).self.env_.contents.finish(stream, std::move(reason))
                   ? MORTISE_OK
                   : MORTISE_E_STATE;
    };
    content.info = [](void* ctx, mortise_handle stream, mortise_content_info_fn out,
                      void* user) -> mortise_status {
        if (out == nullptr) return MORTISE_E_ARGUMENT;
        const auto known = MORTISE_SERVICES(ctx).self.env_.contents.info(stream);
        if (!known) return MORTISE_E_STATE;
        mortise_content_info c{};
        c.struct_size = sizeof(c);
        c.finished = known->finished ? 1 : 0;
        c.media_type = c_str_of(known->media_type);
        c.length = known->length;
        c.sha256 = c_str_of(known->sha256);
        out(user, &c);
        return MORTISE_OK;
    };
    content.close = [](void* ctx, mortise_handle stream) {
        MORTISE_SERVICES(ctx).self.env_.contents.close(stream);
    };
    content.seek = [](void* ctx, mortise_handle stream, std::uint64_t offset, mortise_io_fn done,
                      void* user) -> mortise_status {
        auto& s = MORTISE_SERVICES(ctx);
        if (done == nullptr) return MORTISE_E_ARGUMENT;
        if (!s.owe()) return MORTISE_E_STATE;
        if (!s.self.env_.contents.seek(stream, offset, deliver_io(s, done, user))) {
            s.settle();
            return MORTISE_E_STATE;
        }
        return MORTISE_OK;
    };
}

} // namespace mortise::host
