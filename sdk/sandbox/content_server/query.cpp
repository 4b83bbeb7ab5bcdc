// SPDX-License-Identifier: Apache-2.0
#include "query.hpp"

#include "arguments.hpp"
#include "column_query.hpp"
#include "render.hpp"

#include <cctype>

namespace mortise::sandbox::content_server {

struct search_query::expression {
    enum class kind { all, any, negation, term } what = kind::term;
    std::vector<std::shared_ptr<const expression>> parts;
    std::string region; // empty: free text
    std::string within = "all";
    std::string value;
    std::string to; // end of a range
    std::string op; // "", "range", ">", ">=", "<", "<=", "="
    bool phrase = false;
};

namespace {

using expression = search_query::expression;
using pointer = std::shared_ptr<const expression>;
using kind = expression::kind;

[[noreturn]] void bad_query() {
    throw failure{400,
                  "Error Evaluating Query, You have either not specified any search criterion at "
                  "all, or the search criterion is not valid.",
                  {}};
}

struct token {
    enum class kind { word, quoted, open, close, end } what = kind::end;
    std::string text;
};

std::vector<token> tokens_of(std::string_view text) {
    std::vector<token> out;
    std::size_t i = 0;
    while (i < text.size()) {
        const char c = text[i];
        if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            ++i;
        } else if (c == '(' || c == ')') {
            out.push_back({c == '(' ? token::kind::open : token::kind::close, std::string(1, c)});
            ++i;
        } else if (c == '"') {
            const auto end = text.find('"', i + 1);
            if (end == std::string_view::npos) bad_query();
            out.push_back({token::kind::quoted, std::string(text.substr(i + 1, end - i - 1))});
            i = end + 1;
        } else if (c == '[') {
            const auto end = text.find(']', i);
            if (end == std::string_view::npos) bad_query();
            out.push_back({token::kind::word, std::string(text.substr(i, end - i + 1))});
            i = end + 1;
        } else {
            std::string w;
            // A region's name ends with its colon; a value may hold colons (times).
            while (i < text.size() && std::isspace(static_cast<unsigned char>(text[i])) == 0 &&
                   text[i] != '(' && text[i] != ')' && text[i] != '"') {
                w += text[i++];
                const bool region =
                    w.back() == ':' &&
                    (w.starts_with("OT") || w.starts_with("ot") || w.starts_with("Attr_"));
                if (region || (text[i - 1] == ':' && i < text.size() && text[i] == '[')) break;
            }
            out.push_back({token::kind::word, std::move(w)});
        }
    }
    out.push_back({});
    if (out.size() > 4000) bad_query();
    return out;
}

class parser {
public:
    explicit parser(std::string_view text) : tokens_(tokens_of(text)) {}
    pointer run() {
        if (tokens_.size() == 1) bad_query();
        auto e = any();
        if (peek().what != token::kind::end) bad_query();
        return e;
    }

private:
    const token& peek() const { return tokens_[at_]; }
    bool keyword(std::string_view k) {
        if (peek().what != token::kind::word || !equal_text(peek().text, k)) return false;
        ++at_;
        return true;
    }
    bool starts_term() const {
        const auto& t = peek();
        if (t.what == token::kind::open || t.what == token::kind::quoted) return true;
        return t.what == token::kind::word && !equal_text(t.text, "or") &&
               !equal_text(t.text, "and");
    }
    pointer any() {
        auto e = std::make_shared<expression>();
        e->what = kind::any;
        e->parts.push_back(all());
        while (keyword("or"))
            e->parts.push_back(all());
        return e;
    }
    pointer all() {
        auto e = std::make_shared<expression>();
        e->what = kind::all;
        e->parts.push_back(one());
        while (keyword("and") || starts_term())
            e->parts.push_back(one());
        return e;
    }
    pointer one() {
        if (++depth_ > 100) bad_query();
        auto e = one_inner();
        --depth_;
        return e;
    }
    pointer one_inner() {
        if (keyword("not")) {
            auto e = std::make_shared<expression>();
            e->what = kind::negation;
            e->parts.push_back(one());
            return e;
        }
        const token t = peek();
        if (t.what == token::kind::open) {
            ++at_;
            auto e = any();
            if (peek().what != token::kind::close) bad_query();
            ++at_;
            return e;
        }
        if (t.what == token::kind::end || t.what == token::kind::close) bad_query();
        if (t.what == token::kind::word && (equal_text(t.text, "and") || equal_text(t.text, "or")))
            bad_query();
        ++at_;
        auto e = std::make_shared<expression>();
        if (t.what == token::kind::word && t.text.size() > 1 && t.text.back() == ':') {
            e->region = t.text.substr(0, t.text.size() - 1);
            // [region "x"]:(a or b) is not needed by clients; one value follows.
            const token v = peek();
            if (v.what != token::kind::word && v.what != token::kind::quoted) bad_query();
            ++at_;
            value(*e, v);
        } else {
            value(*e, t);
        }
        return e;
    }
    void value(expression& e, const token& t) {
        e.phrase = t.what == token::kind::quoted;
        if (!e.phrase && t.text.starts_with("[")) {
            const std::string inner = t.text.substr(1, t.text.size() - 2);
            const auto to = lower_case(inner).find(" to ");
            if (to == std::string::npos) bad_query();
            e.op = "range";
            e.value = trim(inner.substr(0, to));
            e.to = trim(inner.substr(to + 4));
            return;
        }
        std::string text = t.text;
        if (!e.phrase)
            for (const std::string_view op : {">=", "<=", ">", "<", "="})
                if (text.starts_with(op)) {
                    e.op = op;
                    text.erase(0, op.size());
                    if (text.empty()) {
                        text = peek().text;
                        ++at_;
                    }
                    break;
                }
        if (text.empty()) bad_query();
        e.value = std::move(text);
    }
    static std::string trim(std::string text) {
        while (!text.empty() && (text.back() == ' ' || text.back() == '"'))
            text.pop_back();
        const auto first = text.find_first_not_of(" \"");
        return first == std::string::npos ? std::string() : text.substr(first);
    }

    std::vector<token> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    std::string w;
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (std::isalnum(u) != 0 || c == '*' || c == '?' || u >= 0x80) {
            w += static_cast<char>(std::tolower(u));
        } else if (!w.empty()) {
            out.push_back(std::exchange(w, {}));
        }
    }
    if (!w.empty()) out.push_back(w);
    return out;
}

// The words of `wanted` in a row somewhere in `text`.
int occurrences(std::string_view text, std::string_view wanted) {
    const auto have = words_of(text);
    const auto need = words_of(wanted);
    if (need.empty() || have.size() < need.size()) return 0;
    int count = 0;
    for (std::size_t i = 0; i + need.size() <= have.size(); ++i) {
        bool fits = true;
        for (std::size_t k = 0; k < need.size() && fits; ++k)
            fits = wildcard_match(need[k], have[i + k]);
        if (fits) ++count;
    }
    return count;
}

// Dates compare by their common prefix, so that a bare day covers the whole day.
int compare(const std::string& have, const std::string& wanted) {
    const auto a = to_integer(json::value(have));
    const auto b = to_integer(json::value(wanted));
    if (a && b) return *a < *b ? -1 : *a > *b ? 1 : 0;
    const auto digits_only = [](std::string text) {
        std::erase_if(text, [](char c) { return c == '-' || c == ':' || c == 'T' || c == 'Z'; });
        return text;
    };
    std::string x = lower_case(have);
    std::string y = lower_case(wanted);
    if (have.size() >= 10 && have[4] == '-' && have[7] == '-') {
        x = digits_only(have);
        y = digits_only(wanted);
        x = x.substr(0, y.size());
    }
    return x.compare(y) < 0 ? -1 : x == y ? 0 : 1;
}

bool term_matches(const repository& repo, const expression& e, const node& n) {
    if (e.region.empty()) {
        std::string text;
        if (e.within != "content") text += metadata_text(n);
        if (e.within != "metadata") text += " " + content_text(n);
        return e.value == "*" || occurrences(text, e.value) > 0;
    }
    const std::string region = lower_case(e.region);
    if (region == "otlocation") {
        const auto id = to_integer(json::value(e.value));
        return id && repo.is_inside(n.id, *id);
    }
    if (!is_region(repo, e.region)) bad_query();
    for (const auto& have : region_values(repo, n, e.region)) {
        if (e.op == "range") {
            if ((e.value == "*" || e.value.empty() || compare(have, e.value) >= 0) &&
                (e.to == "*" || e.to.empty() || compare(have, e.to) <= 0))
                return true;
            continue;
        }
        if (!e.op.empty()) {
            const int order = compare(have, e.value);
            if ((e.op == "=" && order == 0) || (e.op == ">" && order > 0) ||
                (e.op == "<" && order < 0) || (e.op == ">=" && order >= 0) ||
                (e.op == "<=" && order <= 0))
                return true;
            continue;
        }
        const bool date = have.size() >= 10 && have[4] == '-' && have[7] == '-';
        if (date && compare(have, e.value) == 0) return true;
        if (wildcard_match(e.value, have) || (!date && occurrences(have, e.value) > 0)) return true;
    }
    return false;
}

bool holds(const repository& repo, const expression& e, const node& n) {
    const auto inner = [&](const pointer& p) { return holds(repo, *p, n); };
    switch (e.what) {
    case kind::all:
        return std::all_of(e.parts.begin(), e.parts.end(), inner);
    case kind::any:
        return std::any_of(e.parts.begin(), e.parts.end(), inner);
    case kind::negation:
        return !inner(e.parts.front());
    case kind::term:
        break;
    }
    return term_matches(repo, e, n);
}

int score_of(const expression& e, const std::string& name, const std::string& rest) {
    int sum = 0;
    for (const auto& p : e.parts)
        sum += score_of(*p, name, rest);
    if (e.what == kind::term && (e.region.empty() || lower_case(e.region) == "otname"))
        sum += 10 * occurrences(name, e.value) + occurrences(rest, e.value);
    return sum;
}

} // namespace

std::string metadata_text(const node& n) {
    std::string text = n.name + " " + n.description;
    for (const auto& [category, values] : n.categories)
        for (const auto& [key, value] : values.values) {
            if (value.is_array()) {
                for (const auto& item : value.get_array())
                    text += " " + to_text(item);
            } else {
                text += " " + to_text(value);
            }
        }
    if (n.type == subtype::url) text += " " + n.url;
    return text;
}

std::string content_text(const node& n) {
    if (n.versions.empty()) return {};
    const auto& v = n.versions.back();
    if (!v.mime_type.starts_with("text/") && v.mime_type != "application/json") return {};
    return v.data.read(0, 64 * 1024);
}

bool is_region(const repository& repo, std::string_view region) {
    if (region.starts_with("Attr_") || region.starts_with("attr_")) return true;
    static const std::set<std::string> known = {
        "otname",          "otsubtype",    "otlocation",
        "otobjectdate",    "otcreatedate", "otmodifydate",
        "otdcomment",      "otmimetype",   "otfilename",
        "otowner",         "otcreatedby",  "otmodifiedby",
        "otdataid",        "otparentid",   "otfilesize",
        "otfiletype",      "otreservedby", "otexternalcreatedate",
        "otworkspacetype", "otboid"};
    (void)repo;
    return known.contains(lower_case(region));
}

std::vector<std::string>
region_values(const repository& repo, const node& n, std::string_view region) {
    const std::string r = lower_case(region);
    const version* last = n.versions.empty() ? nullptr : &n.versions.back();
    const auto member_name = [&repo](member_id id) {
        const auto* m = repo.find_member(id);
        return std::vector<std::string>{std::to_string(id), m != nullptr ? m->name : ""};
    };
    if (r == "otname") return {n.name};
    if (r == "otsubtype") return {std::to_string(n.type)};
    if (r == "otdcomment") return {n.description};
    if (r == "otdataid") return {std::to_string(n.id)};
    if (r == "otparentid") return {std::to_string(n.parent)};
    if (r == "otobjectdate" || r == "otmodifydate") return {iso_seconds(n.modified)};
    if (r == "otcreatedate" || r == "otexternalcreatedate") return {iso_seconds(n.created)};
    if (r == "otowner") return member_name(n.owner);
    if (r == "otcreatedby") return member_name(n.creator);
    if (r == "otmodifiedby") return member_name(n.modifier);
    if (r == "otreservedby")
        return n.reserved_by != 0 ? member_name(n.reserved_by) : std::vector<std::string>();
    if (r == "otmimetype") return last ? std::vector{last->mime_type} : std::vector<std::string>();
    if (r == "otfilename") return last ? std::vector{last->file_name} : std::vector<std::string>();
    if (r == "otfilesize")
        return last ? std::vector{std::to_string(last->data.size())} : std::vector<std::string>();
    if (r == "otfiletype" && last != nullptr) {
        const auto dot = last->file_name.rfind('.');
        return {dot == std::string::npos ? std::string() : last->file_name.substr(dot + 1)};
    }
    if (r == "otlocation") {
        std::string path;
        for (const node_id id : repo.ancestors(n.id))
            path += (path.empty() ? "" : " ") + std::to_string(id);
        return {path};
    }
    if (r == "otworkspacetype" && n.workspace) return {std::to_string(n.workspace->type_id)};
    if (r == "otboid" && n.workspace) {
        std::vector<std::string> out;
        for (const auto& o : n.workspace->objects)
            out.push_back(o.bo_id);
        return out;
    }
    if (!r.starts_with("attr_")) return {};
    // Attr_4100_2, and Attr_4100_9_3 for a set's member in any row.
    std::vector<std::int64_t> parts;
    std::size_t from = 5;
    while (from <= r.size()) {
        const auto bar = std::min(r.find('_', from), r.size());
        parts.push_back(to_integer(json::value(r.substr(from, bar - from))).value_or(-1));
        from = bar + 1;
    }
    if (parts.size() < 2) return {};
    const auto it = n.categories.find(parts[0]);
    if (it == n.categories.end()) return {};
    std::vector<std::string> out;
    for (const auto& [key, value] : it->second.values) {
        const std::string exact = std::to_string(parts[0]) + "_" + std::to_string(parts[1]);
        bool fits = key == exact;
        if (!fits && parts.size() == 3)
            fits = key.starts_with(exact + "_") && key.ends_with("_" + std::to_string(parts[2]));
        if (!fits || value.is_null()) continue;
        if (value.is_array()) {
            for (const auto& item : value.get_array())
                out.push_back(to_text(item));
        } else {
            out.push_back(to_text(value));
        }
    }
    return out;
}

search_query search_query::complex(std::string_view text) {
    search_query q;
    q.root_ = parser(text).run();
    return q;
}

search_query search_query::words(std::string_view text,
                                 std::string_view lookfor,
                                 std::string_view within,
                                 std::string_view modifier) {
    search_query q;
    auto e = std::make_shared<expression>();
    e->what = lookfor == "anywords" ? kind::any : kind::all;
    const auto add = [&](std::string word) {
        auto t = std::make_shared<expression>();
        t->within = within;
        t->value = std::move(word);
        e->parts.push_back(std::move(t));
    };
    const auto list = words_of(text);
    if (list.empty()) bad_query();
    if (lookfor == "exactphrase") {
        add(std::string(text));
    } else {
        for (const auto& word : list)
            add(modifier == "wordbeginswith" ? word + "*"
                : modifier == "wordendswith" ? "*" + word
                                             : word);
    }
    q.root_ = std::move(e);
    return q;
}

bool search_query::matches(const repository& repo, const node& n) const {
    return holds(repo, *root_, n);
}

int search_query::score(const repository&, const node& n) const {
    return score_of(*root_, n.name, metadata_text(n) + " " + content_text(n));
}

} // namespace mortise::sandbox::content_server
