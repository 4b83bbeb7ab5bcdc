// SPDX-License-Identifier: Apache-2.0
//
// A pair of fields that two systems keep equal, as the configuration says it:
//
//     fields = [
//       { a = "expiry_date", b = "Expiry Date", type = "date", owner = "b" },
//       { a = "territories", b = "Territories", type = "set", values = { WORLD = "WORLDWIDE" } },
//     ]
//
// What the words mean is in docs/two-way-sync.md; sync_merge.hpp does it.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace mortise {

enum class sync_owner { a, b, newest };
enum class sync_direction { both, to_a, to_b };
enum class sync_type { text, number, boolean, date, set };
enum class sync_unlisted { refuse, keep };

template <>
struct enum_names<sync_owner> {
    static constexpr std::array<std::pair<sync_owner, std::string_view>, 3> values{
        {{sync_owner::a, "a"}, {sync_owner::b, "b"}, {sync_owner::newest, "newest"}}};
};
template <>
struct enum_names<sync_direction> {
    static constexpr std::array<std::pair<sync_direction, std::string_view>, 3> values{
        {{sync_direction::both, "both"},
         {sync_direction::to_a, "to-a"},
         {sync_direction::to_b, "to-b"}}};
};
template <>
struct enum_names<sync_type> {
    static constexpr std::array<std::pair<sync_type, std::string_view>, 5> values{
        {{sync_type::text, "text"},
         {sync_type::number, "number"},
         {sync_type::boolean, "boolean"},
         {sync_type::date, "date"},
         {sync_type::set, "set"}}};
};
template <>
struct enum_names<sync_unlisted> {
    static constexpr std::array<std::pair<sync_unlisted, std::string_view>, 2> values{
        {{sync_unlisted::refuse, "refuse"}, {sync_unlisted::keep, "keep"}}};
};

struct sync_field {
    std::string a;
    std::string b;
    sync_type type = sync_type::text;
    sync_owner owner = sync_owner::newest;
    sync_direction direction = sync_direction::both;
    std::map<std::string, std::string> values; // a's word -> b's word
    sync_unlisted unlisted = sync_unlisted::refuse;

    // "expiry_date = Expiry Date": the pair in messages and in what is kept with a link.
    std::string name() const { return a + " = " + b; }

    static auto describe() {
        return object<sync_field>("Two fields that are kept equal")
            .field("a", &sync_field::a, "Name of the field on side a", required)
            .min(1)
            .field("b", &sync_field::b, "Name of the field on side b", required)
            .min(1)
            .field("type", &sync_field::type,
                   "How values are compared and written: text, number, boolean, date (the day "
                   "only), or set (many values, order without meaning)")
            .field("owner", &sync_field::owner,
                   "Whose value stays when both sides were changed since they were last equal: a, "
                   "b, or that of the newest change")
            .field("direction", &sync_field::direction,
                   "both; to-b: b follows a and a change made on b is taken back; to-a: the other "
                   "way round")
            .field("values", &sync_field::values,
                   "Value table, a's word to b's word; each word once on either side. Empty: "
                   "values are the same on both sides")
            .field("unlisted", &sync_field::unlisted,
                   "A value that is not in the table: refuse (the field is left as it is and the "
                   "run ends with an error) or keep (written as it is)");
    }
};

} // namespace mortise
