// SPDX-License-Identifier: Apache-2.0
#include "admin/routes.hpp"

#include "admin/replies.hpp"
#include "admin/request_check.hpp"
#include "base/digest.hpp"
#include "base/log.hpp"
#include "journal/journal.hpp"
#include "plugin/names.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace mortise::host {
namespace {

bool takes_any(std::string_view part) {
    return part.size() > 2 && part.front() == '{' && part.back() == '}';
}

std::string said(const schema& s) {
    return s.problems().front().pointer + ' ' + s.problems().front().message;
}

// What is named here comes back in answers, in the log and in the ledger.
std::optional<inbound_response>
refuse_odd_text(const std::vector<std::string>& parts,
                const std::map<std::string, std::string, std::less<>>& query) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    for (const auto& p : parts)
        if (!is_utf8(p) || std::any_of(p.begin(), p.end(), is_control))
            return problem_reply(400, "admin.input",
                                 "the path is not UTF-8, or has control characters");
    for (const auto& [name, value] : query)
        for (const auto& text : {name, value})
            if (!is_utf8(text) || text.find('\0') != std::string::npos)
                return problem_reply(400, "admin.input",
                                     "the query is not UTF-8, or has a NUL in it");
    return std::nullopt;
}

int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        if (end > at) out.push_back(url_decoded(path.substr(at, end - at), false));
        at = end + 1;
    }
    return out;
}

std::map<std::string, std::string, std::less<>> query_parameters(std::string_view query) {
    if (query.starts_with('?')) query.remove_prefix(1);
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

std::vector<std::string_view> path_parameters(std::string_view pattern) {
    std::vector<std::string_view> out;
    for (auto at = pattern.find('{'); at != std::string_view::npos; at = pattern.find('{', at)) {
        const auto end = pattern.find('}', at);
        out.push_back(pattern.substr(at + 1, end - at - 1));
        at = end;
    }
    return out;
}

void admin_call::about(std::string object) const {
    if (action) action->object = std::move(object);
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

struct route_table::route {
    route_spec spec;
    std::vector<std::string> parts; // "{...}" takes any one part
    query_schemas query;
    std::optional<schema> body;
    handler answer;
};

route_table::route_table() = default;
route_table::~route_table() = default;

void route_table::add(route_spec spec, handler h) {
    const auto wrong = [&spec](const std::string& why) {
        throw std::logic_error("route " + std::string(spec.id) + ": " + why);
    };
    route r;
    r.parts = split_path(spec.pattern);
    for (const auto& p : spec.query) {
        schema s(p.schema);
        if (!s.valid()) wrong("parameter " + std::string(p.name) + ": " + said(s));
        r.query.emplace_back(p.name, std::move(s));
    }
    if (!spec.request.empty()) {
        r.body.emplace(spec.request);
        if (!r.body->valid()) wrong("request: " + said(*r.body));
    }
    for (const auto& other : routes_) {
        if (other.spec.id == spec.id) wrong("another has this id");
        if (other.spec.method == spec.method && other.spec.pattern == spec.pattern)
            wrong("another answers this path");
    }
    r.spec = std::move(spec);
    r.answer = std::move(h);
    routes_.push_back(std::move(r));
}

bool route_table::is_open(const inbound_request& request) const {
    std::string allowed;
    const auto* r =
        find(request.method == "HEAD" ? "GET" : request.method, split_path(request.path), allowed);
    return r != nullptr && r->spec.open;
}

std::vector<route_spec> route_table::specs() const {
    std::vector<route_spec> out;
    for (const auto& r : routes_)
        out.push_back(r.spec);
    return out;
}

// A part that is written out wins over one that takes any.
const route_table::route* route_table::find(std::string_view method,
                                            const std::vector<std::string>& parts,
                                            std::string& allowed) const {
    const route* best = nullptr;
    std::size_t fewest = parts.size() + 1;
    for (const auto& r : routes_) {
        if (r.parts.size() != parts.size()) continue;
        std::size_t open = 0;
        bool fits = true;
        for (std::size_t i = 0; fits && i < parts.size(); ++i) {
            if (takes_any(r.parts[i]))
                ++open;
            else
                fits = r.parts[i] == parts[i];
        }
        if (!fits) continue;
        if (r.spec.method != method) {
            allowed.append(allowed.empty() ? "" : ", ").append(r.spec.method);
        } else if (open < fewest) {
            best = &r;
            fewest = open;
        }
    }
    return best;
}

responder route_table::audited(const route& r, admin_call& call, std::string_view body) const {
    if (!audit_ || r.spec.method == "GET" || !r.spec.audited) return call.reply;
    auto action = std::make_shared<admin_action>();
    action->who = call.actor;
    action->operation = r.spec.id;
    action->request = sha256_hex(body);
    std::size_t arg = 0;
    for (std::size_t i = 0; i < r.parts.size(); ++i) {
        if (!takes_any(r.parts[i])) continue;
        const auto& value = call.args[arg++];
        action->object += (action->object.empty() ? "" : "/") + value;
        const std::string_view of = i > 0 ? std::string_view(r.parts[i - 1]) : std::string_view();
        if (of == "runs") action->run = value;
        if (of == "flows") action->instance = value;
        if (of == "connections" || of == "backfills") action->connection = value;
    }
    call.action = action;
    // The answer waits until the entry is durable: what was answered is in the ledger.
    return call.reply.through([audit = &audit_, action](inbound_response answer,
                                                        const responder& next) {
        if (action->is_trial) return next(std::move(answer));
        action->outcome = answer.status < 400 ? "done" : answer.status < 500 ? "refused" : "failed";
        auto held = std::make_shared<inbound_response>(std::move(answer));
        (*audit)(*action, [held, next] { next(std::move(*held)); });
    });
}

const route_table::route* route_table::find_for(const inbound_request& request,
                                                const std::vector<std::string>& parts,
                                                const admin_caller& caller,
                                                std::optional<inbound_response>& refused) const {
    std::string allowed;
    const auto* r = find(request.method == "HEAD" ? "GET" : request.method, parts, allowed);
    if (r == nullptr && allowed.empty()) {
        refused = problem_reply(404, "admin.not-found",
                                "the admin listener has no " + request.path +
                                    "; GET /api/v1/openapi.json says what it has");
    } else if (r == nullptr) {
        refused = problem_reply(405, "admin.method", request.path + " takes " + allowed + " only");
        refused->headers.push_back({"allow", allowed});
    } else if (caller.as < r->spec.least) {
        refused = problem_reply(403, "admin.forbidden",
                                std::string(r->spec.id) + " needs the role " +
                                    std::string(to_string(r->spec.least)) + "; \"" +
                                    std::string(actor_name(caller.who)) + "\" has the role " +
                                    std::string(to_string(caller.as)));
    }
    return refused ? nullptr : r;
}

std::optional<inbound_response> route_table::refusal_of(const inbound_request& head,
                                                        const admin_caller& caller) const {
    std::optional<inbound_response> refused;
    (void)find_for(head, split_path(head.path), caller, refused);
    return refused;
}

void route_table::handle(inbound_request request,
                         const admin_caller& caller,
                         responder reply) const {
    const auto parts = split_path(request.path);
    std::optional<inbound_response> refused;
    const auto* r = find_for(request, parts, caller, refused);
    if (r == nullptr) {
        reply(std::move(*refused));
        return;
    }
    auto query = query_parameters(request.query);
    if (auto odd = refuse_odd_text(parts, query)) {
        reply(std::move(*odd));
        return;
    }
    admin_call call;
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (takes_any(r->parts[i])) call.args.push_back(parts[i]);
    call.query = std::move(query);
    call.who = actor_name(caller.who);
    call.actor = caller.who;
    call.as = caller.as;
    call.session = caller.session;
    call.token = caller.token;
    call.remote = std::move(request.remote);
    call.headers = std::move(request.headers);
    call.reply = std::move(reply);
    call.reply = audited(*r, call, request.body);
    refused = check_query(call.query, r->spec, r->query);
    if (!refused) refused = read_body(request.body, r->body ? &*r->body : nullptr, call.body);
    if (refused) {
        call.reply(std::move(*refused));
        return;
    }
    r->answer(std::move(call));
}

void answer_from_journal(const admin_parts& parts,
                         responder reply,
                         std::function<result<boost::json::value>(journal_reader&)> query) {
    boost::asio::post(
        parts.workers, [&store = parts.store, reply = std::move(reply), query = std::move(query)] {
            result<boost::json::value> answer = boost::json::value(nullptr);
            try {
                store.read([&](journal_reader& reader) { answer = query(reader); });
            } catch (const journal_failure& failure) {
                answer = failure.get();
            } catch (const std::exception& e) {
                log(log_level::error, "an answer could not be made", {{"reason", e.what()}});
                answer = error(category::internal, "admin.answer",
                               "the answer could not be made; the log says why");
            }
            reply(answer ? json_reply(200, *answer) : refusal(answer.error()));
        });
}

} // namespace mortise::host
