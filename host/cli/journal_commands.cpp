// SPDX-License-Identifier: Apache-2.0
// mortise runs, events, links: reads the journal beside a running host; changes go through the
// host.
#include "cli/admin_client.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "config/config.hpp"
#include "journal/journal.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

// Opens the configured journal for reading and calls body; any failure is said and coded.
int with_journal(const common& c, const std::function<int(journal_reader&)>& body) {
    const auto sections = load_host_sections(config_file(c));
    if (!sections.ok()) {
        std::fputs(problems_to_text(sections.problems).c_str(), stderr);
        return exit_configuration;
    }
    const system_clock time;
    journal_options o;
    o.path = sections.config.journal.path.string();
    o.read_only = true;
    o.time = &time;
    const auto store = open_sqlite_journal(o);
    if (!store) return fail(exit_not_found, store.error().message);
    int code = exit_failed;
    try {
        (*store)->read([&](journal_reader& r) { code = body(r); });
    } catch (const journal_failure& failure) {
        return fail(exit_failed, failure.what());
    }
    return code;
}

int change_run(const common& c,
               const std::string& id,
               const std::string& verb,
               const boost::json::object& body) {
    const auto sections = load_host_sections(config_file(c));
    if (!sections.ok()) {
        std::fputs(problems_to_text(sections.problems).c_str(), stderr);
        return exit_configuration;
    }
    const auto answer =
        call_host(sections.config.host.state_dir, "POST", "/api/v1/runs/" + id + '/' + verb, body);
    if (!answer) {
        const auto& e = answer.error();
        const int code = e.category == category::unavailable ? exit_unreachable
                         : e.category == category::not_found ? exit_not_found
                                                             : exit_failed;
        return fail(code, e.message);
    }
    if (c.json)
        print_json(*answer);
    else
        std::printf("run %s: %s\n", id.c_str(), answer->at("state").as_string().c_str());
    return exit_ok;
}

boost::json::object run_json(const run_record& r) {
    boost::json::object o{{"id", r.id.str()},
                          {"flow", r.instance},
                          {"plugin", r.flow},
                          {"plugin_version", r.flow_version},
                          {"state", to_string(r.state)},
                          {"key", r.key},
                          {"event_type", r.event_type},
                          {"event_subject", r.event_subject},
                          {"created_at", r.created_at},
                          {"updated_at", r.updated_at},
                          {"wake_at", r.wake_at},
                          {"starts", r.starts}};
    if (!r.result.empty()) o["result"] = stored_json(r.result);
    if (r.failure) o["failure"] = error_json(*r.failure);
    if (!r.failed_step.empty()) o["failed_step"] = r.failed_step;
    return o;
}

int list_runs(const common& c, const run_filter& filter) {
    return with_journal(c, [&](journal_reader& reader) {
        boost::json::array out;
        table t({"RUN", "FLOW", "STATE", "SUBJECT", "EVENT", "STARTED", "PROBLEM"});
        for (const auto& r : reader.runs(filter)) {
            if (c.json)
                out.push_back(run_json(r));
            else {
                t.row({r.id.str(), r.instance, std::string(to_string(r.state)), r.event_subject,
                       r.event_type, time_text(r.created_at), r.failure ? r.failure->message : ""});
            }
        }
        if (c.json)
            print_json(out);
        else
            std::fputs(t.text().c_str(), stdout);
        return exit_ok;
    });
}

int show_run(const common& c, const std::string& id) {
    return with_journal(c, [&](journal_reader& reader) -> int {
        const auto found = reader.run(run_id(id));
        if (!found) return fail(exit_not_found, "the journal holds no run " + id);
        if (c.json) {
            auto o = run_json(found->run);
            o["event"] = {{"id", found->event.id},     {"source", found->event.source},
                          {"type", found->event.type}, {"subject", found->event.subject},
                          {"via", found->event.via},   {"data", stored_json(found->event.data)}};
            boost::json::array steps;
            for (const auto& s : found->steps) {
                boost::json::object step{{"key", s.key},
                                         {"target", s.target},
                                         {"attempts", s.attempts},
                                         {"started_at", s.started_at},
                                         {"finished_at", s.finished_at},
                                         {"input", stored_json(s.input)},
                                         {"result", stored_json(s.result)}};
                if (s.failure) step["failure"] = error_json(*s.failure);
                steps.push_back(std::move(step));
            }
            o["steps"] = std::move(steps);
            print_json(o);
            return exit_ok;
        }
        const auto& r = found->run;
        std::printf("run      %s\nflow     %s (%s %s)\nstate    %s\nevent    %s %s (%s, by "
                    "%s)\nstarted  %s\n",
                    r.id.str().c_str(), r.instance.c_str(), r.flow.c_str(), r.flow_version.c_str(),
                    std::string(to_string(r.state)).c_str(), found->event.type.c_str(),
                    found->event.subject.c_str(), found->event.id.c_str(), found->event.via.c_str(),
                    time_text(r.created_at).c_str());
        if (r.failure)
            std::printf("problem  %s (%s)\n", r.failure->message.c_str(), r.failure->code.c_str());
        if (!r.failed_step.empty()) std::printf("at step  %s\n", r.failed_step.c_str());
        if (r.wake_at != 0 && r.state == run_state::waiting)
            std::printf("wakes    %s\n", time_text(r.wake_at).c_str());
        table t({"", "STEP", "WHAT", "TRIES", "TOOK", "OUTCOME"});
        for (const auto& s : found->steps) {
            const auto took = s.finished_at > 0
                                  ? std::to_string(s.finished_at - s.started_at) + " ms"
                                  : std::string("-");
            const char* mark = s.state == step_state::done     ? "ok"
                               : s.state == step_state::failed ? "!!"
                                                               : "..";
            auto outcome = s.failure ? s.failure->message : s.result.substr(0, 120);
            t.row({mark, s.key, s.target, std::to_string(s.attempts), took, outcome});
        }
        std::printf("\n%s", t.text().c_str());
        return exit_ok;
    });
}

int list_events(const common& c, const event_filter& filter) {
    return with_journal(c, [&](journal_reader& reader) {
        boost::json::array out;
        table t({"ACCEPTED", "TYPE", "SUBJECT", "VIA", "ID"});
        for (const auto& e : reader.events(filter)) {
            if (c.json) {
                out.push_back({{"ref", e.ref.str()},
                               {"id", e.id},
                               {"source", e.source},
                               {"type", e.type},
                               {"subject", e.subject},
                               {"via", e.via},
                               {"accepted_at", e.accepted_at},
                               {"data", stored_json(e.data)}});
            } else {
                t.row({time_text(e.accepted_at), e.type, e.subject, e.via, e.id});
            }
        }
        if (c.json)
            print_json(out);
        else
            std::fputs(t.text().c_str(), stdout);
        return exit_ok;
    });
}

int list_links(const common& c, const std::string& relation, std::uint32_t limit) {
    return with_journal(c, [&](journal_reader& reader) {
        boost::json::array out;
        table t({"RELATION", "A", "B", "UPDATED"});
        for (const auto& l : reader.links(relation, limit)) {
            if (c.json)
                out.push_back({{"relation", l.relation},
                               {"a", l.a},
                               {"b", l.b},
                               {"data", stored_json(l.data)},
                               {"updated_at", l.updated_at}});
            else
                t.row({l.relation, l.a, l.b, time_text(l.updated_at)});
        }
        if (c.json)
            print_json(out);
        else
            std::fputs(t.text().c_str(), stdout);
        return exit_ok;
    });
}

} // namespace

void add_runs(CLI::App& app, common& c, action& chosen) {
    auto* group =
        app.add_subcommand("runs", "Runs: list, show, retry, discard")->require_subcommand(1);
    auto filter = std::make_shared<run_filter>();
    auto state = std::make_shared<std::string>();
    auto* list = group->add_subcommand("list", "List runs, newest first");
    list->add_option("--state", *state,
                     "Only this state: ready, active, waiting, succeeded, failed, in_doubt, "
                     "cancelled, discarded");
    list->add_option("--flow", filter->instance, "Only this flow");
    list->add_option("--limit", filter->limit, "At most this many")->capture_default_str();
    list->add_option("--before", filter->before, "Only runs older than this one");
    list->callback([&c, &chosen, filter, state] {
        chosen = [&c, filter, state]() -> int {
            if (!state->empty()) {
                filter->state = run_state_from_string(*state);
                if (!filter->state)
                    return fail(exit_usage,
                                "unknown state \"" + *state + "\"; see mortise runs list --help");
            }
            return list_runs(c, *filter);
        };
    });
    auto id = std::make_shared<std::string>();
    auto* show = group->add_subcommand("show", "A run with its event and steps");
    show->add_option("run", *id, "The run's id")->required();
    show->callback([&c, &chosen, id] { chosen = [&c, id] { return show_run(c, *id); }; });

    auto* retry = group->add_subcommand("retry", "Let a failed run go on from the failed step");
    auto taken = std::make_shared<std::string>();
    retry->add_option("run", *id, "The run's id")->required();
    retry->add_option("--taken-as-done", *taken,
                      "For a run in doubt: the doubtful step did happen; its result as JSON");
    retry->callback([&c, &chosen, id, taken] {
        chosen = [&c, id, taken] {
            boost::json::object body;
            if (!taken->empty()) body = {{"redo", false}, {"result", stored_json(*taken)}};
            return change_run(c, *id, "retry", body);
        };
    });
    auto* discard = group->add_subcommand("discard", "Give a failed run up");
    auto reason = std::make_shared<std::string>();
    discard->add_option("run", *id, "The run's id")->required();
    discard->add_option("--reason", *reason, "Why; kept with the run")->required();
    discard->callback([&c, &chosen, id, reason] {
        chosen = [&c, id, reason] { return change_run(c, *id, "discard", {{"reason", *reason}}); };
    });
}

void add_events(CLI::App& app, common& c, action& chosen) {
    auto* group = app.add_subcommand("events", "Accepted events")->require_subcommand(1);
    auto filter = std::make_shared<event_filter>();
    auto* list = group->add_subcommand("list", "List events, newest first");
    list->add_option("--type", filter->type, "Only this type");
    list->add_option("--limit", filter->limit, "At most this many")->capture_default_str();
    list->callback(
        [&c, &chosen, filter] { chosen = [&c, filter] { return list_events(c, *filter); }; });
}

void add_links(CLI::App& app, common& c, action& chosen) {
    auto* group =
        app.add_subcommand("links", "Links between objects of two systems")->require_subcommand(1);
    auto relation = std::make_shared<std::string>();
    auto limit = std::make_shared<std::uint32_t>(100);
    auto* list = group->add_subcommand("list", "List links");
    list->add_option("relation", *relation, "e.g. campaign-asset-reference")->required();
    list->add_option("--limit", *limit, "At most this many")->capture_default_str();
    list->callback([&c, &chosen, relation, limit] {
        chosen = [&c, relation, limit] { return list_links(c, *relation, *limit); };
    });
}

} // namespace mortise::host::cli
