// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_client.hpp"

#include "base/no_effect.hpp"
#include "base/stored_json.hpp"
#include "http/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <optional>

namespace mortise::host::cli {
namespace {

// "example.com:8081" of "https://example.com:8081/"; empty when it is no
// address of a host.
std::string authority_of(const std::string& url) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!url.starts_with(scheme)) continue;
        auto rest = url.substr(scheme.size());
        if (rest.ends_with('/')) rest.pop_back();
        if (rest.empty() || rest.find_first_of("/?#@ ") != std::string::npos) return {};
        const auto bracket = rest.rfind(']');
        const auto colon = rest.rfind(':');
        const bool has_port =
            colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
        return has_port ? rest : rest + (scheme.size() == 7 ? ":80" : ":443");
    }
    return {};
}

bool is_loopback(const std::string& authority) {
    return authority.starts_with("127.") || authority.starts_with("localhost:") ||
           authority.starts_with("[::1]:");
}

error refused_by_host(std::uint32_t status, const boost::json::value& answer) {
    error e;
    e.http_status = status;
    e.code = "host.refused";
    e.category = status == 404                    ? category::not_found
                 : status == 401 || status == 403 ? category::denied
                 : status == 409                  ? category::conflict
                 : status == 400                  ? category::input
                 : status == 503                  ? category::unavailable
                                                  : category::unknown;
    e.message = "the host answered " + std::to_string(status);
    const auto* o = answer.if_object();
    if (o == nullptr) return e;
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
    return e;
}

} // namespace

result<host_address> local_host(const std::filesystem::path& state_dir) {
    std::string address, token;
    std::ifstream(state_dir / "admin-address") >> address;
    errno = 0;
    std::ifstream token_file(state_dir / "admin-token");
    if (!token_file && errno == EACCES) {
        return no_effect(category::denied, "cli.no-access",
                         "the host's admin-token in " + state_dir.string() +
                             " cannot be read by this user; use the account of the service or "
                             "root, or --host with a token of your own");
    }
    token_file >> token;
    if (address.empty() || token.empty()) {
        return no_effect(category::unavailable, "cli.no-host",
                         "no host seems to run with the state folder " + state_dir.string() +
                             "; start it with `mortise run`, or check -c and host.state_dir");
    }
    host_address at;
    at.shown = address;
    at.base_url = address.find("://") == std::string::npos ? "http://" + address : address;
    at.token = token;
    // Who can read the token file is on the machine; the certificate names the
    // outside.
    at.verify_tls = false;
    return at;
}

result<host_address> named_host(const common& c) {
    host_address at;
    at.base_url = remote_host(c);
    while (at.base_url.ends_with('/'))
        at.base_url.pop_back();
    at.shown = at.base_url;
    at.ca_file = c.ca_file;
    const auto authority = authority_of(at.base_url);
    const auto wrong = [](std::string message) {
        return no_effect(category::input, "cli.usage", std::move(message));
    };
    if (authority.empty())
        return wrong("--host is the address of an admin listener, such as "
                     "https://mortise.example.com:8081, not \"" +
                     at.base_url + '"');
    if (at.base_url.starts_with("http://") && !is_loopback(authority))
        return wrong("a token is not sent over plain HTTP to another machine; use https:// "
                     "(the "
                     "host needs [admin.tls]) or a tunnel to a port of this machine");
    if (!c.token_file.empty()) {
        std::ifstream in(c.token_file);
        if (!in)
            return no_effect(category::not_found, "cli.file",
                             "cannot read the token file " + c.token_file);
        in >> at.token;
    } else if (const char* token = std::getenv("MORTISE_TOKEN"); token != nullptr) {
        at.token = token;
    }
    if (at.token.empty())
        return wrong("a host over the network needs a token: --token-file FILE or "
                     "MORTISE_TOKEN "
                     "(made with `mortise tokens create`)");
    return at;
}

result<boost::json::value> call_host(const host_address& at, host_call call) {
    boost::asio::io_context io;
    const system_clock time;
    http_client client(io.get_executor(), time);
    http_lane_options options;
    options.name = "admin";
    options.egress = {authority_of(at.base_url)};
    options.timeout = call.timeout;
    options.ca_file = at.ca_file;
    options.verify_tls = at.verify_tls;
    const auto lane = client.make_lane(options);
    if (!lane)
        return no_effect(category::not_found, "cli.file",
                         "cannot read the authority --ca-file " + at.ca_file + " as PEM");
    http_request request;
    request.method = std::move(call.method);
    request.url = at.base_url + call.path;
    request.follow_redirects = false;
    request.headers = {{"Authorization", "Bearer " + at.token},
                       {"Content-Type", "application/json"}};
    if (!call.who.empty()) request.headers.push_back({"X-Mortise-Who", call.who});
    if (!call.body.is_null()) request.body = boost::json::serialize(call.body);
    if (call.take) {
        request.body_sink = [&call](std::string_view piece) {
            return call.take(piece) ? http_piece::taken : http_piece::give_up;
        };
    }
    std::optional<result<http_response>> response;
    client.start(*lane, std::move(request), [&](result<http_response> r) {
        response.emplace(std::move(r));
        client.stop({});
    });
    io.run();
    if (!response || !*response) {
        const auto why = response ? response->error().message : std::string("no answer");
        if (response && response->error().category == category::config)
            return no_effect(category::denied, "cli.certificate",
                             "the certificate of " + at.shown + " is not trusted (" + why +
                                 "); name its authority with --ca-file");
        return no_effect(category::unavailable, "cli.no-host",
                         "no host answers at " + at.shown + " (" + why +
                             "); is it started (`mortise run`)?");
    }
    const auto status = (*response)->status;
    auto answer = stored_json((*response)->body);
    if (status < 300) return answer;
    return refused_by_host(status, answer);
}

} // namespace mortise::host::cli
