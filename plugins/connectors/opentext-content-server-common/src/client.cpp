// SPDX-License-Identifier: Apache-2.0
#include "content_server/client.hpp"

#include "content_server/paging.hpp"

#include <utility>

namespace content_server {

namespace json = mortise::json;
using mortise::category;
using mortise::error;
using mortise::task;

namespace {

connection checked(connection to) {
    to.check();
    return to;
}

} // namespace

client::client(mortise::instance& in, connection to)
    : in_(in), to_(checked(std::move(to))), session_(in, to_) {}

mortise::url client::at(std::string_view path) const {
    mortise::url out(to_.base_url);
    out.path("api").path(path);
    return out;
}

mortise::url client::at_node(std::int64_t id, std::string_view below) const {
    mortise::url out = at("v2/nodes");
    out.segment(std::to_string(id));
    if (!below.empty()) out.path(below);
    return out;
}

task<mortise::http_response> client::send(mortise::call_context& c, mortise::http_request request) {
    const bool once = static_cast<bool>(request.content);
    for (int round = 1;; ++round) {
        const pass now = co_await session_.get(c);
        mortise::http_request one(request.method, request.url);
        one.headers = request.headers;
        one.body = request.body;
        if (once) one.content = std::move(request.content);
        one.timeout = request.timeout;
        one.max_response_bytes = request.max_response_bytes;
        one.follow_redirects = request.follow_redirects;
        one.stream_response = request.stream_response;
        one.header(now.header, now.value).header("Accept", "application/json");
        auto response = co_await c.http().send(std::move(one));
        if (response.status != 401) {
            if (response.ok()) session_.renew(now, response.header("otcsticket"));
            co_return std::move(response);
        }
        session_.refuse(now);
        if (once) {
            error e(category::unavailable, "xecm.session.expired",
                    "The ticket had expired and the content cannot be sent twice; the next "
                    "attempt logs in first.");
            e.retry = mortise::retry_advice::yes;
            e.effect = mortise::effect::none;
            throw e;
        }
        if (round == 2) co_return std::move(response);
    }
}

task<json::value> client::exchange(mortise::call_context& c,
                                   mortise::http_request request,
                                   subject about,
                                   access how) {
    try {
        const auto response = co_await send(c, std::move(request));
        if (!response.ok()) throw error_of(response, about, how);
        if (how == access::write) note_written(c);
        co_return json_of(response, about, how);
    } catch (error& e) {
        if (how == access::read) e.effect = mortise::effect::none;
        if (e.effect == mortise::effect::none && has_written(c))
            e.effect = mortise::effect::unknown;
        throw;
    }
}

bool client::has_written(const mortise::call_context& c) const {
    return writers_.contains(c.handle());
}

void client::note_written(const mortise::call_context& c) {
    constexpr std::size_t most = 4096; // far more than run at once
    writers_.insert(c.handle());
    if (writers_.size() > most) writers_.erase(writers_.begin());
}

void client::put_body(mortise::http_request& request, const json::value& body) const {
    if (body.is_null()) return;
    if (to_.encoding == body_encoding::json) {
        request.json(body);
        return;
    }
    mortise::form_body form;
    form.add("body", mortise::serialize_json(body));
    request.text(std::string(form.media_type), form.str());
}

task<json::value> client::get(mortise::call_context& c, std::string url, subject about) {
    mortise::http_request request("GET", std::move(url));
    return exchange(c, std::move(request), std::move(about), access::read);
}

task<json::value> client::write(mortise::call_context& c,
                                std::string method,
                                std::string url,
                                json::value body,
                                subject about) {
    mortise::http_request request(std::move(method), std::move(url));
    put_body(request, body);
    return exchange(c, std::move(request), std::move(about), access::write);
}

task<json::value> client::write_form(mortise::call_context& c,
                                     std::string method,
                                     std::string url,
                                     mortise::form_body form,
                                     subject about) {
    mortise::http_request request(std::move(method), std::move(url));
    request.text(std::string(form.media_type), form.str());
    return exchange(c, std::move(request), std::move(about), access::write);
}

task<json::value>
client::query(mortise::call_context& c, std::string url, json::value body, subject about) {
    mortise::http_request request("POST", std::move(url));
    put_body(request, body);
    return exchange(c, std::move(request), std::move(about), access::read);
}

task<json::value> client::upload(mortise::call_context& c,
                                 std::string url,
                                 json::value fields,
                                 std::string file_name,
                                 std::string media_type,
                                 std::string bytes,
                                 subject about) {
    mortise::multipart_body parts;
    parts.add("body", mortise::serialize_json(fields));
    parts.add_file("file", file_name, media_type, bytes);
    mortise::http_request request("POST", std::move(url));
    request.text(parts.media_type(), parts.str());
    return exchange(c, std::move(request), std::move(about), access::write);
}

task<json::value> client::upload(mortise::call_context& c,
                                 std::string url,
                                 json::value fields,
                                 std::string file_name,
                                 std::string media_type,
                                 mortise::content_stream& from,
                                 subject about) {
    mortise::content_form form(c.idempotency_key() + '/' + url);
    form.add("body", mortise::serialize_json(fields));
    form.file("file", file_name, media_type);
    for (int round = 1;; ++round) {
        const auto response = co_await send_piece(c, url, form, from, std::nullopt);
        if (response.status != 401) {
            if (!response.ok()) throw error_of(response, about, access::write);
            note_written(c);
            co_return json_of(response, about, access::write);
        }
        if (round == 2) throw error_of(response, about, access::write);
        bool again = true;
        try {
            co_await from.seek(0);
        } catch (const error&) {
            again = false; // read already, and gone
        }
        if (!again) {
            error e(category::unavailable, "xecm.session.expired",
                    "The ticket had expired and the content cannot be sent twice; the next "
                    "attempt logs in first.");
            e.retry = mortise::retry_advice::yes;
            e.effect = mortise::effect::none;
            throw e;
        }
    }
}

task<mortise::http_response> client::send_piece(mortise::call_context& c,
                                                std::string url,
                                                mortise::content_form form,
                                                mortise::content_stream& from,
                                                std::optional<std::uint64_t> bytes) {
    const pass now = co_await session_.get(c);
    mortise::http_request request("POST", url);
    request.header("Content-Type", form.media_type());
    request.header(now.header, now.value).header("Accept", "application/json");
    mortise::content_piece piece = form.piece();
    piece.size = bytes;
    auto response = co_await mortise::send_content(c, std::move(request), from, std::move(piece));
    if (response.status == 401) session_.refuse(now);
    if (response.ok()) session_.renew(now, response.header("otcsticket"));
    co_return std::move(response);
}

task<json::array> client::list(mortise::call_context& c, list_request what) {
    json::array out;
    pager pages(what.page_size, what.limit);
    while (pages.more()) {
        json::value answer;
        if (what.body.is_null()) {
            mortise::url one = what.url;
            one.query("limit", std::to_string(pages.page_size()));
            one.query("page", std::to_string(pages.page()));
            answer = co_await get(c, one.str(), what.about);
        } else {
            json::object fields = what.body.get_object();
            fields["limit"] = pages.page_size();
            fields["page"] = pages.page();
            json::value body(std::move(fields));
            answer = co_await query(c, what.url.str(), std::move(body), what.about);
        }
        pages.take(answer, out);
    }
    co_return out;
}

} // namespace content_server
