// SPDX-License-Identifier: Apache-2.0
// mortise ledger: every external write, in a chain that shows tampering.
#include "base/stored_json.hpp"
#include "cli/output.hpp"
#include "cli/reach.hpp"
#include "journal/ledger.hpp"

#include <boost/json.hpp>

#include <cstdio>
#include <memory>

namespace mortise::host::cli {
namespace {

constexpr std::uint32_t page = 1000;

struct choice {
    ledger_filter filter;
    std::string since, until, run;
    std::uint32_t limit = 50;
    std::string head, format = "ndjson", out;
};

// Fills in the filter's times and run.
result<ledger_filter> filter_of(const choice& o) {
    auto filter = o.filter;
    const auto now = system_clock().now_unix_ms();
    for (auto [text, to] :
         {std::pair(&o.since, &filter.since), std::pair(&o.until, &filter.until)}) {
        if (text->empty()) continue;
        const auto at = point_in_time(*text, now);
        if (!at) return at.error();
        *to = *at;
    }
    filter.run = run_id(o.run);
    return filter;
}

// The newest `limit` entries that fit, oldest first.
std::vector<ledger_entry>
newest(journal_reader& reader, ledger_filter filter, std::uint32_t limit) {
    std::vector<ledger_entry> out;
    filter.limit = page;
    for (;;) {
        auto entries = reader.ledger(filter);
        for (auto& e : entries) {
            filter.from_seq = e.seq + 1;
            out.push_back(std::move(e));
        }
        if (out.size() > limit)
            out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(limit));
        if (entries.size() < page) return out;
    }
}

int list(const common& c, const choice& o) {
    const auto filter = filter_of(o);
    if (!filter) return refuse(filter.error());
    return with_journal(c, [&](journal_reader& reader) {
        boost::json::array out;
        table t({"SEQ", "AT", "CONNECTION", "OPERATION", "OBJECT", "OUTCOME", "RUN", "STEP"});
        for (const auto& e : newest(reader, *filter, o.limit)) {
            if (c.json)
                out.push_back(stored_json(to_ndjson(e)));
            else
                t.row({std::to_string(e.seq), time_text(e.at), e.connection, e.operation,
                       e.object.empty() ? "-" : e.object, e.outcome, e.run.str(), e.step});
        }
        if (c.json)
            print_json(out);
        else
            std::fputs(t.text().c_str(), stdout);
        return exit_ok;
    });
}

// To be written down, for a later --head.
std::string head_text(const ledger_report& report) {
    if (report.last_seq == 0) return "-";
    return std::to_string(report.last_seq) + ':' + report.last_hash;
}

int verify(const common& c, const std::string& head) {
    return with_journal(c, [&](journal_reader& reader) {
        const auto report = verify_ledger(reader, head);
        if (c.json) {
            print_json({{"ok", report.ok},
                        {"entries", report.entries},
                        {"first_bad_seq", report.first_bad_seq},
                        {"what", report.what},
                        {"head", head_text(report)}});
        } else if (report.ok) {
            std::printf("%llu entries, unchanged; head %s\n",
                        static_cast<unsigned long long>(report.entries), head_text(report).c_str());
        } else {
            std::printf("the ledger was changed");
            if (report.first_bad_seq != 0)
                std::printf(" at entry %llu",
                            static_cast<unsigned long long>(report.first_bad_seq));
            std::printf(": %s\n", report.what.c_str());
        }
        return report.ok ? exit_ok : exit_failed;
    });
}

int export_it(const common& c, const choice& o) {
    if (o.format != "ndjson" && o.format != "csv")
        return fail(exit_usage, "--format is ndjson or csv");
    auto filter = filter_of(o);
    if (!filter) return refuse(filter.error());
    const bool to_file = !o.out.empty() && o.out != "-";
    const auto close = [&](FILE* f) { return to_file ? std::fclose(f) : std::fflush(f); };
    if (to_file && std::filesystem::exists(o.out))
        return fail(exit_failed, o.out + " exists already; nothing is overwritten");
    FILE* out = to_file ? std::fopen(o.out.c_str(), "wx") : stdout;
    if (out == nullptr) return fail(exit_failed, "cannot write " + o.out);
    std::uint64_t n = 0;
    const bool csv = o.format == "csv";
    int code = with_journal(c, [&](journal_reader& reader) {
        if (csv) std::fputs((csv_header() + "\r\n").c_str(), out);
        filter->limit = page;
        for (;;) {
            const auto entries = reader.ledger(*filter);
            for (const auto& e : entries) {
                filter->from_seq = e.seq + 1;
                ++n;
                std::fputs((csv ? to_csv(e) + "\r\n" : to_ndjson(e) + '\n').c_str(), out);
            }
            if (entries.size() < page || std::ferror(out) != 0) return exit_ok;
        }
    });
    const bool broken = std::ferror(out) != 0;
    if ((close(out) != 0 || broken) && code == exit_ok)
        code = fail(exit_failed, "writing " + (to_file ? o.out : std::string("the output")) +
                                     " failed; is the disk full?");
    if (code == exit_ok && to_file)
        std::fprintf(stderr, "%llu entries to %s\n", static_cast<unsigned long long>(n),
                     o.out.c_str());
    return code;
}

void add_filter(CLI::App& cmd, const std::shared_ptr<choice>& o) {
    cmd.add_option("--since", o->since, "From then on: 2026-03-01, 2026-03-01T14:05:09Z, 7d");
    cmd.add_option("--until", o->until, "Up to then");
    cmd.add_option("--object", o->filter.object, "Only this object in the target system");
    cmd.add_option("--connection", o->filter.connection, "Only this connection");
    cmd.add_option("--run", o->run, "Only this run");
}

} // namespace

void add_ledger(CLI::App& app, common& c, action& chosen) {
    auto* group = app.add_subcommand("ledger", "Every external write: list, verify, export")
                      ->require_subcommand(1);
    auto o = std::make_shared<choice>();
    auto* show = group->add_subcommand("list", "The newest entries");
    add_filter(*show, o);
    show->add_option("--limit", o->limit, "At most this many")->capture_default_str();
    show->callback([&c, &chosen, o] { chosen = [&c, o] { return list(c, *o); }; });
    auto* prove = group->add_subcommand(
        "verify", "Recompute the chain; exit code 1 and the place when a row was changed");
    prove->add_option(
        "--head,--expected-head", o->head,
        "The head written down earlier (as verify prints it): a chain forged anew is found too");
    prove->callback([&c, &chosen, o] { chosen = [&c, o] { return verify(c, o->head); }; });
    auto* take = group->add_subcommand("export", "Entries as NDJSON or CSV, oldest first");
    add_filter(*take, o);
    take->add_option("--format", o->format, "ndjson or csv")->capture_default_str();
    take->add_option("--out", o->out, "A new file; standard output without");
    take->callback([&c, &chosen, o] { chosen = [&c, o] { return export_it(c, *o); }; });
}

} // namespace mortise::host::cli
