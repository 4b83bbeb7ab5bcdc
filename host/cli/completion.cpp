// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <algorithm>

namespace mortise::host::cli {
namespace {

class walk {
public:
    walk(const command& program,
         const std::function<void(const std::string&, const std::string&)>& seen)
        : at_(&program), seen_(seen) {}

    // A word that is already there.
    void take(const std::string& word) {
        if (awaited_ != nullptr) {
            seen_(awaited_->names.back(), word);
            awaited_ = nullptr;
            return;
        }
        if (word == "--" || (word.starts_with('-') && word.size() > 1)) {
            take_option(word);
            return;
        }
        if (arguments_.empty()) {
            if (const auto* sub = at_->find(word)) {
                at_ = sub;
                return;
            }
        }
        arguments_.push_back(word);
    }

    candidates next(const std::string& word, const value_source& values) const {
        candidates out;
        if (awaited_ != nullptr) {
            add_values(out, *awaited_, word, "", values);
        } else if (const auto equals = word.find('=');
                   word.starts_with("--") && equals != std::string::npos) {
            const auto* o = find_option(word.substr(0, equals));
            if (o != nullptr && !o->value_name.empty())
                add_values(out, *o, word.substr(equals + 1), word.substr(0, equals + 1), values);
        } else if (word.starts_with('-')) {
            add_options(out, word);
        } else {
            if (arguments_.empty()) {
                for (const auto& s : at_->subs())
                    if (!s->is_hidden()) add(out, s->name(), s->doc(), word);
            }
            if (const auto* argument = next_argument())
                add_values(out, *argument, word, "", values);
            if (out.words.empty() && out.shell_does.empty()) add_options(out, word);
        }
        return out;
    }

private:
    static void add(candidates& out,
                    const std::string& word,
                    const std::string& doc,
                    const std::string& begun) {
        if (word.starts_with(begun)) out.words.emplace_back(word, doc);
    }

    const option_facts* find_option(const std::string& name) const {
        for (const command* c = at_; c != nullptr; c = c->parent())
            for (const auto& o : c->options())
                for (const auto& n : o.facts().names)
                    if (n == name && !o.facts().positional) return &o.facts();
        return nullptr;
    }

    const option_facts* next_argument() const {
        std::size_t n = 0;
        for (const auto& o : at_->options()) {
            if (!o.facts().positional) continue;
            if (n++ == arguments_.size() || o.facts().repeats) return &o.facts();
        }
        return nullptr;
    }

    void take_option(const std::string& word) {
        const auto equals = word.find('=');
        const auto* o = find_option(word.substr(0, equals));
        if (o == nullptr) return;
        if (equals != std::string::npos)
            seen_(o->names.back(), word.substr(equals + 1));
        else if (!o->value_name.empty() && !o->value_optional)
            awaited_ = o;
    }

    void add_options(candidates& out, const std::string& word) const {
        for (const command* c = at_; c != nullptr; c = c->parent()) {
            for (const auto& o : c->options()) {
                if (o.facts().positional || o.facts().hidden) continue;
                const auto& names = o.facts().names;
                const auto wide = std::find_if(names.begin(), names.end(),
                                               [](const auto& n) { return n.starts_with("--"); });
                add(out, wide != names.end() ? *wide : names.front(), o.facts().doc, word);
            }
        }
        add(out, "--help", "Shows what the command takes", word);
    }

    void add_values(candidates& out,
                    const option_facts& o,
                    const std::string& begun,
                    const std::string& front,
                    const value_source& values) const {
        auto found = o.kind.empty() ? candidates() : values(o.kind, arguments_);
        for (const auto& w : o.words)
            found.words.emplace_back(w, "");
        for (auto& [word, doc] : found.words)
            if (word.starts_with(begun)) out.words.emplace_back(front + word, std::move(doc));
        if (!found.shell_does.empty()) out.shell_does = found.shell_does;
    }

    const command* at_;
    const std::function<void(const std::string&, const std::string&)>& seen_;
    const option_facts* awaited_ = nullptr;
    std::vector<std::string> arguments_;
};

} // namespace

candidates complete(const command& program,
                    const std::vector<std::string>& words,
                    const std::function<void(const std::string&, const std::string&)>& seen,
                    const value_source& values) {
    walk w(program, seen);
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        w.take(words[i]);
    return w.next(words.empty() ? std::string() : words.back(), values);
}

} // namespace mortise::host::cli
