// SPDX-License-Identifier: Apache-2.0
//
// Waiting for something that another system will have sooner or later and tells nobody about: look,
// pause, look again, each pause twice as long as the one before.
//
//     growing_pauses pauses(settings_.wait);
//     for (;;) {
//         const auto found = co_await look(run.scope(pauses.round()));
//         if (found) co_return *found;
//         if (!co_await pauses.next(run)) throw error(category::not_found, ...);
//     }
#pragma once

#include <mortise/sdk/flow_run.hpp>
#include <mortise/sdk/schema.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace mortise {

// How long to look for something. A settings type: `wait = { first = "30s", longest = "30m" }`.
struct patience {
    std::chrono::milliseconds first{std::chrono::seconds(30)};
    std::chrono::milliseconds longest{std::chrono::minutes(30)};

    static auto describe() {
        return object<patience>("How long to wait")
            .field("first", &patience::first, "First pause; each further one is twice as long")
            .field("longest", &patience::longest,
                   "How long in all before the run becomes a dead letter; 0s: not at all");
    }
};

// The pauses of one wait of a run. Rebuilt by replay like every local of a run: keep it in a local.
class growing_pauses {
public:
    // name: of the steps, "<name>-0", "<name>-1", ...
    explicit growing_pauses(patience p, std::string name = "wait")
        : pause_(p.first), left_(p.longest), name_(std::move(name)) {}

    // Sleeps; false at once when the time is used up. The last pause is what is left of it.
    task<bool> next(flow_run run);
    // "look-0" before the first pause, then "look-1", ...: a scope for the steps of this round.
    std::string round() const { return "look-" + std::to_string(round_); }
    std::chrono::milliseconds waited() const noexcept { return waited_; }

private:
    std::chrono::milliseconds pause_;
    std::chrono::milliseconds left_;
    std::chrono::milliseconds waited_{0};
    std::string name_;
    int round_ = 0;
};

} // namespace mortise
