// SPDX-License-Identifier: Apache-2.0
#include "ops.hpp"

#include "tables.hpp"

namespace mortise::detail {

void error_capture::set(void* ctx, const mortise_error* e) noexcept {
    if (!e) return;
    try {
        static_cast<error_capture*>(ctx)->value = from_c(*e);
    } catch (...) {
        return; // no memory: the status alone must do
    }
}

error refusal(mortise_status st, std::string_view what) {
    const std::string name(what);
    error e;
    switch (st) {
    case MORTISE_E_ARGUMENT:
        e = {category::internal, "sdk.refused.argument", name + ": the host calls it malformed."};
        break;
    case MORTISE_E_STATE:
        e = {category::cancelled, "sdk.refused.state",
             name + ": not possible any more; the call, run or instance has ended."};
        break;
    case MORTISE_E_UNSUPPORTED:
        e = {category::internal, "sdk.refused.unsupported",
             name + ": this host does not know how; it needs a newer host."};
        break;
    case MORTISE_E_DENIED:
        e = {category::denied, "sdk.refused.denied", name + ": not granted in the configuration."};
        break;
    case MORTISE_E_LIMIT:
        e = {category::limit, "sdk.refused.limit", name + ": too much or too large."};
        break;
    default:
        e = {category::internal, "sdk.refused.failed", name + ": the host gave no reason."};
        break;
    }
    e.effect = effect::none;
    return e;
}

void op_base::check(std::string_view what, error_capture* details) {
    if (refused != MORTISE_OK) {
        if (details && details->value) throw std::move(*details->value);
        throw refusal(refused, what);
    }
    if (failure) std::rethrow_exception(std::move(failure));
}

void op_base::fail(const mortise_error& e) noexcept {
    store([&] { throw from_c(e); });
}

void done_op::on_done(void* user, mortise_status st, const mortise_error* e) noexcept {
    auto* op = static_cast<done_op*>(waiter::claim(user));
    if (!op) return;
    if (e) {
        op->fail(*e);
    } else {
        op->refused = st;
    }
    op->wake();
}

void result_op::on_result(void* user,
                          const mortise_payload* r,
                          mortise_handle content_handle,
                          const mortise_error* e) noexcept {
    auto* op = static_cast<result_op*>(waiter::claim(user, content_handle));
    if (!op) return;
    op->content = content_handle;
    if (e) {
        op->fail(*e);
    } else if (r) {
        op->store([&] { op->text.emplace(view(*r)); });
    }
    op->wake();
}

void state_op::on_state(void* user,
                        const mortise_payload* value,
                        std::uint64_t v,
                        const mortise_error* e) noexcept {
    auto* op = static_cast<state_op*>(waiter::claim(user));
    if (!op) return;
    op->version = v;
    if (e) {
        op->fail(*e);
    } else if (value) {
        op->store([&] { op->text.emplace(view(*value)); });
    }
    op->wake();
}

void timer_op::on_timer(void* user, std::uint32_t cancelled) noexcept {
    auto* op = static_cast<timer_op*>(waiter::claim(user));
    if (!op) return;
    op->was_cancelled = cancelled != 0;
    op->wake();
}

} // namespace mortise::detail
