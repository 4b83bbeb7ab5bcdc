// SPDX-License-Identifier: Apache-2.0
#include "config/config_read.hpp"

#include "config/units.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cstdlib>

namespace json = boost::json;
namespace fs = std::filesystem;

namespace mortise::host {

std::vector<std::string> pointer_tokens(std::string_view pointer) {
    std::vector<std::string> tokens;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const std::size_t end = std::min(pointer.find('/'), pointer.size());
        std::string token;
        for (std::size_t i = 0; i < end; ++i) {
            if (pointer[i] == '~' && i + 1 < end) {
                token += pointer[i + 1] == '1' ? '/' : '~';
                ++i;
            } else {
                token += pointer[i];
            }
        }
        tokens.push_back(std::move(token));
        pointer.remove_prefix(end);
    }
    return tokens;
}

std::string section_name(std::string_view pointer) {
    std::string name = "[";
    for (const std::string& token : pointer_tokens(pointer)) {
        if (name.size() > 1) name += '.';
        const bool bare = !token.empty() && std::all_of(token.begin(), token.end(), [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
        });
        name += bare ? token : '"' + token + '"';
    }
    return name + ']';
}

namespace {

// Is the last token an index rather than a key?
bool in_list(const json::object& root, const std::vector<std::string>& tokens) {
    const json::object* o = &root;
    const json::value* v = nullptr;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        if (v && v->is_array()) {
            const std::size_t index = std::stoul(tokens[i]);
            if (index >= v->get_array().size()) return false;
            v = &v->get_array()[index];
        } else {
            v = o ? o->if_contains(tokens[i]) : nullptr;
        }
        if (!v) return false;
        o = v->if_object();
    }
    return v && v->is_array();
}

} // namespace

void config_reader::add(const std::string& base, const schema_problem& problem) const {
    const std::string pointer = base + problem.pointer;
    const bool at_key = problem.at == schema_problem::about::key;
    config_problem p;
    p.place = at_key ? document.key_place(pointer) : document.value_place(pointer);
    p.hint = problem.hint;
    // "unknown key" and "missing required key" name the key themselves.
    if (at_key) {
        const std::string around = pointer.substr(0, pointer.rfind('/'));
        p.message = problem.message;
        if (!around.empty()) p.message += " in " + section_name(around);
    } else if (problem.message.starts_with("missing ")) {
        p.message = problem.message;
        if (!pointer.empty()) p.message += " in " + section_name(pointer);
    } else if (const auto tokens = pointer_tokens(pointer); tokens.size() < 2) {
        p.message = section_name(pointer) + ": " + problem.message;
    } else if (in_list(document.root(), tokens) && tokens.size() > 2) {
        const std::string list = pointer.substr(0, pointer.rfind('/'));
        p.message = "entry " + std::to_string(std::stoul(tokens.back()) + 1) + " of \"" +
                    tokens[tokens.size() - 2] + "\" in " +
                    section_name(list.substr(0, list.rfind('/'))) + ": " + problem.message;
    } else {
        p.message = '"' + tokens.back() + "\" in " +
                    section_name(pointer.substr(0, pointer.rfind('/'))) + ": " + problem.message;
    }
    problems.push_back(std::move(p));
}

void config_reader::add_at_value(const std::string& pointer,
                                 std::string message,
                                 std::string hint) const {
    problems.push_back({document.value_place(pointer), std::move(message), std::move(hint), false});
}

void config_reader::add_at_key(const std::string& pointer,
                               std::string message,
                               std::string hint) const {
    problems.push_back({document.key_place(pointer), std::move(message), std::move(hint), false});
}

fs::path config_reader::absolute(std::string_view path) const {
    return (folder / fs::path(path)).lexically_normal();
}

std::string text_of(const json::object& o, std::string_view key, std::string fallback) {
    const json::value* v = o.if_contains(key);
    return v && v->is_string() ? std::string(v->get_string()) : std::move(fallback);
}

bool flag_of(const json::object& o, std::string_view key, bool fallback) {
    const json::value* v = o.if_contains(key);
    return v && v->is_bool() ? v->get_bool() : fallback;
}

std::int64_t number_of(const json::object& o, std::string_view key, std::int64_t fallback) {
    const json::value* v = o.if_contains(key);
    if (!v) return fallback;
    if (v->is_int64()) return v->get_int64();
    // A whole number written with a point; the schema has checked its range.
    return v->is_double() ? static_cast<std::int64_t>(v->get_double()) : fallback;
}

std::optional<double> real_of(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (!v || !v->is_number()) return std::nullopt;
    return v->to_number<double>();
}

std::optional<std::chrono::milliseconds> duration_of(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (!v || !v->is_string()) return std::nullopt;
    const auto d = parse_duration(v->get_string());
    if (!d) return std::nullopt;
    return *d;
}

const json::object& table_of(const json::object& o, std::string_view key) {
    static const json::object nothing;
    const json::value* v = o.if_contains(key);
    return v && v->is_object() ? v->get_object() : nothing;
}

std::vector<std::string> texts_of(const json::object& o, std::string_view key) {
    std::vector<std::string> texts;
    const json::value* v = o.if_contains(key);
    if (v && v->is_array())
        for (const json::value& item : v->get_array())
            if (item.is_string()) texts.emplace_back(item.get_string());
    return texts;
}

void take_secrets(json::value& settings,
                  const json::value& schema_document,
                  const std::string& name,
                  const std::string& pointer,
                  const config_reader& reader,
                  secret_store& secrets) {
    const auto visit = [&](const std::vector<std::string>& path, json::value& v,
                           const json::object& s) {
        const json::value* flag = s.if_contains("x-secret");
        if (!flag || !flag->is_bool() || !flag->get_bool() || !v.is_object()) return;
        const json::object& o = v.get_object();
        if (o.size() != 1 || !o.begin()->value().is_string()) return;
        const std::string_view key = o.begin()->key();
        secret_reference reference;
        reference.name = std::string(o.begin()->value().get_string());
        if (key == "env") {
            reference.from = secret_reference::source::env;
        } else if (key == "file") {
            reference.from = secret_reference::source::file;
            reference.name = reader.absolute(reference.name).string();
        } else if (key == "credential") {
            reference.from = secret_reference::source::credential;
        } else {
            return;
        }
        std::string full = name;
        for (const std::string& token : path)
            full += (full.empty() ? "" : ".") + token;
        if (const std::string warning = secret_warning(reference); !warning.empty())
            reader.problems.push_back({reader.document.value_place(pointer + to_pointer(path)),
                                       warning, "chmod 600 (or 640 with the host's group) mends it",
                                       true});
        secrets.add(full, std::move(reference));
        v = json::object{{"$secret", full}};
    };
    visit_schema(settings, schema_document, visit);
}

retry_config read_retry(const json::object& o) {
    retry_config r;
    if (o.contains("max_attempts"))
        r.max_attempts = static_cast<int>(number_of(o, "max_attempts", 1));
    r.first_delay = duration_of(o, "first_delay");
    r.max_delay = duration_of(o, "max_delay");
    r.multiplier = real_of(o, "multiplier");
    r.jitter = real_of(o, "jitter");
    r.max_age = duration_of(o, "max_age");
    return r;
}

} // namespace mortise::host
