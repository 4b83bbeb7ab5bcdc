// SPDX-License-Identifier: Apache-2.0
//
// The real program dies by SIGKILL, at every journal commit and at random times, and is started
// again: what was acknowledged happens once, and what can neither be looked up nor repeated is left
// in doubt, never done twice.
#include "journal/journal.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/eventually.hpp"
#include "support/http_call.hpp"
#include "support/recording_target.hpp"
#include "support/result_text.hpp"
#include "support/temp_dir.hpp"

#include <boost/json.hpp>

#include <atomic>
#include <csignal>
#include <memory>
#include <random>
#include <thread>

using namespace mortise;
using namespace mortise::host;
using mortise::test::eventually;

namespace {

std::string event(const std::string& id, const std::string& data, const std::string& type) {
    return R"({"events":[{"id":")" + id + R"(","type":")" + type + R"(","subject":")" + id +
           R"(","data":)" + data + "}]}";
}

std::string create(const std::string& name) {
    return R"({"do":"create","name":")" + name + "\"}";
}

class crashing_host {
public:
    ~crashing_host() { target.release(); }

    // kill_at: "before:3", "after:1", or empty.
    void start(const std::string& kill_at = {}) {
        const auto log = "host-" + std::to_string(++starts_) + ".log";
        const auto file = dir.write(
            "mortise.toml",
            "[host]\nstate_dir = \"state\"\nshutdown_grace = \"5s\"\n"
            "[host.http]\nport = 0\n[host.log]\nformat = \"json\"\nfile = \"" +
                log +
                "\"\n[admin]\nport = 0\n[plugins]\npaths = [\"" MORTISE_TEST_PLUGINS "\"]\n"
                "[connections.target]\nconnector = \"probe\"\nbase_url = \"" +
                target.base_url() +
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
        child = std::make_unique<mortise::test::child_process>(command,
                                                               (dir.path() / "output").string());
        // Ready or dead.
        eventually([&] {
            if (!child->running()) return true;
            port_ = port_in(dir.path() / log);
            return port_ != 0;
        });
    }
    bool ready() const { return port_ != 0; }

    // True when the event was acknowledged.
    bool send(const std::string& body) {
        if (!ready()) return false;
        try {
            return mortise::test::http_call(port_, "POST", "/hooks/target", body).status == 202;
        } catch (const std::exception&) {
            return false;
        }
    }

    std::vector<run_record> runs() {
        journal_options o;
        o.path = (dir.path() / "state" / "journal.db").string();
        o.read_only = true;
        o.time = &time;
        auto opened = open_sqlite_journal(o);
        if (!opened) return {};
        std::vector<run_record> out;
        run_filter all;
        all.limit = 10'000;
        (*opened)->read([&](journal_reader& r) { out = r.runs(all); });
        return out;
    }
    bool all_ended(std::size_t n) {
        const auto all = runs();
        return all.size() == n && std::all_of(all.begin(), all.end(), [](const run_record& r) {
                   return is_final(r.state);
               });
    }
    void say_runs() {
        for (const auto& r : runs()) {
            UNSCOPED_INFO("run of " << r.event_subject << " is " << to_string(r.state) << ": "
                                    << (r.failure ? r.failure->message : std::string()));
        }
        UNSCOPED_INFO(mortise::test::read_file(dir.path() / "output"));
    }

    mortise::test::temp_dir dir;
    mortise::test::recording_target target;
    std::unique_ptr<mortise::test::child_process> child;
    system_clock time;

private:
    static unsigned short port_in(const std::filesystem::path& log) {
        if (!std::filesystem::exists(log)) return 0;
        const auto text = mortise::test::read_file(log);
        const auto ready = text.find("is ready");
        const std::string mark = "\"http\":\"127.0.0.1:";
        const auto at = text.find(mark, ready == std::string::npos ? text.size() : 0);
        if (at == std::string::npos) return 0;
        return static_cast<unsigned short>(std::atoi(text.c_str() + at + mark.size()));
    }

    int starts_ = 0;
    unsigned short port_ = 0;
};

// One life that ends at the given commit, a second one that puts everything right. False when the
// first life did not end.
bool dies_and_recovers(const std::string& kill_at) {
    INFO("killed " << kill_at);
    crashing_host h;
    const std::vector<std::string> events{
        event("work",
              R"({"plan":[{"do":"put","body":{"name":"p"}},)" + create("a") +
                  R"(,{"do":"wait","type":"probe.decided","key":"d"},{"do":"sleep","ms":20},)" +
                  create("b") + "]}",
              "probe.changed"),
        event("shot", R"({"plan":[{"do":"fire","name":"f"}]})", "probe.changed"),
        event("d", "{}", "probe.decided")};
    h.start(kill_at);
    std::vector<bool> taken;
    for (const auto& e : events)
        taken.push_back(h.send(e));
    eventually([&] { return !h.child->running() || (h.ready() && h.all_ended(2)); });
    bool died = !h.child->running();
    if (!died) {
        // Its stop writes as well and may meet the point.
        h.child->signal(SIGTERM);
        const auto status = h.child->wait();
        died = status == SIGKILL;
        CHECK((died || status == 0));
    }
    h.start();
    REQUIRE(h.ready());
    for (std::size_t i = 0; i < events.size(); ++i) {
        // A sender repeats what was not acknowledged; what was must not need it.
        if (!taken[i]) CHECK(h.send(events[i]));
    }
    const bool ended = eventually([&] { return h.all_ended(2); });
    if (!ended) h.say_runs();
    CHECK(ended);
    CHECK(h.target.count("put", "p") == 1);
    CHECK(h.target.count("create", "a") == 1);
    CHECK(h.target.count("create", "b") == 1);
    for (const auto& r : h.runs()) {
        if (r.event_subject == "shot" && r.state == run_state::in_doubt) {
            CHECK(h.target.count("fire", "f") <= 1);
        } else {
            CHECK(r.state == run_state::succeeded);
            if (r.event_subject == "shot") CHECK(h.target.count("fire", "f") == 1);
        }
    }
    h.child->signal(SIGTERM);
    CHECK(h.child->wait() == 0);
    return died;
}

} // namespace

TEST_CASE("killed before or after any commit, nothing is lost and nothing is doubled",
          "[crash][slow]") {
    const std::string point = GENERATE("before:", "after:");
    int survived = 0;
    for (int n = 1; n < 60 && survived < 2; ++n) {
        // How writes fall into commits varies a little, so one survival may be luck.
        survived = dies_and_recovers(point + std::to_string(n)) ? 0 : survived + 1;
    }
    CHECK(survived == 2);
}

TEST_CASE("killed at any time under load, nothing is lost and nothing is doubled",
          "[crash][slow]") {
    const auto seed = GENERATE(20261121u);
    INFO("seed " << seed);
    std::mt19937 random(seed);
    crashing_host h;
    constexpr int rounds = 20, per_round = 12;
    std::vector<std::string> names, again;
    const auto body = [](const std::string& name) {
        return event(name,
                     R"({"plan":[)" + create(name) + R"(,{"do":"put","body":{"name":")" + name +
                         R"("}}]})",
                     "probe.changed");
    };
    for (int round = 0; round < rounds; ++round) {
        h.start();
        REQUIRE(h.ready());
        const auto limit = std::chrono::microseconds(random() % 40'000);
        std::atomic<bool> go{false};
        std::thread killer([&] {
            while (!go)
                std::this_thread::yield();
            const auto at = std::chrono::steady_clock::now() + limit;
            eventually([&] { return std::chrono::steady_clock::now() >= at; });
            h.child->signal(SIGKILL);
        });
        go = true;
        std::vector<std::string> unheard;
        for (const auto& name : again) {
            if (!h.send(body(name))) unheard.push_back(name);
        }
        for (int i = 0; i < per_round; ++i) {
            const auto name = "r" + std::to_string(round) + "e" + std::to_string(i);
            names.push_back(name);
            if (!h.send(body(name))) unheard.push_back(name);
        }
        killer.join();
        REQUIRE(h.child->wait());
        again = std::move(unheard);
    }
    h.start();
    REQUIRE(h.ready());
    for (const auto& name : again)
        CHECK(h.send(body(name)));
    const bool ended = eventually([&] { return h.all_ended(names.size()); });
    if (!ended) h.say_runs();
    CHECK(ended);
    for (const auto& name : names) {
        INFO(name);
        CHECK(h.target.count("create", name) == 1);
        CHECK(h.target.count("put", name) == 1);
    }
    for (const auto& r : h.runs())
        CHECK(r.state == run_state::succeeded);
    h.child->signal(SIGTERM);
    CHECK(h.child->wait() == 0);
}
