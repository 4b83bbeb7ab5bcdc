// SPDX-License-Identifier: Apache-2.0
#include "admin/edit_form.hpp"

#include "admin/put_back.hpp"
#include "admin/replies.hpp"
#include "admin/views.hpp"
#include "base/no_effect.hpp"
#include "journal/journal.hpp"
#include "operate/dead_letters.hpp"
#include "operate/run_edits.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

namespace json = boost::json;

// As the journal decides when the edit comes: null when the event's data may change, else the step
// that would be done a second time.
const step_record* keeps_event(const claimed_run& run, const flow_entry* flow) {
    const auto reads = flow != nullptr ? flow->read_targets() : std::vector<std::string>();
    for (const auto& s : run.steps) {
        const bool acts = s.kind == step_kind::call || s.kind == step_kind::transfer ||
                          s.kind == step_kind::spawn;
        if (acts && std::find(reads.begin(), reads.end(), s.target) == reads.end()) return &s;
    }
    return nullptr;
}

const step_record* failed_call(const claimed_run& run, std::string_view key) {
    for (const auto& s : run.steps)
        if (s.key == (key.empty() ? std::string_view(run.run.failed_step) : key) &&
            s.kind == step_kind::call && s.state != step_state::done)
            return &s;
    return nullptr;
}

json::value schema_value(const std::string& text) {
    return text.empty() ? json::value(json::object()) : stored_json(text);
}

result<claimed_run> dead_run(journal_reader& reader, const run_id& id) {
    auto run = reader.run(id);
    if (!run)
        return no_effect(category::not_found, "run.unknown",
                         "the journal holds no run " + id.str());
    if (!is_dead(run->run.state))
        return no_effect(category::conflict, "run.edit.state",
                         "run " + id.str() + " is " + std::string(to_string(run->run.state)) +
                             "; failed and in_doubt runs can be edited");
    return std::move(*run);
}

std::string event_schema(const claimed_run& run, const flow_entry* flow) {
    return flow != nullptr ? flow->event_schema(run.event.source, run.event.type) : std::string();
}

std::string input_schema(const step_record& step, const flow_entry* flow) {
    const auto* operation = flow != nullptr ? flow->operation(step.target) : nullptr;
    return operation != nullptr ? operation->input_schema : std::string();
}

json::value form_of(const claimed_run& run, const flow_entry* flow) {
    json::object out{{"event", nullptr}, {"step", nullptr}};
    if (keeps_event(run, flow) == nullptr) {
        const auto schema = event_schema(run, flow);
        out["event"] = {{"schema", schema_value(schema)},
                        {"value", shown_value(run.event.data, schema)}};
    }
    if (const auto* step = failed_call(run, {})) {
        const auto schema = input_schema(*step, flow);
        out["step"] = {{"key", step->key},
                       {"schema", schema_value(schema)},
                       {"value", shown_value(step->input, schema)}};
    }
    return out;
}

result<void> tried(const claimed_run& run, const flow_entry* flow, const admin_call& call) {
    if (const auto event = call.json_text("event")) {
        if (const auto checked = checked_event(run, flow, *event); !checked) return checked.error();
        const auto* done = keeps_event(run, flow);
        if (done == nullptr) return {};
        return no_effect(category::conflict, "journal.edit-after-write",
                         "run " + run.run.id.str() + " has begun step \"" + done->key + "\" (" +
                             done->target +
                             "), which would be done a second time; edit the failed step instead");
    }
    const auto input = call.json_text("input");
    const auto text = input ? *input : call.json_text("patch").value_or("{}");
    const auto key = call.text("step");
    if (const auto checked = checked_input(run, flow, key, text, !input); !checked)
        return checked.error();
    if (failed_call(run, key) != nullptr) return {};
    return no_effect(category::conflict, "journal.step-state",
                     "step \"" + key + "\" is done; only a step that is not done can be edited");
}

} // namespace

result<json::value> edit_in_full(const claimed_run& run,
                                 const flow_entry* flow,
                                 std::string_view member,
                                 std::string_view step_key,
                                 json::value given) {
    if (member == "event")
        return put_back_hidden(std::move(given), run.event.data, event_schema(run, flow));
    const auto* step = failed_call(run, step_key);
    if (step == nullptr) return given; // which is refused for what it is
    return put_back_hidden(std::move(given), step->input, input_schema(*step, flow));
}

void with_hidden_put_back(const admin_parts& parts,
                          admin_call call,
                          std::function<void(admin_call)> then) {
    const auto has = [&call](const char* member) { return call.body.contains(member); };
    if (!has("event") && !has("input") && !has("patch")) return then(std::move(call));
    boost::asio::post(parts.workers,
                      [&parts, call = std::move(call), then = std::move(then)]() mutable {
                          std::optional<claimed_run> run;
                          try {
                              parts.store.read([&](journal_reader& reader) {
                                  run = reader.run(run_id(call.args[0]));
                              });
                          } catch (const journal_failure& failure) {
                              call.reply(refusal(failure.get()));
                              return;
                          }
                          const auto flows = parts.letters.flows();
                          for (const char* member : {"event", "input", "patch"}) {
                              auto* given = call.body.if_contains(member);
                              if (given == nullptr || !run) continue;
                              auto whole = edit_in_full(*run, flows->find(run->run.instance),
                                                        member, call.text("step"), *given);
                              if (!whole) {
                                  call.reply(refusal(whole.error()));
                                  return;
                              }
                              *given = std::move(*whole);
                          }
                          then(std::move(call));
                      });
}

void try_edit(const admin_parts& parts, const admin_call& call) {
    answer_from_journal(parts, call.reply,
                        [&parts, call](journal_reader& reader) -> result<json::value> {
                            const auto run = dead_run(reader, run_id(call.args[0]));
                            if (!run) return run.error();
                            const auto flows = parts.letters.flows();
                            const auto good = tried(*run, flows->find(run->run.instance), call);
                            if (!good) return good.error();
                            return json::value{{"ok", true}};
                        });
}

void add_edit_form_route(route_table& to, const admin_parts& parts) {
    to.add({.method = "GET",
            .pattern = "/api/v1/runs/{id}/edit-form",
            .id = "getEditForm",
            .summary = "What of a dead letter can be edited, with its schemas.",
            .tag = "dead letters",
            .answer = "#/components/schemas/edit_form"},
           [&parts](const admin_call& call) {
               answer_from_journal(parts, call.reply,
                                   [&parts, id = run_id(call.args[0])](
                                       journal_reader& reader) -> result<json::value> {
                                       const auto run = dead_run(reader, id);
                                       if (!run) return run.error();
                                       const auto flows = parts.letters.flows();
                                       return form_of(*run, flows->find(run->run.instance));
                                   });
           });
}

} // namespace mortise::host
