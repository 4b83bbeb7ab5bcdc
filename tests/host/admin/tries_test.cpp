// SPDX-License-Identifier: Apache-2.0
// The attempts of a run's steps, as the API tells them.
#include "answer_check.hpp"

#include <boost/json.hpp>

#include <chrono>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
namespace json = boost::json;

namespace {

const std::string put_a = plan({R"({"do":"put","body":{"name":"a"}})"});

// Of the only step of the only run; the answer has been held against the API's document.
json::object step_told(host_fixture& f) {
    const auto all = f.runs();
    REQUIRE(all.size() == 1);
    const auto reply = f.admin("GET", "/api/v1/runs/" + all.front().id.str());
    REQUIRE(reply.status == 200);
    return json::parse(reply.body).at("steps").as_array().at(0).as_object();
}

} // namespace

TEST_CASE("a step's attempts are told with their times, reasons and failures", "[admin][tries]") {
    host_fixture f;
    f.start();
    f.target.next("put", {fault::kind::status, 503, "", 1});
    f.target.next("put", {fault::kind::status, 429, "retry-after: 1\r\n", 1});
    REQUIRE(f.send("e1", put_a) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    const auto step = step_told(f);
    CHECK(step.at("attempts") == 3);
    CHECK(step.at("tries_left_out") == 0);
    const auto& tries = step.at("tries").as_array();
    REQUIRE(tries.size() == 3);
    CHECK(tries[0].at("began_at").as_int64() >= step.at("started_at").as_int64());
    CHECK(tries[2].at("ended_at") == step.at("finished_at"));
    CHECK(tries[0].at("outcome") == "retrying");
    CHECK(tries[0].at("waits_for") == "back_off");
    CHECK(tries[0].at("failure").at("http_status") == 503);
    CHECK(tries[0].at("failure").at("effect") == "none");
    CHECK(tries[1].at("waits_for") == "retry_after");
    CHECK(tries[1].at("failure").at("http_status") == 429);
    CHECK(tries[1].at("waits_until").as_int64() - tries[1].at("ended_at").as_int64() == 1000);
    CHECK(tries[2].at("outcome") == "done");
    CHECK(tries[2].at("waits_for") == "none");
    CHECK_FALSE(tries[2].as_object().contains("failure"));
    for (std::size_t i = 0; i < 3; ++i) {
        const auto at = [&](const char* name, std::size_t n) {
            return tries[n].at(name).as_int64();
        };
        CHECK(at("number", i) == static_cast<std::int64_t>(i + 1));
        CHECK(at("attempt", i) == static_cast<std::int64_t>(i + 1));
        CHECK(at("began_at", i) <= at("ended_at", i));
        if (i > 0) CHECK(at("ended_at", i - 1) <= at("began_at", i));
    }
}

TEST_CASE("of a step that its first attempt ended no attempts are told", "[admin][tries]") {
    host_fixture f;
    f.start();
    REQUIRE(f.send("e1", put_a) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    const auto step = step_told(f);
    CHECK(step.at("tries").as_array().empty());
    CHECK_FALSE(step.contains("tries_left_out"));
}

TEST_CASE("an attempt tells how long its requests stood in the connection's queue",
          "[admin][tries]") {
    using std::chrono::steady_clock;
    host_setup s;
    s.connection = "limits = { max_concurrent = 1 }";
    host_fixture f(s);
    f.start();
    f.target.next("create", {fault::kind::hold, 503, "", 1});
    f.target.next("put", {fault::kind::status, 503, "", 1});
    REQUIRE(f.send("e1", plan({R"({"do":"create","name":"first"})"}), "probe.changed", "one") ==
            202);
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    REQUIRE(f.send("e2", put_a, "probe.changed", "two") == 202);
    REQUIRE(eventually([&] {
        const auto reply = f.admin("GET", "/api/v1/connections/target");
        return json::parse(reply.body).at("requests_queued") == 1;
    }));
    const auto queued = steady_clock::now();
    REQUIRE(
        eventually([&] { return steady_clock::now() - queued > std::chrono::milliseconds(30); }));
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    for (const auto& run : f.runs()) {
        if (run.event_subject != "two") continue;
        const auto reply = f.admin("GET", "/api/v1/runs/" + run.id.str());
        const auto told = json::parse(reply.body);
        const auto& first = told.at("steps").as_array().at(0).at("tries").as_array().at(0);
        const auto limited = first.at("limited_ms").as_int64();
        CHECK(limited >= 30);
        CHECK(limited <= first.at("ended_at").as_int64() - first.at("began_at").as_int64());
    }
}
