// SPDX-License-Identifier: Apache-2.0
#include "cli/run_show.hpp"

#include "admin/views.hpp"
#include "base/no_effect.hpp"
#include "cli/flow_reading.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

bool has_ended(const std::string& state) {
    return state == "succeeded" || state == "cancelled" || state == "discarded" ||
           state == "failed" || state == "in_doubt";
}

} // namespace

view run_view(const common& c, const std::string& id) {
    view v;
    v.path = "/api/v1/runs/" + url_encoded(id);
    v.here = [&c, id](journal_reader& reader) -> result<json::value> {
        const auto flows = flows_for_reading(c);
        const auto found = read_details(reader, *flows.directory, run_id(id));
        if (!found)
            return no_effect(category::not_found, "run.unknown", "the journal holds no run " + id);
        return json::value(to_view(*found));
    };
    return v;
}

int show_run(const common& c, const std::string& id) {
    return show(c, run_view(c, id), run_text);
}

int wait_for_run(const common& c, const std::string& id) {
    const auto v = run_view(c, id);
    {
        const interruptible until;
        progress bar(c, "run " + id, "steps");
        for (;;) {
            const auto run = ask_host(c, "GET", v.path);
            if (!run) return refuse(run.error());
            if (has_ended(member(*run, "state"))) break;
            const auto& steps = list_in(*run, "steps");
            bar.at(static_cast<std::uint64_t>(
                std::count_if(steps.begin(), steps.end(),
                              [](const auto& s) { return member(s, "state") == "done"; })));
            if (!until.wait(std::chrono::milliseconds(300)))
                return fail(exit_interrupted,
                            "the run goes on; see it with: mortise runs show " + id);
        }
    }
    const auto run = ask_host(c, "GET", v.path);
    if (!run) return refuse(run.error());
    if (c.json)
        print_json(*run);
    else
        print(run_text(*run));
    return member(*run, "state") == "succeeded" ? exit_ok : exit_failed;
}

} // namespace mortise::host::cli
