// SPDX-License-Identifier: Apache-2.0
//
// What people do in workflows: finished steps and ended workflows of the watched maps. The list of
// a map says which workflows there are, the status list whether one of them has moved on, and only
// then it is read in full.
#include "connector.hpp"
#include "content_server/text.hpp"

#include <algorithm>
#include <map>

namespace xecm_workspaces {

using content_server::int_at;
using content_server::object_part;
using content_server::plain_date;
using content_server::subject;
using content_server::text_at;
using content_server::workflow_status;
using content_server::workflow_step;
using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

// A step that is done again, later, is another fact.
std::string fact_of(const workflow_step& step) {
    return std::to_string(step.task_id) + '@' + plain_date(step.finished_at.value_or(""));
}

object step_data(const workflow_step& step) {
    object out;
    out["task_id"] = step.task_id;
    out["title"] = step.title;
    out["decision"] = step.decision.value_or(std::string());
    out["comment"] = step.comment.value_or(std::string());
    out["by"] = step.by.value_or(std::string());
    if (step.by_id) out["by_id"] = *step.by_id;
    out["finished_at"] = step.finished_at.value_or(std::string());
    return out;
}

std::vector<const workflow_step*> done_steps(const workflow_status& w) {
    std::vector<const workflow_step*> out;
    for (const auto& step : w.steps) {
        if (step.state == "done") out.push_back(&step);
    }
    std::stable_sort(out.begin(), out.end(), [](const workflow_step* a, const workflow_step* b) {
        return a->finished_at.value_or("") < b->finished_at.value_or("");
    });
    return out;
}

object process_data(const workflow_status& w, const content_server::workflow_map& map) {
    object out;
    out["process_id"] = w.process_id;
    out["map"] = map.name;
    out["map_id"] = map.id;
    out["title"] = w.title;
    out["state"] = w.state;
    return out;
}

const json::array& told(const known_object& known) {
    static const json::array none;
    const auto* v = known.data.if_contains("told");
    return v && v->is_array() ? v->get_array() : none;
}

bool ended(const known_object& known) {
    const auto* v = known.data.if_contains("ended");
    return v && v->is_bool() && v->get_bool();
}

} // namespace

task<void> connector::poll_workflows(mortise::delivery_context& c, position& at) {
    // Workflow to the fingerprint of its line in the status list, where every step shows.
    std::map<std::int64_t, std::string> marks;
    mortise::url url = client_.at("v2/workflows/status");
    url.query("Kind", "Both");
    const json::value answer =
        co_await client_.get(c, url.str(), subject("workflow", "the status of workflows"));
    for (const auto& item : mortise::require_array(answer, "results")) {
        const object& line = object_part(item, "data.wfstatus");
        marks[int_at(line, "process_id")] =
            content_server::fingerprint(mortise::serialize_json(json::value(line)));
    }
    std::map<std::int64_t, known_object> known;
    auto rows = co_await known_under("process/");
    for (auto& one : rows)
        known.emplace(id_of_key(one.key), std::move(one.object));

    std::vector<std::int64_t> stock_taken;
    std::set<std::int64_t> listed;
    for (const auto& name : settings_.watch_workflow_maps) {
        const content_server::workflow_map map =
            co_await map_named(c, json::value(name), category::config);
        const bool stock = std::find(at.maps.begin(), at.maps.end(), map.id) == at.maps.end();
        auto processes = co_await of_map(c, map.id, {});
        std::sort(processes.begin(), processes.end(),
                  [](const auto& a, const auto& b) { return a.process_id < b.process_id; });
        for (const auto& one : processes) {
            listed.insert(one.process_id);
            const auto before = known.find(one.process_id);
            const auto mark = marks.find(one.process_id);
            std::string now = mark == marks.end() ? std::string() : mark->second;
            if (before != known.end()) {
                if (ended(before->second)) continue;
                if (!now.empty() && now == before->second.facts) continue;
            }
            co_await settle_process(c, one.process_id, map, std::move(now), stock);
        }
        stock_taken.push_back(map.id);
    }
    // No longer in a list: archived, deleted, or out of sight. An end that was told needs no more.
    for (const auto& [id, before] : known) {
        if (listed.count(id) != 0) continue;
        content_server::workflow_map map;
        map.id = int_at(before.data, "map_id");
        map.name = text_at(before.data, "map");
        const bool watched =
            std::find(stock_taken.begin(), stock_taken.end(), map.id) != stock_taken.end();
        if (watched && !ended(before)) co_await settle_process(c, id, map, {}, false);
        // One that was only out of reach is asked about once more.
        const auto now = co_await recall(process_key(id));
        if (!watched || !now || ended(*now)) co_await in_.state().remove(process_key(id));
    }
    at.maps = std::move(stock_taken);
}

task<void> connector::settle_process(mortise::delivery_context& c,
                                     std::int64_t process,
                                     content_server::workflow_map map,
                                     std::string marks,
                                     bool stock) {
    const std::string key = process_key(process);
    const auto stored = co_await recall(key);
    known_object known;
    if (stored) known = *stored;
    workflow_status now;
    bool deleted = false;
    try {
        now = co_await read_status(c, process);
    } catch (const error& e) {
        if (e.category != category::not_found) throw;
        deleted = true;
    }
    if (deleted) {
        if (!stored || stock) co_return;
        // The server has the same words for a moment's trouble, so it is believed the second time.
        if (++known.reads < 2) {
            co_await remember(key, std::move(known));
            co_return;
        }
        // Whoever waits for it has to know that no decision will come.
        object data;
        data["process_id"] = process;
        data["map"] = map.name;
        data["map_id"] = map.id;
        data["title"] = text_at(known.data, "title");
        data["state"] = "deleted";
        data["steps"] = json::array();
        mortise::event one =
            make_event("xecm.workflow.stopped", "workflow-deleted", process, {}, std::move(data));
        co_await c.emit(std::move(one));
        co_return;
    }
    json::array facts = told(known);
    for (const workflow_step* step : done_steps(now)) {
        const std::string fact = fact_of(*step);
        const json::value as_json(fact);
        if (std::find(facts.begin(), facts.end(), as_json) != facts.end()) continue;
        facts.push_back(as_json);
        if (stock) continue;
        object data = process_data(now, map);
        data["step"] = step_data(*step);
        data["changed_at"] = step->finished_at.value_or(std::string());
        mortise::event one = make_event("xecm.workflow.step-completed", "workflow-step-completed",
                                        process, fact, std::move(data));
        co_await c.emit(std::move(one));
    }
    const bool over = content_server::is_final_state(now.state);
    if (over && !stock) {
        object data = process_data(now, map);
        json::array steps;
        std::string last;
        for (const workflow_step* step : done_steps(now)) {
            steps.push_back(step_data(*step));
            last = step->finished_at.value_or(last);
        }
        data["steps"] = std::move(steps);
        data["attributes"] = now.attributes;
        if (!last.empty()) data["changed_at"] = last;
        // An archived one came to its end before, but nobody saw which.
        const bool stopped = now.state == "stopped";
        mortise::event one = make_event(
            stopped ? "xecm.workflow.stopped" : "xecm.workflow.completed",
            stopped ? "workflow-stopped" : "workflow-completed", process, {}, std::move(data));
        co_await c.emit(std::move(one));
    }
    known.reads = 0;
    known.facts = std::move(marks);
    known.changed_at = now.initiated_at.value_or(std::string());
    known.data = process_data(now, map);
    known.data["told"] = std::move(facts);
    known.data["ended"] = over;
    co_await remember(key, std::move(known));
}

} // namespace xecm_workspaces
