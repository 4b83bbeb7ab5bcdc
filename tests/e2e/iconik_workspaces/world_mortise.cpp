// SPDX-License-Identifier: Apache-2.0
// What the operator of Mortise sees and does.
#include "operate/dead_letters.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "world.hpp"

#include <atomic>

namespace mortise::test {

std::vector<host::run_record> world::runs(std::optional<host::run_state> state) {
    std::vector<host::run_record> out;
    host::run_filter filter;
    filter.state = state;
    filter.limit = 1000;
    const auto read = [&](host::journal& j) {
        j.read([&](host::journal_reader& r) { out = r.runs(filter); });
    };
    if (host_) {
        read(host_->store());
    } else {
        const host::system_clock time;
        host::journal_options o;
        o.path = (dir_.path() / "state" / "journal.db").string();
        o.read_only = true;
        o.time = &time;
        auto j = host::open_sqlite_journal(o);
        if (j) read(**j);
    }
    return out;
}

host::journal_stats world::stats() {
    host::journal_stats s;
    host_->store().read([&](host::journal_reader& r) { s = r.stats(); });
    return s;
}

std::size_t world::events_of(const std::string& type) {
    std::size_t n = 0;
    host::event_filter filter;
    filter.type = type;
    filter.limit = 1000;
    host_->store().read([&](host::journal_reader& r) { n = r.events(filter).size(); });
    return n;
}

bool world::settled() {
    for (const auto& r : runs()) {
        if (!host::is_final(r.state)) return false;
    }
    return true;
}

std::string world::dead_letter() {
    const auto failed = runs(host::run_state::failed);
    const host::run_record* newest = nullptr;
    for (const auto& r : failed)
        if (newest == nullptr || r.updated_at > newest->updated_at) newest = &r;
    return newest != nullptr && newest->failure ? newest->failure->message : std::string();
}

void world::tick(const std::string& instance, const std::string& id) {
    host::event_record e;
    e.id = id;
    e.source = "/schedules/" + instance;
    e.type = "mortise.schedule";
    e.subject = instance;
    e.via = "schedule";
    e.data = "{}";
    std::atomic<bool> answered{false}, taken{false};
    host_->runs().request(instance, std::move(e),
                          [&](const host::result<host::run_id>& r) {
                              taken = r.has_value();
                              answered = true;
                          },
                          {});
    REQUIRE(eventually([&] { return answered.load(); }));
    REQUIRE(taken.load());
}

void world::retry_dead_letters(bool repin) {
    const auto flows =
        std::make_shared<const host::flow_directory>(host_->config(), host_->plugins());
    host::dead_letters letters(
        host_->store(), [flows] { return flows; }, [this](std::uint64_t) { host_->runs().kick(); });
    for (const auto& r : runs(host::run_state::failed)) {
        std::atomic<bool> answered{false};
        std::string refused;
        host::retry_choice choice;
        choice.repin = repin;
        letters.retry(r.id, choice, "clara.brandt", [&](const host::result<host::run_state>& now) {
            if (!now) refused = now.error().message;
            answered = true;
        });
        REQUIRE(eventually([&] { return answered.load(); }));
        REQUIRE(refused.empty());
    }
}

bool world::mended() {
    // What read the old value may be on its way still, to be a dead letter as well.
    REQUIRE(eventually([&] { return settled(); }));
    retry_dead_letters();
    return eventually([&] {
        return settled() && runs(host::run_state::failed).empty() &&
               runs(host::run_state::in_doubt).empty();
    });
}

} // namespace mortise::test
