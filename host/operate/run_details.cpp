// SPDX-License-Identifier: Apache-2.0
#include "operate/run_details.hpp"

namespace mortise::host {
namespace {

std::optional<run_record> newer_success(journal_reader& reader, const run_record& run) {
    const bool dead = run.state == run_state::failed || run.state == run_state::in_doubt;
    if (!dead || run.key.empty()) return std::nullopt;
    run_filter f;
    f.state = run_state::succeeded;
    f.instance = run.instance;
    f.key = run.key;
    f.after = run.id.str();
    f.limit = 1;
    auto found = reader.runs(f);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

} // namespace

std::optional<run_details>
read_details(journal_reader& reader, const flow_directory& flows, const run_id& id) {
    auto run = reader.run(id);
    if (!run) return std::nullopt;
    run_details out;
    out.run = std::move(*run);
    out.children = reader.children(id);
    out.notes = reader.notes(id);
    out.newer = newer_success(reader, out.run.run);
    out.advice =
        advise(out.run, flows.find(out.run.run.instance), out.newer ? &*out.newer : nullptr);
    return out;
}

} // namespace mortise::host
