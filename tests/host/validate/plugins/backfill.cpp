// SPDX-License-Identifier: Apache-2.0
// A connector that walks over five things, in the way that WALK says.
#include <mortise/sdk/connector.hpp>

#include <string>

#define GOOD 0
#define STANDS_STILL 1
#define NEVER_ENDS 2
#define NEW_IDS 3
#define HANGS 4

namespace {

class walker {
public:
    explicit walker(mortise::instance&) {}

    static void describe(mortise::connector_builder<walker>& b) {
        b.id("walker").version("1.0.0").title("Walker");
        b.trigger("things").backfill(&walker::page).event("walker.thing", "{}", "A thing.");
    }

    mortise::task<bool> page(mortise::delivery_context& c, std::string position) {
        if (position.find_first_not_of("0123456789") != std::string::npos || position.size() > 9) {
            throw mortise::error(mortise::category::input, "walker.position",
                                 "This is no position of this connector.");
        }
        const int at = position.empty() ? 0 : std::stoi(position);
        if (WALK == HANGS && at == 2) co_await c.sleep(std::chrono::hours(24 * 3));
        std::string id = std::to_string(at);
        if (WALK == NEW_IDS) id += "-" + std::to_string(++count_);
        mortise::event thing("walker.thing", id, "things/" + id, mortise::json::object());
        const int next = WALK == STANDS_STILL && at == 3 ? at : at + 1;
        co_await c.emit(std::move(thing), std::to_string(next));
        co_return WALK != NEVER_ENDS&& at >= 4;
    }

private:
    int count_ = 0;
};

} // namespace

MORTISE_PLUGIN("test.walker", "1.0.0", mortise::connector<walker>())
