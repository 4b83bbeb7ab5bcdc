// SPDX-License-Identifier: Apache-2.0
// ./dev torture events: a million events through the durable path of the real program: webhook,
// run, target. Counts must agree at source, journal and target; memory and, with retention, the
// journal must stop growing.
// How many: MORTISE_TORTURE_EVENTS; finished runs that are kept: MORTISE_TORTURE_KEEP (0: all).
#include "journal/journal.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/eventually.hpp"
#include "support/http_call.hpp"
#include "support/net_stream.hpp"
#include "support/result_text.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"
#include "torture.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>
#include <unistd.h>

using namespace mortise;
using namespace mortise::test;

namespace {

constexpr std::size_t batch = 10;        // events of a request
constexpr std::size_t senders = 8;       // connections of the source
constexpr std::size_t most_ahead = 4000; // acknowledged and not yet at the target
constexpr double mib = 1024.0 * 1024.0;

// Counts what arrives, by the number in its name.
class sink {
public:
    explicit sink(std::size_t n)
        : seen_(n, false), server_([this](scripted_server::peer& p) {
              while (true) {
                  const auto request = p.stream.read_message();
                  if (request.empty()) return;
                  std::string answer = "{}";
                  if (request.starts_with("GET ")) // the one poll at the start
                      answer = R"({"events":[],"cursor":"0"})";
                  else
                      take(request);
                  if (!p.stream.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                                      "content-length: " +
                                      std::to_string(answer.size()) + "\r\n\r\n" + answer))
                      return;
              }
          }) {}

    std::string url() const { return "http://" + server_.host_port(); }
    std::size_t unique() const { return unique_.load(); }
    std::size_t doubled() const { return doubled_.load(); }
    std::size_t strange() const { return strange_.load(); }

private:
    void take(const std::string& request) {
        const auto at = request.rfind("\"name\":\"");
        const auto n = at == std::string::npos
                           ? seen_.size()
                           : std::strtoull(request.c_str() + at + 8, nullptr, 10);
        if (n >= seen_.size()) {
            ++strange_;
            return;
        }
        const std::lock_guard lock(guard_);
        if (seen_[n])
            ++doubled_;
        else
            ++unique_;
        seen_[n] = true;
    }

    std::mutex guard_;
    std::vector<bool> seen_;
    std::atomic<std::size_t> unique_{0}, doubled_{0}, strange_{0};
    scripted_server server_;
};

std::string webhook(std::size_t first, std::size_t last) {
    std::string body = R"({"events":[)";
    for (auto n = first; n < last; ++n) {
        const auto id = std::to_string(n);
        body += (n == first ? "" : ",") + (R"({"id":"t)" + id + R"(","type":"probe.changed",)") +
                R"("subject":"t)" + id + R"(","data":{"plan":[{"do":"put","body":{"name":")" + id +
                "\"}}]}}";
    }
    body += "]}";
    return "POST /hooks/target HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
           "content-length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Sends its share; what is refused for now is sent again.
void send_share(unsigned short port,
                std::size_t total,
                std::atomic<std::size_t>& next,
                std::atomic<std::size_t>& taken,
                std::atomic<std::size_t>& refused,
                const sink& target) {
    auto stream = std::make_unique<net_stream>(net_stream::connect(port));
    for (;;) {
        const auto first = next.fetch_add(batch);
        if (first >= total) return;
        const auto last = std::min(first + batch, total);
        const auto request = webhook(first, last);
        for (;;) {
            eventually([&] { return taken.load() < target.unique() + most_ahead; },
                       std::chrono::minutes(2));
            std::string reply;
            if (stream->write(request)) reply = stream->read_message();
            if (reply.starts_with("HTTP/1.1 202")) break;
            ++refused;
            if (reply.empty()) stream = std::make_unique<net_stream>(net_stream::connect(port));
            const auto again = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
            eventually([&] { return std::chrono::steady_clock::now() >= again; });
        }
        taken.fetch_add(last - first);
    }
}

double resident_mib(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/statm");
    double all = 0, resident = 0;
    in >> all >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / mib;
}

double journal_mib(const std::filesystem::path& file) {
    double sum = 0;
    for (const char* part : {"", "-wal"}) {
        std::error_code ec;
        const auto size = std::filesystem::file_size(file.string() + part, ec);
        if (!ec) sum += static_cast<double>(size) / mib;
    }
    return sum;
}

struct sample {
    std::size_t done;
    double memory, journal;
};

double highest(const std::vector<sample>& all,
               double from,
               double to,
               std::size_t total,
               double sample::*what) {
    double out = 0;
    for (const auto& s : all) {
        const auto at = static_cast<double>(s.done) / static_cast<double>(total);
        if (at >= from && at <= to) out = std::max(out, s.*what);
    }
    return out;
}

unsigned short port_of(const std::string& log, const std::string& mark) {
    const auto ready = log.find("is ready");
    const auto at = log.find(mark, ready == std::string::npos ? log.size() : 0);
    return at == std::string::npos
               ? static_cast<unsigned short>(0)
               : static_cast<unsigned short>(std::atoi(log.c_str() + at + mark.size()));
}

std::vector<std::string> run(std::size_t total, std::size_t keep) {
    temp_dir dir;
    sink target(total);
    const auto config = dir.write(
        "mortise.toml",
        "[host]\nstate_dir = \"state\"\n[host.http]\nport = 0\n[host.log]\nformat = \"json\"\n"
        "level = \"info\"\nfile = \"host.log\"\n[admin]\nport = 0\n" +
            (keep > 0 ? "[journal]\nkeep_runs = \"10s\"\nkeep_event_ids = \"20s\"\nkeep_ledger = "
                        "\"20s\"\nkeep_count = " +
                            std::to_string(keep) + "\n"
                      : std::string()) +
            "[plugins]\npaths = [\"" MORTISE_TEST_PLUGINS "\"]\n"
            "[connections.target]\nconnector = \"probe\"\nbase_url = \"" +
            target.url() +
            "\"\n[connections.target.limits]\nmax_concurrent = 16\n"
            "[connections.target.triggers.changes]\npoll_interval = \"1h\"\n"
            "[flows.steps]\nflow = \"probe-steps\"\n[flows.steps.connections]\n"
            "target = \"target\"\n");
    child_process host({MORTISE_PROGRAM, "-c", config.string(), "run"},
                       (dir.path() / "output").string());
    unsigned short port = 0;
    const auto log = dir.path() / "host.log";
    eventually([&] {
        if (!host.running()) return true;
        port = std::filesystem::exists(log) ? port_of(read_file(log), "\"http\":\"127.0.0.1:") : 0;
        return port != 0;
    });
    if (port == 0) {
        return {"the program did not start: " + read_file(dir.path() / "output")};
    }
    std::vector<std::string> broken;
    std::atomic<std::size_t> next{0}, taken{0}, refused{0};
    std::atomic<bool> failed{false};
    std::vector<std::thread> source;
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < senders; ++i) {
        source.emplace_back([&] {
            try {
                send_share(port, total, next, taken, refused, target);
            } catch (const std::exception& e) {
                std::cerr << "source: " << e.what() << std::endl;
                failed = true;
            }
        });
    }
    const auto journal = dir.path() / "state" / "journal.db";
    std::vector<sample> samples;
    auto progress = began;
    auto moved = began;
    std::size_t before = 0;
    for (;;) {
        const auto tick = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
        eventually([&] { return std::chrono::steady_clock::now() >= tick; });
        const auto now = std::chrono::steady_clock::now();
        samples.push_back({target.unique(), resident_mib(host.pid()), journal_mib(journal)});
        const auto& s = samples.back();
        if (s.done != before) moved = now;
        before = s.done;
        if (now - progress >= std::chrono::seconds(10) || s.done == total) {
            progress = now;
            const std::chrono::duration<double> took = now - began;
            std::cout << s.done << " of " << total << " at the target after "
                      << static_cast<int>(took.count()) << " s ("
                      << static_cast<int>(static_cast<double>(s.done) / took.count()) << "/s), RSS "
                      << s.memory << " MiB, journal " << s.journal << " MiB" << std::endl;
        }
        if (s.done == total || failed || !host.running()) break;
        if (now - moved > std::chrono::minutes(2)) {
            broken.push_back("nothing has arrived for two minutes");
            break;
        }
    }
    if (!host.running())
        broken.push_back("the program has died: " + read_file(dir.path() / "output"));
    for (auto& t : source)
        t.join();
    // What the journal says, beside the running program.
    host::system_clock time;
    host::journal_options o;
    o.path = journal.string();
    o.read_only = true;
    o.time = &time;
    host::journal_stats stats;
    const auto read = [&] {
        const auto opened = host::open_sqlite_journal(o);
        if (!opened) return false;
        (*opened)->read([&](host::journal_reader& r) { stats = r.stats(); });
        return stats.runs[0] + stats.runs[1] + stats.runs[2] == 0;
    };
    if (!eventually(read)) broken.push_back("runs stay unfinished");
    auto token = read_file(dir.path() / "state" / "admin-token");
    token.erase(token.find_last_not_of('\n') + 1);
    const auto admin = port_of(read_file(log), "\"admin\":\"127.0.0.1:");
    double finished = 0;
    if (admin != 0) {
        const auto metrics =
            http_call(admin, "GET", "/metrics", {}, {{"authorization", "Bearer " + token}}).body;
        const auto at = metrics.find("\nmortise_runs_finished_total ");
        if (at != std::string::npos) finished = std::atof(metrics.c_str() + at + 29);
    }
    const auto same = [&](const char* what, double n) {
        if (n != static_cast<double>(total))
            broken.push_back(std::string(what) + " has " + std::to_string(n) + " of " +
                             std::to_string(total));
    };
    same("the source's acknowledgements", static_cast<double>(taken.load()));
    same("the journal's events", static_cast<double>(stats.events));
    same("the count of finished runs", finished);
    same("the target", static_cast<double>(target.unique()));
    if (target.doubled() != 0) // by idempotency key it would not matter, and nothing failed here
        broken.push_back(std::to_string(target.doubled()) + " came twice");
    if (target.strange() != 0) broken.push_back("requests came that nobody asked for");
    if (stats.runs[4] + stats.runs[5] != 0) broken.push_back("there are dead letters");
    const auto warm = highest(samples, 0.1, 0.3, total, &sample::memory);
    const auto late = highest(samples, 0.3, 1.0, total, &sample::memory);
    // A short turn is over before it has been looked at.
    if (warm > 0 && late > warm + 16)
        broken.push_back("memory grew from " + std::to_string(warm) + " to " +
                         std::to_string(late) + " MiB");
    const auto half = highest(samples, 0.1, 0.5, total, &sample::journal);
    const auto end = highest(samples, 0.5, 1.0, total, &sample::journal);
    if (keep > 0 && half > 0 && end > half * 1.25 + 16)
        broken.push_back("the journal grew from " + std::to_string(half) + " to " +
                         std::to_string(end) + " MiB, although it keeps " + std::to_string(keep) +
                         " runs");
    host.signal(SIGTERM);
    if (const auto status = host.wait(); !status || *status != 0)
        broken.push_back("the program did not stop in good order");
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::cout << taken.load() << " acknowledged (" << refused.load()
              << " requests refused for now), " << stats.events << " in the journal ("
              << stats.duplicates << " duplicates), " << finished << " runs finished, "
              << target.unique() << " at the target, " << target.doubled() << " doubled; "
              << static_cast<int>(took.count()) << " s; RSS " << warm << " MiB warm, " << late
              << " MiB at most later; journal " << half << " MiB in the first half, " << end
              << " MiB in the second" << std::endl;
    return broken;
}

} // namespace

TEST_CASE("a million events are counted alike at source, journal and target", "[torture]") {
    const auto broken = run(from_environment("MORTISE_TORTURE_EVENTS", 1'000'000),
                            from_environment("MORTISE_TORTURE_KEEP", 5000));
    for (const auto& what : broken)
        FAIL_CHECK(what);
    CHECK(broken.empty());
}
