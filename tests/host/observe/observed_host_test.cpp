// SPDX-License-Identifier: Apache-2.0
// A whole host as an operator sees it: metrics held against their documentation, the dashboard and
// the alert rules against the metrics; traces from the webhook to the other system; lines of the
// log; alerts.
#include "../engine/host_fixture.hpp"
#include "base/trace_context.hpp"
#include "otlp_receiver.hpp"
#include "support/exposition.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
using mortise::test::read_exposition;

namespace {

const std::string source_folder = MORTISE_SOURCE_DIR;
const std::string caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string text_of_file(const std::string& path) {
    return mortise::test::read_file(source_folder + '/' + path);
}

// Rows of docs/metrics.md: | `name` | type | labels | meaning |
struct documented {
    std::string type;
    std::set<std::string> labels;
};
std::map<std::string, documented> documentation() {
    std::map<std::string, documented> out;
    std::istringstream in(text_of_file("docs/metrics.md"));
    const std::regex row(
        R"(^\| `([a-z0-9_]+)` \| (counter|gauge|histogram) \| ([^|]*) \| (.+) \|$)");
    const std::regex label("`([a-z_]+)`");
    for (std::string line; std::getline(in, line);) {
        std::smatch m;
        if (!std::regex_match(line, m, row)) continue;
        documented d{m[2], {}};
        const std::string labels = m[3];
        for (std::sregex_iterator it(labels.begin(), labels.end(), label), end; it != end; ++it)
            d.labels.insert((*it)[1]);
        CHECK(out.emplace(m[1], d).second);
    }
    return out;
}

// Names of metrics in an expression of PromQL, without what histograms add to them.
std::set<std::string> names_in(const std::string& expression) {
    std::set<std::string> out;
    const std::regex name("\\b(mortise|process)_[a-z0-9_]+\\b");
    for (std::sregex_iterator it(expression.begin(), expression.end(), name), end; it != end;
         ++it) {
        auto text = it->str();
        for (const std::string ending : {"_bucket", "_sum", "_count"})
            if (text.ends_with(ending) && !text.ends_with("_total"))
                text.resize(text.size() - ending.size());
        out.insert(text);
    }
    return out;
}

std::set<std::string> not_documented(const std::set<std::string>& names) {
    const auto known = documentation();
    std::set<std::string> out;
    for (const auto& n : names)
        if (!known.contains(n)) out.insert(n);
    return out;
}

host_setup with_everything(const otlp_receiver& receiver) {
    host_setup s;
    s.extra = "[host.tracing]\nendpoint = \"" + receiver.endpoint() +
              "\"\n[alerts.ops]\non = [\"dead-letter\", \"breaker-open\", \"connection-failing\", "
              "\"ledger-broken\"]\ncommand = [\"/bin/true\"]\n";
    return s;
}

} // namespace

TEST_CASE("every metric is documented, and everything documented is there", "[observe][metrics]") {
    otlp_receiver receiver;
    host_fixture f(with_everything(receiver));
    f.start();
    fault refused;
    refused.times = 1;
    f.target.next("create", refused);
    REQUIRE(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    refused.status = 400;
    f.target.next("create", refused);
    REQUIRE(f.send("e2", plan({R"({"do":"create","name":"b"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    REQUIRE(mortise::test::http_call(f.it->admin_port(), "GET", "/metrics").status == 401);
    REQUIRE(eventually([&] { return f.metric("mortise_trace_spans_exported_total") > 0; }));
    REQUIRE(eventually([&] { return f.metric("mortise_alerts_sent_total{alert=\"ops\"}") == 1; }));
    const auto answer = f.admin("GET", "/metrics");
    CHECK(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    const auto all = read_exposition(answer.body);
    const auto known = documentation();
    CHECK(known.size() > 40);
    for (const auto& [name, family] : all) {
        INFO(name);
        if (name.starts_with("mortise_plugin_") && name != "mortise_plugin_info") continue;
        const auto it = known.find(name);
        REQUIRE(it != known.end());
        CHECK(it->second.type == family.type);
        CHECK(family.help.size() > 10);
        CHECK_FALSE(family.help.ends_with("."));
        if (family.type == "histogram") CHECK(name.ends_with("_seconds"));
        for (const auto& s : family.samples) {
            auto labels = s.labels;
            labels.erase("le");
            for (const auto& [label, value] : labels)
                CHECK(it->second.labels.contains(label));
            CHECK(labels.size() == it->second.labels.size());
        }
    }
    const std::set<std::string> only_sometimes{"mortise_content_bytes_total",
                                               "mortise_admin_sign_ins_total",
                                               "mortise_tls_certificate_expiry_timestamp_seconds"};
    for (const auto& [name, d] : known) {
        INFO(name);
        CHECK((all.contains(name) || only_sometimes.contains(name)));
    }
    const auto value = [&](const std::string& name, const std::string& label) {
        double sum = 0;
        for (const auto& s : all.at(name).samples)
            for (const auto& [k, v] : s.labels)
                if (v == label) sum += s.value;
        return sum;
    };
    CHECK(value("mortise_runs_ended_total", "succeeded") == 1);
    CHECK(value("mortise_runs_ended_total", "failed") == 1);
    CHECK(value("mortise_call_attempts_total", "retrying") == 1);
    CHECK(value("mortise_call_attempts_total", "done") == 1);
    CHECK(value("mortise_http_client_requests_total", "5xx") == 1);
    CHECK(value("mortise_answers_total", "202") == 2);
    // A plugin's counter, which it has called just "answers".
    const auto& of_plugin = all.at("mortise_plugin_answers_total").samples;
    REQUIRE(of_plugin.size() == 1);
    CHECK(of_plugin[0].labels ==
          std::map<std::string, std::string>{{"instance", "target"}, {"plugin", "probe"}});
    CHECK(of_plugin[0].value >= 3);
    CHECK(all.at("mortise_dead_letters").samples.at(0).value == 1);
    CHECK(all.at("process_resident_memory_bytes").samples.at(0).value > 1'000'000);
    CHECK(all.at("process_start_time_seconds").samples.at(0).value > 1.6e9);
    CHECK(all.at("process_open_fds").samples.at(0).value > 5);
    CHECK(all.at("process_cpu_seconds_total").samples.at(0).value > 0);
}

TEST_CASE("panels and alert rules use only metrics there are", "[observe][metrics]") {
    const auto board = boost::json::parse(text_of_file("config/grafana/mortise.json"));
    std::set<std::string> used;
    std::size_t panels = 0;
    for (const auto& panel : board.at("panels").as_array()) {
        if (panel.at("type") == "row") continue;
        ++panels;
        INFO(panel.at("title").as_string().c_str());
        CHECK_FALSE(panel.at("targets").as_array().empty());
        for (const auto& target : panel.at("targets").as_array()) {
            const auto names = names_in(std::string(target.at("expr").as_string()));
            CHECK_FALSE(names.empty());
            used.insert(names.begin(), names.end());
        }
    }
    CHECK(panels >= 12);
    CHECK(not_documented(used).empty());

    std::istringstream rules(text_of_file("config/prometheus/alerts.yml"));
    std::set<std::string> in_rules;
    std::size_t expressions = 0, summaries = 0;
    for (std::string line; std::getline(rules, line);) {
        if (line.find("summary:") != std::string::npos) ++summaries;
        if (line.find("expr:") == std::string::npos) continue;
        ++expressions;
        const auto names = names_in(line);
        INFO(line);
        CHECK_FALSE(names.empty());
        in_rules.insert(names.begin(), names.end());
    }
    CHECK(expressions >= 8);
    CHECK(summaries == expressions);
    CHECK(not_documented(in_rules).empty());
    CHECK_FALSE(not_documented({"mortise_no_such_thing_total"}).empty());
}

TEST_CASE("a trace goes from the webhook through the run to the other system", "[observe][trace]") {
    otlp_receiver receiver;
    std::mutex guard;
    std::vector<std::string> outgoing;
    mortise::test::scripted_server system(mortise::test::answering([&](const std::string& request) {
        const std::lock_guard lock(guard);
        if (request.starts_with("POST")) outgoing.push_back(request); // no polls
        return mortise::test::http_answer(200, R"({"id":"1","name":"a"})");
    }));
    host_setup s;
    s.extra = "[host.tracing]\nendpoint = \"" + receiver.endpoint() +
              "\"\n[connections.other]\nconnector = \"probe\"\nbase_url = \"http://" +
              system.host_port() +
              "\"\n[flows.other]\nflow = \"probe-steps\"\n[flows.other.connections]\n"
              "target = \"other\"\n";
    host_fixture f(s);
    f.start();
    const std::string event = R"({"events":[{"id":"e1","type":"probe.changed","data":)" +
                              plan({R"({"do":"create","name":"a"})"}) + "}]}";
    const bool traced = GENERATE(true, false);
    REQUIRE(f.post("/hooks/other", event, {{"traceparent", traced ? caller : "00-nonsense-01"}})
                .status == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    const auto run = f.runs().at(0).id;
    REQUIRE(eventually([&] { return receiver.spans().size() >= 2; }));
    const auto spans = receiver.spans();
    std::optional<received_span> of_run, of_call;
    for (const auto& s2 : spans) {
        if (s2.text("spanId") == run_span_id(run)) of_run = s2;
        if (s2.attribute("mortise.step.kind") == "call") of_call = s2;
    }
    REQUIRE(of_run);
    REQUIRE(of_call);
    CHECK(of_call->text("parentSpanId") == of_run->text("spanId"));
    CHECK(of_call->text("traceId") == of_run->text("traceId"));
    CHECK((of_run->text("traceId") == "4bf92f3577b34da6a3ce929d0e0e4736") == traced);
    CHECK(of_run->text("parentSpanId") == (traced ? "00f067aa0ba902b7" : ""));
    const std::lock_guard lock(guard);
    REQUIRE(outgoing.size() == 1);
    CHECK(outgoing[0].find("traceparent: 00-" + of_run->text("traceId") + '-' +
                           of_call->text("spanId") + "-01\r\n") != std::string::npos);
}

TEST_CASE("the answer to a request says where its trace is", "[observe][trace]") {
    host_fixture f;
    f.start();
    const auto r =
        f.post("/flows/steps", plan({R"({"do":"create","name":"a"})"}), {{"traceparent", caller}});
    REQUIRE(r.status == 200);
    const auto back = parse_trace_parent(r.header("traceresponse"));
    REQUIRE(back);
    CHECK(back->trace_id == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(back->span_id == run_span_id(run_id(r.header("mortise-run"))));
}

TEST_CASE("a line about a run says which run, step, connection and trace", "[observe][log]") {
    const mortise::test::temp_dir dir;
    const auto file = (dir.path() / "log").string();
    host_setup s;
    s.quiet = false;
    s.host = "log = { format = \"json\", level = \"debug\", file = \"" + file + "\" }\n";
    host_fixture f(s);
    f.start();
    fault refused;
    refused.status = 400;
    f.target.next("create", refused);
    REQUIRE(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    const auto run = f.ended().run.id;
    f.stop();
    std::istringstream in(mortise::test::read_file(file));
    bool failed = false, by_plugin = false;
    for (std::string line; std::getline(in, line);) {
        const auto o = boost::json::parse(line).as_object(); // each line is JSON
        const auto is = [&](const char* key, std::string_view value) {
            const auto* v = o.if_contains(key);
            return v != nullptr && v->is_string() && v->get_string() == value;
        };
        const auto trace = trace_of_run({}, run).trace_id;
        if (std::string_view(o.at("message").as_string()).starts_with("run failed")) {
            failed = true;
            CHECK(is("run", run.str()));
            CHECK(is("flow", "steps"));
            CHECK(is("trace_id", trace));
            CHECK(is("span_id", run_span_id(run)));
            CHECK(o.contains("step"));
        }
        if (is("plugin", "probe") && o.contains("run")) {
            by_plugin = true;
            CHECK(is("run", run.str()));
            CHECK(is("trace_id", trace));
            CHECK(is("connection", "target"));
            CHECK(o.contains("step"));
            CHECK(is("span_id", step_span_id(run, std::string(o.at("step").as_string()), 1)));
        }
    }
    CHECK(failed);
    CHECK(by_plugin);
}

TEST_CASE("a reload takes up another level and file of the log", "[observe][log]") {
    const mortise::test::temp_dir dir;
    const auto line = [&](const char* file, const char* level) {
        return "log = { format = \"json\", level = \"" + std::string(level) + "\", file = \"" +
               (dir.path() / file).string() + "\" }\n";
    };
    host_setup s;
    s.quiet = false;
    s.host = line("first", "error");
    host_fixture f(s);
    f.start();
    f.setup.host = line("second", "info");
    f.write_config();
    REQUIRE(f.it->reload());
    f.stop();
    CHECK(mortise::test::read_file(dir.path() / "first").find("reloaded") == std::string::npos);
    CHECK(mortise::test::read_file(dir.path() / "second").find("configuration reloaded") !=
          std::string::npos);
}

TEST_CASE("health says what an operator should look at", "[observe][health]") {
    host_fixture f;
    f.start();
    const auto ask = [&](unsigned short port) {
        const auto r = mortise::test::http_call(port, "GET", "/health/ready");
        return std::pair(r.status, boost::json::parse(r.body).as_object());
    };
    auto [status, body] = ask(f.it->http_port());
    CHECK(status == 200);
    CHECK(body.at("ready") == true);
    CHECK(body.at("state") == "ready");
    CHECK(body.at("informs").as_array().empty());
    fault refused;
    refused.status = 400;
    f.target.next("create", refused);
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    REQUIRE(f.wait_runs(run_state::failed, 1));
    f.it->gates().pause("target", "secret reason", [](const auto&) {});
    REQUIRE(eventually([&] { return !f.it->gates().find("target")->is_open(); }));
    for (const auto port : {f.it->http_port(), f.it->admin_port()}) {
        std::tie(status, body) = ask(port);
        CHECK(status == 200);
        std::set<std::string> codes;
        for (const auto& i : body.at("informs").as_array())
            codes.insert(std::string(i.at("code").as_string()));
        CHECK(codes == std::set<std::string>{"connection-paused", "dead-letters"});
        CHECK(boost::json::serialize(body).find("secret reason") == std::string::npos);
    }
    CHECK(mortise::test::http_call(f.it->admin_port(), "GET", "/health/live").status == 200);
    CHECK(mortise::test::http_call(f.it->admin_port(), "GET", "/api/v1/runs").status == 401);
}

TEST_CASE("a host that has more to do than it may have is not ready, on both listeners",
          "[observe][health]") {
    host_fixture f;
    f.setup.http = "max_backlog = 1";
    f.start();
    fault hold;
    hold.what = fault::kind::hold;
    f.target.next("create", hold);
    REQUIRE(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    const auto reasons = [&](unsigned short port, int status) {
        const auto r = mortise::test::http_call(port, "GET", "/health/ready");
        CHECK(r.status == status);
        return boost::json::parse(r.body).at("reasons").as_array();
    };
    for (const auto port : {f.it->http_port(), f.it->admin_port()}) {
        const auto why = reasons(port, 503);
        REQUIRE(why.size() == 1);
        CHECK(why.at(0).at("code") == "backlog-full");
        CHECK(mortise::test::http_call(port, "GET", "/health/live").status == 200);
    }
    CHECK(f.send("e2", plan({})) == 503);
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    REQUIRE(eventually([&] {
        return mortise::test::http_call(f.it->http_port(), "GET", "/health/ready").status == 200;
    }));
    CHECK(reasons(f.it->admin_port(), 200).empty());
}

TEST_CASE("a connection that answers nothing but failures informs until it answers again",
          "[observe][health]") {
    host_fixture f;
    f.start();
    const auto failing = [&] {
        const auto r = mortise::test::http_call(f.it->http_port(), "GET", "/health/ready");
        CHECK(r.status == 200);
        const auto report = boost::json::parse(r.body); // outlives the loop over it
        for (const auto& i : report.at("informs").as_array())
            if (i.at("code") == "connection-failing") return true;
        return false;
    };
    CHECK_FALSE(failing());
    const auto gate = f.it->gates().find("target");
    const error down{category::unavailable, "x.down", "it is down"};
    for (int i = 0; i < 10; ++i) {
        const auto a = gate->may_call();
        REQUIRE(a.what == connection_gate::verdict::go);
        gate->report(a.pass, &down);
    }
    REQUIRE(gate->status().breaker == breaker_state::open);
    CHECK(failing());
    breaker_options off;
    off.enabled = false;
    gate->configure(off); // closes it
    CHECK_FALSE(failing());
    const error refused{category::auth, "x.auth", "wrong password"};
    const auto call = [&](const error* failure) { gate->report(gate->may_call().pass, failure); };
    for (int i = 0; i < 3; ++i)
        call(&refused);
    CHECK(failing());
    const auto nodes = boost::json::parse(f.admin("GET", "/api/v1/topology").body);
    CHECK(boost::json::serialize(nodes).find("the credentials are refused (3 times)") !=
          std::string::npos);
    call(nullptr);
    CHECK_FALSE(failing());
}

TEST_CASE("attempts are counted by how they end, and a wait is no attempt's time",
          "[observe][metrics]") {
    host_fixture f;
    f.start();
    const auto attempts = [&](const std::string& outcome) {
        return f.metric("mortise_call_attempts_total{connection=\"target\",outcome=\"" + outcome +
                        "\"}");
    };
    const std::string timed = "mortise_call_attempt_duration_seconds_count{connection=\"target\"}";
    f.it->gates().pause("target", "for now", [](const auto&) {});
    REQUIRE(eventually([&] { return !f.it->gates().find("target")->is_open(); }));
    REQUIRE(f.send("e1", plan({R"({"do":"put","body":{"name":"a"}})"})) == 202);
    REQUIRE(eventually([&] { return attempts("waiting") == 1; }));
    CHECK(f.metric(timed) == 0);
    fault down;
    down.what = fault::kind::status;
    down.status = 503;
    f.target.next("put", down);
    f.it->gates().resume("target", [](const auto&) {});
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(attempts("retrying") == 1);
    CHECK(attempts("done") == 1);
    CHECK(attempts("failed") == 0);
    CHECK(f.metric(timed) == 2);
    CHECK(f.metric("mortise_http_client_requests_total{connection=\"target\",status=\"5xx\"}") ==
          1);
    CHECK(f.metric("mortise_http_client_requests_total{connection=\"target\",status=\"none\"}") ==
          0);
    // Of the run: once, though it was taken up twice.
    CHECK(f.metric("mortise_run_duration_seconds_count{flow=\"steps\"}") == 1);
}

TEST_CASE("health forgets a connection that a reload has removed", "[observe][health]") {
    host_fixture f;
    const std::string spare =
        "[connections.spare]\nconnector = \"probe\"\nbase_url = \"http://127.0.0.1:1\"\n";
    f.setup.extra = spare;
    f.start();
    const auto codes = [&] {
        std::set<std::string> out;
        const auto r = mortise::test::http_call(f.it->http_port(), "GET", "/health/ready");
        const auto report = boost::json::parse(r.body); // outlives the loop over it
        for (const auto& i : report.at("informs").as_array())
            out.insert(std::string(i.at("code").as_string()));
        return out;
    };
    f.it->gates().pause("spare", "for now", [](const auto&) {});
    REQUIRE(eventually([&] { return codes() == std::set<std::string>{"connection-paused"}; }));
    CHECK(f.metric("mortise_connection_paused{connection=\"spare\"}") == 1);
    f.setup.extra.clear();
    f.write_config();
    REQUIRE(f.it->reload());
    CHECK(codes().empty());
    CHECK(f.metric("mortise_connection_paused{connection=\"spare\"}") == 0);
    f.setup.extra = spare; // and is paused still when it is back
    f.write_config();
    REQUIRE(f.it->reload());
    CHECK(codes() == std::set<std::string>{"connection-paused"});
}

TEST_CASE("a dead letter reaches whoever wants to know, and what is wrong with an alert is said",
          "[observe][alerts]") {
    const mortise::test::temp_dir dir;
    const auto out = (dir.path() / "told").string();
    host_setup s;
    s.extra =
        "[alerts.ops]\non = [\"dead-letter\"]\ncommand = [\"/bin/sh\", \"-c\", \"cat >> \\\"" +
        out + "\\\"\"]\n";
    host_fixture f(s);
    f.start();
    fault refused;
    refused.status = 400;
    refused.times = 2;
    f.target.next("create", refused);
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    f.send("e2", plan({R"({"do":"create","name":"b"})"}));
    REQUIRE(f.wait_runs(run_state::failed, 2));
    REQUIRE(eventually([&] {
        return f.metric("mortise_alerts_suppressed_total{alert=\"ops\"}") == 1 &&
               f.metric("mortise_alerts_sent_total{alert=\"ops\"}") == 1;
    }));
    const auto told = boost::json::parse(mortise::test::read_file(out));
    CHECK(told.at("cause") == "dead-letter");
    CHECK(told.at("about").at("flow") == "steps");
    CHECK_FALSE(told.at("host").as_string().empty());
}

TEST_CASE("a reload changes alerts and traces without a restart", "[observe][alerts]") {
    otlp_receiver receiver;
    host_fixture f;
    f.start();
    f.setup.extra = "[host.tracing]\nendpoint = \"" + receiver.endpoint() +
                    "\"\n[alerts.ops]\non = [\"dead-letter\"]\ncommand = [\"/bin/true\"]\n";
    f.write_config();
    const auto report = f.it->reload();
    REQUIRE(report.has_value());
    CHECK(report->restart_needed.empty());
    fault refused;
    refused.status = 400;
    f.target.next("create", refused);
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    REQUIRE(f.wait_runs(run_state::failed, 1));
    CHECK(eventually([&] { return f.metric("mortise_alerts_sent_total{alert=\"ops\"}") == 1; }));
    CHECK(eventually([&] { return receiver.spans().size() == 2; }));
}
