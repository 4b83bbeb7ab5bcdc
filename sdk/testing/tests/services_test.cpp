// SPDX-License-Identifier: Apache-2.0
// The services as a connector and a flow use them, in their good and bad days.
#include "support/catch.hpp"

#include <mortise/sdk.hpp>
#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;
using namespace std::chrono_literals;

namespace {

class probe {
public:
    explicit probe(instance& in)
        : in_(in), count_(in.metrics().counter("probes_total", "Probes made")) {}

    static void describe(connector_builder<probe>& b) {
        b.id("probe").version("1.0.0").title("Probe").needs({service::state, service::content});
        b.operation("count", &probe::count).idempotent();
        b.operation("sleep", &probe::sleep).reads();
        b.operation("race", &probe::race).reads();
        b.operation("upper", &probe::upper).unsafe();
        b.operation("download", &probe::download).reads();
        b.operation("throw", &probe::fail_with).unsafe();
        b.operation("block", &probe::block).blocking();
        b.trigger("ticks").stream(&probe::ticks).event("probe.tick", "{}", "A tick.");
    }

    // Adds one to a stored number.
    task<json::value> count(call_context&, json::object) {
        count_.add();
        const auto old = co_await in_.state().get("n");
        const std::int64_t n = old ? old->value.as_int64() + 1 : 1;
        co_await in_.state().put("n", n, old ? old->version : MORTISE_STATE_ABSENT);
        const auto all = co_await in_.state().list("");
        co_return json::value{{"n", n}, {"keys", all.size()}};
    }
    task<void> sleep(call_context& c, json::object in) {
        co_await c.sleep(std::chrono::milliseconds(in.at("ms").as_int64()));
    }
    // A download against a time limit: the loser's answer comes late, with content.
    task<json::value> race(call_context& c, json::object) {
        std::vector<task<std::string>> both;
        both.push_back(fetch(c));
        both.push_back(late(c));
        auto won = co_await first(std::move(both));
        co_return json::value(won.value);
    }
    task<void> upper(call_context& c, json::object) {
        auto out = in_.content().create("text/plain", std::nullopt, &c);
        for (;;) {
            std::string chunk = co_await c.content().read(7);
            if (chunk.empty()) break;
            for (char& ch : chunk)
                ch = static_cast<char>(std::toupper(ch));
            co_await out.write(std::move(chunk));
        }
        out.finish();
        c.answer_content(std::move(out));
    }
    task<json::value> download(call_context& c, json::object in) {
        auto request = http_request::get("https://h/file");
        request.stream_response = true;
        auto response = co_await c.http().send(std::move(request));
        const auto most = static_cast<std::size_t>(in.at("most").as_int64());
        const std::string all = co_await response.content.read_all(most);
        co_return json::value(all.size());
    }
    task<void> fail_with(call_context&, json::object in) {
        const auto what = require_string(in, "what");
        if (what == "memory") throw std::bad_alloc();
        if (what == "std") throw std::runtime_error("odd");
        if (what == "int") throw 7;
        throw error(category::conflict, "probe.known", "Known.");
        co_return;
    }
    task<json::value> block(call_context& c, json::object) {
        co_return json::value(c.cancelled() ? "late" : c.idempotency_key());
    }
    task<void> ticks(delivery_context& c, std::string cursor) {
        for (int i = cursor.empty() ? 0 : std::stoi(cursor);; ++i) {
            event e("probe.tick", "tick-" + std::to_string(i), "", json::value(i));
            co_await c.emit(std::move(e), std::to_string(i + 1));
            co_await c.sleep(1s);
        }
    }

private:
    task<std::string> fetch(call_context& c) {
        auto request = http_request::get("https://h/slow");
        request.stream_response = true;
        auto response = co_await c.http().send(std::move(request));
        co_return co_await response.content.read_all(1000);
    }
    task<std::string> late(call_context& c) {
        co_await c.sleep(10ms);
        co_return std::string("too slow");
    }

    instance& in_;
    metric count_;
};

struct bench {
    explicit bench(std::uint64_t seed = 0)
        : host(seed), probe_(host.create_connector(connector<probe>())) {}
    void finish() {
        probe_.destroy();
        CHECK(host.violations() == std::vector<std::string>{});
    }
    fake_host host;
    connector_harness probe_;
};

} // namespace

TEST_CASE("state is read, compared and set", "[sdk][state]") {
    bench b;
    CHECK(b.probe_.call("count").value() == parse_json(R"({"n":1,"keys":1})"));
    CHECK(b.probe_.call("count").value().at("n") == 2);
    CHECK(b.host.metric("probes_total") == 2);
    b.finish();
}

TEST_CASE("a sleep ends with its time, or early with its call", "[sdk][time]") {
    bench b;
    const auto slow = b.probe_.start("sleep", {{"ms", 1000}});
    b.host.advance(999ms);
    CHECK_FALSE(slow.done());
    b.host.advance(1ms);
    CHECK(slow.done());
    CHECK_FALSE(slow.outcome().failure);
    const auto cancelled = b.probe_.start("sleep", {{"ms", 1000}});
    cancelled.cancel();
    REQUIRE(cancelled.done());
    CHECK(cancelled.outcome().failure->category == category::cancelled);
    b.finish();
}

TEST_CASE("the answer of a request that lost a race is closed when it comes", "[sdk][http]") {
    bench b;
    b.host.http().expect("GET", "https://h/slow").reply(200, {}, "body").delay(50ms);
    const auto call = b.probe_.start("race");
    b.host.advance(10ms);
    REQUIRE(call.done());
    CHECK(call.outcome().value() == "too slow");
    b.host.advance(100ms);
    b.finish(); // an unclosed content would be a violation
}

TEST_CASE("content flows through in pieces of any size", "[sdk][content]") {
    const std::size_t piece = GENERATE(1, 3, 64 * 1024);
    bench b;
    b.host.limit_transfers(piece);
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += "abc" + std::to_string(i);
    call_options with;
    with.content = b.host.make_content(text, "text/plain");
    const auto got = b.probe_.call("upper", json::object(), with);
    got.value();
    std::string wanted = text;
    for (char& ch : wanted)
        ch = static_cast<char>(std::toupper(ch));
    CHECK(b.host.take_content(got.content) == wanted);
    b.finish();
}

TEST_CASE("content longer than allowed is refused and closed", "[sdk][content]") {
    bench b;
    b.host.http().expect("GET", "https://h/file").reply(200, {}, std::string(5000, 'x')).times(2);
    CHECK(b.probe_.call("download", {{"most", 5000}}).value() == 5000);
    const auto refused = b.probe_.call("download", {{"most", 4999}});
    REQUIRE(refused.failure);
    CHECK(refused.failure->category == category::limit);
    b.finish();
}

TEST_CASE("whatever an operation throws becomes one error of the right kind", "[sdk][guard]") {
    bench b;
    const auto category_of = [&](const char* what) {
        return b.probe_.call("throw", {{"what", what}}).failure.value().category;
    };
    CHECK(category_of("memory") == category::limit);
    CHECK(category_of("std") == category::internal);
    CHECK(category_of("int") == category::internal);
    CHECK(category_of("known") == category::conflict);
    b.finish();
}

TEST_CASE("a blocking operation can ask whether it should stop", "[sdk][call]") {
    bench b;
    CHECK(b.probe_.call("block").value() == "key-1");
    call_options past;
    past.deadline_ns = 1;
    CHECK(b.probe_.call("block", json::object(), past).value() == "late");
    b.finish();
}

TEST_CASE("a stream emits from its opening to its closing and no longer", "[sdk][trigger]") {
    bench b;
    b.probe_.open("ticks", json::object(), "5");
    b.host.advance(2s);
    CHECK(b.probe_.events().size() == 3);
    CHECK(b.probe_.events()[0].id == "tick-5");
    CHECK(b.probe_.cursor("ticks") == "8");
    CHECK(b.probe_.close("ticks"));
    b.host.advance(5s);
    CHECK(b.probe_.events().size() == 3);
    b.finish();
}

namespace {

class waiter_flow {
public:
    explicit waiter_flow(instance&) {}
    static void describe(flow_builder<waiter_flow>& b) {
        b.id("waits").version("1.0.0").on_request();
        b.role("dam", "probe").uses("get");
    }
    task<json::value> run(flow_run& run, event) {
        const std::string id = run.uuid("process");
        const auto drawn = co_await run.record("drawn", runs_++);
        event_wait wait("legal.done", "case-1", 1h);
        json::object out;
        out["id"] = id;
        out["drawn"] = drawn;
        std::vector<task<json::value>> several;
        for (int i = 0; i < 3; ++i) {
            json::value in{{"i", i}};
            several.push_back(
                run.scope("item:" + std::to_string(i)).call("get", "dam", "get", std::move(in)));
        }
        auto got = co_await all(std::move(several));
        out["items"] = json::array(got.begin(), got.end());
        const auto missing = co_await run.try_call("missing", "dam", "get", json::object());
        out["missing"] = missing ? "found" : missing.error().code;
        try {
            const event decision = co_await run.wait_event("legal", std::move(wait));
            out["decision"] = decision.data;
        } catch (const error& e) {
            out["decision"] = std::string(to_string(e.category));
        }
        co_return json::value(std::move(out));
    }

private:
    int runs_ = 0;
};

flow_harness make_waiter(fake_host& host) {
    auto flow = host.create_flow(mortise::flow<waiter_flow>());
    flow.on("dam", "get", [](const json::value& in) -> json::value {
        if (!in.as_object().contains("i")) throw error(category::not_found, "dam.none", "None.");
        return in.at("i").as_int64() * 10;
    });
    return flow;
}

} // namespace

TEST_CASE("a run waits for a decision and replays to the same result", "[sdk][flow]") {
    fake_host host(GENERATE(0, range(1, 8)));
    auto flow = make_waiter(host);
    auto run = flow.start(event("mortise.request", "r1", "", nullptr));
    CHECK_FALSE(run.finished());
    run.replay(); // out of memory and back while it waits
    CHECK_FALSE(run.finished());
    flow.send(event("legal.done", "x", "case-2", json::value("other")));
    CHECK_FALSE(run.finished());
    flow.send(event("legal.done", "y", "case-1", json::value("yes")));
    REQUIRE(run.finished());
    const auto result = run.result();
    CHECK(result.at("decision") == "yes");
    CHECK(result.at("drawn") == 0);
    CHECK(result.at("items") == parse_json("[0,10,20]"));
    CHECK(result.at("missing") == "dam.none");
    CHECK(result.at("id").as_string().size() == 36);
    run.replay();
    CHECK(run.result() == result);
    CHECK(run.effects() == 5); // three items, one that failed, one record
    flow.destroy();
    CHECK(host.violations() == std::vector<std::string>{});
}

TEST_CASE("a decision that does not come is a time-out the flow can handle", "[sdk][flow]") {
    fake_host host;
    auto flow = make_waiter(host);
    auto run = flow.start(event("mortise.request", "r1", "", nullptr));
    host.advance(1h);
    CHECK(run.result().at("decision") == "timeout");
    flow.destroy();
    CHECK(host.violations().empty());
}

namespace {

// Looks at something that is not the same on replay.
class fickle_flow {
public:
    explicit fickle_flow(instance&) {}
    static void describe(flow_builder<fickle_flow>& b) {
        b.id("fickle").version("1.0.0").on_request();
        b.role("dam", "probe").uses("get");
    }
    task<void> run(flow_run& run, event) {
        json::value in{{"i", runs_++}};
        co_await run.call("get", "dam", "get", std::move(in));
    }

private:
    int runs_ = 0;
};

} // namespace

TEST_CASE("a flow that asks something else on replay is found out", "[sdk][flow]") {
    fake_host host;
    auto flow = host.create_flow(mortise::flow<fickle_flow>());
    flow.answer("dam", "get", 1);
    auto run = flow.start(event("mortise.request", "r1", "", nullptr));
    CHECK_FALSE(run.outcome().failure);
    run.replay();
    REQUIRE(run.outcome().failure);
    CHECK(run.outcome().failure->code == "nondeterministic-flow");
}
