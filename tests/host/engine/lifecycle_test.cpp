// SPDX-License-Identifier: Apache-2.0
// Starting, stopping, reloading.
#include "host_fixture.hpp"

#include <fstream>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

fault holding(int times = 1) {
    fault f;
    f.what = fault::kind::hold;
    f.times = times;
    return f;
}

} // namespace

TEST_CASE("a stop lets a run under way reach its end", "[engine][lifecycle]") {
    host_fixture f;
    f.start();
    f.target.next("create", holding());
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    std::thread let_go([&] {
        eventually([&] {
            try {
                mortise::test::http_call(f.it->http_port(), "GET", "/health/ready");
                return false;
            } catch (const std::exception&) {
                return true; // nobody listens any more: the host is stopping
            }
        });
        f.target.release();
    });
    f.it->stop();
    let_go.join();
    f.start();
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.runs().front().starts == 1);
    CHECK(f.target.count("create", "a") == 1);
}

TEST_CASE("what a stop cuts off goes on at the next start, without a double",
          "[engine][lifecycle]") {
    host_setup s;
    host_fixture f(s);
    f.start();
    f.target.next("create", holding());
    f.send("e1", plan({R"({"do":"create","name":"a"})", R"({"do":"create","name":"b"})"}));
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    f.restart();
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.target.count("create", "a") == 1);
    CHECK(f.target.count("create", "b") == 1);
    CHECK(f.target.requests("find") == 1);
}

TEST_CASE("events that came just before a stop are done at the next start", "[engine][lifecycle]") {
    host_fixture f;
    f.start();
    constexpr int n = 30;
    for (int i = 0; i < n; ++i) {
        const auto name = std::to_string(i);
        REQUIRE(f.send("e" + name, plan({R"({"do":"create","name":"n)" + name + R"("})"})) == 202);
    }
    f.restart();
    REQUIRE(f.wait_runs(run_state::succeeded, n));
    for (int i = 0; i < n; ++i)
        CHECK(f.target.count("create", "n" + std::to_string(i)) == 1);
}

TEST_CASE("a host that has stopped can be stopped again", "[engine][lifecycle]") {
    host_fixture f;
    f.start();
    f.it->stop();
    f.it->stop();
}

TEST_CASE("a second host on the same journal is refused with its reason", "[engine][lifecycle]") {
    host_fixture f;
    f.start();
    host_options o;
    o.config = f.dir.path() / "mortise.toml";
    o.quiet = true;
    host::host second(o);
    const auto started = second.start();
    REQUIRE_FALSE(started.has_value());
    CHECK(started.error().category == category::config);
}

TEST_CASE("a port that is taken is refused with the port", "[engine][lifecycle]") {
    host_fixture f;
    f.setup.http = "";
    f.write_config();
    host_options o;
    o.config = f.dir.path() / "mortise.toml";
    o.quiet = true;
    o.http_port = f.target.port();
    host::host h(o);
    const auto started = h.start();
    REQUIRE_FALSE(started.has_value());
    CHECK(started.error().message.find(std::to_string(f.target.port())) != std::string::npos);
}

TEST_CASE("new settings serve new runs and old runs end as they began", "[engine][reload]") {
    host_fixture f;
    f.setup.connection = "label = \"old\"";
    f.start();
    f.target.next("create", holding());
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    f.setup.connection = "label = \"new\"";
    f.write_config();
    CHECK(f.it->reload().has_value());
    CHECK(f.send("e2", plan({R"({"do":"create","name":"b"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    for (const auto& e : f.target.effects("create"))
        CHECK(e.label == (e.name == "a" ? "old" : "new"));
}

TEST_CASE("reloading under load loses nothing and doubles nothing", "[engine][reload]") {
    host_fixture f;
    f.start();
    constexpr int n = 60;
    for (int i = 0; i < n; ++i) {
        const auto name = std::to_string(i);
        const auto status =
            f.send("e" + name,
                   plan({R"({"do":"create","name":"x)" + name + R"("})", R"({"do":"sleep","ms":5})",
                         R"({"do":"create","name":"y)" + name + R"("})"}));
        CHECK(status == 202);
        if (i % 10 == 5) {
            f.setup.connection = "label = \"l" + name + "\"";
            f.setup.flow = i % 20 == 5 ? "deadline = \"1h\"" : "";
            f.write_config();
            const auto reloaded = f.it->reload();
            INFO((reloaded ? std::string() : reloaded.error().message));
            REQUIRE(reloaded.has_value());
        }
    }
    REQUIRE(f.wait_runs(run_state::succeeded, n));
    for (int i = 0; i < n; ++i) {
        CHECK(f.target.count("create", "x" + std::to_string(i)) == 1);
        CHECK(f.target.count("create", "y" + std::to_string(i)) == 1);
    }
}

TEST_CASE("an invalid configuration is refused as a whole", "[engine][reload]") {
    host_fixture f;
    f.setup.connection = "label = \"old\"";
    f.start();
    const auto revision = f.it->config().revision;
    SECTION("a wrong key") {
        f.setup.connection = "label = \"new\"\nlabell = 1";
    }
    SECTION("a flow that is not there") {
        f.setup.connection = "label = \"new\"";
        f.setup.extra = "[flows.more]\nflow = \"no-such-flow\"\n";
    }
    SECTION("an expression that does not compile") {
        f.setup.connection = "label = \"new\"";
        f.setup.flow = "when = \".data |\"";
    }
    f.write_config();
    const auto reloaded = f.it->reload();
    REQUIRE_FALSE(reloaded.has_value());
    CHECK(reloaded.error().message.find("mortise.toml:") != std::string::npos);
    CHECK(f.it->config().revision == revision);
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.target.effects("create").at(0).label == "old");
}

TEST_CASE("a flow can be added and taken away while the host runs", "[engine][reload]") {
    host_fixture f;
    f.start();
    CHECK(f.send("o1", "{}", "probe.order", "k") == 202);
    f.setup.extra = "[flows.orders]\nflow = \"probe-order\"\n[flows.orders.connections]\n"
                    "target = \"target\"\n";
    f.write_config();
    REQUIRE(f.it->reload().has_value());
    CHECK(f.send("o2", "{}", "probe.order", "k") == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1, "orders"));
    f.setup.extra.clear();
    f.write_config();
    REQUIRE(f.it->reload().has_value());
    CHECK(f.send("o3", "{}", "probe.order", "k") == 202);
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1, "steps"));
    CHECK(f.runs({}, "orders").size() == 1);
}

TEST_CASE("a secret that moves to another place is read there after a reload", "[engine][reload]") {
    host_fixture f;
    f.dir.write("one", "first-secret");
    f.dir.write("two", "second-secret");
    const auto from = [&](const char* name) {
        f.setup.connection = "secret = { file = \"" + (f.dir.path() / name).string() + "\" }";
    };
    from("one");
    f.start();
    const auto body = R"({"events":[{"id":"e1","type":"probe.changed"}]})";
    CHECK(f.post("/hooks/target", body, {{"x-probe-secret", "first-secret"}}).status == 202);
    from("two");
    f.write_config();
    REQUIRE(f.it->reload().has_value());
    CHECK(f.post("/hooks/target", body, {{"x-probe-secret", "first-secret"}}).status == 401);
    CHECK(f.post("/hooks/target", body, {{"x-probe-secret", "second-secret"}}).status == 202);
}

TEST_CASE("a plugin dropped into the watched folder takes over without a restart",
          "[engine][reload]") {
    host_fixture f;
    const auto folder = f.dir.path() / "dropped";
    std::filesystem::create_directory(folder);
    const auto fixtures = std::filesystem::path(MORTISE_BINARY_DIR) / "tests/fixtures/good";
    f.setup.plugin_folders = {folder};
    f.start();
    const auto drop = [&](const char* file) {
        // As a careful operator does it: complete before it has its name.
        std::filesystem::copy_file(fixtures / file, folder / "part");
        std::filesystem::rename(folder / "part", folder / file);
    };
    f.setup.extra = "[connections.echo]\nconnector = \"echo\"\n";
    f.write_config();
    REQUIRE_FALSE(f.it->reload().has_value());
    drop("echo_1_0.so");
    REQUIRE(f.it->reload().has_value());
    const auto version = [&] {
        const auto states = f.it->connections();
        for (const auto& c : states) {
            if (c.name == "echo") return c.version;
        }
        return std::string("none");
    };
    CHECK(version() == "1.0.0");
    drop("echo_1_1.so");
    CHECK(eventually([&] { return version() == "1.1.0"; }));
    std::filesystem::copy_file(f.dir.path() / "mortise.toml", folder / "part");
    std::filesystem::rename(folder / "part", folder / "no-plugin.so");
    // The ledger names what came that way: the first was there for the reload, or came before it.
    const auto noted = [&](const std::string& object) -> std::string {
        std::string outcome;
        f.it->store().read([&](journal_reader& r) {
            for (const auto& e : r.ledger({.operation = "admin:loadPlugin"})) {
                CHECK(e.actor == "system:plugin-folder");
                if (e.object == object) outcome += e.outcome;
            }
        });
        return outcome;
    };
    CHECK(eventually([&] { return noted("test.echo 1.1.0") == "done"; }));
    CHECK(eventually([&] { return noted("no-plugin.so") == "refused"; }));
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    CHECK(f.wait_runs(run_state::succeeded, 1));
}
