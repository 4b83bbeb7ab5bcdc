// SPDX-License-Identifier: Apache-2.0
// `mortise validate` alone, so that its tests need not link the whole host.
#include "cli/command.hpp"

int main(int argc, char** argv) {
    using namespace mortise::host::cli;
    common c;
    c.program = std::filesystem::read_symlink("/proc/self/exe");
    action chosen;
    CLI::App app("The validator");
    app.require_subcommand(1);
    app.fallthrough();
    app.add_flag("--json", c.json, "Print JSON for programs");
    add_validate(app, c, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? exit_ok : exit_usage;
    }
    return chosen();
}
