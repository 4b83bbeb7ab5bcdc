// SPDX-License-Identifier: Apache-2.0
// What people and programs did to the host, in the ledger beside what runs did to systems.
#pragma once

#include "admin/admin_action.hpp"
#include "base/result.hpp"
#include "journal/records.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mortise::host {

class journal;

// operation: "admin:" and the operationId.
ledger_entry entry_of(const admin_action& action);

// "done", "refused" (input, state or configuration did not allow it), "failed".
std::string outcome_of(const result<void>& done);

// What the command line does itself when no host runs; the requests it would have sent.
struct offline_operation {
    std::string_view method, pattern, id; // as of the route
};
std::span<const offline_operation> offline_operations();
// As the route table would note this request; path with its query. Nothing for other requests.
std::optional<admin_action>
offline_action(std::string_view method, std::string_view path, const std::string& body);

// For route_table::audit_with(): `then` is called when the entry is durable, or could not be
// written; that is logged, and the answer goes out all the same, because what was done is done.
std::function<void(const admin_action&, std::function<void()> then)> ledger_audit(journal& store);

} // namespace mortise::host
