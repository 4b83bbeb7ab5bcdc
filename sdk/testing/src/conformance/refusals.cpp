// SPDX-License-Identifier: Apache-2.0
//
// The system refuses, by status, by an HTML page, or answers what is not expected.
#include "trial.hpp"

#include <mortise/sdk/time_text.hpp>

#include <ctime>

namespace mortise::testing::conformance {
namespace {

struct refusal_case {
    const char* check;
    std::uint32_t status;
    enum category means;
    enum class wait { none, seconds, date, skewed_date } after = wait::none;
    bool everywhere = false; // at each request, not only at the last
};

constexpr refusal_case cases[] = {
    {"refused-400", 400, category::input},
    {"refused-403", 403, category::denied, refusal_case::wait::none, true},
    {"refused-404", 404, category::not_found, refusal_case::wait::none, true},
    {"refused-409", 409, category::conflict},
    {"refused-422", 422, category::input},
    {"refused-429", 429, category::rate_limit},
    {"refused-429-seconds", 429, category::rate_limit, refusal_case::wait::seconds},
    {"refused-429-date", 429, category::rate_limit, refusal_case::wait::date},
    {"refused-429-skewed-date", 429, category::rate_limit, refusal_case::wait::skewed_date},
    {"refused-500", 500, category::unavailable},
    {"refused-502", 502, category::unavailable},
    {"refused-503", 503, category::unavailable, refusal_case::wait::none, true},
    {"refused-503-seconds", 503, category::unavailable, refusal_case::wait::seconds},
};

constexpr std::chrono::seconds pause{37};

std::string http_date(time_point t) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(t);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64];
    const std::size_t n = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text, n};
}

void add_pause(http_answer& to, refusal_case::wait how, time_point now) {
    using wait = refusal_case::wait;
    if (how == wait::none) return;
    if (how == wait::seconds) {
        to.headers.emplace_back("retry-after", std::to_string(pause.count()));
        return;
    }
    // The server's clock may be wrong; it says so in Date.
    if (how == wait::skewed_date) now += std::chrono::hours(5);
    to.headers.emplace_back("date", http_date(now));
    to.headers.emplace_back("retry-after", http_date(now + pause));
}

void check_pause(report& to, const refusal_case& c, const error& e) {
    const bool given = c.after != refusal_case::wait::none;
    if (given == e.retry_after.has_value()) {
        if (!given) return;
        const auto off = *e.retry_after - pause;
        if (off < std::chrono::seconds(-2) || off > std::chrono::seconds(2)) {
            to.add("asks to wait " + std::to_string(e.retry_after->count()) +
                   " ms where the system asked for " + std::to_string(pause.count()) + " s");
        }
        return;
    }
    to.add(given ? "loses the Retry-After of the system"
                 : "asks to wait for a time that the system did not ask for");
}

void refuse_at(report& to,
               const subject& s,
               const operation_facts& op,
               const row& r,
               const undisturbed& clean,
               const refusal_case& c,
               std::size_t at) {
    to.begin(c.check);
    trial t(s, op, r);
    http_answer answer = s.refusal(c.status, std::string(system_words));
    add_pause(answer, c.after, t.b.host.now());
    trouble planned;
    planned.at = at;
    planned.answer = [answer](const http_answer&) { return answer; };
    t.plan(std::move(planned));
    const call_outcome out = t.run();
    if (!t.b.between->planned->hit) return; // another way was taken this time
    if (!out.failure) {
        if (!allowed(t, c.status, out)) {
            const std::size_t more = t.b.between->requests() - at - 1;
            to.add("succeeds although " + t.b.between->name_of(at) + " was refused with status " +
                   std::to_string(c.status) + "; it went on with " + std::to_string(more) +
                   " more requests");
        }
        return t.finish(to);
    }
    expected_failure expected;
    if (r.tolerated.contains(c.status)) {
        // It may mean something of its own here.
        judge_text(to, t, *out.failure, expected);
        return t.finish(to);
    }
    expected.categories = {c.means};
    expected.words = system_words;
    expected.at = at;
    // Whoever answers 500 or 502 may have done it all the same.
    expected.refused = c.status < 500 || c.status == 503;
    judge(to, t, *out.failure, expected);
    if (out.failure->http_status != c.status) {
        to.add("does not tell the status " + std::to_string(c.status) + " in http_status");
    }
    check_pause(to, c, *out.failure);
    recover(to, t, *out.failure, clean);
    t.finish(to);
}

constexpr const char* page = "<!DOCTYPE html>\n<html><body><h1>Maintenance</h1></body></html>";

struct odd_case {
    const char* check;
    std::uint32_t status;
    const char* type;
    const char* body; // null: half of the true one
    bool must_fail;
};

constexpr odd_case odd_cases[] = {
    {"html-200", 200, "text/html", page, true},
    {"html-502", 502, "text/html", page, true},
    {"half-json", 200, "application/json", nullptr, true},
    {"odd-json-array", 200, "application/json", "[]", false},
    {"odd-json-null", 200, "application/json", "null", false},
    {"odd-json-text", 200, "application/json", "\"yes\"", false},
    {"odd-json-object", 200, "application/json", "{}", false},
};

void answer_oddly(report& to,
                  const subject& s,
                  const operation_facts& op,
                  const row& r,
                  const undisturbed& clean,
                  const odd_case& c,
                  std::size_t at) {
    to.begin(c.check);
    trial t(s, op, r);
    trouble planned;
    planned.at = at;
    planned.reaches = true; // the worst case: it was done, and the answer is unreadable
    bool nothing_to_cut = false;
    planned.answer = [&c, &nothing_to_cut](const http_answer& real) {
        if (real.body.empty()) nothing_to_cut = true;
        std::string body = c.body ? c.body : real.body.substr(0, real.body.size() / 2);
        return http_answer(c.status, {{"content-type", c.type}}, std::move(body));
    };
    t.plan(std::move(planned));
    const call_outcome out = t.run();
    if (!t.b.between->planned->hit) return;
    if (out.content) {
        t.b.host.drain_content(out.content);
        return t.finish(to);
    }
    if (!out.failure) {
        // An answer that is empty anyway is not read.
        if (c.must_fail && !nothing_to_cut) {
            to.add("succeeds although the answer to " + t.b.between->name_of(at) + " was " +
                   (c.body ? std::string(c.type) : "half of its JSON"));
        }
        return t.finish(to);
    }
    const error& e = *out.failure;
    if (e.category == category::internal || e.category == category::unknown ||
        e.category == category::auth) {
        to.add("is not remote_protocol after an answer of " + std::string(c.type) + " to " +
               t.b.between->name_of(at) + ": " + describe(e));
    }
    if (c.must_fail) {
        expected_failure expected;
        expected.at = at;
        expected.categories = {category::remote_protocol};
        if (c.status >= 500) expected.categories.push_back(category::unavailable);
        judge(to, t, e, expected);
        recover(to, t, e, clean);
    }
    t.finish(to);
}

} // namespace

void check_refusals(report& to,
                    const subject& s,
                    const operation_facts& op,
                    const row& r,
                    const undisturbed& clean) {
    for (const auto& c : cases) {
        if (to.excepted(c.check)) continue;
        for (const std::size_t at : clean.positions) {
            if (!c.everywhere && at != clean.positions.back()) continue;
            refuse_at(to, s, op, r, clean, c, at);
        }
    }
}

void check_odd_answers(report& to,
                       const subject& s,
                       const operation_facts& op,
                       const row& r,
                       const undisturbed& clean) {
    for (const auto& c : odd_cases) {
        if (to.excepted(c.check)) continue;
        const bool each = std::string_view(c.check) == "html-200";
        for (const std::size_t at : clean.positions) {
            if (!each && at != clean.positions.back()) continue;
            answer_oddly(to, s, op, r, clean, c, at);
        }
    }
}

} // namespace mortise::testing::conformance
