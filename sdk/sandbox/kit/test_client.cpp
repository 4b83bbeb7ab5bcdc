// SPDX-License-Identifier: Apache-2.0
#include "kit/test_client.hpp"

#include "kit/emulator.hpp"
#include "kit/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = boost::json;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace mortise::sandbox {

std::string http_answer::header(std::string_view name) const {
    const std::string* found = find_header(headers, name);
    return found ? *found : std::string();
}

json::value http_answer::json() const {
    return json::parse(body);
}

namespace {

struct address {
    std::string host;
    std::string port = "80";
    std::string target = "/";
};

address split_url(const std::string& url) {
    if (!url.starts_with("http://"))
        throw std::invalid_argument("the test client needs an http:// URL, not \"" + url + "\"");
    address out;
    const std::size_t slash = std::min(url.find('/', 7), url.size());
    out.host = url.substr(7, slash - 7);
    if (slash < url.size()) out.target = url.substr(slash);
    const std::size_t colon = out.host.find(':');
    if (colon != std::string::npos) {
        out.port = out.host.substr(colon + 1);
        out.host.resize(colon);
    }
    return out;
}

} // namespace

struct http_client::impl {
    std::string base_url;
    header_list common;
    std::chrono::milliseconds limit{10'000};
    asio::io_context context;
    beast::tcp_stream stream{context};
    std::string connected_to;

    // Runs one asynchronous operation to its end.
    template <class Start>
    error_code run(Start start) {
        error_code out;
        stream.expires_after(limit);
        start([&out](error_code ec, auto&&...) { out = ec; });
        context.restart();
        context.run();
        return out;
    }

    void close() {
        error_code ignored;
        stream.socket().close(ignored);
        connected_to.clear();
    }

    http_answer exchange(const std::string& method,
                         const address& where,
                         const std::string& body,
                         const header_list& headers,
                         bool& stale) {
        http_answer out;
        stale = false;
        const std::string peer = where.host + ":" + where.port;
        const bool reused = connected_to == peer && stream.socket().is_open();
        if (!reused) {
            close();
            error_code parse_error;
            const auto ip = asio::ip::make_address(
                where.host == "localhost" ? "127.0.0.1" : where.host, parse_error);
            if (parse_error) throw std::invalid_argument("not a loopback address: " + where.host);
            const tcp::endpoint endpoint(ip, static_cast<std::uint16_t>(std::stoul(where.port)));
            const error_code ec = run([&](auto done) { stream.async_connect(endpoint, done); });
            if (ec) {
                out.error = "connecting: " + ec.message();
                return out;
            }
            connected_to = peer;
        }
        http::request<http::string_body> message;
        message.method_string(method);
        message.target(where.target);
        message.version(11);
        message.set(http::field::host, peer);
        for (const auto& [name, value] : headers)
            message.insert(name, value);
        message.body() = body;
        if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH")
            message.content_length(body.size());
        error_code ec = run([&](auto done) { http::async_write(stream, message, done); });
        // A server may answer and close before it has read everything: look for the answer anyway.
        beast::flat_buffer buffer;
        std::optional<http::response_parser<http::string_body>> parser;
        error_code read;
        for (int interim = 0; interim < 5; ++interim) { // 100 Continue comes before the answer
            parser.emplace();
            parser->body_limit(boost::none);
            if (method == "HEAD") parser->skip(true);
            read = run([&](auto done) { http::async_read(stream, buffer, *parser, done); });
            if (read || parser->get().result_int() >= 200) break;
        }
        const auto& p = *parser;
        if (read) {
            close();
            out.error = (ec ? ec : read).message();
            stale = reused && !p.got_some();
        }
        if (p.is_header_done()) {
            out.status = p.get().result_int();
            for (const auto& h : p.get())
                out.headers.emplace_back(std::string(h.name_string()), std::string(h.value()));
            out.body = p.get().body();
            out.complete = !read;
            if (!read && !p.keep_alive()) close();
        }
        return out;
    }
};

http_client::http_client(std::string base_url, header_list headers)
    : impl_(std::make_unique<impl>()) {
    while (!base_url.empty() && base_url.back() == '/')
        base_url.pop_back();
    impl_->base_url = std::move(base_url);
    impl_->common = std::move(headers);
}
http_client::~http_client() = default;
http_client::http_client(http_client&&) noexcept = default;
http_client& http_client::operator=(http_client&&) noexcept = default;

http_answer http_client::send(std::string method,
                              const std::string& target,
                              std::string body,
                              header_list headers) {
    const address where =
        split_url(target.starts_with("http://") ? target : impl_->base_url + target);
    for (const auto& [name, value] : impl_->common)
        if (!find_header(headers, name)) headers.emplace_back(name, value);
    bool stale = false;
    http_answer out = impl_->exchange(method, where, body, headers, stale);
    // An idle connection the server had closed: once more on a fresh one.
    if (stale && method == "GET") out = impl_->exchange(method, where, body, headers, stale);
    return out;
}

http_answer http_client::get(const std::string& target, header_list headers) {
    return send("GET", target, {}, std::move(headers));
}
http_answer http_client::post(const std::string& target, const json::value& body) {
    return send("POST", target, json::serialize(body), {{"Content-Type", "application/json"}});
}
http_answer http_client::put(const std::string& target, const json::value& body) {
    return send("PUT", target, json::serialize(body), {{"Content-Type", "application/json"}});
}
http_answer http_client::patch(const std::string& target, const json::value& body) {
    return send("PATCH", target, json::serialize(body), {{"Content-Type", "application/json"}});
}
http_answer http_client::del(const std::string& target) {
    return send("DELETE", target);
}

void http_client::set_header(const std::string& name, std::string value) {
    std::erase_if(impl_->common, [&](const auto& h) { return beast::iequals(h.first, name); });
    impl_->common.emplace_back(name, std::move(value));
}
void http_client::timeout(std::chrono::milliseconds t) {
    impl_->limit = t;
}

std::pair<std::string, std::string> make_multipart(const std::vector<form_field>& fields) {
    const std::string boundary = "----mortise-sandbox-7d1f0c5a9b";
    std::string body;
    for (const form_field& f : fields) {
        body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + f.name + "\"";
        if (f.is_file()) body += "; filename=\"" + f.filename + "\"";
        body += "\r\n";
        if (!f.content_type.empty()) body += "Content-Type: " + f.content_type + "\r\n";
        body += "\r\n" + f.text() + "\r\n";
    }
    body += "--" + boundary + "--\r\n";
    return {"multipart/form-data; boundary=" + boundary, body};
}

namespace {

struct inbox {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<request> received;
    unsigned status = 200;
};

class receiver_emulator final : public emulator {
public:
    explicit receiver_emulator(inbox& box) : emulator("webhook-receiver", {}), box_(box) {
        routes().fallback([this](const request& r) {
            const std::lock_guard lock(box_.mutex);
            box_.received.push_back(r);
            box_.changed.notify_all();
            return reply::empty(box_.status);
        });
    }

protected:
    void seed() override {}
    json::value state() const override { return json::object(); }

private:
    inbox& box_;
};

} // namespace

struct webhook_receiver::impl {
    inbox box;
    running server = start(std::make_unique<receiver_emulator>(box));
};

webhook_receiver::webhook_receiver() : impl_(std::make_unique<impl>()) {}
webhook_receiver::~webhook_receiver() = default;

std::string webhook_receiver::url(const std::string& path) const {
    return impl_->server.base_url() + path;
}

std::vector<request> webhook_receiver::wait(std::size_t n, std::chrono::milliseconds deadline) {
    std::unique_lock lock(impl_->box.mutex);
    impl_->box.changed.wait_for(lock, deadline, [&] { return impl_->box.received.size() >= n; });
    return impl_->box.received;
}

void webhook_receiver::answer_with(unsigned status) {
    const std::lock_guard lock(impl_->box.mutex);
    impl_->box.status = status;
}

} // namespace mortise::sandbox
