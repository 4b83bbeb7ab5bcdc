// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <mortise/sdk/flow.hpp>
#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;
using namespace std::chrono_literals;

namespace {

// Waits for a decision and reminds by mail.
struct approval {
    explicit approval(instance&) {}
    static void describe(flow_builder<approval>& b) {
        b.id("approval").version("1.0.0").on_manual();
        b.role("mail", "mail").uses("send");
    }
    static task<void> write(flow_run run, int n) {
        json::value input{{"n", n}};
        co_await run.scope("mail-" + std::to_string(n)).call("send", "mail", "send", input);
    }
    task<json::value> run(flow_run& r, event first) {
        const auto ms = [&](const char* name) {
            return std::chrono::milliseconds(optional_int(first.data, name).value_or(0));
        };
        event_wait decision("approval.decided", "request-1", ms("timeout"));
        decision.remind_after = ms("after");
        decision.remind_every = ms("every");
        if (first.data.as_object().contains("after") || first.data.as_object().contains("every")) {
            decision.remind = [&r](int n) { return write(r, n); };
        }
        if (optional_bool(first.data, "no_handler").value_or(false)) decision.remind = nullptr;
        const event got = co_await r.wait_event("decision", std::move(decision));
        co_await r.sleep_for("cool-down", 1h);
        co_return got.data;
    }
};

constexpr std::int64_t hour = 3'600'000;

struct bench {
    explicit bench(std::uint64_t seed = 0)
        : host(seed), flow(host.create_flow(mortise::flow<approval>())) {
        flow.on("mail", "send", [this](const json::value& in) -> json::value {
            sent.emplace_back(require_int(in, "n"), host.now());
            return nullptr;
        });
    }
    test_run start(json::value times) const {
        return flow.start({"mortise.manual", "m-1", "s", std::move(times)});
    }
    void decide() const { flow.send({"approval.decided", "d-1", "request-1", "yes"}); }
    // Hours after the start at which the reminders came.
    std::vector<long> hours() const {
        std::vector<long> out;
        for (const auto& [n, at] : sent)
            out.push_back(std::chrono::duration_cast<std::chrono::hours>(at - began).count());
        return out;
    }
    void finish() {
        flow.destroy();
        CHECK(host.violations() == std::vector<std::string>{});
    }
    fake_host host;
    flow_harness flow;
    std::vector<std::pair<std::int64_t, time_point>> sent;
    time_point began = host.now();
};

} // namespace

TEST_CASE("reminders come first after one time, then at each other, until the event",
          "[sdk][reminder]") {
    bench b(GENERATE(0, range(1, 8)));
    auto run = b.start({{"after", 3 * hour}, {"every", hour}});
    b.host.advance(2h);
    CHECK(b.hours().empty());
    b.host.advance(4h);
    CHECK(b.hours() == std::vector<long>{3, 4, 5, 6});
    b.decide();
    b.host.advance(30min);
    CHECK_FALSE(run.finished()); // cooling down
    b.host.advance(24h);
    CHECK(run.result() == "yes");
    CHECK(b.sent.size() == 4);
    b.finish();
}

TEST_CASE("without remind_every there is one reminder, without remind_after they begin with it",
          "[sdk][reminder]") {
    bench b;
    SECTION("one") {
        auto run = b.start({{"after", 2 * hour}});
        b.host.advance(100h);
        CHECK(b.hours() == std::vector<long>{2});
        b.decide();
        b.host.advance(1h);
        CHECK(run.result() == "yes");
    }
    SECTION("regular") {
        b.start({{"every", 2 * hour}});
        b.host.advance(7h);
        CHECK(b.hours() == std::vector<long>{2, 4, 6});
    }
    b.finish();
}

TEST_CASE("an event before the first reminder means none", "[sdk][reminder]") {
    bench b;
    auto run = b.start({{"after", 3 * hour}, {"every", hour}});
    b.host.advance(1h);
    b.decide();
    b.host.advance(24h);
    CHECK(run.result() == "yes");
    CHECK(b.sent.empty());
    b.finish();
}

TEST_CASE("the wait times out in spite of its reminders", "[sdk][reminder]") {
    bench b;
    auto run = b.start({{"every", 2 * hour}, {"timeout", 5 * hour}});
    b.host.advance(5h);
    REQUIRE(run.finished());
    REQUIRE(run.outcome().failure);
    CHECK(run.outcome().failure->category == category::timeout);
    CHECK(b.hours() == std::vector<long>{2, 4});
    b.host.advance(24h);
    CHECK(b.sent.size() == 2);
    b.finish();
}

TEST_CASE("a replay at any time reminds no one twice and takes the same steps", "[sdk][reminder]") {
    bench b(GENERATE(0, range(1, 6)));
    auto run = b.start({{"after", 3 * hour}, {"every", 2 * hour}});
    for (int half = 0; half < 16; ++half) { // 8 hours
        b.host.advance(30min);
        run.replay();
        REQUIRE_FALSE(run.finished());
    }
    CHECK(b.hours() == std::vector<long>{3, 5, 7});
    b.decide();
    run.replay();
    b.host.advance(1h);
    REQUIRE(run.finished());
    CHECK(run.result() == "yes");
    const auto effects = run.effects();
    run.replay(); // the whole of it, from the journal
    b.host.advance(24h);
    CHECK(run.result() == "yes");
    CHECK(run.effects() == effects);
    CHECK(b.sent.size() == 3);
    b.finish();
}

TEST_CASE("an event that came while the run was not in memory ends the wait after the reminders "
          "that came before it",
          "[sdk][reminder]") {
    bench b;
    auto run = b.start({{"after", 1 * hour}, {"every", hour}});
    b.host.advance(150min);
    CHECK(b.sent.size() == 2);
    run.drop();
    b.decide();
    b.host.advance(12h);
    run.replay();
    b.host.advance(2h);
    CHECK(run.result() == "yes");
    CHECK(b.sent.size() == 2);
    b.finish();
}

TEST_CASE("a late reminder comes once, not once for each that was missed", "[sdk][reminder]") {
    bench b;
    auto run = b.start({{"every", hour}});
    b.host.advance(90min);
    run.drop(); // the host is down
    b.host.advance(10h);
    run.replay();
    b.host.advance(0h);
    CHECK(b.sent.size() == 2);
    b.host.advance(59min);
    CHECK(b.sent.size() == 2);
    b.host.advance(1min);
    CHECK(b.sent.size() == 3);
    b.finish();
}

TEST_CASE("an event that comes while a reminder is at work lets it finish", "[sdk][reminder]") {
    bench b(GENERATE(0, range(1, 6)));
    b.flow.on("mail", "send", [&](const json::value& in) -> json::value {
        b.sent.emplace_back(require_int(in, "n"), b.host.now());
        return nullptr;
    });
    auto run = b.start({{"after", hour}, {"every", hour}, {"timeout", hour}});
    // The reminder and the time-out are due at once, in an order that the seed decides.
    b.host.advance(1h);
    REQUIRE(run.finished());
    CHECK(run.outcome().failure->category == category::timeout);
    const auto mails = b.sent.size();
    CHECK(mails <= 1);
    run.replay();
    CHECK(run.outcome().failure->category == category::timeout);
    CHECK(b.sent.size() == mails);
    b.finish();
}

TEST_CASE("a reminder that fails ends the wait with its error", "[sdk][reminder]") {
    bench b;
    b.flow.fail("mail", "send", error(category::denied, "mail.denied", "Not allowed."));
    auto run = b.start({{"after", hour}});
    b.host.advance(1h);
    REQUIRE(run.finished());
    CHECK(run.outcome().failure->code == "mail.denied");
    b.decide(); // nobody waits any more
    b.host.advance(24h);
    b.finish();
}

TEST_CASE("a cancelled run ends while it waits between reminders", "[sdk][reminder]") {
    bench b(GENERATE(0, range(1, 6)));
    auto run = b.start({{"after", hour}, {"every", hour}});
    b.host.advance(90min);
    run.cancel();
    REQUIRE(run.finished());
    CHECK(run.outcome().failure->category == category::cancelled);
    b.finish();
}

TEST_CASE("reminders that cannot work are refused by what is missing", "[sdk][reminder]") {
    const auto times =
        GENERATE(as<std::string>(), R"({"after":1000,"no_handler":true})",
                 R"({"after":0,"every":0})", R"({"after":-5,"every":10})", R"({"every":-5})");
    INFO(times);
    bench b;
    auto run = b.start(parse_json(times));
    REQUIRE(run.finished());
    REQUIRE(run.outcome().failure);
    CHECK(run.outcome().failure->code == "sdk.wait.reminder");
    CHECK_THAT(run.outcome().failure->message, Catch::Contains("\"decision\""));
    b.finish();
}
