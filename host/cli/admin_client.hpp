// SPDX-License-Identifier: Apache-2.0
// Talks to the running host of a configuration through its admin listener.
#pragma once

#include "base/result.hpp"

#include <boost/json/value.hpp>

#include <filesystem>
#include <string>

namespace mortise::host::cli {

// The answer's body. Errors: unavailable when no host answers, else the category named by the host.
result<boost::json::value> call_host(const std::filesystem::path& state_dir,
                                     std::string method,
                                     std::string path,
                                     const boost::json::value& body);

} // namespace mortise::host::cli
