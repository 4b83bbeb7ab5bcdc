// SPDX-License-Identifier: Apache-2.0
// What a reload takes up, names and refuses, and what becomes of the runs under way.
#include "host_fixture.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

using names = std::vector<std::string>;

fault holding() {
    fault f;
    f.what = fault::kind::hold;
    return f;
}

reload_report reloaded(host_fixture& f) {
    f.write_config();
    const auto report = f.it->reload();
    INFO((report ? std::string() : report.error().message));
    REQUIRE(report.has_value());
    return *report;
}

error refused(host_fixture& f) {
    f.write_config();
    const auto report = f.it->reload();
    REQUIRE_FALSE(report.has_value());
    return report.error();
}

boost::json::array problems_of(const error& e) {
    INFO(e.details);
    return boost::json::parse(e.details).at("problems").as_array();
}

const auto two_creates = plan({R"({"do":"create","name":"a"})", R"({"do":"create","name":"b"})"});

// A run whose first call is under way.
void begin_run(host_fixture& f) {
    f.target.next("create", holding());
    REQUIRE(f.send("e1", two_creates) == 202);
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
}

std::string label_of(host_fixture& f, const std::string& name) {
    for (const auto& e : f.target.effects("create"))
        if (e.name == name) return e.label;
    return "not created";
}

} // namespace

TEST_CASE("a reload says what was added, changed and removed", "[reload]") {
    host_fixture f;
    f.setup.extra = "[connections.old]\nconnector = \"probe\"\nbase_url = \"http://127.0.0.1:1\"\n";
    f.start();
    SECTION("nothing, when nothing is written differently") {
        const auto r = reloaded(f);
        CHECK(r.connections.added.empty());
        CHECK(r.connections.changed.empty());
        CHECK(r.connections.removed.empty());
        CHECK(r.flows.changed.empty());
        CHECK(r.restart_needed.empty());
        CHECK(r.revision == f.it->config().revision);
    }
    SECTION("connections and flows by name") {
        f.setup.connection = "label = \"new\"";
        f.setup.flow = "deadline = \"1h\"";
        f.setup.extra = "[connections.more]\nconnector = \"probe\"\nbase_url = "
                        "\"http://127.0.0.1:1\"\n[flows.orders]\nflow = \"probe-order\"\n"
                        "[flows.orders.connections]\ntarget = \"more\"\n";
        const auto r = reloaded(f);
        CHECK(r.connections.added == names{"more"});
        CHECK(r.connections.changed == names{"target"});
        CHECK(r.connections.removed == names{"old"});
        CHECK(r.flows.added == names{"orders"});
        CHECK(r.flows.changed == names{"steps"});
    }
}

TEST_CASE("keys that count from the next start are named, and the rest is applied", "[reload]") {
    host_fixture f;
    f.start();
    f.setup.host = "threads = 3\nmax_active_runs = 77";
    f.setup.http = "max_body = \"2MiB\"";
    f.setup.connection = "label = \"new\"";
    f.setup.extra = "[journal]\nkeep_runs = \"7d\"\n";
    const names wanted{"host.http.max_body", "host.max_active_runs", "host.threads"};
    CHECK(reloaded(f).restart_needed == wanted);
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(label_of(f, "a") == "new");
    // Still so after the next reload, and no more once they are as they were.
    CHECK(reloaded(f).restart_needed == wanted);
    f.setup.host.clear();
    f.setup.http.clear();
    CHECK(reloaded(f).restart_needed.empty());
}

TEST_CASE("a refused reload names every problem with its place", "[reload]") {
    host_fixture f;
    f.setup.connection = "label = \"old\"";
    f.start();
    SECTION("two unknown keys") {
        f.setup.connection = "label = \"new\"\nlabell = 1";
        f.setup.flow = "dedline = \"1h\"";
        const auto problems = problems_of(refused(f));
        REQUIRE(problems.size() >= 2);
        for (const auto& p : problems) {
            CHECK(p.at("line").to_number<int>() > 0);
            CHECK(p.at("severity") == "error");
            CHECK(p.at("file").as_string().ends_with("mortise.toml"));
        }
    }
    SECTION("a file that is no TOML") {
        f.setup.extra = "[connections.x\n";
        CHECK(problems_of(refused(f)).size() == 1);
    }
    SECTION("what is not offered is refused as at a start") {
        f.setup.connection = "label = \"new\"\n[connections.target.grant]\nservices = [\"x\"]\n";
        const auto e = refused(f);
        CHECK(e.message.find("does not offer") != std::string::npos);
        host_options o;
        o.config = f.dir.path() / "mortise.toml";
        CHECK_FALSE(prepare(o).ok);
    }
    SECTION("settings that the plugin itself refuses") {
        f.setup.connection = "label = \"new\"\nsecret = { file = \"" +
                             (f.dir.path() / "not-there").string() + "\" }";
        const auto e = refused(f);
        CHECK(e.message.find("not-there") != std::string::npos);
        CHECK(problems_of(e).size() == 1);
    }
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(label_of(f, "a") == "old");
}

TEST_CASE("a run under way ends with the connection it began with", "[reload]") {
    host_fixture f;
    f.setup.connection = "label = \"old\"";
    f.start();
    begin_run(f);
    f.setup.connection = "label = \"new\"";
    reloaded(f);
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(label_of(f, "a") == "old");
    CHECK(label_of(f, "b") == "old");
    // The twin: one that begins now.
    CHECK(f.send("e2", plan({R"({"do":"create","name":"c"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    CHECK(label_of(f, "c") == "new");
}

TEST_CASE("a step that fails with the former settings is repeated with the new ones", "[reload]") {
    host_fixture f;
    f.setup.connection = "label = \"old\"";
    f.setup.retry = "first_delay = \"10ms\"\nmax_delay = \"20ms\"\nmax_attempts = 500\njitter = 0";
    f.setup.extra = "[connections.target.breaker]\nenabled = false\n";
    f.start();
    fault down;
    down.what = fault::kind::status;
    down.status = 503;
    down.times = 40;
    f.target.next("create", down);
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    REQUIRE(eventually([&] { return f.target.requests("create") >= 1; }));
    f.setup.connection = "label = \"new\"";
    reloaded(f);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(label_of(f, "a") == "new");
}

TEST_CASE("a run under way ends although its flow and connection were removed", "[reload]") {
    host_fixture f;
    const std::string more = "[connections.more]\nconnector = \"probe\"\nbase_url = \"" +
                             f.target.base_url() +
                             "\"\n[flows.others]\nflow = \"probe-steps\"\n"
                             "[flows.others.connections]\ntarget = \"more\"\n";
    f.setup.extra = more;
    f.start();
    f.target.next("create", holding());
    const auto body =
        R"({"events":[{"id":"e1","type":"probe.changed","data":)" + two_creates + "}]}";
    REQUIRE(f.post("/hooks/more", body).status == 202);
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    f.setup.extra.clear();
    const auto r = reloaded(f);
    CHECK(r.connections.removed == names{"more"});
    CHECK(r.flows.removed == names{"others"});
    CHECK(f.post("/hooks/more", body).status == 404);
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 1, "others"));
    CHECK(f.target.count("create", "b") == 1);
    CHECK(f.it->connections().size() == 1);
}

TEST_CASE("a run under way ends with the plugin version it began with", "[reload]") {
    test::temp_dir plugins;
    const std::filesystem::path built(MORTISE_BINARY_DIR);
    std::filesystem::copy_file(built / "test-plugins/probe.so", plugins.path() / "probe-1.so");
    host_fixture f;
    f.setup.plugins = "";
    f.setup.plugin_folders = {plugins.path()};
    f.start();
    f.target.next("create", holding());
    const auto asks_version = plan({R"({"do":"create","name":"a"})", R"({"do":"version"})"});
    REQUIRE(f.send("e1", asks_version) == 202);
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    std::filesystem::copy_file(built / "test-plugins-2/probe_2.so", plugins.path() / "probe-2.so");
    const auto r = reloaded(f);
    CHECK(r.flows.changed == names{"steps"});
    CHECK(r.connections.changed == names{"target"});
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.runs().front().result.find("1.0.0") != std::string::npos);
    REQUIRE(f.send("e2", asks_version) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    CHECK(f.runs().front().result.find("2.0.0") != std::string::npos);
}

TEST_CASE("a reload names the runs that it leaves without their flow", "[reload]") {
    host_fixture f;
    f.start();
    REQUIRE(f.send("e1", plan({R"({"do":"wait","type":"probe.decided","key":"p1"})"}),
                   "probe.changed", "one") == 202);
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    CHECK(reloaded(f).stranded.empty()); // its flow is there
    f.target.next("create", holding());
    REQUIRE(f.send("e2", two_creates, "probe.changed", "two") == 202);
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    REQUIRE(f.send("e3", plan({R"({"do":"create","name":"c"})"}), "probe.changed", "three") == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    f.setup.flow = "enabled = false";
    const auto r = reloaded(f);
    REQUIRE(r.stranded.size() == 1);
    CHECK(r.stranded[0].flow == "steps");
    CHECK(r.stranded[0].waiting == 1);
    CHECK(r.stranded[0].under_way == 1);
    REQUIRE(r.stranded[0].runs.size() == 2);
    const auto view = to_view(r);
    const auto& named = view.at("stranded").as_array().at(0).as_object();
    CHECK(named.at("flow") == "steps");
    CHECK(named.at("waiting").to_number<int>() == 1);
    CHECK(named.at("runs").as_array().at(0) == boost::json::value(r.stranded[0].runs[0].str()));
    // What is in memory ends on what it began with; what waits is said again by the next reload.
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    const auto again = reloaded(f);
    REQUIRE(again.stranded.size() == 1);
    CHECK(again.stranded[0].under_way == 0);
    CHECK(again.stranded[0].runs == std::vector<run_id>{f.runs(run_state::waiting).at(0).id});
    SECTION("put back in time, it goes on as if nothing had been") {
        f.setup.flow.clear();
        CHECK(reloaded(f).stranded.empty());
        REQUIRE(f.send("d1", "{}", "probe.decided", "p1") == 202);
        CHECK(f.wait_runs(run_state::succeeded, 3));
    }
    SECTION("it is a dead letter once it wants to go on") {
        f.setup.flow = "enabled = false";
        f.setup.extra = "[flows.others]\nflow = \"probe-steps\"\n[flows.others.connections]\n"
                        "target = \"target\"\n";
        CHECK(reloaded(f).stranded.size() == 1);
        REQUIRE(f.send("d1", "{}", "probe.decided", "p1") == 202);
        REQUIRE(f.wait_runs(run_state::failed, 1, "steps"));
        CHECK(f.runs(run_state::failed).at(0).failure->code == "flow.not-configured");
        CHECK(reloaded(f).stranded.empty());
    }
}

TEST_CASE("a reload is refused when an alert could not be sent for want of a secret", "[reload]") {
    host_fixture f;
    f.setup.connection = "label = \"old\"";
    f.start();
    f.setup.connection = "label = \"new\"";
    const auto file = f.dir.path() / "key";
    f.setup.extra = "[alerts.night]\non = [\"dead-letter\"]\nwebhook = \"http://127.0.0.1:1/\"\n"
                    "[alerts.night.secret_headers]\nauthorization = { file = \"" +
                    file.string() + "\" }\n";
    const auto e = refused(f);
    CHECK(e.message.find("alerts.night.secret_headers.authorization") != std::string::npos);
    CHECK(e.message.find(file.string()) != std::string::npos);
    CHECK(problems_of(e).size() == 1);
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(label_of(f, "a") == "old");
    f.dir.write("key", "Bearer abc");
    CHECK(reloaded(f).connections.changed == names{"target"});
}

TEST_CASE("a reload that a plugin refuses leaves all as it was", "[reload]") {
    host_fixture f;
    f.setup.connection = "label = \"old\"";
    f.start();
    f.setup.extra = "[connections.more]\nconnector = \"probe\"\nbase_url = \"" +
                    f.target.base_url() +
                    "\"\nlabel = \"refused\"\n[flows.others]\nflow = \"probe-steps\"\n"
                    "[flows.others.connections]\ntarget = \"target\"\n[journal]\n"
                    "keep_count = 1\n";
    f.setup.connection = "label = \"new\"";
    const auto e = refused(f);
    CHECK(e.message.find("mortise.toml:") != std::string::npos);
    CHECK(e.message.find("label") != std::string::npos);
    CHECK(problems_of(e).size() == 1);
    CHECK(f.it->connections().size() == 1);
    for (const char* id : {"e1", "e2"})
        CHECK(f.send(id, plan({R"({"do":"create","name":")" + std::string(id) + R"("})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    CHECK(f.runs().size() == 2); // the new flow did not get them too
    CHECK(label_of(f, "e1") == "old");
    const auto flows = f.admin("GET", "/api/v1/flows").body;
    CHECK(flows.find("others") == std::string::npos);
    const auto trimmed = f.it->store().trim();
    REQUIRE(trimmed.has_value());
    CHECK(trimmed->runs == 0);
}

TEST_CASE("a reload reaches retention and what the admin API tells of flows", "[reload]") {
    host_fixture f;
    f.start();
    for (const char* id : {"e1", "e2", "e3"})
        CHECK(f.send(id, plan({R"({"do":"create","name":")" + std::string(id) + R"("})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 3));
    f.setup.extra = "[journal]\nkeep_count = 1\n[flows.others]\nflow = \"probe-steps\"\n"
                    "[flows.others.connections]\ntarget = \"target\"\n";
    CHECK(reloaded(f).restart_needed.empty());
    const auto trimmed = f.it->store().trim();
    REQUIRE(trimmed.has_value());
    CHECK(f.runs().size() == 1);
    CHECK(f.admin("GET", "/api/v1/flows").body.find("\"others\"") != std::string::npos);
}

TEST_CASE("a flow in use cannot lose its connection alone", "[reload]") {
    host_fixture f;
    f.start();
    begin_run(f);
    f.dir.write("mortise.toml", "[host]\nstate_dir = \"state\"\n[host.http]\nport = 0\n[admin]\n"
                                "port = 0\n[plugins]\npaths = [" +
                                    f.setup.plugins +
                                    "]\n[flows.steps]\nflow = \"probe-steps\"\n"
                                    "[flows.steps.connections]\ntarget = \"target\"\n");
    const auto report = f.it->reload();
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().message.find("\"target\"") != std::string::npos);
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
}

TEST_CASE("a secret that was rotated in its file is used after a reload", "[reload]") {
    host_fixture f;
    const auto file = f.dir.path() / "secret";
    f.dir.write("secret", "first-secret");
    f.setup.connection = "secret = { file = \"" + file.string() + "\" }";
    f.start();
    const auto call = [&](const char* secret) {
        return f
            .post("/hooks/target", R"({"events":[{"id":"e1","type":"probe.changed"}]})",
                  {{"x-probe-secret", secret}})
            .status;
    };
    CHECK(call("first-secret") == 202);
    f.dir.write("secret", "second-secret");
    CHECK(reloaded(f).connections.changed == names{"target"});
    CHECK(call("first-secret") == 401);
    CHECK(call("second-secret") == 202);
    SECTION("and when it has gone the reload is refused and the former goes on") {
        std::filesystem::remove(file);
        CHECK(refused(f).message.find("secret") != std::string::npos);
        f.dir.write("secret", "second-secret");
        CHECK(call("second-secret") == 202);
    }
}

TEST_CASE("a trigger that no flow starts on any more is closed", "[reload]") {
    host_fixture f;
    f.start();
    CHECK(f.it->connections().at(0).triggers.size() == 1);
    f.setup.flow = "enabled = false";
    reloaded(f);
    CHECK(f.it->connections().at(0).triggers.empty());
    CHECK(f.post("/hooks/target", "{}").status == 404);
    f.setup.flow.clear();
    reloaded(f);
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    CHECK(f.wait_runs(run_state::succeeded, 1));
}

TEST_CASE("webhooks sent while the configuration changes are all taken, each once", "[reload]") {
    host_fixture f;
    f.start();
    constexpr int senders = 3, each = 60;
    std::atomic<int> sent{0}, taken{0};
    std::vector<std::thread> threads;
    for (int s = 0; s < senders; ++s) {
        threads.emplace_back([&, s] {
            for (int i = 0; i < each; ++i) {
                const auto id = std::to_string(s) + "-" + std::to_string(i);
                if (f.send("e" + id, plan({R"({"do":"create","name":")" + id + R"("})"})) == 202)
                    ++taken;
                ++sent;
            }
        });
    }
    int reloads = 0;
    std::vector<std::string> refusals;
    for (; sent < senders * each; ++reloads) {
        f.setup.connection = "label = \"l" + std::to_string(reloads) + "\"";
        f.write_config();
        const auto report = f.it->reload();
        if (!report) refusals.push_back(report.error().message);
    }
    for (auto& t : threads)
        t.join();
    CHECK(refusals.empty());
    CHECK(reloads > 3);
    CHECK(taken == senders * each);
    REQUIRE(f.wait_runs(run_state::succeeded, senders * each));
    CHECK(f.target.effects("create").size() == std::size_t(senders * each));
}
