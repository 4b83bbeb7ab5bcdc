// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"

#include "repository.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace mortise::sandbox::content_server {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

[[noreturn]] void bad_type(std::string_view name) {
    throw failure{400, "Invalid datatype specified for argument '" + std::string(name) + "'.", {}};
}

// The index form lists of clients also send: ids[0]=1, ids[]=1.
std::string_view plain_name(std::string_view name) {
    const auto bracket = name.find('[');
    return bracket == std::string_view::npos || bracket == 0 ? name : name.substr(0, bracket);
}

void add(std::map<std::string, json::value>& to, std::string_view raw_name, std::string value) {
    const std::string name(plain_name(raw_name));
    const auto it = to.find(name);
    if (it == to.end()) {
        to.emplace(name, json::value(value));
    } else if (it->second.is_array()) {
        it->second.as_array().push_back(json::value(value));
    } else {
        json::array both;
        both.push_back(it->second);
        both.push_back(json::value(value));
        it->second = std::move(both);
    }
}

} // namespace

std::string to_text(const json::value& v) {
    switch (v.kind()) {
    case json::kind::string:
        return std::string(v.get_string());
    case json::kind::null:
        return {};
    case json::kind::bool_:
        return v.get_bool() ? "true" : "false";
    default:
        return json::serialize(v);
    }
}

std::optional<std::int64_t> to_integer(const json::value& v) {
    if (v.is_int64()) return v.get_int64();
    if (v.is_uint64()) return static_cast<std::int64_t>(v.get_uint64());
    if (v.is_double()) {
        const double d = v.get_double();
        const auto whole = static_cast<std::int64_t>(d);
        if (static_cast<double>(whole) == d) return whole;
        return std::nullopt;
    }
    if (!v.is_string()) return std::nullopt;
    const auto& s = v.get_string();
    std::int64_t out = 0;
    const auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), out);
    if (code != std::errc() || end != s.data() + s.size()) return std::nullopt;
    return out;
}

std::optional<bool> to_flag(const json::value& v) {
    if (v.is_bool()) return v.get_bool();
    if (const auto n = to_integer(v); n && (*n == 0 || *n == 1)) return *n == 1;
    if (!v.is_string()) return std::nullopt;
    const std::string s = lower(v.get_string());
    if (s == "true" || s.empty()) return true;
    if (s == "false") return false;
    return std::nullopt;
}

std::vector<std::string> oscript_list(std::string_view text) {
    std::vector<std::string> out;
    if (text.size() < 2 || text.front() != '{' || text.back() != '}') {
        out.emplace_back(text);
        return out;
    }
    text = text.substr(1, text.size() - 2);
    std::string item;
    char quote = 0;
    bool any = false;
    const auto finish = [&] {
        if (!any) {
            const auto from = item.find_first_not_of(' ');
            const auto to = item.find_last_not_of(' ');
            item = from == std::string::npos ? "" : item.substr(from, to - from + 1);
        }
        if (any || !item.empty()) out.push_back(item);
        item.clear();
        any = false;
    };
    for (const char c : text) {
        if (quote != 0) {
            if (c == quote)
                quote = 0;
            else
                item += c;
        } else if (c == '\'' || c == '"') {
            item.clear(); // blanks before the quote
            quote = c;
            any = true;
        } else if (c == ',') {
            finish();
        } else if (!any) {
            item += c;
        }
    }
    finish();
    return out;
}

arguments arguments::read(const request& r) {
    arguments a;
    for (const auto& [name, value] : r.query)
        add(a.values_, name, value);
    const std::string type = lower(r.header("Content-Type"));
    if (type.find("json") != std::string::npos) {
        if (!r.content.empty()) a.merge(r.body(), "the request body");
        return a;
    }
    std::map<std::string, json::value> fields;
    std::optional<std::string> body;
    for (const auto& f : r.form()) {
        if (f.is_file()) {
            a.files_[f.name] = {f.filename, f.content_type, f.content};
        } else if (f.name == "body") {
            body = f.text();
        } else {
            add(fields, f.name, f.text());
        }
    }
    for (auto& [name, value] : fields)
        a.values_[name] = std::move(value);
    if (body && !body->empty()) a.merge(*body, "the field 'body'");
    return a;
}

void arguments::merge(std::string_view json_text, std::string_view where) {
    boost::system::error_code code;
    auto v = json::parse(json::string_view(json_text.data(), json_text.size()), code);
    if (code)
        throw failure{
            400, "Could not parse " + std::string(where) + " as JSON: " + code.message(), {}};
    if (v.is_array()) {
        array_ = std::move(v.get_array());
        return;
    }
    if (!v.is_object()) throw failure{400, "Invalid datatype specified for argument 'body'.", {}};
    for (auto& member : v.get_object())
        values_[std::string(member.key())] = std::move(member.value());
}

const json::value* arguments::find(std::string_view name) const {
    const auto it = values_.find(std::string(name));
    return it == values_.end() ? nullptr : &it->second;
}

bool arguments::has(std::string_view name) const {
    const auto* v = find(name);
    return v != nullptr && !v->is_null();
}

std::string arguments::text(std::string_view name, std::string_view otherwise) const {
    const auto* v = find(name);
    if (v == nullptr || v->is_null()) return std::string(otherwise);
    if (v->is_array() && !v->get_array().empty()) return to_text(v->get_array().front());
    return to_text(*v);
}

std::string arguments::required_text(std::string_view name) const {
    const std::string t = text(name);
    if (t.empty()) throw failure{500, "Argument '" + std::string(name) + "' is required.", {}};
    return t;
}

std::int64_t arguments::integer(std::string_view name, std::int64_t otherwise) const {
    const auto* v = find(name);
    if (v == nullptr || v->is_null() || (v->is_string() && v->get_string().empty()))
        return otherwise;
    const auto n =
        to_integer(v->is_array() && !v->get_array().empty() ? v->get_array().front() : *v);
    if (!n) bad_type(name);
    return *n;
}

std::int64_t arguments::required_integer(std::string_view name) const {
    const auto* v = find(name);
    if (v == nullptr || v->is_null() || (v->is_string() && v->get_string().empty()))
        throw failure{400, "Argument '" + std::string(name) + "' is required.", {}};
    return integer(name, 0);
}

bool arguments::flag(std::string_view name, bool otherwise) const {
    const auto* v = find(name);
    if (v == nullptr || v->is_null()) return otherwise;
    const auto f = to_flag(*v);
    if (!f) bad_type(name);
    return *f;
}

std::vector<std::string> arguments::list(std::string_view name) const {
    std::vector<std::string> out;
    const auto* v = find(name);
    if (v == nullptr || v->is_null()) return out;
    const auto add_text = [&out](const json::value& item) {
        for (auto& part : oscript_list(to_text(item)))
            if (!part.empty()) out.push_back(std::move(part));
    };
    if (v->is_array()) {
        for (const auto& item : v->get_array())
            add_text(item);
        return out;
    }
    std::string s = to_text(*v);
    if (!s.empty() && s.front() == '[') {
        boost::system::error_code code;
        const auto parsed = json::parse(s, code);
        if (!code && parsed.is_array()) {
            for (const auto& item : parsed.get_array())
                out.push_back(to_text(item));
            return out;
        }
    }
    add_text(*v);
    return out;
}

std::vector<std::int64_t> arguments::integers(std::string_view name) const {
    std::vector<std::int64_t> out;
    for (const auto& item : list(name)) {
        std::size_t from = 0;
        while (from <= item.size()) {
            const auto comma = std::min(item.find(',', from), item.size());
            std::string part = item.substr(from, comma - from);
            std::erase(part, ' ');
            const auto n = to_integer(json::value(part));
            if (!n) bad_type(name);
            out.push_back(*n);
            from = comma + 1;
        }
    }
    return out;
}

std::optional<json::object> arguments::object(std::string_view name) const {
    const auto* v = find(name);
    if (v == nullptr || v->is_null()) return std::nullopt;
    if (v->is_object()) return v->get_object();
    if (v->is_string()) {
        if (v->get_string().empty()) return std::nullopt;
        boost::system::error_code code;
        auto parsed = json::parse(v->get_string(), code);
        if (!code && parsed.is_object()) return std::move(parsed.get_object());
    }
    bad_type(name);
}

const file_part* arguments::file(std::string_view name) const {
    const auto it = files_.find(std::string(name));
    return it == files_.end() ? nullptr : &it->second;
}

} // namespace mortise::sandbox::content_server
