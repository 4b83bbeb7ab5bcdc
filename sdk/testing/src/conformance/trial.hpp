// SPDX-License-Identifier: Apache-2.0
//
// One call of an operation in a system of its own, what it must leave behind when it fails, and how
// a host would go on. Private to the suite.
#pragma once

#include "wire.hpp"

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::testing::conformance {

// Collects findings; drops those the author has excepted.
class report {
public:
    report(std::string of, const std::map<std::string, std::string>& exceptions)
        : of_(std::move(of)), exceptions_(exceptions) {}
    // Names the check that add() speaks for.
    void begin(std::string check) { check_ = std::move(check); }
    void add(std::string text);
    bool excepted(std::string_view check) const;
    std::vector<finding> take() { return std::move(found_); }

private:
    std::string of_;
    std::string check_;
    const std::map<std::string, std::string>& exceptions_;
    std::vector<finding> found_;
};

// What the connector declares about an operation.
struct operation_facts {
    std::string id;
    std::uint32_t effect_class = 0;
    std::string lookup;
    std::vector<std::string> required; // fields of the input
};
const mortise_connector& descriptor_of(const subject& s);
std::vector<operation_facts> operations_of(const subject& s);
std::string code_prefix_of(const subject& s);

// A call that went undisturbed: what the others are compared with.
struct undisturbed {
    json::value result;
    json::value look;
    std::size_t requests = 0;
    std::size_t writes = 0;
    std::vector<std::size_t> positions; // requests that trouble is made at
    std::size_t upload = 0;             // the request that carries the content
};

class trial {
public:
    trial(const subject& s, const operation_facts& op, const row& r, std::uint64_t order = 0);

    // Calls and runs; a call that waits is carried to its deadline and, as the host does then,
    // cancelled.
    call_outcome run(std::uint32_t attempt = 1);
    call_outcome run(const json::value& other_input, std::uint32_t attempt = 1);
    void plan(trouble t) { b.between->planned = std::move(t); }
    json::value look();
    // What a host does after this failure, with the trouble gone. Nothing: a person has to decide.
    std::optional<call_outcome> go_on(const error& failure);
    // Ends the connection and reports what is left over.
    void finish(report& to);

    const operation_facts& op;
    const row& r;
    bench b;
    json::value input;
    static constexpr std::chrono::seconds deadline{30};
};

// What every failure must be. words: what the system said, to be found in the message.
struct expected_failure {
    std::vector<enum category> categories;
    std::string_view words;
    std::size_t at = 0;   // the request that met the trouble
    bool refused = false; // the system did nothing of it, and said so
};
// Only that it is readable, quotes the words and gives nothing away.
void judge_text(report& to, const trial& t, const error& e, const expected_failure& expected);
void judge(report& to, trial& t, const error& e, const expected_failure& expected);
// After a failure: the repeat succeeds, and everything has happened once.
void recover(report& to, trial& t, const error& e, const undisturbed& clean);

std::string describe(const error& e);
// Where two values differ, in words.
std::string difference(const json::value& expected, const json::value& found, std::string at = {});
bool allowed(const trial& t, std::uint32_t status, const call_outcome& out);
inline constexpr std::string_view system_words = "the marten has bitten the cable";

// The parts of check_operation().
void check_refusals(
    report& to, const subject&, const operation_facts&, const row&, const undisturbed&);
void check_odd_answers(
    report& to, const subject&, const operation_facts&, const row&, const undisturbed&);
void check_breaks(
    report& to, const subject&, const operation_facts&, const row&, const undisturbed&);
void check_logins(
    report& to, const subject&, const operation_facts&, const row&, const undisturbed&);
void check_inputs(
    report& to, const subject&, const operation_facts&, const row&, const undisturbed&);
void check_lists(
    report& to, const subject&, const operation_facts&, const row&, const undisturbed&);
// Of a trigger that has a backfill.
void check_backfill(report& to, const subject&, const trigger_row&);

} // namespace mortise::testing::conformance
