// SPDX-License-Identifier: Apache-2.0
// Talks to a running host through its admin listener: the one of this machine's
// configuration, or one over the network.
#pragma once

#include "base/result.hpp"
#include "cli/common.hpp"

#include <boost/json/value.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace mortise::host::cli {

struct host_address {
    std::string base_url; // "http://127.0.0.1:8081"
    std::string token;
    std::string ca_file;
    bool verify_tls = true;
    std::string shown; // for messages
};

// Of the host of this state folder. Errors: unavailable (code cli.no-host) when
// none seems to run.
result<host_address> local_host(const std::filesystem::path& state_dir);
// Of --host and --token-file, or their variables. Errors: input, saying what is
// missing.
result<host_address> named_host(const common& c);

struct host_call {
    std::string method = "GET";
    std::string path; // with the query
    boost::json::value body = nullptr;
    std::string who; // named in the host's notes, where the token is the local one
    std::chrono::milliseconds timeout{60'000};
    // Takes the body of a 2xx piece by piece, instead of JSON; false: enough.
    std::function<bool(std::string_view)> take = {};
};
// The answer's body; null with take and for an empty one. Errors: unavailable
// (code cli.no-host) when no host answers, else the category, code and details
// the host gave.
result<boost::json::value> call_host(const host_address& at, host_call call);

} // namespace mortise::host::cli
