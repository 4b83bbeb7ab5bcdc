// SPDX-License-Identifier: Apache-2.0
//
// The connection breaks, or nothing comes; a call is cancelled.
#include "trial.hpp"

namespace mortise::testing::conformance {
namespace {

struct break_case {
    const char* check;
    bool reaches;
    enum class how { lost, cut, silence } what;
    enum category means;
};

constexpr break_case cases[] = {
    {"cut-before", false, break_case::how::lost, category::unavailable},
    {"cut-after-effect", true, break_case::how::lost, category::unavailable},
    {"cut-in-body", true, break_case::how::cut, category::unavailable},
    {"slow", false, break_case::how::silence, category::timeout},
    {"timeout-after-effect", true, break_case::how::silence, category::timeout},
};

http_answer broken(break_case::how what, const http_answer& real) {
    http_answer out = real;
    switch (what) {
    case break_case::how::lost:
        out.failure = error(category::unavailable, "http.connection.lost",
                            "the connection was closed without an answer");
        break;
    case break_case::how::cut:
        out.cut_after = real.body.size() / 2;
        break;
    case break_case::how::silence:
        out.never = true;
        break;
    }
    return out;
}

void break_at(report& to,
              const subject& s,
              const operation_facts& op,
              const row& r,
              const undisturbed& clean,
              const break_case& c,
              std::size_t at) {
    to.begin(c.check);
    trial t(s, op, r);
    trouble planned;
    planned.at = at;
    planned.reaches = c.reaches;
    planned.answer = [&c](const http_answer& real) { return broken(c.what, real); };
    t.plan(std::move(planned));
    const call_outcome out = t.run();
    if (!t.b.between->planned->hit) return;
    if (out.content) {
        // What had begun to flow must not look like the whole.
        const auto got = t.b.host.drain_content(out.content);
        if (!got.failure) {
            to.add("gives content that ends as if it were whole although " +
                   t.b.between->name_of(at) + " was cut");
        }
        return t.finish(to);
    }
    if (!out.failure) {
        if (!t.r.may_clean_up) {
            to.add("succeeds although " + t.b.between->name_of(at) + " was not answered");
        }
        return t.finish(to);
    }
    expected_failure expected;
    expected.at = at;
    expected.categories = {c.means};
    judge(to, t, *out.failure, expected);
    recover(to, t, *out.failure, clean);
    t.finish(to);
}

void cancel_at(
    report& to, const subject& s, const operation_facts& op, const row& r, std::size_t at) {
    to.begin("cancel");
    trial t(s, op, r);
    trouble planned;
    planned.at = at;
    planned.answer = [](const http_answer&) {
        http_answer out;
        out.never = true;
        return out;
    };
    t.plan(std::move(planned));
    call_options options;
    if (r.content_bytes) options.content = t.b.host.make_content(*r.content_bytes, r.content_type);
    const auto call = t.b.connection->start(op.id, t.input, options);
    if (call.done()) return t.finish(to);
    call.cancel();
    if (!call.done()) {
        to.add("does not end when it is cancelled while it waits for " + t.b.between->name_of(at));
    } else if (!call.outcome().failure || call.outcome().failure->category != category::cancelled) {
        to.add("does not end with CANCELLED when it is cancelled while it waits for " +
               t.b.between->name_of(at) +
               (call.outcome().failure ? ": " + describe(*call.outcome().failure) : ""));
    }
    t.finish(to);
}

} // namespace

void check_breaks(report& to,
                  const subject& s,
                  const operation_facts& op,
                  const row& r,
                  const undisturbed& clean) {
    for (const auto& c : cases) {
        if (to.excepted(c.check)) continue;
        // Where an effect may stay behind, each request matters.
        const bool each = c.reaches && op.effect_class != MORTISE_EFFECT_CLASS_READ;
        for (const std::size_t at : clean.positions) {
            if (!each && at != clean.positions.back()) continue;
            break_at(to, s, op, r, clean, c, at);
        }
    }
    if (to.excepted("cancel")) return;
    for (const std::size_t at : clean.positions)
        cancel_at(to, s, op, r, at);
}

} // namespace mortise::testing::conformance
