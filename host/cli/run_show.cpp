// SPDX-License-Identifier: Apache-2.0
// A run for people: what it is, its steps in time, what to do next.
#include "cli/run_show.hpp"

#include "base/stored_json.hpp"
#include "cli/output.hpp"
#include "cli/reach.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host::cli {
namespace {

void line(std::string& out, std::string_view label, std::string_view value) {
    if (value.empty()) return;
    out += label;
    out.append(10 - std::min<std::size_t>(label.size(), 9), ' ');
    out += value;
    out += '\n';
}

const char* mark(step_state s) {
    switch (s) {
    case step_state::done:
        return "ok";
    case step_state::failed:
        return "!!";
    case step_state::retrying:
        return "again";
    case step_state::waiting:
        return "waits";
    case step_state::started:
        break;
    }
    return "?";
}

std::string outcome(const step_record& s) {
    if (s.failure) {
        auto text = s.failure->message;
        if (s.state == step_state::retrying)
            text = "next try " + time_text(s.wake_at) + "; " + text;
        return text;
    }
    if (s.state == step_state::started) return "begun, no answer yet";
    if (s.state == step_state::waiting)
        return s.wake_at != 0 ? "until " + time_text(s.wake_at) : std::string("for an event");
    return excerpt(s.result);
}

std::string steps_text(const claimed_run& run) {
    table t({"", "STEP", "WHAT", "BEGAN", "TRIES", "TOOK", "OUTCOME"});
    for (const auto& s : run.steps) {
        const auto began = s.started_at == 0 ? std::string("-")
                                             : "+" + span_text(s.started_at - run.run.created_at);
        const auto took =
            s.finished_at > 0 ? span_text(s.finished_at - s.started_at) : std::string("-");
        t.row({mark(s.state), s.key + (s.edited ? " (edited)" : ""), s.target, began,
               std::to_string(s.attempts), took, outcome(s)});
    }
    return t.text();
}

// The two sequences of steps side by side, up to a little behind where they part.
std::string difference_text(const error& e) {
    const auto details = stored_json(e.details);
    const auto* o = details.if_object();
    const auto* was = o != nullptr ? o->if_contains("journal") : nullptr;
    const auto* is = o != nullptr ? o->if_contains("replay") : nullptr;
    if (was == nullptr || is == nullptr || !was->is_array() || !is->is_array()) return {};
    const auto text = [](const boost::json::array& steps, std::size_t i) {
        return i < steps.size() ? member(steps[i], "step") + " = " + member(steps[i], "target")
                                : std::string("-");
    };
    table t({"", "WHEN IT BEGAN", "NOW"});
    const auto& a = was->get_array();
    const auto& b = is->get_array();
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

std::string notes_text(const std::vector<run_note>& notes) {
    table t({"AT", "WHO", "DID", "DETAIL"});
    for (const auto& n : notes)
        t.row({time_text(n.at), n.who.empty() ? "-" : n.who, n.action, excerpt(n.detail, 160)});
    return t.text();
}

std::string children_text(const std::vector<run_record>& children) {
    table t({"CHILD", "OF STEP", "FLOW", "STATE", "PROBLEM"});
    for (const auto& c : children)
        t.row({c.id.str(), c.parent_step, c.instance, std::string(to_string(c.state)),
               c.failure ? c.failure->message : ""});
    return t.text();
}

std::string advice_text(const run_advice& advice) {
    std::string out;
    for (const auto& sentence : advice.look)
        out += sentence + (sentence.ends_with('.') || sentence.ends_with('}') ? "\n" : ".\n");
    for (const auto& c : advice.commands)
        out += "  " + (c.when.empty() ? std::string() : c.when + ":\n      ") + c.command + '\n';
    return out;
}

} // namespace

std::string run_text(const run_details& d) {
    const auto& r = d.run.run;
    const auto& e = d.run.event;
    std::string out;
    line(out, "run", r.id.str());
    line(out, "flow", r.instance + " (" + r.flow + ' ' + r.flow_version + ')');
    line(out, "state", to_string(r.state));
    line(out, "event",
         e.type + ' ' + e.subject + " (" + e.id + ", by " + e.via + ')' +
             (r.edited_data.empty() ? "" : ", data changed by a person"));
    line(out, "key", r.key);
    if (!r.parent.empty()) line(out, "child of", r.parent.str() + " step " + r.parent_step);
    const auto until = is_final(r.state) ? span_text(r.updated_at - r.created_at) : std::string();
    line(out, "accepted",
         time_text(r.created_at) + (until.empty() ? "" : ", took " + until) +
             (r.starts > 1 ? ", taken up " + std::to_string(r.starts) + " times" : std::string()));
    if (r.failure) line(out, "problem", r.failure->message + " (" + r.failure->code + ')');
    line(out, "at step", r.failed_step);
    line(out, "cause", r.fingerprint);
    line(out, "held by", r.held);
    if (!r.cancel_reason.empty()) line(out, "cancelled", r.cancel_reason);
    if (r.state == run_state::waiting && r.wake_at != 0) line(out, "wakes", time_text(r.wake_at));
    if (r.state == run_state::succeeded || r.state == run_state::discarded)
        line(out, "result", excerpt(r.result, 400));
    out += '\n' + steps_text(d.run);
    if (!d.children.empty()) out += '\n' + children_text(d.children);
    if (!d.notes.empty()) out += '\n' + notes_text(d.notes);
    if (r.failure && r.failure->code == "run.nondeterministic-flow") {
        const auto difference = difference_text(*r.failure);
        if (!difference.empty()) out += '\n' + difference;
    }
    if (!d.advice.empty()) out += '\n' + advice_text(d.advice);
    return out;
}

} // namespace mortise::host::cli
