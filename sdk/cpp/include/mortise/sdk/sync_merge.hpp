// SPDX-License-Identifier: Apache-2.0
//
// The three-way merge of two-way sync, without input or output: what both sides show and what they
// had in common last, in; what each side should show, and what was decided against somebody, out.
// All functions are pure. [any-thread]
//
// A value is brought into one form first (a's words, texts without surrounding blanks, sorted for a
// set). Nothing at all ("the side says nothing": no such field or category there) differs from
// empty ("the side says: empty"): who says nothing has changed nothing and is filled from the other
// side; who has emptied a field has changed it.
#pragma once

#include <mortise/sdk/json.hpp>
#include <mortise/sdk/sync_field.hpp>
#include <mortise/sdk/time_text.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mortise {

enum class sync_side { a, b };

using sync_value = std::vector<std::string>;
using sync_words = std::optional<sync_value>; // nullopt: the side says nothing

// What one side shows, by its own field names. A key that is missing: it says nothing; null, "" or
// []: empty. Times are those of the last change, of a field or else of the whole record.
struct sync_view {
    json::object values;
    std::optional<time_point> changed_at;
    std::map<std::string, time_point> field_changed_at;
};

// We set out to write `value` on a side while the other one showed `other`. Kept until the sync is
// through, so that what we wrote is not taken for somebody's change if it is cut off.
struct sync_mark {
    sync_side side = sync_side::a;
    sync_value value;
    sync_words other;
};

struct sync_input {
    sync_words a, b;
    sync_words base; // what both had in common last; nullopt: never
    std::optional<time_point> a_changed_at, b_changed_at;
    std::vector<sync_mark> marks; // oldest first
};

struct sync_merged {
    sync_words value;      // what both should show; nullopt: nobody says anything
    bool conflict = false; // somebody's change was decided against
    sync_side winner = sync_side::a;
    std::string reason; // of a conflict: "owner a", "newer", ...
};

// Rules, in this order:
//  1. Both show the same, or one says nothing: that is the value.
//  2. One side shows what we wrote there and the sync was cut off: what the other side showed then
//     is the common value.
//  3. direction to-b: a's value (to-a: b's); a conflict when the other side was changed.
//  4. No common value: the one that is not empty; both not empty: the owner's, a conflict.
//  5. One side changed: its value. A set: additions and removals of both sides, without conflict.
//  6. Both changed: the owner's. newest: the later time; without a time a side counts as older;
//     equal or no times: a. A conflict.
sync_merged merge_field(const sync_field& field, const sync_input& in);

// A value that could not be read: which field, what is wrong and how to mend it.
struct sync_problem {
    std::string field;
    std::string text;
};

// The fields of one sync, checked and ready.
class sync_rules {
public:
    // Throws CONFIG "sync.fields.*": a field named twice on a side, a value table where two of a's
    // words have one of b's, a table for a number, boolean or date.
    explicit sync_rules(std::vector<sync_field> fields);

    const std::vector<sync_field>& fields() const noexcept { return fields_; }

    // The value of field i on a side, in the common form. Throws INPUT "sync.value.*".
    sync_words read(std::size_t i, sync_side side, const sync_view& view) const;
    // The same as that side writes it: null or [] when empty, a number, true or false, text, an
    // array for a set.
    json::value write(std::size_t i, sync_side side, const sync_value& value) const;

private:
    std::string word(std::size_t i, sync_side side, const json::value& v) const;

    std::vector<sync_field> fields_;
    std::vector<std::map<std::string, std::string>> to_a_; // b's word -> a's word
};

} // namespace mortise
