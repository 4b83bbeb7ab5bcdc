// SPDX-License-Identifier: Apache-2.0
// The program is replaced by another while clients send: same process, same sockets.
#include "real_host.hpp"
#include "webhook_clients.hpp"

#include <boost/json.hpp>

#include <csignal>
#include <fstream>
#include <iostream>
#include <sys/wait.h>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

std::string program_of(pid_t pid) {
    return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe").string();
}

} // namespace

TEST_CASE("upgrades under load: every webhook is answered, none twice", "[upgrade]") {
    real_host h;
    h.start();
    const auto pid = h.child->pid();
    client_load load;
    load.port = h.port();
    load.kept = load.fresh = 3;
    load.each = 160;
    load.per_second = 50;
    webhook_clients clients(load);
    constexpr int upgrades = 4;
    for (int i = 1; i <= upgrades; ++i) {
        REQUIRE(eventually([&] { return clients.sent() > i * 150; }));
        h.replace_program();
        CHECK(program_of(pid).ends_with("(deleted)"));
        if (i % 2 == 1)
            h.child->signal(SIGUSR2);
        else
            CHECK(h.admin("/api/v1/upgrade").status == 202);
        INFO(h.log());
        REQUIRE(h.wait_for("is ready", std::size_t(i) + 1));
        CHECK(program_of(pid) == h.program().string());
        CHECK(h.port() == load.port);
    }
    clients.finish();
    for (const auto& problem : clients.lost())
        UNSCOPED_INFO(problem);
    CHECK(clients.lost().empty());
    // They are offered 300 a second; what a busy machine makes of it is said, not judged.
    CHECK(clients.sent() == (load.kept + load.fresh) * load.each);
    std::cout << clients.sent() << " webhooks at " << clients.rate() << " a second over "
              << upgrades << " upgrades, " << clients.lost().size() << " lost\n";
    const auto status = h.stop();
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    h.check_each_once(clients.names());
}

TEST_CASE("a program that cannot take over is refused, and nothing has changed", "[upgrade]") {
    real_host h;
    h.start();
    const auto pid = h.child->pid();
    const auto bad = h.f.dir.path() / "bad";
    std::string reason;
    SECTION("it is no program") {
        std::ofstream(bad) << "not a program\n";
        reason = "cannot be started";
    }
    SECTION("it ends with an error") {
        std::ofstream(bad) << "#!/bin/sh\necho broken library >&2\nexit 9\n";
        reason = "broken library";
    }
    SECTION("it refuses the configuration") {
        std::ofstream(bad) << "#!/bin/sh\ncase \"$*\" in *check*) echo 'line 3: no such key'; exit "
                              "3;; esac\necho mortise 9\n";
        reason = "line 3: no such key";
    }
    std::filesystem::permissions(bad, std::filesystem::perms::owner_all);
    h.replace_program(bad);
    const auto answer = h.admin("/api/v1/upgrade");
    CHECK(answer.status >= 400);
    CHECK(answer.body.find(reason) != std::string::npos);
    h.child->signal(SIGUSR2);
    REQUIRE(h.wait_for("no upgrade", 1));
    CHECK(h.log().find(reason) != std::string::npos);
    CHECK(h.child->pid() == pid);
    CHECK(h.times("is ready") == 1);
    CHECK(test::http_call(h.port(), "POST", "/hooks/target",
                          R"({"events":[{"id":"e1","type":"probe.changed"}]})")
              .status == 202);
    h.stop();
}

TEST_CASE("the command hands the host over, or says why not", "[upgrade]") {
    real_host h;
    h.start();
    const auto said = h.f.dir.path() / "said";
    // The status the command ends with.
    const auto upgrade = [&] {
        test::child_process command(
            {MORTISE_PROGRAM, "-c", (h.f.dir.path() / "mortise.toml").string(), "upgrade"},
            said.string());
        const auto status = command.wait(std::chrono::seconds(40));
        REQUIRE(status);
        REQUIRE(WIFEXITED(*status));
        return WEXITSTATUS(*status);
    };
    SECTION("to what is on disk") {
        h.replace_program();
        const auto code = upgrade();
        INFO(test::read_file(said));
        CHECK(code == 0);
        REQUIRE(h.wait_for("is ready", 2));
        CHECK(program_of(h.child->pid()) == h.program().string());
    }
    SECTION("not to what does not start") {
        const auto bad = h.f.dir.path() / "bad";
        std::ofstream(bad) << "#!/bin/sh\necho broken library >&2\nexit 9\n";
        std::filesystem::permissions(bad, std::filesystem::perms::owner_all);
        h.replace_program(bad);
        CHECK(upgrade() == 1);
        CHECK(test::read_file(said).find("broken library") != std::string::npos);
        CHECK(h.times("is ready") == 1);
    }
    h.stop();
}

TEST_CASE("a new program that fails to start gives way to the former one", "[upgrade]") {
    real_host h;
    h.start();
    const auto port = h.port();
    // Good when it is looked at, bad when it is to run: it runs the real one on a state folder that
    // cannot be made.
    const auto bad = h.f.dir.path() / "bad";
    std::filesystem::copy_file(MORTISE_PROGRAM, h.f.dir.path() / "bin" / "real");
    std::ofstream(bad) << "#!/bin/sh\ncase \"$*\" in *run*) set -- -c '" +
                              (h.f.dir.path() / "none.toml").string() + "' run;; esac\nexec '" +
                              (h.f.dir.path() / "bin" / "real").string() + "' \"$@\"\n";
    std::filesystem::permissions(bad, std::filesystem::perms::owner_all);
    h.replace_program(bad);
    CHECK(h.admin("/api/v1/upgrade").status == 202);
    INFO(h.log());
    REQUIRE(h.wait_for("the upgrade failed", 1));
    CHECK(h.port() == port);
    CHECK(test::http_call(port, "POST", "/hooks/target",
                          R"({"events":[{"id":"e1","type":"probe.changed"}]})")
              .status == 202);
    h.stop();
}

TEST_CASE("a host in a test's process has nothing to become", "[upgrade]") {
    host_fixture f;
    f.start();
    CHECK(f.admin("POST", "/api/v1/upgrade").status == 409);
}

TEST_CASE("a reload over the admin listener answers what changed, or every reason", "[upgrade]") {
    host_fixture f;
    f.start();
    f.setup.connection = "label = \"new\"";
    f.write_config();
    const auto good = f.admin("POST", "/api/v1/reload");
    CHECK(good.status == 200);
    CHECK(boost::json::parse(good.body).at_pointer("/changed/connections/changed/0") == "target");
    f.setup.connection = "labell = \"new\"";
    f.write_config();
    const auto bad = f.admin("POST", "/api/v1/reload");
    CHECK(bad.status == 400);
    const auto problems = boost::json::parse(bad.body).at("problems").as_array();
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].at("line").to_number<int>() > 0);
}
