// SPDX-License-Identifier: Apache-2.0
// Documents by id in order of creation, and small JSON helpers. Internal to the iconik emulator.
#pragma once

#include "kit/message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::sandbox::iconik {

class table {
public:
    // what: the word for errors, "Asset" gives "Asset does not exist".
    explicit table(std::string what = "Object") : what_(std::move(what)) {}

    boost::json::object& add(boost::json::object o); // keyed by o["id"]
    boost::json::object* find(std::string_view id);
    const boost::json::object* find(std::string_view id) const;
    boost::json::object& need(std::string_view id); // http_error(404)
    bool erase(std::string_view id);
    const std::vector<std::string>& ids() const noexcept { return order_; }
    std::vector<boost::json::object*> all();
    std::vector<const boost::json::object*> all() const;
    std::size_t size() const noexcept { return order_.size(); }
    void clear();

private:
    std::string what_;
    std::vector<std::string> order_;
    std::map<std::string, boost::json::object, std::less<>> by_id_;
};

// "" when absent, null or not a string.
std::string text_of(const boost::json::object& o, std::string_view key);
bool flag_of(const boost::json::object& o, std::string_view key, bool otherwise = false);
std::int64_t
number_of(const boost::json::object& o, std::string_view key, std::int64_t otherwise = 0);
std::vector<std::string> texts_of(const boost::json::object& o, std::string_view key);
boost::json::array to_array(const std::vector<std::string>& texts);
bool contains(const std::vector<std::string>& list, std::string_view item);
// "true", "1", "yes" in any case.
bool query_flag(const request& r, std::string_view name, bool otherwise);
std::vector<std::string> split_list(std::string_view text, char separator = ',');

// The validation error iconik answers with: {"errors": {field: [message]}}, 400.
[[noreturn]] void invalid(std::string_view field, std::string_view message);
std::string require_text(const boost::json::object& body, std::string_view key);
// A list of 1 to max strings.
std::vector<std::string>
require_ids(const boost::json::object& body, std::string_view key, std::size_t max = 500);
void require_one_of(const boost::json::object& body,
                    std::string_view key,
                    std::initializer_list<std::string_view> values,
                    bool needed = false);
// Copies those of the keys that the body has.
void take(boost::json::object& into,
          const boost::json::object& body,
          std::initializer_list<std::string_view> keys);

} // namespace mortise::sandbox::iconik
