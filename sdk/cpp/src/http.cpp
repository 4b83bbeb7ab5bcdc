// SPDX-License-Identifier: Apache-2.0
#include "ops.hpp"
#include "tables.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/call.hpp>
#include <mortise/sdk/http.hpp>
#include <mortise/sdk/instance.hpp>

#include <algorithm>

namespace mortise {
namespace {

struct http_op : detail::op_base {
    http_response response;
    const mortise_svc_content* content_service = nullptr;

    ~http_op() {
        if (!armed() || !content_service) return;
        try {
            abandon(std::make_unique<detail::close_late_content>(*content_service));
        } catch (...) {
            return; // ~waiter gives the token up
        }
    }
    static void
    on_response(void* user, const mortise_http_response* r, const mortise_error* e) noexcept {
        const mortise_handle content = r ? r->content : 0;
        auto* op = static_cast<http_op*>(waiter::claim(user, content));
        if (!op) return;
        if (r) {
            op->store([&] { op->take(*r); });
        } else if (e) {
            op->fail(*e);
        } else {
            op->refused = MORTISE_E_FAILED;
        }
        op->wake();
    }

private:
    void take(const mortise_http_response& r) {
        response.content = content_stream(content_service, r.content);
        response.status = r.status;
        response.headers.reserve(static_cast<std::size_t>(r.header_count));
        for (std::uint64_t i = 0; i < r.header_count; ++i) {
            response.headers.emplace_back(view(r.headers[i].name), view(r.headers[i].value));
        }
        response.body = view(r.body);
        response.effective_url = view(r.effective_url);
        response.elapsed = std::chrono::microseconds(r.elapsed_us);
    }
};

} // namespace

task<http_response>
http_client::send_on(instance* owner, call_context* call, http_request request) {
    const auto& tables = owner->tables();
    if (!tables.http) detail::throw_not_granted(owner->component(), MORTISE_SVC_HTTP);
    if (call) call->throw_if_cancelled();
    const mortise_svc_http& svc = *tables.http;

    std::vector<mortise_http_header> headers;
    headers.reserve(request.headers.size());
    for (const auto& [name, value] : request.headers) {
        headers.push_back({c_str_of(name), c_str_of(value)});
    }
    mortise_http_request c{};
    c.struct_size = sizeof(c);
    if (!request.follow_redirects) c.flags |= MORTISE_HTTP_NO_REDIRECT;
    if (request.stream_response) c.flags |= MORTISE_HTTP_STREAM_RESPONSE;
    c.call = call ? call->handle() : 0;
    c.method = c_str_of(request.method);
    c.url = c_str_of(request.url);
    c.headers = headers.data();
    c.header_count = headers.size();
    c.body = c_bytes_of(request.body);
    c.body_content = request.content.handle();
    c.timeout_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, request.timeout.count()));
    c.max_response_bytes = request.max_response_bytes;

    mortise_handle id = 0;
    // Cancels what is out when the frame is destroyed, and forgets it on every way out.
    struct guard {
        const mortise_svc_http& svc;
        call_context* call;
        mortise_handle& id;
        bool answered = false;
        ~guard() {
            if (id && call) call->unwatch(call_context::pending::request, id);
            if (id && !answered) svc.cancel(svc.ctx, id);
        }
    } cleanup{svc, call, id};
    detail::error_capture details;
    auto start = [&](void* user) -> mortise_status {
        const mortise_status st =
            svc.start(svc.ctx, &c, &http_op::on_response, user, &id, details.sink());
        if (st != MORTISE_OK) {
            id = 0;
            return st;
        }
        request.content.release();
        if (call && id) call->watch(call_context::pending::request, id);
        return st;
    };
    detail::request<http_op, decltype(start)> op(start);
    op.content_service = detail::pointer_to(tables.content);
    co_await op;
    cleanup.answered = true;
    // Without the query: it may hold a secret.
    op.check(request.method + " " + request.url.substr(0, request.url.find('?')), &details);
    co_return std::move(op.response);
}

} // namespace mortise
