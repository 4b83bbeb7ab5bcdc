// SPDX-License-Identifier: Apache-2.0
//
// Triggers: a change becomes one event, whatever happens to polls, webhooks, logins and clocks.
#include "trial.hpp"

#include <algorithm>
#include <set>

namespace mortise::testing::conformance {
namespace {

// A watched system whose first poll is over: what comes from now on is news.
class watch {
public:
    watch(const subject& s, const trigger_row& w, report& out) : r(w), to(out), b(s) {
        b.connection->open(r.trigger, r.settings);
        b.settle();
        for (int n = 0; n < 2; ++n)
            b.connection->poll(r.trigger).value();
        collect();
        seen.clear();
        if (r.hooks) r.hooks(b);
        b.wait(std::chrono::seconds(1));
        b.between->reset();
    }

    call_outcome poll() {
        const auto call = b.connection->start_poll(r.trigger);
        if (!call.done()) b.wait(trial::deadline);
        if (!call.done()) call.cancel();
        collect();
        return call.outcome();
    }
    // Until nothing new comes, at most three times.
    void poll_to_rest() {
        for (int n = 0; n < 3; ++n) {
            b.settle();
            const std::size_t had = seen.size();
            if (const auto out = poll(); out.failure) {
                to.add("the poll fails with nothing in its way: " + describe(*out.failure));
            }
            if (n > 0 && seen.size() == had) return;
        }
    }
    call_outcome deliver(const hook& h) {
        const auto call = b.connection->start_webhook(r.trigger, h.headers, h.body);
        if (!call.done()) b.wait(trial::deadline);
        if (!call.done()) call.cancel();
        collect();
        return call.outcome();
    }
    void collect() {
        for (auto& line : b.news())
            seen.push_back(std::move(line));
    }
    void expect_once(const std::string& what, std::string_view when) {
        const auto n = std::count(seen.begin(), seen.end(), what);
        if (n == 1) return;
        std::string all;
        for (const auto& line : seen)
            all += (all.empty() ? "" : ", ") + line;
        to.add("makes " + std::to_string(n) + " events of \"" + what + "\" instead of one " +
               std::string(when) + "; there were: " + (all.empty() ? "none" : all));
    }
    void finish() {
        b.connection->close(r.trigger);
        b.connection->destroy();
        for (const auto& v : b.host.violations())
            to.add("breaks a rule of the ABI: " + v);
        for (const auto& p : b.system->problems())
            to.add("made the system itself fail: " + p);
    }

    const trigger_row& r;
    report& to;
    bench b;
    std::vector<std::string> seen;
};

// Gives how many requests the poll that finds a change makes.
std::size_t find_by_poll(report& to, const subject& s, const trigger_row& r) {
    to.begin("poll");
    watch w(s, r, to);
    const std::string what = r.change(w.b);
    w.b.settle();
    w.b.between->reset();
    const call_outcome out = w.poll();
    if (out.failure) to.add("the poll fails: " + describe(*out.failure));
    const std::size_t requests = w.b.between->requests();
    w.poll_to_rest();
    w.expect_once(what, "by polling alone");
    w.finish();
    return requests;
}

struct poll_case {
    const char* check;
    std::uint32_t status; // 0: the connection breaks
    enum category means;
};
constexpr poll_case poll_cases[] = {
    {"poll-503", 503, category::unavailable},
    {"poll-429", 429, category::rate_limit},
    {"poll-cut", 0, category::unavailable},
};

void disturb_poll(
    report& to, const subject& s, const trigger_row& r, const poll_case& c, std::size_t at) {
    to.begin(c.check);
    watch w(s, r, to);
    const std::string what = r.change(w.b);
    w.b.settle();
    w.b.between->reset();
    http_answer answer;
    if (c.status) {
        answer = s.refusal(c.status, std::string(system_words));
        answer.headers.emplace_back("retry-after", "20");
    } else {
        answer.failure =
            error(category::unavailable, "http.connection.lost", "the connection failed");
    }
    trouble planned;
    planned.at = at;
    planned.answer = [answer](const http_answer&) { return answer; };
    w.b.between->planned = std::move(planned);
    const call_outcome out = w.poll();
    const std::string where = " at " + w.b.between->name_of(at);
    if (!out.failure) {
        to.add("the poll succeeds although it was disturbed" + where);
    } else {
        if (out.failure->category != c.means) {
            to.add("the poll is not " + std::string(to_string(c.means)) + where + ": " +
                   describe(*out.failure));
        }
        if (c.status == 429 && out.failure->retry_after != std::chrono::seconds(20)) {
            to.add("the poll loses the Retry-After of the system" + where);
        }
    }
    w.b.between->reset();
    w.poll_to_rest();
    w.expect_once(what, "after a poll was disturbed" + where);
    w.finish();
}

void expire_in_poll(report& to, const subject& s, const trigger_row& r, std::size_t at) {
    to.begin("poll-login-expires");
    watch w(s, r, to);
    const std::string what = r.change(w.b);
    w.b.settle();
    w.b.between->reset();
    bool ended = false;
    w.b.between->before = [&](std::size_t n) {
        if (n >= at && !std::exchange(ended, true)) w.b.system->expire_logins();
    };
    if (const auto out = w.poll(); out.failure) {
        to.add("the poll fails when the login expires before " + w.b.between->name_of(at) + ": " +
               describe(*out.failure));
    }
    w.b.between->reset();
    w.poll_to_rest();
    w.expect_once(what, "when the login expires within the poll");
    w.finish();
}

void drift_in_poll(report& to, const subject& s, const trigger_row& r, std::size_t at) {
    to.begin("poll-drift");
    watch w(s, r, to);
    const std::string first = r.change(w.b);
    w.b.settle();
    w.b.between->reset();
    std::string second;
    w.b.between->before = [&](std::size_t n) {
        if (n >= at && second.empty()) second = r.other_change(w.b);
    };
    w.poll();
    w.b.between->reset();
    if (second.empty()) return;
    w.poll_to_rest();
    w.expect_once(first, "when something else changes during the poll");
    w.expect_once(second, "when it happens during a poll");
    w.finish();
}

void skew_clock(report& to, const subject& s, const trigger_row& r, bool system_ahead) {
    to.begin("clock-skew");
    watch w(s, r, to);
    if (system_ahead) {
        w.b.system->advance(std::chrono::minutes(90));
    } else {
        w.b.host.advance(std::chrono::minutes(90));
    }
    w.poll_to_rest();
    const std::string what = r.change(w.b);
    w.poll_to_rest();
    w.expect_once(what, system_ahead ? "when the system's clock is ahead"
                                     : "when the host's clock is ahead");
    w.finish();
}

bool taken(const call_outcome& out) {
    if (out.failure) return false;
    const json::value* status = out.result.is_object() ? find_json(out.result, "status") : nullptr;
    return !status || (status->is_int64() && status->get_int64() < 300);
}

void check_hooks(report& to, const subject& s, const trigger_row& r) {
    to.begin("webhook");
    {
        watch w(s, r, to);
        const std::string what = r.change(w.b);
        w.b.settle();
        for (const auto& h : r.hooks(w.b)) {
            if (const auto out = w.deliver(h); !taken(out)) {
                to.add("the webhook is not taken" +
                       (out.failure ? ": " + describe(*out.failure) : std::string()));
            }
        }
        w.expect_once(what, "by webhook alone");
        w.poll_to_rest();
        w.expect_once(what, "by webhook and poll");
        w.finish();
    }
    to.begin("webhook-duplicate");
    {
        watch w(s, r, to);
        const std::string what = r.change(w.b);
        w.b.settle();
        for (const auto& h : r.hooks(w.b)) {
            w.deliver(h);
            w.deliver(h);
        }
        w.poll_to_rest();
        w.expect_once(what, "when each webhook comes twice");
        w.finish();
    }
    to.begin("webhook-reordered");
    {
        watch w(s, r, to);
        const std::string first = r.change(w.b);
        w.b.settle();
        const std::string second = r.other_change(w.b);
        w.b.settle();
        auto hooks = r.hooks(w.b);
        std::reverse(hooks.begin(), hooks.end());
        for (const auto& h : hooks)
            w.deliver(h);
        w.poll_to_rest();
        w.expect_once(first, "when its webhook is overtaken");
        w.expect_once(second, "when its webhook overtakes another");
        w.finish();
    }
    to.begin("webhook-system-away");
    {
        watch w(s, r, to);
        const std::string what = r.change(w.b);
        w.b.settle();
        w.b.between->reset();
        trouble planned;
        planned.times = SIZE_MAX;
        const http_answer answer = s.refusal(503, std::string(system_words));
        planned.answer = [answer](const http_answer&) { return answer; };
        w.b.between->planned = std::move(planned);
        const auto hooks = r.hooks(w.b);
        for (const auto& h : hooks) {
            const auto out = w.deliver(h);
            if (w.b.between->planned->hit && taken(out) && w.seen.empty()) {
                to.add("takes a webhook that it could not follow up");
            }
        }
        w.b.between->reset();
        for (const auto& h : hooks) // the system tries again
            w.deliver(h);
        w.poll_to_rest();
        w.expect_once(what, "when the system was away as its webhook came");
        w.finish();
    }
}

void check_wrong_hooks(report& to, const subject& s, const trigger_row& r) {
    watch w(s, r, to);
    r.change(w.b);
    w.b.settle();
    const auto hooks = r.hooks(w.b);
    if (hooks.empty()) {
        to.add("the row gives no webhooks for its change");
        return;
    }
    if (r.hooks_are_signed) {
        to.begin("webhook-forged");
        for (hook h : hooks) {
            for (auto& [name, value] : h.headers)
                if (!value.empty()) value.back() = value.back() == 'x' ? 'y' : 'x';
            const auto out = w.deliver(h);
            if (!out.failure || out.failure->category != category::auth) {
                to.add(
                    "a webhook with a wrong secret is not AUTH" +
                    (out.failure ? ": " + describe(*out.failure) : std::string(", it is taken")));
            }
            h.headers.clear();
            if (const auto bare = w.deliver(h);
                !bare.failure || bare.failure->category != category::auth) {
                to.add("a webhook without a secret is not AUTH");
            }
        }
        if (!w.seen.empty()) to.add("makes events of a forged webhook: " + w.seen.front());
    }
    to.begin("webhook-garbage");
    w.seen.clear();
    for (const char* body : {"", "{", "null", "[]", "17", "\"text\"", "{}", "<html>", "\xff\xfe"}) {
        const auto out = w.deliver({hooks.front().headers, body});
        if (out.failure && out.failure->category != category::input) {
            to.add("a webhook with the body " + std::string(body) +
                   " is not INPUT: " + describe(*out.failure));
        }
    }
    if (!w.seen.empty()) to.add("makes events of garbage: " + w.seen.front());
    w.finish();
}

} // namespace

std::vector<finding> check_trigger(const subject& s, const trigger_row& r) {
    report to(r.trigger, r.exceptions);
    const std::size_t requests = find_by_poll(to, s, r);
    constexpr std::size_t most = 12;
    for (std::size_t at = 0; at < requests && at < most; ++at) {
        for (const auto& c : poll_cases)
            if (!to.excepted(c.check)) disturb_poll(to, s, r, c, at);
        if (!to.excepted("poll-login-expires")) expire_in_poll(to, s, r, at);
        if (!to.excepted("poll-drift")) drift_in_poll(to, s, r, at);
    }
    if (!to.excepted("clock-skew")) {
        skew_clock(to, s, r, true);
        skew_clock(to, s, r, false);
    }
    if (r.hooks) {
        check_hooks(to, s, r);
        check_wrong_hooks(to, s, r);
    }
    if (!to.excepted("backfill")) check_backfill(to, s, r);
    return to.take();
}

} // namespace mortise::testing::conformance
