// SPDX-License-Identifier: Apache-2.0
//
// Declares the operations on workflows for a connector that derives from workflows.
#pragma once

#include "content_server/describe.hpp"
#include "content_server/workflows.hpp"

namespace content_server {

template <class C>
void describe_workflows(mortise::connector_builder<C>& b) {
    using w = workflows;
    add_operation(b, "workflows.maps", &w::list_maps).title("List workflow maps").reads();
    add_operation(b, "workflows.find", &w::find_workflow)
        .title("Find a workflow by map and title")
        .doc("The newest with exactly this title, running or ended; looks first before "
             "workflows.start repeats.")
        .reads();
    add_operation(b, "workflows.start", &w::start_workflow)
        .title("Start a workflow")
        .doc("With items attached and attributes filled in by their labels.")
        .lookup_first("workflows.find");
    add_operation(b, "workflows.get", &w::get_workflow)
        .title("Read a workflow with steps, decisions and comments")
        .reads();
    add_operation(b, "workflows.stop", &w::stop_workflow)
        .title("Stop a workflow")
        .doc("One that has ended, or is not there any more, is fine: stopped is false then.")
        .idempotent();
    add_operation(b, "assignments.list", &w::list_assignments)
        .title("List the tasks of the connection's user")
        .reads();
    add_operation(b, "assignments.complete", &w::complete_assignment)
        .title("Finish a task of the connection's user")
        .doc("A task that is done already stays as it is: completed is false then.")
        .idempotent();
}

} // namespace content_server
