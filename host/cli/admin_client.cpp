// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_client.hpp"

#include "base/stored_json.hpp"
#include "http/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <fstream>
#include <optional>

namespace mortise::host::cli {

result<boost::json::value> call_host(const std::filesystem::path& state_dir,
                                     std::string method,
                                     std::string path,
                                     const boost::json::value& body,
                                     std::string_view who) {
    std::string address, token;
    std::ifstream(state_dir / "admin-address") >> address;
    std::ifstream(state_dir / "admin-token") >> token;
    if (address.empty() || token.empty()) {
        return error{category::unavailable, "cli.no-host",
                     "no host seems to run with the state folder " + state_dir.string() +
                         " (or its admin-token cannot be read by this user); start it with "
                         "`mortise run`, or check -c and host.state_dir"};
    }
    boost::asio::io_context io;
    const system_clock time;
    http_client client(io.get_executor(), time);
    http_lane_options options;
    options.name = "admin";
    options.egress = {address};
    options.timeout = std::chrono::seconds(60);
    const auto lane = client.make_lane(options);
    if (!lane) return lane.error();
    http_request request;
    request.method = std::move(method);
    request.url = "http://" + address + path;
    request.headers = {{"Authorization", "Bearer " + token},
                       {"Content-Type", "application/json"},
                       {"X-Mortise-Who", std::string(who)}};
    if (!body.is_null()) request.body = boost::json::serialize(body);
    std::optional<result<http_response>> response;
    client.start(*lane, std::move(request), [&](result<http_response> r) {
        response.emplace(std::move(r));
        client.stop({});
    });
    io.run();
    if (!response || !*response) {
        const auto why = response ? response->error().message : std::string("no answer");
        return error{category::unavailable, "cli.no-host",
                     "no host answers at " + address + " (" + why +
                         "); start it with `mortise run`"};
    }
    auto answer = stored_json((*response)->body);
    const auto status = (*response)->status;
    if (status < 300) return answer;
    error e;
    e.http_status = status;
    e.code = "host.refused";
    e.category = status == 404   ? category::not_found
                 : status == 409 ? category::conflict
                 : status == 400 ? category::input
                 : status == 503 ? category::unavailable
                                 : category::unknown;
    e.message = "the host answered " + std::to_string(status);
    if (auto* o = answer.if_object()) {
        const auto text = [o](const char* name, std::string& to) {
            const auto* v = o->if_contains(name);
            if (v != nullptr && v->is_string()) to = v->get_string();
        };
        text("detail", e.message);
        text("code", e.code);
        std::string kind;
        text("title", kind);
        if (const auto c = category_from_string(kind); c != category::unknown) e.category = c;
        if (const auto* problems = o->if_contains("problems"))
            e.details = boost::json::serialize(boost::json::value{{"problems", *problems}});
    }
    return e;
}

} // namespace mortise::host::cli
