// SPDX-License-Identifier: Apache-2.0
#include "admin/admin.hpp"

#include "admin/access.hpp"
#include "admin/audit.hpp"
#include "admin/data_routes.hpp"
#include "admin/host_names.hpp"
#include "admin/openapi.hpp"
#include "admin/replies.hpp"
#include "admin/routes.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "console/console_page.hpp"
#include "http/listener.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace mortise::host {
namespace {

// Bytes of a body without a token: what a sign-in needs.
constexpr std::uint64_t most_of_a_stranger = 16u << 10;

access_options access_of(const admin_options& o) {
    return {!o.config.tls.certificate_file.empty(), o.config.address, o.local_token};
}

std::vector<access_token> tokens_of(const admin_config& config) {
    std::vector<access_token> out;
    for (const auto& t : config.tokens)
        out.push_back({t.name, role_from_string(t.role).value_or(role::viewer), t.hash, 0,
                       t.expires_at, 0, token_source::configuration});
    return out;
}

void add_metrics_route(route_table& to, const metric_registry& metrics) {
    to.add({.method = "GET",
            .pattern = "/metrics",
            .id = "getMetrics",
            .summary = "All metrics in the Prometheus text format.",
            .tag = "observability",
            .content_type = "text/plain; version=0.0.4"},
           [&metrics](const admin_call& call) {
               inbound_response r;
               r.content_type = "text/plain; version=0.0.4";
               r.body = metrics.text();
               call.reply(std::move(r));
           });
}

void add_health_routes(route_table& to, const admin_parts& parts) {
    if (!parts.health) return;
    const auto answer = [look = parts.health](bool live) {
        return [look, live](const admin_call& call) {
            const auto health = look();
            inbound_response r;
            r.status = live || health.at("ready").as_bool() ? 200 : 503;
            r.body = boost::json::serialize(health);
            call.reply(std::move(r));
        };
    };
    to.add({.method = "GET",
            .pattern = "/health/live",
            .id = "getLiveness",
            .summary = "Whether the host can answer at all.",
            .tag = "observability",
            .answer = "#/components/schemas/health",
            .open = true},
           answer(true));
    to.add({.method = "GET",
            .pattern = "/health/ready",
            .id = "getReadiness",
            .summary = "Whether the host takes work, and why not: 503 with the same body.",
            .tag = "observability",
            .answer = "#/components/schemas/health",
            .open = true,
            .also = 503},
           answer(false));
}

} // namespace

struct admin_server::impl {
    impl(boost::asio::io_context& io, admin_options o, admin_parts p)
        : timer(boost::asio::make_strand(io)), options(std::move(o)), parts(std::move(p)),
          access(access_of(options), parts.store, parts.time, parts.metrics) {
        use(options.config);
        add_metrics_route(routes, parts.metrics);
        add_health_routes(routes, parts);
        access.add_routes(routes);
        add_run_routes(routes, parts);
        add_dead_letter_routes(routes, parts);
        add_connection_routes(routes, parts);
        add_journal_routes(routes, parts);
        add_data_routes(routes, parts);
        if (parts.add_routes) parts.add_routes(routes);
        routes.audit_with(ledger_audit(parts.store));
        add_openapi_route(routes, options.version);
    }

    void use(const admin_config& config) {
        access.tokens().configure(tokens_of(config));
        access.set_names(config.names);
        access.end_streams();
    }

    // What can be said of a request by its head.
    struct entrance {
        enum class to { nothing, routes, console } leads = to::nothing;
        inbound_response refusal;           // to nothing
        std::optional<admin_caller> caller; // none: open to everybody
    };
    entrance enter(const inbound_request& head) {
        entrance out;
        // Whoever looks after the host asks by its address, without a token.
        if (parts.health && is_health_path(head)) {
            out.leads = entrance::to::routes;
        } else if (auto wrong = access.check_host(head)) {
            out.refusal = std::move(*wrong);
        } else if (is_console_path(head.path)) {
            out.leads = entrance::to::console;
        } else if (routes.is_open(head)) {
            out.leads = entrance::to::routes;
        } else if (auto verdict = access.identify(head); verdict.caller) {
            out.leads = entrance::to::routes;
            out.caller = std::move(verdict.caller);
        } else {
            out.refusal = std::move(verdict.refusal);
        }
        return out;
    }

    // Nobody is to make the host read megabytes before it is known who he is.
    admission admit(const inbound_request& head) {
        admission out;
        auto way = enter(head);
        if (way.leads == entrance::to::nothing)
            out.refusal = std::move(way.refusal);
        else if (way.leads == entrance::to::routes)
            out.refusal = routes.refusal_of(head, way.caller.value_or(admin_caller{}));
        if (!way.caller) out.max_body = most_of_a_stranger;
        if (out.refusal) finish(*out.refusal, head.method, head.path, head.remote);
        return out;
    }

    // Every answer goes through here.
    void finish(inbound_response& answer,
                const std::string& method,
                const std::string& path,
                const std::string& remote) {
        count(method, answer.status);
        note_refusal(answer, method + ' ' + path, remote);
        if (find_header(answer.headers, "cache-control") == nullptr)
            answer.headers.push_back({"cache-control", "no-store"});
        if (find_header(answer.headers, "x-content-type-options") == nullptr)
            answer.headers.push_back({"x-content-type-options", "nosniff"});
    }

    void handle(inbound_request request, responder reply) {
        reply = reply.through(
            [this, method = request.method, path = request.path,
             remote = request.remote](inbound_response answer, const responder& next) {
                finish(answer, method, path, remote);
                next(std::move(answer));
            });
        auto way = enter(request);
        if (way.leads == entrance::to::nothing) {
            reply(std::move(way.refusal));
            return;
        }
        if (way.leads == entrance::to::console) {
            reply(serve_console(request));
            return;
        }
        if (way.caller)
            reply = reply.through(
                [this, caller = *way.caller](inbound_response answer, const responder& next) {
                    if (answer.stream) access.watch(caller, answer.stream);
                    next(std::move(answer));
                });
        routes.handle(std::move(request), way.caller.value_or(admin_caller{}), std::move(reply));
    }

    // Tokens and sessions end by themselves too.
    void look_at_streams(const std::shared_ptr<impl>& self) {
        timer.expires_after(std::chrono::seconds(15));
        timer.async_wait([weak = std::weak_ptr<impl>(self)](boost::system::error_code ended) {
            const auto alive = weak.lock();
            if (ended || !alive) return;
            alive->access.end_streams();
            alive->look_at_streams(alive);
        });
    }

    static bool is_health_path(const inbound_request& r) {
        return r.path == "/health/live" || r.path == "/health/ready";
    }

    void count(const std::string& method, unsigned status) {
        constexpr std::array<std::string_view, 5> known{"GET", "HEAD", "POST", "PUT", "DELETE"};
        const bool usual = std::find(known.begin(), known.end(), method) != known.end();
        parts.metrics
            .get(metric_kind::counter, "mortise_admin_requests_total",
                 "Requests to the admin listener, by method and status",
                 metric_label("method", usual ? method : "other") + ',' +
                     metric_label("status", std::to_string(status)))
            .add(1);
    }

    // What is not in the ledger is in the log and in the metrics.
    void note_refusal(const inbound_response& answer,
                      const std::string& what,
                      const std::string& remote) {
        if (answer.status != 401 && answer.status != 403 && answer.status != 421 &&
            answer.status != 429)
            return;
        const auto status = std::to_string(answer.status);
        parts.metrics
            .get(metric_kind::counter, "mortise_admin_refused_total",
                 "Requests of the admin listener refused for who or where they come from",
                 "status=\"" + status + '"')
            .add(1);
        log(answer.status == 401 ? log_level::debug : log_level::info,
            "request of the admin listener refused",
            {{"request", what}, {"status", status}, {"remote", remote}});
    }

    boost::asio::steady_timer timer; // on its strand after start()
    const admin_options options;
    const admin_parts parts;
    admin_access access;
    route_table routes;
    std::unique_ptr<http_listener> listener;
};

admin_server::admin_server(boost::asio::io_context& io, admin_options options, admin_parts parts)
    : impl_(std::make_shared<impl>(io, std::move(options), std::move(parts))) {
    const auto& config = impl_->options.config;
    listener_options l;
    l.address = config.address;
    l.port = impl_->options.port.value_or(config.port);
    l.max_connections = 128;
    l.max_body = 8u << 20; // an edited event may be as large as one that came in
    l.inherited = impl_->options.inherited;
    l.tls_cert_file = config.tls.certificate_file;
    l.tls_key_file = config.tls.key_file;
    impl_->listener = std::make_unique<http_listener>(
        io, l,
        [raw = impl_.get()](inbound_request request, responder reply) {
            raw->handle(std::move(request), std::move(reply));
        },
        [raw = impl_.get()](const inbound_request& head) { return raw->admit(head); });
}

admin_server::~admin_server() = default;

result<void> admin_server::start() {
    const auto& config = impl_->options.config;
    // Checked with the configuration too; nothing may get around it.
    if (!is_loopback_address(config.address) &&
        (config.tls.certificate_file.empty() || config.tokens.empty())) {
        return error{category::config, "admin.address",
                     "admin.address is " + config.address +
                         ", which other machines can reach: that needs [admin.tls] and a token "
                         "([admin.tokens.NAME]); or use 127.0.0.1"};
    }
    if (const auto loaded = impl_->access.tokens().load(); !loaded) return loaded.error();
    if (const auto listening = impl_->listener->start(); !listening) return listening.error();
    boost::asio::post(impl_->timer.get_executor(), [s = impl_] { s->look_at_streams(s); });
    return {};
}

void admin_server::use(const admin_config& config) {
    impl_->use(config);
}

std::shared_ptr<const tls_identity> admin_server::identity() const {
    return impl_->listener->identity();
}

void admin_server::use(std::shared_ptr<const tls_identity> identity) {
    impl_->listener->use(std::move(identity));
}

std::uint16_t admin_server::port() const {
    return impl_->listener->port();
}

int admin_server::share_socket() const {
    return impl_->listener->share_socket();
}

void admin_server::stop(std::function<void()> stopped) {
    boost::asio::post(impl_->timer.get_executor(), [s = impl_] { s->timer.cancel(); });
    impl_->listener->stop(std::chrono::milliseconds(1000), std::move(stopped));
}

} // namespace mortise::host
