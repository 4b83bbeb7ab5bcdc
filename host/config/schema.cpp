// SPDX-License-Identifier: Apache-2.0
//
// The validator. The subset is small and closed, so walking it here is shorter than turning a
// general validator's messages into ones that name the key and the fix; a test holds its verdicts
// against valijson's.
#include "config/schema.hpp"

#include "config/schema_parts.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/regex.hpp>

#include <charconv>
#include <cmath>
#include <map>

namespace json = boost::json;

namespace mortise::host {

struct regex_cache {
    std::map<std::string, boost::regex, std::less<>> by_text;
};

namespace {

using about = schema_problem::about;

std::string in_quotes(std::string_view s) {
    constexpr std::size_t shown = 60;
    if (s.size() <= shown) return '"' + std::string(s) + '"';
    std::size_t cut = shown;
    while (cut > 0 && (static_cast<unsigned char>(s[cut]) & 0xC0) == 0x80)
        --cut; // not in the middle of a character
    return '"' + std::string(s.substr(0, cut)) + "...\"";
}

std::string shown(const json::value& v) {
    if (v.is_string()) return in_quotes(v.get_string());
    if (v.is_structured()) return std::string(kind_in_words(v));
    if (v.is_double()) { // as people write it, not 1.5E0
        char buffer[32];
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, v.get_double()).ptr;
        return std::string(buffer, end);
    }
    return json::serialize(v);
}

std::string text_member(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

std::string example_of(const json::object& s) {
    if (const json::value* e = s.if_contains("examples");
        e && e->is_array() && !e->get_array().empty())
        return json::serialize(e->get_array().front());
    if (const json::value* d = s.if_contains("default")) return json::serialize(*d);
    return {};
}

std::string_view type_in_words(std::string_view type) {
    if (type == "string") return "text";
    if (type == "integer") return "a whole number";
    if (type == "number") return "a number";
    if (type == "boolean") return "true or false";
    if (type == "array") return "a list";
    if (type == "object") return "a table";
    return "nothing (null)";
}

bool is_of_type(const json::value& v, std::string_view type) {
    if (type == "string") return v.is_string();
    if (type == "integer") {
        if (v.is_int64() || v.is_uint64()) return true;
        return v.is_double() && std::floor(v.get_double()) == v.get_double() &&
               std::isfinite(v.get_double());
    }
    if (type == "number") return v.is_number();
    if (type == "boolean") return v.is_bool();
    if (type == "array") return v.is_array();
    if (type == "object") return v.is_object();
    return v.is_null();
}

// Exact for whole numbers; a double only where one side is none.
bool less(const json::value& a, const json::value& b) {
    if (a.is_double() || b.is_double()) return a.to_number<double>() < b.to_number<double>();
    if (a.is_int64() && b.is_int64()) return a.get_int64() < b.get_int64();
    if (a.is_uint64() && b.is_uint64()) return a.get_uint64() < b.get_uint64();
    if (a.is_int64()) // b is larger than any int64 or a is negative
        return a.get_int64() < 0 || static_cast<std::uint64_t>(a.get_int64()) < b.get_uint64();
    return b.get_int64() >= 0 && a.get_uint64() < static_cast<std::uint64_t>(b.get_int64());
}

bool same(const json::value& a, const json::value& b) {
    if (a.is_number() && b.is_number()) return !less(a, b) && !less(b, a);
    return a == b;
}

std::uint64_t count_member(const json::value& v) {
    return v.is_uint64() ? v.get_uint64() : static_cast<std::uint64_t>(v.get_int64());
}

std::size_t characters(std::string_view s) {
    std::size_t n = 0;
    for (const char c : s)
        n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return n;
}

bool is_reference(const json::object& o) {
    if (o.size() != 1) return false;
    const std::string_view key = o.begin()->key();
    return key == "env" || key == "file" || key == "credential";
}

class value_check {
public:
    value_check(schema_options options,
                std::vector<schema_problem>& problems,
                const regex_cache* regexes)
        : options_(options), problems_(problems), regexes_(regexes) {}

    // branch: the properties of a chosen oneOf alternative count as known in its base.
    void check(const json::value& v, const json::object& s, const std::string& at, int depth) {
        if (depth > schema_max_depth) {
            add(at, "nested too deeply");
            return;
        }
        if (options_.secret_references && is_secret(s) && takes_text(s)) return reference(v, s, at);
        if (is_mapping(s)) return mapping(v, at);
        if (!type(v, s, at)) return;
        constant_and_enum(v, s, at);
        if (v.is_number()) number(v, s, at);
        if (const json::string* text = v.if_string()) string(*text, s, at);
        if (const json::array* list = v.if_array()) array(*list, s, at, depth);
        if (v.is_object()) object(v, s, at, depth);
    }

private:
    void
    add(std::string pointer, std::string message, std::string hint = {}, about a = about::value) {
        problems_.push_back({std::move(pointer), std::move(message), std::move(hint), a});
    }

    static bool takes_text(const json::object& s) {
        const json::value* t = s.if_contains("type");
        return t && t->is_string() && std::string_view(t->get_string()) == "string";
    }

    void reference(const json::value& v, const json::object& s, const std::string& at) {
        static const std::vector<std::string> sources = {"env", "file", "credential"};
        std::string variable = text_member(s, "x-env");
        if (variable.empty()) variable = "NAME";
        const std::string how = "write a reference: { env = \"" + variable +
                                "\" }, { file = \"/path\" } or { credential = \"name\" }";
        if (v.is_string()) {
            add(at, "a secret is not written into the configuration", how);
            return;
        }
        const json::object* o = v.if_object();
        if (!o) {
            add(at, "expected a secret reference, found " + std::string(kind_in_words(v)), how);
            return;
        }
        for (const auto& member : *o) {
            const std::string_view key = member.key();
            if (key != "env" && key != "file" && key != "credential") {
                std::string hint = did_you_mean(key, sources);
                add(at + '/' + escape_pointer(key),
                    "unknown key " + in_quotes(key) + " in a secret reference",
                    hint.empty() ? how : std::move(hint), about::key);
                return;
            }
            if (!member.value().is_string() || member.value().get_string().empty()) {
                add(at + '/' + escape_pointer(key),
                    "expected a name in the secret reference, found " +
                        (member.value().is_string() ? std::string("an empty text")
                                                    : std::string(kind_in_words(member.value()))),
                    how);
                return;
            }
        }
        if (o->size() != 1)
            add(at, "a secret reference has exactly one of env, file and credential", how);
    }

    // What is in the table is the mapping engine's to check.
    void mapping(const json::value& v, const std::string& at) {
        if (v.is_object() || (v.is_string() && !v.get_string().empty())) return;
        add(at, "expected a mapping, found " + std::string(kind_in_words(v)),
            "write a table of target fields, or the name of a [mappings.<name>]");
    }

    bool type(const json::value& v, const json::object& s, const std::string& at) {
        const json::value* t = s.if_contains("type");
        if (!t) return true;
        std::string expected;
        const auto fits = [&](const json::value& name) {
            const std::string_view type_name = name.get_string();
            if (is_of_type(v, type_name)) return true;
            expected += (expected.empty() ? "" : " or ") + std::string(type_in_words(type_name));
            return false;
        };
        if (const json::array* list = t->if_array()) {
            for (const json::value& name : *list)
                if (fits(name)) return true;
        } else if (fits(*t)) {
            return true;
        }
        std::string hint;
        if (options_.secret_references && v.is_object() && is_reference(v.get_object())) {
            hint = "only keys that hold secrets take a reference; write the value itself";
        } else if (const json::string* text = v.if_string();
                   text && text->size() < 40 && expected != "text" && !is_secret(s)) {
            boost::system::error_code ec;
            const json::value inner = json::parse(*text, ec);
            if (!ec && t->is_string() && is_of_type(inner, t->get_string()))
                hint = "remove the quotes: " + std::string(*text);
        }
        if (hint.empty())
            if (const std::string example = is_secret(s) ? "" : example_of(s); !example.empty())
                hint = "for example " + example;
        add(at, "expected " + expected + ", found " + std::string(kind_in_words(v)),
            std::move(hint));
        return false;
    }

    void constant_and_enum(const json::value& v, const json::object& s, const std::string& at) {
        const std::string found = is_secret(s) ? std::string("another value") : shown(v);
        if (const json::value* c = s.if_contains("const"); c && !same(*c, v))
            add(at, "expected " + shown(*c) + ", found " + found);
        const json::value* e = s.if_contains("enum");
        if (!e) return;
        std::vector<std::string> texts;
        std::string list;
        for (const json::value& allowed : e->get_array()) {
            if (same(allowed, v)) return;
            list += (list.empty() ? "" : ", ") + shown(allowed);
            if (allowed.is_string()) texts.emplace_back(allowed.get_string());
        }
        std::string hint;
        if (v.is_string()) hint = did_you_mean(v.get_string(), texts);
        add(at, "expected one of " + list + ", found " + found, std::move(hint));
    }

    void number(const json::value& v, const json::object& s, const std::string& at) {
        const json::value* min = s.if_contains("minimum");
        const json::value* max = s.if_contains("maximum");
        const bool low = min && less(v, *min), high = max && less(*max, v);
        if (!low && !high) return;
        std::string range;
        if (min && max)
            range = "a number from " + shown(*min) + " to " + shown(*max);
        else
            range = min ? "at least " + shown(*min) : "at most " + shown(*max);
        add(at, "expected " + range + ", found " + shown(v));
    }

    void string(std::string_view text, const json::object& s, const std::string& at) {
        const std::string found = is_secret(s) ? std::string("another text") : in_quotes(text);
        const json::value* min = s.if_contains("minLength");
        const json::value* max = s.if_contains("maxLength");
        const std::size_t n = min || max ? characters(text) : 0;
        if (min && n < count_member(*min))
            add(at, n == 0 ? std::string("must not be empty")
                           : "expected at least " + shown(*min) + " characters, found " +
                                 std::to_string(n));
        if (max && n > count_member(*max))
            add(at, "expected at most " + shown(*max) + " characters, found " + std::to_string(n));
        std::string hint = example_of(s);
        if (!hint.empty()) hint = "for example " + hint;
        if (const json::value* p = s.if_contains("pattern")) {
            const std::string title = text_member(s, "title");
            try {
                if (!search(text, p->get_string()))
                    add(at,
                        found + " does not have the form of " +
                            (title.empty() ? "the pattern " + std::string(p->get_string()) : title),
                        hint);
            } catch (const std::exception&) { // Boost.Regex gives up on hopeless backtracking
                add(at, "too long or too complex to be checked against " +
                            std::string(p->get_string()));
            }
        }
        if (const json::value* f = s.if_contains("format")) {
            const std::string why = check_format(f->get_string(), text);
            if (!why.empty())
                add(at, why.starts_with('"') ? why : why + ", found " + found, std::move(hint));
        }
    }

    bool search(std::string_view text, std::string_view pattern) const {
        if (regexes_)
            if (const auto it = regexes_->by_text.find(pattern); it != regexes_->by_text.end())
                return boost::regex_search(text.begin(), text.end(), it->second);
        const boost::regex compiled(pattern.begin(), pattern.end(), boost::regex::perl);
        return boost::regex_search(text.begin(), text.end(), compiled);
    }

    void array(const json::array& list, const json::object& s, const std::string& at, int depth) {
        const json::value* min = s.if_contains("minItems");
        const json::value* max = s.if_contains("maxItems");
        const std::string n = std::to_string(list.size());
        if (min && list.size() < count_member(*min))
            add(at, "expected at least " + shown(*min) + " entries, found " + n);
        if (max && list.size() > count_member(*max))
            add(at, "expected at most " + shown(*max) + " entries, found " + n);
        if (const json::object* items = object_member(s, "items"))
            for (std::size_t i = 0; i < list.size(); ++i)
                check(list[i], *items, at + '/' + std::to_string(i), depth + 1);
    }

    void required(const json::object& o, const json::object& s, const std::string& at) {
        const json::value* names = s.if_contains("required");
        if (!names) return;
        const json::object* props = object_member(s, "properties");
        for (const json::value& name : names->get_array()) {
            const std::string_view key = name.get_string();
            if (o.contains(key)) continue;
            const json::object* sub = props ? object_member(*props, key) : nullptr;
            std::string what, hint;
            if (sub) {
                what = text_member(*sub, "title");
                if (what.empty()) what = text_member(*sub, "description");
                std::string example = is_secret(*sub) ? std::string() : example_of(*sub);
                if (is_secret(*sub) && options_.secret_references) {
                    std::string variable = text_member(*sub, "x-env");
                    if (variable.empty()) variable = "NAME";
                    example = "{ env = \"" + variable + "\" }";
                }
                if (!example.empty()) hint = "add " + std::string(key) + " = " + example;
            }
            if (!what.empty()) what = " (" + what + ")";
            add(at, "missing required key " + in_quotes(key) + what, std::move(hint));
        }
    }

    void object(const json::value& v, const json::object& s, const std::string& at, int depth) {
        const json::object& o = v.get_object();
        const json::object* props = object_member(s, "properties");
        const json::object* branch = one_of(v, s, at);
        const json::object* branch_props = branch ? object_member(*branch, "properties") : nullptr;
        required(o, s, at);
        if (branch) required(o, *branch, at);
        for (const auto& member : o) {
            const std::string below = at + '/' + escape_pointer(member.key());
            const json::object* sub = props ? object_member(*props, member.key()) : nullptr;
            const json::object* more =
                branch_props ? object_member(*branch_props, member.key()) : nullptr;
            if (sub) check(member.value(), *sub, below, depth + 1);
            if (more) check(member.value(), *more, below, depth + 1);
            if (!sub && !more) unknown(member.key(), member.value(), s, branch, below, depth);
        }
    }

    void unknown(std::string_view key,
                 const json::value& v,
                 const json::object& s,
                 const json::object* branch,
                 const std::string& at,
                 int depth) {
        const json::value* rule = s.if_contains("additionalProperties");
        if (!rule && branch) rule = branch->if_contains("additionalProperties");
        if (rule && rule->is_object()) return check(v, rule->get_object(), at, depth + 1);
        // A oneOf whose alternative could not be chosen has its own problem already.
        if (!branch && s.contains("oneOf")) return;
        const json::object* props = object_member(s, "properties");
        const bool allowed =
            rule ? rule->get_bool() : !(options_.closed && (props || branch != nullptr));
        if (allowed) return;
        std::vector<std::string> names = names_of(props);
        if (branch)
            for (std::string& n : names_of(object_member(*branch, "properties")))
                names.push_back(std::move(n));
        std::string hint = did_you_mean(key, names);
        if (hint.empty()) hint = known_keys(names);
        add(at, "unknown key " + in_quotes(key), std::move(hint), about::key);
    }

    static std::string known_keys(const std::vector<std::string>& names) {
        constexpr std::size_t most = 12;
        if (names.empty()) return "no keys are known here";
        std::string text = "known keys: ";
        for (std::size_t i = 0; i < names.size() && i < most; ++i)
            text += (i ? ", " : "") + names[i];
        return names.size() > most ? text + ", ..." : text;
    }

    // The chosen alternative; null when there is no oneOf or none fits (then with a problem).
    const json::object* one_of(const json::value& v, const json::object& s, const std::string& at) {
        const json::value* list = s.if_contains("oneOf");
        if (!list) return nullptr;
        if (const json::object* branch = chosen_branch(s, v)) return branch;
        const std::string key = discriminator_of(s);
        std::string allowed;
        std::vector<std::string> texts;
        for (const json::value& branch : list->get_array())
            if (const json::value* c = discriminator_value(branch.get_object(), key)) {
                allowed += (allowed.empty() ? "" : ", ") + shown(*c);
                if (c->is_string()) texts.emplace_back(c->get_string());
            }
        const json::value* found = v.get_object().if_contains(key);
        if (!found) {
            add(at, "missing required key " + in_quotes(key), "it is one of " + allowed);
        } else {
            std::string hint;
            if (found->is_string()) hint = did_you_mean(found->get_string(), texts);
            add(at + '/' + escape_pointer(key),
                "expected one of " + allowed + ", found " + shown(*found), std::move(hint));
        }
        return nullptr;
    }

    schema_options options_;
    std::vector<schema_problem>& problems_;
    const regex_cache* regexes_;
};

void collect_patterns(const json::value& v, regex_cache& cache) {
    if (const json::array* list = v.if_array()) {
        for (const json::value& item : *list)
            collect_patterns(item, cache);
    } else if (const json::object* o = v.if_object()) {
        for (const auto& member : *o) {
            // A property may be called "pattern" too; its schema is an object.
            if (member.key() == "pattern" && member.value().is_string()) {
                const std::string text(member.value().get_string());
                try {
                    cache.by_text.emplace(text, boost::regex(text, boost::regex::perl));
                } catch (const std::exception&) { // an example value of that name
                }
            }
            collect_patterns(member.value(), cache);
        }
    }
}

} // namespace

void check_value(const json::value& value,
                 const json::object& schema_object,
                 const std::string& at,
                 schema_options options,
                 std::vector<schema_problem>& problems,
                 const regex_cache* regexes) {
    value_check(options, problems, regexes).check(value, schema_object, at, 0);
}

struct schema::impl {
    json::value document;
    std::vector<schema_problem> problems;
    regex_cache regexes;

    void prepare() {
        problems = check_schema(document);
        if (problems.empty()) collect_patterns(document, regexes);
    }
};

schema::schema(std::string_view text) : impl_(std::make_unique<impl>()) {
    if (text.empty()) {
        impl_->document = json::object{{"type", "object"}, {"properties", json::object()}};
        return;
    }
    boost::system::error_code ec;
    impl_->document = json::parse(text, ec);
    if (ec) {
        impl_->document = json::object();
        impl_->problems.push_back(
            {"", "the schema is not JSON: " + ec.message(), "", about::value});
        return;
    }
    impl_->prepare();
}

schema::schema(json::object document) : impl_(std::make_unique<impl>()) {
    impl_->document = std::move(document);
    impl_->prepare();
}

schema::~schema() = default;
schema::schema(schema&&) noexcept = default;
schema& schema::operator=(schema&&) noexcept = default;

bool schema::valid() const noexcept {
    return impl_->problems.empty();
}

const std::vector<schema_problem>& schema::problems() const noexcept {
    return impl_->problems;
}

const json::value& schema::document() const noexcept {
    return impl_->document;
}

std::vector<schema_problem> schema::check(const json::value& value, schema_options options) const {
    if (!valid()) {
        std::vector<schema_problem> problems = impl_->problems;
        for (schema_problem& p : problems) {
            p.message = "the schema itself is wrong at \"" + p.pointer + "\": " + p.message;
            p.pointer.clear();
        }
        return problems;
    }
    std::vector<schema_problem> problems;
    check_value(value, impl_->document.get_object(), "", options, problems, &impl_->regexes);
    return problems;
}

} // namespace mortise::host
