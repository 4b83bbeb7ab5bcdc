// SPDX-License-Identifier: Apache-2.0
// The admin listener of a host.
#include "app/connection_view.hpp"
#include "app/host_impl.hpp"
#include "base/ids.hpp"

#include <boost/json/array.hpp>

#include <fstream>

namespace mortise::host {

result<void> host::impl::listen_admin() {
    const auto& h = config->host;
    if (!config->admin.enabled) return {};
    auto token = kept_text(h.state_dir / "admin-token", [] {
        return uuid_v7(0).substr(24) + uuid_v7(0).substr(24) + uuid_v7(0).substr(24);
    });
    if (!token) return token.error();
    admin_options a;
    a.address = config->admin.address;
    a.port = options.admin_port.value_or(config->admin.port);
    a.token = *token;
    open_admin(std::move(a));
    if (const auto ok = admin->start(); !ok) return ok.error();
    // Where the CLI finds the running host.
    std::ofstream(h.state_dir / "admin-address", std::ios::trunc)
        << config->admin.address << ':' << admin->port() << '\n';
    return {};
}

void host::impl::open_admin(admin_options o) {
    admin_parts parts{workers, *runs, *store, metrics, time, *letters, *bulk};
    parts.gates = gates.get();
    parts.fills = fills.get();
    give_pages(parts);
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
    std::error_code ignored;
    std::filesystem::remove(config->host.state_dir / "admin-address", ignored);
}

} // namespace mortise::host
