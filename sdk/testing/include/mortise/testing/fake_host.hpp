// SPDX-License-Identifier: Apache-2.0
//
// A host in memory for tests of connectors and flows: every service, a clock that only the test
// moves, scripted HTTP, and a scheduler that completes things in an order drawn from a seed. It
// watches the rules of the ABI and keeps each breach as a violation. Everything runs on the test's
// thread.
//
//     fake_host host;
//     auto acme = host.create_connector(mortise::connector<acme::connector>(), R"({...})");
//     host.http().expect("GET", "https://acme.example.com/contacts/7").reply_json(200, ...);
//     auto got = acme.call("contact.get", {{"id", "7"}});
//     CHECK(host.violations().empty());
#pragma once

#include <mortise/plugin.h>
#include <mortise/sdk/plugin.hpp>
#include <mortise/sdk/time_text.hpp>
#include <mortise/testing/connector_harness.hpp>
#include <mortise/testing/flow_harness.hpp>
#include <mortise/testing/scripted_http.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::testing {

class core;

struct log_line {
    std::uint32_t level;
    std::string message;
    std::string fields;
};

class fake_host {
public:
    // seed 0: completions in the order of the requests; else in an order drawn from the seed.
    explicit fake_host(std::uint64_t seed = 0);
    // Destroys what is left.
    ~fake_host();
    fake_host(const fake_host&) = delete;
    fake_host& operator=(const fake_host&) = delete;

    // Settings of the host; say them before the instances are made.
    void set_secret(std::string name, std::string value);
    void withhold(std::string service_id); // get_service gives NULL
    // Serves only the first bytes of a table, as an older host would.
    void cut_table(std::string service_id, std::uint32_t struct_size);
    void
    limit_transfers(std::size_t bytes); // content is read and written in pieces of at most this
    // The next n emits are refused with LIMIT; resume() follows each refusal unless hold is set.
    void refuse_emits(unsigned n, bool hold = false);

    scripted_http& http();

    // Instances. They end with the host at the latest. A failed create throws mortise::error.
    connector_harness create_connector(detail::factory_ref factory, const json::value& config = {});
    connector_harness create_connector(const mortise_connector& descriptor,
                                       const json::value& config = {});
    flow_harness create_flow(detail::factory_ref factory, const json::value& config = {});
    flow_harness create_flow(const mortise_flow& descriptor, const json::value& config = {});

    // Runs what is ready until nothing is. Timers wait for advance().
    void run();
    // Moves the clock, firing timers on the way, and runs.
    void advance(std::chrono::milliseconds d);
    time_point now() const;
    std::uint64_t mono_ns() const; // as deadlines are told: see call_options

    // A stream for a call; the bytes of one a call answered with.
    mortise_handle make_content(std::string bytes, std::string media_type);
    std::string take_content(mortise_handle content);
    // The same to its end, running what writes to it.
    struct drained {
        std::string bytes;
        std::optional<error> failure; // it ended early
        bool open = false;            // nobody writes any more, and nobody has finished it
    };
    drained drain_content(mortise_handle content);
    // Names of the secrets whose value stands in a text.
    std::vector<std::string> secrets_in(std::string_view text) const;

    const std::vector<log_line>& log() const;
    // Sum of a counter, last value of a gauge, number of observations of a histogram.
    double metric(std::string_view name) const;
    // "call 3 (contact.get) was completed twice", ... Check it at the end, after destroying
    // instances.
    const std::vector<std::string>& violations() const;
    std::uint64_t seed() const noexcept;

private:
    std::unique_ptr<core> core_;
};

} // namespace mortise::testing
