// SPDX-License-Identifier: Apache-2.0
// mortise status: how the host is, what moves, and what needs a person.
#include "admin/views.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/view.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

view overview() {
    view v;
    v.path = "/api/v1/overview";
    v.here = [](journal_reader& reader) -> result<json::value> {
        auto counts = to_view(reader.stats());
        counts.erase("file_bytes");
        return json::value{
            {"health",
             {{"ready", false},
              {"state", "stopped"},
              {"reasons",
               json::array{{{"code", "stopped"}, {"message", "no host runs"}, {"since", 0}}}}}},
            {"counts", std::move(counts)},
            {"journal", {{"file_bytes", reader.stats().file_bytes}}}};
    };
    return v;
}

std::int64_t sum(const json::array& values) {
    std::int64_t all = 0;
    for (const auto& v : values)
        if (v.is_int64()) all += v.get_int64();
    return all;
}

void reasons(std::string& out, const json::value& health, const char* list, const char* label) {
    for (const auto& r : list_in(health, list))
        out += std::string(label) + harmless(member(r, "message")) +
               (number_in(r, "since") > 0 ? " (since " + time_in(r, "since") + ')' : "") + '\n';
}

std::string counts_text(const json::value& counts) {
    std::string out = "events      " + member(counts, "events") + '\n';
    std::string runs;
    if (const auto* states = part(counts, "runs").if_object()) {
        for (const auto& [state, n] : *states) {
            if (n == json::value(0) || n == json::value(0u)) continue;
            runs += (runs.empty() ? "" : ", ") + json::serialize(n) + ' ' + std::string(state);
        }
    }
    out += "runs        " + (runs.empty() ? "none" : runs) + '\n';
    out += "backlog     " + member(counts, "backlog");
    if (const auto held = member(counts, "held"); !held.empty() && held != "0")
        out += ", " + held + " held back";
    return out + '\n';
}

std::string traffic_text(const json::value& traffic) {
    if (!traffic.is_object()) return {};
    const auto& events = list_in(traffic, "events");
    const auto minutes = static_cast<std::int64_t>(events.size()) * number_in(traffic, "step_ms");
    return "traffic     " + std::to_string(sum(events)) + " events, " +
           std::to_string(sum(list_in(traffic, "calls"))) + " calls, " +
           std::to_string(sum(list_in(traffic, "succeeded"))) + " runs succeeded, " +
           std::to_string(sum(list_in(traffic, "failed"))) + " failed in the last " +
           span_text(minutes) + '\n';
}

std::string status_text(const json::value& v) {
    std::string out;
    const auto& host = part(v, "host");
    const auto& health = part(v, "health");
    const auto& counts = part(v, "counts");
    const bool ready = member(health, "ready") == "true";
    auto state = member(health, "state");
    const bool stuck = !ready && state == "ready"; // it is up, and takes no work
    if (stuck) state = "takes no work";
    const bool color = output_screen().color;
    out += "host        " + painted(ready           ? "ready"
                                    : state.empty() ? "running"
                                                    : state,
                                    ready           ? paint::good
                                    : state.empty() ? paint::plain
                                                    : paint::bad,
                                    color);
    if (host.is_object())
        out += ", version " + member(host, "version") + ", up " +
               span_text(number_in(host, "now") - number_in(host, "started_at")) + ", " +
               harmless(member(host, "config_file")) + " read " + time_in(host, "config_loaded_at");
    out += '\n';
    reasons(out, health, "reasons", "  because   ");
    out += counts_text(counts);
    out += traffic_text(part(v, "traffic"));
    const auto file = number_in(part(v, "journal"), "file_bytes");
    if (file > 0) out += "journal     " + bytes_text(static_cast<std::uint64_t>(file)) + '\n';
    const auto rss = number_in(part(v, "memory"), "rss_bytes");
    if (rss > 0) out += "memory      " + bytes_text(static_cast<std::uint64_t>(rss)) + '\n';
    std::string needs;
    if (stuck) reasons(needs, health, "reasons", "  ");
    reasons(needs, health, "informs", "  ");
    if (const auto letters = member(counts, "dead_letters"); !letters.empty() && letters != "0")
        needs += "  " + letters + " dead letters: mortise dead-letters\n";
    out += needs.empty() ? painted("nothing needs a person", paint::good, color) + '\n'
                         : painted("needs a person", paint::warn, color) + '\n' + needs;
    return out;
}

} // namespace

void add_status(command& program, common& c) {
    auto& cmd = program.sub("status", "Shows how the host is, what moves, and what needs a person");
    cmd.also_called("overview");
    cmd.watchable(c);
    cmd.example("mortise status", "the first thing to ask")
        .example("mortise status --watch", "live");
    cmd.does([&c] { return show(c, overview(), status_text); });
}

} // namespace mortise::host::cli
