// SPDX-License-Identifier: Apache-2.0
// mortise sandbox: the emulators, which are a program of their own.
#include "cli/sandbox_command.hpp"

#include "cli/commands.hpp"
#include "cli/output.hpp"

#include <unistd.h>

namespace mortise::host::cli {

int start_sandbox(const common& c, const std::vector<std::string>& words) {
    auto program = (c.program.parent_path() / "mortise-sandbox").string();
    std::vector<std::string> all{program};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> pointers;
    for (auto& word : all)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execv(program.c_str(), pointers.data());
    return fail(exit_not_found, "the sandbox is not installed: there is no " + program +
                                    " beside this program; install the package mortise-sandbox");
}

void add_sandbox(command& program, common& c) {
    auto& cmd = program.sub("sandbox", "Serves emulators of the systems on loopback ports");
    cmd.more("Every option goes to mortise-sandbox; mortise sandbox --help shows "
             "them.");
    cmd.example("mortise sandbox --only iconik,xecm", "two systems, until Ctrl-C")
        .example("mortise sandbox --list --json", "addresses and credentials");
    cmd.does([&c] { return start_sandbox(c, {}); });
}

} // namespace mortise::host::cli
