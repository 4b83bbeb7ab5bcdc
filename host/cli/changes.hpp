// SPDX-License-Identifier: Apache-2.0
// What `mortise runs` and `mortise dead-letters` have in common: changes of one
// run or of many.
#pragma once

#include "cli/command.hpp"

#include <boost/json/value.hpp>

#include <memory>
#include <string>

namespace mortise::host {
struct bulk_request;
}

namespace mortise::host::cli {

// Which dead letters, how fast.
struct selection {
    std::string run;
    std::string group, flow;
    bool all = false;
    double rate = 10;
    std::uint32_t give_up_after = 5;
    bool wait = false;

    bool many() const { return !group.empty() || !flow.empty() || all; }
};
// bulk: with --group, --flow, --all and what goes with them.
void add_selection(command& cmd, const std::shared_ptr<selection>& s, bool bulk);
// Exactly one run or a choice of many; else says what is wrong.
int complaint(const selection& s);

// retry, edit and discard as sub-commands.
void add_retry(command& group, common& c, bool bulk);
void add_edit(command& group, common& c);
void add_discard(command& group, common& c, bool bulk);

int change_many(const common& c, const selection& s, bulk_request r);
std::string job_text(const boost::json::value& job);
// Stays until the job has ended.
int follow_job(const common& c, const std::string& id);

} // namespace mortise::host::cli
