// SPDX-License-Identifier: Apache-2.0
#include "iconik/lucene.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view s) {
    std::string out(s);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 128;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    std::string word;
    for (const char c : text) {
        if (is_word(c)) {
            word += lower(c);
        } else if (!word.empty()) {
            out.push_back(std::move(word));
            word.clear();
        }
    }
    if (!word.empty()) out.push_back(std::move(word));
    return out;
}

// In patterns an active wildcard is kept as byte 1 (*) or 2 (?), so that escaped ones stay text.
constexpr char any_run = 1;
constexpr char any_one = 2;

bool glob(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && (pattern[p] == any_one || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (p < pattern.size() && pattern[p] == any_run) {
            star = p++;
            mark = t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == any_run)
        ++p;
    return p == pattern.size();
}

std::string text_of_value(const json::value& v) {
    return v.is_string() ? std::string(v.get_string()) : json::serialize(v);
}

bool has_wildcard(std::string_view s) {
    return s.find(any_run) != std::string_view::npos || s.find(any_one) != std::string_view::npos;
}

// A whole value equal to the pattern, or its words in it in a row.
bool value_matches(const json::value& v, const std::string& pattern) {
    if (v.is_null()) return false;
    const std::string text = lowered(text_of_value(v));
    const std::string wanted = lowered(pattern);
    if (glob(wanted, text)) return true;
    const std::vector<std::string> words = words_of(text);
    if (has_wildcard(wanted))
        return std::any_of(words.begin(), words.end(),
                           [&](const std::string& w) { return glob(wanted, w); });
    const std::vector<std::string> needle = words_of(wanted);
    return !needle.empty() &&
           std::search(words.begin(), words.end(), needle.begin(), needle.end()) != words.end();
}

class parser {
public:
    parser(const json::object& document, std::string_view text, std::vector<std::string> fields)
        : document_(document), text_(text), fields_(std::move(fields)) {}

    std::optional<bool> run() {
        const bool out = any();
        skip_space();
        if (failed_ || at_ != text_.size()) return {};
        return out;
    }

private:
    void skip_space() {
        while (at_ < text_.size() && text_[at_] == ' ')
            ++at_;
    }
    bool keyword(std::string_view word) {
        skip_space();
        if (text_.substr(at_, word.size()) != word) return false;
        const std::size_t end = at_ + word.size();
        if (end < text_.size() && text_[end] != ' ' && text_[end] != '(') return false;
        at_ = end;
        return true;
    }
    bool any() {
        if (++depth_ > 50) failed_ = true; // deeply nested input must not exhaust the stack
        bool out = all();
        while (!failed_ && (keyword("OR") || keyword("||"))) {
            const bool right = all();
            out = out || right;
        }
        --depth_;
        return out;
    }
    bool all() {
        bool out = one();
        for (;;) {
            skip_space();
            if (failed_ || at_ >= text_.size() || text_[at_] == ')') return out;
            const std::size_t before = at_;
            if (keyword("OR") || keyword("||")) {
                at_ = before;
                return out;
            }
            if (!keyword("AND")) keyword("&&");
            const bool right = one();
            out = out && right;
        }
    }
    bool one() {
        skip_space();
        if (failed_ || at_ >= text_.size()) {
            failed_ = true;
            return false;
        }
        if (keyword("NOT")) return !one();
        if (text_[at_] == '-' || text_[at_] == '!') {
            ++at_;
            return !one();
        }
        if (text_[at_] == '+') ++at_;
        if (at_ < text_.size() && text_[at_] == '(') {
            ++at_;
            const bool out = any();
            skip_space();
            if (at_ >= text_.size() || text_[at_] != ')') failed_ = true;
            ++at_;
            return out;
        }
        std::string word = token();
        if (failed_) return false;
        if (at_ < text_.size() && text_[at_] == ':') {
            ++at_;
            const std::vector<std::string> saved = fields_;
            fields_ = {word};
            const bool out = at_ < text_.size() && text_[at_] == '(' ? one() : look(token());
            fields_ = saved;
            return out;
        }
        return look(word);
    }
    std::string token() {
        std::string out;
        if (at_ < text_.size() && text_[at_] == '"') {
            for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
                if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
                out += text_[at_];
            }
            if (at_ >= text_.size()) failed_ = true;
            ++at_;
            return out;
        }
        constexpr std::string_view special = "!(){}[]^\"~:/&|";
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '\\' && at_ + 1 < text_.size()) {
                out += text_[++at_];
            } else if (c == '*') {
                out += any_run;
            } else if (c == '?') {
                out += any_one;
            } else if (c == ' ' || special.find(c) != std::string_view::npos) {
                break;
            } else {
                out += c;
            }
        }
        if (out.empty()) failed_ = true;
        return out;
    }
    bool look(const std::string& word) const {
        if (word == std::string(1, any_run) && fields_.empty()) return true;
        std::vector<std::string> places = fields_;
        if (places.empty()) places = {"title", "segment_text", "external_id", "metadata"};
        for (const std::string& place : places)
            for (const json::value* v : values_of(document_, place))
                if (value_matches(*v, word)) return true;
        return false;
    }

    const json::object& document_;
    std::string_view text_;
    std::vector<std::string> fields_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool failed_ = false;
};

void collect(const json::value& v, std::vector<const json::value*>& out) {
    if (v.is_array()) {
        for (const json::value& item : v.get_array())
            collect(item, out);
    } else if (v.is_object()) {
        for (const auto& member : v.get_object())
            collect(member.value(), out);
    } else {
        out.push_back(&v);
    }
}

void walk(const json::value& v, std::string_view path, std::vector<const json::value*>& out) {
    if (path.empty()) return collect(v, out);
    if (v.is_array()) {
        for (const json::value& item : v.get_array())
            walk(item, path, out);
        return;
    }
    if (!v.is_object()) return;
    // Field names may hold dots themselves: the whole rest first.
    if (const json::value* whole = v.get_object().if_contains(path)) return collect(*whole, out);
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) return;
    if (const json::value* next = v.get_object().if_contains(path.substr(0, dot)))
        walk(*next, path.substr(dot + 1), out);
}

} // namespace

std::vector<const json::value*> values_of(const json::object& document, std::string_view field) {
    std::vector<const json::value*> out;
    if (const json::value* whole = document.if_contains(field)) {
        collect(*whole, out);
        return out;
    }
    const std::size_t dot = field.find('.');
    if (dot != std::string_view::npos)
        if (const json::value* next = document.if_contains(field.substr(0, dot)))
            walk(*next, field.substr(dot + 1), out);
    return out;
}

bool matches_query(const json::object& document,
                   std::string_view query,
                   const std::vector<std::string>& fields) {
    if (query.find_first_not_of(' ') == std::string_view::npos || query == "*") return true;
    return parser(document, query, fields).run().value_or(false);
}

bool matches_term(const json::object& document, std::string_view field, std::string_view value) {
    // An exact value is found however it is written; ids and dates hold characters that are
    // special.
    for (const json::value* v : values_of(document, field))
        if (!v->is_null() && text_of_value(*v) == value &&
            value.find_first_of(" :/()[]{}\"^~!*?") == std::string_view::npos)
            return true;
    return parser(document, value, {std::string(field)}).run().value_or(false);
}

} // namespace mortise::sandbox::iconik
