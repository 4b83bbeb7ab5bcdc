// SPDX-License-Identifier: Apache-2.0
// Connections: list, test, pause, resume; backfills of their triggers.
#include "admin/replies.hpp"
#include "admin/routes.hpp"
#include "admin/views.hpp"
#include "intake/backfill.hpp"
#include "operate/person_notes.hpp"
#include "policy/connection_gates.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;

void list_connections(const admin_parts& parts, const admin_call& call) {
    parts.list_connections([reply = call.reply](json::array list) {
        reply(json_reply(200, json::object{{"connections", std::move(list)}}));
    });
}

void test_connection(const admin_parts& parts, const admin_call& call) {
    parts.test_connection(call.args[0], [reply = call.reply](result<std::string> r) {
        if (!r) {
            reply(refusal(r.error()));
            return;
        }
        reply(json_reply(200, r->empty() ? json::value(json::object()) : stored_json(*r)));
    });
}

// The change is in force; who made it is noted behind it.
connection_gates::answer
gate_answer(const admin_parts& parts, const admin_call& call, const char* action, bool paused) {
    return [&store = parts.store, reply = call.reply, name = call.args[0], who = call.who,
            reason = call.text("reason"), action, paused](const result<void>& done) {
        if (!done) {
            reply(refusal(done.error()));
            return;
        }
        const json::value detail{{"reason", reason}};
        store.write([note = person_note{0, who, action, name, json::serialize(detail)}](
                        journal_tx& tx) { add_note(tx, note); },
                    [reply, name, paused](const result<void>& noted) {
                        reply(noted ? json_reply(200, json::object{{"connection", name},
                                                                   {"paused", paused}})
                                    : refusal(noted.error()));
                    });
    };
}

void pause_connection(const admin_parts& parts, const admin_call& call) {
    const auto reason = call.text("reason");
    if (reason.empty()) {
        call.reply(problem_reply(400, "admin.input",
                                 "pausing a connection needs a reason: {\"reason\":\"...\"}"));
        return;
    }
    parts.gates->pause(call.args[0], reason + " (" + call.who + ')',
                       gate_answer(parts, call, "connection-pause", true));
}

void resume_connection(const admin_parts& parts, const admin_call& call) {
    parts.gates->resume(call.args[0], gate_answer(parts, call, "connection-resume", false));
}

backfill::answer job_reply(const admin_call& call, unsigned status) {
    return [reply = call.reply, status](result<backfill_job> job) {
        reply(job ? json_reply(status, stored_json(to_json_text(*job))) : refusal(job.error()));
    };
}

void list_backfills(const admin_parts& parts, const admin_call& call) {
    const auto jobs = parts.fills->list();
    if (!jobs) {
        call.reply(refusal(jobs.error()));
        return;
    }
    json::array out;
    for (const auto& job : *jobs)
        out.push_back(stored_json(to_json_text(job)));
    call.reply(json_reply(200, json::object{{"backfills", std::move(out)}}));
}

void start_backfill(const admin_parts& parts, const admin_call& call) {
    backfill_request r;
    r.connection = call.text("connection");
    r.trigger = call.text("trigger");
    r.events_per_second = call.number("events_per_second").value_or(r.events_per_second);
    r.again = call.flag("again");
    call.about(r.connection + '/' + r.trigger);
    if (call.action) call.action->connection = r.connection;
    parts.fills->start(std::move(r), job_reply(call, 202));
}

} // namespace

void add_connection_routes(route_table& to, const admin_parts& parts) {
    const auto with = [&parts](auto fn) {
        return [&parts, fn](const admin_call& call) { fn(parts, call); };
    };
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/connections",
         .id = "listConnections",
         .summary = "Connections with their health.",
         .tag = "connections",
         .answer =
             R"({"type":"object","required":["connections"],"properties":{"connections":{"type":"array","items":{"$ref":"#/components/schemas/connection"}}}})"},
        with(list_connections));
    to.add({.method = "POST",
            .pattern = "/api/v1/connections/{name}/test",
            .id = "testConnection",
            .summary = "Asks the system whether the connection works.",
            .tag = "connections",
            .least = role::operator_,
            .answer = R"({"type":"object","additionalProperties":true})"},
           with(test_connection));
    if (parts.gates != nullptr) {
        to.add(
            {.method = "POST",
             .pattern = "/api/v1/connections/{name}/pause",
             .id = "pauseConnection",
             .summary = "Holds its steps and polls until it is resumed; webhooks are taken.",
             .tag = "connections",
             .least = role::operator_,
             .request =
                 R"({"type":"object","required":["reason"],"properties":{"reason":{"type":"string","minLength":1}}})",
             .answer = "#/components/schemas/connection_paused"},
            with(pause_connection));
        to.add({.method = "POST",
                .pattern = "/api/v1/connections/{name}/resume",
                .id = "resumeConnection",
                .summary = "Lets held steps go on at once.",
                .tag = "connections",
                .least = role::operator_,
                .answer = "#/components/schemas/connection_paused"},
               with(resume_connection));
    }
    if (parts.fills == nullptr) return;
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/backfills",
         .id = "listBackfills",
         .summary = "Every backfill, ended ones too.",
         .tag = "backfills",
         .answer =
             R"({"type":"object","required":["backfills"],"properties":{"backfills":{"type":"array","items":{"$ref":"#/components/schemas/backfill"}}}})"},
        with(list_backfills));
    to.add(
        {.method = "POST",
         .pattern = "/api/v1/backfills",
         .id = "startBackfill",
         .summary = "Brings in every object of a trigger's kind.",
         .tag = "backfills",
         .least = role::operator_,
         .request =
             R"({"type":"object","required":["connection","trigger"],"properties":{"connection":{"type":"string"},"trigger":{"type":"string"},"events_per_second":{"type":"number"},"again":{"type":"boolean","description":"Although the last one has ended."}}})",
         .answer = "#/components/schemas/backfill",
         .status = 202},
        with(start_backfill));
    to.add({.method = "POST",
            .pattern = "/api/v1/backfills/{connection}/{trigger}/pause",
            .id = "pauseBackfill",
            .summary = "Stops after the page in flight.",
            .tag = "backfills",
            .least = role::operator_,
            .answer = "#/components/schemas/backfill"},
           [&parts](const admin_call& call) {
               parts.fills->pause(call.args[0], call.args[1], job_reply(call, 200));
           });
    to.add({.method = "POST",
            .pattern = "/api/v1/backfills/{connection}/{trigger}/resume",
            .id = "resumeBackfill",
            .summary = "Goes on where it was.",
            .tag = "backfills",
            .least = role::operator_,
            .answer = "#/components/schemas/backfill"},
           [&parts](const admin_call& call) {
               parts.fills->resume(call.args[0], call.args[1], job_reply(call, 200));
           });
    to.add({.method = "POST",
            .pattern = "/api/v1/backfills/{connection}/{trigger}/cancel",
            .id = "cancelBackfill",
            .summary = "Ends it; its events stay.",
            .tag = "backfills",
            .least = role::operator_,
            .answer = "#/components/schemas/backfill"},
           [&parts](const admin_call& call) {
               parts.fills->cancel(call.args[0], call.args[1], job_reply(call, 200));
           });
}

} // namespace mortise::host
