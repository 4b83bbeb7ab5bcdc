// SPDX-License-Identifier: Apache-2.0
//
// How answers look: envelopes of v1 and v2, links, paging, and a node's properties.
#pragma once

#include "service.hpp"

#include <algorithm>

namespace mortise::sandbox::content_server {

json::object link(std::string href, std::string_view method = "GET", std::string_view name = {});
json::object self_links(const call& c); // {"data":{"self":{...}}}

// {"links":…,"results":…}
reply v2_results(const call& c, json::value results);
reply v2_empty(const call& c); // results:{}

// "properties{id,name}" and repeated fields; `wants` is true for everything when none was given.
class field_filter {
public:
    explicit field_filter(const call& c, std::string_view argument = "fields");
    bool given() const noexcept { return !parts_.empty(); }
    bool wants(std::string_view part) const; // given and named
    bool wants_or_all(std::string_view part) const { return !given() || wants(part); }
    json::object apply(std::string_view part, json::object o) const;

private:
    std::map<std::string, std::set<std::string>, std::less<>> parts_;
};

struct page {
    std::size_t number = 1;
    std::size_t limit = 25;
    std::size_t total = 0;
    std::size_t pages = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
};
// Reads page and limit (at most `maximum`) and applies the out-of-range quirk.
page page_of(const service& s,
             const call& c,
             std::size_t total,
             std::size_t default_limit,
             std::size_t maximum = 10000);
json::object paging_json(const call& c, const page& p);
// {"collection":{"paging","sorting"},"links","results"}; `sort` as the caller gave it.
reply v2_list(const call& c, json::array results, const page& p, std::string_view sort);
template <class T>
std::vector<T> cut(const std::vector<T>& all, const page& p) {
    return {all.begin() + static_cast<std::ptrdiff_t>(p.begin),
            all.begin() + static_cast<std::ptrdiff_t>(p.end)};
}

json::object node_properties(service& s, const node& n, member_id user);
json::object node_properties_v1(service& s, const node& n, member_id user);
// Adds <field>_expand objects for expand=properties{parent_id,...}.
void expand_properties(service& s, const call& c, json::object& properties);
json::object version_properties(service& s, const node& n, const version& v);
json::object member_properties(service& s, const member& m, member_id viewer);
json::object
node_actions(service& s, const node& n, member_id user, const std::vector<std::string>& wanted);

// Sorts node ids by asc_name, desc_modify_date, ... ; 400 for an unknown column.
void sort_nodes(service& s, std::vector<node_id>& ids, const std::string& order);
std::string size_formatted(std::uint64_t bytes);
bool contains_text(std::string_view haystack, std::string_view needle); // case-insensitive
bool equal_text(std::string_view a, std::string_view b);
std::string lower_case(std::string_view text);

} // namespace mortise::sandbox::content_server
