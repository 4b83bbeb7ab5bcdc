// SPDX-License-Identifier: Apache-2.0
#include "kit/faults.hpp"

#include "kit/router.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace json = boost::json;

namespace mortise::sandbox {

namespace {

constexpr std::array<std::pair<fault_kind, std::string_view>, 12> kinds{{
    {fault_kind::reply, "reply"},
    {fault_kind::latency, "latency"},
    {fault_kind::cut, "cut"},
    {fault_kind::cut_after, "cut-after"},
    {fault_kind::cut_body, "cut-body"},
    {fault_kind::commit_then_timeout, "commit-then-timeout"},
    {fault_kind::hang, "hang"},
    {fault_kind::webhook_drop, "webhook-drop"},
    {fault_kind::webhook_duplicate, "webhook-duplicate"},
    {fault_kind::webhook_delay, "webhook-delay"},
    {fault_kind::webhook_reorder, "webhook-reorder"},
    {fault_kind::webhook_fail, "webhook-fail"},
}};

bool is_webhook(fault_kind k) {
    return k >= fault_kind::webhook_drop;
}

// Counts the match; true when the fault applies now.
bool due(fault& f) {
    if (f.count != 0 && f.hits >= f.count) return false;
    if (f.skip != 0) {
        --f.skip;
        return false;
    }
    ++f.hits;
    return true;
}

std::uint64_t read_number(const json::object& o, std::string_view name, std::uint64_t otherwise) {
    const json::value* v = o.if_contains(name);
    if (!v) return otherwise;
    boost::system::error_code error;
    const auto n = v->to_number<std::int64_t>(error);
    if (error || n < 0)
        throw http_error(400, "fault." + std::string(name) + " must be a whole number from 0");
    return static_cast<std::uint64_t>(n);
}

std::string read_text(const json::object& o, std::string_view name, std::string otherwise) {
    const json::value* v = o.if_contains(name);
    if (!v) return otherwise;
    if (!v->is_string()) throw http_error(400, "fault." + std::string(name) + " must be a string");
    return std::string(v->get_string());
}

} // namespace

std::string_view to_string(fault_kind k) noexcept {
    for (const auto& [kind, name] : kinds)
        if (kind == k) return name;
    return "unknown";
}

std::uint64_t fault_table::add(fault f) {
    f.id = next_++;
    f.hits = 0;
    faults_.push_back(std::move(f));
    return faults_.back().id;
}

bool fault_table::remove(std::uint64_t id) {
    return std::erase_if(faults_, [id](const fault& f) { return f.id == id; }) != 0;
}

fault_table::hit fault_table::take(const request& r) {
    hit out;
    for (fault& f : faults_) {
        if (is_webhook(f.kind)) continue;
        if (out.main && f.kind != fault_kind::latency) continue;
        if (f.method != "*" && f.method != r.method) continue;
        if (f.path != r.route && !path_matches(split_path(f.path), r.segments)) continue;
        if (!due(f)) continue;
        if (f.kind != fault_kind::latency) out.main = f;
        out.delay += f.delay;
    }
    return out;
}

std::optional<fault> fault_table::take_webhook(std::string_view url_path) {
    const std::vector<std::string> segments = split_path(url_path);
    for (fault& f : faults_)
        if (is_webhook(f.kind) && path_matches(split_path(f.path), segments) && due(f)) return f;
    return {};
}

fault fault_from_json(const json::object& o) {
    static constexpr std::array<std::string_view, 10> known{
        "kind",   "method",  "path", "count",        "skip",
        "status", "headers", "body", "content_type", "delay_ms"};
    for (const auto& member : o)
        if (std::find(known.begin(), known.end(), member.key()) == known.end())
            throw http_error(400, "unknown member fault." + std::string(member.key()) +
                                      "; known: kind, method, path, count, skip, status, headers, "
                                      "body, content_type, delay_ms");
    fault f;
    const std::string kind = read_text(o, "kind", "reply");
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&kind](const auto& k) { return k.second == kind; });
    if (found == kinds.end()) {
        std::string names;
        for (const auto& k : kinds)
            names += (names.empty() ? "" : ", ") + std::string(k.second);
        throw http_error(400, "fault.kind \"" + kind + "\" is unknown; known: " + names);
    }
    f.kind = found->first;
    f.method = read_text(o, "method", "*");
    f.path = read_text(o, "path", "**");
    f.count = read_number(o, "count", 1);
    f.skip = read_number(o, "skip", 0);
    f.status = static_cast<unsigned>(read_number(o, "status", 503));
    if (f.status < 200 || f.status > 599)
        throw http_error(400, "fault.status must be from 200 to 599");
    f.content_type = read_text(o, "content_type", f.content_type);
    f.delay = std::chrono::milliseconds(read_number(o, "delay_ms", 0));
    if (const json::value* headers = o.if_contains("headers")) {
        if (!headers->is_object()) throw http_error(400, "fault.headers must be an object");
        for (const auto& h : headers->get_object()) {
            if (!h.value().is_string() ||
                h.value().get_string().find_first_of("\r\n") != json::string::npos)
                throw http_error(400, "fault.headers." + std::string(h.key()) +
                                          " must be a string of one line");
            f.headers.emplace_back(std::string(h.key()), std::string(h.value().get_string()));
        }
    }
    if (const json::value* body = o.if_contains("body"))
        f.body = body->is_string() ? std::string(body->get_string()) : json::serialize(*body);
    return f;
}

json::object to_json(const fault& f) {
    json::object out{{"id", f.id},         {"kind", to_string(f.kind)},
                     {"method", f.method}, {"path", f.path},
                     {"count", f.count},   {"skip", f.skip},
                     {"hits", f.hits},     {"status", f.status},
                     {"body", f.body},     {"delay_ms", f.delay.count()}};
    json::object headers;
    for (const auto& [name, value] : f.headers)
        headers[name] = value;
    out["headers"] = std::move(headers);
    return out;
}

} // namespace mortise::sandbox
