// SPDX-License-Identifier: Apache-2.0
//
// Events of several kinds, one after another, for a run that follows something over days: whichever
// comes next, or nothing when a time has come first.
//
//     mortise::event_inbox inbox(run, "news");
//     inbox.listen("xecm.workflow.step-completed", process);
//     inbox.listen("iconik.asset.deleted", asset);
//     while (const auto news = co_await inbox.next(reminder_due)) { ... }
//
// Each kind has one wait open all the time, so no event is lost while the flow does other things,
// nor between two calls of next(). Racing wait_event() with first() in a loop would lose some: a
// wait that was left behind still takes the next event of its kind.
#pragma once

#include <mortise/sdk/event.hpp>
#include <mortise/sdk/flow_run.hpp>
#include <mortise/sdk/task.hpp>

#include <memory>
#include <optional>
#include <string>

namespace mortise {

// [strand] of the run. A local variable of the flow; it must outlive the tasks of next().
class event_inbox {
public:
    // Its steps have keys under name, so each inbox of a run needs a name of its own:
    // "<name>/<type> <key>/<n>" for events, "<name>/until-<n>" for times.
    event_inbox(const flow_run& run, const std::string& name);
    ~event_inbox();
    event_inbox(const event_inbox&) = delete;
    event_inbox& operator=(const event_inbox&) = delete;

    // Events of the type whose subject or partition key is key (empty: any), from the beginning of
    // the run on. Saying it twice does nothing.
    void listen(std::string type, std::string key);
    // The next event in the order of their coming; nothing when the time came first. Throws what a
    // wait throws (CANCELLED). One call at a time.
    task<std::optional<event>> next(std::optional<time_point> until = std::nullopt);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace mortise
