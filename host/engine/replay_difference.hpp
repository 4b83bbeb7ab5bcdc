// SPDX-License-Identifier: Apache-2.0
// What a replay did otherwise than the journal holds, for the person who has to mend the flow.
#pragma once

#include "base/result.hpp"
#include "journal/records.hpp"

#include <string>
#include <vector>

namespace mortise::host {

struct asked_step {
    std::string key;
    std::string target;
};

// The replay asked for the last of `asked`, which the journal holds as something else. details has
// both sequences: {"step","was","is","journal":[{"step","target"}..],"replay":[..]}.
error other_step(const std::vector<step_record>& journal, const std::vector<asked_step>& asked);
// The replay came to its end without asking for steps that have been done; details as above, with
// "missing":[..] instead of step, was and is.
error steps_left_out(const std::vector<step_record>& journal,
                     const std::vector<asked_step>& asked,
                     const std::vector<std::string>& missing);

} // namespace mortise::host
