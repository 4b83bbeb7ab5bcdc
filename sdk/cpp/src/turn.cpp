// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/turn.hpp>

#include <algorithm>
#include <exception>

namespace mortise {

namespace {

std::int64_t unix_ms(time_point t) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
}

// Nobody has it, this run has it (it was cut off just after), or its holder's lease is over.
bool is_free(const json::value& held, const std::string& me, std::int64_t now_ms) {
    if (held.is_null()) return true;
    if (require_string(held, "holder", category::internal) == me) return true;
    return require_int(held, "until", category::internal) <= now_ms;
}

task<bool> take(flow_run run, std::string key, json::value holder, std::uint64_t version) {
    try {
        co_await run.state_put("put", key, std::move(holder), version);
    } catch (const error& e) {
        // Somebody was quicker.
        if (e.category != category::conflict) throw;
        co_return false;
    }
    co_return true;
}

task<void> acquire(flow_run run, std::string key, std::string me, turn_options options) {
    auto pause = options.first_pause;
    for (int round = 1;; ++round) {
        const flow_run step = run.scope(std::to_string(round));
        const state_value held = co_await step.state_get("look", key);
        const std::int64_t now_ms = unix_ms(run.now());
        if (is_free(held.value, me, now_ms)) {
            json::value holder{{"holder", me}, {"until", now_ms + options.lease.count()}};
            if (co_await take(step, key, std::move(holder), held.version)) co_return;
        }
        co_await step.sleep_for("wait", pause);
        pause = std::min(pause * 2, options.longest_pause);
    }
}

task<void> release(flow_run run, std::string key, std::string me) {
    const state_value held = co_await run.state_get("held", key);
    // After its lease somebody else may have it.
    if (held.value.is_null() || require_string(held.value, "holder", category::internal) != me) {
        co_return;
    }
    std::optional<json::value> nothing;
    try {
        co_await run.state_put("free", key, std::move(nothing), held.version);
    } catch (const error& e) {
        if (e.category != category::conflict) throw;
    }
}

} // namespace

task<json::value> take_turn(flow_run run, std::string name, turn_options options, turn_work work) {
    const std::string key = "turn:" + name;
    const std::string me = run.uuid("turn");
    const flow_run own = run.scope("turn");
    co_await acquire(own, key, me, options);
    std::exception_ptr failed;
    json::value result;
    try {
        task<json::value> doing = work();
        result = co_await std::move(doing);
    } catch (...) {
        failed = std::current_exception();
    }
    // A cancelled run takes no step any more: its lease runs out.
    if (!run.cancelled()) co_await release(own, key, me);
    if (failed) std::rethrow_exception(failed);
    co_return result;
}

} // namespace mortise
