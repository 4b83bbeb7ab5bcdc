// SPDX-License-Identifier: Apache-2.0
//
// What a person wants to change in a dead letter, checked before it is written: the event's data
// against the schema its connector declares, a step's input against its operation's. Pure
// functions.
#pragma once

#include "base/result.hpp"
#include "journal/records.hpp"
#include "operate/flow_directory.hpp"

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>

namespace mortise::host {

struct step_edit {
    std::string step;
    std::string input; // JSON text
};

// `flow` may be null (not configured any more): then there is no schema to check against.
// Errors: input; each place that does not fit is named by its JSON pointer in the message and, one
// by one, in details {"problems":[{"pointer","message","hint"}]}.
result<std::string>
checked_event(const claimed_run& run, const flow_entry* flow, std::string_view data);

// step empty: the step the run failed at. merge: `input` is a JSON merge patch (RFC 7396) over the
// input the step has. Errors: input (as above), not_found (no such step), conflict (not a call).
result<step_edit> checked_input(const claimed_run& run,
                                const flow_entry* flow,
                                std::string_view step,
                                std::string_view input,
                                bool merge);

// RFC 7396.
void merge_patch(boost::json::value& target, const boost::json::value& patch);

} // namespace mortise::host
