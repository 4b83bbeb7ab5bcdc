// SPDX-License-Identifier: Apache-2.0
#include "column_query.hpp"

#include "arguments.hpp"
#include "render.hpp"

#include <cctype>

namespace mortise::sandbox::content_server {

struct column_query::expression {
    enum class kind { all, any, negation, condition } what = kind::condition;
    std::vector<std::shared_ptr<const expression>> parts;
    std::string column, op;
    std::string value;
};

bool wildcard_match(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
    const auto low = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
            continue;
        }
        bool fits = false;
        std::size_t step = 1;
        if (p < pattern.size()) {
            if (pattern[p] == '\\' && p + 1 < pattern.size()) {
                fits = low(pattern[p + 1]) == low(text[t]);
                step = 2;
            } else {
                fits = pattern[p] == '?' || low(pattern[p]) == low(text[t]);
            }
        }
        if (fits) {
            p += step;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

namespace {

using expression = column_query::expression;
using pointer = std::shared_ptr<const expression>;

class parser {
public:
    explicit parser(std::string_view text) : text_(text) {}

    pointer run() {
        auto e = any();
        skip();
        // A trailing "column ASC|DESC" is the order; `sort` does that here.
        if (at_ != text_.size()) {
            word();
            const std::string order = lower_case(word());
            skip();
            if (at_ != text_.size() || (order != "asc" && order != "desc")) wrong();
        }
        return e;
    }

private:
    [[noreturn]] void wrong() const {
        throw failure{400,
                      "Invalid value specified for argument 'where_column_query' at character " +
                          std::to_string(at_ + 1) + ".",
                      {}};
    }
    void skip() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])))
            ++at_;
    }
    bool keyword(std::string_view k) {
        skip();
        if (!equal_text(text_.substr(at_, k.size()), k)) return false;
        const auto next = at_ + k.size();
        if (next < text_.size() &&
            (std::isalnum(static_cast<unsigned char>(text_[next])) != 0 || text_[next] == '_'))
            return false;
        at_ = next;
        return true;
    }
    std::string word() {
        skip();
        std::string w;
        while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                      text_[at_] == '_' || text_[at_] == '-'))
            w += text_[at_++];
        if (w.empty()) wrong();
        return w;
    }
    pointer joined(expression::kind kind, std::string_view k, pointer (parser::*next)()) {
        auto first = (this->*next)();
        if (++depth_ > 200) wrong();
        auto e = std::make_shared<expression>();
        e->what = kind;
        e->parts.push_back(first);
        while (keyword(k))
            e->parts.push_back((this->*next)());
        --depth_;
        return e->parts.size() == 1 ? first : e;
    }
    pointer any() { return joined(expression::kind::any, "or", &parser::all); }
    pointer all() { return joined(expression::kind::all, "and", &parser::one); }
    pointer one() {
        if (++nesting_ > 100) wrong();
        const pointer e = one_inner();
        --nesting_;
        return e;
    }
    pointer one_inner() {
        if (keyword("not")) {
            auto e = std::make_shared<expression>();
            e->what = expression::kind::negation;
            e->parts.push_back(one());
            return e;
        }
        skip();
        if (at_ < text_.size() && text_[at_] == '(') {
            ++at_;
            auto e = any();
            skip();
            if (at_ >= text_.size() || text_[at_] != ')') wrong();
            ++at_;
            return e;
        }
        auto e = std::make_shared<expression>();
        e->column = word();
        if (keyword("like")) {
            e->op = "like";
        } else {
            skip();
            for (const std::string_view op : {">=", "<=", "<>", "=", ">", "<"})
                if (text_.substr(at_, op.size()) == op) {
                    e->op = op;
                    at_ += op.size();
                    break;
                }
            if (e->op.empty()) wrong();
        }
        skip();
        if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
            const char quote = text_[at_++];
            while (at_ < text_.size() && text_[at_] != quote)
                e->value += text_[at_++];
            if (at_ >= text_.size()) wrong();
            ++at_;
        } else {
            e->value = word();
        }
        return e;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    int nesting_ = 0;
};

bool holds(const expression& e, const json::object& properties) {
    using kind = expression::kind;
    const auto inner = [&](const pointer& p) { return holds(*p, properties); };
    if (e.what == kind::all) return std::all_of(e.parts.begin(), e.parts.end(), inner);
    if (e.what == kind::any) return std::any_of(e.parts.begin(), e.parts.end(), inner);
    if (e.what == kind::negation) return !inner(e.parts.front());
    const auto* v = properties.if_contains(e.column);
    if (v == nullptr) v = properties.if_contains(lower_case(e.column));
    if (v == nullptr)
        throw failure{
            400, "The column '" + e.column + "' is not a column of business workspaces.", {}};
    const std::string have = to_text(*v);
    if (e.op == "like" || (e.op == "=" && e.value.find_first_of("*?") != std::string::npos))
        return wildcard_match(e.value, have);
    int order = 0;
    const auto a = to_integer(*v);
    const auto b = to_integer(json::value(e.value));
    if (a && b)
        order = *a < *b ? -1 : *a > *b ? 1 : 0;
    else
        order = lower_case(have).compare(lower_case(e.value));
    if (e.op == "=") return order == 0;
    if (e.op == "<>") return order != 0;
    if (e.op == "<") return order < 0;
    if (e.op == ">") return order > 0;
    if (e.op == "<=") return order <= 0;
    return order >= 0;
}

} // namespace

column_query column_query::parse(std::string_view text) {
    column_query q;
    q.root_ = parser(text).run();
    return q;
}

bool column_query::matches(const json::object& properties) const {
    return holds(*root_, properties);
}

} // namespace mortise::sandbox::content_server
