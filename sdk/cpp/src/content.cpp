// SPDX-License-Identifier: Apache-2.0
#include "ops.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/content.hpp>

#include <memory>

namespace mortise {
namespace {

// The host may still use the buffer after the reader or writer was given up: it stays until the
// callback.
class io_buffer final : public detail::leftover {
public:
    explicit io_buffer(std::string data) : bytes(std::move(data)) {}
    void late(mortise_handle) noexcept override {}
    std::string bytes;
};

struct io_op : detail::op_base {
    std::uint64_t moved = 0;
    std::unique_ptr<io_buffer> buffer;

    ~io_op() {
        if (armed()) abandon(std::move(buffer));
    }
    static void
    on_io(void* user, mortise_status st, std::uint64_t n, const mortise_error* e) noexcept {
        auto* op = static_cast<io_op*>(waiter::claim(user));
        if (!op) return;
        op->moved = n;
        if (e) {
            op->fail(*e);
        } else {
            op->refused = st;
        }
        op->wake();
    }
};

} // namespace

content_stream& content_stream::operator=(content_stream&& other) noexcept {
    if (this != &other) {
        close();
        service_ = other.service_;
        handle_ = std::exchange(other.handle_, 0);
    }
    return *this;
}

void content_stream::close() noexcept {
    if (handle_ && service_) service_->close(service_->ctx, handle_);
    handle_ = 0;
}

const mortise_svc_content& content_stream::service() const {
    if (!service_ || !handle_) {
        throw error(category::internal, "sdk.content.empty",
                    "There is no content here: it was not given, was passed on, or the service "
                    "mortise.content/1 is not granted.");
    }
    return *service_;
}

content_info content_stream::info() const {
    struct receiver {
        content_info out;
        std::exception_ptr failure;
        static void on_info(void* user, const mortise_content_info* i) noexcept {
            auto* self = static_cast<receiver*>(user);
            try {
                self->out.media_type = view(i->media_type);
                if (i->length != UINT64_MAX) self->out.length = i->length;
                self->out.sha256 = view(i->sha256);
                self->out.finished = i->finished != 0;
            } catch (...) {
                self->failure = std::current_exception();
            }
        }
    } r;
    const auto& svc = service();
    const mortise_status st = svc.info(svc.ctx, handle_, &receiver::on_info, &r);
    if (st != MORTISE_OK) throw detail::refusal(st, "asking about content");
    if (r.failure) std::rethrow_exception(r.failure);
    return std::move(r.out);
}

task<std::string> content_stream::read(std::size_t max) {
    const auto& svc = service();
    const mortise_handle h = handle_;
    auto buffer = std::make_unique<io_buffer>(std::string(max, '\0'));
    std::string& bytes = buffer->bytes;
    auto start = [&](void* user) {
        return svc.read(svc.ctx, h, bytes.data(), bytes.size(), &io_op::on_io, user);
    };
    detail::request<io_op, decltype(start)> op(start);
    op.buffer = std::move(buffer);
    co_await op;
    op.check("reading content");
    if (op.moved > bytes.size()) {
        throw error(category::internal, "sdk.content.overrun",
                    "The host says it read more than there was room for.");
    }
    bytes.resize(static_cast<std::size_t>(op.moved));
    co_return std::move(bytes);
}

task<std::string> content_stream::read_all(std::size_t max) {
    std::string out;
    for (;;) {
        const std::string chunk = co_await read();
        if (chunk.empty()) break;
        if (chunk.size() > max - out.size()) {
            throw error(category::limit, "sdk.content.too-long",
                        "The content is longer than " + std::to_string(max) + " bytes.");
        }
        out += chunk;
    }
    co_return out;
}

task<void> content_stream::seek(std::uint64_t offset) {
    const auto& svc = service();
    if (!svc.seek) {
        throw error(category::config, "sdk.seek.unsupported",
                    "This host cannot read content from an offset; it needs a host of plugin ABI "
                    "1.2 or later.");
    }
    const mortise_handle h = handle_;
    auto start = [&](void* user) { return svc.seek(svc.ctx, h, offset, &io_op::on_io, user); };
    detail::request<io_op, decltype(start)> op(start);
    co_await op;
    op.check("going to offset " + std::to_string(offset) + " of content");
}

task<void> content_stream::write(std::string chunk) {
    const auto& svc = service();
    const mortise_handle h = handle_;
    std::size_t done = 0;
    // Each part gets a buffer of its own, since a given-up one stays with the host.
    while (done < chunk.size()) {
        auto buffer = std::make_unique<io_buffer>(done == 0 ? chunk : chunk.substr(done));
        const std::string& bytes = buffer->bytes;
        auto start = [&](void* user) {
            return svc.write(svc.ctx, h, c_bytes_of(bytes), &io_op::on_io, user);
        };
        detail::request<io_op, decltype(start)> op(start);
        op.buffer = std::move(buffer);
        co_await op;
        op.check("writing content");
        if (op.moved == 0 || op.moved > bytes.size()) {
            throw error(category::internal, "sdk.content.stuck",
                        "The host took an impossible number of bytes of a content chunk.");
        }
        done += static_cast<std::size_t>(op.moved);
    }
}

void content_stream::finish() {
    const auto& svc = service();
    const mortise_status st = svc.finish(svc.ctx, handle_, nullptr);
    if (st != MORTISE_OK) throw detail::refusal(st, "finishing content");
}

void content_stream::abort(const error& e) {
    const auto& svc = service();
    const mortise_error c = to_c(e);
    const mortise_status st = svc.finish(svc.ctx, handle_, &c);
    if (st != MORTISE_OK) throw detail::refusal(st, "aborting content");
}

} // namespace mortise
