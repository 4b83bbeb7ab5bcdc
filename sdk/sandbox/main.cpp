// SPDX-License-Identifier: Apache-2.0
// mortise-sandbox: serves the emulators on loopback ports until SIGTERM or SIGINT.
#include "kit/registry.hpp"
#include "kit/server.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace sandbox = mortise::sandbox;
namespace json = boost::json;

namespace {

struct settings {
    std::uint16_t port_base = 18080;
    std::vector<std::string> only;
    std::string webhook_target;
    std::uint64_t seed = 1;
    std::size_t rate_limit = 0;
    long index_delay_ms = -1;
    bool list = false;
    bool as_json = false;
};

std::string base_url(const sandbox::system_entry& s, const settings& with) {
    return "http://127.0.0.1:" + std::to_string(with.port_base + s.port_offset) + s.base_path;
}

void print(const std::vector<sandbox::system_entry>& systems, const settings& with) {
    if (with.as_json) {
        json::array out;
        for (const auto& s : systems)
            out.push_back(json::object{{"system", s.name},
                                       {"base_url", base_url(s, with)},
                                       {"credentials", s.credentials}});
        std::printf("%s\n", json::serialize(out).c_str());
        return;
    }
    for (const auto& s : systems) {
        std::string credentials;
        for (const auto& c : s.credentials)
            credentials += " " + std::string(c.key()) + "=" + std::string(c.value().as_string());
        std::printf("%-16s %s %s\n", s.name.c_str(), base_url(s, with).c_str(),
                    credentials.c_str());
    }
}

// Throws with the known names when one of --only is unknown.
std::vector<sandbox::system_entry> chosen(const settings& with) {
    std::vector<sandbox::system_entry> all = sandbox::all_systems();
    std::string names;
    for (const auto& s : all)
        names += (names.empty() ? "" : ", ") + s.name;
    for (const std::string& name : with.only)
        if (std::none_of(all.begin(), all.end(), [&](const auto& s) { return s.name == name; }))
            throw std::runtime_error("--only: no system \"" + name + "\"; there are: " + names);
    if (!with.only.empty())
        std::erase_if(all, [&](const auto& s) {
            return std::find(with.only.begin(), with.only.end(), s.name) == with.only.end();
        });
    return all;
}

int serve(const std::vector<sandbox::system_entry>& systems, const settings& with) {
    // Blocked before any thread starts, so that only sigwait sees them.
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, nullptr);

    std::vector<sandbox::running> running;
    for (const auto& s : systems) {
        sandbox::emulator_options o;
        o.seed = with.seed;
        o.webhook_target = with.webhook_target;
        o.rate_limit = with.rate_limit;
        o.index_delay = std::chrono::milliseconds(with.index_delay_ms);
        const auto port = static_cast<std::uint16_t>(with.port_base + s.port_offset);
        try {
            running.push_back(sandbox::start(s.make(std::move(o)), port));
        } catch (const boost::system::system_error& e) {
            throw std::runtime_error(s.name +
                                     " cannot listen on 127.0.0.1:" + std::to_string(port) + ": " +
                                     e.code().message() + "; choose other ports with --port-base");
        }
    }
    print(systems, with);
    std::fflush(stdout);
    int signal = 0;
    sigwait(&stop, &signal);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    settings with;
    CLI::App app("Emulators of the systems Mortise connects to, on loopback ports");
    app.add_option("--port-base", with.port_base, "Ports are this plus 1, 2, ... (18080)")
        ->check(CLI::Range(1024, 65'000));
    app.add_option("--only", with.only, "Only these systems, separated by commas")->delimiter(',');
    app.add_option("--webhook-target", with.webhook_target,
                   "URL that seeded webhooks call, e.g. http://127.0.0.1:8080/hooks/iconik");
    app.add_option("--seed", with.seed, "Seed of generated ids (1)");
    app.add_option("--rate-limit", with.rate_limit, "Requests per window; 0 = the system's own");
    app.add_option("--index-delay-ms", with.index_delay_ms,
                   "How long search lags behind; -1 = the system's own");
    app.add_flag("--list", with.list, "Print addresses and credentials, and end");
    app.add_flag("--json", with.as_json, "Print as JSON");
    CLI11_PARSE(app, argc, argv);
    try {
        const std::vector<sandbox::system_entry> systems = chosen(with);
        if (with.list) {
            print(systems, with);
            return 0;
        }
        return serve(systems, with);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "mortise-sandbox: %s\n", e.what());
        return 1;
    }
}
