// SPDX-License-Identifier: Apache-2.0
//
// The arguments of a call, whichever of the encodings carried them: query, urlencoded or multipart
// fields, one form field `body` with JSON, or a JSON body. Later ones win in that order.
#pragma once

#include "kit/message.hpp"
#include "model.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::sandbox::content_server {

struct file_part {
    std::string file_name;
    std::string content_type;
    blob data;
};

class arguments {
public:
    // Throws failure(400) when a JSON body cannot be read.
    static arguments read(const request& r);

    bool has(std::string_view name) const; // present and not null
    bool present(std::string_view name) const { return values_.contains(std::string(name)); }
    const json::value* find(std::string_view name) const;
    void set(std::string name, json::value v) { values_[std::move(name)] = std::move(v); }

    // Text of a scalar; `otherwise` when absent.
    std::string text(std::string_view name, std::string_view otherwise = {}) const;
    std::string required_text(std::string_view name) const; // 500 "Argument 'x' is required."
    // 400 "Invalid datatype specified for argument 'x'." when it is not a whole number.
    std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
    std::int64_t required_integer(std::string_view name) const; // 400 when absent
    // true/false in any case, 1/0; a parameter without a value counts as true.
    bool flag(std::string_view name, bool otherwise) const;
    // Repeated fields, JSON arrays, OScript lists {a,'b'} and comma lists of numbers.
    std::vector<std::string> list(std::string_view name) const;
    std::vector<std::int64_t> integers(std::string_view name) const;
    // An object, also when it comes as JSON text in a flat field; 400 for anything else.
    std::optional<json::object> object(std::string_view name) const;

    const std::map<std::string, json::value>& all() const noexcept { return values_; }
    const file_part* file(std::string_view name = "file") const;
    // The JSON body when it is an array (bulk calls), else null.
    const json::array* array_body() const { return array_ ? &*array_ : nullptr; }

private:
    void merge(std::string_view json_text, std::string_view where);
    std::map<std::string, json::value> values_;
    std::map<std::string, file_part> files_;
    std::optional<json::array> array_;
};

// {a,'b c',3} -> a | b c | 3. Anything else gives one element.
std::vector<std::string> oscript_list(std::string_view text);
std::string to_text(const json::value& v);
std::optional<std::int64_t> to_integer(const json::value& v);
std::optional<bool> to_flag(const json::value& v);

} // namespace mortise::sandbox::content_server
