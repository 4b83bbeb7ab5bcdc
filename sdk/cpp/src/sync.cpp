// SPDX-License-Identifier: Apache-2.0
// The steps of a sync; what they mean is in sync_work.cpp.
#include "sync_work.hpp"

#include <exception>

namespace mortise {

namespace {

constexpr int most_rounds = 5;

struct write_outcome {
    json::value replaced;
    std::exception_ptr failure;
    enum effect effect = effect::unknown;
};

task<write_outcome> attempt(task<json::value> writing) {
    write_outcome out;
    try {
        out.replaced = co_await std::move(writing);
    } catch (const error& e) {
        out.failure = std::current_exception();
        out.effect = e.effect;
    } catch (...) {
        out.failure = std::current_exception();
    }
    co_return out;
}

void tell(const flow_run& run, const sync_ends& ends, std::vector<sync_conflict> conflicts) {
    for (const auto& c : conflicts) {
        json::object fields = to_json(c);
        fields["link_a"] = ends.a;
        fields["link_b"] = ends.b;
        run.warn("sync conflict", fields);
    }
}

error busy(const sync_ends& ends) {
    return {category::conflict, "sync.busy",
            ends.a + " and " + ends.b + " were changed while they were written, " +
                std::to_string(most_rounds) + " times in a row: retry this run when they rest"};
}

} // namespace

void sync_report::check() const {
    if (problems.empty()) return;
    std::string text = "these fields could not be synchronised and were left as they are: ";
    for (std::size_t i = 0; i < problems.size(); ++i)
        text += (i == 0 ? "" : "; ") + problems[i].text;
    error e(category::input, "sync.value.unreadable",
            text + ". Correct them: that starts a new run. All other fields are in step.");
    e.effect = effect::none;
    throw e;
}

json::object sync_report::to_json() const {
    const auto names = [](const std::vector<std::string>& list) {
        json::array array;
        for (const auto& name : list)
            array.emplace_back(json::string(name));
        return array;
    };
    json::object out{{"a", a}, {"b", b}};
    out["wrote_a"] = names(wrote_a);
    out["wrote_b"] = names(wrote_b);
    json::array of_conflicts;
    for (const auto& c : conflicts)
        of_conflicts.emplace_back(mortise::to_json(c));
    out["conflicts"] = std::move(of_conflicts);
    json::array of_problems;
    for (const auto& p : problems)
        of_problems.emplace_back(json::object{{"field", p.field}, {"text", p.text}});
    out["problems"] = std::move(of_problems);
    return out;
}

two_way_sync::two_way_sync(std::string relation, std::vector<sync_field> fields, sync_limits limits)
    : relation_(std::move(relation)), rules_(std::move(fields)), limits_(limits) {}

task<sync_report> two_way_sync::run(flow_run run, sync_ends ends, sides how) const {
    sync_report report;
    sync_report* out = &report;
    turn_work work = [this, run, ends, how = std::move(how), out] {
        return in_turn(run, ends, how, out);
    };
    std::string name = relation_ + ' ' + ends.a;
    co_await take_turn(run, std::move(name), limits_.turn, std::move(work));
    co_return report;
}

task<json::value>
two_way_sync::in_turn(flow_run run, sync_ends ends, sides how, sync_report* report) const {
    task<sync_view> reading_a = how.read_a(run.scope("a"));
    sync_view a = co_await std::move(reading_a);
    task<sync_view> reading_b = how.read_b(run.scope("b"));
    sync_view b = co_await std::move(reading_b);
    const std::vector<link> links = co_await run.link_find("known", relation_, ends.a);
    const json::value remembered = links.empty() ? json::value() : links.front().data;
    sync_work work(rules_, std::move(a), std::move(b), remembered);

    for (int round = 1;; ++round) {
        const flow_run step = run.scope("round-" + std::to_string(round));
        const sync_writes todo = work.decide();
        if (todo.touched().empty()) break;
        const bool enough = round > most_rounds;
        // First what we are about to do, then the doing.
        work.intend(todo, ends, limits_, run.now());
        tell(run, ends, work.new_conflicts());
        if (enough) {
            // What the last round found is kept for the next sync, which writes it.
            work.failed(sync_side::a, todo, effect::none);
            work.failed(sync_side::b, todo, effect::none);
        }
        link intended{ends.a, ends.b, work.memory()};
        co_await step.link_put("intent", relation_, std::move(intended));
        if (enough) throw busy(ends);
        bool news = false;
        for (const sync_side side : {sync_side::a, sync_side::b}) {
            const json::object& values = side == sync_side::a ? todo.to_a : todo.to_b;
            if (values.empty() || news) continue;
            const writer& write = side == sync_side::a ? how.write_a : how.write_b;
            // A scope for each side: both may name their steps alike.
            const flow_run of_side = step.scope(side == sync_side::a ? "a" : "b");
            task<json::value> writing = write(of_side, values);
            task<write_outcome> trying = attempt(std::move(writing));
            const write_outcome done = co_await std::move(trying);
            if (!done.failure) {
                // News are settled at once: what follows could fail.
                news = work.written(side, todo, done.replaced);
                continue;
            }
            work.failed(side, todo, done.effect);
            if (!run.cancelled()) {
                link cut_off{ends.a, ends.b, work.memory()};
                co_await step.link_put("cut-off", relation_, std::move(cut_off));
            }
            std::rethrow_exception(done.failure);
        }
        if (!news) break;
    }

    work.settle(run.now());
    tell(run, ends, work.new_conflicts());
    const json::value kept = work.memory();
    // An echo finds everything as it was: it leaves no trace.
    if (kept != remembered) {
        link settled{ends.a, ends.b, kept};
        co_await run.link_put("settled", relation_, std::move(settled));
    }
    *report = std::move(work.report());
    co_return nullptr;
}

} // namespace mortise
