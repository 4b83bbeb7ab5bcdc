// SPDX-License-Identifier: Apache-2.0
#include "library_flow.hpp"

namespace library_test {

body library_flow::what;

void library_flow::describe(mortise::flow_builder<library_flow>& b) {
    b.id("library-test").version("1.0.0").title("Library test");
    b.role("dam", "iconik");
    b.role("workspaces", "xecm-workspaces");
    b.on_manual();
}

mortise::task<value> library_flow::run(mortise::flow_run& run, mortise::event) {
    co_return co_await what(run);
}

bench::bench(body b) : flow(host.create_flow(mortise::flow<library_flow>())) {
    library_flow::what = std::move(b);
}

bench::~bench() {
    library_flow::what = nullptr;
}

mortise::testing::test_run bench::start() {
    return flow.start(mortise::event("mortise.manual", "m-1", "test", value{}));
}

} // namespace library_test
