// SPDX-License-Identifier: Apache-2.0
// Refusals of what people ask of a run. Nothing was changed.
#pragma once

#include "journal/records.hpp"

#include <string>
#include <string_view>

namespace mortise::host {

inline error refusal(enum category c, std::string code, std::string message) {
    error e(c, std::move(code), std::move(message));
    e.effect = effect::none;
    return e;
}

inline error run_unknown(const run_id& run) {
    return refusal(category::not_found, "journal.run-unknown",
                   "there is no run \"" + run.str() + "\"");
}

// what: "failed and in_doubt runs can be retried"
inline error wrong_state(const run_id& run, run_state state, std::string_view what) {
    return refusal(category::conflict, "journal.run-state",
                   "run \"" + run.str() + "\" is " + std::string(to_string(state)) + "; only " +
                       std::string(what));
}

} // namespace mortise::host
