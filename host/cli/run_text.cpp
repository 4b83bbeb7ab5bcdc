// SPDX-License-Identifier: Apache-2.0
// A run as text: what it is, its steps in time, what it wrote, what to do next.
#include "cli/output.hpp"
#include "cli/run_show.hpp"
#include "cli/tries_text.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

void line(std::string& out, std::string_view label, std::string_view value) {
    if (value.empty()) return;
    out += label;
    out.append(10 - std::min<std::size_t>(label.size(), 9), ' ');
    out += harmless(value);
    out += '\n';
}

std::string mark(const std::string& state) {
    return state == "done"       ? "ok"
           : state == "failed"   ? "!!"
           : state == "retrying" ? "again"
           : state == "waiting"  ? "waits"
                                 : "?";
}

std::string outcome(const json::value& s) {
    const auto state = member(s, "state");
    const auto wakes = number_in(s, "wake_at");
    if (const auto& failure = part(s, "failure"); failure.is_object()) {
        const auto text = member(failure, "message");
        return state == "retrying" ? "next try " + time_text(wakes) + "; " + text : text;
    }
    if (state == "started") return "begun, no answer yet";
    if (state == "waiting") return wakes != 0 ? "until " + time_text(wakes) : "for an event";
    const auto& result = part(s, "result");
    return result.is_null() ? std::string() : json::serialize(result);
}

std::string steps_text(const json::value& run) {
    table t({{"", matters::most},
             {"STEP", matters::some},
             {"WHAT", matters::some},
             {"BEGAN", matters::less},
             {"TRIES", matters::most},
             {"TOOK", matters::most},
             {"RESULT", matters::text}});
    for (const auto& s : list_in(run, "steps")) {
        const auto began = number_in(s, "started_at"), ended = number_in(s, "finished_at");
        t.row({mark(member(s, "state")),
               member(s, "key") + (member(s, "edited") == "true" ? " (edited)" : ""),
               member(s, "target"),
               began == 0 ? "-" : "+" + span_text(began - number_in(run, "created_at")),
               member(s, "attempts"), ended > 0 ? span_text(ended - began) : "-", outcome(s)});
    }
    return t.text();
}

// The two sequences of steps side by side, up to a little behind where they
// part.
std::string difference_text(const json::value& details) {
    const auto& a = list_in(details, "journal");
    const auto& b = list_in(details, "replay");
    if (a.empty() && b.empty()) return {};
    const auto text = [](const json::array& steps, std::size_t i) {
        return i < steps.size() ? member(steps[i], "step") + " = " + member(steps[i], "target")
                                : std::string("-");
    };
    table t({{"", matters::most}, "WHEN IT BEGAN", "NOW"});
    std::size_t shown_behind = 0;
    bool parted = false;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()) && shown_behind < 3; ++i) {
        const auto before = text(a, i), now = text(b, i);
        const bool same = before == now;
        // Behind the end of the replay nothing was asked for any more.
        if (i >= b.size() && parted) break;
        parted = parted || !same;
        if (parted) ++shown_behind;
        t.row({same ? "" : "<>", before, now});
    }
    return t.text();
}

std::string notes_text(const json::array& notes) {
    table t({{"AT", matters::most}, "WHO", "DID", {"DETAIL", matters::text}});
    for (const auto& n : notes)
        t.row({time_in(n, "at"), member(n, "who").empty() ? "-" : member(n, "who"),
               member(n, "action"), member(n, "detail")});
    return t.text();
}

std::string children_text(const json::array& children) {
    table t({{"CHILD", matters::most},
             "OF STEP",
             "FLOW",
             {"STATE", matters::most},
             {"PROBLEM", matters::text}});
    for (const auto& c : children)
        t.row({member(c, "id"), member(c, "parent_step"), member(c, "flow"), member(c, "state"),
               member(part(c, "failure"), "message")});
    return t.text();
}

std::string objects_text(const json::array& objects) {
    table t({"WROTE TO", "OPERATION", "OBJECT", {"OUTCOME", matters::most}, {"AT", matters::less}});
    for (const auto& o : objects)
        t.row({member(o, "connection"), member(o, "operation"), member(o, "object"),
               member(o, "outcome"), time_in(o, "at")});
    return t.text();
}

std::string advice_text(const json::value& advice) {
    std::string out;
    for (const auto& sentence : list_in(advice, "look")) {
        const std::string text(sentence.is_string() ? sentence.get_string() : "");
        out += harmless(text);
        out += text.ends_with('.') || text.ends_with('}') ? "\n" : ".\n";
    }
    for (const auto& c : list_in(advice, "commands")) {
        const auto when = member(c, "when");
        out += "  " + (when.empty() ? std::string() : when + ":\n      ") + member(c, "command") +
               '\n';
    }
    return out;
}

void head(std::string& out, const json::value& r) {
    const auto state = member(r, "state");
    const auto& e = part(r, "event");
    line(out, "run", member(r, "id"));
    line(out, "flow",
         member(r, "flow") + " (" + member(r, "plugin") + ' ' + member(r, "plugin_version") + ')');
    out += "state     " + painted(state, paint_of_state(state), output_screen().color) + '\n';
    if (e.is_object()) {
        line(out, "event",
             member(e, "type") + ' ' + member(e, "subject") + " (" + member(e, "id") + ", by " +
                 member(e, "via") + ')' +
                 (member(r, "event_edited") == "true" ? ", data changed by a person" : ""));
    }
    line(out, "key", member(r, "key"));
    if (const auto parent = member(r, "parent"); !parent.empty())
        line(out, "child of", parent + " step " + member(r, "parent_step"));
    const bool final = state == "succeeded" || state == "cancelled" || state == "discarded";
    const auto created = number_in(r, "created_at");
    line(out, "accepted",
         time_text(created) +
             (final ? ", took " + span_text(number_in(r, "updated_at") - created) : "") +
             (number_in(r, "starts") > 1 ? ", taken up " + member(r, "starts") + " times" : ""));
    if (const auto& f = part(r, "failure"); f.is_object())
        line(out, "problem", member(f, "message") + " (" + member(f, "code") + ')');
    line(out, "at step", member(r, "failed_step"));
    line(out, "cause", member(r, "fingerprint"));
    line(out, "held by", member(r, "held_by"));
    line(out, "cancelled", member(r, "cancel_reason"));
    if (state == "waiting" && number_in(r, "wake_at") != 0)
        line(out, "wakes", time_in(r, "wake_at"));
    if (state == "succeeded" || state == "discarded") {
        const auto& result = part(r, "result");
        line(out, "result", result.is_null() ? "" : excerpt(json::serialize(result), 400));
    }
    line(out, "trace", member(r, "trace_id"));
}

} // namespace

std::string run_text(const json::value& r) {
    std::string out;
    head(out, r);
    out += '\n' + steps_text(r);
    out += tries_text(r);
    if (const auto& list = list_in(r, "children"); !list.empty()) out += '\n' + children_text(list);
    if (const auto& list = list_in(r, "objects"); !list.empty()) out += '\n' + objects_text(list);
    if (const auto& list = list_in(r, "notes"); !list.empty()) out += '\n' + notes_text(list);
    const auto& failure = part(r, "failure");
    if (member(failure, "code") == "run.nondeterministic-flow") {
        const auto difference = difference_text(part(failure, "details"));
        if (!difference.empty()) out += '\n' + difference;
    }
    if (const auto advice = advice_text(part(r, "advice")); !advice.empty()) out += '\n' + advice;
    return out;
}

} // namespace mortise::host::cli
