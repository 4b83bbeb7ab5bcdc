// SPDX-License-Identifier: Apache-2.0
#include "admin/views.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;

json::object to_view(const next_command& c) {
    return {{"when", c.when}, {"command", c.command}};
}

json::object to_view(const bound_operation& o) {
    return {{"role", o.role},
            {"connection", o.connection},
            {"operation", o.operation},
            {"effect_class", to_string(o.repeat())},
            {"offered", o.offered != nullptr}};
}

json::object to_view(const step_try& t) {
    json::object o{{"number", t.number},
                   {"attempt", t.attempt},
                   {"began_at", t.began},
                   {"ended_at", t.ended},
                   {"limited_ms", t.limited_ms},
                   {"outcome", to_string(t.outcome)},
                   {"waits_for", to_string(t.wait)},
                   {"waits_until", t.wait_until}};
    if (t.failure) o["failure"] = host::to_view(*t.failure);
    return o;
}

template <class List>
json::array all(const List& list) {
    json::array out;
    out.reserve(list.size());
    for (const auto& one : list)
        out.push_back(to_view(one));
    return out;
}

} // namespace

json::object to_view(const error& e) {
    json::object o{{"code", e.code},
                   {"category", to_string(e.category)},
                   {"effect", to_string(e.effect)},
                   {"message", e.message}};
    if (e.http_status != 0) o["http_status"] = e.http_status;
    if (!e.details.empty()) o["details"] = stored_json(e.details);
    return o;
}

json::object to_view(const run_record& r) {
    json::object o{{"id", r.id.str()},
                   {"flow", r.instance},
                   {"plugin", r.flow},
                   {"plugin_version", r.flow_version},
                   {"config_revision", r.config_revision},
                   {"state", to_string(r.state)},
                   {"key", r.key},
                   {"event_type", r.event_type},
                   {"event_subject", r.event_subject},
                   {"created_at", r.created_at},
                   {"updated_at", r.updated_at},
                   {"wake_at", r.wake_at},
                   {"starts", r.starts}};
    if (!r.result.empty()) o["result"] = stored_json(r.result);
    if (r.failure) o["failure"] = to_view(*r.failure);
    const auto add = [&o](const char* name, const std::string& value) {
        if (!value.empty()) o[name] = value;
    };
    add("failed_step", r.failed_step);
    add("fingerprint", r.fingerprint);
    add("held_by", r.held);
    add("cancel_reason", r.cancel_reason);
    add("parent", r.parent.str());
    add("parent_step", r.parent_step);
    if (!r.edited_data.empty()) o["event_edited"] = true;
    return o;
}

json::object to_view(const step_record& s) {
    json::object o{{"key", s.key},
                   {"kind", to_string(s.kind)},
                   {"target", s.target},
                   {"state", to_string(s.state)},
                   {"attempts", s.attempts},
                   {"started_at", s.started_at},
                   {"finished_at", s.finished_at},
                   {"wake_at", s.wake_at},
                   {"input", stored_json(s.input)},
                   {"result", stored_json(s.result)}};
    if (s.failure) o["failure"] = to_view(*s.failure);
    if (s.edited) o["edited"] = true;
    o["tries"] = all(s.tries);
    if (!s.tries.empty()) o["tries_left_out"] = s.tries.back().number - s.tries.size();
    return o;
}

json::object to_view(const event_record& e) {
    return {{"ref", e.ref.str()},
            {"id", e.id},
            {"source", e.source},
            {"type", e.type},
            {"subject", e.subject},
            {"via", e.via},
            {"time", e.time},
            {"accepted_at", e.accepted_at},
            {"data", stored_json(e.data)}};
}

json::object to_view(const run_note& n) {
    return {{"at", n.at}, {"who", n.who}, {"action", n.action}, {"detail", stored_json(n.detail)}};
}

json::object to_view(const dead_letter_group& g) {
    return {{"fingerprint", g.fingerprint},
            {"flow", g.instance},
            {"plugin", g.flow},
            {"step", g.step},
            {"code", g.code},
            {"message", g.message},
            {"failed", g.failed},
            {"in_doubt", g.in_doubt},
            {"first_at", g.first},
            {"last_at", g.last},
            {"oldest", g.oldest.str()}};
}

json::object to_view(const link_record& l) {
    return {{"relation", l.relation},
            {"a", l.a},
            {"b", l.b},
            {"data", stored_json(l.data)},
            {"updated_at", l.updated_at}};
}

json::object to_view(const person_note& n) {
    return {{"at", n.at},
            {"who", n.who},
            {"action", n.action},
            {"what", n.what},
            {"detail", stored_json(n.detail)}};
}

json::object to_view(const run_advice& a) {
    return {{"look", json::value_from(a.look)}, {"commands", all(a.commands)}};
}

json::object to_view(const flow_entry& f) {
    json::object roles;
    for (const auto& r : f.roles)
        roles[r.name] = {{"connection", r.connection},
                         {"connector", r.connector},
                         {"operations", all(r.operations)}};
    json::object o{{"name", f.name},
                   {"plugin", f.flow},
                   {"plugin_version", f.version},
                   {"loaded", f.descriptor != nullptr},
                   {"enabled", f.enabled},
                   {"roles", std::move(roles)},
                   {"weakest", nullptr}};
    if (const auto* weakest = f.weakest()) o["weakest"] = to_view(*weakest);
    return o;
}

json::object to_view(const bulk_job& job) {
    auto o = stored_json(to_json_text(job)).get_object();
    // The host's own memory of how to go on.
    for (const char* inner : {"watched", "same_again", "after"})
        o.erase(inner);
    o["under_way"] = job.watched.size();
    return o;
}

json::object to_view(const journal_stats& s) {
    json::object runs;
    for (std::size_t i = 0; i < std::size(s.runs); ++i)
        runs[to_string(static_cast<run_state>(i))] = s.runs[i];
    return {{"events", s.events},
            {"duplicates", s.duplicates},
            {"poll_only_events", s.poll_only_events},
            {"runs", std::move(runs)},
            {"backlog", s.backlog},
            {"held", s.held},
            {"dead_letters", s.dead_letters},
            {"ledger_entries", s.ledger_entries},
            {"schema_version", s.schema_version},
            {"file_bytes", s.file_bytes}};
}

json::object to_view(const run_details& d) {
    auto o = to_view(d.run.run);
    o["event"] = to_view(d.run.event);
    o["steps"] = all(d.run.steps);
    o["children"] = all(d.children);
    o["notes"] = all(d.notes);
    if (d.newer) o["newer_run"] = d.newer->id.str();
    o["advice"] = to_view(d.advice);
    return o;
}

} // namespace mortise::host
