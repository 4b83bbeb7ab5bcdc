// The flow "@name@": reads an item when it is asked to, or when the item has changed, and keeps what
// it has seen last as a link.
#pragma once

#include <mortise/sdk/flow.hpp>

#include <chrono>

namespace @ident@_flow {

// [flows.<name>] in the host's configuration.
struct settings {
    std::chrono::seconds pause{30};
    static auto describe() {
        return mortise::object<settings>("@title@")
            .field("pause", &settings::pause, "Waits this long, so that edits settle");
    }
};

class flow {
public:
    flow(mortise::instance&, settings s) : settings_(s) {}
    static void describe(mortise::flow_builder<flow>& b);
    // Between the steps the code must be deterministic: time, random numbers and ids come from run.
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event first);

private:
    settings settings_;
};

} // namespace @ident@_flow
