// SPDX-License-Identifier: Apache-2.0
// mortise runs, events: read the journal beside a running host.
#include "admin/views.hpp"
#include "cli/changes.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/reach.hpp"
#include "cli/run_show.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

int list_runs(const common& c, const run_filter& filter) {
    return with_journal(c, [&](journal_reader& reader) {
        boost::json::array out;
        table t({"RUN", "FLOW", "STATE", "SUBJECT", "EVENT", "STARTED", "PROBLEM"});
        for (const auto& r : reader.runs(filter)) {
            if (c.json)
                out.push_back(to_view(r));
            else
                t.row({r.id.str(), r.instance, std::string(to_string(r.state)), r.event_subject,
                       r.event_type, time_text(r.created_at), r.failure ? r.failure->message : ""});
        }
        if (c.json)
            print_json(out);
        else
            std::fputs(t.text().c_str(), stdout);
        return exit_ok;
    });
}

int list_events(const common& c, const event_filter& filter) {
    return with_journal(c, [&](journal_reader& reader) {
        boost::json::array out;
        table t({"ACCEPTED", "TYPE", "SUBJECT", "VIA", "ID"});
        for (const auto& e : reader.events(filter)) {
            if (c.json)
                out.push_back(to_view(e));
            else
                t.row({time_text(e.accepted_at), e.type, e.subject, e.via, e.id});
        }
        if (c.json)
            print_json(out);
        else
            std::fputs(t.text().c_str(), stdout);
        return exit_ok;
    });
}

int cancel_run(const common& c, const std::string& id, const std::string& reason) {
    const auto answer =
        ask_host(c, "POST", "/api/v1/runs/" + url_encoded(id) + "/cancel", {{"reason", reason}});
    return say(c, answer, [&](const boost::json::value& v) {
        const auto count = [&v](const char* name) {
            const auto* list = v.get_object().if_contains(name);
            return list != nullptr && list->is_array() ? list->get_array().size() : 0;
        };
        std::string text = "run " + id + ": ";
        if (count("active") + count("told") > 0)
            text += "told to stop";
        else
            text += "cancelled";
        const auto all = count("ended") + count("told") + count("active");
        if (all > 1) text += ", with " + std::to_string(all - 1) + " child runs";
        return text;
    });
}

} // namespace

int show_run(const common& c, const std::string& id) {
    const auto flows = flows_for_reading(c);
    return with_journal(c, [&](journal_reader& reader) -> int {
        const auto found = read_details(reader, *flows.directory, run_id(id));
        if (!found) return fail(exit_not_found, "the journal holds no run " + id);
        if (c.json)
            print_json(to_view(*found));
        else
            std::fputs(run_text(*found).c_str(), stdout);
        return exit_ok;
    });
}

void add_runs(CLI::App& app, common& c, action& chosen) {
    auto* group = app.add_subcommand("runs", "Runs: list, show, cancel, retry, discard")
                      ->require_subcommand(1);
    auto filter = std::make_shared<run_filter>();
    auto state = std::make_shared<std::string>();
    auto* list = group->add_subcommand("list", "List runs, newest first");
    list->add_option("--state", *state,
                     "Only this state: ready, active, waiting, succeeded, failed, in_doubt, "
                     "cancelled, discarded");
    list->add_option("--flow", filter->instance, "Only this flow");
    list->add_option("--key", filter->key, "Only this order key");
    list->add_option("--group", filter->fingerprint, "Only this cause of failure");
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
    auto* show =
        group->add_subcommand("show", "A run with its event, steps, children, and what to do next");
    show->add_option("run", *id, "The run's id")->required();
    show->callback([&c, &chosen, id] { chosen = [&c, id] { return show_run(c, *id); }; });

    auto reason = std::make_shared<std::string>();
    auto* cancel = group->add_subcommand(
        "cancel", "Ask an unfinished run and its child runs to stop; needs a running host");
    cancel->add_option("run", *id, "The run's id")->required();
    cancel->add_option("--reason", *reason, "Why; kept with the run")->required();
    cancel->callback([&c, &chosen, id, reason] {
        chosen = [&c, id, reason] { return cancel_run(c, *id, *reason); };
    });
    add_retry(*group, c, chosen, false);
    add_discard(*group, c, chosen, false);
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

} // namespace mortise::host::cli
