// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"

#include "config/schema.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace mortise::host::cli {
namespace {

std::vector<std::string> split(const std::string& names) {
    std::vector<std::string> out;
    std::istringstream in(names);
    for (std::string one; std::getline(in, one, ',');)
        out.push_back(one);
    return out;
}

std::string shown(const std::string& v) {
    return v;
}
std::string shown(const std::vector<std::string>&) {
    return {};
}
std::string shown(double v) {
    if (v == 0) return {};
    std::ostringstream out;
    out << v;
    return out.str();
}
template <class T>
requires std::is_integral_v<T> std::string shown(T v) {
    return v == 0 ? std::string() : std::to_string(v);
}

bool is_number(const std::string& word) {
    char* end = nullptr;
    const double v = std::strtod(word.c_str(), &end);
    return !word.empty() && *end == '\0' && std::isfinite(v);
}

// CLI11 would take the word behind an option with an optional value for that
// value, whatever it is.
void settle_watch(std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
        if (words[i] != "--watch" && words[i] != "-w") continue;
        const bool given = i + 1 < words.size() && is_number(words[i + 1]);
        words[i] = "--watch=" + (given ? words[i + 1] : std::string("2"));
        if (given) words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
}

} // namespace

option& option::required() {
    parsed_->required();
    facts_.required = true;
    return *this;
}

option& option::shown_as(std::string value_name) {
    facts_.value_name = std::move(value_name);
    return *this;
}

option& option::completes(std::string kind) {
    facts_.kind = std::move(kind);
    if (facts_.kind == "files" && !facts_.positional) facts_.value_name = "FILE";
    if (facts_.kind == "folders" && !facts_.positional) facts_.value_name = "FOLDER";
    return *this;
}

option& option::among(std::vector<std::string> words) {
    parsed_->check([words](const std::string& given) -> std::string {
        if (std::find(words.begin(), words.end(), given) != words.end()) return {};
        std::string all;
        for (const auto& w : words)
            all += (all.empty() ? "" : ", ") + w;
        const auto nearest = did_you_mean(given, words);
        return '"' + given + "\" is none of " + all + (nearest.empty() ? "" : "; " + nearest);
    });
    facts_.words = std::move(words);
    return *this;
}

option& option::between(double least, double most) {
    parsed_->check(CLI::Range(least, most));
    return *this;
}

option& option::needs(option& other) {
    parsed_->needs(other.parsed_);
    return *this;
}

option& option::excludes(option& other) {
    parsed_->excludes(other.parsed_);
    return *this;
}

option& option::hidden() {
    facts_.hidden = true;
    return *this;
}

command::command(std::string name, std::string doc)
    : name_(std::move(name)), doc_(std::move(doc)), root_(std::make_unique<CLI::App>(doc_, name_)),
      app_(root_.get()) {
    app_->fallthrough();
}

command::command(command& parent, std::string name, std::string doc, CLI::App* app)
    : name_(std::move(name)), doc_(std::move(doc)), parent_(&parent), app_(app) {}

command::~command() = default;

command& command::sub(const std::string& name, const std::string& doc) {
    auto* app = app_->add_subcommand(name, doc);
    subs_.emplace_back(new command(*this, name, doc, app));
    return *subs_.back();
}

template <class T>
option&
command::add(const std::string& names, T& to, const std::string& doc, std::string value_name) {
    option_facts facts;
    facts.names = split(names);
    facts.positional = !names.starts_with('-');
    facts.doc = doc;
    facts.value_name = std::move(value_name);
    facts.default_text = shown(to);
    facts.repeats = std::is_same_v<T, std::vector<std::string>>;
    auto* cli = app_->add_option(names, to, doc);
    // Each value with its own --option: else it would swallow the arguments
    // behind it.
    if (facts.repeats && !facts.positional) cli->allow_extra_args(false);
    // So that an alias or a script can be overruled.
    if (!facts.positional && !facts.repeats) cli->take_last();
    return options_.emplace_back(std::move(facts), cli);
}

option& command::argument(const std::string& name, std::string& to, const std::string& doc) {
    return add(name, to, doc, name);
}
option&
command::argument(const std::string& name, std::vector<std::string>& to, const std::string& doc) {
    return add(name, to, doc, name);
}
option& command::value(const std::string& names, std::string& to, const std::string& doc) {
    return add(names, to, doc, "TEXT");
}
option&
command::value(const std::string& names, std::vector<std::string>& to, const std::string& doc) {
    return add(names, to, doc, "TEXT");
}
option& command::value(const std::string& names, double& to, const std::string& doc) {
    return add(names, to, doc, "N");
}
option& command::value(const std::string& names, std::uint32_t& to, const std::string& doc) {
    return add(names, to, doc, "N");
}
option& command::value(const std::string& names, std::uint64_t& to, const std::string& doc) {
    return add(names, to, doc, "N");
}

option&
command::value(const std::string& names, std::optional<std::uint16_t>& to, const std::string& doc) {
    option_facts facts;
    facts.names = split(names);
    facts.doc = doc;
    facts.value_name = "N";
    auto* cli = app_->add_option_function<std::uint16_t>(
        names, [&to](const std::uint16_t& v) { to = v; }, doc);
    return options_.emplace_back(std::move(facts), cli);
}

option& command::flag(const std::string& names, bool& to, const std::string& doc) {
    option_facts facts;
    facts.names = split(names);
    facts.doc = doc;
    return options_.emplace_back(std::move(facts), app_->add_flag(names, to, doc));
}

option& command::watchable(common& c) {
    auto& watch =
        value("-w,--watch", c.watch_seconds,
              "Shows it again every so many seconds (2 unless given) until Ctrl-C; with --json and "
              "no terminal each time is one line")
            .between(0.05, 86'400)
            .shown_as("SECONDS");
    watch.facts_.value_optional = true;
    value("--count", c.watch_count, "Ends by itself after so many times");
    return watch;
}

command& command::does(action a) {
    action_ = std::move(a);
    return *this;
}

command& command::example(std::string line, std::string what) {
    examples_.emplace_back(std::move(line), std::move(what));
    return *this;
}

command& command::more(std::string text) {
    more_ = std::move(text);
    return *this;
}

command& command::hidden() {
    hidden_ = true;
    return *this;
}

command& command::also_called(const std::string& name) {
    app_->alias(name);
    aliases_.push_back(name);
    return *this;
}

std::string command::path() const {
    return parent_ == nullptr ? name_ : parent_->path() + ' ' + name_;
}

const command* command::find(const std::string& name) const {
    for (const auto& s : subs_) {
        if (s->name_ == name) return s.get();
        if (std::find(s->aliases_.begin(), s->aliases_.end(), name) != s->aliases_.end())
            return s.get();
    }
    return nullptr;
}

const command* command::deepest() const {
    const auto chosen = app_->get_subcommands();
    if (chosen.empty()) return this;
    for (const auto& s : subs_) {
        if (s->app_ == chosen.front()) return s->deepest();
    }
    return this;
}

command::parsed command::parse(std::vector<std::string> words) {
    settle_watch(words);
    std::reverse(words.begin(), words.end()); // as CLI11 wants them
    parsed out;
    try {
        app_->parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
        out.wants_help = true;
    } catch (const CLI::ParseError& e) {
        out.complaint = e.what();
    }
    out.chosen = deepest();
    const auto& at = *out.chosen;
    const auto left = app_->remaining(true);
    if (!left.empty() && !out.wants_help) {
        const auto word = left.front();
        std::vector<std::string> known;
        if (word.starts_with('-')) {
            for (const command* c = &at; c != nullptr; c = c->parent_)
                for (const auto& o : c->options_)
                    known.insert(known.end(), o.facts().names.begin(), o.facts().names.end());
            out.complaint = "there is no option " + word.substr(0, word.find('=')) + " here";
        } else {
            for (const auto& s : at.subs_)
                if (!s->hidden_) known.push_back(s->name_);
            out.complaint = known.empty() ? "\"" + word + "\" is one word too many"
                                          : "there is no command \"" + word + '"';
        }
        if (const auto nearest = did_you_mean(word, known); !nearest.empty())
            out.complaint += "; " + nearest;
    } else if (out.complaint.empty() && !out.wants_help && !at.action_) {
        out.complaint =
            at.parent_ == nullptr ? "say what to do" : "say what to do with " + at.name_;
    }
    return out;
}

} // namespace mortise::host::cli
