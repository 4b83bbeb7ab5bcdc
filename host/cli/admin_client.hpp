// SPDX-License-Identifier: Apache-2.0
// Talks to the running host of a configuration through its admin listener.
#pragma once

#include "base/result.hpp"

#include <boost/json/value.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace mortise::host::cli {

// The answer's body; who is named in the host's notes. Errors: unavailable (code cli.no-host) when
// no host answers, else the category, code and details the host gave.
result<boost::json::value> call_host(const std::filesystem::path& state_dir,
                                     std::string method,
                                     std::string path,
                                     const boost::json::value& body,
                                     std::string_view who);

} // namespace mortise::host::cli
