// SPDX-License-Identifier: Apache-2.0
//
// Logins that end, are refused, or are away.
#include "trial.hpp"

namespace mortise::testing::conformance {
namespace {

constexpr std::size_t together = 4;

// Several calls at once find their login gone: one login serves them all.
void share_one(report& to, const subject& s, const operation_facts& op, const row& r) {
    to.begin("login-shared");
    for (const std::uint64_t order : {0u, 5u}) {
        trial t(s, op, r, order);
        t.run().value(); // logs in, and fills what the connector keeps
        t.b.between->reset();
        t.b.system->expire_logins();
        std::vector<pending_call> calls;
        for (std::size_t i = 0; i < together; ++i)
            calls.push_back(t.b.connection->start(op.id, t.input));
        for (const auto& c : calls) {
            const call_outcome out = c.outcome();
            if (!out.done) to.add("is still open after the login had expired");
            if (out.failure) to.add("fails after the login had expired: " + describe(*out.failure));
            if (out.content) t.b.host.drain_content(out.content);
        }
        const std::size_t logins = t.b.between->logins();
        if (s.is_login && logins != 1) {
            to.add("logs in " + std::to_string(logins) + " times for " + std::to_string(together) +
                   " calls that find their login expired, instead of once");
        }
        t.finish(to);
    }
}

// The login ends before the n-th request of a call.
void expire_within(report& to,
                   const subject& s,
                   const operation_facts& op,
                   const row& r,
                   const undisturbed& clean,
                   std::size_t at) {
    const bool upload = r.content_bytes && at == clean.upload;
    to.begin(upload ? "login-expires-in-upload" : "login-expires");
    trial t(s, op, r);
    bool ended = false;
    t.b.between->before = [&](std::size_t n) {
        if (n < at || std::exchange(ended, true)) return;
        t.b.system->expire_logins();
    };
    const call_outcome out = t.run();
    if (out.content) t.b.host.drain_content(out.content);
    if (out.failure) {
        // Content cannot always be sent twice; the host does it again then, with the content anew.
        if (!upload) {
            to.add("fails when the login expires before " + t.b.between->name_of(at) + ": " +
                   describe(*out.failure));
        } else if (out.failure->category == category::auth || out.failure->effect != effect::none) {
            to.add("does not let itself be repeated when the login expires during the upload: " +
                   describe(*out.failure));
        } else {
            recover(to, t, *out.failure, clean);
        }
    } else if (op.effect_class != MORTISE_EFFECT_CLASS_READ) {
        t.b.settle();
        if (const json::value now = t.look(); now != clean.look) {
            to.add("leaves another state when the login expires before " +
                   t.b.between->name_of(at) + ": " + difference(clean.look, now));
        }
    }
    t.finish(to);
}

// Every request is refused with 401, whatever the login.
void refuse_always(report& to,
                   const subject& s,
                   const operation_facts& op,
                   const row& r,
                   const undisturbed& clean) {
    to.begin("refused-401");
    trial t(s, op, r);
    const http_answer answer = s.refusal(401, std::string(system_words));
    trouble planned;
    planned.at = clean.positions.back();
    planned.times = SIZE_MAX;
    planned.answer = [answer](const http_answer&) { return answer; };
    t.plan(std::move(planned));
    const std::size_t before = t.b.between->logins();
    const call_outcome out = t.run();
    if (!t.b.between->planned->hit) return;
    if (!out.failure) {
        to.add("succeeds although each request was refused with status 401");
        return t.finish(to);
    }
    const wire& w = *t.b.between;
    const std::size_t asked = w.requests() - clean.positions.back();
    if (asked > 2) {
        to.add("asks " + std::to_string(asked) + " times although each is refused with status 401");
    }
    if (w.logins() - before > 2) {
        to.add("logs in " + std::to_string(w.logins() - before) +
               " times although that does not help");
    }
    expected_failure expected;
    expected.categories = {category::auth};
    expected.at = clean.positions.back() + asked - 1;
    // Content that cannot be sent twice is left to the next attempt, which is refused likewise.
    if (r.content_bytes) expected.categories.push_back(category::unavailable);
    judge(to, t, *out.failure, expected);
    t.finish(to);
}

struct login_case {
    const char* check;
    std::uint32_t status; // 0: no answer at all
    enum category means;
};
constexpr login_case login_cases[] = {
    {"login-refused", 401, category::auth},
    {"login-limited", 429, category::rate_limit},
    {"login-away", 503, category::unavailable},
    {"login-cut", 0, category::unavailable},
};

void fail_login(report& to,
                const subject& s,
                const operation_facts& op,
                const row& r,
                const undisturbed& clean,
                const login_case& c) {
    to.begin(c.check);
    trial t(s, op, r);
    t.b.system->expire_logins();
    http_answer answer;
    if (c.status) {
        answer = s.refusal(c.status, std::string(system_words));
    } else {
        answer.failure =
            error(category::unavailable, "http.connection.lost", "the connection failed");
    }
    trouble planned;
    planned.logins = true;
    planned.times = SIZE_MAX;
    planned.answer = [answer](const http_answer&) { return answer; };
    t.plan(std::move(planned));
    const call_outcome out = t.run();
    if (!t.b.between->planned->hit) return;
    if (!out.failure) {
        to.add("succeeds although the login was refused");
        return t.finish(to);
    }
    const error& e = *out.failure;
    if (e.category != c.means) {
        to.add("is not " + std::string(to_string(c.means)) +
               " when the login fails: " + describe(e));
    }
    if (op.effect_class != MORTISE_EFFECT_CLASS_READ && t.b.between->writes() == 0 &&
        e.effect != effect::none) {
        to.add("does not say that it had no effect when the login fails: " + describe(e));
    }
    for (const auto& name : t.b.host.secrets_in(e.message + e.details))
        to.add("shows the secret \"" + name + "\" in its message");
    recover(to, t, e, clean);
    t.finish(to);
}

} // namespace

void check_logins(report& to,
                  const subject& s,
                  const operation_facts& op,
                  const row& r,
                  const undisturbed& clean) {
    if (!to.excepted("refused-401")) refuse_always(to, s, op, r, clean);
    // What each repeat of may be done at once without asking.
    if (op.effect_class == MORTISE_EFFECT_CLASS_READ && !r.content_bytes &&
        !to.excepted("login-shared")) {
        share_one(to, s, op, r);
    }
    for (const std::size_t at : clean.positions)
        expire_within(to, s, op, r, clean, at);
    if (!s.is_login) return;
    for (const auto& c : login_cases)
        if (!to.excepted(c.check)) fail_login(to, s, op, r, clean, c);
}

} // namespace mortise::testing::conformance
