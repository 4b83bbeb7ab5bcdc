// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.hpp"
#include "policy/space_guard.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <vector>

using namespace mortise::host;
using change = mortise::host::space_decision::change;

namespace {

// Timers that fire when told to.
class hand_timers final : public timer_source {
public:
    timer start(std::chrono::milliseconds delay, std::function<void()> fn) override {
        auto made = std::make_shared<one>();
        made->fn = std::move(fn);
        delays.push_back(delay);
        pending.push_back(made);
        return timer(made);
    }
    void fire() {
        auto now = std::move(pending);
        pending.clear();
        for (const auto& t : now)
            if (t->fn) std::exchange(t->fn, nullptr)();
    }
    struct one final : pending_timer {
        bool cancel() override { return std::exchange(fn, nullptr) != nullptr; }
        std::function<void()> fn;
    };
    std::vector<std::shared_ptr<one>> pending;
    std::vector<std::chrono::milliseconds> delays;
};

struct guard_fixture {
    hand_timers timers;
    metric_registry metrics;
    std::optional<std::uint64_t> free = 1000;
    int reopened = 0;
    std::shared_ptr<space_guard> guard =
        std::make_shared<space_guard>(timers, metrics, 400, [this] { return free; });
};

} // namespace

TEST_CASE("space is low below the limit and enough only with a quarter more", "[host][engine]") {
    space_decision d(400);
    CHECK(d.see(400) == change::none);
    CHECK(d.see(399) == change::became_low);
    CHECK(d.see(100) == change::none);
    CHECK(d.see(400) == change::none);
    CHECK(d.see(499) == change::none);
    CHECK(d.is_low());
    CHECK(d.see(500) == change::became_enough);
    CHECK_FALSE(d.is_low());
    CHECK(d.see(450) == change::none);
}

TEST_CASE("a limit of nothing is never reached", "[host][engine]") {
    space_decision d(0);
    CHECK(d.see(0) == change::none);
    CHECK_FALSE(d.is_low());
}

TEST_CASE("the guard looks at once, then by timer, and tells when there is room again",
          "[host][engine]") {
    guard_fixture f;
    f.free = 300;
    f.guard->start([&f] { ++f.reopened; });
    CHECK(f.guard->is_low());
    CHECK(f.metrics.text().find("mortise_disk_free_bytes 300") != std::string::npos);
    f.free = 450;
    f.timers.fire();
    CHECK(f.guard->is_low());
    CHECK(f.reopened == 0);
    f.free = 600;
    f.timers.fire();
    CHECK_FALSE(f.guard->is_low());
    CHECK(f.reopened == 1);
    f.timers.fire();
    CHECK(f.reopened == 1);
    for (const auto d : f.timers.delays)
        CHECK(d == space_guard::interval);
}

TEST_CASE("a write that finds the disk full makes the guard look before its timer",
          "[host][engine]") {
    guard_fixture f;
    f.guard->start([] {});
    CHECK_FALSE(f.guard->is_low());
    f.free = 0;
    f.guard->look();
    CHECK(f.guard->is_low());
    f.guard->refused();
    f.guard->refused();
    CHECK(f.metrics.text().find("mortise_intake_refused_total 2") != std::string::npos);
}

TEST_CASE("a disk that does not answer changes nothing", "[host][engine]") {
    guard_fixture f;
    f.free = 10;
    f.guard->start([&f] { ++f.reopened; });
    f.free.reset();
    f.timers.fire();
    CHECK(f.guard->is_low());
    CHECK(f.reopened == 0);
}

TEST_CASE("a guard that has stopped looks no more, and one that is gone is not looked for",
          "[host][engine]") {
    guard_fixture f;
    f.guard->start([] {});
    f.guard->stop();
    f.free = 0;
    f.timers.fire();
    f.guard->look();
    CHECK_FALSE(f.guard->is_low());
    guard_fixture gone;
    gone.guard->start([] {});
    gone.guard.reset();
    gone.timers.fire();
    CHECK(gone.timers.pending.empty());
}

TEST_CASE("the free space of a real folder is known, that of none is not", "[host][engine]") {
    const mortise::test::temp_dir folder;
    const auto free = free_disk(folder.path().string());
    REQUIRE(free.has_value());
    CHECK(*free > 0);
    CHECK_FALSE(free_disk((folder.path() / "none").string()).has_value());
}
