// SPDX-License-Identifier: Apache-2.0
// Links changed by a person: the same rules as for flows, and a note of who did it and what was
// there before.
#pragma once

#include "base/result.hpp"
#include "journal/journal.hpp"

#include <functional>
#include <string>

namespace mortise::host {

using link_answer = std::function<void(result<void>)>; // once, on any thread

// [any-thread] Errors: input (relation, a or b missing; data no JSON), conflict (b is linked to
// another a), unavailable.
void put_link(journal& store, link_record link, std::string who, link_answer done);
// [any-thread] Errors: input, not_found, unavailable.
void remove_link(
    journal& store, std::string relation, std::string a, std::string who, link_answer done);

} // namespace mortise::host
