// SPDX-License-Identifier: Apache-2.0
// A flow that counts its runs in memory and says the number in a step: it replays differently.
#include <mortise/sdk/flow.hpp>

namespace {

class forgetful_flow {
public:
    explicit forgetful_flow(mortise::instance&) {}

    static void describe(mortise::flow_builder<forgetful_flow>& b) {
        b.id("forgetful").version("1.0.0").title("Forgetful");
        b.role("system", "echo", "Where it calls").uses("echo");
        b.on_request();
    }

    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event) {
        mortise::json::value input{{"round", ++rounds_}};
        co_await run.try_call("call", "system", "echo", std::move(input));
        co_return nullptr;
    }

private:
    int rounds_ = 0;
};

} // namespace

MORTISE_PLUGIN("test.forgetful", "1.0.0", mortise::flow<forgetful_flow>())
