// SPDX-License-Identifier: Apache-2.0
// From a method and a path to the function that answers, for the admin listener.
#pragma once

#include "admin/admin.hpp"
#include "http/listener.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// A request whose caller is known.
struct admin_call {
    std::vector<std::string> args; // what stood at the {} of the pattern
    std::map<std::string, std::string, std::less<>> query;
    boost::json::object body;
    std::string who; // the person, as the caller says
    responder reply;

    // Empty when absent. Of the query:
    std::string parameter(std::string_view name) const;
    std::uint32_t limit(std::uint32_t otherwise, std::uint32_t most) const;
    std::uint64_t number_parameter(std::string_view name) const; // 0 when absent or none
    // Of the body; JSON text for json_text.
    std::string text(std::string_view name) const;
    std::optional<std::string> json_text(std::string_view name) const;
    bool flag(std::string_view name) const;
    std::optional<double> number(std::string_view name) const;
};

class route_table {
public:
    using handler = std::function<void(admin_call)>;
    // pattern: "/api/v1/runs/{}/retry"
    void add(std::string method, std::string_view pattern, handler h);
    // Answers 404 or 405 itself, 400 for a body that is no JSON object.
    void handle(inbound_request request, std::string who, responder reply) const;

private:
    struct route {
        std::string method;
        std::vector<std::string> parts; // "{}" takes any one part
        handler answer;
    };
    std::vector<route> routes_;
};

// "%20" and "+" (in queries) undone; a broken escape stays as it is.
std::string url_decoded(std::string_view text, bool plus_is_space);

// One per topic; parts outlives the table.
void add_run_routes(route_table& to, const admin_parts& parts);
void add_dead_letter_routes(route_table& to, const admin_parts& parts);
void add_connection_routes(route_table& to, const admin_parts& parts);
void add_journal_routes(route_table& to, const admin_parts& parts);

// Runs the query on a worker thread, because it may take long, and answers with its value; an error
// in it is answered as such.
void answer_from_journal(const admin_parts& parts,
                         responder reply,
                         std::function<result<boost::json::value>(journal_reader&)> query);

} // namespace mortise::host
