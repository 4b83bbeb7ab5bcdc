// SPDX-License-Identifier: Apache-2.0
#include "nearest.hpp"
#include "pattern.hpp"

#include <mortise/sdk/schema.hpp>

#include <optional>
#include <stdexcept>

namespace mortise::detail {

struct object_field {
    std::string name;
    std::string doc;
    const type_ops* ops = nullptr;
    std::size_t offset = 0;
    bool is_required = false;
    std::optional<double> min;
    std::optional<double> max;
    std::string expression;
    std::shared_ptr<const pattern> matcher;
    bool is_uri = false;
    json::array examples;
    json::object keys;

    void check(const json::value& v, const location& where) const;
};

namespace {

std::string number_text(double d) {
    if (d == static_cast<double>(static_cast<std::int64_t>(d))) {
        return std::to_string(static_cast<std::int64_t>(d));
    }
    return std::to_string(d);
}

json::value number_value(double d) {
    if (d == static_cast<double>(static_cast<std::int64_t>(d))) return static_cast<std::int64_t>(d);
    return d;
}

// Characters, not bytes, as JSON Schema counts.
std::size_t text_length(std::string_view text) noexcept {
    std::size_t n = 0;
    for (const char c : text)
        n += (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    return n;
}

bool is_web_address(std::string_view text) noexcept {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (text.substr(0, scheme.size()) == scheme) {
            const std::string_view rest = text.substr(scheme.size());
            return !rest.empty() && rest.front() != '/' && rest.front() != ':' &&
                   rest.find_first_of(" \t\r\n\"<>") == std::string_view::npos;
        }
    }
    return false;
}

void check_bounds(const object_field& f, double value, std::string_view of, const location& where) {
    if (f.min && value < *f.min) {
        where.fail("range", std::string(of) + "must be at least " + number_text(*f.min) +
                                ", found " + number_text(value));
    }
    if (f.max && value > *f.max) {
        where.fail("range", std::string(of) + "must be at most " + number_text(*f.max) +
                                ", found " + number_text(value));
    }
}

} // namespace

void object_field::check(const json::value& v, const location& where) const {
    if (v.is_number()) {
        check_bounds(*this, v.to_number<double>(), "", where);
    } else if (v.is_array()) {
        check_bounds(*this, static_cast<double>(v.get_array().size()), "the number of items ",
                     where);
    } else if (v.is_string()) {
        const std::string text(v.get_string());
        check_bounds(*this, static_cast<double>(text_length(text)), "the length ", where);
        if (matcher && text.size() > pattern::max_text) {
            where.fail("range", "must be at most " + std::to_string(pattern::max_text) +
                                    " bytes, found " + std::to_string(text.size()));
        }
        if (matcher && !matcher->found_in(text)) {
            std::string why = "does not match the pattern " + expression;
            if (!examples.empty()) why += "; an example is " + serialize_json(examples.front());
            where.fail("value", why);
        }
        if (is_uri && !is_web_address(text)) {
            where.fail("value",
                       "expected an absolute address such as \"https://example.com/path\"");
        }
    }
}

object_core::object_core(std::string_view title) : title_(title) {}
object_core::object_core(const object_core&) = default;
object_core::object_core(object_core&&) noexcept = default;
object_core::~object_core() = default;

void object_core::add(std::string_view name,
                      std::string_view doc,
                      const type_ops& ops,
                      std::size_t offset,
                      bool is_required) {
    for (const auto& f : fields_) {
        if (f.name == name) {
            throw std::logic_error("schema \"" + title_ + "\": field \"" + f.name +
                                   "\" is declared twice");
        }
    }
    object_field& f = fields_.emplace_back();
    f.name = name;
    f.doc = doc;
    f.ops = &ops;
    f.offset = offset;
    f.is_required = is_required;
}

object_field& object_core::last() {
    if (fields_.empty()) {
        throw std::logic_error("schema \"" + title_ + "\": declare a field before its details");
    }
    return fields_.back();
}

json::object object_core::schema(const void* prototype) const {
    json::object out;
    out["type"] = "object";
    if (!title_.empty()) out["title"] = json::string(title_);
    json::object& properties = out["properties"].emplace_object();
    json::array needed;
    for (const auto& f : fields_) {
        json::object p = f.ops->schema();
        if (!f.doc.empty()) p["description"] = json::string(f.doc);
        const auto* kind = p.if_contains("type");
        std::string_view type;
        if (kind && kind->is_string()) type = kind->get_string();
        const bool text = type == "string", list = type == "array";
        if (f.min) p[text ? "minLength" : list ? "minItems" : "minimum"] = number_value(*f.min);
        if (f.max) p[text ? "maxLength" : list ? "maxItems" : "maximum"] = number_value(*f.max);
        if (f.matcher) p["pattern"] = json::string(f.expression);
        if (!f.examples.empty()) p["examples"] = f.examples;
        for (const auto& key : f.keys)
            p[key.key()] = key.value();
        const void* value = static_cast<const char*>(prototype) + f.offset;
        if (f.is_required) {
            needed.emplace_back(json::string(f.name));
        } else if (!f.ops->absent(value)) {
            json::value standard;
            f.ops->write(value, standard);
            // An empty text that its own rules would refuse means "not given".
            const bool unset =
                standard.is_string() && standard.get_string().empty() &&
                (p.contains("format") || p.contains("pattern") || p.contains("minLength"));
            if (!standard.is_null() && !unset) p["default"] = std::move(standard);
        }
        properties[f.name] = std::move(p);
    }
    if (!needed.empty()) out["required"] = std::move(needed);
    out["additionalProperties"] = unknown_allowed_;
    return out;
}

void object_core::read(const json::value& from, void* to, const location& where) const {
    const json::object& o = object_of(from, where);
    std::size_t met = 0;
    for (const auto& f : fields_) {
        const json::value* v = o.if_contains(f.name);
        if (!v) {
            if (!f.is_required) continue;
            where.fail("missing",
                       "\"" + f.name + "\" is missing" + (f.doc.empty() ? "" : " (" + f.doc + ")"));
        }
        ++met;
        const location here = where.member(f.name);
        f.ops->read(*v, static_cast<char*>(to) + f.offset, here);
        f.check(*v, here);
    }
    if (unknown_allowed_ || met == o.size()) return;
    std::vector<std::string_view> names;
    for (const auto& f : fields_)
        names.push_back(f.name);
    for (const auto& member : o) {
        const std::string_view key = member.key();
        if (std::find(names.begin(), names.end(), key) != names.end()) continue;
        std::string text = "unknown key \"" + std::string(key) + "\"";
        const std::string_view near = nearest(key, names.data(), names.size());
        if (!near.empty()) {
            text.append("; did you mean \"").append(near).append("\"?");
        } else {
            text.append("; known are");
            for (const auto& name : names)
                text.append(" \"").append(name).append("\"");
        }
        where.fail("unknown", text);
    }
}

void object_core::write(const void* from, json::value& to) const {
    json::object& out = to.emplace_object();
    out.reserve(fields_.size());
    for (const auto& f : fields_) {
        const void* value = static_cast<const char*>(from) + f.offset;
        if (!f.ops->absent(value)) f.ops->write(value, out[f.name]);
    }
}

void set_min(object_field& f, double value) {
    f.min = value;
}
void set_max(object_field& f, double value) {
    f.max = value;
}
void set_pattern(object_field& f, std::string_view expression) {
    f.expression = expression;
    f.matcher = pattern::of(f.expression);
}
void set_format(object_field& f, std::string_view format) {
    f.is_uri = format == "uri";
    f.keys["format"] = json::string(format);
}
void add_example(object_field& f, json::value example) {
    f.examples.push_back(std::move(example));
}
void set_key(object_field& f, std::string_view key, json::value value) {
    f.keys[key] = std::move(value);
}
void set_named(object_field& f,
               std::string_view key,
               std::string_view role,
               std::string_view kind,
               std::string_view of) {
    json::object named{{"role", json::string(role)}, {"kind", json::string(kind)}};
    if (!of.empty()) named["of"] = json::string(of);
    f.keys[key] = std::move(named);
}

} // namespace mortise::detail
