// SPDX-License-Identifier: Apache-2.0
//
// Lists: nothing in them, more than fits on a page, and objects that come and go between pages.
#include "trial.hpp"

#include <map>

namespace mortise::testing::conformance {
namespace {

std::map<std::string, int> ids_of(const row& r, const json::value& result) {
    std::map<std::string, int> out;
    for (const auto& item : require_array(result, r.listed->at))
        ++out[serialize_json(item.as_object().at(r.listed->id))];
    return out;
}

void check_once(report& to, const std::map<std::string, int>& found, std::string_view when) {
    for (const auto& [id, n] : found) {
        if (n > 1) to.add("lists " + id + " " + std::to_string(n) + " times" + std::string(when));
    }
}

// Before a later page something comes or goes.
void drift(report& to, const subject& s, const operation_facts& op, const row& r, bool removes) {
    to.begin(removes ? "page-drift-removed" : "page-drift-added");
    trial t(s, op, r);
    for (int n = 0; n < r.listed->many; ++n)
        r.listed->add(t.b, n);
    t.b.settle();
    const auto before = ids_of(r, t.run().value());
    const std::size_t pages = t.b.between->requests();
    t.b.between->reset();
    bool moved = false;
    t.b.between->before = [&](std::size_t n) {
        if (n + 1 < pages || std::exchange(moved, true)) return;
        if (removes) {
            r.listed->remove(t.b);
        } else {
            r.listed->add(t.b, r.listed->many);
        }
    };
    const call_outcome out = t.run();
    t.b.between->before = nullptr;
    if (out.failure) {
        to.add("fails when the list changes between two pages: " + describe(*out.failure));
        return t.finish(to);
    }
    const auto during = ids_of(r, out.result);
    check_once(to, during, " when the list changes between two pages");
    t.b.settle();
    const auto after = ids_of(r, t.run().value());
    for (const auto& [id, n] : before) {
        // There before and there afterwards: there all along.
        if (after.contains(id) && !during.contains(id)) {
            to.add("loses " + id + " when another object " +
                   std::string(removes ? "goes" : "comes") + " between two pages");
        }
    }
    if (!moved) to.add("asks for one page only: list_facts::many is too small to tell");
    t.finish(to);
}

// The login ends before the last page.
void expire_between(report& to, const subject& s, const operation_facts& op, const row& r) {
    to.begin("pages-login-expires");
    trial t(s, op, r);
    for (int n = 0; n < r.listed->many; ++n)
        r.listed->add(t.b, n);
    t.b.settle();
    const auto all = ids_of(r, t.run().value());
    const std::size_t pages = t.b.between->requests();
    t.b.between->reset();
    bool ended = false;
    t.b.between->before = [&](std::size_t n) {
        if (n + 1 >= pages && !std::exchange(ended, true)) t.b.system->expire_logins();
    };
    const call_outcome out = t.run();
    if (out.failure) {
        to.add("fails when the login expires between two pages: " + describe(*out.failure));
    } else if (ids_of(r, out.result) != all) {
        to.add("lists other objects when the login expires between two pages");
    }
    t.finish(to);
}

} // namespace

void check_lists(report& to,
                 const subject& s,
                 const operation_facts& op,
                 const row& r,
                 const undisturbed& clean) {
    if (!r.listed) return;
    to.begin("pages");
    {
        const auto there = ids_of(r, clean.result);
        trial t(s, op, r);
        for (int n = 0; n < r.listed->many; ++n)
            r.listed->add(t.b, n);
        t.b.settle();
        const auto found = ids_of(r, t.run().value());
        check_once(to, found, "");
        const std::size_t wanted = there.size() + static_cast<std::size_t>(r.listed->many);
        if (found.size() != wanted) {
            to.add("lists " + std::to_string(found.size()) + " of " + std::to_string(wanted) +
                   " objects");
        }
        t.finish(to);
    }
    expire_between(to, s, op, r);
    drift(to, s, op, r, false);
    if (r.listed->remove) drift(to, s, op, r, true);
}

} // namespace mortise::testing::conformance
