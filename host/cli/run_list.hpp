// SPDX-License-Identifier: Apache-2.0
// Which runs, from the host or from the journal, and their table; for runs and
// dead letters.
#pragma once

#include "cli/view.hpp"

#include <memory>
#include <string>

namespace mortise::host::cli {

class command;

struct run_choice {
    std::string state; // one or more, with commas
    std::string flow, key, type, fingerprint, since, until, begins;
    std::uint32_t limit = 50;
};
// --flow, --key, --type, --group, --since, --until, --starting, --limit.
void add_run_filters(command& cmd, const std::shared_ptr<run_choice>& o);

// Errors: input, for a state or time that is none.
result<view> runs_view(const run_choice& o);
std::string runs_text(const boost::json::value& v);

} // namespace mortise::host::cli
