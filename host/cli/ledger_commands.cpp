// SPDX-License-Identifier: Apache-2.0
// mortise ledger: every external write, in a chain that shows tampering.
#include "base/no_effect.hpp"
#include "base/stored_json.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/view.hpp"
#include "journal/ledger.hpp"

#include <boost/json.hpp>

#include <cstdio>
#include <memory>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

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

std::string number_text(std::int64_t n) {
    return n == 0 ? std::string() : std::to_string(n);
}

query_parameters query_of(const ledger_filter& f) {
    return {{"since", number_text(f.since)},
            {"until", number_text(f.until)},
            {"object", f.object},
            {"connection", f.connection},
            {"run", f.run.str()},
            {"actor", f.actor},
            {"operation", f.operation},
            {"q", f.begins}};
}

int list(const common& c, const choice& o) {
    const auto wanted = filter_of(o);
    if (!wanted) return refuse(wanted.error());
    view v;
    v.path = "/api/v1/ledger";
    v.query = query_of(*wanted);
    v.query.emplace_back("order", "desc");
    v.list = "entries";
    v.limit = o.limit;
    v.here = [filter = *wanted,
              limit = o.limit](journal_reader& reader) mutable -> result<json::value> {
        json::array out;
        filter.newest_first = true;
        filter.limit = limit;
        for (const auto& e : reader.ledger(filter))
            out.push_back(stored_json(to_ndjson(e)));
        return json::value{{"entries", std::move(out)}, {"next", nullptr}};
    };
    return show(c, v, [](const json::value& all) {
        table t({{"SEQ", matters::most},
                 {"AT", matters::less},
                 "CONNECTION",
                 "OPERATION",
                 "OBJECT",
                 {"OUTCOME", matters::most},
                 {"ACTOR", matters::less},
                 {"RUN", matters::less},
                 {"STEP", matters::less}});
        for (const auto& e : list_in(all, "entries"))
            t.row({member(e, "seq"), time_in(e, "at"), member(e, "connection"),
                   member(e, "operation"), member(e, "object").empty() ? "-" : member(e, "object"),
                   member(e, "outcome"), member(e, "actor"), member(e, "run"), member(e, "step")});
        return t.text();
    });
}

// To be written down, for a later --head.
std::string head_text(const ledger_report& report) {
    if (report.last_seq == 0) return "-";
    return std::to_string(report.last_seq) + ':' + report.last_hash;
}

int say_verified(const common& c, const json::value& v) {
    const bool ok = member(v, "ok") == "true";
    if (c.json) {
        print_json(v);
    } else if (ok) {
        print(member(v, "entries") + " entries, unchanged; head " + member(v, "head") + '\n');
    } else {
        const auto at = member(v, "first_bad_seq");
        print("the ledger was changed" + (at == "0" ? std::string() : " at entry " + at) + ": " +
              member(v, "what") + '\n');
    }
    return ok ? exit_ok : exit_failed;
}

// On the host's machine; the head is compared here, where it was written down.
int verify_over_there(const common& c, const std::string& head) {
    host_call call;
    call.path = "/api/v1/ledger/verification";
    call.timeout = std::chrono::hours(1);
    auto v = ask_host(c, std::move(call));
    if (!v) return refuse(v.error());
    auto& o = v->as_object();
    const auto last = number_in(*v, "last_seq");
    o["head"] = last == 0 ? "-" : std::to_string(last) + ':' + member(*v, "last_hash");
    if (!head.empty() && member(*v, "ok") == "true") {
        const auto colon = head.find(':');
        if (colon == std::string::npos)
            return fail(exit_usage, "with --host, --head is what verify printed: SEQ:HASH");
        const auto entry = ask_host(
            c, "GET",
            with_query("/api/v1/ledger", {{"from", head.substr(0, colon)}, {"limit", "1"}}));
        if (!entry) return refuse(entry.error());
        const auto& found = list_in(*entry, "entries");
        if (found.empty() ||
            member(found.front(), "seq") + ':' + member(found.front(), "hash") != head) {
            o["ok"] = false;
            o["what"] = "the entry written down as " + head + " is not there any more";
        }
    }
    return say_verified(c, *v);
}

int verify(const common& c, const std::string& head) {
    if (!remote_host(c).empty()) return verify_over_there(c, head);
    return with_journal(c, [&](journal_reader& reader) {
        const auto all = reader.ledger_head().seq;
        progress bar(c, "verify", "entries");
        const auto report =
            verify_ledger(reader, head, [&](std::uint64_t seq) { bar.at(seq, all); });
        bar.end();
        return say_verified(c, {{"ok", report.ok},
                                {"entries", report.entries},
                                {"first_bad_seq", report.first_bad_seq},
                                {"what", report.what},
                                {"head", head_text(report)}});
    });
}

// Everything from the host's own export, as it comes.
int export_over_there(const common& c, const choice& o, const ledger_filter& filter, FILE* out) {
    auto query = query_of(filter);
    query.emplace_back("format", o.format);
    progress bar(c, "export", "bytes");
    std::uint64_t bytes = 0;
    host_call call;
    call.path = with_query("/api/v1/ledger/export", query);
    call.take = [&](std::string_view piece) {
        bytes += piece.size();
        bar.at(bytes);
        return std::fwrite(piece.data(), 1, piece.size(), out) == piece.size();
    };
    const auto done = ask_host(c, std::move(call));
    if (!done && std::ferror(out) == 0) return refuse(done.error());
    return exit_ok;
}

int export_here(
    const common& c, const choice& o, ledger_filter filter, FILE* out, std::uint64_t& n) {
    const bool csv = o.format == "csv";
    return with_journal(c, [&](journal_reader& reader) {
        const auto all = reader.ledger_head().seq;
        progress bar(c, "export", "entries");
        if (csv) std::fputs((csv_header() + "\r\n").c_str(), out);
        filter.limit = page;
        for (;;) {
            const auto entries = reader.ledger(filter);
            for (const auto& e : entries) {
                filter.from_seq = e.seq + 1;
                ++n;
                std::fputs((csv ? to_csv(e) + "\r\n" : to_ndjson(e) + '\n').c_str(), out);
            }
            if (!entries.empty()) bar.at(entries.back().seq, all);
            if (entries.size() < page || std::ferror(out) != 0) return exit_ok;
        }
    });
}

int export_it(const common& c, const choice& o) {
    const auto filter = filter_of(o);
    if (!filter) return refuse(filter.error());
    const bool to_file = !o.out.empty() && o.out != "-";
    if (to_file && std::filesystem::exists(o.out))
        return fail(exit_failed, o.out + " exists already; nothing is overwritten");
    FILE* out = to_file ? std::fopen(o.out.c_str(), "wx") : stdout;
    if (out == nullptr) return fail(exit_failed, "cannot write " + o.out);
    std::uint64_t n = 0;
    const bool remote = !remote_host(c).empty();
    int code = remote ? export_over_there(c, o, *filter, out) : export_here(c, o, *filter, out, n);
    const bool broken = std::ferror(out) != 0;
    if (((to_file ? std::fclose(out) : std::fflush(out)) != 0 || broken) && code == exit_ok)
        code = fail(exit_failed, "writing " + (to_file ? o.out : std::string("the output")) +
                                     " failed; is the disk full?");
    // What is not whole must not stand in the way of the next try, nor be taken for the ledger.
    if (code != exit_ok && to_file) {
        std::error_code ignored;
        std::filesystem::remove(o.out, ignored);
    }
    if (code == exit_ok && to_file && !c.quiet)
        std::fprintf(stderr, "%s to %s\n",
                     remote ? "exported" : (std::to_string(n) + " entries").c_str(), o.out.c_str());
    return code;
}

void add_filter(command& cmd, const std::shared_ptr<choice>& o) {
    cmd.value("--since", o->since, "From then on: 2026-03-01, 2026-03-01T14:05:09Z (UTC), 36h, 7d")
        .shown_as("TIME");
    cmd.value("--until", o->until, "Up to then").shown_as("TIME");
    cmd.value("--object", o->filter.object, "Only this object in the target system");
    cmd.value("--connection", o->filter.connection, "Only this connection")
        .completes("connections")
        .shown_as("NAME");
    cmd.value("--operation", o->filter.operation,
              "Only this operation; what people did is admin:NAME");
    cmd.value("--actor", o->filter.actor, "Only what this person or token did");
    cmd.value("--run", o->run, "Only this run").completes("runs");
}

} // namespace

void add_ledger(command& program, common& c) {
    auto& group = program.sub("ledger", "Every external write, in a chain that shows tampering");
    auto o = std::make_shared<choice>();
    auto& list_cmd = group.sub("list", "Lists entries, newest first");
    add_filter(list_cmd, o);
    list_cmd.value("--starting", o->filter.begins,
                   "Only entries whose object, operation or actor starts so");
    list_cmd.value("--limit", o->limit, "At most this many").between(1, 1'000'000);
    list_cmd.watchable(c);
    list_cmd.example("mortise ledger list --object 50311", "who wrote to one object, and when")
        .example("mortise ledger list --starting admin: --since 7d", "what people did this week");
    list_cmd.does([&c, o] { return list(c, *o); });
    auto& prove = group.sub("verify", "Recomputes the chain; exit code 1 and the place when a row "
                                      "was changed");
    prove
        .value("--head,--expected-head", o->head,
               "The head written down earlier, as verify prints it: a chain "
               "forged anew is found "
               "too")
        .shown_as("SEQ:HASH");
    prove.example("mortise ledger verify --head 4711:9f86d081...", "nothing since then was forged");
    prove.does([&c, o] { return verify(c, o->head); });
    auto& take = group.sub("export", "Writes entries as NDJSON or CSV, oldest first");
    add_filter(take, o);
    take.value("--format", o->format, "The form of the lines").among({"ndjson", "csv"});
    take.value("--out", o->out, "A new file; standard output without").completes("files");
    take.example("mortise ledger export --since 2026-03-01 --format csv --out march.csv",
                 "for an auditor");
    take.does([&c, o] { return export_it(c, *o); });
}

} // namespace mortise::host::cli
