// SPDX-License-Identifier: Apache-2.0
//
// A flow that keeps two simulated records equal, and the world around it: people who edit on both
// sides at any moment, systems that fail before or after a write took effect.
#pragma once

#include <mortise/plugin.h>
#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/sync.hpp>
#include <mortise/testing/fake_host.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sync_test {

namespace json = mortise::json;

struct settings {
    std::vector<mortise::sync_field> fields;
    mortise::sync_limits limits;
    std::chrono::milliseconds slow{0}; // pause before side a is read

    static auto describe() {
        return mortise::object<settings>("Sync under test")
            .field("fields", &settings::fields, "Fields")
            .field("limits", &settings::limits, "Limits")
            .field("slow", &settings::slow, "Slow");
    }
};

class flow {
public:
    flow(mortise::instance&, settings s)
        : settings_(std::move(s)), sync_("pair", settings_.fields, settings_.limits) {}
    static void describe(mortise::flow_builder<flow>& b);
    mortise::task<json::value> run(mortise::flow_run& run, mortise::event e);

private:
    mortise::task<mortise::sync_view> read(mortise::flow_run run, std::string side) const;
    mortise::task<json::value>
    write(mortise::flow_run run, std::string side, json::object values) const;

    const settings settings_;
    const mortise::two_way_sync sync_;
};

// One side's record.
struct record {
    json::object values;
    std::int64_t changed_at = 0;
};

struct world {
    explicit world(json::value config, std::uint64_t seed = 0);

    // A person's edit on a side, as seen by that person.
    void edit(const std::string& side, const std::string& field, json::value v);
    // An event of the pair: one run to its end, or as far as it comes.
    mortise::testing::test_run happen();
    json::value sync() { return happen().result(); }
    // What is kept with the link.
    json::value kept();

    mortise::testing::fake_host host;
    mortise::testing::flow_harness harness;
    record left, right;
    int writes = 0;
    bool answers_replaced = true;
    // Called before and after each operation takes effect: edits and failures come from here.
    std::function<void(const std::string& side, const std::string& operation, bool before)> moment;
    std::int64_t clock = 0;

private:
    record& of(const std::string& side) { return side == "left" ? left : right; }
    json::value get(const std::string& side);
    json::value set(const std::string& side, const json::value& in);
    int events_ = 0;
};

} // namespace sync_test
