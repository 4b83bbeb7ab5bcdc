// SPDX-License-Identifier: Apache-2.0
// How commands reach what they are about: the journal beside a running host for reading, the host
// for changes, and the journal itself for changes that need no host when none runs.
#pragma once

#include "base/result.hpp"
#include "cli/command.hpp"
#include "config/config.hpp"
#include "journal/journal.hpp"

#include <boost/json/value.hpp>

#include <functional>
#include <optional>
#include <string>

namespace mortise::host {
class dead_letters;
}

namespace mortise::host::cli {

// [host], [journal], ... of the configuration; nothing after it has said what is wrong with it.
std::optional<configuration> host_sections(const common& c);

// Says the error, with each problem it names, and returns the exit code of its category.
int refuse(const error& e);

// Opens the configured journal for reading and calls body; any failure is said and coded.
int with_journal(const common& c, const std::function<int(journal_reader&)>& body);

// Asks the running host.
result<boost::json::value> ask_host(const common& c,
                                    std::string method,
                                    std::string path,
                                    const boost::json::value& body = nullptr);

// Asks the running host; when none runs, takes the journal's lock and does it here. flows_needed:
// what is done here checks against the plugins' schemas.
using without_host = std::function<result<boost::json::value>(dead_letters& letters)>;
result<boost::json::value> ask_host_or(const common& c,
                                       std::string method,
                                       std::string path,
                                       const boost::json::value& body,
                                       bool flows_needed,
                                       const without_host& here);

// Prints the answer of a change: as JSON, or as text() makes it.
int say(const common& c,
        const result<boost::json::value>& answer,
        const std::function<std::string(const boost::json::value&)>& text);

// The person at the keyboard, as notes name them.
std::string person();

// A file's text, or standard input for "-". Errors: not_found.
result<std::string> text_of(const std::string& file);
result<boost::json::value> json_of(const std::string& file); // also input, with the place

// "2026-03-01", "2026-03-01T14:05:09Z", or a time ago: "36h", "7d". Errors: input.
result<unix_ms> point_in_time(const std::string& text, unix_ms now);

// For a URL's path or query.
std::string url_encoded(std::string_view text);

// A member of an answer, or empty.
std::string member(const boost::json::value& v, std::string_view name);

} // namespace mortise::host::cli
