// SPDX-License-Identifier: Apache-2.0
// What was done to the host by other ways than its admin listener, in the ledger all the same: a
// signal, a file in a plugin folder.
#include "admin/audit.hpp"
#include "app/host_impl.hpp"
#include "plugin/descriptors.hpp"

#include <algorithm>

namespace mortise::host {

void host::note(std::string by, std::string operation, const result<void>& outcome) {
    admin_action action;
    action.who = std::move(by);
    action.operation = std::move(operation);
    action.outcome = outcome_of(outcome);
    impl_->note(action);
}

void host::impl::note(const admin_action& action) {
    ledger_audit (*store)(action, [] {});
}

void host::impl::note_plugins(const std::vector<const plugin_descriptor*>& before,
                              const result<void>& put_to_use) {
    for (const auto* plugin : plugins->plugins()) {
        if (std::find(before.begin(), before.end(), plugin) != before.end()) continue;
        admin_action action;
        action.who = to_actor(actor_kind::system, "plugin-folder");
        action.operation = "loadPlugin";
        action.object = plugin->id + ' ' + plugin->version;
        action.request = plugin->sha256;
        action.outcome = outcome_of(put_to_use);
        note(action);
    }
}

void host::impl::note_refusal(const plugin_refusal& refusal) {
    admin_action action;
    action.who = to_actor(actor_kind::system, "plugin-folder");
    action.operation = "loadPlugin";
    action.object = refusal.file.filename().string();
    action.outcome = "refused";
    note(action);
}

} // namespace mortise::host
