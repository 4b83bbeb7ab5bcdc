// SPDX-License-Identifier: Apache-2.0
//
// What can be known of a configuration only by asking the systems: do the credentials work, may
// the flows do what they do, and is everything there that settings name. Changes nothing there.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// How the connections are reached. Functions are called from several threads at once, for
// different connections.
class online_systems {
public:
    virtual ~online_systems() = default;
    // mortise.test-connection/1: its report, JSON. "connection.no-test" when there is none.
    virtual result<std::string> test(const std::string& connection) = 0;
    virtual bool offers(const std::string& connection, std::string_view operation) const = 0;
    // An operation that only reads; JSON in and out.
    virtual result<std::string>
    call(const std::string& connection, const std::string& operation, const std::string& input) = 0;
};

struct online_finding {
    std::string connection, connector;
    bool reached = false;
    std::string summary; // of the test: "Connected as ..."
    std::string problem; // why it was not reached, empty when it was
    std::string problem_category;
    std::size_t operations = 0; // that flows use there
    std::size_t denied = 0;     // of them
    bool rights_told = false;   // the connector can say what may be done
    bool names_told = false;    // the connector can list names
    std::size_t names_found = 0;
    std::size_t names_missing = 0;
    std::size_t names_unsure = 0; // not in a list that is not whole
    std::size_t names_unchecked = 0;
};

struct online_report {
    std::vector<online_finding> connections;
    std::vector<config_problem> problems; // by place; warnings for what could not be settled
    bool ok() const noexcept { return !has_errors(problems); }
};

// connection -> the operations that enabled flows may call there.
using used_operations = std::map<std::string, std::vector<std::string>>;

// [main] Every enabled connection, several at a time: one that is down holds up no other.
online_report
check_online(const configuration& config, const used_operations& used, online_systems& systems);

} // namespace mortise::host
