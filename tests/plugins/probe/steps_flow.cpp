// SPDX-License-Identifier: Apache-2.0
#include "flows.hpp"

#include <mortise/sdk/join.hpp>
#include <mortise/state.h>

#include <atomic>

namespace probe {

namespace json = mortise::json;
using mortise::category;
using mortise::task;

namespace {

std::string text(const json::value& step, std::string_view name) {
    return mortise::optional_string(step, name, category::input).value_or("");
}
std::chrono::milliseconds milliseconds(const json::value& step, std::string_view name) {
    return std::chrono::milliseconds(
        mortise::optional_int(step, name, category::input).value_or(0));
}

task<json::value> call(mortise::flow_run run, std::string key, json::value step) {
    const auto what = text(step, "do");
    auto role = text(step, "role");
    if (role.empty()) role = "target";
    json::object input = step.as_object();
    input.erase("do");
    input.erase("role");
    input.erase("catch");
    co_return co_await run.call(key, role, what, std::move(input));
}

task<json::value> link(mortise::flow_run run, std::string key, json::value step) {
    const auto relation = text(step, "relation");
    const auto a = text(step, "a");
    if (text(step, "do") == "link") {
        mortise::link l;
        l.a = a;
        l.b = text(step, "b");
        co_await run.link_put(key, relation, std::move(l));
        co_return nullptr;
    }
    json::array out;
    for (const auto& l : co_await run.link_find(key, relation, a))
        out.push_back(json::value(l.b));
    co_return out;
}

task<json::value> state(mortise::flow_run run, std::string key, json::value step) {
    const auto name = text(step, "name");
    if (text(step, "do") == "state_put") {
        std::optional<json::value> value = step.at("value");
        co_await run.state_put(key, name, std::move(value), MORTISE_STATE_ANY);
        co_return nullptr;
    }
    const auto got = co_await run.state_get(key, name);
    co_return got.value;
}

// Changes its mind at every execution, as no flow may.
std::atomic<int> executions{0};
task<json::value> fickle(mortise::flow_run run, std::string key) {
    const bool odd = executions.fetch_add(1) % 2 != 0;
    const std::string operation = odd ? "put" : "get";
    json::value input{{"id", "one"}, {"body", json::object()}};
    co_return co_await run.call(key, "target", operation, std::move(input));
}

// Takes its step in its first life only.
std::atomic<int> lives{0};
task<json::value> forgetful(mortise::flow_run run, std::string key) {
    if (lives.fetch_add(1) > 0) co_return "forgotten";
    co_return co_await run.record(key, json::value("done"));
}

// Refuses what the object holds until it is the expected text.
task<json::value> require(mortise::flow_run run, std::string key, json::value step) {
    json::value which{{"id", text(step, "id")}};
    const auto got = co_await run.call(key, "target", "get", std::move(which));
    if (json::serialize(got) != json::serialize(step.at("is"))) {
        throw mortise::error(mortise::category::input, "probe.required",
                             "object \"" + text(step, "id") + "\" holds " + json::serialize(got));
    }
    co_return got;
}

task<json::value> move(mortise::flow_run run, std::string key, json::value step) {
    mortise::transfer_end from("target", text(step, "by"),
                               json::value{{"name", text(step, "name")}});
    json::object input;
    if (const auto as = text(step, "as"); !as.empty()) input["name"] = as;
    if (const auto part = mortise::optional_int(step, "part", category::input))
        input["part"] = *part;
    mortise::transfer_end to("target", text(step, "to"), std::move(input));
    const auto report = co_await run.transfer(key, std::move(from), std::move(to));
    json::object out{{"target", report.target},
                     {"sha256", report.sha256},
                     {"verified", report.verified},
                     {"size", nullptr}};
    if (report.size) out["size"] = *report.size;
    co_return json::value(std::move(out));
}

task<json::value> take(mortise::flow_run run, std::string key, json::value step);

task<json::value> race(mortise::flow_run run, std::string key, json::value step) {
    std::vector<task<json::value>> branches;
    int n = 0;
    for (const auto& s : step.at("steps").as_array())
        branches.push_back(take(run, key + "." + std::to_string(n++), s));
    if (text(step, "do") == "all") {
        json::array out;
        for (auto& v : co_await mortise::all(std::move(branches)))
            out.push_back(std::move(v));
        co_return out;
    }
    auto first = co_await mortise::first(std::move(branches));
    json::value out{{"winner", first.index}, {"value", std::move(first.value)}};
    co_return out;
}

task<json::value> take(mortise::flow_run run, std::string key, json::value step) {
    const auto what = text(step, "do");
    if (what == "sleep") {
        co_await run.sleep_for(key, milliseconds(step, "ms"));
        co_return "slept";
    }
    if (what == "wait") {
        mortise::event_wait wait(text(step, "type"), text(step, "key"),
                                 milliseconds(step, "timeout_ms"));
        const auto e = co_await run.wait_event(key, std::move(wait));
        co_return json::value{{"id", e.id}, {"data", e.data}};
    }
    if (what == "link" || what == "find_link")
        co_return co_await link(run, std::move(key), std::move(step));
    if (what == "state_put" || what == "state_get")
        co_return co_await state(run, std::move(key), std::move(step));
    if (what == "record") co_return co_await run.record(key, json::value(step.at("value")));
    if (what == "transfer") co_return co_await move(run, std::move(key), std::move(step));
    if (what == "random") co_return run.random();
    if (what == "version") co_return PROBE_VERSION;
    if (what == "spawn") {
        mortise::child c;
        c.flow = text(step, "flow");
        if (const auto type = text(step, "type"); !type.empty()) c.event_type = type;
        c.key = text(step, "key");
        c.data = step.at("data");
        co_return co_await run.spawn(key, std::move(c));
    }
    if (what == "fickle") co_return co_await fickle(run, std::move(key));
    if (what == "forgetful") co_return co_await forgetful(run, std::move(key));
    if (what == "all" || what == "first")
        co_return co_await race(run, std::move(key), std::move(step));
    if (what == "fail") {
        throw mortise::error(mortise::category_from_string(text(step, "category")), "probe.told",
                             text(step, "message"));
    }
    if (what == "require") co_return co_await require(run, std::move(key), std::move(step));
    co_return co_await call(run, std::move(key), std::move(step));
}

task<json::value> take_or_catch(mortise::flow_run run, std::string key, json::value step) {
    try {
        co_return co_await take(run, std::move(key), std::move(step));
    } catch (const mortise::error& e) {
        co_return json::value{{"error", e.code}, {"category", mortise::to_string(e.category)}};
    }
}

} // namespace

void steps_flow::describe(mortise::flow_builder<steps_flow>& b) {
    b.id("probe-steps").version(PROBE_VERSION).title("Steps as told");
    b.role("target", "probe", "Where steps go")
        .uses("get", "put", "store", "create", "fire", "slow", "fetch", "fetch_once", "upload",
              "upload_parts");
    b.starts_on("target", "probe.changed").on_request().on_manual().on_child();
}

task<json::value> steps_flow::run(mortise::flow_run& run, mortise::event first) {
    json::array answers;
    const auto* plan = mortise::find_json(first.data, "plan");
    if (plan != nullptr) {
        int n = 0;
        for (const auto& step : plan->as_array()) {
            std::string key = "s" + std::to_string(n++);
            const bool caught = mortise::optional_bool(step, "catch").value_or(false);
            auto work =
                caught ? take_or_catch(run, std::move(key), step) : take(run, std::move(key), step);
            answers.push_back(co_await std::move(work));
        }
    }
    json::object out;
    out["answers"] = std::move(answers);
    co_return json::value(std::move(out));
}

} // namespace probe
