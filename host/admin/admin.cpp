// SPDX-License-Identifier: Apache-2.0
#include "admin/admin.hpp"

#include "admin/data_routes.hpp"
#include "admin/replies.hpp"
#include "admin/routes.hpp"
#include "base/digest.hpp"
#include "base/metrics.hpp"
#include "http/listener.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

constexpr std::size_t longest_name = 200;

// Who a note is to name. There is one token, so this is the caller's word for it.
std::string person(const inbound_request& request) {
    const auto* who = request.header("x-mortise-who");
    if (who == nullptr || who->empty()) return "admin";
    return who->substr(0, longest_name);
}

} // namespace

struct admin_server::impl {
    impl(admin_options o, admin_parts p) : options(std::move(o)), parts(std::move(p)) {
        routes.add({.method = "GET",
                    .pattern = "/metrics",
                    .id = "getMetrics",
                    .summary = "All metrics in the Prometheus text format.",
                    .tag = "observability",
                    .content_type = "text/plain; version=0.0.4"},
                   [this](const admin_call& call) {
                       inbound_response r;
                       r.content_type = "text/plain; version=0.0.4";
                       r.body = parts.metrics.text();
                       call.reply(std::move(r));
                   });
        add_run_routes(routes, parts);
        add_dead_letter_routes(routes, parts);
        add_connection_routes(routes, parts);
        add_journal_routes(routes, parts);
        add_data_routes(routes, parts);
    }

    void handle(inbound_request request, responder reply) const {
        const auto* auth = request.header("authorization");
        if (auth == nullptr || !equal_constant_time(*auth, "Bearer " + options.token)) {
            auto r = problem_reply(
                401, "admin.unauthorized",
                "send Authorization: Bearer with the token of <state_dir>/admin-token");
            r.headers.push_back({"www-authenticate", "Bearer"});
            reply(std::move(r));
            return;
        }
        const admin_caller caller{role::admin, person(request)};
        routes.handle(std::move(request), caller, std::move(reply));
    }

    const admin_options options;
    const admin_parts parts;
    route_table routes;
    std::unique_ptr<http_listener> listener;
};

admin_server::admin_server(boost::asio::io_context& io, admin_options options, admin_parts parts)
    : impl_(std::make_shared<impl>(std::move(options), std::move(parts))) {
    listener_options l;
    l.address = impl_->options.address;
    l.port = impl_->options.port;
    l.max_connections = 64;
    l.max_body = 8u << 20; // an edited event may be as large as one that came in
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
