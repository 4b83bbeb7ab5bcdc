// SPDX-License-Identifier: Apache-2.0
#include "trial.hpp"

#include <mortise/sdk/abi.hpp>

#include <algorithm>
#include <cstring>
#include <set>
#include <stdexcept>

namespace mortise::testing::conformance {
namespace {

constexpr std::size_t most_positions = 6;

// The first and the last requests: long lists repeat themselves in between.
std::vector<std::size_t> positions_of(std::size_t requests) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < requests; ++i) {
        if (i < most_positions / 2 || i + most_positions / 2 >= requests) out.push_back(i);
    }
    return out;
}

void says_changed_again(report& to, const call_outcome& again) {
    const json::value* changed =
        again.result.is_object() ? find_json(again.result, "changed") : nullptr;
    if (changed && changed->is_bool() && changed->get_bool()) {
        to.add("says \"changed\" when it is called again with the same input");
    }
}

// Undisturbed, twice where that is harmless.
undisturbed run_undisturbed(report& to, const subject& s, const operation_facts& op, const row& r) {
    undisturbed clean;
    to.begin("works");
    trial t(s, op, r);
    const json::value before = t.look();
    t.b.between->reset();
    if (op.effect_class == MORTISE_EFFECT_CLASS_LOOKUP_FIRST) {
        const json::value looked = t.b.call(op.lookup, t.input);
        const json::value* found = find_json(looked, "found");
        if (!found || !found->is_bool()) {
            to.add("has the lookup " + op.lookup + ", which does not answer {\"found\": bool}");
        } else if (found->get_bool()) {
            throw std::logic_error("the row of " + op.id + " creates what " + op.lookup +
                                   " finds already; choose another input");
        }
        t.b.between->reset();
    }
    const call_outcome out = t.run();
    if (out.failure) {
        throw std::logic_error("the row of " + op.id + " does not work: " + describe(*out.failure));
    }
    if (out.content) {
        const auto got = t.b.host.drain_content(out.content);
        if (got.failure) to.add("gives content that breaks off: " + describe(*got.failure));
        if (got.open) to.add("gives content that never ends");
    }
    const wire& w = *t.b.between;
    clean.result = out.result;
    clean.requests = w.requests();
    clean.writes = w.writes();
    clean.positions = positions_of(clean.requests);
    std::size_t n = 0;
    for (const auto& p : w.passed) {
        if (p.login) continue;
        if (p.wrote && p.with_body) clean.upload = n;
        ++n;
    }
    t.b.settle();
    clean.look = t.look();
    const bool reads = op.effect_class == MORTISE_EFFECT_CLASS_READ;
    if (reads && clean.writes != 0) to.add("is declared to read, and writes");
    if (reads && clean.look != before) {
        to.add("is declared to read, and changes the system: " + difference(before, clean.look));
    }
    to.begin("repeat");
    if (reads || op.effect_class == MORTISE_EFFECT_CLASS_IDEMPOTENT) {
        const call_outcome again = t.run(2);
        if (again.content) t.b.host.drain_content(again.content);
        if (again.failure) {
            to.add("fails when it is called again with the same input: " +
                   describe(*again.failure));
        } else if (!reads) {
            says_changed_again(to, again);
            if (const json::value now = t.look(); now != clean.look) {
                to.add("is declared idempotent, and a repeat changes more: " +
                       difference(clean.look, now));
            }
        }
    }
    if (op.effect_class == MORTISE_EFFECT_CLASS_LOOKUP_FIRST) {
        const call_outcome answer = t.b.connection->call(op.lookup, t.input);
        if (answer.failure) {
            to.add("has the lookup " + op.lookup + ", which fails: " + describe(*answer.failure));
        }
        const json::value& looked = answer.result;
        const json::value* found = looked.is_object() ? find_json(looked, "found") : nullptr;
        if (!found || !found->is_bool() || !found->get_bool()) {
            to.add("is not found by " + op.lookup + " after it was done");
        } else if (!find_json(looked, "result")) {
            to.add("is found by " + op.lookup + ", which does not give its result");
        }
    }
    to.begin("works");
    t.finish(to);
    return clean;
}

template <class Item, class Name>
std::set<std::string> names_of(const std::vector<Item>& all, Name name) {
    std::set<std::string> out;
    for (const auto& one : all)
        out.insert(name(one));
    return out;
}

} // namespace

std::vector<finding> check_operation(const subject& s, const row& r) {
    const auto all = operations_of(s);
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&](const operation_facts& o) { return o.id == r.operation; });
    if (at == all.end()) throw std::logic_error("there is no operation " + r.operation);
    report to(r.operation, r.exceptions);
    const undisturbed clean = run_undisturbed(to, s, *at, r);
    if (clean.requests > 0) {
        check_refusals(to, s, *at, r, clean);
        check_odd_answers(to, s, *at, r, clean);
        check_breaks(to, s, *at, r, clean);
        check_logins(to, s, *at, r, clean);
    }
    check_inputs(to, s, *at, r, clean);
    check_lists(to, s, *at, r, clean);
    return to.take();
}

std::vector<finding> check_coverage(const subject& s,
                                    const std::vector<row>& rows,
                                    const std::vector<trigger_row>& triggers) {
    std::vector<finding> out;
    const auto operations =
        names_of(operations_of(s), [](const operation_facts& o) { return o.id; });
    const auto covered = names_of(rows, [](const row& r) { return r.operation; });
    for (const auto& id : operations) {
        if (!covered.contains(id)) out.push_back({id, "coverage", "has no row"});
    }
    for (const auto& id : covered) {
        if (!operations.contains(id)) {
            out.push_back({id, "coverage", "has a row and is no operation of the connector"});
        }
    }
    const mortise_connector& d = descriptor_of(s);
    const auto watched = names_of(triggers, [](const trigger_row& t) { return t.trigger; });
    const char* at = reinterpret_cast<const char*>(d.triggers);
    for (std::uint64_t i = 0; i < d.trigger_count; ++i, at += d.trigger_stride) {
        mortise_trigger t{};
        std::memcpy(&t, at, std::min<std::size_t>(d.trigger_stride, sizeof t));
        const std::string id(view(t.id));
        if (!watched.contains(id)) out.push_back({id, "coverage", "is a trigger without a row"});
    }
    return out;
}

std::string to_text(const finding& f) {
    return f.of + " [" + f.check + "] " + f.text;
}

std::string to_text(const std::vector<finding>& all) {
    std::string out;
    for (const auto& f : all)
        out += to_text(f) + '\n';
    return out;
}

} // namespace mortise::testing::conformance
