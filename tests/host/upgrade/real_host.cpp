// SPDX-License-Identifier: Apache-2.0
#include "real_host.hpp"

#include "base/clock.hpp"
#include "journal/journal.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sys/wait.h>

namespace mortise::host::testing {

real_host::real_host() {
    std::filesystem::create_directory(f.dir.path() / "bin");
    replace_program();
    f.setup.extra = "[host.log]\nformat = \"json\"\n";
}

real_host::~real_host() {
    f.target.release();
}

void real_host::start(std::vector<std::string> before) {
    f.write_config();
    const auto starts = times("is ready");
    before.insert(before.end(),
                  {program().string(), "-c", (f.dir.path() / "mortise.toml").string(), "run"});
    child = std::make_unique<test::child_process>(before, (f.dir.path() / "log").string());
    const bool ready = eventually([&] { return !child->running() || times("is ready") > starts; });
    INFO(log());
    REQUIRE(ready);
    REQUIRE(child->running());
}

int real_host::stop() {
    child->signal(SIGTERM);
    const auto status = child->wait(std::chrono::seconds(40));
    INFO(log());
    REQUIRE(status);
    return *status;
}

void real_host::replace_program(const std::filesystem::path& with) {
    const auto part = f.dir.path() / "bin" / "part";
    std::filesystem::copy_file(with, part);
    std::filesystem::rename(part, program());
}

std::string real_host::log() const {
    const auto file = f.dir.path() / "log";
    return std::filesystem::exists(file) ? test::read_file(file) : std::string();
}

std::size_t real_host::times(std::string_view text) const {
    const auto all = log();
    std::size_t n = 0;
    for (auto at = all.find(text); at != std::string::npos; at = all.find(text, at + 1))
        ++n;
    return n;
}

bool real_host::wait_for(std::string_view text, std::size_t n) {
    return eventually([&] { return times(text) >= n || !child->running(); }) && times(text) >= n;
}

unsigned short real_host::port_after(std::string_view key) const {
    const auto all = log();
    const auto mark = '"' + std::string(key) + "\":\"127.0.0.1:";
    const auto at = all.rfind(mark);
    REQUIRE(at != std::string::npos);
    return static_cast<unsigned short>(std::atoi(all.c_str() + at + mark.size()));
}

unsigned short real_host::port() const {
    return port_after("http");
}

unsigned short real_host::admin_port() const {
    return port_after("admin");
}

test::http_reply real_host::admin(const std::string& path) {
    auto token = test::read_file(f.dir.path() / "state" / "admin-token");
    token.erase(token.find_last_not_of('\n') + 1);
    return test::http_call(admin_port(), "POST", path, {}, {{"authorization", "Bearer " + token}});
}

void real_host::check_each_once(const std::vector<std::string>& names) {
    // Whatever was under way at the end goes on here.
    f.start();
    INFO(log());
    REQUIRE(eventually([&] { return f.target.effects("create").size() >= names.size(); }));
    f.stop();
    std::map<std::string, int> created;
    for (const auto& e : f.target.effects("create"))
        ++created[e.name];
    for (const auto& name : names) {
        INFO(name);
        CHECK(created[name] == 1);
    }
    CHECK(created.size() == names.size());
    system_clock time;
    journal_options options;
    options.path = (f.dir.path() / "state" / "journal.db").string();
    options.time = &time;
    auto store = open_sqlite_journal(options);
    REQUIRE(store.has_value());
    std::map<std::string, int> taken;
    (*store)->read([&](journal_reader& r) {
        event_filter filter;
        filter.limit = 100'000;
        for (const auto& e : r.events(filter))
            ++taken[e.id];
    });
    for (const auto& name : names) {
        INFO(name);
        CHECK(taken[name] == 1);
    }
    CHECK(taken.size() == names.size());
}

} // namespace mortise::host::testing
