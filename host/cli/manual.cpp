// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.hpp"

#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/output.hpp"

#include <algorithm>

namespace mortise::host::cli {
namespace {

constexpr std::size_t line_width = 76;

// For arguments of macros as for lines of text.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if (c == '`')
            out += "\\(ga";
        else if (c == '~')
            out += "\\(ti";
        else if (c == '^')
            out += "\\(ha";
        else
            out += c;
    }
    return out;
}

bool ends_sentence(std::string_view word) {
    if (word.empty() || word.find_first_not_of('.') == std::string_view::npos) return false;
    return word.back() == '.' || word.back() == '?' || word.back() == '!' || word.ends_with(".)") ||
           word.ends_with(".\"");
}

// One argument of a macro, whatever is in it.
std::string macro_word(std::string_view text) {
    std::string out = "\"";
    for (const char c : escaped(text))
        out += c == '"' ? std::string("\\(dq") : std::string(1, c);
    return out + '"';
}

void options(std::string& out, const command& c, bool positional) {
    bool any = false;
    for (const auto& o : c.options()) {
        const auto& f = o.facts();
        if (f.hidden || f.positional != positional) continue;
        if (!any) out += ".Bl -tag -width Ds\n";
        any = true;
        out += ".It Xo\n.Sy " + macro_word(spelled(f)) + "\n.Xc\n" + manual_text(said_of(f));
    }
    if (any) out += ".El\n";
}

void examples(std::string& out, const command& c) {
    for (const auto& [line, what] : c.examples())
        out += ".Pp\n" + manual_text(what + ":") + ".Dl " + macro_word(line) + "\n";
}

void describe(std::string& out, const command& c) {
    if (c.is_hidden()) return;
    if (c.what_it_does()) {
        out += ".Ss " + macro_word(c.path().substr(c.path().find(' ') + 1)) + "\n";
        out += ".Bd -ragged -compact\n.Sy " + macro_word(usage_of(c)) + "\n.Ed\n.Pp\n";
        out += manual_text(c.doc() + (c.doc().ends_with('.') ? "" : ".") +
                           (c.details().empty() ? "" : " " + c.details()));
        options(out, c, true);
        options(out, c, false);
        examples(out, c);
    }
    for (const auto& s : c.subs())
        describe(out, *s);
}

constexpr std::string_view page_end = R"(.Sh ENVIRONMENT
.Bl -tag -width Ds
.It Ev MORTISE_CONFIG
The configuration file, where
.Fl c
is not given.
.It Ev MORTISE_HOST
The address of a host on another machine, as
.Fl \-host .
.It Ev MORTISE_TOKEN
The token for it, where
.Fl \-token\-file
is not given.
A token never stands on the command line, where others could read it.
.It Ev NO_COLOR
No colour, whatever its value, unless empty.
.El
.Sh FILES
.Bl -tag -width Ds
.It Pa /etc/mortise/mortise.toml
The configuration; see
.Xr mortise.toml 5 .
.It Pa /var/lib/mortise
The state folder of the packaged service: the journal, the address of the
running host
.Pq Pa admin\-address
and the token of this machine
.Pq Pa admin\-token .
.El
.Sh EXIT STATUS
.Bl -tag -width Ds -compact
)";

constexpr std::pair<int, const char*> codes[] = {
    {exit_ok, "Done."},
    {exit_failed, "Tried, and it did not succeed."},
    {exit_usage, "The command line is wrong."},
    {exit_configuration, "The configuration has errors."},
    {exit_plugin, "A plugin was refused or does not conform."},
    {exit_not_found, "No such run, job, connection, flow, link, token or file."},
    {exit_unreachable, "No running host answers, or one holds the journal and does not answer."},
    {exit_denied, "The host does not take the token, or it asks for a higher role."},
    {exit_interrupted, "Ended by Ctrl\\-C while waiting; what was begun goes on."}};

} // namespace

std::string manual_text(std::string_view text) {
    std::string out, line;
    const auto flush = [&] {
        if (line.empty()) return;
        if (line.front() == '.' || line.front() == '\'') out += "\\&";
        out += line + '\n';
        line.clear();
    };
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (word.empty()) continue;
        const auto safe = escaped(word);
        if (!line.empty() && line.size() + 1 + safe.size() > line_width) flush();
        line += (line.empty() ? "" : " ") + safe;
        if (ends_sentence(word)) flush();
    }
    flush();
    return out;
}

std::string program_manual(const command& program) {
    std::string out = ".\\\" Made from the program's tree of commands.\n.Dd $Mdocdate$\n"
                      ".Dt MORTISE 1\n.Os\n.Sh NAME\n.Nm mortise\n.Nd self\\-hosted "
                      "integration "
                      "host\n.Sh SYNOPSIS\n.Nm\n.Op Ar options\n.Ar command\n.Op Ar arguments\n"
                      ".Sh DESCRIPTION\n";
    out += manual_text("Runs flows between systems, durably, and shows and mends what they do. "
                       "Commands that look at or change a host speak with the running one of "
                       "the "
                       "configuration, or with the one that --host names; where none runs, "
                       "lists "
                       "read the journal and say so.");
    out += ".Pp\nOptions of every command:\n";
    options(out, program, false);
    out += ".Sh COMMANDS\n";
    for (const auto& s : program.subs())
        describe(out, *s);
    out += page_end;
    for (const auto& [code, what] : codes)
        out += ".It " + std::to_string(code) + "\n" + what + "\n";
    out += ".El\n.Sh SEE ALSO\n.Xr mortise.toml 5\n";
    return out;
}

} // namespace mortise::host::cli
