// SPDX-License-Identifier: Apache-2.0
// A flow that moves one file between iconik and Extended ECM, as the request that starts it says:
// {"from": {"role", "operation", "input"}, "to": {...}}.
#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/plugin.hpp>

namespace {

namespace json = mortise::json;
using mortise::category;

mortise::transfer_end end_of(const json::value& what, std::string_view name) {
    const auto& end = mortise::require(what, name, category::input);
    auto role = mortise::require_string(end, "role", category::input);
    auto operation = mortise::require_string(end, "operation", category::input);
    return {std::move(role), std::move(operation), mortise::require(end, "input", category::input)};
}

class file_mover {
public:
    explicit file_mover(mortise::instance&) {}
    static void describe(mortise::flow_builder<file_mover>& b) {
        b.id("file-mover").version("1.0.0").title("Moves one file");
        b.role("dam", "iconik", "Where media are").uses("files.download", "files.upload");
        b.role("workspaces", "xecm-workspaces", "Where documents are")
            .uses("nodes.upload", "versions.add", "nodes.download");
        b.on_request();
    }
    mortise::task<json::value> run(mortise::flow_run& run, mortise::event e) {
        auto from = end_of(e.data, "from");
        auto to = end_of(e.data, "to");
        const auto report = co_await run.transfer("copy", std::move(from), std::move(to));
        json::object out{{"target", report.target},
                         {"source", report.source},
                         {"sha256", report.sha256},
                         {"verified", report.verified},
                         {"size", nullptr}};
        if (report.size) out["size"] = *report.size;
        co_return json::value(std::move(out));
    }
};

} // namespace

MORTISE_PLUGIN("org.mortise.file-mover", "1.0.0", mortise::flow<file_mover>())
