// SPDX-License-Identifier: Apache-2.0
#include "operate/bulk_job.hpp"

#include "base/no_effect.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace mortise::host {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> action_names{"retry", "discard", "edit"};
constexpr std::array<std::string_view, 5> state_names{"running", "done", "stopped", "cancelled",
                                                      "failed"};
// Under way with an unknown outcome; a system that is down must show before more are sent to it.
constexpr std::size_t most_watched = 16;
constexpr std::uint32_t most_at_once = 100;
constexpr unix_ms watch_for_ms = 10 * 60 * 1000;
constexpr double slowest = 0.001, fastest = 1000;

template <class Names>
std::optional<std::size_t> index_of(const Names& names, std::string_view text) {
    const auto it = std::find(names.begin(), names.end(), text);
    if (it == names.end()) return std::nullopt;
    return static_cast<std::size_t>(it - names.begin());
}

std::string text(const json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

template <class Number>
Number number(const json::object& o, std::string_view key, Number otherwise) {
    const auto* v = o.if_contains(key);
    if (v == nullptr || !v->is_number()) return otherwise;
    boost::system::error_code ec;
    const auto n = v->to_number<Number>(ec);
    return ec ? otherwise : n;
}

bool flag(const json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    return v != nullptr && v->is_bool() && v->get_bool();
}

} // namespace

std::string_view to_string(bulk_action a) noexcept {
    return action_names[static_cast<std::size_t>(a)];
}
std::string_view to_string(bulk_state s) noexcept {
    return state_names[static_cast<std::size_t>(s)];
}
std::optional<bulk_action> bulk_action_from_string(std::string_view word) noexcept {
    const auto i = index_of(action_names, word);
    if (!i) return std::nullopt;
    return static_cast<bulk_action>(*i);
}

result<void> check_request(const bulk_request& r) {
    const auto wrong = [](std::string code, std::string message) {
        return no_effect(category::input, "bulk." + std::move(code), std::move(message));
    };
    if (r.fingerprint.empty() && r.flow.empty() && !r.all) {
        return wrong("filter", "say which dead letters: a fingerprint (group), a flow, or all");
    }
    if (!(r.runs_per_second >= slowest && r.runs_per_second <= fastest)) {
        return wrong("rate", "the rate must be from 0.001 to 1000 runs per second");
    }
    if (r.give_up_after == 0) {
        return wrong("give-up-after", "give_up_after must be at least 1");
    }
    if (r.action == bulk_action::discard && r.reason.empty()) {
        return wrong("reason", "discarding needs a reason");
    }
    if (r.action == bulk_action::edit) {
        if (r.patch.empty()) {
            return wrong("patch", "editing many needs a merge patch over the failed step's input, "
                                  "e.g. {\"folder\":\"4711\"}");
        }
        boost::system::error_code ec;
        const auto patch = json::parse(r.patch, ec);
        if (ec || !patch.is_object())
            return wrong("patch", "the patch must be a JSON object (RFC 7396)");
    }
    return {};
}

std::string to_json_text(const bulk_job& job) {
    const auto& r = job.request;
    json::object o{{"id", job.id},
                   {"action", to_string(r.action)},
                   {"state", to_string(job.state)},
                   {"total", job.total},
                   {"done", job.done},
                   {"failed", job.failed},
                   {"left_out", job.left_out},
                   {"fingerprint", r.fingerprint},
                   {"flow", r.flow},
                   {"all", r.all},
                   {"runs_per_second", r.runs_per_second},
                   {"redo", r.redo},
                   {"fresh", r.fresh},
                   {"reason", r.reason},
                   {"give_up_after", r.give_up_after},
                   {"who", r.who},
                   {"why", job.why},
                   {"last_problem", job.last_problem},
                   {"after", job.after},
                   {"started_at", job.started_at},
                   {"updated_at", job.updated_at},
                   {"ended_at", job.ended_at}};
    if (!r.patch.empty()) o["patch"] = json::parse(r.patch);
    json::array watched;
    for (const auto& w : job.watched)
        watched.push_back(
            {{"run", w.run.str()}, {"fingerprint", w.fingerprint}, {"since", w.since}});
    o["watched"] = std::move(watched);
    json::object again;
    for (const auto& [fingerprint, n] : job.same_again)
        again[fingerprint] = n;
    o["same_again"] = std::move(again);
    return json::serialize(o);
}

result<bulk_job> bulk_job_from_json(std::string_view stored) {
    boost::system::error_code ec;
    const auto value = json::parse(stored, ec);
    const auto* o = value.if_object();
    const auto action = o != nullptr ? bulk_action_from_string(text(*o, "action")) : std::nullopt;
    const auto state = o != nullptr ? index_of(state_names, text(*o, "state")) : std::nullopt;
    if (ec || !action || !state) {
        return no_effect(category::internal, "bulk.record",
                         "a bulk job's record in the journal cannot be read");
    }
    bulk_job job;
    job.id = text(*o, "id");
    job.request.action = *action;
    job.state = static_cast<bulk_state>(*state);
    job.total = number<std::uint64_t>(*o, "total", 0);
    job.done = number<std::uint64_t>(*o, "done", 0);
    job.failed = number<std::uint64_t>(*o, "failed", 0);
    job.left_out = number<std::uint64_t>(*o, "left_out", 0);
    job.request.fingerprint = text(*o, "fingerprint");
    job.request.flow = text(*o, "flow");
    job.request.all = flag(*o, "all");
    job.request.runs_per_second = number<double>(*o, "runs_per_second", 10);
    job.request.redo = flag(*o, "redo");
    job.request.fresh = flag(*o, "fresh");
    job.request.reason = text(*o, "reason");
    job.request.give_up_after = number<std::uint32_t>(*o, "give_up_after", 5);
    job.request.who = text(*o, "who");
    if (const auto* patch = o->if_contains("patch")) job.request.patch = json::serialize(*patch);
    job.why = text(*o, "why");
    job.last_problem = text(*o, "last_problem");
    job.after = text(*o, "after");
    job.started_at = number<unix_ms>(*o, "started_at", 0);
    job.updated_at = number<unix_ms>(*o, "updated_at", 0);
    job.ended_at = number<unix_ms>(*o, "ended_at", 0);
    if (const auto* list = o->if_contains("watched"); list != nullptr && list->is_array()) {
        for (const auto& w : list->get_array()) {
            if (const auto* entry = w.if_object())
                job.watched.push_back({run_id(text(*entry, "run")), text(*entry, "fingerprint"),
                                       number<unix_ms>(*entry, "since", 0)});
        }
    }
    if (const auto* again = o->if_contains("same_again"); again != nullptr && again->is_object()) {
        for (const auto& [key, n] : again->get_object())
            job.same_again[std::string(key)] = number<std::uint32_t>(again->get_object(), key, 0);
    }
    return job;
}

second_try judge(const claimed_run& run, std::string_view first_fingerprint) noexcept {
    switch (run.run.state) {
    case run_state::ready:
    case run_state::active:
        return second_try::open;
    case run_state::waiting: {
        // Waiting to try again says nothing yet; waiting for a person or a time is progress.
        const bool trying =
            !run.run.held.empty() ||
            std::any_of(run.steps.begin(), run.steps.end(),
                        [](const step_record& s) { return s.state == step_state::retrying; });
        return trying ? second_try::open : second_try::went_on;
    }
    case run_state::failed:
    case run_state::in_doubt:
        return run.run.fingerprint == first_fingerprint ? second_try::failed_same
                                                        : second_try::failed_other;
    default:
        return second_try::went_on;
    }
}

void note_changed(bulk_job& job, const run_record& run, unix_ms now) {
    ++job.done;
    job.after = run.id.str();
    job.updated_at = now;
    if (job.request.action != bulk_action::discard)
        job.watched.push_back({run.id, run.fingerprint, now});
}

void note_left_out(bulk_job& job, const run_record& run, std::string problem, unix_ms now) {
    ++job.left_out;
    job.after = run.id.str();
    job.last_problem = std::move(problem);
    job.updated_at = now;
}

void note_outcome(bulk_job& job, const run_id& run, second_try outcome, unix_ms now) {
    const auto it = std::find_if(job.watched.begin(), job.watched.end(),
                                 [&](const bulk_job::watched_run& w) { return w.run == run; });
    if (it == job.watched.end() || outcome == second_try::open) return;
    const auto fingerprint = it->fingerprint;
    job.watched.erase(it);
    job.updated_at = now;
    if (outcome == second_try::went_on) {
        job.same_again.erase(fingerprint);
        return;
    }
    ++job.failed;
    if (outcome != second_try::failed_same) return;
    const auto times = ++job.same_again[fingerprint];
    if (times < job.request.give_up_after || job.state != bulk_state::running) return;
    end_job(
        job, bulk_state::stopped,
        std::to_string(times) + " runs in a row failed again for the same cause (" + fingerprint +
            "): what they need is not mended yet; look at one of them, mend it, and begin again",
        now);
}

void let_go(bulk_job& job, unix_ms now) {
    std::erase_if(job.watched,
                  [&](const bulk_job::watched_run& w) { return now - w.since > watch_for_ms; });
}

void end_job(bulk_job& job, bulk_state state, std::string why, unix_ms now) {
    job.state = state;
    job.why = std::move(why);
    job.updated_at = job.ended_at = now;
}

std::uint32_t may_take(const bulk_job& job, std::chrono::milliseconds elapsed) noexcept {
    // What was not used while the job waited is not made up for.
    const std::chrono::milliseconds apart(
        static_cast<std::int64_t>(std::ceil(1000.0 / job.request.runs_per_second)));
    elapsed = std::min(elapsed, std::max(apart, 2 * pace(job)));
    const auto allowed = std::floor(
        static_cast<double>(elapsed.count()) * job.request.runs_per_second / 1000.0 + 1e-6);
    auto n = static_cast<std::uint32_t>(std::clamp(allowed, 0.0, double(most_at_once)));
    if (job.request.action == bulk_action::discard) return n;
    const auto open = std::min(job.watched.size(), most_watched);
    return std::min(n, static_cast<std::uint32_t>(most_watched - open));
}

std::chrono::milliseconds pace(const bulk_job& job) noexcept {
    const auto apart = std::ceil(1000.0 / job.request.runs_per_second);
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(apart, 20.0, 1000.0)));
}

} // namespace mortise::host
