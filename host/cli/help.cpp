// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include "cli/terminal.hpp"

#include <algorithm>

namespace mortise::host::cli {
namespace {

std::string sentence(std::string text) {
    if (!text.empty() && text.back() != '.' && text.back() != ')') text += '.';
    return text;
}

void item(std::string& out, const std::string& left, const std::string& right, std::size_t width) {
    constexpr std::size_t at = 28;
    std::string line = "  " + left;
    if (columns_of(line) + 2 > at)
        line += '\n' + std::string(at, ' ');
    else
        line.append(at - columns_of(line), ' ');
    out += line + wrapped(right, width, at) + '\n';
}

void options(
    std::string& out, const char* heading, const command& of, bool positional, std::size_t width) {
    bool first = true;
    for (const auto& o : of.options()) {
        const auto& f = o.facts();
        if (f.hidden || f.positional != positional) continue;
        if (first) out += std::string("\n") + heading + '\n';
        first = false;
        item(out, spelled(f), said_of(f), width);
    }
}

} // namespace

std::string spelled(const option_facts& o) {
    std::string out;
    if (o.positional) {
        for (const char c : o.names.front())
            out += c == '_' ? '-' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        return out;
    }
    for (const auto& n : o.names)
        out += (out.empty() ? "" : ", ") + n;
    if (o.value_name.empty()) return out;
    return out + (o.value_optional ? " [" + o.value_name + ']' : ' ' + o.value_name);
}

std::string said_of(const option_facts& o) {
    auto out = sentence(o.doc);
    std::string words;
    for (const auto& w : o.words)
        words += (words.empty() ? "" : ", ") + w;
    if (!words.empty()) out += " One of " + words + '.';
    if (!o.default_text.empty() && !o.value_name.empty())
        out += " Default: " + o.default_text + '.';
    if (o.required && !o.positional) out += " Required.";
    if (o.repeats && !o.positional) out += " May be repeated.";
    return out;
}

std::string usage_of(const command& c) {
    auto out = c.path();
    bool some = false;
    for (const auto& o : c.options()) {
        const auto& f = o.facts();
        if (f.hidden) continue;
        if (f.positional) {
            const auto name = spelled(f) + (f.repeats ? "..." : "");
            out += f.required ? ' ' + name : " [" + name + ']';
        } else if (f.required) {
            out += ' ' + spelled(f);
        } else {
            some = true;
        }
    }
    const bool groups = std::any_of(c.subs().begin(), c.subs().end(),
                                    [](const auto& s) { return !s->is_hidden(); });
    if (groups) out += c.what_it_does() ? " [COMMAND]" : " COMMAND";
    return some ? out + " [options]" : out;
}

std::string help_text(const command& of, std::size_t width) {
    width = std::clamp<std::size_t>(width == 0 ? 100 : width, 40, 120);
    std::string out = wrapped(sentence(of.doc()), width, 0) + '\n';
    if (!of.details().empty()) out += wrapped(of.details(), width, 0) + '\n';
    out += "\nUsage: " + wrapped(usage_of(of), width, 7) + '\n';
    bool first = true;
    for (const auto& s : of.subs()) {
        if (s->is_hidden()) continue;
        if (first) out += "\nCommands:\n";
        first = false;
        item(out, s->name(), sentence(s->doc()), width);
    }
    options(out, "Arguments:", of, true, width);
    options(out, "Options:", of, false, width);
    if (of.parent() != nullptr) {
        const command* root = &of;
        while (root->parent() != nullptr)
            root = root->parent();
        options(out, "Options of every command:", *root, false, width);
    }
    if (!of.examples().empty()) {
        out += "\nExamples:\n";
        for (const auto& [line, what] : of.examples())
            out += "  " + line + "\n      " + wrapped(what, width, 6) + '\n';
    }
    return out;
}

} // namespace mortise::host::cli
