// SPDX-License-Identifier: Apache-2.0
#include "intake/ingress.hpp"

#include "base/ids.hpp"
#include "base/json_check.hpp"
#include "base/log.hpp"
#include "base/trace_context.hpp"

#include <boost/json.hpp>

#include <charconv>

namespace mortise::host {
namespace {

constexpr std::string_view hooks_prefix = "/hooks/";

inbound_response json_reply(unsigned status, boost::json::object body) {
    inbound_response r;
    r.status = status;
    r.body = boost::json::serialize(body);
    return r;
}

// How a failure of a delivery or of a run looks to the caller.
unsigned status_of(const error& e) {
    // The IETF draft Idempotency-Key, 2.7: the key was used for another body.
    if (e.code == "request.key-reused") return 422;
    switch (e.category) {
    case category::auth:
        return 401;
    case category::denied:
        return 403;
    case category::input:
        return 400;
    case category::not_found:
        return 404;
    case category::conflict:
        return 409;
    case category::rate_limit:
        return 429;
    case category::limit:
        return 413;
    case category::unavailable:
        return 503;
    case category::timeout:
        return 504;
    default:
        return 500;
    }
}

inbound_response failure_reply(const error& e, bool to_stranger = false) {
    const auto status = status_of(e);
    const bool tell = !to_stranger || status < 500;
    auto r = problem(status, to_string(e.category),
                     tell ? std::string_view(e.message)
                          : std::string_view("the event was not taken; send it again later"));
    if (status == 503 || status == 429) {
        const auto seconds =
            e.retry_after ? std::max<std::int64_t>((e.retry_after->count() + 999) / 1000, 1) : 5;
        r.headers.push_back({"retry-after", std::to_string(seconds)});
    }
    return r;
}

// {"status":int,"headers":{..},"body":string} as mortise/call.h describes it.
inbound_response webhook_reply(const std::string& json) {
    inbound_response r;
    r.status = 202;
    if (json.empty()) return r;
    boost::system::error_code ec;
    const auto value = boost::json::parse(json, ec);
    const auto* object = ec ? nullptr : value.if_object();
    if (object == nullptr) return r;
    if (const auto* status = object->if_contains("status");
        status != nullptr && status->is_int64()) {
        const auto code = status->get_int64();
        if (code >= 200 && code <= 599) r.status = static_cast<unsigned>(code);
    }
    if (const auto* headers = object->if_contains("headers");
        headers != nullptr && headers->is_object()) {
        for (const auto& [name, v] : headers->get_object()) {
            if (v.is_string() && is_http_token(name) && is_header_value(v.get_string())) {
                if (equal_no_case(name, "content-type"))
                    r.content_type = v.get_string();
                else
                    r.headers.push_back({std::string(name), std::string(v.get_string())});
            }
        }
    }
    if (const auto* body = object->if_contains("body"); body != nullptr && body->is_string())
        r.body = body->get_string();
    return r;
}

// W3C Trace Context Level 2, "traceresponse": a caller that traces finds there what was done for
// it.
void add_trace_response(inbound_response& r,
                        const std::string& trace_parent,
                        const run_id& run,
                        double share) {
    auto c = parse_trace_parent(trace_parent);
    if (!c) return;
    c->span_id = run_span_id(run);
    if (share >= 0) c->sampled = in_sample(c->trace_id, share);
    r.headers.push_back({"traceresponse", to_trace_parent(*c)});
}

std::string head_json(const inbound_request& r) {
    boost::json::object headers;
    for (const auto& h : r.headers) {
        auto& slot = headers[h.name];
        // RFC 9110 5.2: repeated fields are one list.
        slot = slot.is_string() ? std::string(slot.get_string()) + ", " + h.value : h.value;
    }
    return boost::json::serialize(boost::json::object{{"method", r.method},
                                                      {"path", r.path},
                                                      {"query", r.query},
                                                      {"headers", std::move(headers)},
                                                      {"remote", r.remote}});
}

} // namespace

ingress::ingress(engine& runs, const clock& time, ingress_options options)
    : runs_(runs), time_(time), options_(options), refusals_(std::make_shared<refusal_log>(time)) {
    if (options_.metrics == nullptr) return;
    hooks_ = std::make_shared<answer_counts>(*options_.metrics, "webhook");
    requests_ = std::make_shared<answer_counts>(*options_.metrics, "request");
}

void ingress::set_webhooks(std::map<std::string, webhook_target> targets) {
    const std::lock_guard lock(guard_);
    webhooks_ = std::move(targets);
}

void ingress::set_ready(bool ready) {
    ready_ = ready;
}

void ingress::handle(inbound_request request, responder reply) {
    const auto& path = request.path;
    const bool post = request.method == "POST";
    if (path.starts_with("/health/") && options_.state != nullptr) {
        auto answer = answer_health(path, *options_.state);
        reply(answer ? std::move(*answer)
                     : problem(404, "not found", "known are /health/live and /health/ready"));
    } else if (path.starts_with(hooks_prefix)) {
        // Some vendors probe a new webhook with GET or HEAD; they get a plain answer, not an error
        // page.
        if (!post && (request.method == "GET" || request.method == "HEAD"))
            reply(json_reply(200, {{"status", "ok"}}));
        else if (!post)
            reply(problem(405, "method not allowed", "webhooks are posted"));
        else if (auto target = path.substr(hooks_prefix.size()); target.empty())
            reply(problem(404, "not found", "POST /hooks/<connection>"));
        else
            webhook(target, std::move(request), std::move(reply));
    } else if (path.starts_with("/flows/")) {
        if (!post)
            reply(problem(405, "method not allowed", "flow requests are posted"));
        else if (auto instance = path.substr(7); instance.empty())
            reply(problem(404, "not found", "POST /flows/<flow>"));
        else
            flow_request(instance, std::move(request), std::move(reply));
    } else {
        reply(problem(404, "not found",
                      "known are POST /hooks/<connection>, POST /flows/<flow>, GET /health/live, "
                      "GET /health/ready"));
    }
}

// Where it goes, or nothing and why.
std::optional<inbound_response> ingress::find_hook(const std::string& target, webhook_target& to) {
    // Not 404 while triggers open or close: some systems drop a webhook for that.
    if (!ready_ || !runs_.has_room()) {
        const error not_now{category::unavailable, "engine.not-ready",
                            "the host is starting, stopping or full; send it again later"};
        return failure_reply(ready_ && runs_.is_disk_low() ? runs_.refusal() : not_now);
    }
    {
        const std::lock_guard lock(guard_);
        const auto it = webhooks_.find(target);
        if (it != webhooks_.end()) to = it->second;
    }
    if (to.connection) return std::nullopt;
    return problem(404, "not found", "no connection takes webhooks at /hooks/" + target);
}

admission ingress::admit(const inbound_request& head) {
    admission out;
    if (head.method != "POST" || !head.path.starts_with(hooks_prefix)) return out;
    webhook_target to;
    if (const auto target = head.path.substr(hooks_prefix.size()); !target.empty())
        out.refusal = find_hook(target, to);
    return out;
}

void ingress::webhook(const std::string& target, inbound_request request, responder reply) {
    webhook_target to;
    if (auto refused = find_hook(target, to)) {
        reply(std::move(*refused));
        return;
    }
    delivery_request d;
    d.kind = MORTISE_TRIGGER_WEBHOOK;
    d.head = head_json(request);
    if (const auto* type = request.header("content-type")) d.media_type = *type;
    if (const auto* trace = request.header("traceparent"))
        d.trace_parent = clean_trace_parent(*trace);
    d.body = std::move(request.body);
    d.timeout = options_.webhook_timeout;
    if (hooks_) reply = hooks_->counted(to.connection->name(), reply, [] { return true; });
    to.connection->deliver(
        to.trigger, std::move(d),
        [reply, target, refusals = refusals_](result<call_answer> answer) {
            if (answer) {
                reply(webhook_reply(answer->json));
                return;
            }
            // The sender is a stranger: what went wrong inside is for the log.
            const auto& e = answer.error();
            if (status_of(e) >= 500) {
                log(log_level::warn, "a webhook was not taken: " + e.message,
                    {{"hook", target}, {"code", e.code}, {"category", to_string(e.category)}});
            } else {
                refusals->refused(target, e);
            }
            reply(failure_reply(e, true));
        });
}

void ingress::flow_request(const std::string& instance, inbound_request request, responder reply) {
    if (requests_)
        reply = requests_->counted(instance, reply, [&] { return runs_.has_flow(instance); });
    event_record e;
    // The caller's key makes a repeat of the request recognisable (IETF draft Idempotency-Key).
    const auto* key = request.header("idempotency-key");
    const auto now = time_.now_unix_ms();
    e.id = key != nullptr ? *key : uuid_v7(now);
    e.source = "/flows/" + instance;
    e.type = "mortise.request";
    e.subject = e.id;
    e.time = now;
    e.via = "request";
    if (const auto* trace = request.header("traceparent"))
        e.trace_parent = clean_trace_parent(*trace);
    const auto trace_parent = e.trace_parent;
    if (!request.body.empty()) {
        // Passed on as it came: nobody but the flow reads it.
        if (const auto good = check_json(request.body); !good) {
            reply(problem(400, "malformed JSON", "the body is not JSON: " + good.error().message));
            return;
        }
    }
    e.data = std::move(request.body);
    runs_.request(
        instance, std::move(e),
        [reply](result<run_id> accepted) {
            if (!accepted) reply(failure_reply(accepted.error()));
        },
        [reply, trace_parent, this](const run_outcome& outcome) {
            if (outcome.state == run_state::succeeded) {
                inbound_response r;
                r.headers.push_back({"mortise-run", outcome.id.str()});
                add_trace_response(r, trace_parent, outcome.id, runs_.trace_share());
                r.body = outcome.result.empty() ? "{}" : outcome.result;
                reply(std::move(r));
                return;
            }
            auto r = failure_reply(outcome.failure.value_or(
                error{category::internal, "run.ended", "the run did not succeed"}));
            r.headers.push_back({"mortise-run", outcome.id.str()});
            add_trace_response(r, trace_parent, outcome.id, runs_.trace_share());
            reply(std::move(r));
        });
}

} // namespace mortise::host
