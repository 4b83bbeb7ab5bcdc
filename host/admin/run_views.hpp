// SPDX-License-Identifier: Apache-2.0
// Runs and events as the admin listener shows them: with what schemas mark as secret hidden.
#pragma once

#include "admin/views.hpp"

#include <boost/json/object.hpp>

namespace mortise::host {

// flow: of a run it started, to know its schema; null: any flow that takes such events.
boost::json::object
event_view(const event_record& e, const flow_entry* flow, const flow_directory& flows);
// Everything of a run: steps, children, notes, advice, what it wrote and where, its links.
boost::json::object
run_view(journal_reader& reader, const run_details& d, const flow_directory& flows);

} // namespace mortise::host
