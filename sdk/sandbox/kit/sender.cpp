// SPDX-License-Identifier: Apache-2.0
#include "kit/sender.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace mortise::sandbox {

namespace {

webhook_result failed(const std::string& doing, const webhook& hook, const std::string& why) {
    return {0, {}, doing + " " + hook.url + ": " + why};
}

} // namespace

asio::awaitable<webhook_result> send_webhook(webhook hook) {
    const auto parsed = boost::urls::parse_uri(hook.url);
    if (!parsed) co_return failed("reading the URL", hook, "it is not an absolute URL");
    if (parsed->scheme() != "http")
        co_return failed("reading the URL", hook, "only http:// URLs can be called from here");
    const std::string host = parsed->host_address();
    const std::string port = parsed->has_port() ? std::string(parsed->port()) : "80";
    std::string target(parsed->encoded_target());
    if (target.empty() || target.front() != '/') target.insert(0, "/");

    error_code ec;
    const auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver(executor);
    const auto endpoints =
        co_await resolver.async_resolve(host, port, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return failed("resolving the host of", hook, ec.message());

    beast::tcp_stream stream(executor);
    stream.expires_after(hook.timeout);
    co_await stream.async_connect(endpoints, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return failed("connecting to", hook, ec.message());

    http::request<http::string_body> message;
    message.method_string(hook.method);
    message.target(target);
    message.version(11);
    message.set(http::field::host, host + ":" + port);
    message.set(http::field::user_agent, "mortise-sandbox");
    message.set(http::field::content_type, hook.content_type);
    for (const auto& [name, value] : hook.headers)
        message.set(name, value);
    message.body() = hook.body;
    message.keep_alive(false);
    message.prepare_payload();
    co_await http::async_write(stream, message, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return failed("sending to", hook, ec.message());

    beast::flat_buffer buffer;
    http::response_parser<http::string_body> answer;
    answer.body_limit(1024 * 1024);
    co_await http::async_read(stream, buffer, answer,
                              asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return failed("reading the answer of", hook, ec.message());
    webhook_result out;
    out.status = answer.get().result_int();
    out.body = answer.get().body().substr(0, 64 * 1024);
    stream.socket().shutdown(tcp::socket::shutdown_both, ec);
    co_return out;
}

} // namespace mortise::sandbox
