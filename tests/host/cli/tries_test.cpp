// SPDX-License-Identifier: Apache-2.0
// The attempts of a run's steps on the command line, with a host and without.
#include "program.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

std::string run_shown(host_fixture& f, const std::string& command = "runs") {
    const auto r = program(f, {command, "show", f.runs().front().id.str()});
    CHECK(r.code == 0);
    return r.text;
}

} // namespace

TEST_CASE("a run's attempts are printed with what was waited for and how they differ",
          "[cli][tries]") {
    host_fixture f;
    f.start();
    f.target.next("put", {fault::kind::status, 503, "", 2});
    f.target.next("put", {fault::kind::status, 422, "", 1});
    REQUIRE(f.send("e1", plan({R"({"do":"record","value":1})",
                               R"({"do":"put","body":{"name":"a"}})"})) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    const auto id = f.runs().front().id.str();
    for (const auto* command : {"runs", "dead-letters"}) {
        const auto text = run_shown(f, command);
        INFO(text);
        CHECK_THAT(text, Catch::Contains("Tries of step s1"));
        CHECK_THAT(text, !Catch::Contains("Tries of step s0"));
        CHECK_THAT(text, Catch::Contains("back-off"));
        CHECK_THAT(text, Catch::Contains("the same"));
        CHECK_THAT(text, Catch::Contains("503") && Catch::Contains("422"));
    }
    CHECK(program(f, {"runs", "show", id, "--json"})
              .json()
              .at("steps")
              .as_array()
              .at(1)
              .at("tries")
              .as_array()
              .size() == 3);
    f.stop();
    const auto offline = program(f, {"runs", "show", id});
    INFO(offline.text);
    CHECK(offline.code == 0);
    CHECK_THAT(offline.text, Catch::Contains("Tries of step s1") && Catch::Contains("the same"));
}

TEST_CASE("a run that went well at the first attempt has no list of attempts", "[cli][tries]") {
    host_fixture f;
    f.start();
    REQUIRE(f.send("e1", plan({R"({"do":"put","body":{"name":"a"}})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK_THAT(run_shown(f), !Catch::Contains("Tries of"));
}

TEST_CASE("an attempt before a person's retry is told apart from those after it", "[cli][tries]") {
    host_fixture f;
    f.start();
    f.target.next("put", {fault::kind::status, 422, "", 1});
    REQUIRE(f.send("e1", plan({R"({"do":"put","body":{"name":"a"}})"})) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    REQUIRE(program(f, {"dead-letters", "retry", f.runs().front().id.str()}).code == 0);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    const auto text = run_shown(f);
    INFO(text);
    CHECK_THAT(text, Catch::Contains("for a person's retry") && Catch::Contains("422"));
}
