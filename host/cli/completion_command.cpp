// SPDX-License-Identifier: Apache-2.0
// mortise completion, and what its scripts ask.
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/output.hpp"

namespace mortise::host::cli {
namespace {

constexpr std::string_view bash_script =
    R"sh(# Completion of mortise for bash; printed by `mortise completion bash`.
_mortise() {
    local words=() word line i files=
    # Bash takes "--color=never" apart at "="; here it is one word.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((${#words[@]} > 0)) && { [[ $word == = ]] || [[ ${words[-1]} == --*= ]]; }; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done
    local whole=${words[-1]} front=
    [[ $whole == --*=* ]] && front=${whole%%=*}=
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :files) files=-f ;;
            :folders) files=-d ;;
            ?*) line=${line%%$'\t'*}; COMPREPLY+=("$(printf %q "${line#"$front"}")") ;;
        esac
    done < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
    if [[ -n $files ]]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$files" -- "${whole#"$front"}")
    fi
}
complete -F _mortise mortise
)sh";

constexpr std::string_view zsh_script = R"sh(#compdef mortise
# Completion of mortise for zsh; printed by `mortise completion zsh`.
_mortise() {
    local -a found
    local line word doc files=
    while IFS= read -r line; do
        case $line in
            :files) files=1 ;;
            :folders) files=2 ;;
            ?*)
                word=${line%%$'\t'*}
                doc=
                [[ $line == *$'\t'* ]] && doc=${line#*$'\t'}
                found+=("${word//:/\\:}${doc:+:$doc}") ;;
        esac
    done < <("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( ${#found} )) && _describe -V mortise found
    case $files in
        1) _files ;;
        2) _files -/ ;;
    esac
}
if [[ $funcstack[1] == _mortise ]]; then
    _mortise "$@"
else
    compdef _mortise mortise
fi
)sh";

constexpr std::string_view fish_script =
    R"sh(# Completion of mortise for fish; printed by `mortise completion fish`.
function __mortise_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] __complete $words[2..-1] 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path (commandline -ct)
            case ':folders'
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end
complete -c mortise -f -k -a '(__mortise_complete)'
)sh";

} // namespace

std::string completion_script(std::string_view shell) {
    return std::string(shell == "bash" ? bash_script : shell == "zsh" ? zsh_script : fish_script);
}

int print_completion(const command& program, common& c, const std::vector<std::string>& words) {
    c.quiet = true;
    const auto heard = [&c](const std::string& name, const std::string& value) {
        if (name == "--config") c.config = value;
        if (name == "--plugins") c.plugin_folders.push_back(value);
        if (name == "--host") c.host_url = value;
        if (name == "--token-file") c.token_file = value;
        if (name == "--ca-file") c.ca_file = value;
    };
    const auto found =
        complete(program, words, heard,
                 [&c](const std::string& kind, const std::vector<std::string>& before) {
                     return values_of(c, kind, before);
                 });
    std::string out;
    for (const auto& [word, doc] : found.words)
        out += harmless(word) + (doc.empty() ? "" : '\t' + harmless(doc)) + '\n';
    if (!found.shell_does.empty()) out += ':' + found.shell_does + '\n';
    print(out);
    return exit_ok;
}

void add_completion(command& program, common&) {
    auto& cmd = program.sub("completion", "Prints the script that completes commands in a shell");
    auto shell = std::make_shared<std::string>();
    cmd.argument("shell", *shell, "The shell").required().among({"bash", "zsh", "fish"});
    cmd.example("mortise completion bash > "
                "~/.local/share/bash-completion/completions/mortise",
                "bash, for one account")
        .example("mortise completion zsh > ~/.zfunc/_mortise",
                 "zsh, with fpath=(~/.zfunc $fpath) before compinit in ~/.zshrc")
        .example("mortise completion fish > ~/.config/fish/completions/mortise.fish", "fish")
        .more("The packages install all three.");
    cmd.does([shell] {
        print(completion_script(*shell));
        return int(exit_ok);
    });
}

} // namespace mortise::host::cli
