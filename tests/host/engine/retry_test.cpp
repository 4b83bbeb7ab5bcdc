// SPDX-License-Identifier: Apache-2.0
// Steps that fail: tried again, given up, put right by a person.
#include "host_fixture.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
using kind = mortise::test::fault::kind;

namespace {

fault refuse(int status, int times, std::string headers = {}) {
    fault f;
    f.what = kind::status;
    f.status = status;
    f.times = times;
    f.headers = std::move(headers);
    return f;
}

fault does(kind what, int times = 1) {
    fault f;
    f.what = what;
    f.times = times;
    return f;
}

} // namespace

TEST_CASE("a step that meets a busy system is tried again until it is through", "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("put", refuse(503, 2));
    f.send("e1", plan({R"({"do":"put","body":{"name":"a"}})"}));
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(f.target.count("put", "a") == 1);
    CHECK(f.target.requests("put") == 3);
    REQUIRE(run.steps.size() == 1);
    CHECK(run.steps[0].attempts == 3);
    CHECK(run.run.starts == 1);
    CHECK(f.metric("mortise_step_retries_total") == 2);
}

TEST_CASE("the wait that a system asks for is kept", "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("put", refuse(429, 1, "retry-after: 1\r\n"));
    f.send("e1", plan({R"({"do":"put","body":{"name":"a"}})"}));
    CHECK(f.ended().run.state == run_state::succeeded);
    const auto at = f.target.times("put");
    REQUIRE(at.size() == 2);
    CHECK(at[1] - at[0] >= std::chrono::milliseconds(995));
}

TEST_CASE("a retry far away leaves memory and comes back", "[engine][retry]") {
    host_setup s;
    s.retry = "first_delay = \"6s\"\nmax_delay = \"6s\"\njitter = 0";
    host_fixture f(s);
    f.start();
    f.target.next("put", refuse(503, 1));
    f.send("e1", plan({R"({"do":"record","value":1})", R"({"do":"put","body":{"name":"a"}})"}));
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    CHECK(eventually([&] { return f.it->runs().active_runs() == 0; }));
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(run.run.starts == 2);
    CHECK(f.target.count("put", "a") == 1);
}

TEST_CASE("a run that gives up is kept with its step and its cause", "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("put", refuse(503, 4));
    f.send("e1", plan({R"({"do":"create","name":"before"})", R"({"do":"put","body":{"name":"a"}})",
                       R"({"do":"create","name":"after"})"}));
    auto run = f.ended();
    CHECK(run.run.state == run_state::failed);
    CHECK(run.run.failed_step == "s1");
    REQUIRE(run.run.failure);
    CHECK(run.run.failure->category == category::unavailable);
    CHECK(run.run.failure->http_status == 503);
    CHECK(f.target.requests("put") == 4);
    CHECK(f.metric("mortise_runs_dead_lettered_total") == 1);
    CHECK(f.it->runs().backlog() == 0);

    SECTION("a retry goes on from the failed step") {
        const auto retried = f.admin("POST", "/api/v1/runs/" + run.run.id.str() + "/retry");
        CHECK(retried.status == 200);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(f.target.count("create", "before") == 1);
        CHECK(f.target.count("put", "a") == 1);
        CHECK(f.target.count("create", "after") == 1);
        CHECK(f.it->runs().backlog() == 0);
        const auto again = f.admin("POST", "/api/v1/runs/" + run.run.id.str() + "/retry");
        CHECK(again.status == 409);
    }
    SECTION("to be discarded it needs a reason") {
        const auto path = "/api/v1/runs/" + run.run.id.str() + "/discard";
        CHECK(f.admin("POST", path).status == 400);
        CHECK(f.runs(run_state::failed).size() == 1);
        CHECK(f.admin("POST", path, R"({"reason":"asset was deleted"})").status == 200);
        run = f.run(run.run.id);
        CHECK(run.run.state == run_state::discarded);
        CHECK(run.run.result.find("asset was deleted") != std::string::npos);
    }
    SECTION("an unknown run is not found") {
        CHECK(f.admin("POST", "/api/v1/runs/0190d3c5-5f0a-7cc0-8000-000000000000/retry").status ==
              404);
    }
}

TEST_CASE("what cannot get better is not tried again", "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("put", refuse(422, 1));
    f.send("e1", plan({R"({"do":"put","body":{"name":"a"}})"}));
    CHECK(f.ended().run.state == run_state::failed);
    CHECK(f.target.requests("put") == 1);
}

TEST_CASE("a create whose answer was lost is looked up before it is repeated", "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("create", does(kind::cut_after));
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(run.run.result == R"({"answers":[{"name":"a","n":0}]})");
    CHECK(f.target.count("create", "a") == 1);
    CHECK(f.target.requests("find") == 1);
}

TEST_CASE("a create that was cut off before its effect is looked up and repeated",
          "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("create", does(kind::cut_before));
    f.target.next("find", refuse(503, 1));
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    CHECK(f.ended().run.state == run_state::succeeded);
    CHECK(f.target.count("create", "a") == 1);
    CHECK(f.target.requests("find") == 2);
    CHECK(f.target.requests("create") == 2);
}

TEST_CASE("a create that was given up in doubt is looked up when a person retries it",
          "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("create", does(kind::cut_after));
    f.target.next("find", refuse(503, 3));
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    const auto run = f.ended();
    REQUIRE(run.run.state == run_state::failed);
    CHECK(f.admin("POST", "/api/v1/runs/" + run.run.id.str() + "/retry").status == 200);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.target.count("create", "a") == 1);
}

TEST_CASE("of two dead letters that were to create the same, one creates it and one finds it",
          "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("create", refuse(403, 2));
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    f.send("e2", plan({R"({"do":"create","name":"a"})"}));
    REQUIRE(f.wait_runs(run_state::failed, 2));
    CHECK(f.target.requests("find") == 0);
    const auto dead = f.runs(run_state::failed);
    for (std::size_t i = 0; i < dead.size(); ++i) {
        CHECK(f.admin("POST", "/api/v1/runs/" + dead[i].id.str() + "/retry").status == 200);
        REQUIRE(f.wait_runs(run_state::succeeded, i + 1));
    }
    CHECK(f.target.count("create", "a") == 1);
    CHECK(f.target.requests("find") == 2);
}

TEST_CASE("what stood in the way of a create is not taken for it on retry", "[engine][retry]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    f.target.next("create", refuse(409, 2));
    f.send("e2", plan({R"({"do":"create","name":"a"})"}));
    REQUIRE(f.wait_runs(run_state::failed, 1));
    const auto dead = f.runs(run_state::failed)[0];
    REQUIRE(dead.failure->category == category::conflict);
    CHECK(f.admin("POST", "/api/v1/runs/" + dead.id.str() + "/retry").status == 200);
    REQUIRE(eventually([&] { return f.target.requests("create") == 3; }));
    REQUIRE(f.wait_runs(run_state::failed, 1));
    CHECK(f.target.requests("find") == 0);
}

TEST_CASE("a retry whose look-up is refused is a dead letter again, not in doubt",
          "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("create", refuse(403, 1));
    f.target.next("find", refuse(403, 1));
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    const auto path = "/api/v1/runs/" + f.ended().run.id.str() + "/retry";
    CHECK(f.admin("POST", path).status == 200);
    REQUIRE(eventually([&] { return f.target.requests("find") == 1; }));
    REQUIRE(f.wait_runs(run_state::failed, 1));
    CHECK(f.runs(run_state::failed)[0].failure->effect == effect::none);
    CHECK(f.admin("POST", path).status == 200);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.target.count("create", "a") == 1);
}

TEST_CASE("what may have happened and cannot be looked up waits for a person", "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("fire", does(kind::cut_after));
    f.send("e1", plan({R"({"do":"fire","name":"a"})"}));
    const auto run = f.ended();
    CHECK(run.run.state == run_state::in_doubt);
    CHECK(run.run.failed_step == "s0");
    CHECK(f.target.count("fire", "a") == 1);
    const auto path = "/api/v1/runs/" + run.run.id.str() + "/retry";
    SECTION("who says that it did happen gives its result") {
        CHECK(f.admin("POST", path, R"({"redo":false,"result":{"seen":true}})").status == 200);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(f.run(run.run.id).run.result == R"({"answers":[{"seen":true}]})");
        CHECK(f.target.count("fire", "a") == 1);
    }
    SECTION("who says that it did not has it repeated") {
        CHECK(f.admin("POST", path, R"({"redo":true})").status == 200);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(f.target.count("fire", "a") == 2);
    }
}

TEST_CASE("an unsafe call that surely did not happen is tried again", "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("fire", refuse(503, 1));
    f.send("e1", plan({R"({"do":"fire","name":"a"})"}));
    CHECK(f.ended().run.state == run_state::succeeded);
    CHECK(f.target.count("fire", "a") == 1);
}

TEST_CASE("an unsafe call that was under way at a stop is in doubt after the restart",
          "[engine][retry]") {
    host_setup s;
    s.host = "";
    host_fixture f(s);
    f.start();
    f.target.next("fire", does(kind::hold));
    f.send("e1", plan({R"({"do":"fire","name":"a"})"}));
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    f.restart();
    REQUIRE(f.wait_runs(run_state::in_doubt, 1));
    CHECK(f.target.count("fire", "a") == 1);
}

TEST_CASE("a run that its flow refused reads again what a person has mended", "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.hold_object("one", "1");
    const std::string needs_two = R"({"do":"require","id":"one","is":2})";
    f.send("e1",
           plan({R"({"do":"create","name":"before"})", R"({"do":"put","body":{"name":"p"}})",
                 R"({"do":"fire","name":"shot"})", R"({"do":"record","value":1})",
                 R"({"do":"sleep","ms":1})", needs_two, R"({"do":"create","name":"after"})"}));
    auto run = f.ended();
    REQUIRE(run.run.state == run_state::failed);
    CHECK(run.run.failed_step.empty());
    CHECK(run.run.failure->code == "probe.required");
    const auto retry = "/api/v1/runs/" + run.run.id.str() + "/retry";

    SECTION("mended: the run goes on, and nothing is done twice") {
        f.target.hold_object("one", "2");
        CHECK(f.admin("POST", retry).status == 200);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(f.target.count("create", "before") == 1);
        CHECK(f.target.requests("find") == 1);
        CHECK(f.target.count("put", "p") == 1);
        CHECK(f.target.count("fire", "shot") == 1);
        CHECK(f.target.requests("fire") == 1);
        CHECK(f.target.count("create", "after") == 1);
    }
    SECTION("mended, many at once: the same") {
        f.target.hold_object("one", "2");
        CHECK(f.admin("POST", "/api/v1/bulk", R"({"action":"retry","all":true})").status == 202);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(f.target.count("create", "before") == 1);
        CHECK(f.target.requests("fire") == 1);
    }
    SECTION("not mended: it says the same again, from what it read now") {
        f.target.hold_object("one", "3");
        CHECK(f.admin("POST", retry).status == 200);
        REQUIRE(eventually([&] {
            const auto now = f.run(run.run.id).run;
            return now.state == run_state::failed &&
                   now.failure->message.find("3") != std::string::npos;
        }));
        CHECK(f.target.count("create", "after") == 0);
    }
}

TEST_CASE("a retry goes on with what the run had read, or reads it again, as the person says",
          "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.hold_object("one", "2");
    f.target.next("put", refuse(403, 1));
    f.send("e1",
           plan({R"({"do":"create","name":"before"})", R"({"do":"require","id":"one","is":2})",
                 R"({"do":"put","body":{"name":"p"}})"}));
    const auto run = f.ended();
    REQUIRE(run.run.state == run_state::failed);
    REQUIRE_FALSE(run.run.failed_step.empty());
    f.target.hold_object("one", "3");
    const auto retry = "/api/v1/runs/" + run.run.id.str() + "/retry";

    SECTION("with what it had read") {
        CHECK(f.admin("POST", retry).status == 200);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(f.target.count("put", "p") == 1);
    }
    SECTION("reading again: it sees the change, and what it wrote stands once") {
        CHECK(f.admin("POST", retry, R"({"fresh":true})").status == 200);
        REQUIRE(eventually([&] {
            const auto now = f.run(run.run.id).run;
            return now.state == run_state::failed && now.failure->code == "probe.required";
        }));
        CHECK(f.target.count("put", "p") == 0);
        CHECK(f.target.count("create", "before") == 1);
    }
    SECTION("reading again, many at once") {
        CHECK(f.admin("POST", "/api/v1/bulk", R"({"action":"retry","all":true,"fresh":true})")
                  .status == 202);
        REQUIRE(eventually([&] {
            const auto now = f.run(run.run.id).run;
            return now.state == run_state::failed && now.failure->code == "probe.required";
        }));
        CHECK(f.target.count("put", "p") == 0);
    }
}

TEST_CASE("a dead letter says that a newer event for the same key was processed since",
          "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("put", refuse(403, 1));
    const auto put = [](const std::string& name) {
        return plan({R"({"do":"put","body":{"name":")" + name + R"("}})"});
    };
    f.send("e1", put("old"), "probe.changed", "same");
    const auto dead = f.ended().run.id;
    const auto shown = [&] { return f.admin("GET", "/api/v1/runs/" + dead.str()).body; };
    CHECK(shown().find("newer_run") == std::string::npos);
    CHECK(shown().find("--fresh") == std::string::npos);
    f.send("e2", put("other"), "probe.changed", "another");
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(shown().find("newer_run") == std::string::npos);
    f.send("e3", put("new"), "probe.changed", "same");
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    CHECK(shown().find("\"newer_run\"") != std::string::npos);
    CHECK(shown().find("retry " + dead.str() + " --fresh") != std::string::npos);
}

TEST_CASE("a failure that the flow has caught is not the step the run failed at",
          "[engine][retry]") {
    host_fixture f;
    f.start();
    f.target.next("put", refuse(422, 1));
    f.send("e1", plan({R"({"do":"put","body":{"name":"a"},"catch":true})",
                       R"({"do":"fail","category":"input","message":"no"})"}));
    const auto run = f.ended();
    CHECK(run.run.failure->code == "probe.told");
    CHECK(run.run.failed_step.empty());
}
