// SPDX-License-Identifier: Apache-2.0
//
// From a method and a path to the function that answers, for the admin listener. Each route says
// what it takes and answers, who may use it and what it is called: the table checks requests
// against that before the handler runs, and the OpenAPI document is made from it.
#pragma once

#include "admin/admin.hpp"
#include "admin/admin_action.hpp"
#include "http/listener.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// Of the query; those of the path stand in the pattern.
struct route_parameter {
    std::string_view name;
    std::string_view description;
    std::string_view schema = R"({"type":"string"})";
    bool required = false;
};

// Its texts are literals.
struct route_spec {
    std::string_view method;
    std::string_view pattern; // "/api/v1/runs/{id}/retry"
    std::string_view id;      // operationId: "retryRun"
    std::string_view summary; // one sentence
    std::string_view tag;     // "runs"
    role least = role::viewer;
    std::vector<route_parameter> query = {};
    std::string_view request = {}; // JSON Schema (docs/schemas.md) of the body; empty: takes none
    // JSON Schema of the body of success, or "#/components/schemas/run"; empty: has none.
    std::string_view answer = {};
    unsigned status = 200;                              // of success
    std::string_view content_type = "application/json"; // or several: "text/csv, text/plain"
    bool audited = true; // methods other than GET: one entry of the ledger for each request
    bool open = false;   // to everybody who can reach the listener
    unsigned also = 0;   // another status with a body like that of success; 0: none
};

// A request whose caller is known.
struct admin_call {
    std::vector<std::string> args; // what stood at the {} of the pattern
    std::map<std::string, std::string, std::less<>> query;
    boost::json::object body;
    std::string who;   // the person or program, by name
    std::string actor; // and unmistakably, see admin_action.hpp
    role as = role::viewer;
    std::string session; // as in admin_caller
    std::string token;
    std::string remote; // "127.0.0.1:4711"
    std::vector<http_header> headers;
    responder reply;
    std::shared_ptr<admin_action> action; // what the ledger is to say of it; null: nothing

    // For the ledger, where the path does not name it: what the request was about.
    void about(std::string object) const;

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
    // Called once for each request that must be in the ledger, when its outcome is known; `then`
    // sends the answer. [any-thread]
    using audit = std::function<void(const admin_action&, std::function<void()> then)>;

    route_table();
    ~route_table();
    // Throws std::logic_error for a spec that contradicts itself: a schema that is none, an id or a
    // method and pattern that are taken.
    void add(route_spec spec, handler h);
    void audit_with(audit a) { audit_ = std::move(a); }
    // Answers itself: 404, 405, 403 for a role that is too low, 400 for a query or a body that does
    // not fit.
    void handle(inbound_request request, const admin_caller& caller, responder reply) const;
    // The first three of these alone, of a head whose body has not been read.
    std::optional<inbound_response> refusal_of(const inbound_request& head,
                                               const admin_caller& caller) const;
    // Whether the route of this request asks for no token.
    bool is_open(const inbound_request& request) const;
    // In the order they were added.
    std::vector<route_spec> specs() const;

private:
    struct route;
    const route* find(std::string_view method,
                      const std::vector<std::string>& parts,
                      std::string& allowed) const;
    // Null: refused.
    const route* find_for(const inbound_request& request,
                          const std::vector<std::string>& parts,
                          const admin_caller& caller,
                          std::optional<inbound_response>& refused) const;
    responder audited(const route& r, admin_call& call, std::string_view body) const;

    std::deque<route> routes_;
    audit audit_;
};

// The parts of a path and the values of a query (with or without its "?"), decoded.
std::vector<std::string> split_path(std::string_view path);
std::map<std::string, std::string, std::less<>> query_parameters(std::string_view query);
// The names between the braces of a pattern.
std::vector<std::string_view> path_parameters(std::string_view pattern);
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
