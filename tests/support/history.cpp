// SPDX-License-Identifier: Apache-2.0
#include "support/history.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

namespace mortise::test {
namespace {

using text = std::string;

constexpr std::size_t none = static_cast<std::size_t>(-1);

struct effect_facts {
    std::size_t times = 0;    // it happened
    std::size_t attempts = 0; // it was asked for
    std::size_t first = none; // index of the first that happened
    std::size_t last = none;
    bool unheard = false; // an attempt's sender never heard how it ended
};

struct index {
    explicit index(const history& h) {
        for (std::size_t i = 0; i < h.attempts.size(); ++i) {
            const auto& a = h.attempts[i];
            auto& e = effects[a.name];
            ++e.attempts;
            if (!a.answered) e.unheard = true;
            if (!a.happened) continue;
            ++e.times;
            if (e.first == none) e.first = i;
            e.last = i;
        }
        for (const auto& r : h.runs)
            runs[r.event].push_back(&r);
    }
    effect_facts of(const text& name) const {
        const auto it = effects.find(name);
        return it == effects.end() ? effect_facts{} : it->second;
    }

    std::unordered_map<text, effect_facts> effects;
    std::unordered_map<text, std::vector<const seen_run*>> runs;
};

bool is_end(const text& state) {
    return state != "ready" && state != "active" && state != "waiting";
}

class checker {
public:
    explicit checker(const history& h) : h_(h), index_(h) {}

    std::vector<text> run() {
        for (const auto& e : h_.events)
            event(e);
        known_attempts();
        key_order();
        children();
        ledger();
        for (const auto& o : h_.overlaps)
            say(o);
        return std::move(found_);
    }

private:
    void say(text what) { found_.push_back(std::move(what)); }

    void event(const sent_event& e) {
        const auto it = index_.runs.find(e.id);
        const auto n = it == index_.runs.end() ? 0 : it->second.size();
        if (e.order_key.empty()) return;
        if (n == 0) {
            if (e.acknowledged != 0)
                say("lost: event " + e.id + " was acknowledged and has no run");
            return;
        }
        if (n > 1) say("doubled: event " + e.id + " has " + std::to_string(n) + " runs");
        const auto& r = *it->second.front();
        if (h_.complete && !is_end(r.state))
            say("stuck: the run of " + e.id + " is " + r.state + " for ever");
        if (r.false_failure)
            say("wrong: the run of " + e.id + " is " + r.state + " with " + r.failure_code);
        if (r.state == "succeeded" && e.fails)
            say("wrong: the run of " + e.id + " succeeded and could not");
        bool unsafe_begun = false;
        for (const auto& w : e.wanted) {
            effect(e, r, w);
            unsafe_begun |= w.kind == repeat::unsafe && index_.of(w.name).attempts > 0;
        }
        if (r.state == "in_doubt" && !unsafe_begun && !h_.effects_only)
            say("wrong: the run of " + e.id + " is in doubt of nothing it began");
        phases(e);
    }

    void effect(const sent_event& e, const seen_run& r, const wanted_effect& w) {
        const auto facts = index_.of(w.name);
        if (facts.times > 1)
            say("doubled: " + w.name + " of " + e.id + " happened " + std::to_string(facts.times) +
                " times");
        if (facts.times == 0 && r.state == "succeeded" && w.certain)
            say("lost: " + w.name + " of " + e.id + " never happened and its run succeeded");
        if (w.kind == repeat::unsafe && facts.unheard && h_.complete && !r.was_in_doubt)
            say("silent: " + w.name + " of " + e.id +
                " may or may not have happened and nobody was told; its run is " + r.state);
    }

    void phases(const sent_event& e) {
        for (const auto& a : e.wanted) {
            const auto before = index_.of(a.name);
            // The loser of a race may come to its end beside what follows.
            if (before.times == 0 || !a.certain) continue;
            for (const auto& b : e.wanted) {
                const auto after = index_.of(b.name);
                if (after.times == 0 || a.phase >= b.phase || before.first < after.first) continue;
                say("order: " + b.name + " of " + e.id + " happened before " + a.name);
            }
        }
    }

    void known_attempts() {
        std::set<text> asked;
        for (const auto& e : h_.events) {
            for (const auto& w : e.wanted)
                asked.insert(w.name);
        }
        for (const auto& [name, facts] : index_.effects) {
            if (!asked.contains(name)) say("invented: " + name + " was asked for by no event");
        }
    }

    // Of two events of one key, of which one was acknowledged before the other was sent, the
    // earlier one's effects are all earlier, unless a person took its run up again later.
    void key_order() {
        std::map<std::pair<text, text>, std::vector<const sent_event*>> keys;
        for (const auto& e : h_.events) {
            if (e.order_key.empty() || e.wanted.empty() || touched(e)) continue;
            keys[{e.channel, e.order_key}].push_back(&e);
        }
        for (const auto& [key, events] : keys) {
            for (const auto* a : events) {
                if (a->acknowledged == 0) continue;
                for (const auto* b : events) {
                    if (a == b || a->acknowledged >= b->first_sent) continue;
                    const auto last = edge(*a, false);
                    const auto first = edge(*b, true);
                    if (last != none && first != none && first < last)
                        say("order: " + b->id + " went before " + a->id + " of the same key " +
                            a->order_key);
                }
            }
        }
    }

    bool touched(const sent_event& e) const {
        const auto it = index_.runs.find(e.id);
        return it != index_.runs.end() && std::any_of(it->second.begin(), it->second.end(),
                                                      [](const seen_run* r) { return r->touched; });
    }

    std::size_t edge(const sent_event& e, bool first) const {
        std::size_t out = none;
        for (const auto& w : e.wanted) {
            const auto f = index_.of(w.name);
            if (f.times == 0 || (!first && !w.certain)) continue;
            if (first)
                out = std::min(out, f.first);
            else
                out = out == none ? f.last : std::max(out, f.last);
        }
        return out;
    }

    void children() {
        for (const auto& r : h_.runs) {
            if (r.parent.empty()) continue;
            const auto it = index_.runs.find(r.parent);
            if (it == index_.runs.end()) {
                say("orphan: run " + r.id + " has no parent " + r.parent);
                continue;
            }
            const auto& parent = *it->second.front();
            if (parent.state == "succeeded" && !is_end(r.state))
                say("order: " + parent.event + " succeeded before its child " + r.event);
            if (parent.state == "succeeded" && r.ended != 0 && parent.ended != 0 &&
                parent.ended < r.ended)
                say("order: " + parent.event + " ended before its child " + r.event);
        }
    }

    void ledger() {
        if (!h_.has_ledger) return;
        std::unordered_map<text, std::size_t> certain, all;
        for (const auto& l : h_.ledger) {
            ++all[l.name];
            if (l.certain) ++certain[l.name];
        }
        for (const auto& [name, n] : certain) {
            if (n > 1) say("ledger: " + name + " stands in it " + std::to_string(n) + " times");
            if (index_.of(name).times == 0)
                say("ledger: " + name + " stands in it and never happened");
        }
        if (!h_.complete) return;
        // The loser of a race is let go with its run.
        std::set<text> uncertain;
        for (const auto& e : h_.events) {
            const auto* r = index_.runs.contains(e.id) ? index_.runs.at(e.id).front() : nullptr;
            for (const auto& w : e.wanted) {
                if (!w.certain || (r != nullptr && r->state != "succeeded"))
                    uncertain.insert(w.name);
            }
        }
        for (const auto& [name, facts] : index_.effects) {
            if (uncertain.contains(name)) continue;
            if (facts.times > 0 && !all.contains(name))
                say("ledger: " + name + " happened and is missing");
        }
    }

    const history& h_;
    const index index_;
    std::vector<text> found_;
};

} // namespace

std::vector<std::string> check(const history& h) {
    return checker(h).run();
}

} // namespace mortise::test
