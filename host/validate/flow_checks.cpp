// SPDX-License-Identifier: Apache-2.0
// Runs of a flow: they end, replay the same, and obey cancel and drop.
#include "validate/instances.hpp"

#include <chrono>

namespace mortise::host::checks {

using namespace std::chrono_literals;

namespace {

// What the operations of the flow's roles answer.
enum class step_answers { empty, list, nothing, not_found, unavailable };
constexpr step_answers all_step_answers[] = {step_answers::empty, step_answers::list,
                                             step_answers::nothing, step_answers::not_found,
                                             step_answers::unavailable};

std::string_view to_string(step_answers a) {
    switch (a) {
    case step_answers::empty:
        return "an empty object";
    case step_answers::list:
        return "an empty list";
    case step_answers::nothing:
        return "nothing";
    case step_answers::not_found:
        return "NOT_FOUND";
    case step_answers::unavailable:
        return "UNAVAILABLE";
    }
    return "unknown";
}

// Children end like operations; one that fails is a dead letter, for which its parent waits.
void script_children(const testing::flow_harness& made, step_answers a) {
    made.on_child("*", [a](const testing::child_run&) -> json::value {
        switch (a) {
        case step_answers::empty:
            return json::object();
        case step_answers::list:
            return json::array();
        case step_answers::nothing:
            return nullptr;
        case step_answers::not_found:
        case step_answers::unavailable:
            break;
        }
        throw error(category::not_found, "validate.none", "None.");
    });
}

void script(const testing::flow_harness& made, const flow_descriptor& d, step_answers a) {
    script_children(made, a);
    for (const auto& role : d.roles) {
        for (const auto& op : role.operations) {
            switch (a) {
            case step_answers::empty:
                made.answer(role.name, op, json::object());
                break;
            case step_answers::list:
                made.answer(role.name, op, json::array());
                break;
            case step_answers::nothing:
                made.answer(role.name, op, nullptr);
                break;
            case step_answers::not_found:
                made.fail(role.name, op, error(category::not_found, "validate.none", "None."));
                break;
            case step_answers::unavailable:
                made.fail(role.name, op,
                          error(category::unavailable, "validate.later", "Not now."));
                break;
            }
        }
    }
}

std::vector<event> first_events(const flow_descriptor& d) {
    std::vector<std::string> types;
    for (const auto& sub : d.subscriptions)
        if (std::find(types.begin(), types.end(), sub.event_type) == types.end())
            types.push_back(sub.event_type);
    if (types.empty()) types.emplace_back("mortise.manual");
    std::vector<event> out;
    for (const auto& type : types) {
        const json::value shapes[] = {json::object(), nullptr, json::array(),
                                      json::object{{"id", "sample-1"}}, "text"};
        for (const auto& data : shapes) {
            event e;
            e.id = "sample-" + std::to_string(out.size() + 1);
            e.type = type;
            e.subject = "sample/1";
            e.source = "/connections/sample";
            e.data = data;
            out.push_back(std::move(e));
        }
    }
    return out;
}

// step(stage, flow, run just started, words) for every first event and every kind of answer.
template <class F>
void each_run(const subject& s, report& r, F step) {
    each_flow(s, r, [&](const flow_descriptor& d, const sample_config& config) {
        for (const auto a : all_step_answers) {
            const auto events = first_events(d);
            for (const auto& first : events) {
                const std::string where = name_of(d) + ", a run for " + first.type +
                                          " with the data " + serialize_json(first.data) +
                                          ", steps answering " + std::string(to_string(a));
                stage on(s.seed);
                attempt(r, where, [&] {
                    const auto made = on.make(d, config);
                    script(made, d, a);
                    const auto run = made.start(first);
                    step(on, run, where);
                    made.destroy();
                });
                on.report_violations(r, where);
            }
        }
    });
}

// Sleeps and waits for events pass; a year is more than any of them.
bool ends(stage& on, const testing::test_run& run) {
    for (int month = 0; month < 13 && !run.finished(); ++month)
        on.host().advance(30 * 24h);
    return run.finished();
}

bool nondeterministic(const testing::test_run& run) {
    const auto out = run.outcome();
    return out.failure && out.failure->code == "nondeterministic-flow";
}

} // namespace

void flow_runs_end(const subject& s, report& r) {
    each_run(s, r, [&](stage& on, const testing::test_run& run, const std::string& where) {
        if (ends(on, run)) return;
        run.cancel(); // it may wait for an event without a limit
        if (!run.finished()) r.fail(where + ": it neither ends in a year nor after a cancel");
    });
}

void flow_replays_the_same(const subject& s, report& r) {
    each_run(s, r, [&](stage& on, const testing::test_run& run, const std::string& where) {
        const bool waits = !run.finished();
        if (waits) { // as after a restart of the host: dropped in the middle, started again
            run.replay();
            if (nondeterministic(run))
                r.fail(where + ": started again while it waits, " + run.outcome().failure->message +
                       "; take time, random numbers and ids from the run");
        }
        if (!ends(on, run)) {
            run.cancel();
            return;
        }
        const auto before = run.effects();
        const auto first = run.outcome();
        on.host().advance(1h); // a clock of its own would show
        run.replay();
        if (!ends(on, run)) {
            r.fail(where + ": replayed, it does not end");
            return;
        }
        const auto second = run.outcome();
        if (nondeterministic(run))
            r.fail(where + ": replayed, " + second.failure->message +
                   "; take time, random numbers and ids from the run");
        else if (run.effects() != before)
            r.fail(where + ": replayed, it takes further steps");
        else if (first.failure.has_value() != second.failure.has_value() ||
                 (!first.failure && first.result != second.result))
            r.fail(where + ": replayed, it ends with another result");
    });
}

void flow_cancel_ends_the_run(const subject& s, report& r) {
    each_run(s, r, [&](stage& on, const testing::test_run& run, const std::string& where) {
        run.cancel();
        if (!run.finished()) on.host().advance(30s);
        if (!run.finished()) r.fail(where + ": not finished 30 s after the cancel");
        run.cancel(); // once more, after the end
    });
}

void flow_drop_is_silent(const subject& s, report& r) {
    each_run(s, r, [&](stage& on, const testing::test_run& run, const std::string& where) {
        const bool finished = run.finished();
        run.drop();
        on.host().advance(24h);
        if (!finished && run.finished()) r.fail(where + ": it finished after it was dropped");
    });
}

} // namespace mortise::host::checks
