// SPDX-License-Identifier: Apache-2.0
#include "core.hpp"

#include <algorithm>
#include <cctype>

namespace mortise::testing {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

// '*' stands for any text.
bool fits(std::string_view pattern, std::string_view text) noexcept {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    if (text.substr(0, star) != pattern.substr(0, star)) return false;
    pattern.remove_prefix(star + 1);
    text.remove_prefix(star);
    for (;;) {
        if (fits(pattern, text)) return true;
        if (text.empty()) return false;
        text.remove_prefix(1);
    }
}

} // namespace

std::string_view recorded_request::header(std::string_view name) const noexcept {
    for (const auto& [key, value] : headers) {
        if (equal_ignoring_case(key, name)) return value;
    }
    return {};
}

http_answer http_answer::json(std::uint32_t status, const json::value& body) {
    return {status, {{"content-type", "application/json"}}, serialize_json(body)};
}

expectation& expectation::reply(std::uint32_t status, header_list headers, std::string body) {
    status_ = status;
    headers_ = std::move(headers);
    body_ = std::move(body);
    return *this;
}
expectation& expectation::reply_json(std::uint32_t status, const json::value& body) {
    return reply(status, {{"content-type", "application/json"}}, serialize_json(body));
}
expectation& expectation::fail(error e) {
    failure_ = std::move(e);
    return *this;
}
expectation& expectation::never() {
    never_ = true;
    return *this;
}
expectation& expectation::delay(std::chrono::milliseconds d) {
    delay_ = d;
    return *this;
}
expectation& expectation::times(unsigned n) {
    left_ = n;
    return *this;
}
expectation& expectation::always() {
    always_ = true;
    return *this;
}
expectation& expectation::when(std::function<bool(const recorded_request&)> condition) {
    condition_ = std::move(condition);
    return *this;
}

scripted_http::scripted_http() = default;
scripted_http::~scripted_http() = default;

expectation& scripted_http::expect(std::string method, std::string url) {
    expectation& e = *script_.emplace_back(std::make_unique<expectation>());
    e.method_ = std::move(method);
    e.url_ = std::move(url);
    return e;
}

std::vector<std::string> scripted_http::unmet() const {
    std::vector<std::string> out;
    for (const auto& e : script_) {
        if (!e->always_ && e->left_ != 0) out.push_back(e->method_ + " " + e->url_);
    }
    return out;
}

// The service's way into the script.
struct http_script_access {
    static std::vector<recorded_request>& records(scripted_http& h) { return h.requests_; }

    static const expectation* take(scripted_http& h, const recorded_request& r) {
        for (auto& e : h.script_) {
            if (!e->always_ && e->left_ == 0) continue;
            if (e->method_ != r.method || !fits(e->url_, r.url)) continue;
            if (e->condition_ && !e->condition_(r)) continue;
            if (!e->always_) --e->left_;
            return e.get();
        }
        return nullptr;
    }

    // Of the simulated system; nothing when there is none.
    static std::optional<expectation> ask_system(scripted_http& h, const recorded_request& r) {
        if (!h.system_) return std::nullopt;
        http_answer a = h.system_(r);
        expectation out;
        out.reply(a.status, std::move(a.headers), std::move(a.body));
        out.failure_ = std::move(a.failure);
        out.never_ = a.never;
        out.cut_after_ = a.cut_after;
        return out;
    }

    static void fail(core& c, mortise_handle h, error e) {
        const auto at = c.requests.find(h);
        if (at == c.requests.end() || at->second.answered) return;
        at->second.answered = true;
        if (at->second.body) c.give_up(at->second.body);
        const c_error held(std::move(e));
        at->second.on_response(at->second.user, nullptr, held.get());
    }

    static bool never(const expectation& e) { return e.never_; }
    static std::chrono::milliseconds delay(const expectation& e) { return e.delay_; }

    static void
    respond(core& c, fake_instance& i, mortise_handle h, const expectation& e, bool stream) {
        const auto at = c.requests.find(h);
        if (at == c.requests.end() || at->second.answered) return;
        at->second.answered = true;
        const auto [fn, user] = std::pair(at->second.on_response, at->second.user);
        if (e.failure_) {
            const c_error held(*e.failure_);
            fn(user, nullptr, held.get());
            return;
        }
        const bool ok = e.status_ / 100 == 2;
        if (e.cut_after_ && !(stream && ok)) {
            const c_error held(truncated());
            fn(user, nullptr, held.get());
            return;
        }
        const std::string url = records(c.http)[at->second.record].url;
        std::vector<std::pair<std::string, std::string>> lower = e.headers_;
        for (auto& [name, value] : lower) {
            for (char& ch : name)
                ch = static_cast<char>(std::tolower(static_cast<unsigned char>(ch)));
        }
        std::vector<mortise_http_header> headers;
        for (const auto& [name, value] : lower)
            headers.push_back({c_str_of(name), c_str_of(value)});
        mortise_http_response r{};
        r.struct_size = sizeof(r);
        r.status = e.status_;
        r.headers = headers.data();
        r.header_count = headers.size();
        r.effective_url = c_str_of(url);
        r.elapsed_us = 1000;
        const std::string body = e.body_;
        if (stream && ok) {
            r.content = c.next_handle();
            fake_content& f = c.contents[r.content];
            f.bytes = body;
            f.length = body.size();
            f.finished = true;
            if (e.cut_after_) {
                f.bytes.resize(std::min(*e.cut_after_, body.size()));
                f.aborted = truncated();
            }
            c.give_to_plugin(r.content, i);
        } else {
            r.body = c_bytes_of(body);
        }
        fn(user, &r, nullptr);
    }

    static void answer_cancelled(core& c, mortise_handle h) {
        fail(c, h,
             error(category::cancelled, "http.request.cancelled", "The request was abandoned."));
    }

    // As the host says it when a call's deadline or the request's own time is over.
    static void answer_overdue(core& c, mortise_handle h) {
        fail(c, h, error(category::timeout, "http.timeout.total", "no answer in time"));
    }

    static error truncated() {
        return {category::unavailable, "http.response.truncated",
                "the connection ended in the middle of the response"};
    }
};

namespace {

recorded_request record_of(const mortise_http_request& r) {
    recorded_request out;
    out.method = view(r.method);
    out.url = view(r.url);
    for (std::uint64_t i = 0; i < r.header_count; ++i) {
        out.headers.emplace_back(view(r.headers[i].name), view(r.headers[i].value));
    }
    out.body = view(r.body);
    out.call = r.call;
    return out;
}

// In how many milliseconds the request is overdue.
std::optional<std::uint64_t> time_left(core& c, const mortise_http_request& r) {
    std::optional<std::uint64_t> out;
    if (r.timeout_ms) out = r.timeout_ms;
    const auto call = c.calls.find(r.call);
    if (r.call && call != c.calls.end() && call->second.deadline_ns) {
        const std::uint64_t until = call->second.deadline_ns;
        const std::uint64_t left = until > c.mono_ns ? (until - c.mono_ns) / 1'000'000 : 0;
        out = std::min(out.value_or(left), left);
    }
    return out;
}

// What is answered, and when.
void ask(core& c, fake_instance& i, mortise_handle h, bool stream) {
    // A copy: the system may make requests of its own.
    const recorded_request asked = http_script_access::records(c.http)[c.requests[h].record];
    const expectation* e = http_script_access::take(c.http, asked);
    std::optional<expectation> by_system;
    if (!e) by_system = http_script_access::ask_system(c.http, asked);
    if (by_system) e = &*by_system;
    if (!e) {
        c.violation("unexpected request: " + asked.method + " " + asked.url);
        static expectation none;
        none.fail(error(category::unavailable, "http.unexpected",
                        "The test said nothing about this request."));
        e = &none;
    }
    if (http_script_access::never(*e)) return;
    // A copy: the test may change the script before the answer leaves.
    auto answer = [&c, &i, h, e = *e, stream] { http_script_access::respond(c, i, h, e, stream); };
    if (const auto wait = http_script_access::delay(*e); wait.count() > 0) {
        c.add_timer(i, static_cast<std::uint64_t>(wait.count()),
                    [answer = std::move(answer)](bool) { answer(); });
    } else {
        c.post(std::move(answer));
    }
}

mortise_status start(void* ctx,
                     const mortise_http_request* r,
                     mortise_http_fn on_response,
                     void* user,
                     mortise_handle* out_request,
                     mortise_error_sink err) noexcept {
    fake_instance& i = instance_of(ctx);
    core& c = *i.owner;
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_HTTP)) return MORTISE_E_STATE;
    const std::string_view url = view(r->url);
    if (!url.starts_with("https://") && !url.starts_with("http://")) {
        return refuse(err, MORTISE_E_ARGUMENT, category::config, "http.url.malformed",
                      "\"" + std::string(url) + "\" is not an absolute http or https address.");
    }
    if (i.creating) c.violation("a request was started within create()");
    if (r->call && !c.calls.contains(r->call)) {
        c.violation("a request names a call that does not exist");
    }
    if (r->body_content && !c.take_from_plugin(r->body_content, "a request's body")) {
        return MORTISE_E_ARGUMENT;
    }
    auto& records = http_script_access::records(c.http);
    records.push_back(record_of(*r));
    const mortise_handle h = c.next_handle();
    c.requests[h] = {records.size() - 1, r->call, on_response, user, false};
    if (out_request) *out_request = h;
    if (const auto left = time_left(c, *r)) {
        c.add_timer(i, *left, [&c, h](bool) { http_script_access::answer_overdue(c, h); });
    }
    const bool stream = (r->flags & MORTISE_HTTP_STREAM_RESPONSE) != 0;
    if (!r->body_content) {
        ask(c, i, h, stream);
        return MORTISE_OK;
    }
    // The system sees the request when its body is there to the end.
    c.requests[h].body = r->body_content;
    c.drain(r->body_content, [&c, &i, h, stream](std::string body, std::optional<error> aborted) {
        fake_request& request = c.requests[h];
        c.contents.erase(std::exchange(request.body, 0));
        if (request.answered) return;
        if (aborted) return http_script_access::fail(c, h, *aborted);
        http_script_access::records(c.http)[request.record].body = std::move(body);
        ask(c, i, h, stream);
    });
    return MORTISE_OK;
}

void cancel(void* ctx, mortise_handle request) noexcept {
    core& c = *instance_of(ctx).owner;
    const std::lock_guard lock(c.mutex);
    if (!c.alive(ctx, MORTISE_SVC_HTTP)) return;
    const auto at = c.requests.find(request);
    if (at == c.requests.end() || at->second.answered) return;
    http_script_access::records(c.http)[at->second.record].cancelled = true;
    c.post([&c, request] { http_script_access::answer_cancelled(c, request); });
}

} // namespace

void core::cancel_requests_of(std::uint64_t call) {
    for (const auto& [h, r] : requests) {
        if (r.call == call && !r.answered) {
            post([this, h = h] { http_script_access::answer_cancelled(*this, h); });
        }
    }
}

void fill_http(fake_instance& i) {
    i.tables.http = {sizeof(mortise_svc_http), 0, &i, &start, &cancel};
}

} // namespace mortise::testing
