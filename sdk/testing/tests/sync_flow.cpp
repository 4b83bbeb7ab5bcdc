// SPDX-License-Identifier: Apache-2.0
#include "sync_flow.hpp"

namespace sync_test {

using mortise::flow_run;
using mortise::task;

void flow::describe(mortise::flow_builder<flow>& b) {
    b.id("sync-under-test").version("1.0.0").title("Sync under test");
    b.config<settings>();
    b.role("left", "any", "Side a").uses("get", "set");
    b.role("right", "any", "Side b").uses("get", "set");
    b.starts_on("left", "changed");
}

task<json::value> flow::run(flow_run& run, mortise::event e) {
    if (e.subject == "kept") {
        const auto links = co_await run.link_find("kept", "pair", "left/1");
        if (links.empty()) co_return json::value();
        co_return links.front().data;
    }
    mortise::two_way_sync::sides how{
        [this](flow_run r) { return read(r, "left"); },
        [this](flow_run r) { return read(r, "right"); },
        [this](flow_run r, json::object v) { return write(r, "left", std::move(v)); },
        [this](flow_run r, json::object v) { return write(r, "right", std::move(v)); }};
    mortise::sync_ends ends{"left/1", "right/1"};
    const mortise::sync_report done = co_await sync_.run(run, std::move(ends), std::move(how));
    done.check();
    co_return done.to_json();
}

task<mortise::sync_view> flow::read(flow_run run, std::string side) const {
    if (side == "left" && settings_.slow.count() > 0) {
        co_await run.sleep_for("slow", settings_.slow);
    }
    const std::string step = "read"; // both sides may name their steps alike
    const json::value got = co_await run.call(step, side, "get");
    mortise::sync_view view;
    view.values = got.at("values").as_object();
    view.changed_at = mortise::time_point(std::chrono::seconds(got.at("changed_at").as_int64()));
    co_return view;
}

task<json::value> flow::write(flow_run run, std::string side, json::object values) const {
    const std::string step = "write";
    json::value input{{"values", std::move(values)}};
    co_return co_await run.call(step, side, "set", std::move(input));
}

world::world(json::value config, std::uint64_t seed)
    : host(seed), harness(host.create_flow(mortise::flow<flow>(), config)) {
    for (const std::string side : {"left", "right"}) {
        harness.on(side, "get", [this, side](const json::value&) { return get(side); });
        harness.on(side, "set", [this, side](const json::value& in) { return set(side, in); });
    }
}

void world::edit(const std::string& side, const std::string& field, json::value v) {
    of(side).values[field] = std::move(v);
    of(side).changed_at = ++clock;
}

json::value world::get(const std::string& side) {
    if (moment) moment(side, "get", true);
    const record& r = of(side);
    json::value out{{"values", r.values}, {"changed_at", r.changed_at}};
    if (moment) moment(side, "get", false);
    return out;
}

json::value world::set(const std::string& side, const json::value& in) {
    if (moment) moment(side, "set", true);
    record& r = of(side);
    json::object replaced;
    for (const auto& entry : in.at("values").as_object()) {
        const auto* before = r.values.if_contains(entry.key());
        if (before) replaced[entry.key()] = *before;
        r.values[entry.key()] = entry.value();
    }
    r.changed_at = ++clock;
    ++writes;
    if (moment) moment(side, "set", false);
    return answers_replaced ? json::value(replaced) : json::value();
}

mortise::testing::test_run world::happen() {
    return harness.start({"changed", "e-" + std::to_string(++events_), "left/1", json::object()});
}

json::value world::kept() {
    auto run = harness.start({"changed", "k-" + std::to_string(++events_), "kept", json::object()});
    return run.result();
}

} // namespace sync_test
