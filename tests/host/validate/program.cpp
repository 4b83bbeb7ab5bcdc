// SPDX-License-Identifier: Apache-2.0
// `mortise validate` alone, so that its tests need not link the whole host.
#include "cli/commands.hpp"
#include "cli/output.hpp"

int main(int argc, char** argv) {
    using namespace mortise::host::cli;
    common c;
    c.program = std::filesystem::read_symlink("/proc/self/exe");
    command program("mortise_validate_program", "The validator");
    program.flag("--json", c.json, "Prints JSON for programs");
    add_validate(program, c);
    const auto parsed = program.parse({argv + 1, argv + argc});
    if (!parsed.complaint.empty()) return fail(exit_usage, parsed.complaint);
    return parsed.chosen->what_it_does()();
}
