// SPDX-License-Identifier: Apache-2.0
// How commands reach what they are about: the host for what runs and for
// changes, and the journal itself when none runs.
#pragma once

#include "base/result.hpp"
#include "cli/admin_client.hpp"
#include "cli/common.hpp"
#include "config/config.hpp"
#include "journal/journal.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <optional>
#include <string>

namespace mortise::host {
class dead_letters;
struct host_options;
} // namespace mortise::host

namespace mortise::host::cli {

// [host], [journal], ... of the configuration; nothing after it has said what
// is wrong with it.
std::optional<configuration> host_sections(const common& c);
// For prepare(): the configuration and plugins of this command line.
host_options options_of(const common& c);

// Says the error, with each problem it names, and returns the exit code of its
// category.
int refuse(const error& e);
// For commands about files of this machine: false after it has said that --host
// does not fit.
bool is_local(const common& c, const char* what);

// Opens the configured journal for reading and calls body; any failure is said
// and coded.
int with_journal(const common& c, const std::function<int(journal_reader&)>& body);
result<boost::json::value>
read_journal(const common& c,
             const std::function<result<boost::json::value>(journal_reader&)>& body);

// Asks the running host.
result<boost::json::value> ask_host(const common& c,
                                    std::string method,
                                    std::string path,
                                    const boost::json::value& body = nullptr);
result<boost::json::value> ask_host(const common& c, host_call call);

// Asks the running host; when none runs, takes the journal's lock and does it
// here. flows_needed: what is done here checks against the plugins' schemas.
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

} // namespace mortise::host::cli
