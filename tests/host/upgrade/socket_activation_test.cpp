// SPDX-License-Identifier: Apache-2.0
// A parent that holds the sockets, as systemd does: it passes them by LISTEN_FDS and hears the
// service by NOTIFY_SOCKET.
#include "real_host.hpp"
#include "webhook_clients.hpp"

#include <boost/json.hpp>

#include <arpa/inet.h>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

class manager {
public:
    explicit manager(const std::filesystem::path& folder) : path_((folder / "notify").string()) {
        notify_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        REQUIRE(path_.size() < sizeof(at.sun_path));
        std::memcpy(at.sun_path, path_.c_str(), path_.size());
        REQUIRE(::bind(notify_, reinterpret_cast<sockaddr*>(&at), sizeof(at)) == 0);
    }
    ~manager() {
        ::close(notify_);
        for (const int fd : sockets_)
            ::close(fd);
    }

    // Goes over an exec, as in the process a service manager forks.
    unsigned short listen() {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof(at)) == 0);
        REQUIRE(::listen(fd, 4096) == 0);
        socklen_t size = sizeof(at);
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
        sockets_.push_back(fd);
        return ntohs(at.sin_port);
    }
    int plain_file(const std::filesystem::path& path) {
        sockets_.push_back(::open(path.c_str(), O_RDONLY));
        return sockets_.back();
    }

    // In front of the command: the sockets from 3 on, and the variables.
    std::vector<std::string> before(const std::string& names, const std::string& more = {}) const {
        std::string script = "export NOTIFY_SOCKET='" + path_ +
                             "' LISTEN_PID=$$ LISTEN_FDS=" + std::to_string(sockets_.size()) +
                             " LISTEN_FDNAMES='" + names + "' " + more + "; ";
        // Up first, so that no place is taken before it was read.
        for (std::size_t i = 0; i < sockets_.size(); ++i)
            script += "exec " + std::to_string(200 + i) + "<&" + std::to_string(sockets_[i]) + "; ";
        for (std::size_t i = 0; i < sockets_.size(); ++i)
            script += "exec " + std::to_string(3 + i) + "<&" + std::to_string(200 + i) + ' ' +
                      std::to_string(200 + i) + "<&-; ";
        return {"/bin/bash", "-c", script + "exec \"$0\" \"$@\""};
    }

    bool hears(std::string_view text) {
        return eventually([&] {
            pollfd p{notify_, POLLIN, 0};
            while (::poll(&p, 1, 0) > 0) {
                char buffer[2048];
                const auto n = ::recv(notify_, buffer, sizeof(buffer), 0);
                if (n > 0) heard_ += std::string(buffer, static_cast<std::size_t>(n)) + '\n';
            }
            return heard_.find(text) != std::string::npos;
        });
    }
    void forget() { heard_.clear(); }

private:
    std::string path_, heard_;
    int notify_ = -1;
    std::vector<int> sockets_;
};

} // namespace

TEST_CASE("a host started with sockets serves them and tells the manager", "[activation]") {
    real_host h;
    manager m(h.f.dir.path());
    const auto http = m.listen(), admin = m.listen();
    h.start(m.before("http:admin", "WATCHDOG_USEC=200000"));
    CHECK(m.hears("READY=1"));
    CHECK(m.hears("WATCHDOG=1"));
    CHECK(h.port() == http);
    CHECK(h.admin_port() == admin);
    CHECK(test::http_call(http, "GET", "/health/ready").status == 200);
    m.forget();
    h.child->signal(SIGHUP);
    CHECK(m.hears("RELOADING=1\nMONOTONIC_USEC="));
    CHECK(m.hears("READY=1"));
    m.forget();
    h.child->signal(SIGUSR2);
    CHECK(m.hears("Handing over"));
    CHECK(m.hears("READY=1"));
    CHECK(h.port() == http);
    // Who sent the signals is in the ledger, as who asks at the admin listener is.
    auto token = test::read_file(h.f.dir.path() / "state" / "admin-token");
    token.erase(token.find_last_not_of('\n') + 1);
    const auto answer =
        test::http_call(admin, "GET", "/api/v1/ledger", {}, {{"authorization", "Bearer " + token}});
    REQUIRE(answer.status == 200);
    const auto entries = boost::json::parse(answer.body).at("entries").as_array();
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].at("operation") == "admin:reloadConfiguration");
    CHECK(entries[1].at("operation") == "admin:upgradeHost");
    for (const auto& e : entries) {
        CHECK(e.at("actor").as_string().starts_with("signal:"));
        CHECK(e.at("actor").as_string().size() > 7);
        CHECK(e.at("outcome") == "done");
    }
    h.child->signal(SIGTERM);
    CHECK(m.hears("STOPPING=1"));
    REQUIRE(h.child->wait());
}

TEST_CASE("restarts by the manager refuse nobody", "[activation]") {
    real_host h;
    manager m(h.f.dir.path());
    client_load load;
    load.port = m.listen();
    load.each = 120;
    load.per_second = 55;
    h.start(m.before("http"));
    webhook_clients clients(load);
    constexpr int restarts = 3;
    for (int i = 1; i <= restarts; ++i) {
        REQUIRE(eventually([&] { return clients.sent() > i * 80; }));
        const auto status = h.stop();
        CHECK(WEXITSTATUS(status) == 0);
        h.start(m.before("http"));
    }
    clients.finish();
    for (const auto& problem : clients.lost())
        UNSCOPED_INFO(problem);
    CHECK(clients.lost().empty());
    std::cout << clients.sent() << " webhooks at " << clients.rate() << " a second over "
              << restarts << " restarts, " << clients.lost().size() << " lost\n";
    h.stop();
    h.check_each_once(clients.names());
}

TEST_CASE("sockets that cannot be meant are refused with what to write", "[activation]") {
    real_host h;
    manager m(h.f.dir.path());
    std::string names, reason;
    SECTION("a name that says nothing") {
        m.listen();
        names = "mortise.socket";
        reason = "FileDescriptorName=http";
    }
    SECTION("two of one name") {
        m.listen();
        m.listen();
        names = "http:http";
        reason = "two sockets";
    }
    SECTION("a descriptor that is no listening socket") {
        h.f.dir.write("plain", "text");
        m.plain_file(h.f.dir.path() / "plain");
        names = "http";
        reason = "no listening TCP socket";
    }
    h.f.write_config();
    auto command = m.before(names);
    command.insert(command.end(),
                   {h.program().string(), "-c", (h.f.dir.path() / "mortise.toml").string(), "run"});
    test::child_process child(command, (h.f.dir.path() / "log").string());
    const auto status = child.wait();
    REQUIRE(status);
    CHECK(WEXITSTATUS(*status) == 3);
    INFO(h.log());
    CHECK(h.log().find(reason) != std::string::npos);
}
