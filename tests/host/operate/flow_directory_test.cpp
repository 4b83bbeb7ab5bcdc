// SPDX-License-Identifier: Apache-2.0
#include "flows.hpp"
#include "operate/flow_directory.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace mortise::host;
using namespace mortise::host::testing;

TEST_CASE("the weakest effect class of a flow is that of its least safe operation",
          "[operate][flows]") {
    made_flow flow;
    CHECK(flow.entry.weakest() == nullptr);
    flow.uses("get");
    CHECK(flow.entry.weakest()->operation == "get");
    flow.uses("put");
    CHECK(flow.entry.weakest()->repeat() == effect_class::idempotent);
    flow.uses("create");
    CHECK(flow.entry.weakest()->target() == "target:create");
    flow.uses("fire");
    flow.uses("get");
    CHECK(flow.entry.weakest()->target() == "target:fire");
}

TEST_CASE("an operation nobody offers counts as unsafe", "[operate][flows]") {
    made_flow flow;
    flow.uses("put");
    flow.uses("vanished");
    REQUIRE(flow.entry.weakest() != nullptr);
    CHECK(flow.entry.weakest()->operation == "vanished");
    CHECK(flow.entry.weakest()->repeat() == effect_class::unsafe);
}

TEST_CASE("reads are known from the effect classes", "[operate][flows]") {
    const made_flow flow;
    CHECK(flow.entry.read_targets() == std::vector<std::string>{"target:get"});
    CHECK(flow.entry.operation("target:fire")->repeat == effect_class::unsafe);
    CHECK(flow.entry.operation("other:fire") == nullptr);
    CHECK(flow.entry.operation("fire") == nullptr);
}
