// SPDX-License-Identifier: Apache-2.0
// mortise journal: figures, a check, a copy, its room back.
#include "admin/views.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/reach.hpp"
#include "journal/care.hpp"

#include <boost/json.hpp>

#include <future>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

// The configured journal's file, or the exit code of what is wrong.
int with_path(const common& c, const std::function<int(const std::string&)>& body) {
    if (!is_local(c, "the journal's file")) return exit_usage;
    const auto sections = host_sections(c);
    if (!sections) return exit_configuration;
    const auto path = sections->journal.path;
    if (!std::filesystem::exists(path))
        return fail(exit_not_found, "there is no journal " + path.string() +
                                        "; check [journal] path in " + config_file(c).string());
    return body(path.string());
}

void print_figures(const journal_figures& f) {
    const auto& n = f.counters;
    std::printf("schema       version %d\n", f.schema_version);
    std::printf("file         %s, of which %s free for reuse; write-ahead log %s\n",
                bytes_text(f.file_bytes).c_str(), bytes_text(f.free_bytes).c_str(),
                bytes_text(f.log_bytes).c_str());
    std::printf("checkpoint   %s\n", time_text(f.last_checkpoint).c_str());
    std::printf("events       %llu, oldest %s; %llu duplicates dropped\n",
                static_cast<unsigned long long>(n.events), time_text(f.oldest_event).c_str(),
                static_cast<unsigned long long>(n.duplicates));
    std::printf("runs         ");
    for (std::size_t i = 0; i < std::size(n.runs); ++i)
        std::printf("%s%llu %s", i == 0 ? "" : ", ", static_cast<unsigned long long>(n.runs[i]),
                    std::string(to_string(static_cast<run_state>(i))).c_str());
    std::printf("\noldest run   %s; unfinished %s\n", time_text(f.oldest_run).c_str(),
                time_text(f.oldest_unfinished_run).c_str());
    std::printf("dead letters %llu, oldest %s\n", static_cast<unsigned long long>(f.dead_letters),
                time_text(f.oldest_dead_letter).c_str());
    std::printf("retention    removed %llu runs and %llu events\n",
                static_cast<unsigned long long>(f.removed_runs),
                static_cast<unsigned long long>(f.removed_events));
    if (f.packed_raw > 0)
        std::printf("compression  %s to %s (%.0f %%)\n", bytes_text(f.packed_raw).c_str(),
                    bytes_text(f.packed_stored).c_str(), f.packed_ratio() * 100);
    if (f.tables.empty()) return;
    std::printf("payloads     %s\n\n", bytes_text(f.payload_bytes).c_str());
    table t({{"TABLE", matters::most}, "ROWS", "SIZE"});
    for (const auto& one : f.tables)
        t.row({one.name, std::to_string(one.rows), one.bytes ? bytes_text(*one.bytes) : "-"});
    std::fputs(t.text().c_str(), stdout);
}

json::object figures_view(const journal_figures& f) {
    auto o = to_view(f.counters);
    o["schema_version"] = f.schema_version;
    o["file_bytes"] = f.file_bytes;
    o["free_bytes"] = f.free_bytes;
    o["log_bytes"] = f.log_bytes;
    o["last_checkpoint"] = f.last_checkpoint;
    o["dead_letters"] = f.dead_letters;
    o["oldest_run"] = f.oldest_run;
    o["oldest_unfinished_run"] = f.oldest_unfinished_run;
    o["oldest_dead_letter"] = f.oldest_dead_letter;
    o["oldest_event"] = f.oldest_event;
    o["removed_runs"] = f.removed_runs;
    o["removed_events"] = f.removed_events;
    o["packed_raw"] = f.packed_raw;
    o["packed_stored"] = f.packed_stored;
    if (f.tables.empty()) return o;
    o["payload_bytes"] = f.payload_bytes;
    json::array tables;
    for (const auto& t : f.tables) {
        json::object one{{"name", t.name}, {"rows", t.rows}};
        if (t.bytes) one["bytes"] = *t.bytes;
        tables.push_back(std::move(one));
    }
    o["tables"] = std::move(tables);
    return o;
}

int figures(const common& c, bool all) {
    return with_path(c, [&](const std::string& path) {
        const auto f = journal_figures_of(path, all);
        if (!f) return refuse(f.error());
        if (c.json)
            print_json(figures_view(*f));
        else
            print_figures(*f);
        return int(exit_ok);
    });
}

int check_it(const common& c, bool full) {
    return with_path(c, [&](const std::string& path) {
        integrity_options o;
        o.full = full;
        const auto report = check_journal(path, o);
        if (!report) return refuse(report.error());
        if (c.json) {
            json::array findings;
            for (const auto& f : report->findings)
                findings.push_back({{"code", f.code}, {"where", f.where}, {"message", f.message}});
            print_json({{"sound", report->is_sound()},
                        {"events", report->events},
                        {"runs", report->runs},
                        {"steps", report->steps},
                        {"findings", std::move(findings)}});
        } else {
            table t({"WHERE", "CODE", {"WHAT", matters::text}});
            for (const auto& f : report->findings)
                t.row({f.where, f.code, f.message});
            if (!report->is_sound()) std::printf("%s\n", t.text().c_str());
            std::printf("%s: %llu events, %llu runs, %llu steps: %s\n", path.c_str(),
                        static_cast<unsigned long long>(report->events),
                        static_cast<unsigned long long>(report->runs),
                        static_cast<unsigned long long>(report->steps),
                        report->is_sound() ? "sound"
                                           : "damaged; restore a backup (docs/journal.md)");
        }
        return int(report->is_sound() ? exit_ok : exit_failed);
    });
}

int backup(const common& c, const std::string& target) {
    return with_path(c, [&](const std::string& path) {
        backup_options o;
        const interruptible until;
        progress bar(c, "backup", "bytes");
        constexpr std::uint64_t page = 4096;
        o.progress = [&](std::uint64_t copied, std::uint64_t all) {
            bar.at(copied * page, all * page);
            return !until.interrupted();
        };
        const auto report = backup_journal(path, target, o);
        bar.end();
        if (until.interrupted()) return fail(exit_interrupted, "stopped; no copy was made");
        if (!report) return refuse(report.error());
        if (c.json)
            print_json({{"file", target},
                        {"bytes", report->bytes},
                        {"events", report->events},
                        {"runs", report->runs},
                        {"took_ms", report->took.count()}});
        else
            std::printf("%s: %s, %llu events, %llu runs, in %s\n", target.c_str(),
                        bytes_text(report->bytes).c_str(),
                        static_cast<unsigned long long>(report->events),
                        static_cast<unsigned long long>(report->runs),
                        span_text(report->took.count()).c_str());
        return int(exit_ok);
    });
}

int compact(const common& c) {
    return with_path(c, [&](const std::string& path) {
        // How far it is the database does not tell; that it is at work is told by
        // its time.
        auto work = std::async(std::launch::async, [&path] { return compact_journal(path); });
        progress bar(c, "compact", "s");
        for (std::uint64_t s = 0;
             work.wait_for(std::chrono::seconds(1)) != std::future_status::ready;)
            bar.at(++s);
        bar.end();
        const auto report = work.get();
        if (!report) return refuse(report.error());
        if (c.json)
            print_json(
                {{"bytes_before", report->bytes_before}, {"bytes_after", report->bytes_after}});
        else
            std::printf("%s: from %s to %s\n", path.c_str(),
                        bytes_text(report->bytes_before).c_str(),
                        bytes_text(report->bytes_after).c_str());
        return int(exit_ok);
    });
}

} // namespace

void add_journal(command& program, common& c) {
    auto& group = program.sub("journal", "The journal's file: stats, integrity, backup, compact");
    auto all = std::make_shared<bool>(false), full = std::make_shared<bool>(false);
    auto& stats = group.sub("stats", "Prints figures, beside a running host or without");
    stats.flag("--tables", *all, "Rows and bytes of each table; reads the whole file");
    stats.watchable(c);
    stats.example("mortise journal stats --tables", "what takes the room");
    stats.does([&c, all] { return figures(c, *all); });
    auto& check =
        group.sub("integrity", "Checks that everything belongs together, beside a running "
                               "host or without");
    check.flag("--full", *full, "Every index entry and every compressed payload too");
    check.example("mortise journal integrity --full", "before and after moving it");
    check.does([&c, full] { return check_it(c, *full); });
    auto target = std::make_shared<std::string>();
    auto& copy = group.sub("backup", "Makes a whole copy as of one moment, synced and checked, "
                                     "beside a running host too");
    copy.argument("file", *target, "Where to; must not exist yet").required().completes("files");
    copy.example("mortise journal backup /backup/mortise-$(date +%F).db", "each night");
    copy.does([&c, target] { return backup(c, *target); });
    auto& compact_cmd =
        group.sub("compact", "Gives the file's free room back to the disk; the host "
                             "must be stopped");
    compact_cmd.example("mortise journal compact", "after retention has removed much");
    compact_cmd.does([&c] { return compact(c); });
}

} // namespace mortise::host::cli
