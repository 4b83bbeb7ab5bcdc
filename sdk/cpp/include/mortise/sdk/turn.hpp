// SPDX-License-Identifier: Apache-2.0
//
// One run at a time for a name, whatever order keys the runs have. Events of two systems about one
// pair of objects come under different keys and would run side by side; what must not be done side
// by side takes turns:
//
//     turn_work work = [this, run] { return bring_together(run); };  // returns a task, is none
//     co_await mortise::take_turn(run.scope("turn"), "asset-7", {}, std::move(work));
#pragma once

#include <mortise/sdk/flow_run.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace mortise {

struct turn_options {
    // A run that ends without giving the turn back (cancelled, discarded) holds up the others for
    // no longer than this. Longer than the work ever takes, retries included.
    std::chrono::milliseconds lease = std::chrono::minutes(15);
    // Pauses between two looks grow from the first to the longest.
    std::chrono::milliseconds first_pause{250};
    std::chrono::milliseconds longest_pause = std::chrono::seconds(15);
};

using turn_work = std::function<task<json::value>()>;

// Waits until no other run of this flow instance has the turn of that name, does the work, gives
// the turn back and passes on its result or its error. The turn lies in the instance's state under
// "turn:<name>" (name: up to 200 bytes). Its own steps have keys under "turn/".
task<json::value> take_turn(flow_run run, std::string name, turn_options options, turn_work work);

} // namespace mortise
