// SPDX-License-Identifier: Apache-2.0
//
// User expressions (`when`, `key`, mappings) in the jq language, made safe for a long-lived host.
//
// libjq 1.6 has no interrupt, aborts the process on some inputs (dates, huge array indexes, deep
// values), and loops in native code on others. A child process would cost more than the whole run
// of an event, so the language is cut down until nothing in it can hurt, in three layers:
// 1. Words: only functions known to be harmless exist. No environment, input, files, modules or
//    terminal; no `def`, `gsub`, `scan`, `reduce`, `foreach`, `while`, `until`, `repeat`,
//    `recurse(f)`, `walk`: so every expression ends and no value grows deep. No assignment (`=`,
//    `|=`, ...): a computed index can ask for any amount of memory; build a new value with {...}. A
//    few functions and operators get a checked front (dates, `indices`, `*` on text, `%`).
// 2. Time: an expression that goes over its input once at most runs on the caller's thread (about
//    1.5 us). Any other (several iterations, `..`, `range`, regular expressions) runs on a worker;
//    at the deadline the caller stops it through the flag that libjq's interpreter looks at before
//    each instruction. A regular expression that does not come back (Oniguruma has a limit of its
//    own, seconds away) is left behind on its thread; there are never more than a few of those.
// 3. Sizes: of the text, the input and its depth, the number of results and their length.
#pragma once

#include "base/result.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct jq_limits {
    std::chrono::milliseconds deadline{100}; // for expressions that can loop
    std::size_t max_results = 1000;
    std::size_t max_result_bytes = 1u << 20; // all results together
    std::size_t max_input_bytes = 16u << 20;
};

// A compiled expression. Cheap to copy (shared). [any-thread]: each concurrent run has a state of
// its own, kept for the next one.
class jq_program {
public:
    // Errors: category config, message with what is wrong in the text. Plain comparisons of paths
    // are recognised here and given to libjq (12 ms) on their first run only.
    static result<jq_program> compile(std::string_view text);

    // Every result as JSON text. Errors: category input when the expression fails on this value,
    // limit when a limit was passed. Blocks at most about limits.deadline when the expression
    // loops.
    result<std::vector<std::string>> run(std::string_view json, const jq_limits& limits = {}) const;
    result<std::vector<std::string>> run(const char* json, const jq_limits& limits = {}) const {
        return run(std::string_view(json), limits);
    }
    result<std::vector<boost::json::value>> run(const boost::json::value& value,
                                                const jq_limits& limits = {}) const;

    // For `when`: true unless the first result is false or null, or there is none.
    result<bool> matches(const boost::json::value& value, const jq_limits& limits = {}) const;
    // For `key`: the first result; text as it is, numbers and booleans as JSON. Errors: category
    // input for null, arrays, objects, or no result.
    result<std::string> text(const boost::json::value& value, const jq_limits& limits = {}) const;

    const std::string& source() const noexcept;
    // Runs on the caller's thread (see above).
    bool is_simple() const noexcept;

    struct impl;

private:
    explicit jq_program(std::shared_ptr<const impl> i) : impl_(std::move(i)) {}
    std::shared_ptr<const impl> impl_;
};

} // namespace mortise::host
