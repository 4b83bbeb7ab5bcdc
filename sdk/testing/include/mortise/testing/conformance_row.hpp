// SPDX-License-Identifier: Apache-2.0
//
// What an author says about each operation and trigger, for the conformance suite.
#pragma once

#include <mortise/sdk/error.hpp>
#include <mortise/sdk/json.hpp>
#include <mortise/testing/scripted_http.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mortise::testing::conformance {

class bench;

// A list that an operation answers.
struct list_facts {
    std::string at;                         // member of the result
    std::string id;                         // member of each item that tells it from the others
    std::function<void(bench&, int n)> add; // the n-th more object; people do it, not the connector
    std::function<void(bench&)> remove;     // one of those added, the earliest
    int many = 0;                           // enough for at least three pages
};

class row {
public:
    // Input that works in a new system, as it is or made with the bench's help.
    using make_input = std::function<json::value(bench&)>;
    row(std::string operation_id, json::value input_value);
    row(std::string operation_id, make_input input_of);

    // An id of the right form that does not exist; NOT_FOUND is expected unless said otherwise.
    row& missing(std::string field, json::value no_such_id);
    row& missing(std::string field, json::value no_such_id, enum category expected);
    row& missing_is_fine(std::string field, json::value no_such_id);
    // This status from the system can be an answer like others: the operation may go on, succeed,
    // or fail for a reason of its own.
    row& tolerates(std::uint32_t status);
    // Content that goes with the call.
    row& content(std::string bytes, std::string media_type = "application/octet-stream");
    // A field that takes text, and where the result shows it: a member, dots between ("data.name").
    row& text(std::string field, std::string shown_at);
    row& list(list_facts facts);
    // Requests may follow a failed one: to take back what was half done.
    row& cleans_up();
    // More to compare than target::look() shows.
    row& look(std::function<json::value(bench&)> shown);
    // A check (or all that begin so) that does not apply, and why.
    row& except(std::string check, std::string why);

    std::string operation;
    make_input input;
    std::string missing_field;
    json::value missing_id;
    std::optional<enum category> missing_category; // empty: success
    std::set<std::uint32_t> tolerated;
    std::optional<std::string> content_bytes;
    std::string content_type;
    std::string text_field, text_shown_at;
    std::optional<list_facts> listed;
    bool may_clean_up = false;
    std::function<json::value(bench&)> shown;
    std::map<std::string, std::string> exceptions;
};

// A webhook as the system sends it.
struct hook {
    header_list headers;
    std::string body;
};

struct trigger_row {
    std::string trigger;
    json::value settings = json::object();
    // A person changes something. Gives "type subject" of the event this must become.
    std::function<std::string(bench&)> change;
    // Another change that has nothing to do with the first.
    std::function<std::string(bench&)> other_change;
    // The webhooks the system has sent since it was asked last. Empty: it sends none.
    std::function<std::vector<hook>(bench&)> hooks;
    // Webhooks carry something that proves who sent them.
    bool hooks_are_signed = true;
    std::map<std::string, std::string> exceptions; // as row::except
};

} // namespace mortise::testing::conformance
