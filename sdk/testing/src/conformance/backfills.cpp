// SPDX-License-Identifier: Apache-2.0
//
// Backfills: every object is told of, with the same ids, whatever happens to a page.
#include "trial.hpp"

#include <mortise/sdk/abi.hpp>

#include <algorithm>
#include <cstring>
#include <set>

namespace mortise::testing::conformance {
namespace {

bool has_backfill(const subject& s, const std::string& trigger) {
    const mortise_connector& d = descriptor_of(s);
    const char* at = reinterpret_cast<const char*>(d.triggers);
    for (std::uint64_t i = 0; i < d.trigger_count; ++i, at += d.trigger_stride) {
        mortise_trigger t{};
        std::memcpy(&t, at, std::min<std::size_t>(d.trigger_stride, sizeof t));
        if (view(t.id) == trigger) return (t.kinds & MORTISE_TRIGGER_BACKFILL) != 0;
    }
    return false;
}

// A walk through everything that is there.
class walk {
public:
    walk(const subject& s, const trigger_row& w, report& out) : r(w), to(out), b(s) {
        b.connection->open(r.trigger, r.settings);
        b.settle();
        b.between->reset();
    }

    // Page after page as the host asks for them: a failed one again, from the durable position.
    void go() {
        constexpr int most = 500;
        for (int page = 0; page < most; ++page) {
            const auto call = b.connection->start_backfill(r.trigger);
            if (!call.done()) b.wait(trial::deadline);
            if (!call.done()) call.cancel();
            const call_outcome out = call.outcome();
            if (out.failure) {
                failure = out.failure;
                if (++failures > 3) break;
                b.settle();
                continue;
            }
            const json::value* done =
                out.result.is_object() ? find_json(out.result, "done") : nullptr;
            if (done && done->is_bool() && done->get_bool()) return;
        }
        to.add("the backfill does not end" + (failure ? ": " + describe(*failure) : std::string()));
    }
    std::set<std::string> ids() const {
        std::set<std::string> out;
        for (const auto& e : b.connection->events())
            out.insert(e.id);
        return out;
    }
    void expect(const std::set<std::string>& wanted, std::string_view when) {
        const auto now = ids();
        for (const auto& id : wanted)
            if (!now.contains(id)) to.add("loses the event " + id + std::string(when));
        for (const auto& id : now)
            if (!wanted.contains(id)) to.add("makes another event, " + id + std::string(when));
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
    int failures = 0;
    std::optional<error> failure;
};

} // namespace

void check_backfill(report& to, const subject& s, const trigger_row& r) {
    if (!has_backfill(s, r.trigger)) return;
    to.begin("backfill");
    walk clean(s, r, to);
    clean.go();
    const auto all = clean.ids();
    const std::size_t requests = clean.b.between->requests();
    if (all.empty()) to.add("the backfill tells of nothing in a system where there is something");
    clean.b.connection->backfill_all(r.trigger);
    clean.expect(all, " when it is walked through again");
    clean.finish();
    if (requests == 0) return;
    for (const std::size_t at : std::set<std::size_t>{0, requests / 2, requests - 1}) {
        to.begin("backfill-503");
        walk away(s, r, to);
        const http_answer answer = s.refusal(503, std::string(system_words));
        trouble planned;
        planned.at = at;
        planned.answer = [answer](const http_answer&) { return answer; };
        away.b.between->planned = std::move(planned);
        away.go();
        const std::string where = " when " + away.b.between->name_of(at) + " is refused";
        if (away.failures == 0) to.add("the page succeeds" + where);
        if (away.failure && away.failure->category != category::unavailable) {
            to.add("is not unavailable" + where + ": " + describe(*away.failure));
        }
        away.expect(all, where);
        away.finish();

        to.begin("backfill-login-expires");
        walk expired(s, r, to);
        bool ended = false;
        expired.b.between->before = [&](std::size_t n) {
            if (n >= at && !std::exchange(ended, true)) expired.b.system->expire_logins();
        };
        expired.go();
        if (expired.failure) {
            to.add("fails when the login expires: " + describe(*expired.failure));
        }
        expired.expect(all, " when the login expires");
        expired.finish();
    }
}

} // namespace mortise::testing::conformance
