// SPDX-License-Identifier: Apache-2.0
// mortise.http/1 as one instance sees it.
#include "base/handles.hpp"
#include "base/log.hpp"
#include "base/trace_context.hpp"
#include "content/content_store.hpp"
#include "http/client.hpp"
#include "plugin/http_streams.hpp"
#include "plugin/services.hpp"

#include <mortise/sdk/abi.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

// A response in C form; views into response.
struct c_response {
    c_response(const http_response& r, mortise_handle content) {
        headers.reserve(r.headers.size());
        for (const auto& h : r.headers)
            headers.push_back({c_str_of(h.name), c_str_of(h.value)});
        c.struct_size = sizeof(c);
        c.status = r.status;
        c.headers = headers.data();
        c.header_count = headers.size();
        c.body = c_bytes_of(r.body);
        c.content = content;
        c.effective_url = c_str_of(r.effective_url);
        c.elapsed_us = static_cast<std::uint64_t>(r.elapsed.count());
    }
    std::vector<mortise_http_header> headers;
    mortise_http_response c{};
};

result<http_request> request_from(const mortise_http_request& in) {
    // A longer request than ours is fine only when its tail says nothing (mortise/core.h).
    const auto* bytes = reinterpret_cast<const unsigned char*>(&in);
    for (std::size_t i = sizeof(in); i < in.struct_size; ++i) {
        if (bytes[i] != 0) {
            return error{category::config, "http.request.unsupported",
                         "the plugin asks for an HTTP option that this host does not know; a newer "
                         "host is needed"};
        }
    }
    http_request out;
    out.method = view(in.method);
    out.url = view(in.url);
    out.headers.reserve(in.header_count);
    for (std::uint64_t i = 0; i < in.header_count; ++i) {
        out.headers.push_back(
            {std::string(view(in.headers[i].name)), std::string(view(in.headers[i].value))});
    }
    out.body = view(in.body);
    out.timeout = std::chrono::milliseconds(std::min<std::uint64_t>(in.timeout_ms, 86'400'000u));
    out.max_response_bytes = in.max_response_bytes;
    out.follow_redirects = (in.flags & MORTISE_HTTP_NO_REDIRECT) == 0;
    return out;
}

// A plugin that knows a better parent than its call says so itself.
bool has_header(const http_request& r, std::string_view name) {
    return std::any_of(r.headers.begin(), r.headers.end(),
                       [&](const auto& h) { return equal_no_case(h.name, name); });
}

} // namespace

#define MORTISE_SERVICES(ctx) (*static_cast<plugin_instance::services*>(ctx))

void plugin_instance::services::fill_http() {
    http.struct_size = sizeof(http);
    http.ctx = this;
    http.start = [](void* ctx, const mortise_http_request* req, mortise_http_fn on_response,
                    void* user, mortise_handle* out_request,
                    mortise_error_sink err) -> mortise_status {
        auto& s = MORTISE_SERVICES(ctx);
        if (req == nullptr || on_response == nullptr) return MORTISE_E_ARGUMENT;
        auto& client = s.self.env_.http;
        auto& contents = s.self.env_.contents;
        auto request = request_from(*req);
        if (!request) return refuse(err, MORTISE_E_UNSUPPORTED, request.error());
        const auto body = req->body_content;
        if (body != 0 || (req->flags & MORTISE_HTTP_STREAM_RESPONSE) != 0)
            request->id = client.reserve();
        if (body != 0) {
            request->body_source = body_from_content(contents, client, request->id, body);
            if (!request->body_source) {
                return refuse(err, MORTISE_E_ARGUMENT,
                              {category::input, "http.body.unknown",
                               "the content to send is not known or was closed"});
            }
        }
        if (!s.owe()) {
            return refuse(err, MORTISE_E_STATE,
                          {category::cancelled, "http.closing", "the instance is being closed"});
        }
        const auto handle = next_handle();
        // On whose behalf: the call that is named.
        auto trace = s.self.trace_of(req->call);
        if (!has_header(*request, "traceparent") && parse_trace_parent(trace.parent))
            request->trace_parent = trace.parent;
        request->queued_ns = std::move(trace.queued_ns);
        if (!trace.subject) trace.subject = log_scope::current();
        // Once: with the response, with its head when the body follows as content, or with an
        // error.
        auto answer = [keep = s.self.shared_from_this(), on_response, user,
                       subject = trace.subject](result<http_response> r, mortise_handle incoming) {
            const log_scope scope(subject);
            keep->services_->pay(
                [r = std::move(r), incoming, on_response, user] {
                    if (r) {
                        const c_response c(*r, incoming);
                        on_response(user, &c.c, nullptr);
                    } else {
                        const auto why = r.error();
                        const auto e = to_c(why); // views into it
                        on_response(user, nullptr, &e);
                    }
                },
                "http response");
        };
        std::shared_ptr<streamed_response> stream;
        if ((req->flags & MORTISE_HTTP_STREAM_RESPONSE) != 0) {
            stream = std::make_shared<streamed_response>(contents, client, request->id);
            request->body_sink = [stream](std::string_view piece) { return stream->take(piece); };
            request->on_head = [stream, answer](http_response head) {
                const auto incoming = stream->begin(head);
                answer(std::move(head), incoming);
            };
        }
        auto finished = [keep = s.self.shared_from_this(), handle, body, stream,
                         answer = std::move(answer)](result<http_response> r) {
            auto& owner = *keep->services_;
            {
                const std::lock_guard lock(owner.guard);
                owner.requests.erase(handle);
            }
            if (body != 0) owner.self.env_.contents.close(body);
            if (stream && stream->begun())
                stream->end(r);
            else
                answer(std::move(r), 0);
        };
        result<request_id> started = request_id::none;
        {
            // Under the lock, so that a quick completion finds the entry it erases.
            const std::lock_guard lock(s.guard);
            started =
                client.try_start(s.self.settings_.lane, std::move(*request), std::move(finished));
            if (started) s.requests.emplace(handle, *started);
        }
        if (!started) {
            s.settle();
            const bool denied = started.error().category == category::denied;
            return refuse(err, denied ? MORTISE_E_DENIED : MORTISE_E_ARGUMENT, started.error());
        }
        if (out_request != nullptr) *out_request = handle;
        return MORTISE_OK;
    };
    http.cancel = [](void* ctx, mortise_handle request) {
        auto& s = MORTISE_SERVICES(ctx);
        request_id id = request_id::none;
        {
            const std::lock_guard lock(s.guard);
            if (const auto it = s.requests.find(request); it != s.requests.end()) id = it->second;
        }
        if (id != request_id::none) s.self.env_.http.cancel(id);
    };
}

} // namespace mortise::host
