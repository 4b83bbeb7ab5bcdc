// SPDX-License-Identifier: Apache-2.0
//
// Completion for shells. What may come next is found in the tree of commands
// when the shell asks
// (`mortise __complete WORD...`), so that the three shells say the same and
// nothing is written twice; the scripts only ask and show.
#pragma once

#include "cli/command.hpp"

#include <string>
#include <utility>
#include <vector>

namespace mortise::host::cli {

struct candidates {
    std::vector<std::pair<std::string, std::string>> words; // with what each is
    std::string shell_does; // "files" or "folders": the shell knows better
};

// Values of a kind: "runs", "flows", ...; `before` are the arguments already
// there. Never fails: where nothing can be asked there are none.
using value_source =
    std::function<candidates(const std::string& kind, const std::vector<std::string>& before)>;

// words: what stands behind the program's name, the last being completed (may
// be empty). Options for all commands that stand there are told to `seen`, so
// that values come from the right host.
candidates
complete(const command& program,
         const std::vector<std::string>& words,
         const std::function<void(const std::string& name, const std::string& value)>& seen,
         const value_source& values);

// Of the running host, the configuration or the journal.
candidates
values_of(const common& c, const std::string& kind, const std::vector<std::string>& before);

// Each candidate as a line "word<TAB>what it is"; the last line may be ":files"
// or ":folders".
int print_completion(const command& program, common& c, const std::vector<std::string>& words);

// The script for "bash", "zsh" or "fish".
std::string completion_script(std::string_view shell);

} // namespace mortise::host::cli
