// SPDX-License-Identifier: Apache-2.0
//
// The conformance suite: runs every operation and trigger of a connector against a system in memory
// (usually an emulator) while refusing, cutting, delaying and expiring things in between, and tells
// what the connector does that a host cannot rely on. No network, no waiting, no test framework.
//
//     conformance::subject acme = ...;             // how to make a connection and its system
//     const std::vector<conformance::row> rows = {{"contact.get", {{"id", "7"}}}, ...};
//     for (const auto& r : rows)
//         for (const auto& f : check_operation(acme, r)) std::cerr << to_text(f) << '\n';
//
// docs/conformance.md tells what is checked and how to read a finding.
#pragma once

#include <mortise/sdk/plugin.hpp>
#include <mortise/testing/conformance_row.hpp>
#include <mortise/testing/fake_host.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::testing::conformance {

class wire;

// The system at the other end. Made anew for each case; lives as long as its connection.
class target {
public:
    virtual ~target() = default;
    // Does what is asked and answers it.
    virtual http_answer answer(const recorded_request& r) = 0;
    // Moves the system's own clock.
    virtual void advance(std::chrono::milliseconds d) = 0;
    // What a person would see there, without ids and times: two systems in the same state look the
    // same. Compared after a repeat, to see that things happened once.
    virtual json::value look() = 0;
    // Forgets all logins, as time does. Nothing to do where each request carries a lasting key.
    virtual void expire_logins() {}
    // What went wrong inside the system itself.
    virtual std::vector<std::string> problems() { return {}; }
};

struct subject {
    detail::factory_ref connector;
    // A new system; its clock begins at the host's.
    std::function<std::unique_ptr<target>(fake_host&)> system;
    // Puts the secrets into the host and gives the connection's settings.
    std::function<json::value(fake_host&)> settings;
    // Whether a request is (part of) a login. Left empty where there is none.
    std::function<bool(const recorded_request&)> is_login;
    // Whether a request only reads although its method is not GET: a search by POST.
    std::function<bool(const recorded_request&)> is_query;
    // A refusal in the system's own form, with these words in it.
    std::function<http_answer(std::uint32_t status, std::string words)> refusal;
    // How long until searches and lists of the system show a change.
    std::chrono::milliseconds settle = std::chrono::seconds(5);
    // What codes of errors begin with; the connector's id when empty.
    std::string code_prefix;
};

struct finding {
    std::string of;    // the operation or trigger
    std::string check; // "refused-429", "timeout-after-effect", ... as in docs/conformance.md
    std::string text;  // what was expected and what came
};
std::string to_text(const finding& f);
std::string to_text(const std::vector<finding>& all);

// Operations and triggers without a row, and rows without an operation.
std::vector<finding> check_coverage(const subject& s,
                                    const std::vector<row>& rows,
                                    const std::vector<trigger_row>& triggers);
// Everything that applies to the operation. Throws std::logic_error when the row itself is wrong;
// what the connector does wrong is a finding.
std::vector<finding> check_operation(const subject& s, const row& r);
std::vector<finding> check_trigger(const subject& s, const trigger_row& r);

// One system, a host, and a connection between them.
class bench {
public:
    // order: of completions, see fake_host.
    explicit bench(const subject& s, std::uint64_t order = 0);
    ~bench();
    bench(const bench&) = delete;
    bench& operator=(const bench&) = delete;

    // Throws the failure.
    json::value call(std::string_view operation, const json::value& input = json::object());
    // The system as the type that subject::system made.
    template <class T>
    T& system_as() {
        return dynamic_cast<T&>(*system);
    }
    // Both clocks.
    void wait(std::chrono::milliseconds d);
    void settle();
    // "type subject" of the events the host has not seen before, by id.
    std::vector<std::string> news();

    const subject& of;
    fake_host host;
    std::unique_ptr<target> system;
    // What is between the connection and the system. For the suite.
    std::unique_ptr<wire> between;
    std::unique_ptr<connector_harness> connection;

private:
    struct seen;
    std::unique_ptr<seen> seen_;
};

} // namespace mortise::testing::conformance
