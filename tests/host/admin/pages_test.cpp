// SPDX-License-Identifier: Apache-2.0
// What the console's pages are made from, of a real host: overview, graph, connections, plugins,
// events, settings.
#include "answer_check.hpp"

#include <algorithm>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
namespace json = boost::json;

namespace {

std::string put(const std::string& name) {
    return plan({R"({"do":"put","body":{"name":")" + name + R"("}})"});
}

json::object named(const json::value& list, std::string_view member, std::string_view name) {
    for (const auto& one : list.as_array())
        if (one.at({member.data(), member.size()}).as_string() == name) return one.as_object();
    FAIL("nothing has the " << std::string(member) << ' ' << std::string(name));
    return {};
}

std::int64_t sum(const json::value& series) {
    std::int64_t n = 0;
    for (const auto& v : series.as_array())
        n += v.to_number<std::int64_t>();
    return n;
}

} // namespace

TEST_CASE("the overview tells of the host, its counts and the last ten minutes", "[admin][pages]") {
    host_fixture f;
    f.start();
    const auto idle = good_answer(f, "/api/v1/overview", "overview");
    CHECK(sum(idle.at("traffic").at("events")) == 0);
    CHECK(idle.at("traffic").at("calls").as_array().size() == 60);
    CHECK(idle.at("host").at("config_revision").as_string() == f.it->config().revision);
    CHECK(idle.at("host").at("config_file").as_string().find("mortise.toml") != json::string::npos);
    CHECK(idle.at("memory").at("rss_bytes").to_number<std::uint64_t>() > 1'000'000);
    f.target.next("put", {fault::kind::status, 400, "", 1});
    REQUIRE(f.send("e1", put("a")) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    REQUIRE(f.send("e2", put("b")) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    REQUIRE(eventually([&] {
        const auto now = good_answer(f, "/api/v1/overview", "overview");
        const auto& t = now.at("traffic");
        return sum(t.at("events")) == 2 && sum(t.at("succeeded")) == 1 &&
               sum(t.at("failed")) == 1 && sum(t.at("calls")) == 2;
    }));
    const auto after = good_answer(f, "/api/v1/overview", "overview");
    CHECK(after.at("counts").at("runs").at("failed") == 1);
    CHECK(after.at("counts").at("dead_letters") == 1);
    CHECK(after.at("counts").at("events") == 2);
}

TEST_CASE("the graph shows what is bound to what, what moves, and what is not well",
          "[admin][pages]") {
    host_fixture f;
    f.setup.extra = "[connections.spare]\nconnector = \"probe\"\nenabled = false\nbase_url = \"" +
                    f.target.base_url() + "\"\n";
    f.start();
    f.target.next("put", {fault::kind::status, 400, "", 1});
    REQUIRE(f.send("e1", put("a")) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    REQUIRE(f.send("e2", put("b")) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    json::value graph;
    REQUIRE(eventually([&] {
        graph = good_answer(f, "/api/v1/topology", "topology");
        const auto call = named(graph.at("edges"), "id", "flow:steps>connection:target");
        return call.at("last_minute").at("calls") == 2;
    }));
    const auto call = named(graph.at("edges"), "id", "flow:steps>connection:target");
    CHECK(call.at("kind") == "call");
    CHECK(call.at("role") == "target");
    CHECK(call.at("last_minute").at("errors") == 1);
    const auto trigger = named(graph.at("edges"), "id", "connection:target>flow:steps");
    CHECK(trigger.at("kind") == "trigger");
    CHECK(trigger.at("last_minute").at("events") == 2);
    CHECK(trigger.at("last_at").to_number<std::int64_t>() > 0);
    const auto flow = named(graph.at("nodes"), "id", "flow:steps");
    CHECK(flow.at("state") == "dead_letters");
    CHECK(flow.at("dead_letters") == 1);
    CHECK(named(graph.at("nodes"), "id", "connection:target").at("state") == "well");
    CHECK(named(graph.at("nodes"), "id", "connection:spare").at("state") == "off");
    // A pause shows with its reason, and what waits for it with its flow.
    REQUIRE(f.admin("POST", "/api/v1/connections/target/pause", R"({"reason":"tonight"})").status ==
            200);
    REQUIRE(f.send("e3", put("c")) == 202);
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    graph = good_answer(f, "/api/v1/topology", "topology");
    const auto paused = named(graph.at("nodes"), "id", "connection:target");
    CHECK(paused.at("state") == "paused");
    CHECK(paused.at("detail").as_string().starts_with("tonight"));
    CHECK(named(graph.at("nodes"), "id", "flow:steps").at("waiting") == 1);
}

TEST_CASE("a connection shows its settings, triggers, users and last failure", "[admin][pages]") {
    ::setenv("PROBE_SECRET_B", "a-secret-of-webhooks", 1);
    host_fixture f;
    f.setup.connection = "secret = { env = \"PROBE_SECRET_B\" }\nlabel = \"blue\"\n";
    f.start();
    auto c = good_answer(f, "/api/v1/connections/target", "connection_details");
    CHECK(c.at("last_error").is_null());
    CHECK(c.at("settings").at("secret") == "***");
    CHECK(c.at("settings").at("label") == "blue");
    CHECK_FALSE(c.at("settings").as_object().contains("connector"));
    CHECK(c.at("used_by") == json::array{"steps"});
    const auto trigger = named(c.at("triggers"), "id", "changes");
    CHECK(trigger.at("open") == true);
    CHECK(c.at("limits").at("max_concurrent") == 8);
    CHECK(eventually([&] {
        const auto now = good_answer(f, "/api/v1/connections/target", "connection_details");
        const auto t = named(now.at("triggers"), "id", "changes");
        return t.at("polls") == 1 && t.at("last_poll_at").to_number<std::int64_t>() > 0;
    }));
    REQUIRE(f.admin("POST", "/api/v1/flows/steps/start",
                    R"({"data":{"plan":[{"do":"get","id":"nothing"}]}})")
                .status == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    CHECK(eventually([&] {
        const auto now = good_answer(f, "/api/v1/connections/target", "connection_details");
        return now.at("last_error").is_object() &&
               now.at("last_error").at("category") == "not_found";
    }));
    const auto list = good_list(f, "/api/v1/connections", "connections", "connection");
    CHECK(named(list.at("connections"), "name", "target").at("last_error").at("category") ==
          "not_found");
    CHECK_THAT(refusal_of(f, "/api/v1/connections/tragte", 404), Catch::Contains("tragte"));
    ::unsetenv("PROBE_SECRET_B");
}

TEST_CASE("a poll that fails shows at its connection", "[admin][pages]") {
    host_fixture f;
    f.target.next("changes", {fault::kind::status, 401, "", 1});
    f.start();
    CHECK(eventually([&] {
        const auto c = good_answer(f, "/api/v1/connections/target", "connection_details");
        return c.at("last_error").is_object() && c.at("last_error").at("category") == "auth";
    }));
    const auto c = good_answer(f, "/api/v1/connections/target", "connection_details");
    CHECK(named(c.at("triggers"), "id", "changes").at("polls") == 0);
}

TEST_CASE("plugins show what their files say, and refused ones why", "[admin][pages]") {
    host_fixture f;
    f.dir.write("plugins/broken.so", "this is no library");
    std::filesystem::permissions(f.dir.path() / "plugins", std::filesystem::perms::owner_all);
    f.setup.plugin_folders = {f.dir.path() / "plugins"};
    f.start();
    const auto all = good_list(f, "/api/v1/plugins", "plugins", "plugin");
    const auto refused = named(all.at("plugins"), "state", "refused");
    CHECK(refused.at("id") == "broken.so");
    CHECK(refused.at("refusal").as_string().find("broken.so") != json::string::npos);
    CHECK_FALSE(refused.at("reason_code").as_string().empty());
    CHECK(good_answer(f, "/api/v1/plugins/broken.so", "plugin").at("state") == "refused");
    const auto loaded = named(all.at("plugins"), "state", "loaded");
    const auto id = std::string(loaded.at("id").as_string());
    const auto one = good_answer(f, "/api/v1/plugins/" + id, "plugin_details");
    CHECK(one.at("sha256").as_string().size() == 64);
    CHECK_FALSE(one.at("file").as_string().empty());
    bool found = false;
    for (const auto& p : all.at("plugins").as_array())
        for (const auto& c : p.at("connectors").as_array())
            if (c.at("id") == "probe") {
                const auto probe = good_answer(
                    f, "/api/v1/plugins/" + std::string(p.at("id").as_string()), "plugin_details");
                const auto connector = named(probe.at("connectors"), "id", "probe");
                CHECK(named(connector.at("operations"), "id", "fire").at("effect_class") ==
                      "unsafe");
                CHECK(connector.at("config_schema").at("properties").as_object().contains("label"));
                found = true;
            }
    CHECK(found);
    CHECK_THAT(refusal_of(f, "/api/v1/plugins/nothing", 404), Catch::Contains("nothing"));
}

TEST_CASE("events are listed by type, source and subject, and lead to their runs",
          "[admin][pages]") {
    host_fixture f;
    f.start();
    for (const char* id : {"a1", "a2", "b1"})
        REQUIRE(f.send(id, put(id), "probe.changed", id) == 202);
    REQUIRE(f.send("o1", "{}", "probe.order", "row") == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 3, "steps"));
    const auto count = [&](const std::string& query) {
        return good_list(f, "/api/v1/events?" + query, "events", "event")
            .at("events")
            .as_array()
            .size();
    };
    CHECK(count("") == 4);
    CHECK(count("type=probe.changed") == 3);
    CHECK(count("type=probe.nothing") == 0);
    CHECK(count("source=/connections/target") == 4);
    CHECK(count("source=/connections/other") == 0);
    CHECK(count("subject=a") == 2);
    CHECK(count("subject=a&type=probe.order") == 0);
    // Page by page, newest first, each once.
    std::vector<std::string> seen;
    std::string cursor;
    for (int pages = 0; pages < 5; ++pages) {
        const auto page = good_list(f, "/api/v1/events?limit=3" + cursor, "events", "event");
        for (const auto& e : page.at("events").as_array())
            seen.emplace_back(e.at("id").as_string());
        if (page.at("next").is_null()) break;
        cursor = "&cursor=" + std::string(page.at("next").as_string());
    }
    CHECK(seen == std::vector<std::string>{"o1", "b1", "a2", "a1"});
    const auto first = good_list(f, "/api/v1/events?subject=a1", "events", "event");
    const auto ref = std::string(first.at("events").at(0).at("ref").as_string());
    const auto one = good_answer(f, "/api/v1/events/" + ref, "event_details");
    REQUIRE(one.at("runs").as_array().size() == 1);
    CHECK(one.at("runs").at(0).at("flow") == "steps");
    CHECK(one.at("data").at("plan").at(0).at("do") == "put");
    CHECK_THAT(refusal_of(f, "/api/v1/events/01900000-0000-7000-8000-000000000000", 404),
               Catch::Contains("no event"));
    CHECK_THAT(refusal_of(f, "/api/v1/events?cursor=nonsense", 400), Catch::Contains("nonsense"));
    CHECK_THAT(refusal_of(f, "/api/v1/events?limit=0", 400), Catch::Contains("limit"));
}

TEST_CASE("secrets of the host's own sections are not shown either", "[admin][pages]") {
    ::setenv("PROBE_SECRET_B", "https://alerts.example.com/s3cr3t", 1);
    host_fixture f;
    f.setup.connection = "limits.proxy = \"http://anna:geheim@127.0.0.1:9\"\n";
    f.setup.poll = "24h";
    f.setup.extra = "[alerts.night]\non = [\"ledger-broken\"]\n"
                    "secret_webhook = { env = \"PROBE_SECRET_B\" }\n"
                    "secret_headers.x-key = { env = \"PROBE_SECRET_B\" }\nheaders.x-team = "
                    "\"dam\"\n[host.tracing.secret_headers]\nx-key = { env = "
                    "\"PROBE_SECRET_B\" }\n";
    f.start();
    const auto all = good_answer(f, "/api/v1/settings", "settings");
    const auto alert = named(all.at("sections"), "path", "alerts.night");
    for (const char* name : {"secret_webhook", "secret_headers.x-key"}) {
        const auto s = named(alert.at("settings"), "path", "alerts.night." + std::string(name));
        CHECK(s.at("value") == "***");
        CHECK(s.at("secret") == true);
        CHECK(s.at("reference").at("env") == "PROBE_SECRET_B");
    }
    CHECK(named(alert.at("settings"), "path", "alerts.night.headers.x-team").at("value") == "dam");
    const auto host = named(all.at("sections"), "path", "host");
    CHECK(named(host.at("settings"), "path", "host.tracing.secret_headers.x-key").at("value") ==
          "***");
    const auto target = named(all.at("sections"), "path", "connections.target");
    CHECK(named(target.at("settings"), "path", "connections.target.limits.proxy").at("value") ==
          "http://***@127.0.0.1:9");
    CHECK(good_answer(f, "/api/v1/connections/target", "connection_details")
              .at("limits")
              .at("proxy") == "http://***@127.0.0.1:9");
    for (const char* path : {"/api/v1/settings", "/api/v1/connections/target"})
        CHECK_THAT(f.admin("GET", path).body,
                   !Catch::Contains("geheim") && !Catch::Contains("s3cr3t"));
    ::unsetenv("PROBE_SECRET_B");
}

TEST_CASE("settings are shown with file and line, defaults without, secrets by their source",
          "[admin][pages]") {
    ::setenv("PROBE_SECRET_B", "a-secret-of-webhooks", 1);
    host_fixture f;
    f.setup.connection = "label = \"blue\"\n";
    f.dir.write("conf.d/more.toml", "[connections.other]\nconnector = \"probe\"\nbase_url = \"" +
                                        f.target.base_url() +
                                        "\"\nsecret = { env = \"PROBE_SECRET_B\" }\n");
    f.start();
    const auto all = good_answer(f, "/api/v1/settings", "settings");
    CHECK(all.at("files").as_array().size() == 2);
    const auto lines = f.toml();
    const auto line_of = [&](std::string_view text) {
        return 1 +
               std::count(lines.begin(), lines.begin() + static_cast<long>(lines.find(text)), '\n');
    };
    const auto target = named(all.at("sections"), "path", "connections.target");
    const auto label = named(target.at("settings"), "path", "connections.target.label");
    CHECK(label.at("value") == "blue");
    CHECK(label.at("default") == false);
    CHECK(label.at("line") == line_of("label = "));
    CHECK(label.at("file").as_string().ends_with("mortise.toml"));
    CHECK(label.at("description") == "Sent with every request as x-probe-label");
    const auto standard =
        named(target.at("settings"), "path", "connections.target.limits.max_concurrent");
    CHECK(standard.at("default") == true);
    CHECK(standard.at("value") == 8);
    CHECK_FALSE(standard.contains("line"));
    const auto other = named(all.at("sections"), "path", "connections.other");
    CHECK(other.at("file").as_string().ends_with("more.toml"));
    const auto secret = named(other.at("settings"), "path", "connections.other.secret");
    CHECK(secret.at("value") == "***");
    CHECK(secret.at("secret") == true);
    CHECK(secret.at("reference").at("env") == "PROBE_SECRET_B");
    CHECK(secret.at("line") == 4);
    const auto host = named(all.at("sections"), "path", "host");
    CHECK(named(host.at("settings"), "path", "host.shutdown_grace").at("value") == "2s");
    const auto poll =
        named(target.at("settings"), "path", "connections.target.triggers.changes.poll_interval");
    CHECK(poll.at("value") == "1h");
    ::unsetenv("PROBE_SECRET_B");
}
