// SPDX-License-Identifier: Apache-2.0
// A flow whose body is a function of the test, so that parts of the library run in a fake host.
#pragma once

#include <mortise/sdk/flow.hpp>
#include <mortise/testing/fake_host.hpp>

#include <functional>
#include <utility>

namespace library_test {

using mortise::json::value;
using body = std::function<mortise::task<value>(mortise::flow_run)>;

class library_flow {
public:
    explicit library_flow(mortise::instance&) {}
    static void describe(mortise::flow_builder<library_flow>& b);
    mortise::task<value> run(mortise::flow_run& run, mortise::event);
    static body what; // set by bench
};

// A fake host with one run of the body.
class bench {
public:
    // The body returns a task and is no coroutine itself: a coroutine lambda loses its captures.
    explicit bench(body b);
    ~bench();
    mortise::testing::test_run start();

    mortise::testing::fake_host host;
    mortise::testing::flow_harness flow;
};

} // namespace library_test
