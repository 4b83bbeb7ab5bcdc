// SPDX-License-Identifier: Apache-2.0
#include "operate/run_details.hpp"

namespace mortise::host {

std::optional<run_details>
read_details(journal_reader& reader, const flow_directory& flows, const run_id& id) {
    auto run = reader.run(id);
    if (!run) return std::nullopt;
    run_details out;
    out.run = std::move(*run);
    out.children = reader.children(id);
    out.notes = reader.notes(id);
    out.advice = advise(out.run, flows.find(out.run.run.instance));
    return out;
}

} // namespace mortise::host
