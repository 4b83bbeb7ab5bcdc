// SPDX-License-Identifier: Apache-2.0
//
// Operations on workflows and on the assignments of the connection's user. [strand]
#pragma once

#include "content_server/inputs_workflows.hpp"
#include "content_server/repository.hpp"
#include "content_server/workflow_status.hpp"

#include <string>
#include <vector>

namespace content_server {

class workflows {
public:
    using object = mortise::json::object;
    using context = mortise::call_context;
    template <class T>
    using task = mortise::task<T>;

    explicit workflows(repository& all) noexcept : all_(all) {}

    task<workflow_maps_out> list_maps(context& c, workflow_maps_in in);
    task<workflow_found> find_workflow(context& c, workflow_find in);
    task<workflow_ref> start_workflow(context& c, workflow_start in);
    task<workflow_status> get_workflow(context& c, workflow_id_in in);
    task<workflow_stopped> stop_workflow(context& c, workflow_id_in in);
    task<object> list_assignments(context& c, nothing in);
    task<object> complete_assignment(context& c, assignment_complete in);

    // A map by name or id; blame with the nearest name when there is none.
    task<workflow_map> map_named(context& c, json::value name_or_id, enum mortise::category blame);
    task<std::vector<workflow_map>> all_maps(context& c);
    // Workflows of one map that are not archived, as far as the user may see them.
    struct running {
        std::int64_t process_id = 0;
        std::string title;
        std::string initiated_at;
    };
    task<std::vector<running>> of_map(context& c, std::int64_t map, std::string title);
    // NOT_FOUND when there is none to be seen.
    task<workflow_status> read_status(context& c, std::int64_t process);

private:
    task<object> form_values(context& c, std::int64_t draft, workflow_start in);
    task<json::value> if_allowed(context& c, std::string url, std::string what);

    repository& all_;
    std::vector<workflow_map> maps_;
};

} // namespace content_server
