// SPDX-License-Identifier: Apache-2.0
// mortise __man PAGE: what the build installs as manual pages.
#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "cli/output.hpp"

namespace mortise::host::cli {

void add_manual(command& program, common&) {
    auto& cmd = program.sub("__man", "Prints a manual page");
    auto page = std::make_shared<std::string>();
    cmd.argument("page", *page, "Which").required().among({"mortise.1", "mortise.toml.5"});
    cmd.hidden();
    cmd.does([&program, page] {
        print(*page == "mortise.1" ? program_manual(program) : configuration_manual());
        return int(exit_ok);
    });
}

} // namespace mortise::host::cli
