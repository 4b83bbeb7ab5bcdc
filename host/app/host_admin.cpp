// SPDX-License-Identifier: Apache-2.0
// The admin listener of a host.
#include "admin/routes.hpp"
#include "app/connection_view.hpp"
#include "app/host_impl.hpp"
#include "app/host_routes.hpp"

#include <boost/json.hpp>

#include <utility>

namespace mortise::host {

result<void> host::impl::listen_admin() {
    const auto& h = config->host;
    if (!config->admin.enabled) return {};
    auto files = admin_files::make(h.state_dir);
    if (!files) return files.error();
    admin_options a;
    a.config = config->admin;
    a.port = options.admin_port;
    a.inherited = std::exchange(options.sockets.admin, -1);
    if (const auto bound = a.inherited >= 0 ? address_of(a.inherited) : std::string();
        !bound.empty())
        a.config.address = bound;
    a.local_token = files->token();
    a.version = MORTISE_VERSION;
    open_admin(a);
    if (const auto ok = admin->start(); !ok) return ok.error();
    if (const auto ok = files->write_address(a.config, admin->port()); !ok) return ok.error();
    admin_beside = std::move(*files);
    return {};
}

void host::impl::open_admin(admin_options o) {
    admin_parts parts{workers, *runs, *store, metrics, time, *letters, *bulk};
    parts.gates = gates.get();
    parts.fills = fills.get();
    parts.transfers = &contents.transfers();
    give_pages(parts);
    parts.add_routes = [this](route_table& to) { add_host_routes(to, calls()); };
    parts.test_connection = [this](const std::string& name, auto done) {
        boost::asio::post(control, [this, name, done] {
            const auto connection = deployed->connection(name);
            if (!connection) {
                done(error{category::not_found, "connection.unknown",
                           "no connection \"" + name + "\" is configured"});
                return;
            }
            connection->test_connection(std::chrono::seconds(30), [done](result<call_answer> r) {
                if (r)
                    done(std::move(r->json));
                else
                    done(r.error());
            });
        });
    };
    parts.list_connections = [this](auto done) {
        boost::asio::post(control, [this, done] {
            boost::json::array out;
            for (const auto& c : deployed->connections())
                out.push_back(to_view(c));
            done(std::move(out));
        });
    };
    admin = std::make_unique<admin_server>(io, std::move(o), std::move(parts));
}

void host::impl::close_admin() {
    if (!admin) return;
    wait_until([&](auto done) { admin->stop(done); });
    if (admin_beside) admin_beside->remove();
}

} // namespace mortise::host
