// SPDX-License-Identifier: Apache-2.0
#include "base/trace_context.hpp"
#include "support/catch.hpp"

#include <set>

using namespace mortise::host;

namespace {

const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

} // namespace

TEST_CASE("a traceparent is read and written back", "[base][trace]") {
    const auto c = parse_trace_parent(good);
    REQUIRE(c);
    CHECK(c->trace_id == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(c->span_id == "00f067aa0ba902b7");
    CHECK(c->sampled);
    CHECK(to_trace_parent(*c) == good);
    CHECK(clean_trace_parent(good) == good);
}

TEST_CASE("of the flags only the lowest counts", "[base][trace]") {
    CHECK_FALSE(parse_trace_parent(good.substr(0, 53) + "00")->sampled);
    CHECK_FALSE(parse_trace_parent(good.substr(0, 53) + "fe")->sampled);
    CHECK(parse_trace_parent(good.substr(0, 53) + "ff")->sampled);
    CHECK(clean_trace_parent(good.substr(0, 53) + "0b") == good);
}

TEST_CASE("a later version is read as far as it is known", "[base][trace]") {
    CHECK(clean_trace_parent("01" + good.substr(2)) == good);
    CHECK(clean_trace_parent("cc" + good.substr(2) + "-what-the-future-brings") == good);
    CHECK_FALSE(parse_trace_parent("cc" + good.substr(2) + ".what"));
    CHECK_FALSE(parse_trace_parent("cc" + good.substr(2) + "0"));
}

TEST_CASE("what is not a traceparent is as if it had not come", "[base][trace]") {
    const auto bad = GENERATE_COPY(
        std::string(), std::string("00"), std::string(55, '-'), good + "-", good + "-00",
        good.substr(0, 54), " " + good, good + " ", "ff" + good.substr(2), "0G" + good.substr(2),
        std::string("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"),
        std::string("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
        std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"),
        std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x"),
        std::string("00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        std::string("00-4bf92f3577b34da6a3ce929d0e0e473\xc3\xa4-00f067aa0ba902b7-01"));
    INFO(bad);
    CHECK_FALSE(parse_trace_parent(bad));
    CHECK(clean_trace_parent(bad).empty());
}

TEST_CASE("a run without a caller is a trace of its own", "[base][trace]") {
    const run_id a("0190b0a0-0000-7000-8000-000000000001"),
        b("0190b0a0-0000-7000-8000-000000000002");
    const auto of_a = trace_of_run("nonsense", a);
    CHECK(of_a.trace_id.size() == 32);
    CHECK(of_a.span_id.empty());
    CHECK(of_a.trace_id == trace_of_run({}, a).trace_id);
    CHECK(of_a.trace_id != trace_of_run({}, b).trace_id);
    CHECK(of_a.trace_id.starts_with("0190b0a000007000"));
    CHECK(trace_of_run({}, run_id("no uuid")).trace_id.size() == 32);
    CHECK(parse_trace_parent("00-" + trace_of_run({}, run_id("no uuid")).trace_id +
                             "-00f067aa0ba902b7-01"));
    CHECK(parse_trace_parent("00-" + of_a.trace_id + "-00f067aa0ba902b7-01"));
    CHECK(trace_of_run({}, run_id("00000000-0000-0000-0000-000000000000")).trace_id !=
          std::string(32, '0'));
    CHECK(trace_of_run(good, a).trace_id == trace_of_run(good, b).trace_id);
    CHECK(trace_of_run(good, a).span_id == "00f067aa0ba902b7");
}

TEST_CASE("ids of attempts are the same on every replay and different from each other",
          "[base][trace]") {
    const run_id run("0190b0a0-0000-7000-8000-000000000001");
    CHECK(step_span_id(run, "copy", 2) == step_span_id(run, "copy", 2));
    const std::set<std::string> all{run_span_id(run), step_span_id(run, "copy", 1),
                                    step_span_id(run, "copy", 2), step_span_id(run, "copy#1", 2),
                                    step_span_id(run, "", 1)};
    CHECK(all.size() == 5);
    const auto sent = parse_trace_parent(trace_parent_of_step(good, run, "copy", 2));
    REQUIRE(sent);
    CHECK(sent->trace_id == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(sent->span_id == step_span_id(run, "copy", 2));
    CHECK(sent->sampled);
}
