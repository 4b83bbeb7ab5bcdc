// SPDX-License-Identifier: Apache-2.0
//
// What stands between a connection and its system: passes requests on, keeps what passed, and makes
// trouble on request. Private to the suite.
#pragma once

#include <mortise/testing/conformance.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mortise::testing::conformance {

struct passage {
    std::string method;
    std::string url;
    bool login = false;
    bool reached = false; // the system has seen it
    bool wrote = false;   // and changed something, by its own word
    bool with_body = false;
};

// Replaces the answer to the at-th request (logins do not count) and, with times, those after it.
struct trouble {
    std::size_t at = 0;
    std::size_t times = 1;
    bool reaches = false; // the system does what was asked first
    bool logins = false;  // hits logins instead of the others
    std::function<http_answer(const http_answer& real)> answer;
    bool hit = false;
};

class wire {
public:
    wire(const subject& s, target& system) : subject_(s), system_(system) {}

    http_answer pass(const recorded_request& r);
    // Forgets what passed, and all trouble.
    void reset();

    std::vector<passage> passed;
    std::optional<trouble> planned;
    // Runs before the n-th request (logins do not count) reaches the system.
    std::function<void(std::size_t n)> before;
    // Changes every answer of the system.
    std::function<void(http_answer&)> alter;

    std::size_t requests() const noexcept { return others_; } // without logins
    std::size_t logins() const noexcept { return logins_; }
    std::size_t writes() const noexcept;
    // "request 2 of 3, PUT https://..." without the query.
    std::string name_of(std::size_t request) const;

private:
    http_answer ask(const recorded_request& r, passage& p);

    const subject& subject_;
    target& system_;
    std::size_t others_ = 0;
    std::size_t logins_ = 0;
};

} // namespace mortise::testing::conformance
