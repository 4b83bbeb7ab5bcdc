// SPDX-License-Identifier: Apache-2.0
//
// The tree of commands: what each is called, takes and does. Parsing is left to
// CLI11, whose headers stay in command.cpp; help, manual page and shell
// completion read the same tree.
#pragma once

#include "cli/common.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace mortise::host::cli {

using action = std::function<int()>;

// One option or argument, as help shows it.
struct option_facts {
    std::vector<std::string> names; // "--limit"; the name alone for an argument
    std::string doc;
    std::string value_name;         // "N"; empty: a flag
    std::string default_text;       // empty: none worth telling
    std::string kind;               // of its values, for completion: "runs", "files", ...
    std::vector<std::string> words; // the only values
    bool positional = false;
    bool required = false;
    bool repeats = false;
    bool hidden = false;
    bool value_optional = false; // "--watch" or "--watch 5"
};

class option {
public:
    option(option_facts facts, CLI::Option* parsed) : facts_(std::move(facts)), parsed_(parsed) {}
    option& required();
    option& shown_as(std::string value_name);
    option& completes(std::string kind);
    option& among(std::vector<std::string> words);
    option& between(double least, double most);
    option& needs(option& other);
    option& excludes(option& other);
    option& hidden();
    const option_facts& facts() const noexcept { return facts_; }

private:
    friend class command;
    option_facts facts_;
    CLI::Option* parsed_;
};

class command {
public:
    command(std::string name, std::string doc); // the program itself
    ~command();
    command(const command&) = delete;
    command& operator=(const command&) = delete;

    // What is read is written to `to`, which must live as long as the tree.
    command& sub(const std::string& name, const std::string& doc);
    option& argument(const std::string& name, std::string& to, const std::string& doc);
    option& argument(const std::string& name, std::vector<std::string>& to, const std::string& doc);
    option& value(const std::string& names, std::string& to, const std::string& doc);
    option& value(const std::string& names, std::vector<std::string>& to, const std::string& doc);
    option& value(const std::string& names, double& to, const std::string& doc);
    option& value(const std::string& names, std::uint32_t& to, const std::string& doc);
    option& value(const std::string& names, std::uint64_t& to, const std::string& doc);
    option&
    value(const std::string& names, std::optional<std::uint16_t>& to, const std::string& doc);
    option& flag(const std::string& names, bool& to, const std::string& doc);

    // --watch [SECONDS] and --count.
    option& watchable(common& c);
    command& does(action a);
    // Shown at the end of its help, and checked in the documentation's tests.
    command& example(std::string line, std::string what);
    // A sentence or more below what it is for.
    command& more(std::string text);
    command& hidden();
    command& also_called(const std::string& name);

    const std::string& name() const noexcept { return name_; }
    const std::string& doc() const noexcept { return doc_; }
    const std::string& details() const noexcept { return more_; }
    std::string path() const; // "mortise runs list"
    bool is_hidden() const noexcept { return hidden_; }
    const command* parent() const noexcept { return parent_; }
    const action& what_it_does() const noexcept { return action_; }
    const std::deque<std::unique_ptr<command>>& subs() const noexcept { return subs_; }
    const std::deque<option>& options() const noexcept { return options_; }
    const std::vector<std::pair<std::string, std::string>>& examples() const { return examples_; }
    const command* find(const std::string& name) const; // also by its other name

    struct parsed {
        const command* chosen = nullptr; // the program itself when it could not be told
        bool wants_help = false;
        std::string complaint; // what is wrong with the command line
    };
    // Of the program's command.
    parsed parse(std::vector<std::string> words);

private:
    command(command& parent, std::string name, std::string doc, CLI::App* app);
    template <class T>
    option& add(const std::string& names, T& to, const std::string& doc, std::string value_name);
    const command* deepest() const;

    std::string name_, doc_, more_;
    command* parent_ = nullptr;
    bool hidden_ = false;
    action action_;
    std::vector<std::string> aliases_;
    std::deque<std::unique_ptr<command>> subs_;
    std::deque<option> options_;
    std::vector<std::pair<std::string, std::string>> examples_;
    std::unique_ptr<CLI::App> root_;
    CLI::App* app_;
};

} // namespace mortise::host::cli
