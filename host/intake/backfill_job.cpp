// SPDX-License-Identifier: Apache-2.0
#include "intake/backfill_job.hpp"

#include "base/no_effect.hpp"
#include "policy/retry_policy.hpp"

#include <boost/json.hpp>

#include <utility>

namespace json = boost::json;

namespace mortise::host {
namespace {

constexpr std::uint32_t most_failures = 50;

std::optional<backfill_state> state_from(std::string_view text) {
    for (const auto s : {backfill_state::running, backfill_state::paused, backfill_state::done,
                         backfill_state::failed, backfill_state::cancelled})
        if (to_string(s) == text) return s;
    return std::nullopt;
}

error wrong_state(const backfill_job& job, std::string what) {
    return no_effect(category::conflict, "backfill.state",
                     "backfill " + job.key() + " is " + std::string(to_string(job.state)) + "; " +
                         std::move(what));
}

std::string text_at(const json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

template <class Number>
Number number_at(const json::object& o, std::string_view key, Number fallback) {
    const auto* v = o.if_contains(key);
    if (v == nullptr || !v->is_number()) return fallback;
    boost::system::error_code ec;
    const auto n = v->to_number<Number>(ec);
    return ec ? fallback : n;
}

} // namespace

std::string_view to_string(backfill_state s) noexcept {
    switch (s) {
    case backfill_state::running:
        return "running";
    case backfill_state::paused:
        return "paused";
    case backfill_state::done:
        return "done";
    case backfill_state::failed:
        return "failed";
    case backfill_state::cancelled:
        return "cancelled";
    }
    return "failed";
}

std::string to_json_text(const backfill_job& job) {
    json::object o{{"connection", job.connection},
                   {"trigger", job.trigger},
                   {"state", to_string(job.state)},
                   {"events_per_second", job.events_per_second},
                   {"pages", job.pages},
                   {"emitted", job.emitted},
                   {"duplicates", job.duplicates},
                   {"failures", job.failures},
                   {"cursor", job.cursor},
                   {"started_at", job.started_at},
                   {"updated_at", job.updated_at},
                   {"ended_at", job.ended_at}};
    if (job.last_error) {
        o["last_error"] = {{"category", to_string(job.last_error->category)},
                           {"code", job.last_error->code},
                           {"message", job.last_error->message}};
    }
    return json::serialize(o);
}

result<backfill_job> backfill_job_from_json(std::string_view text) {
    boost::system::error_code ec;
    const auto value = json::parse(text, ec);
    const auto* o = ec ? nullptr : value.if_object();
    const auto state = o != nullptr ? state_from(text_at(*o, "state")) : std::nullopt;
    if (!state)
        return no_effect(category::internal, "backfill.record", "a backfill's record is malformed");
    backfill_job job;
    job.connection = text_at(*o, "connection");
    job.trigger = text_at(*o, "trigger");
    job.state = *state;
    job.events_per_second = number_at(*o, "events_per_second", job.events_per_second);
    job.pages = number_at(*o, "pages", job.pages);
    job.emitted = number_at(*o, "emitted", job.emitted);
    job.duplicates = number_at(*o, "duplicates", job.duplicates);
    job.failures = number_at(*o, "failures", job.failures);
    job.cursor = text_at(*o, "cursor");
    job.started_at = number_at(*o, "started_at", job.started_at);
    job.updated_at = number_at(*o, "updated_at", job.updated_at);
    job.ended_at = number_at(*o, "ended_at", job.ended_at);
    if (const auto* e = o->if_contains("last_error"); e != nullptr && e->is_object()) {
        const auto& fields = e->get_object();
        job.last_error = no_effect(category_from_string(text_at(fields, "category")),
                                   text_at(fields, "code"), text_at(fields, "message"));
    }
    return job;
}

result<backfill_job> paused(backfill_job job, unix_ms now) {
    if (has_ended(job.state)) return wrong_state(job, "there is nothing to pause");
    job.state = backfill_state::paused;
    job.updated_at = now;
    return job;
}

result<backfill_job> resumed(backfill_job job, unix_ms now) {
    if (job.state == backfill_state::running) return wrong_state(job, "there is nothing to resume");
    if (job.state == backfill_state::done)
        return wrong_state(job, "start it again to walk everything once more");
    job.state = backfill_state::running;
    job.failures = 0;
    job.updated_at = now;
    job.ended_at = 0;
    return job;
}

result<backfill_job> cancelled(backfill_job job, unix_ms now) {
    if (has_ended(job.state)) return wrong_state(job, "there is nothing to cancel");
    job.state = backfill_state::cancelled;
    job.updated_at = job.ended_at = now;
    return job;
}

backfill_job after_page(
    backfill_job job, std::uint64_t fresh, std::uint64_t known, std::string cursor, unix_ms now) {
    ++job.pages;
    job.emitted += fresh;
    job.duplicates += known;
    job.failures = 0;
    job.cursor = std::move(cursor);
    job.updated_at = now;
    return job;
}

backfill_job after_end(backfill_job job, unix_ms now) {
    job.state = backfill_state::done;
    job.failures = 0;
    job.updated_at = job.ended_at = now;
    job.last_error.reset();
    return job;
}

backfill_job after_failure(backfill_job job, const error& e, unix_ms now) {
    ++job.failures;
    job.last_error = e;
    job.updated_at = now;
    if (!is_transient(e) || job.failures >= most_failures) {
        job.state = backfill_state::failed;
        job.ended_at = now;
    }
    return job;
}

} // namespace mortise::host
