// SPDX-License-Identifier: Apache-2.0
//
// Operations on relations between workspaces and on their teams. [strand]
#pragma once

#include "content_server/repository.hpp"
#include "inputs_teams.hpp"

namespace xecm_workspaces {

class teams {
public:
    using object = json::object;
    using context = mortise::call_context;
    template <class T>
    using task = mortise::task<T>;

    explicit teams(content_server::repository& all) noexcept : all_(all) {}

    task<object> list_related(context& c, workspace_related in);
    task<object> relate(context& c, workspace_relate in);
    task<object> unrelate(context& c, workspace_relate in);
    task<team_roles> list_roles(context& c, workspace_id in);
    task<role_members_changed> set_role_members(context& c, role_members_set in);

private:
    // Properties of related workspaces.
    task<std::vector<object>>
    related(context& c, std::int64_t id, std::string relation, std::size_t limit);
    task<object> change_relation(context& c, workspace_relate in, bool wanted);
    task<std::vector<team_member>> members_of(context& c, std::int64_t id, std::int64_t role);
    // Roles without their members.
    task<std::vector<team_role>> roles_of(context& c, std::int64_t id);

    content_server::repository& all_;
};

} // namespace xecm_workspaces
