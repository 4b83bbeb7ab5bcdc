// SPDX-License-Identifier: Apache-2.0
//
// What there is to see, from the running host or, when none runs, from the
// journal; as JSON in the admin API's shape, from which the text for people is
// made.
#pragma once

#include "cli/reach.hpp"
#include "cli/words.hpp"

namespace mortise::host::cli {

struct view {
    std::string path; // "/api/v1/runs"
    query_parameters query;
    std::string list = {};   // the member that is a list; empty: the answer is one thing
    std::uint32_t limit = 0; // of a list; pages are fetched until there are so many
    // The same from the journal; empty: only a host can tell.
    std::function<result<boost::json::value>(journal_reader&)> here = {};
};

// The answer; with "host": false where it comes from the journal.
result<boost::json::value> seen(const common& c, const view& v);
// Prints it, as JSON or as text() makes it; says on standard error when it is
// from the journal.
int show(const common& c,
         const view& v,
         const std::function<std::string(const boost::json::value&)>& text);

} // namespace mortise::host::cli
