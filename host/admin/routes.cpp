// SPDX-License-Identifier: Apache-2.0
#include "admin/routes.hpp"

#include "admin/replies.hpp"
#include "journal/journal.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace mortise::host {
namespace {

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        if (end > at) out.push_back(url_decoded(path.substr(at, end - at), false));
        at = end + 1;
    }
    return out;
}

std::map<std::string, std::string, std::less<>> parameters(std::string_view query) {
    std::map<std::string, std::string, std::less<>> out;
    for (std::size_t at = 0; at < query.size();) {
        const auto end = std::min(query.find('&', at), query.size());
        const auto one = query.substr(at, end - at);
        const auto equals = std::min(one.find('='), one.size());
        if (equals > 0)
            out[url_decoded(one.substr(0, equals), true)] =
                equals < one.size() ? url_decoded(one.substr(equals + 1), true) : std::string();
        at = end + 1;
    }
    return out;
}

int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

std::string url_decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 &&
            hex(text[i + 2]) >= 0) {
            out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' && plus_is_space ? ' ' : text[i];
        }
    }
    return out;
}

std::string admin_call::parameter(std::string_view name) const {
    const auto it = query.find(name);
    return it == query.end() ? std::string() : it->second;
}

std::uint32_t admin_call::limit(std::uint32_t otherwise, std::uint32_t most) const {
    const auto given = parameter("limit");
    std::uint32_t n = otherwise;
    const auto read = std::from_chars(given.data(), given.data() + given.size(), n);
    if (given.empty() || read.ec != std::errc() || read.ptr != given.data() + given.size())
        n = otherwise;
    return std::clamp(n, 1u, most);
}

std::uint64_t admin_call::number_parameter(std::string_view name) const {
    const auto given = parameter(name);
    std::uint64_t n = 0;
    const auto read = std::from_chars(given.data(), given.data() + given.size(), n);
    return read.ec == std::errc() && read.ptr == given.data() + given.size() ? n : 0;
}

std::string admin_call::text(std::string_view name) const {
    const auto* v = body.if_contains(name);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

std::optional<std::string> admin_call::json_text(std::string_view name) const {
    const auto* v = body.if_contains(name);
    if (v == nullptr) return std::nullopt;
    return boost::json::serialize(*v);
}

bool admin_call::flag(std::string_view name) const {
    const auto* v = body.if_contains(name);
    return v != nullptr && v->is_bool() && v->get_bool();
}

std::optional<double> admin_call::number(std::string_view name) const {
    const auto* v = body.if_contains(name);
    if (v == nullptr || !v->is_number()) return std::nullopt;
    return v->to_number<double>();
}

void route_table::add(std::string method, std::string_view pattern, handler h) {
    routes_.push_back({std::move(method), split(pattern), std::move(h)});
}

void route_table::handle(inbound_request request, std::string who, responder reply) const {
    const auto parts = split(request.path);
    std::string allowed;
    for (const auto& r : routes_) {
        if (r.parts.size() != parts.size()) continue;
        admin_call call;
        bool fits = true;
        for (std::size_t i = 0; fits && i < parts.size(); ++i) {
            if (r.parts[i] == "{}")
                call.args.push_back(parts[i]);
            else
                fits = r.parts[i] == parts[i];
        }
        if (!fits) continue;
        if (r.method != request.method) {
            allowed += (allowed.empty() ? "" : ", ") + r.method;
            continue;
        }
        if (!request.body.empty()) {
            boost::system::error_code ec;
            auto value = boost::json::parse(request.body, ec);
            if (ec || !value.is_object()) {
                reply(problem(400, "malformed body", "the body must be a JSON object"));
                return;
            }
            call.body = std::move(value.get_object());
        }
        call.query = parameters(request.query);
        call.who = std::move(who);
        call.reply = std::move(reply);
        r.answer(std::move(call));
        return;
    }
    if (allowed.empty()) {
        reply(problem(404, "not found",
                      "the admin listener has no " + request.path +
                          "; docs/admin-api.md lists what it has"));
        return;
    }
    auto refused = problem(405, "method not allowed", request.path + " takes " + allowed);
    refused.headers.push_back({"allow", allowed});
    reply(std::move(refused));
}

void answer_from_journal(const admin_parts& parts,
                         responder reply,
                         std::function<result<boost::json::value>(journal_reader&)> query) {
    boost::asio::post(parts.workers,
                      [&store = parts.store, reply = std::move(reply), query = std::move(query)] {
                          result<boost::json::value> answer = boost::json::value(nullptr);
                          try {
                              store.read([&](journal_reader& reader) { answer = query(reader); });
                          } catch (const journal_failure& failure) {
                              answer = failure.get();
                          }
                          reply(answer ? json_reply(200, *answer) : refusal(answer.error()));
                      });
}

} // namespace mortise::host
