// SPDX-License-Identifier: Apache-2.0
#include "validate/sample.hpp"

#include "config/schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>

namespace mortise::host {

namespace json = boost::json;

namespace {

constexpr int deepest = 16;

const json::value* member(const json::object& o, std::string_view key) {
    return o.if_contains(key);
}

bool is_required(const json::object& schema_object, std::string_view name) {
    const auto* list = member(schema_object, "required");
    if (list == nullptr || !list->is_array()) return false;
    return std::any_of(list->get_array().begin(), list->get_array().end(), [&](const auto& v) {
        return v.is_string() && std::string_view(v.get_string()) == name;
    });
}

std::string_view type_of(const json::object& s) {
    const auto* t = member(s, "type");
    if (t != nullptr && t->is_array() && !t->get_array().empty()) t = &t->get_array().front();
    if (t != nullptr && t->is_string()) return t->get_string();
    if (s.contains("properties") || s.contains("oneOf")) return "object";
    if (s.contains("items")) return "array";
    return {};
}

std::size_t size_at(const json::object& s, std::string_view key, std::size_t otherwise) {
    const auto* v = member(s, key);
    if (v == nullptr || !v->is_number()) return otherwise;
    return static_cast<std::size_t>(std::clamp(v->to_number<double>(), 0.0, 1e6));
}

std::optional<json::value> first_valid(const json::object& s,
                                       const std::vector<json::value>& candidates) {
    json::object plain = s; // a sample of a secret is its text, not a reference
    plain.erase("x-secret");
    const schema one(plain);
    if (!one.valid()) return std::nullopt;
    for (const auto& c : candidates)
        if (one.check(c).empty()) return c;
    return std::nullopt;
}

std::vector<json::value> texts(const json::object& s) {
    std::vector<json::value> out;
    for (const char* text : {"sample",
                             "a",
                             "1",
                             "7",
                             "https://sample.example.com",
                             "ann@example.com",
                             "2026-03-01T10:00:00Z",
                             "2026-03-01",
                             "3f2b8c1e-5a7d-4e3b-9c1f-0a2b3c4d5e6f",
                             "30s",
                             "5m",
                             "16MiB",
                             "sample.example.com",
                             "/sample",
                             "sample/one",
                             "A",
                             "SAMPLE",
                             "Sample",
                             "sample_1",
                             "a.b",
                             "a:b",
                             "12345",
                             "1.0.0",
                             "en",
                             "EUR",
                             "0",
                             ""})
        out.emplace_back(text);
    out.emplace_back(std::string(size_at(s, "minLength", 1), 'a'));
    out.emplace_back(std::string(size_at(s, "minLength", 1), '1'));
    return out;
}

std::vector<json::value> numbers(const json::object& s, bool whole) {
    std::vector<json::value> out;
    const auto add = [&](double n) {
        if (whole)
            out.emplace_back(static_cast<std::int64_t>(n));
        else
            out.emplace_back(n);
    };
    add(1);
    if (const auto* v = member(s, "minimum"); v && v->is_number())
        add(std::ceil(v->to_number<double>()));
    if (const auto* v = member(s, "maximum"); v && v->is_number())
        add(std::floor(v->to_number<double>()));
    add(0);
    return out;
}

std::optional<json::value> make(const json::object& s, bool all, int depth);

std::optional<json::object> make_members(const json::object& s, bool all, int depth) {
    json::object out;
    const auto* members = member(s, "properties");
    if (members == nullptr || !members->is_object()) return out;
    for (const auto& [name, sub] : members->get_object()) {
        if (!sub.is_object()) return std::nullopt;
        const bool wanted = is_required(s, name);
        if (!wanted && !all && !sub.get_object().contains("default")) continue;
        auto v = make(sub.get_object(), all, depth + 1);
        if (v)
            out[name] = std::move(*v);
        else if (wanted)
            return std::nullopt;
    }
    return out;
}

std::optional<json::value> make_object(const json::object& s, bool all, int depth) {
    auto base = make_members(s, all, depth);
    if (!base) return std::nullopt;
    const auto* branches = member(s, "oneOf");
    if (branches == nullptr || !branches->is_array()) return first_valid(s, {json::value(*base)});
    for (const auto& b : branches->get_array()) {
        if (!b.is_object()) continue;
        const auto one = make(b.get_object(), all, depth + 1);
        if (!one) continue;
        json::value whole = *one;
        if (one->is_object()) {
            json::object merged = *base;
            for (const auto& [name, v] : one->get_object())
                merged[name] = v;
            whole = std::move(merged);
        }
        if (auto good = first_valid(s, {whole})) return good;
    }
    return std::nullopt;
}

std::optional<json::value> make_array(const json::object& s, bool all, int depth) {
    json::array out;
    const std::size_t wanted = std::min<std::size_t>(size_at(s, "minItems", all ? 1 : 0), 1000);
    const auto* items = member(s, "items");
    const json::object anything{{"type", "string"}};
    const auto& of = items && items->is_object() ? items->get_object() : anything;
    for (std::size_t i = 0; i < wanted; ++i) {
        auto v = make(of, all, depth + 1);
        if (!v) return std::nullopt;
        out.push_back(std::move(*v));
    }
    return first_valid(s, {out});
}

std::optional<json::value> make(const json::object& s, bool all, int depth) {
    if (depth > deepest) return std::nullopt;
    std::vector<json::value> given;
    if (const auto* v = member(s, "const")) given.push_back(*v);
    // Among all fields an empty text stands for "not given", which is not what is wanted then.
    if (const auto* v = member(s, "default");
        v && !(all && v->is_string() && v->get_string().empty()))
        given.push_back(*v);
    for (const char* list : {"examples", "enum"})
        if (const auto* v = member(s, list); v != nullptr && v->is_array())
            given.insert(given.end(), v->get_array().begin(), v->get_array().end());
    if (auto v = first_valid(s, given)) return v;
    if (s.contains("x-mapping")) return json::value(json::object{{"sample", "sample"}});
    const auto type = type_of(s);
    if (type == "object") return make_object(s, all, depth);
    if (type == "array") return make_array(s, all, depth);
    if (type == "string") return first_valid(s, texts(s));
    if (type == "integer") return first_valid(s, numbers(s, true));
    if (type == "number") return first_valid(s, numbers(s, false));
    if (type == "boolean") return first_valid(s, {json::value(false), json::value(true)});
    if (type == "null") return json::value(nullptr);
    return json::value(json::object()); // anything goes
}

json::value document_of(std::string_view text) {
    boost::system::error_code ec;
    json::value v = json::parse(text.empty() ? "{}" : text, ec);
    return ec || !v.is_object() ? json::value(json::object()) : v;
}

json::object without_secrets(const json::object& s) {
    json::object out = s;
    out.erase("x-secret");
    for (auto& [key, value] : out) {
        if (key == "properties" && value.is_object()) {
            for (auto& [name, sub] : value.get_object())
                if (sub.is_object()) sub = without_secrets(sub.get_object());
        } else if (key == "items" && value.is_object()) {
            value = without_secrets(value.get_object());
        } else if (key == "oneOf" && value.is_array()) {
            for (auto& sub : value.get_array())
                if (sub.is_object()) sub = without_secrets(sub.get_object());
        }
    }
    return out;
}

// A value of another kind than this one.
json::value other_kind(const json::value& v) {
    if (v.is_object()) return json::value("not an object");
    return json::value(json::object{{"not", "expected"}});
}

// Calls visit(parent object, name, pointer, whether it is required) for each property in the value.
template <class F>
void each_property(json::value& value, const json::object& s, const std::string& at, F& visit) {
    auto* o = value.if_object();
    const auto* members = member(s, "properties");
    if (o == nullptr || members == nullptr || !members->is_object()) return;
    for (const auto& [name, sub] : members->get_object()) {
        if (!o->contains(name) || !sub.is_object()) continue;
        const std::string here = at + '/' + std::string(name);
        visit(*o, std::string(name), here, is_required(s, name));
        if (auto* inner = o->if_contains(name))
            each_property(*inner, sub.get_object(), here, visit);
    }
}

} // namespace

std::optional<json::value> sample_of(std::string_view schema_text, bool all) {
    const json::value document = document_of(schema_text);
    const json::object plain = without_secrets(document.get_object());
    if (plain.empty()) return json::value(json::object());
    auto v = make(plain, all, 0);
    if (!v || !schema(plain).check(*v).empty()) return std::nullopt;
    return v;
}

namespace {

// As a host gives it to create(): defaults filled in, secrets replaced by references.
sample_config config_of(json::value v, const json::value& document) {
    fill_defaults(v, document);
    sample_config out{std::move(v), {}};
    visit_schema(out.value, document,
                 [&](const std::vector<std::string>&, json::value& at, const json::object& s) {
                     const auto* secret = member(s, "x-secret");
                     if (secret == nullptr || !secret->is_bool() || !secret->get_bool()) return;
                     const std::string name = "validate." + std::to_string(out.secrets.size() + 1);
                     out.secrets[name] = at.is_string() ? std::string(at.get_string()) : "sample";
                     at = json::object{{"$secret", name}};
                 });
    return out;
}

} // namespace

std::optional<sample_config> sample_config_of(std::string_view schema_text) {
    auto v = sample_of(schema_text);
    if (!v) return std::nullopt;
    return config_of(std::move(*v), document_of(schema_text));
}

std::vector<sample_config> sample_configs_of(std::string_view schema_text) {
    constexpr std::size_t most_fields = 24; // 300 configurations at most
    const json::value document = document_of(schema_text);
    std::vector<sample_config> out;
    const auto least = sample_of(schema_text);
    const auto full = sample_of(schema_text, true);
    if (least) out.push_back(config_of(*least, document));
    if (full) out.push_back(config_of(*full, document));
    if (!least || !full || !least->is_object() || !full->is_object()) return out;
    std::vector<std::string> optional;
    for (const auto& [name, v] : full->get_object()) {
        const auto* given = least->get_object().if_contains(name);
        if ((given == nullptr || *given != v) && optional.size() < most_fields)
            optional.emplace_back(name);
    }
    for (std::size_t i = 0; i < optional.size(); ++i) {
        for (std::size_t j = i; j < optional.size(); ++j) {
            json::value v = *least;
            for (const auto& name : {optional[i], optional[j]})
                v.get_object()[name] = full->get_object().at(name);
            out.push_back(config_of(std::move(v), document));
        }
    }
    return out;
}

std::vector<broken_value> without_required(const json::value& valid, std::string_view schema_text) {
    const json::value document = document_of(schema_text);
    std::vector<std::string> pointers;
    json::value copy = valid;
    auto collect = [&](json::object&, const std::string&, const std::string& at, bool required) {
        if (required) pointers.push_back(at);
    };
    each_property(copy, document.get_object(), "", collect);
    std::vector<broken_value> out;
    for (const auto& wanted : pointers) {
        json::value broken = valid;
        auto remove = [&](json::object& o, const std::string& name, const std::string& at, bool) {
            if (at == wanted) o.erase(name);
        };
        each_property(broken, document.get_object(), "", remove);
        out.push_back({std::move(broken), "without \"" + wanted + '"'});
    }
    return out;
}

std::vector<broken_value> invalid_values(const json::value& valid, std::string_view schema_text) {
    const json::value document = document_of(schema_text);
    auto all = without_required(valid, schema_text);
    std::vector<std::string> pointers;
    json::value copy = valid;
    auto collect = [&](json::object&, const std::string&, const std::string& at, bool) {
        pointers.push_back(at);
    };
    each_property(copy, document.get_object(), "", collect);
    for (const auto& wanted : pointers) {
        json::value broken = valid;
        std::string kind;
        auto replace = [&](json::object& o, const std::string& name, const std::string& at, bool) {
            if (at != wanted) return;
            json::value other = other_kind(o[name]);
            kind = std::string(kind_in_words(other));
            o[name] = std::move(other);
        };
        each_property(broken, document.get_object(), "", replace);
        all.push_back({std::move(broken), "with " + kind + " at \"" + wanted + '"'});
    }
    for (const json::value& top : {json::value(json::array()), json::value("text"), json::value(7)})
        all.push_back({top, "that is " + std::string(kind_in_words(top))});
    // Only what really breaks the schema may be expected to be refused.
    const schema judge(document.get_object());
    std::erase_if(all, [&](const broken_value& b) { return judge.check(b.value).empty(); });
    return all;
}

json::value random_value(std::mt19937_64& random, int depth) {
    static constexpr const char* words[] = {"",        "a",   "\xc3\xa9", "https://", "null", "-1",
                                            "../../x", "%00", "$secret",  "1e999",    "\n\t", "{}"};
    const auto pick = [&](std::uint64_t n) { return random() % n; };
    switch (pick(depth > 0 ? 8 : 6)) {
    case 0:
        return nullptr;
    case 1:
        return pick(2) == 0;
    case 2:
        return static_cast<std::int64_t>(random());
    case 3:
        return static_cast<double>(random()) / 3.0;
    case 4:
        return json::value(words[pick(std::size(words))]);
    case 5:
        return json::value(std::string(pick(5000), static_cast<char>('a' + pick(26))));
    case 6: {
        json::array out;
        for (auto n = pick(4); n > 0; --n)
            out.push_back(random_value(random, depth - 1));
        return out;
    }
    default: {
        json::object out;
        for (auto n = pick(4); n > 0; --n)
            out[words[pick(std::size(words))]] = random_value(random, depth - 1);
        return out;
    }
    }
}

json::value mutated(const json::value& valid, std::mt19937_64& random) {
    json::value out = valid;
    json::value* at = &out;
    for (int depth = 0; depth < 6; ++depth) {
        if (auto* o = at->if_object(); o != nullptr && !o->empty() && random() % 8 != 0) {
            const auto n = static_cast<std::ptrdiff_t>(random() % o->size());
            at = &(o->begin() + n)->value();
        } else if (auto* a = at->if_array(); a != nullptr && !a->empty() && random() % 8 != 0) {
            at = &(*a)[random() % a->size()];
        } else {
            break;
        }
    }
    *at = random_value(random, 2);
    return out;
}

} // namespace mortise::host
