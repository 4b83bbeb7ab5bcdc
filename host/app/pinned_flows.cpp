// SPDX-License-Identifier: Apache-2.0
#include "app/pinned_flows.hpp"

namespace mortise::host {

result<void> pinned_flows::remember(const std::vector<flow_revision>& revisions) {
    result<void> outcome;
    store_.write(
        [revisions](journal_tx& tx) {
            for (const auto& r : revisions)
                tx.put_revision(r.name, r.id(), r.flow, r.version, r.to_json());
        },
        [&outcome](const result<void>& written) { outcome = written; });
    if (const auto flushed = store_.flush(); !flushed) return flushed.error();
    return outcome;
}

result<std::shared_ptr<flow_instance>> pinned_flows::instance_of(const run_record& run) {
    const auto key = std::pair(run.instance, run.config_revision);
    if (const auto it = live_.find(key); it != live_.end()) return it->second;
    const auto gone = [&](std::string what) {
        error e{category::config, "run.revision-gone",
                "the run began on flow \"" + run.flow + "\" version " + run.flow_version +
                    " with revision " + run.config_revision + " of its settings; " + what +
                    ", or let it go on with today's: mortise dead-letters retry " + run.id.str() +
                    " --repin"};
        e.effect = effect::none;
        e.retry = retry_advice::no;
        return e;
    };
    const auto* d = plugins_.find_flow(run.flow, run.flow_version);
    if (d == nullptr) {
        return gone("no loaded plugin offers that version: put its file back into the plugins "
                    "folder and retry the run");
    }
    std::optional<std::string> text;
    try {
        store_.read(
            [&](journal_reader& r) { text = r.revision(run.instance, run.config_revision); });
    } catch (const journal_failure& failure) {
        return failure.get();
    }
    if (!text) return gone("the journal does not hold these settings any more");
    const auto revision = read_revision(*text);
    if (!revision) return revision.error();
    auto made = make_(*revision, *d);
    if (!made) return gone("it cannot be made again (" + made.error().message + ")");
    live_.emplace(key, *made);
    return made;
}

std::vector<std::shared_ptr<flow_instance>> pinned_flows::take(bool all) {
    std::vector<std::shared_ptr<flow_instance>> out;
    for (auto it = live_.begin(); it != live_.end();) {
        if (!all && it->second->open_runs() > 0) {
            ++it;
            continue;
        }
        out.push_back(std::move(it->second));
        it = live_.erase(it);
    }
    return out;
}

} // namespace mortise::host
