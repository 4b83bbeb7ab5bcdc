// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/output.hpp"
#include "cli/sandbox_command.hpp"
#include "cli/watch.hpp"

#include <mortise/core.h>

#include <boost/json.hpp>

#include <cstdio>
#include <exception>

namespace mortise::host::cli {
namespace {

void add_version(command& program, common& c) {
    auto& cmd = program.sub("version", "Prints the host's version and the plugin ABI's");
    cmd.example("mortise version --json", "for a program");
    cmd.does([&c] {
        if (c.json)
            print_json({{"version", MORTISE_VERSION},
                        {"abi_major", MORTISE_ABI_MAJOR},
                        {"abi_minor", MORTISE_ABI_MINOR}});
        else
            std::printf("mortise %s (plugin ABI %u.%u)\n", MORTISE_VERSION, MORTISE_ABI_MAJOR,
                        MORTISE_ABI_MINOR);
        return int(exit_ok);
    });
}

void add_all(command& program, common& c) {
    add_common_options(program, c);
    add_run(program, c);
    add_status(program, c);
    add_check(program, c);
    add_host_commands(program, c);
    add_runs(program, c);
    add_dead_letters(program, c);
    add_events(program, c);
    add_flows(program, c);
    add_connections(program, c);
    add_plugins(program, c);
    add_map(program, c);
    add_links(program, c);
    add_backfill(program, c);
    add_ledger(program, c);
    add_journal(program, c);
    add_tokens(program, c);
    add_validate(program, c);
    add_new(program, c);
    add_sandbox(program, c);
    add_completion(program, c);
    add_manual(program, c);
    add_version(program, c);
}

int run(std::vector<std::string> words) {
    common c;
    std::error_code ec;
    c.program = std::filesystem::read_symlink("/proc/self/exe", ec);
    // Its words are the other program's, --help too.
    if (!words.empty() && words.front() == "sandbox")
        return start_sandbox(c, {words.begin() + 1, words.end()});
    command program("mortise", "Mortise: a self-hosted integration host");
    program
        .example("mortise COMMAND --help", "options and examples of one command; all: man mortise")
        .example("mortise sandbox", "emulated systems, to try it without an account")
        .example("mortise new config --flow campaign-asset-references",
                 "a configuration to begin with; then check it, run it");
    add_all(program, c);
    if (!words.empty() && words.front() == "__complete")
        return print_completion(program, c, {words.begin() + 1, words.end()});
    if (!words.empty() && (words.front() == "--version" || words.front() == "-V"))
        words.front() = "version";
    if (words.empty() || words.front() == "help") {
        if (!words.empty()) words.erase(words.begin());
        words.emplace_back("--help");
    }
    const auto parsed = program.parse(std::move(words));
    choose_color(c.color);
    if (parsed.wants_help) {
        print(help_text(*parsed.chosen, output_screen().width));
        return exit_ok;
    }
    if (!parsed.complaint.empty())
        return fail(exit_usage, parsed.complaint + "; see " + parsed.chosen->path() + " --help");
    try {
        return run_watched(c, parsed.chosen->path(), parsed.chosen->what_it_does());
    } catch (const std::exception& e) {
        return fail(exit_failed, e.what());
    }
}

} // namespace

void add_common_options(command& program, common& c) {
    program
        .value("-c,--config", c.config,
               "Configuration file; else $MORTISE_CONFIG, ./mortise.toml, "
               "/etc/mortise/mortise.toml")
        .completes("files");
    program.value("--plugins", c.plugin_folders, "A further folder with plugins")
        .completes("folders");
    program.flag("--json", c.json, "Prints JSON for programs, in the shape of the admin API");
    program.flag("-q,--quiet", c.quiet, "Shows no progress and no remarks");
    program.value("--color", c.color, "Colour: auto is on a terminal, unless NO_COLOR is set")
        .among({"auto", "always", "never"})
        .shown_as("WHEN");
    program
        .value("--host", c.host_url,
               "Admin address of a host on another machine, such as "
               "https://mortise.example.com:8081; "
               "else $MORTISE_HOST, else the host of the configuration")
        .shown_as("URL");
    program
        .value("--token-file", c.token_file,
               "File with the token for --host; else the token is $MORTISE_TOKEN")
        .completes("files");
    program
        .value("--ca-file", c.ca_file,
               "Authority of that host's certificate, PEM; else the system's")
        .completes("files");
}

} // namespace mortise::host::cli

int main(int argc, char** argv) {
    using namespace mortise::host::cli;
    const int code = run({argv + 1, argv + argc});
    // A script must not take for whole what a full disk has cut.
    const bool lost = std::ferror(stdout) != 0 || std::fflush(stdout) != 0;
    if (!lost || code != exit_ok) return code;
    return fail(exit_failed, "the output could not be written; is the disk full?");
}
