// Tests against the host in memory: no network, no waiting, a clock that only the test moves.
// Any test framework will do; this file uses none.
#include "flow.hpp"

#include <mortise/testing/fake_host.hpp>

#include <cstdlib>
#include <iostream>
#include <source_location>

namespace json = mortise::json;
using namespace std::chrono_literals;

namespace {

void expect(bool good, std::source_location at = std::source_location::current()) {
    if (good) return;
    std::cerr << at.file_name() << ':' << at.line() << ": not as expected\n";
    std::exit(1);
}

mortise::event change_of(const std::string& id) {
    return {"@connector@.item.changed", id + "@1", "items/" + id, {{"id", id}}};
}

void a_changed_item_is_read_after_the_pause_and_remembered() {
    mortise::testing::fake_host host;
    auto flow = host.create_flow(mortise::flow<@ident@_flow::flow>(), {{"pause", "5s"}});
    flow.answer("system", "items.get", {{"id", "7"}, {"title", "Seven"}});
    const auto run = flow.start(change_of("7"));
    expect(!run.finished());
    host.advance(5s);
    expect(run.finished());
    expect(run.result().at("item").at("title") == "Seven");

    // Started again, as after a crash: the same steps, and no second effect.
    const auto before = run.effects();
    run.replay();
    expect(run.finished() && run.effects() == before);
    flow.destroy();
    expect(host.violations().empty());
}

void a_failed_step_fails_the_run() {
    mortise::testing::fake_host host;
    auto flow = host.create_flow(mortise::flow<@ident@_flow::flow>(), {{"pause", "5s"}});
    flow.fail("system", "items.get",
              mortise::error(mortise::category::not_found, "test.gone", "There is no such item."));
    const auto run = flow.start(change_of("8"));
    host.advance(5s);
    const auto outcome = run.outcome();
    expect(outcome.failure && outcome.failure->category == mortise::category::not_found);
    flow.destroy();
    expect(host.violations().empty());
}

} // namespace

int main() {
    a_changed_item_is_read_after_the_pause_and_remembered();
    a_failed_step_fails_the_run();
}
