// SPDX-License-Identifier: Apache-2.0
// Each adds its part to the tree of commands. c must live as long as the tree.
#pragma once

#include "cli/command.hpp"

namespace mortise::host::cli {

void add_run(command& program, common& c);
void add_status(command& program, common& c);
void add_check(command& program, common& c);
void add_map(command& program, common& c);
void add_plugins(command& program, common& c);
void add_connections(command& program, common& c);
void add_flows(command& program, common& c);
void add_runs(command& program, common& c);
void add_events(command& program, common& c);
void add_dead_letters(command& program, common& c);
void add_backfill(command& program, common& c);
void add_links(command& program, common& c);
void add_ledger(command& program, common& c);
void add_journal(command& program, common& c);
void add_tokens(command& program, common& c);
void add_host_commands(command& program,
                       common& c); // reload, upgrade, console, openapi
void add_validate(command& program, common& c);
void add_new(command& program, common& c);
void add_sandbox(command& program, common& c);
void add_completion(command& program, common& c);
void add_manual(command& program, common& c);

// Options that every command understands.
void add_common_options(command& program, common& c);

} // namespace mortise::host::cli
