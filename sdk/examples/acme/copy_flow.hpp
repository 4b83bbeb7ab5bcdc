// SPDX-License-Identifier: Apache-2.0
//
// A small flow: when a contact changes in one address book, it is created in another, after a
// pause, once.
#pragma once

#include <mortise/sdk/flow.hpp>

#include <chrono>

namespace acme {

struct copy_settings {
    std::chrono::seconds pause{30};
    static auto describe() {
        return mortise::object<copy_settings>("Copying contacts")
            .field("pause", &copy_settings::pause, "Waits this long, so that edits settle");
    }
};

class copy_flow {
public:
    copy_flow(mortise::instance&, copy_settings s) : settings_(s) {}
    static void describe(mortise::flow_builder<copy_flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event first);

private:
    copy_settings settings_;
};

} // namespace acme
