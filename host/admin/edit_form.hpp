// SPDX-License-Identifier: Apache-2.0
// What of a dead letter can be edited, with the schemas a form is made from, and a try of an edit
// that changes nothing.
#pragma once

#include "admin/routes.hpp"
#include "journal/records.hpp"
#include "operate/flow_directory.hpp"

namespace mortise::host {

void add_edit_form_route(route_table& to, const admin_parts& parts);
// What was shown as "***" and was left so is put back; errors: see admin/put_back.hpp. member: what
// of the edit is given, "event", "input" or "patch"; step: its key, empty: where the run failed.
result<boost::json::value> edit_in_full(const claimed_run& run,
                                        const flow_entry* flow,
                                        std::string_view member,
                                        std::string_view step,
                                        boost::json::value given);
// The same of a request, before `then` is called, which is at once or on a worker thread.
void with_hidden_put_back(const admin_parts& parts,
                          admin_call call,
                          std::function<void(admin_call)> then);
// Answers {"ok":true}, or the refusal the edit would get. call: of editRun, its body checked.
void try_edit(const admin_parts& parts, const admin_call& call);

} // namespace mortise::host
