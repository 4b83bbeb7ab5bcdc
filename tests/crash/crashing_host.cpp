// SPDX-License-Identifier: Apache-2.0
#include "crashing_host.hpp"

#include "support/eventually.hpp"
#include "support/http_call.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>

namespace mortise::test {
namespace {

// Only lines that end the start are worth reading a growing log for.
unsigned short port_in(const std::filesystem::path& log) {
    if (!std::filesystem::exists(log)) return 0;
    const auto text = read_file(log);
    const auto ready = text.find("is ready");
    const std::string mark = "\"http\":\"127.0.0.1:";
    const auto at = text.find(mark, ready == std::string::npos ? text.size() : 0);
    if (at == std::string::npos) return 0;
    return static_cast<unsigned short>(std::atoi(text.c_str() + at + mark.size()));
}

} // namespace

crashing_host::crashing_host() {
    target.hold_object("one", "1");
}

crashing_host::~crashing_host() {
    target.release();
}

void crashing_host::start(const std::string& kill_at) {
    if (!log_.empty()) std::filesystem::remove(dir.path() / log_);
    log_ = "host-" + std::to_string(++starts_) + ".log";
    const auto file = dir.write(
        "mortise.toml",
        "[host]\nstate_dir = \"state\"\nshutdown_grace = \"5s\"\n"
        "[host.http]\nport = 0\n[host.log]\nformat = \"json\"\nfile = \"" +
            log_ +
            "\"\n[admin]\nport = 0\n[plugins]\npaths = [\"" MORTISE_TEST_PLUGINS "\"]\n"
            "[connections.target]\nconnector = \"probe\"\nbase_url = \"" +
            (base_url.empty() ? target.base_url() : base_url) +
            "\"\n[connections.target.retry]\nfirst_delay = \"10ms\"\nmax_delay = \"50ms\"\n"
            "[connections.target.triggers.changes]\npoll_interval = \"1h\"\n"
            "[flows.steps]\nflow = \"probe-steps\"\n[flows.steps.connections]\n"
            "target = \"target\"\n");
    std::vector<std::string> command{MORTISE_PROGRAM, "-c", file.string(), "run"};
    if (!kill_at.empty()) {
        command.push_back("--test-kill-at");
        command.push_back(kill_at);
    }
    port_ = 0;
    child_ = std::make_unique<child_process>(command, (dir.path() / "output").string());
    eventually([&] {
        if (!child_->running()) return true;
        port_ = port_in(dir.path() / log_);
        return port_ != 0;
    });
}

void crashing_host::kill() {
    child_->signal(SIGKILL);
}

void crashing_host::bury() {
    child_->wait();
    port_ = 0;
}

int crashing_host::stop() {
    child_->signal(SIGTERM);
    const auto status = child_->wait();
    port_ = 0;
    return status.value_or(-1);
}

bool crashing_host::send(const std::string& id,
                         const std::string& type,
                         const std::string& subject,
                         const std::string& data) {
    if (!ready()) return false;
    const auto body = R"({"events":[{"id":")" + id + R"(","type":")" + type + R"(","subject":")" +
                      subject + R"(","data":)" + data + "}]}";
    try {
        return http_call(port_, "POST", "/hooks/target", body).status == 202;
    } catch (const std::exception&) {
        return false; // died meanwhile
    }
}

std::unique_ptr<host::journal> crashing_host::journal() {
    host::journal_options o;
    o.path = (dir.path() / "state" / "journal.db").string();
    o.read_only = true;
    o.time = &time_;
    auto opened = host::open_sqlite_journal(o);
    return opened ? std::move(*opened) : nullptr;
}

std::vector<host::run_record> crashing_host::runs() {
    std::vector<host::run_record> out;
    const auto store = journal();
    if (!store) return out;
    host::run_filter all;
    all.limit = 1'000'000;
    store->read([&](host::journal_reader& r) { out = r.runs(all); });
    return out;
}

bool crashing_host::all_ended() {
    const auto store = journal();
    if (!store) return false;
    host::journal_stats stats;
    store->read([&](host::journal_reader& r) { stats = r.stats(); });
    return stats.runs[0] + stats.runs[1] + stats.runs[2] == 0; // ready, active, waiting
}

void crashing_host::tell(history& h) {
    h.effects_only = true; // an intent may be journaled and the request never sent
    for (const auto& e : target.effects())
        h.attempts.push_back({e.name, true, true});
    const auto store = journal();
    if (!store) throw std::runtime_error("the journal cannot be read");
    std::map<std::string, std::string> event_of;
    const auto all = runs();
    store->read([&](host::journal_reader& r) {
        for (const auto& run : all) {
            if (const auto found = r.run(run.id)) event_of[run.id.str()] = found->event.id;
        }
    });
    for (const auto& run : all) {
        seen_run s;
        s.id = run.id.str();
        s.event = event_of[s.id];
        s.state = to_string(run.state);
        if (run.failure) s.failure_code = run.failure->code;
        if (!run.parent.empty()) s.parent = event_of[run.parent.str()];
        s.ended = static_cast<std::uint64_t>(run.updated_at);
        s.was_in_doubt = run.state == host::run_state::in_doubt;
        s.false_failure = run.state == host::run_state::failed;
        h.runs.push_back(std::move(s));
    }
}

std::string crashing_host::story(const std::string& event) {
    std::string out;
    const auto store = journal();
    if (!store) return out;
    const auto all = runs();
    store->read([&](host::journal_reader& r) {
        for (const auto& run : all) {
            const auto found = r.run(run.id);
            if (!found || found->event.id != event) continue;
            out += "run " + run.id.str() + " of " + event + ", started " +
                   std::to_string(found->run.starts) + " times: " + found->event.data + '\n';
            for (const auto& s : found->steps) {
                out += "  " + s.key + ' ' + s.target + ' ' + std::string(to_string(s.state)) +
                       ", attempts " + std::to_string(s.attempts) + ": " + s.input + " -> " +
                       s.result + (s.failure ? ' ' + s.failure->message : std::string()) + '\n';
            }
        }
    });
    for (const auto& e : target.effects()) {
        if (e.name.starts_with(event + '.'))
            out += "  at the target: " + e.path + ' ' + e.name + ' ' + e.key + '\n';
    }
    return out;
}

std::string crashing_host::output() const {
    return read_file(dir.path() / "output");
}

} // namespace mortise::test
