// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/sync_merge.hpp>

#include <algorithm>
#include <iterator>

namespace mortise {

namespace {

sync_value minus(const sync_value& from, const sync_value& what) {
    sync_value out;
    std::set_difference(from.begin(), from.end(), what.begin(), what.end(),
                        std::back_inserter(out));
    return out;
}

sync_value plus(const sync_value& one, const sync_value& other) {
    sync_value out;
    std::set_union(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(out));
    return out;
}

// What was added or removed on either side: never a contradiction, since only what was there can be
// removed and only what was not can be added.
sync_value merge_sets(const sync_value& a, const sync_value& b, const sync_value& base) {
    const sync_value removed = plus(minus(base, a), minus(base, b));
    return plus(minus(base, removed), plus(minus(a, base), minus(b, base)));
}

std::size_t distance(const sync_value& one, const sync_value& other) {
    return minus(one, other).size() + minus(other, one).size();
}

// What was added and removed from one value to the other, done to a third one. Who says nothing has
// done nothing.
sync_words replay(const sync_words& from, const sync_words& now, const sync_value& onto) {
    if (!now) return std::nullopt;
    const sync_value before = from.value_or(sync_value());
    return plus(minus(onto, minus(before, *now)), minus(*now, before));
}

struct pending_side {
    const sync_words& said;
    const sync_words& shown;
    bool writes;
};

bool edited(const pending_side& side, const sync_value& value, const sync_words& now) {
    return now != side.shown && !(side.writes && now == value);
}

// What an edit began from. A write whose outcome is not known may or may not have come first. Of a
// set only what cannot be explained by the write is an edit: removed is what was there before and
// after it, added what was there neither before nor after.
sync_words ancestor(const sync_field& field,
                    const pending_side& side,
                    const sync_value& value,
                    const sync_words& now) {
    if (!side.writes) return side.shown;
    const sync_value shown = side.shown.value_or(sync_value());
    const sync_value edit = now.value_or(sync_value());
    if (field.type == sync_type::set) {
        const sync_value either = plus(shown, value);
        const sync_value not_both = plus(minus(shown, value), minus(value, shown));
        return minus(either, minus(not_both, edit));
    }
    if (distance(edit, value) < distance(edit, shown)) return value;
    return side.shown;
}

void decide(const sync_field& field, const sync_input& in, sync_merged& out) {
    out.conflict = true;
    if (field.owner == sync_owner::newest) {
        const bool b_is_newer =
            in.b_changed_at && (!in.a_changed_at || *in.b_changed_at > *in.a_changed_at);
        const bool a_is_newer =
            in.a_changed_at && (!in.b_changed_at || *in.a_changed_at > *in.b_changed_at);
        out.winner = b_is_newer ? sync_side::b : sync_side::a;
        out.reason = b_is_newer || a_is_newer ? "newest" : "same time: a";
    } else {
        out.winner = field.owner == sync_owner::a ? sync_side::a : sync_side::b;
        out.reason = "owner";
    }
    out.value = out.winner == sync_side::a ? in.a : in.b;
}

void follow(sync_side leader, const sync_input& in, const sync_words& base, sync_merged& out) {
    const sync_words& leads = leader == sync_side::a ? in.a : in.b;
    const sync_words& follows = leader == sync_side::a ? in.b : in.a;
    out.winner = leader;
    out.value = leads;
    if (!leads || !follows || leads == follows) return;
    out.conflict = base ? follows != base : !follows->empty();
    if (out.conflict) out.reason = "direction";
}

} // namespace

sync_merged merge_field(const sync_field& field, const sync_input& in) {
    sync_merged out;
    const sync_words& base = in.base;
    if (field.direction != sync_direction::both) {
        follow(field.direction == sync_direction::to_b ? sync_side::a : sync_side::b, in, base,
               out);
        return out;
    }
    if (!in.a || !in.b || in.a == in.b) {
        out.value = in.a ? in.a : in.b;
        out.winner = in.a ? sync_side::a : sync_side::b;
    } else if (!base) {
        if (in.a->empty() || in.b->empty()) {
            out.winner = in.a->empty() ? sync_side::b : sync_side::a;
            out.value = in.a->empty() ? in.b : in.a;
        } else {
            decide(field, in, out);
        }
    } else if (in.b == base) {
        out.value = in.a;
    } else if (in.a == base) {
        out.value = in.b;
        out.winner = sync_side::b;
    } else if (field.type == sync_type::set) {
        out.value = merge_sets(*in.a, *in.b, *base);
    } else {
        decide(field, in, out);
    }
    return out;
}

sync_resumed
resume_pending(const sync_field& field, const sync_pending& p, sync_words a, sync_words b) {
    const pending_side of_a{p.said_a, p.shown_a, p.writes_a};
    const pending_side of_b{p.said_b, p.shown_b, p.writes_b};
    const bool a_edited = edited(of_a, p.value, a);
    const bool b_edited = edited(of_b, p.value, b);
    if (!a_edited && !b_edited) return {p.base, p.said_a, p.said_b, false};
    if (a_edited && b_edited) {
        const sync_words from_a = ancestor(field, of_a, p.value, a);
        const sync_words from_b = ancestor(field, of_b, p.value, b);
        if (field.type == sync_type::set) {
            // Both edits go on top of what was decided, which holds what people said before: a
            // side may show an older value that knows nothing of it.
            return {sync_words(p.value), replay(from_a, a, p.value), replay(from_b, b, p.value),
                    false};
        }
        return {from_a == from_b ? from_a : p.base, std::move(a), std::move(b), true};
    }
    // The side that was not edited speaks with what was decided.
    if (a_edited) return {ancestor(field, of_a, p.value, a), a, sync_words(p.value), false};
    return {ancestor(field, of_b, p.value, b), sync_words(p.value), b, false};
}

} // namespace mortise
