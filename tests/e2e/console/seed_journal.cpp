// SPDX-License-Identifier: Apache-2.0
// Fills a new journal with the past of a busy host, so that the console can be looked at with it:
//   seed_journal FILE RUNS [DAYS]
// Everything goes through the journal's interface; the time is made up, up to now. Nothing in it is
// due: a host that opens it has nothing to do.
#include "journal/journal.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace mortise::host;
using mortise::category;
using mortise::effect;
using mortise::error;

struct flow_past {
    const char* instance;
    const char* flow;
    const char* event_type;
    const char* source;
    std::vector<std::pair<const char*, const char*>> steps; // key, target
};

const std::array<flow_past, 5> flows{{
    {"campaigns",
     "campaign-asset-references",
     "iconik.asset.approved",
     "/connections/iconik",
     {{"asset", "dam:assets.get"}, {"create", "workspaces:nodes.create_url"}}},
    {"rights",
     "rights-metadata-sync",
     "iconik.asset.metadata-changed",
     "/connections/iconik",
     {{"rights", "dam:metadata.get"}, {"write", "workspaces:categories.set"}}},
    {"accounts",
     "account-media-links",
     "iconik.asset.metadata-changed",
     "/connections/iconik",
     {{"asset", "dam:assets.get"}, {"create", "workspaces:nodes.create_url"}}},
    {"productions",
     "production-coordination",
     "xecm.workspace.changed",
     "/connections/otcs",
     {{"workspace", "workspaces:workspaces.get"}, {"write", "dam:metadata.set"}}},
    {"deliverables",
     "vendor-deliverables",
     "xecm.node.changed",
     "/connections/otcs",
     {{"node", "workspaces:nodes.get"}, {"write", "dam:metadata.set"}}},
}};

error cause(std::size_t which, std::size_t n) {
    const auto id = std::to_string(40'000 + n);
    error e;
    switch (which % 4) {
    case 0:
        e = {category::input, "otcs.node.refused",
             "Content Server refused the item: the name \"Packshot " + id + "\" is in use"};
        e.effect = effect::none;
        e.http_status = 400;
        break;
    case 1:
        e = {category::denied, "otcs.access.denied",
             "no permission to add items to folder " + id + " (HTTP 403)"};
        e.effect = effect::none;
        e.http_status = 403;
        break;
    case 2:
        e = {category::unavailable, "iconik.http.unavailable",
             "iconik did not answer within 30 s; 8 attempts were made"};
        e.effect = effect::none;
        e.http_status = 503;
        break;
    default:
        e = {category::not_found, "iconik.metadata.view-missing",
             "the metadata view \"Marketing\" is not there"};
        e.effect = effect::none;
        e.http_status = 404;
        break;
    }
    return e;
}

// What becomes of the n-th run. Of a hundred: 94 succeed, 3 are called off or given up, 2 fail or
// are in doubt, 1 waits for a person who takes weeks.
run_state fate(std::size_t n) {
    switch (n % 100) {
    case 7:
        return n % 3 == 0 ? run_state::in_doubt : run_state::failed;
    case 23:
        return run_state::failed;
    case 41:
        return run_state::cancelled;
    case 59:
    case 60:
        return run_state::discarded;
    case 83:
        return run_state::waiting;
    default:
        return run_state::succeeded;
    }
}

struct planned {
    std::size_t n = 0;
    run_id id;
    unix_ms at = 0;
    const flow_past* flow = nullptr;
};

void accept_run(journal_tx& tx, const planned& p) {
    intake in;
    in.event.id = "seed-" + std::to_string(p.n);
    in.event.source = p.flow->source;
    in.event.type = p.flow->event_type;
    in.event.subject = "NL-" + std::to_string(p.n % 20'000);
    in.event.via = p.n % 9 == 0 ? "poll" : "webhook";
    in.event.time = p.at - 400;
    in.event.data = R"({"asset_id":"NL-)" + std::to_string(p.n % 20'000) +
                    R"(","title":"Packshot )" + std::to_string(p.n) + R"(","approved":true})";
    // A key of its own for each run of a batch: none of them waits for another.
    in.runs.push_back(
        {p.id, p.flow->instance, "C-" + std::to_string(p.n), p.flow->flow, "1.0.0", "seeded"});
    tx.accept(in);
}

void end_run(journal_tx& tx, const planned& p) {
    const auto state = fate(p.n);
    const bool dead = is_dead(state);
    std::optional<error> failure;
    if (dead) failure = cause(p.n / 100, p.n);
    if (state == run_state::in_doubt)
        failure = error(category::timeout, "otcs.http.timeout",
                        "the answer to the create did not come within 30 s"),
        failure->effect = effect::unknown;
    std::string failed_step;
    for (std::size_t i = 0; i < p.flow->steps.size(); ++i) {
        const bool last = i + 1 == p.flow->steps.size();
        step_record s;
        s.key = p.flow->steps[i].first;
        s.target = p.flow->steps[i].second;
        s.ordinal = static_cast<std::uint32_t>(i);
        s.attempts = last && dead ? 8 : 1;
        s.started_at = p.at + 5 + static_cast<unix_ms>(i) * 40;
        s.finished_at = s.started_at + 30;
        s.state = step_state::done;
        s.input = R"({"id":"NL-)" + std::to_string(p.n % 20'000) + R"(","name":"Packshot )" +
                  std::to_string(p.n) + R"(","parent_id":)" + std::to_string(p.n % 700) + "}";
        if (last && state == run_state::waiting) {
            s.kind = step_kind::wait_event;
            s.key = "decision";
            s.target = "xecm.workflow.completed";
            s.state = step_state::waiting;
            s.finished_at = 0;
            s.wake_at = p.at + 30LL * 86'400'000;
            tx.put_wait(p.id, s, "xecm.workflow.completed", std::to_string(p.n));
            tx.suspend(p.id, s.wake_at);
            return;
        }
        if (last && dead) {
            s.state = state == run_state::in_doubt ? step_state::started : step_state::failed;
            s.failure = failure;
            failed_step = s.key;
        } else {
            s.result = R"({"id":)" + std::to_string(90'000 + p.n) + "}";
        }
        tx.put_step(p.id, s);
    }
    if (state == run_state::succeeded && p.n % 4 == 0) {
        ledger_entry entry;
        entry.run = p.id;
        entry.instance = p.flow->instance;
        entry.step = p.flow->steps.back().first;
        entry.attempt = 1;
        entry.connection = p.n % 2 == 0 ? "otcs" : "iconik";
        const std::string target = p.flow->steps.back().second;
        entry.operation = target.substr(target.find(':') + 1);
        entry.object = std::to_string(90'000 + p.n);
        entry.outcome = "done";
        entry.request = std::string(64, "0123456789abcdef"[p.n % 16]);
        tx.append_ledger(entry);
    }
    if (state == run_state::discarded) {
        failure = cause(p.n / 100, p.n);
        tx.finish(p.id, run_state::failed, "", failure, p.flow->steps.back().first);
        (void)tx.discard(p.id, "the campaign was withdrawn", "clara.brandt");
        return;
    }
    tx.finish(p.id, state, state == run_state::succeeded ? R"({"done":true})" : "", failure,
              failed_step);
}

int fill(const std::string& file, std::size_t runs, unix_ms days) {
    constexpr std::size_t batch = 500;
    const unix_ms now = system_clock().now_unix_ms();
    const unix_ms span = days * 86'400'000;
    manual_clock time(now - span);
    journal_options options;
    options.path = file;
    options.time = &time;
    auto opened = open_sqlite_journal(options);
    if (!opened) {
        std::fprintf(stderr, "seed_journal: %s\n", opened.error().message.c_str());
        return 1;
    }
    const auto began = std::chrono::steady_clock::now();
    std::string refused;
    for (std::size_t first = 0; first < runs; first += batch) {
        const auto end = std::min(runs, first + batch);
        std::vector<planned> part;
        for (std::size_t n = first; n < end; ++n) {
            const auto at =
                now - span + static_cast<unix_ms>(n) * (span - 60'000) / static_cast<unix_ms>(runs);
            part.push_back({n, run_id(uuid_v7(at)), at, &flows[n % flows.size()]});
        }
        (*opened)->write(
            [part, &time](journal_tx& tx) {
                for (const auto& p : part) {
                    time.set_unix(p.at);
                    accept_run(tx, p);
                }
                tx.claim("seed", static_cast<std::uint32_t>(part.size()), tx.now() + 30'000);
                for (const auto& p : part) {
                    time.set_unix(p.at + 90);
                    end_run(tx, p);
                }
            },
            [&refused](const result<void>& r) {
                if (!r) refused = r.error().message;
            });
    }
    (void)(*opened)->flush();
    if (!refused.empty()) {
        std::fprintf(stderr, "seed_journal: %s\n", refused.c_str());
        return 1;
    }
    journal_stats s;
    (*opened)->read([&](journal_reader& r) { s = r.stats(); });
    std::printf("{\"runs\":%zu,\"dead_letters\":%llu,\"unfinished\":%llu,\"ledger_entries\":%llu,"
                "\"ms\":%lld}\n",
                runs, static_cast<unsigned long long>(s.dead_letters),
                static_cast<unsigned long long>(s.backlog),
                static_cast<unsigned long long>(s.ledger_entries),
                static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                           std::chrono::steady_clock::now() - began)
                                           .count()));
    return s.backlog == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: seed_journal FILE RUNS [DAYS]\n", stderr);
        return 2;
    }
    const auto runs = std::strtoull(argv[2], nullptr, 10);
    const auto days = argc > 3 ? std::strtoll(argv[3], nullptr, 10) : 7;
    if (runs == 0 || days <= 0) {
        std::fputs("seed_journal: RUNS and DAYS are numbers above 0\n", stderr);
        return 2;
    }
    return fill(argv[1], runs, days);
}
