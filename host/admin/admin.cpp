// SPDX-License-Identifier: Apache-2.0
#include "admin/admin.hpp"

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/metrics.hpp"
#include "engine/engine.hpp"
#include "http/listener.hpp"
#include "journal/journal.hpp"

#include <boost/json.hpp>

#include <vector>

namespace mortise::host {
namespace {

inbound_response json_reply(unsigned status, const boost::json::value& body) {
    inbound_response r;
    r.status = status;
    r.body = boost::json::serialize(body);
    return r;
}

inbound_response refusal(const error& e) {
    const unsigned status = e.category == category::not_found     ? 404
                            : e.category == category::conflict    ? 409
                            : e.category == category::input       ? 400
                            : e.category == category::config      ? 400
                            : e.category == category::unavailable ? 503
                                                                  : 502;
    return problem(status, to_string(e.category), e.message);
}

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        if (end > at) out.emplace_back(path.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

std::string text_member(const boost::json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

} // namespace

struct admin_server::impl {
    admin_options options;
    engine& runs;
    journal& store;
    const metric_registry& metrics;
    const clock& time;
    tester test_connection;
    std::unique_ptr<http_listener> listener;

    void handle(inbound_request request, responder reply);
    void change_run(const std::string& id,
                    const std::string& action,
                    const boost::json::object& body,
                    responder reply);
    void start_flow(const std::string& flow, const boost::json::object& body, responder reply);
};

void admin_server::impl::handle(inbound_request request, responder reply) {
    const auto* auth = request.header("authorization");
    if (auth == nullptr || !equal_constant_time(*auth, "Bearer " + options.token)) {
        auto r = problem(401, "unauthorized",
                         "send Authorization: Bearer with the token of <state_dir>/admin-token");
        r.headers.push_back({"www-authenticate", "Bearer"});
        reply(std::move(r));
        return;
    }
    if (request.path == "/metrics" && request.method == "GET") {
        inbound_response r;
        r.content_type = "text/plain; version=0.0.4";
        r.body = metrics.text();
        reply(std::move(r));
        return;
    }
    const auto parts = split(request.path);
    boost::json::object body;
    if (!request.body.empty()) {
        boost::system::error_code ec;
        auto value = boost::json::parse(request.body, ec);
        if (ec || !value.is_object()) {
            reply(problem(400, "malformed body", "the body must be a JSON object"));
            return;
        }
        body = std::move(value.get_object());
    }
    const bool api =
        parts.size() == 5 && parts[0] == "api" && parts[1] == "v1" && request.method == "POST";
    if (api && parts[2] == "runs" && (parts[4] == "retry" || parts[4] == "discard")) {
        change_run(parts[3], parts[4], body, std::move(reply));
    } else if (api && parts[2] == "flows" && parts[4] == "start") {
        start_flow(parts[3], body, std::move(reply));
    } else if (api && parts[2] == "connections" && parts[4] == "test") {
        test_connection(parts[3], [reply](result<std::string> r) {
            if (!r) {
                reply(refusal(r.error()));
                return;
            }
            inbound_response ok;
            ok.body = r->empty() ? "{}" : *r;
            reply(std::move(ok));
        });
    } else {
        reply(problem(404, "not found", "see the list in the operator's guide"));
    }
}

void admin_server::impl::change_run(const std::string& id,
                                    const std::string& action,
                                    const boost::json::object& body,
                                    responder reply) {
    const auto reason = text_member(body, "reason");
    if (action == "discard" && reason.empty()) {
        reply(problem(400, "reason missing",
                      "discarding a run needs a reason: {\"reason\":\"...\"}"));
        return;
    }
    const auto* redo_member = body.if_contains("redo");
    const bool redo = redo_member == nullptr || !redo_member->is_bool() || redo_member->get_bool();
    const auto* given = body.if_contains("result");
    auto result_text = given != nullptr ? boost::json::serialize(*given) : std::string();
    auto outcome = std::make_shared<result<void>>();
    store.write(
        [id, action, reason, redo, result_text, outcome](journal_tx& tx) {
            *outcome = action == "retry" ? tx.retry(run_id(id), redo, result_text)
                                         : tx.discard(run_id(id), reason);
        },
        [this, id, action, outcome, reply](const result<void>& ok) {
            if (!ok)
                reply(refusal(ok.error()));
            else if (!*outcome)
                reply(refusal(outcome->error()));
            else {
                if (action == "retry") runs.retried();
                reply(json_reply(
                    200, {{"run", id}, {"state", action == "retry" ? "ready" : "discarded"}}));
            }
        });
}

void admin_server::impl::start_flow(const std::string& flow,
                                    const boost::json::object& body,
                                    responder reply) {
    event_record e;
    e.id = text_member(body, "id");
    if (e.id.empty()) e.id = uuid_v7(time.now_unix_ms());
    e.type = text_member(body, "type");
    if (e.type.empty()) e.type = "mortise.manual";
    e.source = "/manual";
    e.subject = text_member(body, "subject");
    e.time = time.now_unix_ms();
    e.via = "manual";
    if (const auto* data = body.if_contains("data")) e.data = boost::json::serialize(*data);
    runs.request(flow, std::move(e),
                 [reply](result<run_id> r) {
                     if (r)
                         reply(json_reply(202, {{"run", r->str()}}));
                     else
                         reply(refusal(r.error()));
                 },
                 {});
}

admin_server::admin_server(boost::asio::io_context& io,
                           admin_options options,
                           engine& runs,
                           journal& store,
                           const metric_registry& metrics,
                           const clock& time,
                           tester test_connection)
    : impl_(std::make_shared<impl>(impl{std::move(options), runs, store, metrics, time,
                                        std::move(test_connection), nullptr})) {
    listener_options l;
    l.address = impl_->options.address;
    l.port = impl_->options.port;
    l.max_connections = 64;
    impl_->listener = std::make_unique<http_listener>(
        io, l, [raw = impl_.get()](inbound_request request, responder reply) {
            raw->handle(std::move(request), std::move(reply));
        });
}

admin_server::~admin_server() = default;

result<void> admin_server::start() {
    const auto& a = impl_->options.address;
    if (a != "::1" && !a.starts_with("127.")) {
        return error{category::config, "admin.address",
                     "admin.address is " + a +
                         ": the admin listener serves loopback addresses only (127.0.0.1 or ::1)"};
    }
    return impl_->listener->start();
}

std::uint16_t admin_server::port() const {
    return impl_->listener->port();
}

void admin_server::stop(std::function<void()> stopped) {
    impl_->listener->stop(std::chrono::milliseconds(1000), std::move(stopped));
}

} // namespace mortise::host
