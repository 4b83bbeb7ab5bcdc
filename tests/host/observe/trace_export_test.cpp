// SPDX-License-Identifier: Apache-2.0
// The exporter against receivers that are well, away, slow, busy or not interested.
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/trace_context.hpp"
#include "config/secrets.hpp"
#include "observe/trace_exporter.hpp"
#include "otlp_receiver.hpp"
#include "support/eventually.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <zlib.h>

#include <future>
#include <thread>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
using namespace std::chrono_literals;
using mortise::test::eventually;

namespace {

struct export_fixture {
    export_fixture() {
        run.id = run_id("0190b0a0-0000-7000-8000-000000000001");
        run.instance = "steps";
        run.flow = "probe-steps";
        run.state = run_state::succeeded;
        run.created_at = time.now_unix_ms() - 5;
        event.id = "e1";
        event.type = "probe.changed";
        event.via = "webhook";
    }
    ~export_fixture() {
        stop(10ms);
        std::promise<void> stopped;
        client->stop([&] { stopped.set_value(); });
        stopped.get_future().wait();
        work.reset();
        thread.join();
    }
    void configure(const std::string& endpoint, trace_export_options o = {}) {
        o.url = traces_url(endpoint);
        o.resource = {"mortise", "1.0", "host-1"};
        o.linger = 1ms;
        o.first_pause = 2ms;
        o.longest_pause = 8ms;
        REQUIRE(exporter->configure(*client, std::move(o)).has_value());
    }
    void attempt(std::uint32_t n, const error* failure = nullptr) {
        const auto id = step_span_id(run.id, "copy", n);
        attempt_seen a{.run = run,
                       .event = event,
                       .step = "copy",
                       .target = "dam:assets.get",
                       .connection = "dam",
                       .attempt = n,
                       .span_id = id};
        a.began_unix_us = time.now_unix_ms() * 1000;
        a.ended_unix_us = a.began_unix_us + 250;
        a.failure = failure;
        if (failure != nullptr) a.outcome = attempt_seen::end::failed;
        exporter->attempt_ended(a);
    }
    void end() { exporter->run_changed(run, event); }
    void stop(std::chrono::milliseconds grace) {
        std::promise<void> done;
        exporter->stop(grace, [&] { done.set_value(); });
        done.get_future().wait();
    }
    double metric_of(const std::string& name) {
        const auto text = metrics.text();
        const auto at = text.find("\n" + name + ' ');
        return at == std::string::npos ? -1 : std::atof(text.c_str() + at + name.size() + 2);
    }

    system_clock time;
    metric_registry metrics;
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        io.get_executor()};
    std::thread thread{[this] { io.run(); }};
    asio_timers timers{io};
    std::unique_ptr<http_client> client = std::make_unique<http_client>(io.get_executor(), time);
    std::shared_ptr<trace_exporter> exporter =
        std::make_shared<trace_exporter>(timers, metrics, time);
    run_record run;
    event_record event;
};

std::string unpacked(const std::string& packed) {
    z_stream z{};
    REQUIRE(inflateInit2(&z, 15 + 16) == Z_OK);
    std::string out(1 << 20, '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    z.avail_in = static_cast<uInt>(packed.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    REQUIRE(inflate(&z, Z_FINISH) == Z_STREAM_END);
    out.resize(z.total_out);
    inflateEnd(&z);
    return out;
}

} // namespace

TEST_CASE("spans of a run and its attempts reach the receiver", "[observe][trace]") {
    otlp_receiver receiver;
    export_fixture f;
    f.configure(receiver.endpoint());
    f.event.trace_parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    f.event.subject = "asset 7";
    const error why{category::unavailable, "dam.down", "the system is down"};
    f.attempt(1, &why);
    f.attempt(2);
    f.end();
    REQUIRE(eventually([&] { return f.metric_of("mortise_trace_spans_exported_total") == 3; }));
    const auto spans = receiver.spans();
    REQUIRE(spans.size() == 3);
    CHECK(receiver.seen().front().starts_with("POST /v1/traces HTTP/1.1\r\n"));
    const auto& failed = spans[0];
    const auto& done = spans[1];
    const auto& run = spans[2];
    for (const auto& s : spans)
        CHECK(s.text("traceId") == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(run.text("parentSpanId") == "00f067aa0ba902b7");
    CHECK(run.text("spanId") == run_span_id(f.run.id));
    CHECK(run.text("name") == "run steps");
    CHECK(run.json.at("kind") == 5);
    CHECK(run.attribute("cloudevents.event_id") == "e1");
    CHECK(run.attribute("cloudevents.event_subject") == "asset 7");
    CHECK_FALSE(run.json.contains("status"));
    CHECK(done.text("parentSpanId") == run.text("spanId"));
    CHECK(done.text("spanId") != failed.text("spanId"));
    CHECK(done.json.at("kind") == 3);
    CHECK(done.attribute("mortise.attempt") == "2");
    CHECK(done.attribute("mortise.connection") == "dam");
    CHECK_FALSE(done.json.contains("status"));
    CHECK(failed.attribute("error.type") == "dam.down");
    CHECK(failed.json.at("status").at("message") == "the system is down");
    CHECK(std::strtoll(done.text("endTimeUnixNano").c_str(), nullptr, 10) -
              std::strtoll(done.text("startTimeUnixNano").c_str(), nullptr, 10) ==
          250'000);
}

TEST_CASE("a run without a caller is a trace of its own, and a failed one says so",
          "[observe][trace]") {
    otlp_receiver receiver;
    export_fixture f;
    f.configure(receiver.endpoint() + "/");
    f.run.state = run_state::in_doubt;
    f.run.failure = error{category::unknown, "run.in-doubt", "nobody knows"};
    f.event.via = "request";
    f.end();
    REQUIRE(eventually([&] { return !receiver.seen().empty(); }));
    const auto spans = receiver.spans();
    REQUIRE(spans.size() == 1);
    CHECK_FALSE(spans[0].json.contains("parentSpanId"));
    CHECK(spans[0].json.at("kind") == 2);
    CHECK(spans[0].attribute("mortise.run.state") == "in_doubt");
    CHECK(spans[0].attribute("error.type") == "run.in-doubt");
}

TEST_CASE("a receiver that is busy is asked again, with the same spans", "[observe][trace]") {
    otlp_receiver receiver;
    receiver.next_status = {GENERATE(429, 502, 503, 504), 503};
    export_fixture f;
    f.configure(receiver.endpoint());
    f.end();
    REQUIRE(eventually([&] { return f.metric_of("mortise_trace_spans_exported_total") == 1; }));
    const auto seen = receiver.seen();
    REQUIRE(seen.size() == 3);
    CHECK(body_of(seen[0]) == body_of(seen[2]));
    CHECK(f.metric_of("mortise_trace_export_failures_total") == 2);
    CHECK(f.metric_of("mortise_trace_spans_dropped_total") == 0);
}

TEST_CASE("a receiver that refuses is not asked again", "[observe][trace]") {
    otlp_receiver receiver;
    receiver.next_status = {GENERATE(400, 401, 404, 500)};
    export_fixture f;
    f.configure(receiver.endpoint());
    f.end();
    REQUIRE(eventually([&] { return f.metric_of("mortise_trace_spans_refused_total") == 1; }));
    f.end();
    REQUIRE(eventually([&] { return f.metric_of("mortise_trace_spans_exported_total") == 1; }));
    CHECK(receiver.seen().size() == 2);
}

TEST_CASE("what a receiver takes only in part is counted", "[observe][trace]") {
    otlp_receiver receiver;
    receiver.answer = R"({"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}})";
    export_fixture f;
    f.configure(receiver.endpoint());
    f.end();
    CHECK(eventually([&] { return f.metric_of("mortise_trace_spans_refused_total") == 1; }));
    CHECK(f.metric_of("mortise_trace_spans_exported_total") == 0);
}

TEST_CASE("while the receiver is away the queue stays bounded and the loss is counted",
          "[observe][trace]") {
    export_fixture f;
    trace_export_options o;
    o.queue = 10;
    o.batch = 4;
    o.most_attempts = 1000;
    f.configure("http://127.0.0.1:1", o); // nobody listens there
    for (int i = 0; i < 100; ++i)
        f.end();
    CHECK(f.exporter->queued() <= 14);
    CHECK(f.metric_of("mortise_trace_spans_dropped_total") >= 86);
    f.stop(20ms);
    CHECK(f.exporter->queued() == 0);
    CHECK(f.metric_of("mortise_trace_spans_dropped_total") == 100);
    CHECK(f.metric_of("mortise_trace_spans_exported_total") == 0);
}

TEST_CASE("a receiver that does not answer holds up the end only for the grace",
          "[observe][trace]") {
    std::promise<void> let_go;
    auto released = let_go.get_future().share();
    mortise::test::scripted_server server(
        [released](mortise::test::scripted_server::peer&) { released.wait(); });
    {
        export_fixture f;
        f.configure("http://" + server.host_port());
        f.end();
        REQUIRE(eventually([&] { return server.connections() > 0; }));
        f.stop(30ms);
        CHECK(f.metric_of("mortise_trace_spans_dropped_total") == 1);
        CHECK(f.exporter->queued() == 0);
    }
    let_go.set_value();
}

TEST_CASE("what is queued is sent before the host ends", "[observe][trace]") {
    otlp_receiver receiver;
    export_fixture f;
    trace_export_options o;
    o.batch = 3;
    f.configure(receiver.endpoint(), o);
    for (int i = 0; i < 10; ++i)
        f.end();
    f.stop(10s);
    CHECK(receiver.spans().size() == 10);
    for (const auto& request : receiver.seen())
        CHECK(boost::json::parse(body_of(request))
                  .at_pointer("/resourceSpans/0/scopeSpans/0/spans")
                  .as_array()
                  .size() <= 3);
    f.end();
    CHECK(f.metric_of("mortise_trace_spans_dropped_total") == 1);
}

TEST_CASE("an export can be compressed", "[observe][trace]") {
    otlp_receiver receiver;
    export_fixture f;
    trace_export_options o;
    o.gzip = true;
    f.configure(receiver.endpoint(), o);
    f.end();
    REQUIRE(eventually([&] { return !receiver.seen().empty(); }));
    const auto request = receiver.seen().front();
    CHECK(request.find("content-encoding: gzip\r\n") != std::string::npos);
    CHECK(boost::json::parse(unpacked(body_of(request))).at("resourceSpans").is_array());
}

TEST_CASE("of a share the same traces are chosen everywhere", "[observe][trace]") {
    int chosen = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto id =
            trace_of_run({}, run_id("0190b0a0-0000-7000-8000-" + std::to_string(100000000000 + i)))
                .trace_id;
        if (in_sample(id, 0.25)) ++chosen;
        CHECK_FALSE(in_sample(id, 0));
        CHECK(in_sample(id, 1));
        if (in_sample(id, 0.25)) CHECK(in_sample(id, 0.5));
    }
    CHECK(chosen > 180);
    CHECK(chosen < 320);
    otlp_receiver receiver;
    export_fixture f;
    trace_export_options o;
    o.sample = 0;
    f.configure(receiver.endpoint(), o);
    f.end();
    f.attempt(1);
    CHECK(f.exporter->queued() == 0);
    CHECK(f.metric_of("mortise_trace_spans_dropped_total") == 0);
}

TEST_CASE("known secrets do not get into traces", "[observe][trace]") {
    redact_in_log("s3cr3t-of-the-dam");
    otlp_receiver receiver;
    export_fixture f;
    f.configure(receiver.endpoint());
    f.event.subject = "has s3cr3t-of-the-dam in it";
    const error why{category::unavailable, "dam.down", "login with s3cr3t-of-the-dam failed"};
    f.attempt(1, &why);
    f.end();
    f.stop(10s);
    REQUIRE(receiver.spans().size() == 2);
    for (const auto& request : receiver.seen())
        CHECK(request.find("s3cr3t") == std::string::npos);
}

TEST_CASE("texts that are too long are cut between characters", "[observe][trace]") {
    export_fixture f;
    std::string long_text;
    while (long_text.size() < 5000)
        long_text += "\xc3\xa4";
    f.event.subject = "x" + long_text;
    const auto json = to_otlp_json({span_of_run(f.run, f.event, 1)}, {"a", "b", "c"});
    const auto parsed = boost::json::parse(json); // throws for half a character
    CHECK(json.size() < 4000);
    CHECK(parsed.is_object());
}
