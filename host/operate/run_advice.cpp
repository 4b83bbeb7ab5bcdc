// SPDX-License-Identifier: Apache-2.0
#include "operate/run_advice.hpp"

#include <algorithm>

namespace mortise::host {
namespace {

const step_record* failed_step(const claimed_run& run) {
    const auto it = std::find_if(run.steps.begin(), run.steps.end(), [&](const step_record& s) {
        return s.key == run.run.failed_step;
    });
    return it == run.steps.end() ? nullptr : &*it;
}

std::string connection_of(const flow_entry* flow, const step_record* step) {
    if (flow == nullptr || step == nullptr) return {};
    const auto role = step->target.substr(0, step->target.find(':'));
    for (const auto& r : flow->roles) {
        if (r.name == role) return r.connection;
    }
    return {};
}

void in_doubt(const claimed_run& run, const flow_entry* flow, run_advice& out) {
    const auto id = run.run.id.str();
    const auto* step = failed_step(run);
    const auto connection = connection_of(flow, step);
    const auto* operation =
        flow != nullptr && step != nullptr ? flow->operation(step->target) : nullptr;
    std::string what = "Step \"" + run.run.failed_step + '"';
    if (step != nullptr) what += " (" + step->target + ')';
    out.look.push_back(what + " was begun and its answer never came. It must not be repeated "
                              "blindly, so the run waits for you.");
    std::string where = "Look";
    if (!connection.empty()) where += " in the system of connection \"" + connection + '"';
    where += " whether it happened";
    if (operation != nullptr && !operation->title.empty())
        where += " (\"" + operation->title + "\")";
    if (step != nullptr && !step->input.empty()) where += ". It was sent: " + step->input;
    out.look.push_back(std::move(where));
    out.commands.push_back({"it did not happen", "mortise dead-letters retry " + id + " --redo"});
    out.commands.push_back(
        {"it happened", "mortise dead-letters retry " + id + " --result '<its result as JSON>'"});
}

void failed(const claimed_run& run, const flow_entry* flow, run_advice& out) {
    const auto& r = run.run;
    const auto id = r.id.str();
    const auto* step = failed_step(run);
    const auto connection = connection_of(flow, step);
    const auto what = r.failure ? r.failure->category : category::unknown;
    const std::string retry = "mortise dead-letters retry " + id;
    if (r.failure && r.failure->code == "run.nondeterministic-flow") {
        out.look.push_back("The flow took another step than when the run began with " + r.flow +
                           ' ' + r.flow_version +
                           ". Its code depends on something that changes (time, random, settings "
                           "read outside a step), or another version was loaded in its place.");
        out.commands.push_back({"the code is mended or the first version is back", retry});
        return;
    }
    switch (what) {
    case category::input:
    case category::not_found:
    case category::conflict:
        out.look.push_back(
            "The system refused what was sent; a repeat of the same will fail again.");
        if (step != nullptr && step->kind == step_kind::call)
            out.commands.push_back(
                {"the step's input is wrong", "mortise dead-letters edit " + id + " --input FILE"});
        out.commands.push_back(
            {"the event's data is wrong", "mortise dead-letters edit " + id + " --event FILE"});
        break;
    case category::auth:
    case category::denied:
        out.look.push_back("The system refused the credentials or the right to do this.");
        break;
    case category::config:
        out.look.push_back("The configuration does not let this run go on; mend it and reload.");
        out.commands.push_back({"", "mortise check"});
        break;
    default:
        break;
    }
    if (!connection.empty() && what != category::input && what != category::config) {
        out.commands.push_back(
            {"to see whether the system is well", "mortise connections test " + connection});
    }
    out.commands.push_back({"the cause is mended", retry});
    if (!r.fingerprint.empty()) {
        out.commands.push_back({"the cause is mended for all runs it stopped",
                                "mortise dead-letters retry --group " + r.fingerprint});
    }
}

} // namespace

run_advice advise(const claimed_run& run, const flow_entry* flow, const run_record* newer) {
    run_advice out;
    const auto& r = run.run;
    const auto id = r.id.str();
    if (r.state == run_state::in_doubt || r.state == run_state::failed) {
        if (flow == nullptr || !flow->enabled) {
            out.look.push_back("Flow \"" + r.instance +
                               "\" is not configured (or disabled): put it back before a retry.");
        }
        if (newer != nullptr) {
            out.look.push_back("A newer event for \"" + r.key + "\" was processed since, by run " +
                               newer->id.str() +
                               ". To go on with what this run had read may put older data over "
                               "newer.");
        }
        if (newer != nullptr && r.state == run_state::failed) {
            out.commands.push_back({"its work is still needed, with what the systems hold now",
                                    "mortise dead-letters retry " + id + " --fresh"});
        }
        r.state == run_state::in_doubt ? in_doubt(run, flow, out) : failed(run, flow, out);
        out.commands.push_back({"it need not be done any more",
                                "mortise dead-letters discard " + id + " --reason TEXT"});
    } else if (r.state == run_state::waiting && !r.held.empty()) {
        out.look.push_back("The run waits for connection \"" + r.held +
                           "\", which is paused or fails too often to be called.");
        out.commands.push_back({"", "mortise connections list"});
        out.commands.push_back({"it was paused by hand", "mortise connections resume " + r.held});
    }
    return out;
}

} // namespace mortise::host
