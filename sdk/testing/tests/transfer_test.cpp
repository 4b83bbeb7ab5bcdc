// SPDX-License-Identifier: Apache-2.0
// A flow that transfers, in the testing kit.
#include "support/catch.hpp"

#include <mortise/run.h>
#include <mortise/sdk.hpp>
#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;

namespace {

class copy_flow {
public:
    explicit copy_flow(instance&) {}
    static void describe(flow_builder<copy_flow>& b) {
        b.id("copy").version("1.0.0").title("Copy");
        b.role("dam", "acme", "From").uses("download");
        b.role("store", "acme", "To").uses("add");
        b.on_manual();
    }
    task<json::value> run(flow_run& run, event) {
        transfer_end from("dam", "download", json::value{{"id", "7"}});
        transfer_end to("store", "add", json::value{{"parent", 9}});
        const auto report = co_await run.transfer("copy", std::move(from), std::move(to));
        json::object out{{"made", report.target.at("id")}, {"verified", report.verified}};
        out["size"] = report.size.value_or(0);
        co_return json::value(std::move(out));
    }
};

event now() {
    return {"mortise.manual", "m1", "", json::object()};
}

} // namespace

TEST_CASE("a flow's transfer asks both operations once", "[sdk][transfer]") {
    fake_host host;
    auto flow = host.create_flow(mortise::flow<copy_flow>());
    int asked = 0;
    flow.on("dam", "download", [&](const json::value& in) {
        ++asked;
        CHECK(in.at("id") == "7");
        return json::value{{"name", "a.mp4"}, {"size", 12}, {"media_type", "video/mp4"}};
    });
    flow.on("store", "add", [&](const json::value& in) {
        ++asked;
        CHECK(in.at("name") == "a.mp4");
        CHECK(in.at("parent") == 9);
        return json::value{{"id", 33}, {"size", 12}};
    });
    auto run = flow.start(now());
    CHECK(run.result() == json::value{{"made", 33}, {"verified", "size"}, {"size", 12}});
    run.replay();
    CHECK(run.result().at("made") == 33);
    CHECK(asked == 2);
    flow.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("a failed side of a transfer fails the step", "[sdk][transfer]") {
    fake_host host;
    auto flow = host.create_flow(mortise::flow<copy_flow>());
    flow.fail("dam", "download", error(category::not_found, "acme.file.not-found", "gone"));
    auto run = flow.start(now());
    REQUIRE(run.finished());
    CHECK(run.outcome().failure->code == "acme.file.not-found");
    flow.destroy();
}

TEST_CASE("a host that cannot transfer is named", "[sdk][transfer]") {
    fake_host host;
    host.cut_table(MORTISE_SVC_FLOW, offsetof(mortise_svc_flow, transfer));
    auto flow = host.create_flow(mortise::flow<copy_flow>());
    auto run = flow.start(now());
    REQUIRE(run.finished());
    CHECK(run.outcome().failure->code == "sdk.transfer.unsupported");
    flow.destroy();
}
