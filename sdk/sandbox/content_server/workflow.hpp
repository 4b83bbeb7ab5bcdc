// SPDX-License-Identifier: Apache-2.0
//
// The workflow state machine: draft, running with current steps, suspended, completed, stopped,
// archived. Steps of one stage run side by side; a disposition may end the process at once.
#pragma once

#include "service.hpp"

namespace mortise::sandbox::content_server {

process&
draft_process(service& s, node_id map, const std::vector<node_id>& documents, member_id user);
void initiate(service& s, process& p, member_id user, const std::string& comment);
// A process the user may see; failure 400 otherwise.
process& require_process(service& s, node_id id, member_id user);
process_step& require_step(process& p, int task_id);

struct task_action {
    std::string action;        // SendOn, Delegate, Review, formUpdate
    std::string custom_action; // Approve, ...
    std::string comment;
    std::string password;
    member_id assignee = 0;
    json::object values;
};
// What a performer does. Also used to play people. Throws failure.
void act_on_task(service& s, process& p, int task_id, const task_action& what, member_id user);
void set_form_values(service& s, process& p, const json::object& values);
void change_status(service& s, process& p, const std::string& status, member_id user);

bool may_perform(service& s, const process_step& step, member_id user);
bool may_manage(service& s, const process& p, member_id user);
const workflow_definition& definition_of(service& s, node_id map);
std::string status_key(const service& s, const process& p);
std::optional<time_point> step_due(const process_step& step);

} // namespace mortise::sandbox::content_server
