// SPDX-License-Identifier: Apache-2.0
// Plugins that break the rules: the host pays each caller exactly once and stays well.
#include "host_fixture.hpp"
#include "instance_fixture.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::filesystem::path fixture_file(const std::string& name) {
    return std::filesystem::path(MORTISE_BINARY_DIR) / "tests/fixtures" / (name + ".so");
}

bool comes(const std::future<result<call_answer>>& f) {
    return f.wait_for(seconds(15)) == std::future_status::ready;
}

} // namespace

TEST_CASE("a well-behaved call is answered once and the instance closes", "[plugin][instance]") {
    instance_fixture f(fixture_file("good/echo_1_0"), "echo");
    auto answer = f.call(R"({"a":1})", seconds(5));
    REQUIRE(comes(answer));
    CHECK(answer.get().value().json == R"({"a":1})");
    CHECK(f.it->misuses() == 0);
    CHECK(f.it->open_calls() == 0);
    CHECK(f.close());
    auto late = f.call("{}", seconds(5));
    REQUIRE(comes(late));
    const auto refused = late.get();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().category == category::unavailable);
    CHECK(refused.error().effect == effect::none);
}

TEST_CASE("an operation that does not exist is an error of the configuration",
          "[plugin][instance]") {
    instance_fixture f(fixture_file("good/echo_1_0"), "echo");
    std::promise<result<call_answer>> promise;
    call_request r;
    r.operation = "no-such";
    f.it->invoke(std::move(r), [&](result<call_answer> a) { promise.set_value(std::move(a)); });
    const auto a = promise.get_future().get();
    REQUIRE_FALSE(a.has_value());
    CHECK(a.error().code == "call.unknown-operation");
}

TEST_CASE("a second answer is refused, counted, and changes nothing", "[plugin][instance]") {
    instance_fixture f(fixture_file("misbehaving/double_complete"), "double-complete");
    auto answer = f.call(R"({"first":1})", seconds(5));
    REQUIRE(comes(answer));
    CHECK(answer.get().value().json == R"({"first":1})");
    CHECK(eventually([&] { return f.it->misuses() == 1; }));
    CHECK(f.close());
}

TEST_CASE("a call that is never answered is given up after its time and the grace",
          "[plugin][instance]") {
    instance_fixture f(fixture_file("misbehaving/never_completes"), "never-completes");
    auto answer = f.call("{}", seconds(1));
    f.time.advance(milliseconds(1100));
    // Cancelled at its deadline; the host itself answers only when the plugin had its chance.
    CHECK(answer.wait_for(milliseconds(300)) == std::future_status::timeout);
    CHECK(eventually([&] {
        f.time.advance(seconds(6));
        return answer.wait_for(milliseconds(20)) == std::future_status::ready;
    }));
    const auto a = answer.get();
    REQUIRE_FALSE(a.has_value());
    CHECK(a.error().category == category::timeout);
    CHECK(a.error().effect == effect::unknown);
    CHECK(f.it->open_calls() == 0);
    // It still owes the answer: the instance is kept, and closing does not hang.
    CHECK(f.close());
}

TEST_CASE("an answer after the host has given up is counted and dropped", "[plugin][instance]") {
    instance_fixture f(fixture_file("misbehaving/late_completion"), "late-completion");
    auto answer = f.call("{}", seconds(1));
    CHECK(eventually([&] {
        f.time.advance(seconds(3));
        return answer.wait_for(milliseconds(20)) == std::future_status::ready;
    }));
    CHECK_FALSE(answer.get().has_value());
    // Closing cancels the plugin's timer, in which it answers at last.
    CHECK(f.close());
    CHECK(f.it->late_completions() == 1);
    CHECK(f.it->misuses() == 0);
}

TEST_CASE("a plugin that blocks its strand is reported and answered all the same",
          "[plugin][instance]") {
    instance_fixture f(fixture_file("misbehaving/blocks_strand"), "blocks-strand");
    auto answer = f.call(R"({"x":1})", seconds(5));
    REQUIRE(comes(answer));
    CHECK(answer.get().value().json == R"({"x":1})");
    CHECK(f.dog.reports() == 1);
    CHECK(f.close());
}

TEST_CASE("a cancel reaches the call and its answer follows", "[plugin][instance]") {
    instance_fixture f(fixture_file("misbehaving/never_completes"), "never-completes");
    mortise_handle call = 0;
    auto answer = f.call("{}", seconds(0), &call);
    f.it->cancel(call);
    f.it->cancel(call); // twice is once
    CHECK(eventually([&] {
        f.time.advance(seconds(3));
        return answer.wait_for(milliseconds(20)) == std::future_status::ready;
    }));
    f.it->cancel(call); // and afterwards nothing
    CHECK_FALSE(answer.get().has_value());
    CHECK(f.close());
}

TEST_CASE("a host with misbehaving plugins serves the others", "[plugin][instance]") {
    host_fixture f;
    f.setup.plugin_folders = {std::filesystem::path(MORTISE_BINARY_DIR) /
                              "tests/fixtures/misbehaving"};
    for (const auto* name :
         {"double-complete", "never-completes", "late-completion", "blocks-strand"})
        f.setup.extra += "[connections." + std::string(name) + "]\nconnector = \"" + name + "\"\n";
    f.start();
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    CHECK(f.wait_runs(run_state::succeeded, 1));
}
