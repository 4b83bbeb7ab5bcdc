// SPDX-License-Identifier: Apache-2.0
#include "mapping/source_path.hpp"

#include "config/schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <charconv>

namespace json = boost::json;

namespace mortise::host {

namespace {

constexpr std::size_t longest_path = 1024;
constexpr std::size_t most_steps = 64;

using step = source_path::step;

class path_parser {
public:
    explicit path_parser(std::string_view text) : text_(text) {}

    result<std::vector<step>> run() {
        if (text_.empty()) return wrong(0, "the path is empty", "for example \"asset.title\"");
        if (text_.size() > longest_path)
            return wrong(0, "the path has more than 1024 characters", "use jq for it");
        if (text_.front() == '.')
            return wrong(0, "a path begins with a key", "remove the leading dot");
        bool first = true;
        while (at_ < text_.size()) {
            if (steps_.size() == most_steps)
                return wrong(at_, "the path has more than 64 steps", "use jq for it");
            result<void> read;
            if (text_[at_] == '[') {
                read = bracket();
            } else {
                if (!first) {
                    if (text_[at_] != '.')
                        return wrong(at_, "expected \".\" or \"[\" here", "join keys by dots");
                    ++at_;
                }
                read = key();
            }
            if (!read) return read.error();
            first = false;
        }
        return std::move(steps_);
    }

private:
    static error wrong(std::size_t at, std::string what, const std::string& fix) {
        return {category::config, "mapping.path",
                std::move(what) + " (character " + std::to_string(at + 1) + "); " + fix};
    }

    result<void> key() {
        if (at_ < text_.size() && text_[at_] == '"') return quoted();
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] != '.' && text_[at_] != '[') {
            const auto c = static_cast<unsigned char>(text_[at_]);
            if (c == '"' || c == ']' || c < 0x20)
                return wrong(at_, "this character cannot stand in a plain key",
                             "put the whole key in double quotes");
            ++at_;
        }
        const std::string_view name = text_.substr(begin, at_ - begin);
        if (name.empty()) return wrong(begin, "a key is missing", "remove the extra dot");
        if (name.front() == ' ' || name.back() == ' ')
            return wrong(begin, "the key begins or ends with a space",
                         "remove it, or put the key in double quotes");
        steps_.push_back({step::kind::key, std::string(name), 0});
        return {};
    }

    result<void> quoted() {
        const std::size_t begin = at_++;
        std::string name;
        for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') {
                ++at_;
                if (at_ == text_.size() || (text_[at_] != '"' && text_[at_] != '\\'))
                    return wrong(at_ - 1, "a backslash stands before a quote or a backslash only",
                                 "write \\\\ for a backslash");
            }
            name += text_[at_];
        }
        if (at_ == text_.size())
            return wrong(begin, "the quoted key does not end", "add the closing double quote");
        ++at_;
        if (at_ < text_.size() && text_[at_] != '.' && text_[at_] != '[')
            return wrong(at_, "expected \".\" or \"[\" behind the quoted key", "join keys by dots");
        steps_.push_back({step::kind::key, std::move(name), 0});
        return {};
    }

    result<void> bracket() {
        const std::size_t begin = at_++;
        const std::size_t end = text_.find(']', at_);
        const std::string fix = "write [0] for the first entry, [-1] for the last, [*] for every";
        if (end == std::string_view::npos) return wrong(begin, "the bracket does not end", fix);
        const std::string_view inner = text_.substr(at_, end - at_);
        step s;
        if (inner == "*") {
            s.what = step::kind::each;
        } else {
            s.what = step::kind::index;
            const char* const last = inner.data() + inner.size();
            const auto read = std::from_chars(inner.data(), last, s.index);
            if (read.ec != std::errc() || read.ptr != last || inner.empty())
                return wrong(begin, "expected a number or * in the brackets", fix);
        }
        steps_.push_back(std::move(s));
        at_ = end + 1;
        return {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<step> steps_;
};

std::string text_until(const std::vector<step>& steps, std::size_t end) {
    std::string out;
    for (std::size_t i = 0; i < end; ++i) {
        const step& s = steps[i];
        if (s.what == step::kind::each) {
            out += "[*]";
        } else if (s.what == step::kind::index) {
            out += '[' + std::to_string(s.index) + ']';
        } else {
            const bool plain = s.key.find_first_of(".[]\"") == std::string::npos && !s.key.empty();
            out += (out.empty() ? "" : ".") + (plain ? s.key : '"' + s.key + '"');
        }
    }
    return out.empty() ? "the facts" : '"' + out + '"';
}

class finder {
public:
    explicit finder(const std::vector<step>& steps) : steps_(steps) {}

    // The value, or null when it is not there.
    result<const json::value*> single(const json::value& from, std::size_t i, std::size_t end) {
        const json::value* at = &from;
        for (; i < end; ++i) {
            if (at->is_null()) return nullptr;
            const step& s = steps_[i];
            if (s.what == step::kind::key) {
                const json::object* o = at->if_object();
                if (!o) return other(*at, i, "so it has no \"" + s.key + '"');
                at = o->if_contains(s.key);
            } else {
                const json::array* list = at->if_array();
                if (!list) return other(*at, i, "and no list");
                const auto size = static_cast<std::int64_t>(list->size());
                const std::int64_t n = s.index < 0 ? s.index + size : s.index;
                at = n < 0 || n >= size ? nullptr : &(*list)[static_cast<std::size_t>(n)];
            }
            if (!at) return nullptr;
        }
        return at->is_null() ? nullptr : at;
    }

    // Appends what is found from step i on to out.
    result<void> collect(const json::value& from, std::size_t i, json::array& out) {
        std::size_t each = i;
        while (each < steps_.size() && steps_[each].what != step::kind::each)
            ++each;
        const auto at = single(from, i, each);
        if (!at) return at.error();
        if (*at == nullptr) return {};
        if (each == steps_.size()) {
            out.push_back(**at);
            return {};
        }
        const json::array* list = (*at)->if_array();
        if (!list) return other(**at, each, "and no list");
        for (const json::value& entry : *list)
            if (const auto done = collect(entry, each + 1, out); !done) return done.error();
        return {};
    }

private:
    error other(const json::value& v, std::size_t i, const std::string& so) const {
        return {category::input, "mapping.path",
                text_until(steps_, i) + " is " + std::string(kind_in_words(v)) + ", " + so};
    }

    const std::vector<step>& steps_;
};

} // namespace

result<source_path> source_path::parse(std::string_view text) {
    auto steps = path_parser(text).run();
    if (!steps) return steps.error();
    source_path path;
    path.text_ = text;
    path.steps_ = std::move(*steps);
    return path;
}

result<std::optional<json::value>> source_path::find(const json::value& facts) const {
    finder f(steps_);
    std::size_t each = 0;
    while (each < steps_.size() && steps_[each].what != step::kind::each)
        ++each;
    const auto at = f.single(facts, 0, each);
    if (!at) return at.error();
    if (*at == nullptr) return std::optional<json::value>();
    if (each == steps_.size()) return std::optional<json::value>(**at);
    json::array out;
    if (const auto done = f.collect(**at, each, out); !done) return done.error();
    return std::optional<json::value>(std::move(out));
}

result<std::vector<std::string>> parse_target(std::string_view text) {
    auto steps = path_parser(text).run();
    if (!steps) return steps.error();
    std::vector<std::string> keys;
    for (step& s : *steps) {
        if (s.what != step::kind::key)
            return error{category::config, "mapping.path",
                         "a target field has no brackets; put the name in double quotes inside the "
                         "TOML quotes when the bracket belongs to it"};
        keys.push_back(std::move(s.key));
    }
    return keys;
}

} // namespace mortise::host
