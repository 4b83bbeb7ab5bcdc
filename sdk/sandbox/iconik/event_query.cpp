// SPDX-License-Identifier: Apache-2.0
#include "iconik/event_query.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <regex>
#include <string>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

class reader {
public:
    reader(const json::object& event, std::string_view text) : event_(event), text_(text) {}

    bool run() {
        const bool out = either();
        skip();
        if (at_ != text_.size()) fail("unexpected text");
        return out;
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw std::invalid_argument("query: " + what + " at position " + std::to_string(at_ + 1));
    }
    void skip() {
        while (at_ < text_.size() && text_[at_] == ' ')
            ++at_;
    }
    bool word(std::string_view w) {
        skip();
        if (text_.substr(at_, w.size()) != w) return false;
        const std::size_t end = at_ + w.size();
        if (end < text_.size() && text_[end] != ' ' && text_[end] != '(') return false;
        at_ = end;
        return true;
    }
    bool either() {
        if (++depth_ > 30) fail("too deeply nested");
        bool out = both();
        while (word("OR"))
            out = both() || out;
        --depth_;
        return out;
    }
    bool both() {
        bool out = one();
        while (word("AND"))
            out = one() && out;
        return out;
    }
    bool one() {
        skip();
        if (at_ < text_.size() && text_[at_] == '(') {
            ++at_;
            const bool out = either();
            skip();
            if (at_ >= text_.size() || text_[at_] != ')') fail("a ) is missing");
            ++at_;
            return out;
        }
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_.find_first_of(" =!<>()", at_) != at_)
            ++at_;
        const std::string_view field = text_.substr(begin, at_ - begin);
        if (field.empty()) fail("a field name is missing");
        skip();
        std::string op;
        while (at_ < text_.size() && op.size() < 2 &&
               std::string_view("=!<>").find(text_[at_]) != std::string_view::npos)
            op += text_[at_++];
        if (op != "=" && op != "!=" && op != "<" && op != ">" && op != "<=" && op != ">=")
            fail("one of = != < > <= >= is missing");
        skip();
        return compare(find(field), op);
    }
    const json::value* find(std::string_view path) const {
        const json::object* at = &event_;
        for (;;) {
            const std::size_t dot = std::min(path.find('.'), path.size());
            const json::value* v = at->if_contains(path.substr(0, dot));
            if (!v || dot == path.size()) return v;
            if (!v->is_object()) return nullptr;
            at = &v->get_object();
            path.remove_prefix(dot + 1);
        }
    }
    bool compare(const json::value* found, const std::string& op) {
        if (at_ < text_.size() && text_[at_] == '/') {
            const std::size_t end = text_.find('/', at_ + 1);
            if (end == std::string_view::npos) fail("a regular expression does not end");
            const std::string pattern(text_.substr(at_ + 1, end - at_ - 1));
            at_ = end + 1;
            bool hit = false;
            try {
                const std::regex expression(pattern); // also when there is nothing to search in
                hit = found && found->is_string() &&
                      std::regex_search(std::string(found->get_string()), expression);
            } catch (const std::regex_error&) {
                fail("the regular expression is wrong");
            }
            return (op == "=") == hit;
        }
        const json::value wanted = literal();
        const json::value null;
        const json::value& have = found ? *found : null;
        if (op == "=") return have == wanted;
        if (op == "!=") return have != wanted;
        if (have.is_number() && wanted.is_number())
            return ordered(have.to_number<double>(), wanted.to_number<double>(), op);
        if (have.is_string() && wanted.is_string())
            return ordered(have.get_string().compare(wanted.get_string()), 0, op);
        return false;
    }
    template <class T>
    static bool ordered(T a, T b, const std::string& op) {
        return op == "<" ? a < b : op == ">" ? a > b : op == "<=" ? a <= b : a >= b;
    }
    json::value literal() {
        if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
            const char quote = text_[at_++];
            std::string out;
            for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
                if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
                out += text_[at_];
            }
            if (at_ >= text_.size()) fail("a string does not end");
            ++at_;
            return json::value(out);
        }
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] != ' ' && text_[at_] != ')')
            ++at_;
        const std::string token(text_.substr(begin, at_ - begin));
        if (token == "true") return true;
        if (token == "false") return false;
        if (token == "null") return nullptr;
        try {
            std::size_t used = 0;
            const double number = std::stod(token, &used);
            if (used != token.size()) fail("a value cannot be read");
            const auto whole = static_cast<std::int64_t>(number);
            if (static_cast<double>(whole) == number) return whole;
            return number;
        } catch (const std::logic_error&) {
            fail("a value is missing or not quoted");
        }
    }

    const json::object& event_;
    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

} // namespace

bool matches_event(const json::object& event, std::string_view query) {
    if (query.find_first_not_of(' ') == std::string_view::npos) return true;
    return reader(event, query).run();
}

} // namespace mortise::sandbox::iconik
