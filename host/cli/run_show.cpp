// SPDX-License-Identifier: Apache-2.0
#include "cli/run_show.hpp"

#include "admin/run_views.hpp"
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

// The bytes of a transfer while there is one, else the steps that are done.
class run_progress {
public:
    run_progress(const common& c, std::string id) : c_(c), id_(std::move(id)) {}

    void at(const json::value& run) {
        const auto& transfers = list_in(run, "transfers");
        if (!transfers.empty()) {
            const auto& t = transfers.front();
            const auto total = number_in(t, "total_bytes");
            show(member(t, "step"), "bytes",
                 static_cast<std::uint64_t>(number_in(t, "moved_bytes")),
                 part(t, "total_bytes").is_null() ? std::optional<std::uint64_t>()
                                                  : static_cast<std::uint64_t>(total));
            return;
        }
        const auto& steps = list_in(run, "steps");
        const auto done = std::count_if(steps.begin(), steps.end(),
                                        [](const auto& s) { return member(s, "state") == "done"; });
        show("run " + id_, "steps", static_cast<std::uint64_t>(done), {});
    }

private:
    void show(const std::string& label,
              const char* unit,
              std::uint64_t done,
              std::optional<std::uint64_t> total) {
        if (!bar_ || label != label_) {
            bar_.reset();
            bar_.emplace(c_, label, unit);
            label_ = label;
        }
        bar_->at(done, total);
    }

    const common& c_;
    std::string id_, label_;
    std::optional<progress> bar_;
};

} // namespace

view run_view(const common& c, const std::string& id) {
    view v;
    v.path = "/api/v1/runs/" + url_encoded(id);
    v.here = [&c, id](journal_reader& reader) -> result<json::value> {
        const auto flows = flows_for_reading(c);
        const auto found = read_details(reader, *flows.directory, run_id(id));
        if (!found)
            return no_effect(category::not_found, "run.unknown", "the journal holds no run " + id);
        return json::value(host::run_view(reader, *found, *flows.directory));
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
        run_progress bar(c, id);
        for (;;) {
            const auto run = ask_host(c, "GET", v.path);
            if (!run) return refuse(run.error());
            if (has_ended(member(*run, "state"))) break;
            bar.at(*run);
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
