// SPDX-License-Identifier: Apache-2.0
#include "config/jq_words.hpp"

#include "config/schema.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <set>

namespace mortise::host {

namespace {

using type = jq_token::type;

error refuse(std::string message) {
    return error(category::config, "config.jq.refused", std::move(message));
}

bool starts_word(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
}
bool in_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}
bool digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c));
}

class lexer {
public:
    explicit lexer(std::string_view text) : text_(text) {}

    result<std::vector<jq_token>> run() {
        if (!scan(0)) return refuse(error_);
        return std::move(tokens_);
    }

private:
    // Interpolations inside interpolations are nobody's intention.
    static constexpr int deepest = 8;

    bool fail(std::string message) {
        error_ = std::move(message);
        return false;
    }
    void push(type t, std::size_t from) { tokens_.push_back({t, text_.substr(from, at_ - from)}); }

    // Up to the end of the text, or (level > 0) to the ")" that ends an interpolation.
    bool scan(int level) {
        if (level > deepest) return fail("texts are nested too deeply");
        int open = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            const std::size_t from = at_;
            if (std::isspace(static_cast<unsigned char>(c))) {
                ++at_;
            } else if (c == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (c == '"') {
                if (!string(level)) return false;
            } else if (starts_word(c)) {
                word();
                push(type::word, from);
            } else if (c == '.' && at_ + 1 < text_.size() && starts_word(text_[at_ + 1])) {
                ++at_;
                word();
                push(type::field, from);
            } else if (digit(c) || (c == '.' && at_ + 1 < text_.size() && digit(text_[at_ + 1]))) {
                number();
                push(type::number, from);
            } else if (c == '$') {
                ++at_;
                while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])))
                    ++at_;
                const std::size_t name = at_;
                if (at_ < text_.size() && starts_word(text_[at_])) word();
                tokens_.push_back({type::variable, text_.substr(name, at_ - name)});
            } else if (c == '@') {
                ++at_;
                word();
                push(type::format, from);
            } else {
                if (c == '(') ++open;
                if (c == ')' && open-- == 0 && level > 0) return true;
                op();
                push(type::op, from);
            }
        }
        return level == 0 || fail("an interpolation \"\\(\" is not closed");
    }

    void word() {
        while (at_ < text_.size() &&
               (in_word(text_[at_]) || (text_.substr(at_, 2) == "::" && at_ + 2 < text_.size() &&
                                        starts_word(text_[at_ + 2]))))
            at_ += text_[at_] == ':' ? 2 : 1;
    }

    void number() {
        while (at_ < text_.size() && (digit(text_[at_]) || text_[at_] == '.'))
            ++at_;
        if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            std::size_t next = at_ + 1;
            if (next < text_.size() && (text_[next] == '+' || text_[next] == '-')) ++next;
            if (next < text_.size() && digit(text_[next])) {
                at_ = next;
                while (at_ < text_.size() && digit(text_[at_]))
                    ++at_;
            }
        }
    }

    void op() {
        static constexpr std::array<std::string_view, 14> longer = {
            "?//", "//=", "!=", "==", "//", "|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=", ".."};
        for (const std::string_view o : longer) {
            if (text_.substr(at_, o.size()) == o) {
                at_ += o.size();
                return;
            }
        }
        ++at_;
    }

    bool string(int level) {
        std::size_t from = at_++;
        push(type::text_begin, from);
        from = at_;
        while (at_ < text_.size()) {
            if (text_[at_] == '"') {
                if (at_ > from) push(type::text_chars, from);
                from = at_++;
                push(type::text_end, from);
                return true;
            }
            if (text_[at_] != '\\') {
                ++at_;
                continue;
            }
            if (at_ + 1 >= text_.size()) break;
            if (text_[at_ + 1] != '(') {
                at_ += 2;
                continue;
            }
            if (at_ > from) push(type::text_chars, from);
            from = at_;
            at_ += 2;
            push(type::op, from); // "\("
            if (!scan(level + 1)) return false;
            from = at_++;
            push(type::op, from); // its ")"
            from = at_;
        }
        return fail("a text is not closed by \"");
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<jq_token> tokens_;
    std::string error_;
};

using words = std::set<std::string_view>;

const words keywords = {"if", "then", "elif", "else", "end", "as", "and", "or", "try", "catch"};
// At most linear in their input, without iterating an argument.
const words plain_functions = {"not",
                               "true",
                               "false",
                               "null",
                               "length",
                               "utf8bytelength",
                               "type",
                               "tostring",
                               "tonumber",
                               "tojson",
                               "fromjson",
                               "ascii_downcase",
                               "ascii_upcase",
                               "keys",
                               "keys_unsorted",
                               "has",
                               "in",
                               "startswith",
                               "endswith",
                               "ltrimstr",
                               "rtrimstr",
                               "select",
                               "empty",
                               "error",
                               "floor",
                               "ceil",
                               "round",
                               "sqrt",
                               "fabs",
                               "pow",
                               "log",
                               "log2",
                               "log10",
                               "exp",
                               "isnan",
                               "isinfinite",
                               "isnormal",
                               "objects",
                               "iterables",
                               "booleans",
                               "numbers",
                               "strings",
                               "nulls",
                               "arrays",
                               "scalars",
                               "values",
                               "strftime",
                               "todate",
                               "fromdate",
                               "fromdateiso8601",
                               "strptime",
                               "mktime",
                               "now",
                               "first",
                               "last",
                               "explode",
                               "reverse",
                               "contains",
                               "inside"};
// Go over their input: one of these is simple, more are not.
const words iterating = {
    "map",          "map_values",   "any",       "all",       "add",    "join",   "to_entries",
    "from_entries", "with_entries", "sort",      "sort_by",   "min",    "max",    "min_by",
    "max_by",       "unique",       "unique_by", "group_by",  "index",  "rindex", "indices",
    "split",        "IN",           "isempty",   "transpose", "flatten"};
// May take long: always with a deadline.
const words guarded = {"range",   "limit", "nth",   "test",       "match",
                       "capture", "sub",   "paths", "leaf_paths", "recurse"};

struct advice {
    std::string_view word, text;
};
constexpr advice refused[] = {
    {"env", "the environment is not readable here"},
    {"input", "there is one input, \".\""},
    {"inputs", "there is one input, \".\""},
    {"include", "modules are not available"},
    {"import", "modules are not available"},
    {"def", "functions cannot be defined, so that every expression ends"},
    {"reduce", "use add, map, any, all, min, max or join"},
    {"foreach", "use map"},
    {"while", "loops are not available"},
    {"until", "loops are not available"},
    {"repeat", "loops are not available"},
    {"walk", "name the parts to be changed"},
    {"implode", "it is not available"},
    {"setpath", "build the value with {...}"},
    {"getpath", "write the path itself, as in .a.b"},
    {"del", "build the value with {...}"},
    {"scan", "libjq crashes on some texts with it; use test, match or capture"},
    {"gsub", "libjq crashes on some texts with it; use sub, or split and join"},
    {"splits", "libjq crashes on some texts with it; use split"},
    {"debug", "there is no terminal"},
    {"stderr", "there is no terminal"},
    {"halt", "it would end the host"},
    {"halt_error", "it would end the host; use error"},
};

std::vector<std::string> known_words() {
    std::vector<std::string> all;
    for (const words* set : {&keywords, &plain_functions, &iterating, &guarded})
        all.insert(all.end(), set->begin(), set->end());
    return all;
}

error unknown_word(std::string_view word) {
    std::string message = "\"" + std::string(word) + "\" cannot be used in an expression here";
    for (const advice& a : refused)
        if (a.word == word) return refuse(message + ": " + std::string(a.text));
    const std::string hint = did_you_mean(word, known_words());
    return refuse(message + (hint.empty() ? "; see docs/expressions.md" : "; " + hint));
}

bool is(const std::vector<jq_token>& t, std::size_t i, std::string_view op) {
    return i < t.size() && t[i].is == type::op && t[i].text == op;
}

// libjq aborts on a bound that is no number, which a computed one can be.
bool is_plain_slice(const std::vector<jq_token>& t, std::size_t colon) {
    std::size_t from = colon, to = colon + 1;
    if (from > 0 && t[from - 1].is == type::number) --from;
    if (from > 0 && is(t, from - 1, "-")) --from;
    if (is(t, to, "-")) ++to;
    if (to < t.size() && t[to].is == type::number) ++to;
    return from > 0 && is(t, from - 1, "[") && is(t, to, "]");
}

// Recognises a part of jq that is common in `when` and `key`; what it accepts is valid jq:
//   pipe = or { "|" or }; or = cmp { ("and" | "or") cmp }; cmp = alt [ compare alt ];
//   alt = term { "//" term }; term = path | literal | text | word | "(" pipe ")"
class plain_grammar {
public:
    explicit plain_grammar(const std::vector<jq_token>& tokens) : t_(tokens) {}
    bool accepts() { return pipe() && at_ == t_.size(); }

private:
    bool take(std::string_view op) {
        if (!is(t_, at_, op)) return false;
        ++at_;
        return true;
    }
    bool take_word(std::string_view word) {
        if (at_ >= t_.size() || t_[at_].is != type::word || t_[at_].text != word) return false;
        ++at_;
        return true;
    }
    bool pipe() {
        do {
            if (!logic()) return false;
        } while (take("|"));
        return true;
    }
    bool logic() {
        do {
            if (!comparison()) return false;
        } while (take_word("and") || take_word("or"));
        return true;
    }
    bool comparison() {
        if (!alternative()) return false;
        for (const std::string_view op : {"==", "!=", "<=", ">=", "<", ">"})
            if (take(op)) return alternative();
        return true;
    }
    bool alternative() {
        do {
            if (!term()) return false;
        } while (take("//"));
        return true;
    }
    bool term() {
        if (at_ >= t_.size()) return false;
        const jq_token& token = t_[at_];
        if (token.is == type::number)
            return std::all_of(token.text.begin(), token.text.end(), digit) && (++at_, true);
        if (token.is == type::text_begin) return string();
        if (token.is == type::word) {
            static const words alone = {"not",  "true",     "false",          "null",
                                        "type", "tostring", "ascii_downcase", "length"};
            return alone.contains(token.text) && (++at_, true);
        }
        if (take("(")) return pipe() && take(")");
        if (token.is != type::field && !take(".")) return false;
        while (at_ < t_.size() && t_[at_].is == type::field) {
            ++at_;
            take("?");
        }
        return true;
    }
    bool string() {
        ++at_;
        while (at_ < t_.size() && t_[at_].is != type::text_end) {
            if (t_[at_].is == type::text_chars) {
                // Escapes are libjq's to judge.
                if (t_[at_].text.find('\\') != std::string_view::npos) return false;
                ++at_;
            } else if (!take("\\(") || !pipe() || !take(")")) {
                return false;
            }
        }
        return at_ < t_.size() && (++at_, true);
    }

    const std::vector<jq_token>& t_;
    std::size_t at_ = 0;
};

// The originals stay reachable under names that an expression cannot contain (see unknown_word).
struct front {
    std::string_view word;
    std::string_view definition;
};
constexpr front fronts[] = {
    {"strftime",
     "def m_strftime(f): strftime(f); def strftime(f): f as $f | if ($f|type) != \"string\" then "
     "error(\"strftime needs a text\") elif type == \"number\" and (isnan or . < -62167219200 or "
     ". > 253402300799) then error(\"the time is out of range\") else m_strftime($f) end; "},
    {"todate",
     "def m_todate: todate; def todate: if type == \"number\" and (isnan or . < -62167219200 or . "
     "> 253402300799) then error(\"the time is out of range\") else m_todate end; "},
    {"indices",
     "def m_indices(i): indices(i); def indices(i): i as $i | if $i == \"\" or $i == [] then null "
     "else m_indices($i) end; "},
    {"index",
     "def m_index(i): index(i); def index(i): i as $i | if $i == \"\" then null else m_index($i) "
     "end; "},
    {"rindex", "def m_rindex(i): rindex(i); def rindex(i): i as $i | if $i == \"\" then null else "
               "m_rindex($i) end; "},
    {"tonumber",
     "def m_tonumber: tonumber; def tonumber: m_tonumber | if isnan or isinfinite then error(\"the "
     "text is no usable number\") else . end; "},
    {"fromjson",
     "def m_fromjson: fromjson; def fromjson: m_fromjson as $v | if any($v|..; type == \"number\" "
     "and "
     "(isnan or isinfinite)) then error(\"the text holds no usable JSON\") else $v end; "},
    // Never "g": empty matches in a text outside ASCII crash libjq.
    {"test",
     "def m_test(r): test(r); def m_test(r; f): test(r; f); def test(r): r as $r | if ($r|type) == "
     "\"string\" then m_test($r) else error(\"a regular expression is a text\") end; def test(r; "
     "f): f "
     "as $f | if ($f|type) == \"string\" and ($f|explode|any(. == 103)|not) then m_test(r; $f) "
     "else "
     "error(\"flags are a text without g\") end; "},
    {"match", "def m_match(r): match(r); def m_match(r; f): match(r; f); def match(r): r as $r | "
              "if ($r|type) "
              "== \"string\" then m_match($r) else error(\"a regular expression is a text\") end; "
              "def match(r; "
              "f): f as $f | if ($f|type) == \"string\" and ($f|explode|any(. == 103)|not) then "
              "m_match(r; $f) "
              "else error(\"flags are a text without g\") end; "},
    {"capture", "def m_capture(r): capture(r); def m_capture(r; f): capture(r; f); def capture(r): "
                "r as $r | if "
                "($r|type) == \"string\" then m_capture($r) else error(\"a regular expression is a "
                "text\") end; "
                "def capture(r; f): f as $f | if ($f|type) == \"string\" and ($f|explode|any(. == "
                "103)|not) then "
                "m_capture(r; $f) else error(\"flags are a text without g\") end; "},
    {"sub", "def sub(r; s; f): error(\"sub takes a regular expression and a text\"); "},
    {"split", "def split(r; f): error(\"split takes one text\"); "},
    {"*",
     "def m_mul(a; b): a * b; def _multiply(a; b): a as $a | b as $b | if (($a|type) == \"string\" "
     "and ($b|type) == \"number\" and ($a|length) * $b > 1000000) or (($b|type) == \"string\" and "
     "($a|type) == \"number\" and ($b|length) * $a > 1000000) then error(\"the repeated text is "
     "too long\") else m_mul($a; $b) end; "},
    {"%",
     "def m_mod(a; b): a % b; def _mod(a; b): a as $a | b as $b | if ($a|type) == \"number\" and "
     "($b|type) == \"number\" and (($a|fabs) < 9007199254740992 and ($b|fabs) < 9007199254740992 "
     "| not) then error(\"the numbers are too large for %\") else m_mod($a; $b) end; "},
};

} // namespace

result<std::vector<jq_token>> jq_tokens(std::string_view text) {
    return lexer(text).run();
}

result<jq_shape> check_jq_words(std::string_view text) {
    const auto lexed = jq_tokens(text);
    if (!lexed) return lexed.error();
    const std::vector<jq_token>& t = *lexed;
    if (t.empty()) return refuse("the expression is empty");

    static const words assignments = {"=", "|=", "+=", "-=", "*=", "/=", "%=", "//="};
    static const words variables_refused = {"ENV", "__prog_args", "__loc__"};
    int iterations = 0;
    bool can_take_long = false;
    std::set<std::string_view> fronted;
    std::vector<char> open; // brackets around the token
    for (std::size_t i = 0; i < t.size(); ++i) {
        const std::string_view word = t[i].text;
        if (t[i].is == type::variable) {
            if (variables_refused.contains(word))
                return refuse("\"$" + std::string(word) +
                              "\" cannot be used in an expression here");
        } else if (t[i].is == type::word) {
            const bool is_key = !open.empty() && open.back() == '{' && i > 0 &&
                                (is(t, i - 1, "{") || is(t, i - 1, ","));
            if (is_key || keywords.contains(word)) continue;
            if (iterating.contains(word))
                ++iterations;
            else if (guarded.contains(word))
                can_take_long = true;
            else if (!plain_functions.contains(word))
                return unknown_word(word);
            // With an argument these are loops of their own, or generators.
            if (is(t, i + 1, "(")) {
                if (word == "recurse")
                    return refuse("\"recurse(...)\" cannot be used in an expression here: use .. "
                                  "or name the parts");
                if (word == "first" || word == "last") can_take_long = true;
                if (word == "split") can_take_long = true; // with flags it is a regular expression
            }
            fronted.insert(word);
        } else if (t[i].is == type::op) {
            if (assignments.contains(word))
                return refuse("\"" + std::string(word) +
                              "\" changes a value in place, which is not available here; build a "
                              "new value with {...}" +
                              (word == "=" ? ", or compare with ==" : ""));
            if (word == "..") can_take_long = true;
            if (word == "[" && is(t, i + 1, "]")) ++iterations;
            if (word == "*" || word == "%") fronted.insert(word);
            if (word == ":" && !open.empty() && open.back() == '[' && !is_plain_slice(t, i))
                return refuse("a slice takes written numbers only, as in .[0:10]");
            if (word == "(" || word == "[" || word == "{" || word == "\\(")
                open.push_back(word.back());
            if ((word == ")" || word == "]" || word == "}") && !open.empty()) open.pop_back();
        }
    }

    // libjq computes constants while compiling, before any front; a % of huge ones ends the
    // process.
    if (fronted.contains("%"))
        for (const jq_token& token : t)
            if (token.is == type::number &&
                std::strtod(std::string(token.text).c_str(), nullptr) >= 9007199254740992.0)
                return refuse("the number " + std::string(token.text) + " is too large beside %");

    jq_shape shape;
    shape.simple = !can_take_long && iterations <= 1;
    shape.plain = plain_grammar(t).accepts();
    for (const front& f : fronts)
        if (fronted.contains(f.word)) shape.prelude += f.definition;
    return shape;
}

} // namespace mortise::host
