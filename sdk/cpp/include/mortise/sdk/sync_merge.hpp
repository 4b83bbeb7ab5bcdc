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

struct sync_input {
    sync_words a, b;
    sync_words base; // what both had in common last; nullopt: never
    std::optional<time_point> a_changed_at, b_changed_at;
};

struct sync_merged {
    sync_words value;      // what both should show; nullopt: nobody says anything
    bool conflict = false; // somebody's change was decided against
    sync_side winner = sync_side::a;
    std::string reason; // of a conflict: "owner a", "newer", ...
};

// Rules, in this order:
//  1. Both show the same, or one says nothing: that is the value.
//  2. direction to-b: a's value (to-a: b's); a conflict when the other side was changed.
//  3. No common value: the one that is not empty; both not empty: the owner's, a conflict.
//  4. One side changed: its value. A set: additions and removals of both sides, without conflict.
//  5. Both changed: the owner's. newest: the later time; without a time a side counts as older;
//     equal or no times: a. A conflict.
sync_merged merge_field(const sync_field& field, const sync_input& in);

// A decision whose writes may have been cut off. Kept until they are through, so that what we wrote
// is not taken for somebody's change afterwards, and what somebody said is not forgotten.
struct sync_pending {
    sync_words base;
    sync_words said_a, said_b;   // what people had put there
    sync_words shown_a, shown_b; // what was there before the writes
    sync_value value;            // what was to be written
    bool writes_a = false, writes_b = false;
};

struct sync_resumed {
    sync_words base, a, b;  // for the merge
    bool overtaken = false; // both sides, no sets, were edited since: the decision is void
};

// What people mean now, when the sides show a and b: a side that shows what it showed before, or
// what we wrote, still says what it said then; the other one was edited since, from whichever of
// the two is nearer. Edits of a set on both sides go on top of what was decided.
sync_resumed
resume_pending(const sync_field& field, const sync_pending& p, sync_words a, sync_words b);

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
